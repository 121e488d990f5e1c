"""The pages that give the whole at once: the timeline, the coverage of the principles, the gaps."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from sikkerby_kg.server.drawing import Drawing, drawing_of
from sikkerby_kg.server.gaps import GapGroup, gap_groups
from sikkerby_kg.server.language import language
from sikkerby_kg.server.moments import left_out_things
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.saved import Entry
from sikkerby_kg.server.sentences import explained
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.server.strategies import PrincipleView, StrategyView, strategies
from sikkerby_kg.server.timeline import Timeline, timeline
from sikkerby_kg.texts import text

blueprint = Blueprint("overview", __name__)

UNDER = "under"
"""The parameter of the gaps that says what they are about: the path of its document."""

GAP_TAG = "gap"
"""The tag of saved queries about what is missing."""

COVERAGE = """
SELECT DISTINCT ?strategy ?principle ?link ?other WHERE {
  ?strategy sik:hasPrinciple ?principle .
  { ?principle ?link ?other } UNION { ?other ?link ?principle }
  FILTER(isIRI(?other))
}
ORDER BY ?strategy ?principle ?link ?other
"""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """What the template of the timeline gets."""

    trail: Sequence[Shown]
    timeline: Timeline
    drawing: Drawing | None
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """What the template of the matrix gets."""

    trail: Sequence[Shown]
    strategies: Sequence[StrategyView]
    explain: str


@dataclass(frozen=True, slots=True)
class GapsPage:
    """What the template of the gaps gets. ``under`` is what they are limited to."""

    trail: Sequence[Shown]
    groups: Sequence[GapGroup]
    under: Shown | None
    questions: Sequence[Entry]


@blueprint.get("/timeline")
def timeline_page() -> str:
    """Show when everything held or happened."""
    found = timeline(Show())
    page = TimelinePage(trail_to("web.timeline"), found, drawing_of(found), left_out_things(found.missing))
    return render_template("timeline.html", page=page)


@blueprint.get("/coverage")
def coverage() -> str:
    """Show what is named under each principle, and what is not."""
    found = [strategy for strategy in strategies(Show()) if strategy.principles]
    page = CoveragePage(trail_to("web.coverage"), found, explained(COVERAGE))
    return render_template("coverage.html", page=page)


@blueprint.get("/gaps")
def gaps() -> str:
    """Show what is not known, all of it or what concerns one thing."""
    show, path = Show(), request.args.get(UNDER, "")
    iri = _named(path) if path else None
    scope = frozenset(_scope(iri, show)) if iri else None
    page = GapsPage(
        trail_to("web.gaps"),
        gap_groups(show, scope),
        show.local(iri) if iri else None,
        list(_questions()),
    )
    return render_template("gaps.html", page=page)


def trail_to(key: str) -> list[Shown]:
    """The way from home to a page by the key of its name."""
    lang = language()
    return [Shown(text("web.home", lang), href=url_for("pages.home")), Shown(text(key, lang))]


def _named(path: str) -> str:
    """The thing that ``under`` names. Raises ProblemError (404)."""
    possible = (*site().addresses.candidates(path), path)
    found = next((iri for iri in possible if site().is_described(iri)), None)
    if found is None:
        raise ProblemError(404, text("web.nothing_about", language(), iri=path))
    return found


def _scope(iri: str, show: Show) -> set[str]:
    """A thing and what lies under it: the focus areas and the plans of a principle."""
    found = {iri}
    for strategy in strategies(show):
        for principle in strategy.principles:
            if principle.iri == iri:
                found |= set(parts_of(principle))
    return found


def parts_of(principle: PrincipleView) -> list[str]:
    """The IRIs of the focus areas and plans of a principle."""
    return [*(area.iri for area in principle.areas), *(plan.iri for plan in principle.standing.plans)]


def _questions() -> list[Entry]:
    """The saved queries about what is missing."""
    lang = language()
    return [
        Entry(query.name, query.question[lang], url_for("saved.query", name=query.name))
        for query in site().graph.queries.values()
        if GAP_TAG in query.tags
    ]
