"""How things stand at the date of the page, as people read it: a badge, and what was left out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sikkerby_kg.description import Description
from sikkerby_kg.moment import Span, State
from sikkerby_kg.server.as_of import as_of
from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.texts import text
from sikkerby_kg.written import date_text, period_text


@dataclass(frozen=True, slots=True)
class StateView:
    """A state: its name for the style, its word, and when, as the source says it or in dates."""

    name: str
    text: str
    when: Shown | None = None


@dataclass(frozen=True, slots=True)
class MomentView:
    """What the page of a thing says about time; ``notes`` are sentences."""

    state: StateView | None
    notes: tuple[str, ...] = ()


def later() -> frozenset[str]:
    """What came only after the date of the page."""
    return site().moments.later(as_of())


def state_of(iri: str, show: Show) -> StateView | None:
    """The badge of a thing; None for what has no place in time."""
    state = site().moments.state(iri, as_of())
    if state is None:
        return None
    spans = [span for span in site().moments.spans.get(iri, ()) if span.is_dated]
    when = span_of(spans[-1 if state is State.ENDED else 0], show) if spans else None
    return StateView(state, text(f"web.state.{state}", language()), when)


def span_of(span: Span, show: Show) -> Shown:
    """A span in words: as the source has it, else its dates."""
    days = period_text(span.start, span.end, "day", language())
    names = site().graph.labels.all(span.period) if _is_iri(span.period) else {}
    if not names:
        return Shown(days or text("web.period_unnamed", language()))
    label = show.label(span.period)
    return Shown(label.text, label.language)


def trimmed(description: Description, show: Show) -> tuple[Description, MomentView]:
    """A description without what came after the date of the page, and what the page then says of time.

    A thing that came later itself is described whole: who follows a link to it is told that it was to come.
    """
    day, iri, lang = as_of(), description.iri, language()
    state = state_of(iri, show)
    if day is None:
        return description, MomentView(state)
    unknown = later()
    if iri in unknown:
        return description, MomentView(state, (text("web.as_of.later", lang, day=date_text(day, lang)),))
    outgoing = [s for s in description.outgoing if str(s.value.term) not in unknown]
    incoming = [s for s in description.incoming if str(s.value.term) not in unknown]
    count = len(description.outgoing) + len(description.incoming) - len(outgoing) - len(incoming)
    kept = replace(description, outgoing=tuple(outgoing), incoming=tuple(incoming))
    return kept, MomentView(state, left_out(count))


def left_out(count: int) -> tuple[str, ...]:
    """The sentence that says how much came later and is not shown; none if nothing was left out."""
    day = as_of()
    if day is None or not count:
        return ()
    key = "web.as_of.left_out_one" if count == 1 else "web.as_of.left_out"
    return (text(key, language(), count=count, day=date_text(day, language())),)


def left_out_things(count: int) -> tuple[str, ...]:
    """The sentence that says how many things came later and are not shown; none if there are none."""
    day = as_of()
    if day is None or not count:
        return ()
    return (text("web.as_of.things_left_out", language(), count=count, day=date_text(day, language())),)


def standing(iris: Iterable[str]) -> tuple[list[str], int]:
    """Those of some things that were there at the date of the page, and how many were not."""
    unknown, every = later(), list(iris)
    kept = [iri for iri in every if iri not in unknown]
    return kept, len(every) - len(kept)


def _is_iri(name: str) -> bool:
    return bool(name) and not name.startswith("_:")
