"""The lines of a file around places, with what is meant marked: as people see them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sikkerby_kg.judging import Spot

AROUND = 1
"""Lines that are shown before and after a place."""

MOST = 6
"""Lines of a place that are shown."""

_WIDE = 100
"""Characters of a piece of a line that are shown."""

_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line, and whether it is what is meant."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line with its number, in pieces."""

    number: int
    pieces: Sequence[Piece]


Block = Sequence[SourceLine]
"""Lines that follow each other."""


class SourceText:
    """A text that places are looked up in."""

    def __init__(self, data: bytes) -> None:
        self._lines = _END.split(data.decode("utf-8-sig", "replace"))

    def blocks(self, spots: Iterable[Spot]) -> list[Block]:
        """The lines around some places, those near each other together.

        Nothing for a place whose line is not known, or where there is no such line.
        """
        known = {spot for spot in spots if 0 < spot.line <= len(self._lines)}
        found: list[tuple[int, int, list[Spot]]] = []
        for spot in sorted(known, key=lambda each: (each.line, each.column)):
            first, last = max(spot.line - AROUND, 1), min(self._end(spot) + AROUND, len(self._lines))
            if found and first <= found[-1][1] + 1:
                before = found.pop()
                found.append((before[0], max(last, before[1]), [*before[2], spot]))
            else:
                found.append((first, last, [spot]))
        return [
            [SourceLine(number, self._pieces(number, near)) for number in range(first, last + 1)]
            for first, last, near in found
        ]

    def _end(self, spot: Spot) -> int:
        """The last line of a place that is shown."""
        return min(max(spot.end_line, spot.line), spot.line + MOST - 1, len(self._lines))

    def _pieces(self, number: int, spots: Iterable[Spot]) -> list[Piece]:
        """A line, cut where marks begin and end."""
        written, at = self._lines[number - 1], 0
        pieces = []
        for start, end in sorted(self._marks(number, spots)):
            if start < at:  # within what is marked already
                continue
            pieces.append(Piece(_shortened(written[at:start], from_end=not at)))
            pieces.append(Piece(_shortened(written[start:end] or " "), is_marked=True))
            at = end
        return [each for each in (*pieces, Piece(_shortened(written[at:]))) if each.text]

    def _marks(self, number: int, spots: Iterable[Spot]) -> Iterator[tuple[int, int]]:
        """From where to where, counted from 0, a line is meant."""
        written = self._lines[number - 1]
        for spot in spots:
            last = max(spot.end_line, spot.line)
            if not spot.column or not spot.line <= number <= last:
                continue
            start = spot.column - 1 if number == spot.line else len(written) - len(written.lstrip())
            end = len(written)
            if number == last:
                end = max(spot.end_column - 1, start + 1) if spot.end_column else start + 1
            if number == spot.line or end > start:  # of an empty line, nothing
                yield start, end


def _shortened(text: str, *, from_end: bool = False) -> str:
    """The beginning, or the end, of a piece of a line that is too long to be shown."""
    if len(text) <= _WIDE:
        return text
    return f"…{text[-_WIDE:]}" if from_end else f"{text[:_WIDE]}…"
