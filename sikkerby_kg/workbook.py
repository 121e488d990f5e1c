"""A result as an Excel workbook (ISO/IEC 29500): one sheet with the answer, one with where it comes from.

Columns have headings in words, and dates, numbers and truth values are cells of their types. Every text is
written as a text, so that none of them is ever a formula; one that looks like a formula is marked as text,
too, so that it stays one when somebody edits it. The same result gives the same bytes.
"""

import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from pyoxigraph import Literal, NamedNode, QuerySolution
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from sikkerby_kg import terms
from sikkerby_kg.citations import Citation
from sikkerby_kg.labels import Labels
from sikkerby_kg.results import Result
from sikkerby_kg.shown import Column, columns_of, heading_of, is_made_up, place_of
from sikkerby_kg.tables import display_width
from sikkerby_kg.texts import text

MOST_ROWS = 1_048_575
"""Rows below the heading of a sheet; what exceeds them is cut off, and the second sheet says so."""

MOST_CHARACTERS = 32_767
"""Characters of a cell; a longer text is cut off and ends with an ellipsis."""

_ELLIPSIS = "…"
_FORMULA = re.compile(r"[=+\-@\t\r]")
_FORBIDDEN = re.compile("[\ufffe\uffff]")  # no document of XML 1.0 has these (§2.2); it can escape others
_FIRST_DAY = dt.date(1900, 3, 1)  # Excel takes 1900 for a leap year
_DIGITS = 15  # of a number, all that Excel keeps
_NARROW, _WIDE = 9, 60
_MEASURED = 500
_MADE = dt.datetime(1980, 1, 1)  # noqa: DTZ001  (a time in the file that says nothing)
Cell = dt.date | dt.datetime | float | bool | str | None


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of the sheet: its heading, and the part of the answer that it shows."""

    heading: str
    column: Column
    shows: str  # value, place, phrase or iri


def as_workbook(result: Result, labels: Labels, lang: str, citation: Citation) -> bytes:
    """The solutions, or the truth value, as a workbook in a language.

    IRIs stand behind the names of what they mean, in columns of their own at the end.
    """
    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        made = dt.datetime.combine(citation.day, dt.time()) if citation.day else _MADE
        names = {"title": _fitting(citation.question)[:255], "subject": citation.dataset[:255]}
        book.set_properties({**names, "created": made})
        _Writer(book, labels, lang, citation).write(result)
    return file.getvalue()


class _Writer:
    """Writes both sheets of a workbook."""

    def __init__(self, book: Any, labels: Labels, lang: str, citation: Citation) -> None:
        self.labels = labels
        self.lang = lang
        self.citation = citation
        top = {"valign": "top"}
        self.book = book
        self.text: Format = book.add_format({**top, "text_wrap": True, "num_format": "@"})
        self.marked: Format = book.add_format(
            {**top, "text_wrap": True, "num_format": "@", "quote_prefix": True}
        )
        self.plain: Format = book.add_format(top)
        self.day: Format = book.add_format({**top, "num_format": "yyyy-mm-dd", "align": "left"})
        self.time: Format = book.add_format({**top, "num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
        self.code: Format = book.add_format(
            {"font_name": "Consolas", "num_format": "@", "quote_prefix": True}
        )
        self.head: Format = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, **top})

    def write(self, result: Result) -> None:
        """Write the answer, then its source."""
        answer = self.book.add_worksheet(text("workbook.answer", self.lang))
        source = self.book.add_worksheet(text("workbook.source", self.lang))
        if result.form == "ASK":
            self.table(answer, [text("workbook.answer", self.lang)], [[result.boolean]])
            self.source(source, (), 1, 1)
            return
        solutions = list(result.solutions())
        shown = solutions[:MOST_ROWS]
        self.labels.prefetch(term.value for row in shown for term in row if isinstance(term, NamedNode))
        fields = self.fields(result.variables, shown)
        rows = [[self.value(field, row) for field in fields] for row in shown]
        self.table(answer, [field.heading for field in fields], rows)
        self.source(source, fields, len(solutions), len(shown))

    def fields(self, variables: Sequence[str], rows: Sequence[QuerySolution]) -> list[_Field]:
        """The columns of the sheet: what people read first, then the IRIs."""
        found, iris = [], []
        for column in columns_of(variables, self.lang):
            heading = heading_of(column, self.labels, self.lang)
            if column.place:
                found.append(_Field(heading, column, "place"))
                if column.place[-1].lower().endswith("keyphrase"):
                    phrase = text("workbook.phrase", self.lang, heading=heading)
                    found.append(_Field(phrase, column, "phrase"))
                continue
            found.append(_Field(heading, column, "value"))
            if any(isinstance(row[column.variable], NamedNode) for row in rows):
                iris.append(_Field(text("workbook.iri", self.lang, heading=heading), column, "iri"))
        return [*found, *iris]

    def value(self, field: _Field, row: QuerySolution) -> Cell:
        """What a cell holds."""
        column = field.column
        if column.place:
            place, phrase = place_of(row, column, self.lang)
            return (place if field.shows == "place" else phrase) or None
        term = row[column.variable]
        if field.shows == "iri":
            return term.value if isinstance(term, NamedNode) else None
        if isinstance(term, NamedNode):
            label = row[column.label] if column.label else None
            if isinstance(label, Literal) and not is_made_up(term.value, label):
                return label.value
            return self.labels.of(term.value, self.lang).text
        if isinstance(term, Literal):
            return cell_of(term)
        return None if term is None else "[…]"

    def table(self, sheet: Worksheet, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """A heading that stays in view and filters, and rows below it."""
        for index, heading in enumerate(headings):
            sheet.write_string(0, index, _fitting(heading), self.head)
            cells = (row[index] for row in rows[:_MEASURED])
            sheet.set_column(index, index, _width(heading, cells))
        for number, row in enumerate(rows, 1):
            for index, cell in enumerate(row):
                self.put(sheet, number, index, cell)
        sheet.freeze_panes(1, 0)
        if headings:
            sheet.autofilter(0, 0, len(rows), len(headings) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def source(self, sheet: Worksheet, fields: Sequence[_Field], count: int, shown: int) -> None:
        """Name and value of what is known of the answer, then what the columns mean."""
        cited = self.citation
        rows: list[tuple[str, Cell]] = [
            (self.named("question"), cited.question),
            (self.named("description"), cited.description),
            *((value.name, value.text) for value in cited.values),
            (self.named("rows"), count),
            (self.named("cut"), shown if shown < count else None),
            (self.named("empty"), cited.empty if not count else ""),
            (self.named("dataset"), cited.dataset),
            (self.named("version"), cited.version),
            (self.named("day"), cited.day),
            (self.named("license"), cited.license),
            (self.named("url"), cited.url),
        ]
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 3, 45)
        number = 0
        for name, cell in rows:
            if cell not in (None, ""):
                sheet.write_string(number, 0, _fitting(name), self.head)
                self.put(sheet, number, 1, cell)
                number += 1
        number += 1
        meant = [(field, cited.meanings.get(_variable(field), "")) for field in fields]
        for index, name in enumerate(("column", "variable", "meaning") if meant else ()):
            sheet.write_string(number, index, self.named(name), self.head)
        for row, (field, meaning) in enumerate(meant, number + 1):
            for index, words in enumerate((field.heading, _variable(field), meaning)):
                self.put(sheet, row, index, words)
        number += len(meant) + 2 * bool(meant)
        lines = cited.sparql.splitlines()
        for row, line in enumerate((self.named("sparql"), *lines) if lines else (), number):
            sheet.write_string(row, 0, _fitting(line), self.code if row > number else self.head)

    def named(self, key: str) -> str:
        return text(f"workbook.{key}", self.lang)

    def put(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        """Write a cell by its type."""
        match cell:
            case None | "":
                return
            case bool():
                sheet.write_boolean(row, column, cell, self.plain)
            case dt.datetime():
                sheet.write_datetime(row, column, cell, self.time)
            case dt.date():
                sheet.write_datetime(row, column, cell, self.day)
            case int() | float():
                sheet.write_number(row, column, cell, self.plain)
            case _:
                words = _fitting(cell)
                sheet.write_string(row, column, words, self.marked if _FORMULA.match(words) else self.text)


def cell_of(literal: Literal) -> Cell:
    """A literal as a cell: of its type where Excel can hold it exactly, else its text.

    >>> from sikkerby_kg.namespaces import XSD
    >>> cell_of(Literal("1901-01-01", datatype=NamedNode(XSD.date))), cell_of(Literal("=1+1"))
    (datetime.date(1901, 1, 1), '=1+1')
    >>> cell_of(Literal("12345678901234567", datatype=NamedNode(XSD.integer)))
    '12345678901234567'
    """
    match terms.to_python(literal):
        case bool() as truth:
            return truth
        case dt.datetime() as time if time.tzinfo is None and time.date() >= _FIRST_DAY:
            return time
        case dt.date() as day if type(day) is dt.date and day >= _FIRST_DAY:
            return day
        case int() | Decimal() | float() as number if _is_exact(number):
            return float(number) if isinstance(number, Decimal) else number
        case _:
            return literal.value


def _is_exact(number: float | Decimal) -> bool:
    """Whether Excel keeps a number as it is."""
    if isinstance(number, float):
        return number - number == 0  # neither NaN nor infinite
    digits = Decimal(number).as_tuple()
    return len(str(int("".join(map(str, digits.digits)) or "0")).rstrip("0")) <= _DIGITS


def _variable(field: _Field) -> str:
    if not field.column.place:
        return field.column.variable
    names = field.column.place
    phrase = [name for name in names if name.lower().endswith("keyphrase")]
    return ", ".join(phrase if field.shows == "phrase" else [name for name in names if name not in phrase])


def _fitting(words: str) -> str:
    """A text that a cell can hold."""
    words = _FORBIDDEN.sub("\ufffd", words)
    return words if len(words) <= MOST_CHARACTERS else words[: MOST_CHARACTERS - 1] + _ELLIPSIS


def _width(heading: str, cells: Iterable[Cell]) -> int:
    """How wide a column is: as its widest line, within bounds."""
    lines = [line for cell in (heading, *cells) for line in str("" if cell is None else cell).split("\n")]
    widest = max(display_width(line[:_WIDE]) for line in lines) + 2
    return min(max(widest, _NARROW), _WIDE)
