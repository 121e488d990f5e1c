"""The lines of a place, with what is meant in them."""

from dataclasses import dataclass

from sikkerby_kg.tables import display_width, printable
from sikkerby_kg.validation.report import Place
from sikkerby_kg.validation.writers.files import Files

MOST_LINES = 3
"""Lines of a place that are shown; of more, the first ones."""

WIDEST = 160
"""Characters of a line that are shown around what is meant."""

_BEFORE = 60
_MORE = "…"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file: its number, and its text before, within and after what is meant.

    A line that only says that more follows has no number. Control characters are shown as escapes; tabs stay.
    """

    number: str
    before: str
    meant: str
    after: str

    @property
    def text(self) -> str:
        """The whole line."""
        return self.before + self.meant + self.after

    @property
    def marks(self) -> str:
        """Marks that stand under what is meant, whatever the characters are; a tab stays a tab."""
        before = "".join("\t" if each == "\t" else " " * display_width(each) for each in self.before)
        meant = "".join("\t" if each == "\t" else "^" * display_width(each) for each in self.meant)
        return before + (meant.rstrip("\t") or "^") if self.number else ""


def excerpt(place: Place, files: Files) -> list[Line]:
    """The lines that a place is in; nothing where it has none, or the file has changed since."""
    if place.line is None:
        return []
    last = max(place.end_line or place.line, place.line)
    shown: list[Line] = []
    for number in range(place.line, min(last, place.line + MOST_LINES - 1) + 1):
        text = files.line(place.file, number)
        if text is None:
            break
        shown.append(_cut(number, text, *_meant(place, number, last, text)))
    if shown and last >= place.line + MOST_LINES:
        shown.append(Line("", _MORE, "", ""))
    return shown


def _meant(place: Place, number: int, last: int, text: str) -> tuple[int, int]:
    """From where to where, counted from 0, a line is meant: a place without columns means all of it."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    if number == place.line and place.column is not None:
        start = min(place.column - 1, len(text))
        if last == place.line and place.end_column is None:
            end = start + 1  # only its beginning is known
    if number == last and place.end_column is not None:
        end = place.end_column - 1
    return start, min(max(end, start), len(text))


def _cut(number: int, text: str, start: int, end: int) -> Line:
    """A line with what is meant in it, cut where it is too long."""
    first = max(start - _BEFORE, 0) if len(text) > WIDEST else 0
    last = min(first + WIDEST, len(text))
    return Line(
        str(number),
        (_MORE if first else "") + _seen(text[first:start]),
        _seen(text[start : min(end, last)]),
        _seen(text[max(min(end, last), start) : last]) + (_MORE if last < len(text) else ""),
    )


def _seen(text: str) -> str:
    return "\t".join(map(printable, text.split("\t")))
