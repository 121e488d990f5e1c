"""The result of a query as people read it: a table with names for IRIs, a yes or no, or Turtle."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode, QuerySolution

from sikkerby_kg import terms
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import SIK
from sikkerby_kg.results import Result
from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Show, Shown, host
from sikkerby_kg.server.site import site
from sikkerby_kg.server.sorting import Order, name_of
from sikkerby_kg.server.urls import readable
from sikkerby_kg.shown import PLACE, Column, columns_of, heading, heading_of, is_made_up, value_text
from sikkerby_kg.texts import text
from sikkerby_kg.written import period_text

ROWS = 500
"""Rows shown on a page; the page says so when there are more."""

LONG = 12
"""Rows that are seen at once."""

COLUMNS = 8
"""Columns that are seen beside each other on a wide screen."""

NO_BREAK = "\u00a0"
"""A blank that keeps the day and the month on one line."""

CHARACTERS = 200_000
"""Characters of Turtle shown on a page."""

_AFTER_DAY = re.compile(r"(?<=[0-9]) (?=[^\W\d])|(?<=[0-9]\.) ")
"""The blank between a day and its month."""

SOURCES = ("source", "passage")
_NUMBERS = (int, float, Decimal)

_PASSAGES = f"""SELECT DISTINCT ?passage ?paragraph ?sentence WHERE {{{{
  VALUES ?paragraph {{{{ {{paragraphs}} }}}}
  ?passage <{SIK.paragraphNumber}> ?paragraph .
  OPTIONAL {{{{ ?passage <{SIK.sentenceNumber}> ?sentence }}}}
}}}}"""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column; numbers stand to the right.

    ``href`` is this page ordered by the column, or the other way round if it already is; ``order`` is then
    ascending or descending.
    """

    text: str
    number: bool = False
    href: str = ""
    order: OneOf["", "ascending", "descending"] = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; an empty cell is None. ``count`` counts all rows, ``rest`` those that are not shown.

    ``first`` is the number of the first row that is shown.
    """

    columns: Sequence[Heading]
    rows: Sequence[Sequence[Shown | None]]
    count: int
    first: int = 1

    @property
    def has_gaps(self) -> bool:
        """Whether any cell is empty."""
        return any(cell is None for row in self.rows for cell in row)

    @property
    def is_long(self) -> bool:
        """Whether it is so long that its headings should stay in view."""
        return len(self.rows) > LONG

    @property
    def rest(self) -> int:
        """How many rows are not shown."""
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: a table (SELECT), a sentence (ASK), or Turtle (CONSTRUCT and DESCRIBE)."""

    form: OneOf["SELECT", "ASK", "CONSTRUCT"]
    caption: str
    table: Table | None = None
    turtle: str = ""
    cut: bool = False
    count: int = 0


def answer_of(result: Result, total: int = 0, offset: int = 0, order: Order | None = None) -> Answer:
    """The answer in a result, in the language of the page.

    ``total`` and ``offset`` say which rows these are, if they are not all; with an ``order``, the headings
    lead to other orders.
    """
    lang = language()
    if result.form == "ASK":
        return Answer("ASK", text(f"web.{str(result.boolean).lower()}", lang).capitalize())
    if result.form == "CONSTRUCT":
        turtle = result.serialize("ttl", site().graph.prefixes).decode()
        return Answer(
            "CONSTRUCT", "", turtle=turtle[:CHARACTERS], cut=len(turtle) > CHARACTERS, count=len(result)
        )
    table = _Reader(result, order).table()
    table = replace(table, count=max(total, table.count), first=offset + 1)
    return Answer("SELECT", _caption(table, lang), table=table, count=table.count)


def _caption(table: Table, lang: str) -> str:
    """How many rows there are, and which of them are shown."""
    if table.count == 1:
        return text("web.row", lang)
    last = table.first + len(table.rows) - 1
    if table.rows and last - table.first + 1 < table.count:
        return text("web.rows_shown", lang, first=table.first, last=last, count=table.count)
    return text("web.rows", lang, count=table.count)


class _Reader:
    """Turns solutions into cells; which variables make a column is decided by ``columns_of``."""

    def __init__(self, result: Result, order: Order | None) -> None:
        self.order = order
        self.variables = result.variables
        self.solutions = list(result.solutions())
        self.show = Show()
        self.iris: dict[tuple[str, Label | None], Shown] = {}
        self.passages: dict[tuple[str, str], set[str]] = {}
        self.ends: dict[str, str] = {}

    def table(self) -> Table:
        shown = self.solutions[:ROWS]
        self.show.prefetch(term.value for row in shown for term in row if isinstance(term, NamedNode))
        columns = columns_of(self.variables, language())
        behind = {name for column in columns for name in self.sources(column)}
        columns = [column for column in columns if column.variable not in behind]
        self.ends = self.periods(columns)
        columns = [column for column in columns if column.variable not in self.ends.values()]
        self.passages = _passages(
            term
            for column in columns
            for name in column.place
            if name.lower().endswith("paragraph") and not self.sources(column)
            for row in shown
            if isinstance(term := row[name], Literal)
        )
        return Table(
            columns=[self.heading(column) for column in columns],
            rows=[[self.cell(column, row) for column in columns] for row in shown],
            count=len(self.solutions),
        )

    def sources(self, column: Column) -> list[str]:
        """The variables that hold the IRI of the passage or page that a place belongs to."""
        if not column.place:
            return []
        prefix = re.sub("[sS]ection$", "", column.place[0])
        names = [prefix + name.capitalize() if prefix else name for name in SOURCES]
        return [name for name in names if name in self.variables]

    def periods(self, columns: Sequence[Column]) -> dict[str, str]:
        """Variable of a first day → that of the last day beside it: one column shows both, as a period.

        Only in a table with so many columns that they would not all be seen.
        """
        if len(columns) <= COLUMNS:
            return {}
        names = [column.variable for column in columns]
        found = {}
        for first, last in pairwise(names):
            prefix = re.sub("[sS]tart$", "", first)
            is_pair = first != prefix and last == (f"{prefix}End" if prefix else "end")
            if is_pair and all(self.is_day(row[name]) for row in self.solutions for name in (first, last)):
                found[first] = last
        return found

    def is_day(self, term: terms.Term | None) -> bool:
        """Whether a cell is a day, or empty."""
        return term is None or (isinstance(term, Literal) and type(terms.to_python(term)) is date)

    def heading(self, column: Column) -> Heading:
        if column.variable in self.ends:
            name = re.sub("tart$", "", column.variable)  # what is left of start or Start is a letter
            period = name[:-1] + ("Period" if name[:-1] else "period")
            found = Heading(heading(period, site().graph.labels, language()))
        else:
            found = Heading(heading_of(column, site().graph.labels, language()))
        if column.variable:
            literals = [row[column.variable] for row in self.solutions]
            literals = [term for term in literals if term is not None]
            is_number = bool(literals) and all(type(terms.to_python(term)) in _NUMBERS for term in literals)
            found = replace(found, number=is_number)
        if self.order is None:
            return found
        name = name_of(column)
        is_here = name == self.order.name
        return replace(
            found,
            href=self.order.href(name),
            order=("descending" if self.order.is_descending else "ascending") if is_here else "",
        )

    def cell(self, column: Column, row: QuerySolution) -> Shown | None:
        if column.place:
            return self.place(column, row)
        if column.variable in self.ends:
            return self.period(row[column.variable], row[self.ends[column.variable]])
        term = row[column.variable]
        if isinstance(term, NamedNode):
            label = row[column.label] if column.label else None
            if not isinstance(label, Literal) or is_made_up(term.value, label):
                return self.iri(term.value)
            return self.iri(term.value, Label(label.value, label.language or ""))
        if isinstance(term, Literal) and (written := value_text(term, language())):
            return Shown(written.replace(" ", NO_BREAK, 1))
        return None if term is None else self.show.term(term)

    def period(self, first: terms.Term | None, last: terms.Term | None) -> Shown | None:
        """Two days as one period; None if there is neither."""
        start, end = (terms.to_python(day) if day else None for day in (first, last))
        said = period_text(start, end, "", language())
        return Shown(_AFTER_DAY.sub(NO_BREAK, said)) if said else None

    def iri(self, iri: str, label: Label | None = None) -> Shown:
        """An IRI; the address of a page elsewhere is too long for a cell, so its host stands for it."""
        if (iri, label) not in self.iris:  # the same ones stand in many rows
            shown = self.show.iri(iri, label)
            is_bare = shown.outside and shown.text == readable(iri)
            self.iris[iri, label] = replace(shown, text=host(iri)) if is_bare else shown
        return self.iris[iri, label]

    def place(self, column: Column, row: QuerySolution) -> Shown | None:
        """A place in words with its key phrase, leading to the passage if the row or the graph knows it."""
        found = [row[name] for name in self.sources(column)]
        source = next((term.value for term in found if isinstance(term, NamedNode)), "")
        numbers: dict[str, str] = {}
        note = None
        for name in column.place:
            kind = next(part for part in PLACE if name.lower().endswith(part.lower()))
            term = row[name]
            if not isinstance(term, Literal):
                continue
            if kind == PLACE[-1]:
                note = self.show.literal(term)
            else:
                numbers[kind] = term.value
        if not numbers:
            return self.iri(source) if source else note
        if not source:
            here = self.passages.get((numbers.get("paragraph", ""), numbers.get("sentence", "")), set())
            source = next(iter(here)) if len(here) == 1 else ""
        said = ", ".join(text(f"place.{kind}", language(), number=each) for kind, each in numbers.items())
        return Shown(said, href=self.iri(source).href if source else "", note=note)


def _passages(paragraphs: Iterable[Literal]) -> dict[tuple[str, str], set[str]]:
    """Number of a paragraph, and of a sentence in it or nothing → the passages that have them."""
    found: dict[tuple[str, str], set[str]] = {}
    if numbers := " ".join(sorted(set(map(str, paragraphs)))):
        for row in site().graph.store.evaluate(_PASSAGES.format(paragraphs=numbers)).solutions():
            paragraph, sentence = (getattr(row[name], "value", "") for name in ("paragraph", "sentence"))
            if isinstance(passage := row["passage"], NamedNode):
                found.setdefault((paragraph, sentence), set()).add(passage.value)
    return found
