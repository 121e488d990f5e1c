"""Empty sheets to fill in, as CSV or as an Excel workbook. No text in them is ever a formula."""

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from sikkerby_kg.authoring.columns import Column, columns, sheet_name
from sikkerby_kg.authoring.drafting import Maker
from sikkerby_kg.authoring.kinds import Kind, Level
from sikkerby_kg.authoring.rows import letters
from sikkerby_kg.namespaces import XSD
from sikkerby_kg.texts import text

_FORMULA = re.compile(r"[=+\-@\t\r]")
_ROWS = 1_000
_SOME = 12
_MADE = dt.datetime(1980, 1, 1)  # noqa: DTZ001  (a time in the file that says nothing)


def _marked(column: Column) -> str:
    return f"{column.header} *" if column.level is Level.REQUIRED else column.header


def as_csv(maker: Maker, kind: Kind) -> bytes:
    """A template as CSV: UTF-8 with a byte order mark and semicolons, so that Excel opens it as it is.

    The second row, which begins with ``#``, explains each column and says what the rows are.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    found = columns(maker, kind, maker.lang)
    writer.writerow([_harmless(_marked(column)) for column in found])
    said = [_told(column) for column in found]
    writer.writerow([f"# {kind.name}: {said[0]}", *(_harmless(words) for words in said[1:])])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _told(column: Column) -> str:
    parts = [column.need, column.type]
    parts += [f"({', '.join(column.choices[:_SOME])}{' …' if len(column.choices) > _SOME else ''})"] * bool(
        column.choices
    )
    return "; ".join(parts) + (f". {column.example}" if column.example and not column.choices else "")


def _harmless(words: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{words}" if _FORMULA.match(words) else words


def as_xlsx(maker: Maker, kinds: Sequence[Kind]) -> bytes:
    """A template as a workbook: a sheet for each kind, one that explains, one with the choices."""
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties(
            {"title": ", ".join(kind.called(maker.lang) for kind in kinds)[:255], "created": _MADE}
        )
        _Writer(book, maker).write(kinds)
    return file.getvalue()


class _Writer:
    """Writes the sheets of a workbook."""

    def __init__(self, book: Any, maker: Maker) -> None:
        self.book, self.maker, self.lang = book, maker, maker.lang
        base = {"valign": "top", "text_wrap": True}
        self.head = book.add_format({**base, "bold": True, "bottom": 1})
        self.need = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#FFF2CC"})
        self.text = book.add_format({"num_format": "@"})
        self.words = book.add_format({**base, "num_format": "@"})
        self.marked = book.add_format({**base, "num_format": "@", "quote_prefix": True})
        self.lists: dict[tuple[str, ...], str] = {}

    def write(self, kinds: Sequence[Kind]) -> None:
        """Write the sheets to fill in, then the explanation and the lists."""
        sheets = [(kind, self.book.add_worksheet(sheet_name(kind, self.lang))) for kind in kinds]
        explained = self.book.add_worksheet(text("authoring.sheet.help", self.lang))
        lists = self.book.add_worksheet(text("authoring.sheet.lists", self.lang))
        row = 0
        for kind, sheet in sheets:
            found = columns(self.maker, kind, self.lang)
            self.fill(sheet, lists, found)
            row = self.explain(explained, kind, found, row)
        explained.set_column(0, 1, 26)
        explained.set_column(2, 5, 44)
        explained.freeze_panes(1, 0)
        lists.freeze_panes(1, 0)

    def fill(self, sheet: Any, lists: Any, found: Sequence[Column]) -> None:
        """Headings that stay in view, and cells that offer their choices."""
        for place, column in enumerate(found):
            is_needed = column.level is Level.REQUIRED
            sheet.write_string(0, place, _marked(column), self.need if is_needed else self.head)
            is_number = column.field is not None and column.field.datatype in (XSD.integer, XSD.decimal)
            width = min(max(len(column.header) + 4, 16), 40)
            sheet.set_column(place, place, width, None if is_number else self.text)
            offered = column.choices
            if column.field is not None and column.field.datatype == XSD.boolean:
                offered = tuple(text(f"value.{name}", self.lang) for name in ("true", "false"))
            if offered:
                rule = {
                    "validate": "list",
                    "source": self.listed(lists, offered, column.header),
                    "error_type": "stop" if column.is_single else "information",
                    "input_title": column.header[:32],
                    "input_message": column.need[:255],
                }
                sheet.data_validation(1, place, _ROWS, place, rule)
        sheet.freeze_panes(1, 0)

    def listed(self, lists: Any, offered: tuple[str, ...], header: str) -> str:
        """The range of a list of choices, which is written once."""
        if offered not in self.lists:
            place = len(self.lists)
            lists.write_string(0, place, header, self.head)
            lists.set_column(place, place, 36)
            for row, label in enumerate(offered, 1):
                self.put(lists, row, place, label)
            letter, title = letters(place + 1), text("authoring.sheet.lists", self.lang)
            self.lists[offered] = f"='{title}'!${letter}$2:${letter}${len(offered) + 1}"
        return self.lists[offered]

    def explain(self, sheet: Any, kind: Kind, found: Sequence[Column], row: int) -> int:
        """What each column of a kind is for; the row after the last."""
        names = ("column", "need", "type", "choices", "example", "why")
        for place, name in enumerate(names):
            said = text(f"authoring.help.{name}", self.lang)
            sheet.write_string(
                row, place, f"{kind.called(self.lang)}: {said}" if place == 0 else said, self.head
            )
        for number, column in enumerate(found, row + 1):
            cells = (column.header, column.need, column.type, self.some(column), column.example, column.why)
            for place, words in enumerate(cells):
                if words:
                    self.put(sheet, number, place, words)
        return row + len(found) + 2

    def some(self, column: Column) -> str:
        shown = ", ".join(column.choices[:_SOME])
        more = len(column.choices) - _SOME
        return text("authoring.choices.more", self.lang, some=shown, count=more) if more > 0 else shown

    def put(self, sheet: Any, row: int, place: int, words: str) -> None:
        sheet.write_string(row, place, words[:32_767], self.marked if _FORMULA.match(words) else self.words)
