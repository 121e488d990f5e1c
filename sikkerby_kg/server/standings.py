"""How each principle stands at the date of the page: plans, actors, the latest assessment, knowledge gaps."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import url_for

from sikkerby_kg import terms
from sikkerby_kg.moment import State
from sikkerby_kg.namespaces import DCT, ORG, SIK
from sikkerby_kg.server.as_of import as_of
from sikkerby_kg.server.kinds import group_of
from sikkerby_kg.server.moments import StateView, later, span_of, state_of
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site

_TOUCHING = """SELECT DISTINCT ?part ?other WHERE {{
  VALUES ?part {{ {parts} }}
  {{ ?part ?p ?other }} UNION {{ ?other ?p ?part }}
  FILTER(isIRI(?other))
}}"""
_ACTORS = """SELECT DISTINCT ?thing ?actor ?kind WHERE {{
  VALUES ?thing {{ {things} }}
  ?thing ?p ?actor ; a ?kind . FILTER(isIRI(?actor))
}}"""
_OUTCOMES = f"""SELECT DISTINCT ?part ?assessment ?outcome WHERE {{{{
  VALUES ?part {{{{ {{parts}} }}}}
  VALUES ?about {{{{ <{SIK.concerns}> <{SIK.concernsFocusAreasOf}> }}}}
  ?assessment a <{SIK.StatusAssessment}> ; ?about ?part ; <{SIK.outcome}> ?outcome .
}}}}"""
_REPLACED = f"SELECT DISTINCT ?new ?old WHERE {{ ?new <{DCT.replaces}> ?old }}"


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan and how it stands."""

    iri: str
    label: Shown
    state: StateView | None


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """The latest assessment of a whole: what it arrived at, and when. ``is_certain``: surely by the date."""

    outcomes: tuple[Shown, ...]
    href: str
    when: Shown | None
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How a principle stands. ``gaps`` are IRIs of knowledge gaps about it or what lies under it."""

    plans: tuple[PlanView, ...] = ()
    actors: tuple[Shown, ...] = ()
    assessments: tuple[AssessmentView, ...] = ()
    gaps: tuple[str, ...] = ()
    gaps_href: str = ""

    @property
    def current(self) -> tuple[PlanView, ...]:
        """The plans that have not ended: those in force, and those of which no period is known."""
        return tuple(plan for plan in self.plans if plan.state and plan.state.name != State.ENDED)


@dataclass(slots=True)
class _Found:
    """What was found of one principle, by IRI."""

    plans: set[str] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)
    gaps: set[str] = field(default_factory=set)
    near: set[str] = field(default_factory=set)


def standings(principles: Mapping[str, Collection[str]], show: Show) -> dict[str, Standing]:
    """Principle → how it stands; ``principles`` gives each its focus areas. What came later is left out."""
    found = _find(principles)
    assessments = _assessments(principles, show)
    show.prefetch({iri for one in found.values() for iri in (*one.plans, *one.actors)})
    return {
        iri: Standing(
            plans=tuple(plan_views(one.plans, show)),
            actors=tuple(sorted(map(show.iri, one.actors), key=lambda shown: alphabetical(shown.text))),
            assessments=tuple(assessments.get(iri, ())),
            gaps=tuple(sorted(one.gaps)),
            gaps_href=gaps_under(iri),
        )
        for iri, one in found.items()
    }


def gaps_under(iri: str) -> str:
    """The address of the gaps that concern a thing."""
    return url_for("overview.gaps", under=site().addresses.document_path(iri) or iri)


def plan_views(plans: Iterable[str], show: Show) -> list[PlanView]:
    """Plans with their states, those that begin first at the top; those without a date last."""
    spans = site().moments.spans

    def order(iri: str) -> tuple[date, tuple[tuple[int, str], ...]]:
        starts = [span.start for span in spans.get(iri, ()) if span.start]
        return min(starts, default=date.max), alphabetical(show.label(iri).text)

    return [PlanView(iri, show.iri(iri), state_of(iri, show)) for iri in sorted(plans, key=order)]


def instances(kind: str) -> set[str]:
    """The things of a class, of narrower ones too, that were there at the date of the page."""
    return set(site().kinds.every(kind)) - later()


def replaced() -> list[tuple[str, str]]:
    """Pairs of a plan and the one that it replaced, as far as both were there."""
    return sorted(pair for pair in _pairs(_REPLACED) if not later() & set(pair))


def _find(principles: Mapping[str, Collection[str]]) -> dict[str, _Found]:
    of_part: dict[str, set[str]] = {}
    for principle, areas in principles.items():
        for part in (principle, *areas):
            of_part.setdefault(part, set()).add(principle)
    found = {principle: _Found() for principle in principles}
    plans = instances(SIK.PolicyInstrument) - instances(SIK.Strategy)
    actors, gaps = instances(ORG.Organization), instances(SIK.KnowledgeGap)
    apart = (
        instances(SIK.Strategy) | instances(SIK.StatusAssessment) | actors | gaps | of_part.keys() | later()
    )
    for part, other in _pairs(_TOUCHING.format(parts=_iris(of_part))):
        for principle in of_part[part]:
            one = found[principle]
            one.plans |= {other} & plans
            one.actors |= {other} & actors
            one.gaps |= {other} & gaps
            one.near |= {other} - apart
    _follow(found, plans, gaps)
    near = {iri for one in found.values() for iri in (*one.near, *one.plans)}
    by_thing: dict[str, set[str]] = {}
    for row in site().overview(_ACTORS.format(things=_iris(near))):
        thing, actor, kind = map(terms.to_python, row)
        if actor in actors and group_of(kind) == "content":  # the dataset has a publisher, too
            by_thing.setdefault(thing, set()).add(actor)
    for one in found.values():
        one.actors.update(actor for iri in (*one.near, *one.plans) for actor in by_thing.get(iri, ()))
    return found


def _follow(found: Mapping[str, _Found], plans: set[str], gaps: set[str]) -> None:
    """Add the plans that replaced those found, and the gaps about the plans."""
    pairs = replaced()
    for one in found.values():
        while new := {new for new, old in pairs if old in one.plans and new in plans} - one.plans:
            one.plans |= new
    about = {iri for one in found.values() for iri in one.plans}
    for plan, gap in _pairs(_TOUCHING.format(parts=_iris(about))):
        if gap in gaps:
            for one in found.values():
                if plan in one.plans:
                    one.gaps.add(gap)


def _assessments(principles: Collection[str], show: Show) -> dict[str, list[AssessmentView]]:
    """Principle → its latest assessments: those whose windows end last by the date, else those around it."""
    moments, day = site().moments, as_of()
    outcomes: dict[tuple[str, str], list[str]] = {}
    for row in site().overview(_OUTCOMES.format(parts=_iris(principles))):
        part, assessment, outcome = map(terms.to_python, row)
        if assessment not in later():
            outcomes.setdefault((part, assessment), []).append(outcome)
    latest: dict[str, list[tuple[tuple[bool, date], str]]] = {}
    for part, assessment in outcomes:
        ends = [span.end for span in moments.spans.get(assessment, ()) if span.end]
        is_certain = moments.state(assessment, day) is not State.UNCERTAIN
        latest.setdefault(part, []).append(((is_certain, max(ends, default=date.min)), assessment))
    show.prefetch(iri for pair, members in outcomes.items() for iri in (pair[1], *members))
    return {
        part: [
            _assessment(assessment, outcomes[part, assessment], show, is_certain=rank[0])
            for rank, assessment in sorted(ranked)
            if rank == max(ranked)[0]
        ]
        for part, ranked in latest.items()
    }


def _assessment(iri: str, outcomes: list[str], show: Show, *, is_certain: bool) -> AssessmentView:
    spans = [span for span in site().moments.spans.get(iri, ()) if span.is_dated]
    return AssessmentView(
        outcomes=tuple(sorted(map(show.iri, outcomes), key=lambda shown: alphabetical(shown.text))),
        href=site().addresses.href(iri),
        when=span_of(spans[-1], show) if spans else None,
        is_certain=is_certain,
    )


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(terms.to_python(a), terms.to_python(b)) for a, b in site().overview(query)]


def _iris(iris: Iterable[str]) -> str:
    return " ".join(f"<{iri}>" for iri in sorted(iris) if not iri.startswith("_:"))
