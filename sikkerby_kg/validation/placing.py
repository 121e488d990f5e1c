"""From results to lines: where in the files that were read each result stands.

Only what is said of the focus nodes is looked at, and only files that mention one of them are read again, so
that a validation that finds nothing pays nothing. RDF/XML and JSON-LD are not read again: of them only the
file is named.

The rules, the first that fits:

1. the statement of the result, or each statement of a property that has too many values
2. any statement that connects focus node and value
3. the property, where it has values but not those that it should have; if some lack, in the file of rule 5
4. the name of the graph, for a result about a graph as such
5. the beginning of what is said of the focus node, in the file that gives it its class, or says most of it
6. wherever the focus node is mentioned
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from sikkerby_kg.namespaces import RDF
from sikkerby_kg.positions import BOM, Lines
from sikkerby_kg.terms import Term
from sikkerby_kg.turtle_places import Places, UnplacedError, places
from sikkerby_kg.validation.report import Part, Place, ValidationResult
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.steps import Path, Step, first_steps, may_end, parse_path

_SH = "http://www.w3.org/ns/shacl#"
_CLOSED = _SH + "ClosedConstraintComponent"
_UNIQUE = _SH + "UniqueLangConstraintComponent"
_TOO_MANY = (_SH + "MaxCountConstraintComponent", _UNIQUE, _SH + "QualifiedMaxCountConstraintComponent")
_TOO_FEW = tuple(f"{_SH}{name}ConstraintComponent" for name in ("MinCount", "QualifiedMinCount", "HasValue"))
_SCANNED = (".ttl", ".trig", ".nt", ".nq")
_TYPE = NamedNode(RDF.type)
_FEW = 32
"""So many statements about a node are looked through one by one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be placed: a result, or what is wrong with a shape."""

    focus: Term
    path: Path | None = None
    value: Term | None = None
    component: str = ""
    term: Term | None = None


class _File:
    """One file: its lines and the places of its terms, read when they are first asked for."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._data = source.data.removeprefix(BOM)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self._data)

    @cached_property
    def _places(self) -> Places | None:
        """The places of all statements; None if the format has none that can be told."""
        if not self._data or self.source.suffix not in _SCANNED:
            return None
        try:
            found = places(self._data, self.source.suffix)
        except UnplacedError:
            return None
        return found if len(found) == len(self.source.quads) else None

    def places_for(self, number: int) -> Places | None:
        """The places of all statements, one of them having been found to be the one that stands there."""
        found = self._places
        if found is None or not _agrees(self.source.quads[number], found, number):
            return None
        return found

    def between(self, start: int, end: int, part: Part) -> Place:
        """The place from one byte to another."""
        return Place(self.source.name, *self._lines.at(start), *self._lines.at(end), part)


@dataclass(frozen=True, slots=True, eq=False)
class _Occurrence:
    """A statement in a file: the n-th one of it."""

    file: _File
    number: int
    quad: Quad

    def other(self, *, inverse: bool) -> Term:
        """Where it leads: its object or, against its direction, its subject."""
        return self.quad.subject if inverse else self.quad.object

    def value(self, term: Term | None = None) -> Place:
        """Where its object stands, or the term in it that is meant."""
        found = self.file.places_for(self.number)
        if found is None:
            return Place(self.file.source.name)
        if term == self.quad.predicate:
            return self.property()
        start = found.objects[self.number]
        end = found.end(start)
        value = self.quad.object
        if isinstance(value, Literal) and term in (value.datatype, Literal(value.language or "")):
            start = found.suffix(start)
        return self.file.between(start, end, Part.VALUE)

    def property(self) -> Place:
        """Where its property stands."""
        found = self.file.places_for(self.number)
        if found is None:
            return Place(self.file.source.name)
        start = found.predicates[self.number]
        return self.file.between(start, found.token_end(start), Part.PROPERTY)

    def one_of_many(self) -> Place:
        """Where its object stands as one of the values of its property."""
        place = self.value()
        return place if place.part is Part.FILE else replace(place, part=Part.PROPERTY)

    def subject(self) -> Place:
        """Where its subject stands."""
        found = self.file.places_for(self.number)
        if found is None:
            return Place(self.file.source.name)
        start = found.subjects[self.number]
        return self.file.between(start, found.token_end(start), Part.SUBJECT)

    def graph(self) -> Place:
        """Where the name of its graph stands."""
        found = self.file.places_for(self.number)
        start = -1 if found is None else found.graphs[self.number]
        if found is None or start < 0:
            return Place(self.file.source.name)
        return self.file.between(start, found.token_end(start), Part.SUBJECT)


def _agrees(quad: Quad, found: Places, number: int) -> bool:
    """Whether what stands at the places of a statement can be its terms: a parser may change its order."""
    if found.is_collected(number):
        return quad.predicate.value in (RDF.first, RDF.rest)
    data, value = found.data, found.objects[number]
    start = found.predicates[number]
    name, colon, local = data[start : found.token_end(start)].partition(b":")
    if (
        colon
        and name[:1] != b"<"
        and b"\\" not in local
        and not quad.predicate.value.encode().endswith(local)
    ):
        return False
    first = data[value : value + 1]
    match quad.object:
        case Literal():
            return first in b"\"'+-.0123456789tf"
        case BlankNode():
            return first in b"[(_"
    return first not in b"[\"'"


class Placing:
    """The places in some files: ``sources`` as they were validated, ``asked`` all that will be asked for."""

    def __init__(self, sources: Iterable[Source], asked: Iterable[Asked]) -> None:
        self._files = [_File(each) for each in sorted(sources, key=lambda each: not each.is_asked_for)]
        wanted = {each.focus for each in asked}
        self._about: dict[Term, list[_Occurrence]] = {}
        self._toward: dict[Term, list[_Occurrence]] = {}
        self._named: dict[Term | DefaultGraph, list[_Occurrence]] = {}
        self._homes: dict[Term, _Occurrence | None] = {}
        self._by_other: dict[tuple[Term, bool], dict[Term, list[_Occurrence]]] = {}
        for file in self._files if wanted else ():
            self._look_through(file, wanted)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files."""
        return tuple(each.source.name for each in self._files)

    def _look_through(self, file: _File, wanted: set[Term]) -> None:
        """Keep the statements of a file that speak of what is wanted."""
        name: object = None
        is_named = False
        for number, quad in enumerate(file.source.quads):
            subject, value, graph = quad.subject, quad.object, quad.graph_name
            if subject in wanted:
                self._about.setdefault(subject, []).append(_Occurrence(file, number, quad))
            if value in wanted:
                self._toward.setdefault(value, []).append(_Occurrence(file, number, quad))
            if graph != name:
                name, is_named = graph, graph in wanted
            if is_named:
                self._named.setdefault(graph, []).append(_Occurrence(file, number, quad))

    def places(self, asked: Asked) -> tuple[Place, ...]:
        """Where something stands: nowhere if no file mentions its focus node."""
        found = self._found(asked, asked.focus, asked.value)
        return tuple(dict.fromkeys(found))

    def _found(self, asked: Asked, focus: Term, value: Term | None) -> list[Place]:
        if asked.component in _TOO_MANY and (along := list(self._along(asked.path, focus))):
            return [each.one_of_many() for each in _superfluous_first(along, asked.component)]
        if value is not None:
            exact = [] if asked.path is None else self._leading(asked.path, focus, value)
            found = exact or (self._connecting(focus, value) if value != focus else [])
            if asked.component == _CLOSED:
                return [each.property() for each in found]
            if found:
                return [each.value(asked.term) for each in found]
        along = list(self._along(asked.path, focus))
        if asked.component in _TOO_FEW:  # what other files say of it, such as its English name, is no mistake
            home = self._home(focus)
            along = [each for each in along if home is None or each.file is home.file]
        if along and (value != focus or isinstance(asked.path, Step)):
            return [each.property() for each in along]
        return self._itself(asked, focus)

    def _itself(self, asked: Asked, focus: Term) -> list[Place]:
        """Where a node itself stands, as no statement of it is meant."""
        graphs = [each.graph() for each in self._named.get(focus, ())]
        if graphs and asked.path is None:
            return graphs
        home = self._home(focus)
        if home is not None:
            return [home.subject()]
        return [each.value() for each in self._toward.get(focus, ())] or graphs

    def _home(self, focus: Term) -> _Occurrence | None:
        """The statement by which a node begins: where it has its class, else where most is said of it."""
        if focus not in self._homes:
            about = self._about.get(focus, ())
            typed = [each for each in about if each.quad.predicate == _TYPE]
            counts = Counter(id(each.file) for each in about) if len(typed or about) > 1 else {}
            self._homes[focus] = max(
                typed or about, key=lambda each: counts.get(id(each.file), 0), default=None
            )
        return self._homes[focus]

    def _connecting(self, focus: Term, value: Term) -> Sequence[_Occurrence]:
        """The statements between a focus node and a value, in either direction."""
        return self._between(focus, value, inverse=False) or self._between(focus, value, inverse=True)

    def _between(self, focus: Term, other: Term, *, inverse: bool) -> Sequence[_Occurrence]:
        """The statements that lead from a focus node to another node, or back from it."""
        known = (self._toward if inverse else self._about).get(focus, ())
        if len(known) <= _FEW:
            return [each for each in known if each.other(inverse=inverse) == other]
        if (focus, inverse) not in self._by_other:
            found = self._by_other[focus, inverse] = {}
            for each in known:
                found.setdefault(each.other(inverse=inverse), []).append(each)
        return self._by_other[focus, inverse].get(other, ())

    def _along(self, path: Path | None, focus: Term) -> Iterator[_Occurrence]:
        """The statements that a path may begin with."""
        for step in dict.fromkeys(step for step, _ in first_steps(path)) if path is not None else ():
            yield from self._taken(step, focus)

    def _taken(self, step: Step, focus: Term) -> Iterator[_Occurrence]:
        """The statements by which one step leads on from a node."""
        known = (self._toward if step.inverse else self._about).get(focus, ())
        return (each for each in known if each.quad.predicate.value == step.iri)

    def _leading(self, path: Path, focus: Term, value: Term) -> list[_Occurrence]:
        """The statements with which a path begins that leads from a focus node to a value."""
        if isinstance(path, Step):
            found = self._between(focus, value, inverse=path.inverse)
            return [each for each in found if each.quad.predicate.value == path.iri]
        return [
            each
            for step, rest in first_steps(path)
            for each in self._taken(step, focus)
            if self._leads(rest, each.other(inverse=step.inverse), value)
        ]

    def _leads(self, path: Path, start: Term, end: Term) -> bool:
        """Whether a path leads from one node to another."""
        seen = {(start, path)}
        waiting = [(start, path)]
        for node, rest in waiting:
            if node == end and may_end(rest):
                return True
            for step, left in first_steps(rest):
                for reached in self._edges(step).get(node, ()):
                    if (reached, left) not in seen:
                        seen.add((reached, left))
                        waiting.append((reached, left))
        return False

    def _edges(self, step: Step) -> Mapping[Term, Sequence[Term]]:
        """Where one step leads from each node."""
        found = self._known_edges.get(step)
        if found is None:
            found = self._known_edges[step] = {}
            for file in self._files:
                for quad in file.source.quads:
                    if quad.predicate.value == step.iri:
                        one, other = quad.subject, quad.object
                        found.setdefault(other if step.inverse else one, []).append(
                            one if step.inverse else other
                        )
        return found

    @cached_property
    def _known_edges(self) -> dict[Step, dict[Term, list[Term]]]:
        return {}


def _superfluous_first(statements: list[_Occurrence], component: str) -> list[_Occurrence]:
    """The statements of a property with too many values: the last value first, which is one too many."""
    if component == _UNIQUE:
        spoken = Counter(
            value.language
            for value in {each.quad.object for each in statements}
            if isinstance(value, Literal)
        )
        twice = [
            each
            for each in statements
            if isinstance(each.quad.object, Literal)
            and each.quad.object.language
            and spoken[each.quad.object.language] > 1
        ]
        statements = twice or statements
    last = list(dict.fromkeys(each.quad.object for each in statements))[-1]
    return sorted(statements, key=lambda each: each.quad.object != last)


def placed(sources: Iterable[Source], results: Iterable[ValidationResult]) -> list[ValidationResult]:
    """Results with their places, those inside nested shapes too; ``sources`` are what was validated."""
    results = list(results)
    placing = Placing(sources if results else (), (_asked(each) for each in _with_inner(results)))
    return [_placed(placing, each) for each in results]


def _with_inner(results: Iterable[ValidationResult]) -> Iterator[ValidationResult]:
    for each in results:
        yield each
        yield from _with_inner(each.detail)


def _placed(placing: Placing, result: ValidationResult) -> ValidationResult:
    return replace(
        result,
        places=placing.places(_asked(result)),
        detail=tuple(_placed(placing, each) for each in result.detail),
    )


def _asked(result: ValidationResult) -> Asked:
    path = Step(result.path_iri) if result.path_iri else parse_path(result.path) if result.path else None
    return Asked(result.focus_term, path, result.value_term, result.component, result.wrong_term)
