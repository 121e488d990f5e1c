"""What has changed since a strategy was laid down: plans, parts, scope, proposals, assessments."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from sikkerby_kg import terms
from sikkerby_kg.moment import State
from sikkerby_kg.namespaces import SIK
from sikkerby_kg.server.language import language
from sikkerby_kg.server.moments import StateView, state_of
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.server.standings import instances, replaced
from sikkerby_kg.server.strategies import StrategyView
from sikkerby_kg.texts import text

UNCLEAR = (State.UNCERTAIN, State.UNDATED)
"""The states of a change that readers are told."""

_CONCERNING = (
    f"SELECT DISTINCT ?it WHERE {{{{ VALUES ?thing {{{{ {{things}} }}}} ?it <{SIK.concerns}> ?thing }}}}"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One change; ``other`` is what it stands in the place of, ``state`` where its time is unclear."""

    label: Shown
    other: Shown | None = None
    state: StateView | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Changes of one sort, and where all of them are."""

    title: str
    items: Sequence[Item]
    more: Shown | None = None


def changes(strategies: Sequence[StrategyView], show: Show) -> list[Change]:
    """The changes up to the date of the page, each sort that has any."""
    lang = language()
    pairs = replaced()
    found = {name: instances(kind) for name, kind in (("scope", SIK.ScopeChange), ("proposed", SIK.Proposal))}
    show.prefetch({iri for pair in pairs for iri in pair}.union(*found.values()))
    added = [area.label for one in strategies for p in one.principles for area in p.areas if area.added]
    listed = [
        Change(
            text("web.home.changed.replaced", lang),
            [Item(show.iri(new), show.iri(old)) for new, old in pairs],
        ),
        Change(text("web.home.changed.added", lang), [Item(label) for label in added]),
        *(Change(text(f"web.home.changed.{name}", lang), _items(iris, show)) for name, iris in found.items()),
        _assessed(strategies, show),
    ]
    return [change for change in listed if change.items or change.more]


def _items(iris: set[str], show: Show) -> list[Item]:
    items = []
    for iri in sorted(iris, key=lambda iri: alphabetical(show.label(iri).text)):
        state = state_of(iri, show)
        items.append(Item(show.iri(iri), state=state if state and state.name in UNCLEAR else None))
    return items


def _assessed(strategies: Sequence[StrategyView], show: Show) -> Change:
    """The assessments of the strategies themselves, and a link to all."""
    lang, every = language(), instances(SIK.StatusAssessment)
    names = [strategy.iri for strategy in strategies]
    concerning = site().overview(_CONCERNING.format(things=" ".join(f"<{iri}>" for iri in names)))
    found = {terms.to_python(it) for (it,) in concerning} & every
    show.prefetch(found)
    if not every:
        return Change("", ())
    said = text("web.home.changed.assessed_all", lang, count=len(every))
    href = url_for("pages.kind", name=site().kind_name(SIK.StatusAssessment))
    return Change(text("web.home.changed.assessed", lang), _items(found, show), Shown(said, href=href))
