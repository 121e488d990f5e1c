"""Mistakes made in our own content, one at a time: what a slip of the hand does to a statement."""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from sikkerby_kg import terms
from sikkerby_kg.namespaces import PREFIXES, shrink
from sikkerby_kg.validation import ValidationResult
from sikkerby_kg.validation.scope import Source

TYPE = NamedNode(PREFIXES["rdf"] + "type")
LABEL = NamedNode(PREFIXES["skos"] + "prefLabel")
XSD = PREFIXES["xsd"]
MODEL = PREFIXES["sik"]
WIDE = {"void:uriSpace"}
"""Properties on which rules about all other things rest: a mistake in one is made alone."""
COMMON = 12
"""A node with more statements than this is spoken of everywhere; it says nothing about where a mistake is."""


@dataclass(frozen=True)
class Mutant:
    """A mistake: the operator that makes it, what it is made in, and what goes and comes, in which file."""

    operator: str
    name: str
    file: str
    gone: tuple[Quad, ...]
    come: tuple[Quad, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Operator and property (or class, or origin): what the list of unnoticed mistakes is about."""
        return self.operator, self.name

    @property
    def is_coarse(self) -> bool:
        """Whether it changes what a thing is, where, or when, and so may give any result about it."""
        return self.operator in ("class", "date", "graph", "same-name", "undescribed") or (
            self.operator == "drop" and self.gone[0].predicate == TYPE
        )


class World:
    """The content that is to be spoilt."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self.data = [
            (each.name, quad) for each in sources if each.name.startswith("data/") for quad in each.quads
        ]
        self.quads = [quad for _, quad in self.data]
        self.about: dict[object, list[Quad]] = {}
        self.to: dict[object, list[Quad]] = {}
        for quad in self.quads:
            self.about.setdefault(quad.subject, []).append(quad)
            self.to.setdefault(quad.object, []).append(quad)
        self.by_property: dict[object, list[Quad]] = {}
        for quad in self.quads:
            self.by_property.setdefault(quad.predicate, []).append(quad)
        self.graphs = sorted({quad.graph_name for quad in self.quads}, key=str)
        self.classes = sorted(
            {quad.object for quad in self.by_property[TYPE] if str(quad.object).startswith(f"<{MODEL}")},
            key=str,
        )

    def spoilt(self, mutants: Iterable[Mutant]) -> list[Source]:
        """The content with some mistakes in it."""
        gone: dict[str, set[Quad]] = {}
        come: dict[str, list[Quad]] = {}
        for each in mutants:
            gone.setdefault(each.file, set()).update(each.gone)
            come.setdefault(each.file, []).extend(each.come)
        return [
            replace(
                each,
                quads=(
                    *(q for q in each.quads if q not in gone.get(each.name, ())),
                    *come.get(each.name, ()),
                ),
            )
            for each in self.sources
        ]

    def around(self, mutant: Mutant) -> set[object]:
        """The nodes at which a mistake may be noticed: those in its statements, and what refers to them."""
        found: set[object] = set()
        for quad in (*mutant.gone, *mutant.come):
            found |= {quad.subject, quad.object, *(each.subject for each in self.to.get(quad.subject, ()))}
            if mutant.operator in ("graph", "undescribed"):
                found.add(quad.graph_name)
        return {node for node in found if not isinstance(node, Literal) and not self.is_common(node)}

    def is_common(self, node: object) -> bool:
        """Whether a node is spoken of everywhere."""
        is_class = isinstance(node, NamedNode) and node.value.startswith((MODEL, PREFIXES["owl"]))
        return is_class or len(self.to.get(node, ())) > COMMON


Operator = Callable[[World, Quad], Quad | None]


def _drop(world: World, quad: Quad) -> Quad | None:
    """Nothing; a statement that another graph makes, too, stays, as it would not be missing."""
    same = [each for each in world.about[quad.subject] if each.predicate == quad.predicate]
    return quad if sum(each.object == quad.object for each in same) > 1 else None


def _other_language(world: World, quad: Quad) -> Quad | None:
    del world
    value = quad.object
    if isinstance(value, Literal) and value.language in ("da", "en"):
        return _with(quad, Literal(value.value, language="en" if value.language == "da" else "da"))
    return quad


def _untagged(world: World, quad: Quad) -> Quad | None:
    del world
    value = quad.object
    return _with(quad, Literal(value.value)) if isinstance(value, Literal) and value.language else quad


def _moved_date(world: World, quad: Quad) -> Quad | None:
    """A beginning thirty years later, an end thirty years earlier, any other day thirty years later."""
    del world
    value = quad.object
    if not isinstance(value, Literal) or value.datatype.value != XSD + "date":
        return quad
    years = -30 if quad.predicate.value.endswith("endDate") else 30
    day = dt.date.fromisoformat(value.value)
    return _with(quad, Literal(str(day.replace(year=day.year + years)), datatype=value.datatype))


def _same_name(world: World, quad: Quad) -> Quad | None:
    """The name of another thing of the same class."""
    if quad.predicate != LABEL or not isinstance(quad.object, Literal):
        return quad
    kinds = {each.object for each in world.about[quad.subject] if each.predicate == TYPE}
    for other in world.by_property[LABEL]:
        value = other.object
        if other.subject == quad.subject or not isinstance(value, Literal):
            continue
        same = {each.object for each in world.about[other.subject] if each.predicate == TYPE}
        if kinds & same and value.language == quad.object.language and value != quad.object:
            return _with(quad, value)
    return quad


def _misspelt(world: World, quad: Quad) -> Quad | None:
    del world
    if quad.predicate == TYPE or not isinstance(quad.object, NamedNode):
        return quad
    return _with(quad, NamedNode(quad.object.value + "x"))


def _wrong_type(world: World, quad: Quad) -> Quad | None:
    del world
    value = quad.object
    if not isinstance(value, Literal) or value.language:
        return quad
    is_text = value.datatype.value == XSD + "string"
    return _with(quad, Literal(value.value, datatype=NamedNode(XSD + ("integer" if is_text else "string"))))


def _wrong_class(world: World, quad: Quad) -> Quad | None:
    if quad.predicate != TYPE or quad.object not in world.classes:
        return quad
    following = world.classes[(world.classes.index(quad.object) + 1) % len(world.classes)]
    return _with(quad, following)


def _elsewhere(world: World, quad: Quad) -> Quad | None:
    """In the next graph of all."""
    following = world.graphs[(world.graphs.index(quad.graph_name) + 1) % len(world.graphs)]
    return Quad(quad.subject, quad.predicate, quad.object, following)


def _with(quad: Quad, value: terms.Term) -> Quad:
    return Quad(quad.subject, quad.predicate, value, quad.graph_name)


OPERATORS: dict[str, Operator] = {
    "drop": _drop,
    "language": _other_language,
    "untagged": _untagged,
    "date": _moved_date,
    "same-name": _same_name,
    "misspelt": _misspelt,
    "datatype": _wrong_type,
    "class": _wrong_class,
    "graph": _elsewhere,
}
"""What becomes of a statement: another one, none, or itself where the operator does not suit it."""


def mutants(world: World, most: int) -> dict[tuple[str, str], list[Mutant]]:
    """Mistakes of every kind: for each operator and property as many as asked for, always the same ones."""
    found: dict[tuple[str, str], list[Mutant]] = {}
    for each in _all(world):
        found.setdefault(each.key, []).append(each)
    return {key: sorted(found[key], key=_draw)[:most] for key in sorted(found)}


def _draw(mutant: Mutant) -> str:
    """A number that is drawn for each mutant once and for all; names of blank nodes are left out of it."""
    text = " ".join(
        str(term) for quad in mutant.gone + mutant.come for term in quad if not isinstance(term, BlankNode)
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _all(world: World) -> Iterator[Mutant]:
    for file, quad in world.data:
        name = shrink(quad.predicate.value)
        for operator, act in OPERATORS.items():
            new = act(world, quad)
            if new != quad:
                kind = shrink(str(quad.object)[1:-1]) if quad.predicate == TYPE else name
                kind = "" if operator == "graph" else kind  # no property has a graph of its own
                yield Mutant(operator, kind, file, (quad,), () if new is None else (new,))
        second = _second(world, quad)
        if second is not None:
            yield Mutant("second", name, file, (), (second,))
    for graph in world.graphs:
        about = tuple(world.about.get(graph, ()))
        files = {file for file, quad in world.data if quad.subject == graph}
        if about and len(files) == 1:
            yield Mutant("undescribed", "", files.pop(), about, ())


def _second(world: World, quad: Quad) -> Quad | None:
    """A second value of a property that has one, taken from another thing."""
    values = [each for each in world.about[quad.subject] if each.predicate == quad.predicate]
    if len(values) > 1 or quad.predicate == TYPE:
        return None
    kind = type(quad.object)
    for other in world.by_property[quad.predicate]:
        value = other.object
        same_language = not isinstance(value, Literal) or value.language == getattr(
            quad.object, "language", None
        )
        if (
            value != quad.object
            and other.subject != quad.subject
            and isinstance(value, kind)
            and same_language
        ):
            return _with(quad, value)
    return None


def batches(world: World, candidates: Mapping[tuple[str, str], Sequence[Mutant]]) -> list[list[Mutant]]:
    """One mistake of each kind, in groups in which each result belongs to one of them.

    Mistakes that are near each other stand in one group only if they are about different properties, and
    none of them takes away what a thing is. Of several candidates the one that fits into the earliest group
    is taken.
    """
    groups: list[_Group] = []
    near = {mutant: world.around(mutant) for several in candidates.values() for mutant in several}
    for several in sorted(candidates.values(), key=len):
        number, mutant = next(
            (number, mutant)
            for number, group in enumerate([*groups, _Group()])
            for mutant in several
            if group.has_room(mutant, near[mutant])
        )
        if number == len(groups):
            groups.append(_Group())
        groups[number].add(mutant, near[mutant])
    return [group.members for group in groups]


class _Group:
    """Mistakes that can be made together."""

    def __init__(self) -> None:
        self.members: list[Mutant] = []
        self._alone: set[object] = set()
        self._near: dict[object, set[str]] = {}

    def has_room(self, mutant: Mutant, near: set[object]) -> bool:
        """Whether another mistake keeps apart from those that are there."""
        if self.members and WIDE & {mutant.name, *(each.name for each in self.members)}:
            return False
        if not self._alone.isdisjoint(near):
            return False
        taken = [self._near[node] for node in near if node in self._near]
        return not taken or (not mutant.is_coarse and not any(mutant.name in names for names in taken))

    def add(self, mutant: Mutant, near: set[object]) -> None:
        """Take in a mistake."""
        self.members.append(mutant)
        if mutant.is_coarse:
            self._alone |= near
        for node in near:
            self._near.setdefault(node, set()).add(mutant.name)


def noticed(world: World, group: Sequence[Mutant], results: Iterable[ValidationResult]) -> set[Mutant]:
    """The mistakes of a group that results are about: near one only, or else naming its property or value."""
    near = {
        each: {
            terms.to_rdflib(node) for node in world.around(each) if isinstance(node, NamedNode | BlankNode)
        }
        for each in group
    }
    found: set[Mutant] = set()
    for result in results:
        close = [each for each in group if result.focus in near[each] or result.value in near[each]]
        if len(close) > 1:
            close = [each for each in close if _is_named(each, result)]
        found.update(close)
    return found


def _is_named(mutant: Mutant, result: ValidationResult) -> bool:
    """Whether a result speaks of the property or the values of a mistake."""
    values = {terms.to_rdflib(quad.object) for quad in (*mutant.gone, *mutant.come)}
    name = mutant.name.rpartition(":")[2]
    words = f"{result.path} {result.constraint} {result.message('en')}"
    return result.value in values or re.search(rf"[:/]{re.escape(name)}\b", words) is not None
