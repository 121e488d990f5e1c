"""The whole timeline as one drawing: a lane for each plan, under its name; all else packed, a kind in a band.

Places across are percentages, so that the drawing fits any screen, places down are pixels. What is drawn at
the same place is drawn once and counted. The tables of the page say the same in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from sikkerby_kg.namespaces import SIK
from sikkerby_kg.server.language import language
from sikkerby_kg.server.timeline import Axis, Bar, Group, Row, Timeline
from sikkerby_kg.texts import text

NAMED = frozenset({SIK.PolicyInstrument})
"""The kinds whose things are drawn one below the other, each under its name."""

LINE, LANE, HEAD, GAP, AXIS = 16, 18, 22, 10, 24
"""Pixels: a line of a name, a lane of bars, the name of a band, what lies between bands, the years."""

LETTERS = 34
"""Letters of a name on one line on a narrow screen; a wide one has room for any name."""

NARROW, WIDE = 2.1, 0.95
"""Percent of the width that a letter takes on a narrow screen and on a wide one."""

NARROWEST, BETWEEN = 3.0, 1.0
"""Percent that a mark takes at least, and what must be free between two marks of a lane."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar, where its lane lies, what it stands for in words, and for how many things."""

    bar: Bar
    y: int
    said: str
    count: int
    end: str


@dataclass(frozen=True, slots=True)
class Caption:
    """Words in the drawing: lines of a name, or the name of a band; ``anchor`` is start or end.

    ``style`` is band, or else narrow or wide, for the screens that it is for.
    """

    style: str
    x: str
    y: int
    lines: Sequence[str]
    language: str
    anchor: str = "start"

    @property
    def text(self) -> str:
        """All its words."""
        return " ".join(self.lines)


@dataclass(frozen=True, slots=True)
class Drawing:
    """The drawing: its name, what it shows, its height and everything in it from above to below."""

    title: str
    description: str
    height: int
    captions: Sequence[Caption]
    marks: Sequence[Mark]


def drawing_of(timeline: Timeline) -> Drawing | None:
    """The timeline as one drawing; None if nothing in it has a date."""
    axis = timeline.axis
    if axis is None or not timeline.groups:
        return None
    captions: list[Caption] = []
    marks: list[Mark] = []
    y = AXIS
    for group in timeline.groups:
        y += GAP
        captions.append(Caption("band", "0%", y + LINE - 4, [_capital(group)], group.kind.lang))
        y += HEAD
        band = _named if group.iri in NAMED else _packed
        y = band(group, y, captions, marks)
    count = sum(len(group.rows) for group in timeline.groups)
    return Drawing(
        text("web.timeline.drawing", language(), **_years(axis)),
        text("web.timeline.drawing_said", language(), count=count, kinds=len(timeline.groups)),
        y + GAP,
        captions,
        marks,
    )


def _named(group: Group, y: int, captions: list[Caption], marks: list[Mark]) -> int:
    """Each thing in a lane of its own under its name; gives where the band ends."""
    for row in group.rows:
        lines = wrap(row.label.text, LETTERS) or [row.label.text]
        captions.append(_caption("narrow", row, y, lines, NARROW))
        y += LINE * len(lines)
        captions.append(_caption("wide", row, y - LINE, [row.label.text], WIDE))
        marks.extend(Mark(bar, y, _said(row), 1, "") for bar in row.bars)
        y += LANE
    return y


def _caption(style: str, row: Row, y: int, lines: Sequence[str], letter: float) -> Caption:
    """The name of a thing at the start of its bar, or before its end, or at the edge: wherever it fits."""
    needed = letter * max(map(len, lines))
    start, end = _ends(row.bars[0])
    x, anchor = 0.0, "start"
    if start + needed <= 100:  # noqa: PLR2004  (percent)
        x = start
    elif end >= needed:
        x, anchor = end, "end"
    return Caption(style, f"{x:.2f}%", y + LINE - 4, lines, row.label.lang, anchor)


def _packed(group: Group, y: int, _: list[Caption], marks: list[Mark]) -> int:
    """Things in as few lanes as have room for them; gives where the band ends."""
    lanes: list[float] = []
    for bar, rows in _together(group):
        start, end = _ends(bar)
        lane = next((number for number, taken in enumerate(lanes) if taken + BETWEEN <= start), len(lanes))
        lanes[lane : lane + 1] = [max(end, start + NARROWEST) + (NARROW * 4 if len(rows) > 1 else 0)]
        said = "; ".join(map(_said, rows))
        marks.append(Mark(bar, y + LANE * lane, said, len(rows), f"{end:.2f}%"))
    return y + LANE * len(lanes)


def _together(group: Group) -> Iterator[tuple[Bar, list[Row]]]:
    """Bars from the left, each with all things that have one in the same place."""
    found: dict[Bar, list[Row]] = {}
    for row in group.rows:
        for bar in row.bars:
            found.setdefault(bar, []).append(row)
    yield from sorted(found.items(), key=lambda pair: _ends(pair[0]))


def _ends(bar: Bar) -> tuple[float, float]:
    start, width = float(bar.x.rstrip("%")), float(bar.width.rstrip("%"))
    return start, start + width


def _said(row: Row) -> str:
    when = ", ".join(shown.text for shown in row.when)
    return f"{row.label.text}: {when}" if when else row.label.text


def _capital(group: Group) -> str:
    return group.kind.text[:1].upper() + group.kind.text[1:]


def _years(axis: Axis) -> dict[str, int]:
    return {"first": axis.first.year, "last": axis.last.year}
