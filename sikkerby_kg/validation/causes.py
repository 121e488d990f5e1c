"""Which results only follow from others, so that a report can begin with the cause.

Two rules, and no third:

- A slip that says what was meant (a namespace, a term, a language tag) is put right in memory and everything
  is validated once more: the results that are then gone follow from it.
- Of several results about one value, those that say of what kind it has to be are the cause of the others,
  for another value will stand there. A comparison of it with another property follows as well.

A result that is worse than its cause stands by itself. Very many statements are not validated twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from sikkerby_kg.namespaces import PREFIXES, namespace_of
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.meant import nearest
from sikkerby_kg.validation.report import Severity, Slip, ValidationReport, ValidationResult
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.shapes import Shapes
from sikkerby_kg.validation.shapes_graph import SH

MOST = 200_000
"""Statements that are validated twice."""
_FEW = 10
"""Slips that are named as causes of a result; the worst come first."""
_SHAPE = "https://w3id.org/sikkerby-kg/shape/"
_SLIPS = frozenset(
    NamedNode(_SHAPE + name)
    for name in ("KnownNamespace", "KnownTerm", "LanguageTag", "KnownProperty", "KnownClass-type")
)
"""The shapes that tell of slips."""
_KNOWN_PROPERTY = NamedNode(_SHAPE + "KnownProperty")
_UNSUGGESTED = frozenset((_KNOWN_PROPERTY, NamedNode(_SHAPE + "KnownClass-type")))
"""Those that do not say what was meant."""
_ALIKE = 0.75
"""How alike a term of the model must be to one that is not there, to be what was meant."""
_KINDS = {
    NamedNode(_SHAPE + "LinkedValue"): 0,
    NamedNode(_SHAPE + "ValueClass"): 2,
    NamedNode(_SHAPE + "ValueType"): 2,
    NamedNode(_SHAPE + "WrittenValue"): 3,
}
"""Shapes of any property that say of what kind a value has to be; the first one leads."""
_KIND_COMPONENTS = frozenset(
    f"{PREFIXES['sh']}{name}ConstraintComponent" for name in ("Class", "Datatype", "NodeKind")
)
_COMPARISONS = frozenset(
    f"{PREFIXES['sh']}{name}ConstraintComponent" for name in ("LessThan", "LessThanOrEquals")
)
_COMPARED = (SH.lessThan, SH.lessThanOrEquals)

Causes = dict[ValidationResult, tuple[ValidationResult, ...]]


Validate = Callable[[Sequence[Source], Shapes], ValidationReport]


def with_causes(
    report: ValidationReport, sources: Sequence[Source], shapes: Shapes, validate: Validate
) -> ValidationReport:
    """The same report on the same sources, with what follows from what.

    ``validate`` makes a report; what it raises is raised here as well.
    """
    found = _of_values(report.results, shapes)
    slips = [each for each in report.results if each.shape_term in _SLIPS]
    others = len(report.results) - len(slips)
    if slips and others and sum(len(each.quads) for each in sources) <= MOST:
        mending = Mending(tuple(_slips(report, sources)))
        again = validate([mending.source(each) for each in sources], shapes)
        left = {_said(each) for each in again.results}
        gone = {each for each in report.results if _said(each, mending) not in left} - set(slips)
        causes = {each: _as_bad(slips, each)[:_FEW] for each in Severity}
        found |= {each: causes[each.severity] for each in gone if causes[each.severity]}
    return replace(report, causes=found) if found else report


def _as_bad(causes: Iterable[ValidationResult], severity: Severity) -> tuple[ValidationResult, ...]:
    """Those that are at least as bad."""
    return tuple(each for each in causes if each.severity.rank <= severity.rank)


# --- Slips -------------------------------------------------------------------------------------


def _slips(report: ValidationReport, sources: Iterable[Source]) -> Iterator[Slip]:
    """The slips with what was meant; for terms of the model that are not there, the likeliest that is."""
    yield from report.slips
    wanted = {
        (each.value_term if each.shape_term != _KNOWN_PROPERTY else NamedNode(each.path_iri or ""))
        for each in report.results
        if each.shape_term in _UNSUGGESTED
    }
    unknown = [each for each in wanted if isinstance(each, NamedNode)]
    if not unknown:
        return
    terms = {
        quad.subject.value
        for source in sources
        if source.suffix == ".ttl"
        for quad in source.quads
        if isinstance(quad.subject, NamedNode)
    }
    for term in unknown:
        close = nearest(term.value, terms, _ALIKE)
        if close is not None:
            yield Slip("term", term.value, close)


@dataclass(frozen=True)
class Mending:
    """Slips put right in memory."""

    slips: tuple[Slip, ...]
    _known: dict[Term, Term] = field(default_factory=dict)

    def term(self, term: Term) -> Term:
        """A term as it was meant."""
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = self._meant(term)
        return found

    def _meant(self, term: Term) -> Term:
        if isinstance(term, NamedNode):
            return NamedNode(self._name(term.value))
        if isinstance(term, Literal):
            if term.language:
                return Literal(term.value, language=self._right["language"].get(term.language, term.language))
            datatype = self._name(term.datatype.value)
            return Literal(self._right["term"].get(term.value, term.value), datatype=NamedNode(datatype))
        return term

    def _name(self, iri: str) -> str:
        iri = self._right["term"].get(iri, iri)
        space = namespace_of(iri)
        meant = self._right["namespace"].get(space)
        return iri if meant is None else meant + iri[len(space) :]

    @cached_property
    def _right(self) -> Mapping[str, Mapping[str, str]]:
        """Kind of slip → what is wrong → what is right."""
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for each in self.slips:
            found[each.kind][each.wrong] = each.right
        return found

    def source(self, source: Source) -> Source:
        """A file as it was meant; itself where nothing is wrong."""
        quads = tuple(map(self._quad, source.quads))
        return source if quads == source.quads else replace(source, quads=quads)

    def _quad(self, quad: Quad) -> Quad:
        terms = (quad.subject, quad.predicate, quad.object, quad.graph_name)
        return Quad(*(each if isinstance(each, DefaultGraph) else self.term(each) for each in terms))  # type: ignore[arg-type]  # a term stays of its kind


def _said(result: ValidationResult, mending: Mending | None = None) -> tuple[object, ...]:
    """What a result says, wherever it stands; with a mending, as it would say it of what was meant."""

    def meant(term: Term | None) -> Term | None:
        return term if mending is None or term is None else mending.term(term)

    path = meant(NamedNode(result.path_iri)) if result.path_iri else result.path
    return (
        *(result.shape_term, result.component, result.constraint, path),
        *map(meant, (result.focus_term, result.value_term)),
    )


# --- Values of the wrong kind ------------------------------------------------------------------


def _of_values(results: Iterable[ValidationResult], shapes: Shapes) -> Causes:
    """The results about values that have to be others anyway."""
    about: defaultdict[tuple[object, ...], list[ValidationResult]] = defaultdict(list)
    for each in results:
        if each.path_iri is not None and each.value_term is not None and each.shape_term not in _SLIPS:
            about[each.focus_term, each.path_iri, each.value_term].append(each)
    found: Causes = {}
    leading: dict[tuple[Term, str | None], ValidationResult] = {}
    for group in about.values():
        cause = min((each for each in group if _rank(each) is not None), key=_leads, default=None)
        if cause is not None:
            leading.setdefault((cause.focus_term, cause.path_iri), cause)
            found |= {each: (cause,) for each in group if each != cause and _as_bad((cause,), each.severity)}
    for each in results:
        if each.component in _COMPARISONS and each not in found:
            causes = [leading.get((each.focus_term, other)) for other in _compared(each, shapes)]
            wrong = _as_bad((cause for cause in causes if cause is not None and cause != each), each.severity)
            found |= {each: wrong} if wrong else {}
    return found


def _leads(result: ValidationResult) -> int:
    rank = _rank(result)
    return len(_KINDS) if rank is None else rank


def _rank(result: ValidationResult) -> int | None:
    """Which of several results about the kind of a value leads; None for a result about anything else."""
    if result.value_term is None or result.path_iri is None:
        return None
    if result.component in _KIND_COMPONENTS:
        return 1
    return _KINDS.get(result.shape_term) if isinstance(result.shape_term, NamedNode) else None


def _compared(result: ValidationResult, shapes: Shapes) -> set[str]:
    """The property that a result compares its values with."""
    return {
        value.value
        for part in shapes.parts
        for predicate in _COMPARED
        for value in part.graph.objects(result.shape_term, predicate)
        if isinstance(value, NamedNode)
    }
