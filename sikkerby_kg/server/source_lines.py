"""The lines of a file around a place, with the place marked: as people see them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sikkerby_kg.judging import Spot

AROUND = 1
"""Lines that are shown before and after a place."""

MOST = 6
"""Lines of a place that are shown."""

_WIDE = 100
"""Characters of a line that are shown before and after what is marked."""

_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line with its number: what stands before the mark, in it, and behind it."""

    number: int
    before: str
    marked: str = ""
    after: str = ""


class SourceText:
    """A text that places are looked up in."""

    def __init__(self, data: bytes) -> None:
        self._lines = _END.split(data.decode("utf-8-sig", "replace"))

    def lines(self, spot: Spot) -> Sequence[SourceLine]:
        """The lines around a place; none if its line is not known, or if there is no such line."""
        if not 0 < spot.line <= len(self._lines):
            return ()
        end = min(max(spot.end_line, spot.line), spot.line + MOST - 1, len(self._lines))
        first, last = max(spot.line - AROUND, 1), min(end + AROUND, len(self._lines))
        return [self._line(number, spot) for number in range(first, last + 1)]

    def _line(self, number: int, spot: Spot) -> SourceLine:
        written = self._lines[number - 1]
        if not spot.line <= number <= max(spot.end_line, spot.line) or not spot.column:
            return SourceLine(number, _shortened(written, from_end=False))
        start = spot.column - 1 if number == spot.line else 0
        end = len(written)
        if number == max(spot.end_line, spot.line):
            end = max(spot.end_column - 1, start + 1) if spot.end_column else start + 1
        before, marked, after = written[:start], written[start:end], written[end:]
        return SourceLine(
            number,
            _shortened(before, from_end=True),
            _shortened(marked or " ", from_end=False),
            _shortened(after, from_end=False),
        )


def _shortened(text: str, *, from_end: bool) -> str:
    """The end or the beginning of a piece of a line that is too long to be shown."""
    if len(text) <= _WIDE:
        return text
    return f"…{text[-_WIDE:]}" if from_end else f"{text[:_WIDE]}…"
