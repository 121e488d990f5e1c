"""Rows of text as a table for a terminal or for Markdown; what does not fit is wrapped, never cut off."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

GAP = "  "
_NARROWEST = 6
_WIDEST_WORD = 24
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
# Control characters, and marks that change the direction of the text after them.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Row = Sequence[str]


def printable(text: str) -> str:
    r"""A text that cannot control a terminal: control characters are shown as escapes.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def display_width(text: str) -> int:
    """How many columns of a terminal a text takes.

    >>> display_width("Yderskær"), display_width("e\u0301"), display_width("島")
    (8, 1, 2)
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def table(headers: Row, rows: Sequence[Row], width: int | None = None) -> str:
    """A table with a line under its headers; a cell may have several lines.

    With a width, cells are wrapped to fit; where that would make columns too narrow to read, each row becomes
    a block of lines. Without one, every row is one line.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    if width is None:
        cells = [[" ".join(cell.split("\n")) for cell in row] for row in cells]
    natural = [max(_longest_line(row[i]) for row in (headers, *cells)) for i in range(len(headers))]
    widths = natural if width is None else _fitted(headers, cells, natural, width)
    if widths is None:
        return _blocks(headers, cells, width or 0)
    right = [
        bool(cells) and all(_NUMBER.fullmatch(row[i]) or not row[i] for row in cells)
        for i in range(len(headers))
    ]
    lines = [*_lines(headers, widths, right), GAP.join("─" * each for each in widths)]
    wrapped = [_lines(row, widths, right) for row in cells]
    spaced = any(len(row) > 1 for row in wrapped)
    for number, row in enumerate(wrapped):
        lines += ["", *row] if spaced and number else row
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _longest_line(cell: str) -> int:
    return max(display_width(line) for line in cell.split("\n"))


def _fitted(headers: Row, rows: Sequence[Row], natural: list[int], width: int) -> list[int] | None:
    """The widths of columns in a terminal: the widest give way first; None if words would not fit."""
    room = width - len(GAP) * (len(headers) - 1)
    least = [
        min(natural[i], max(_NARROWEST, *(_longest_word(row[i]) for row in (headers, *rows))))
        for i in range(len(headers))
    ]
    if sum(least) > room:
        return None
    widths = list(natural)
    while sum(widths) > room:
        widest = max((i for i in range(len(widths)) if widths[i] > least[i]), key=lambda i: widths[i])
        widths[widest] -= 1
    return widths


def _longest_word(cell: str) -> int:
    return min(_WIDEST_WORD, max((display_width(word) for word in cell.split()), default=0))


def _lines(row: Row, widths: Sequence[int], right: Sequence[bool]) -> list[str]:
    """The lines of one row."""
    columns = [_wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
    return [
        GAP.join(
            " " * (width - display_width(part)) + part
            if to_right
            else part + " " * (width - display_width(part))
            for part, width, to_right in zip(parts, widths, right, strict=True)
        )
        for parts in zip_longest(*columns, fillvalue="")
    ]


def _wrap(cell: str, width: int) -> list[str]:
    return [part for line in cell.split("\n") for part in _wrap_line(line, width)]


def _wrap_line(line: str, width: int) -> list[str]:
    """The parts of a line, broken between words; a word too long for a line is broken where it must be."""
    parts = [""]
    for word in line.split():
        if parts[-1] and display_width(f"{parts[-1]} {word}") <= width:
            parts[-1] += f" {word}"
            continue
        for letter in (" " * bool(parts[-1])) + word:
            if letter == " " or display_width(parts[-1] + letter) > width:
                parts.append("")
            parts[-1] += letter.strip()
    return parts


def _blocks(headers: Row, rows: Sequence[Row], width: int) -> str:
    """Each row as a block: a line per column, its name in front."""
    name_width = max(display_width(name) for name in headers)
    room = max(width - name_width - len(GAP), 2 * _NARROWEST)
    lines = []
    for number, row in enumerate(rows, 1):
        lines.append(f"── {number} ".ljust(width, "─"))
        for name, cell in zip(headers, row, strict=True):
            parts = _wrap(cell or "–", room)
            lines.append(name.ljust(name_width) + GAP + parts[0])
            lines += [" " * name_width + GAP + part for part in parts[1:]]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def markdown(headers: Row, rows: Sequence[Row]) -> str:
    """A table in GitHub-flavoured Markdown; the cells are Markdown already, save for ``|`` and line ends."""

    def line(cells: Row) -> str:
        escaped = (printable(cell).replace("|", "\\|").replace("\n", "<br>") for cell in cells)
        return "| " + " | ".join(escaped) + " |"

    return "\n".join([line(headers), line(["---"] * len(headers)), *map(line, rows)]) + "\n"


def markdown_text(text: str) -> str:
    r"""A text as Markdown that shows exactly this text.

    >>> markdown_text("a *b* <c>")
    'a \\*b\\* \\<c\\>'
    """
    return re.sub(r"([\\`*_\[\]<>~])", r"\\\1", text)
