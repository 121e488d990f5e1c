"""The strategies in the graph: their principles in order, their focus areas named, added and only counted."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sikkerby_kg import terms
from sikkerby_kg.namespaces import SIK
from sikkerby_kg.server.language import language
from sikkerby_kg.server.moments import StateView, later, state_of
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.server.standings import Standing, standings
from sikkerby_kg.texts import text

_QUERY = f"""SELECT DISTINCT ?strategy ?principle ?position ?stated ?area ?link ?place WHERE {{
  ?strategy a <{SIK.Strategy}> .
  OPTIONAL {{
    ?strategy <{SIK.hasPrinciple}> ?principle .
    OPTIONAL {{ ?principle <{SIK.position}> ?position }}
    OPTIONAL {{ ?principle <{SIK.statedFocusAreaCount}> ?stated }}
    OPTIONAL {{
      VALUES ?link {{ <{SIK.hasFocusArea}> <{SIK.hasAddedFocusArea}> }}
      ?principle ?link ?area
      OPTIONAL {{ ?area <{SIK.position}> ?place }}
    }}
  }}
}}"""


@dataclass(slots=True)
class _Principle:
    """What was found of one principle; ``areas`` is focus area → whether it was added, and its position."""

    position: int | None = None
    stated: int | None = None
    areas: dict[str, tuple[bool, int | None]] = field(default_factory=dict)


@dataclass(slots=True)
class _Strategy:
    """What was found of one strategy."""

    principles: dict[str, _Principle] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AreaView:
    """A focus area; ``added`` is for one that the strategy did not have from the start.

    ``position`` is its number, where the source gives it one.
    """

    iri: str
    label: Shown
    added: bool
    position: int | None


@dataclass(frozen=True, slots=True)
class PrincipleView:
    """A principle; ``missing`` is how many of its stated focus areas have no name in the graph."""

    iri: str
    label: Shown
    position: int | None
    counted: str
    stated: int | None
    missing: int
    areas: Sequence[AreaView]
    standing: Standing


@dataclass(frozen=True, slots=True)
class StrategyView:
    """A strategy with its principles in order."""

    iri: str
    label: Shown
    kind: Shown
    state: StateView | None
    principles: Sequence[PrincipleView]


def strategies(show: Show) -> list[StrategyView]:
    """All strategies at the date of the page; what the dataset says that it is about comes first."""
    found = _find()
    standing = standings({iri: p.areas for one in found.values() for iri, p in one.principles.items()}, show)
    names = set(found)
    for strategy in found.values():
        names |= strategy.principles.keys()
        for principle in strategy.principles.values():
            names |= principle.areas.keys()
    show.prefetch(names)
    about = site().about
    subjects = about.subjects if about else ()
    return [
        _view(iri, found[iri], standing, show)
        for iri in sorted(found, key=lambda iri: (iri not in subjects, iri))
    ]


def _find() -> dict[str, _Strategy]:
    found: dict[str, _Strategy] = {}
    unknown = later()
    for solution in site().overview(_QUERY):
        iri, principle, position, stated, area, link, place = map(terms.to_python, solution)
        if iri in unknown:
            continue
        strategy = found.setdefault(iri, _Strategy())
        if principle and principle not in unknown:
            entry = strategy.principles.setdefault(principle, _Principle())
            entry.position = position if isinstance(position, int) else entry.position
            entry.stated = stated if isinstance(stated, int) else entry.stated
            if area and area not in unknown:
                entry.areas[area] = (link == SIK.hasAddedFocusArea, place if isinstance(place, int) else None)
    return found


def _view(iri: str, strategy: _Strategy, standing: Mapping[str, Standing], show: Show) -> StrategyView:
    views = [
        _principle_view(name, principle, standing[name], show)
        for name, principle in strategy.principles.items()
    ]
    return StrategyView(
        iri=iri,
        label=show.iri(iri),
        kind=show.kind(SIK.Strategy),
        state=state_of(iri, show),
        principles=sorted(views, key=lambda v: (v.position or len(views) + 1, alphabetical(v.label.text))),
    )


def _principle_view(iri: str, principle: _Principle, standing: Standing, show: Show) -> PrincipleView:
    areas = [AreaView(area, show.iri(area), *found) for area, found in principle.areas.items()]
    named = sum(not area.added for area in areas)
    return PrincipleView(
        iri=iri,
        label=show.iri(iri),
        position=principle.position,
        counted=counted(principle.stated, named, len(areas) - named),
        stated=principle.stated,
        missing=max((principle.stated or 0) - named, 0),
        areas=sorted(
            areas, key=lambda area: (area.added, area.position or math.inf, alphabetical(area.label.text))
        ),
        standing=standing,
    )


def counted(stated: int | None, named: int, added: int) -> str:
    """How many focus areas there are, in words."""
    lang = language()
    if stated is not None:
        said = text("web.areas_stated", lang, stated=stated, named=named)
    elif named:
        said = text("web.areas_not_stated", lang, named=named)
    else:
        said = text("web.areas_none", lang)
    return text("web.areas_added", lang, text=said, added=added) if added else said
