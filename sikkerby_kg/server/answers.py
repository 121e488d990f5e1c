"""The result of a query as people read it: a table with names for IRIs, a yes or no, or Turtle."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode, QuerySolution

from sikkerby_kg import terms
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import MODEL
from sikkerby_kg.results import Result
from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Show, Shown, host
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import readable
from sikkerby_kg.shown import PLACE, Column, columns_of
from sikkerby_kg.texts import has_text, text

ROWS = 500
"""Rows shown on a page; the page says so when there are more."""

CHARACTERS = 200_000
"""Characters of Turtle shown on a page."""

SOURCES = ("source", "passage")
_NUMBERS = (int, float)


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column; numbers stand to the right."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; an empty cell is None. ``count`` counts all rows, ``rest`` those that are not shown."""

    columns: Sequence[Heading]
    rows: Sequence[Sequence[Shown | None]]
    count: int

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


def answer_of(result: Result, total: int = 0) -> Answer:
    """The answer in a result, in the language of the page; of ``total`` rows, if these are not all."""
    lang = language()
    if result.form == "ASK":
        return Answer("ASK", text(f"web.{str(result.boolean).lower()}", lang).capitalize())
    if result.form == "CONSTRUCT":
        turtle = result.serialize("ttl", site().graph.prefixes).decode()
        return Answer(
            "CONSTRUCT", "", turtle=turtle[:CHARACTERS], cut=len(turtle) > CHARACTERS, count=len(result)
        )
    table = _Reader(result).table()
    table = replace(table, count=max(total, table.count))
    caption = text("web.row", lang) if table.count == 1 else text("web.rows", lang, count=table.count)
    return Answer("SELECT", caption, table=table, count=table.count)


def heading(variable: str) -> str:
    """A variable in words: the software's own, the label of a term of that name, or the name pulled apart.

    The same rule for every content; ``planStart`` is at worst *plan start*.
    """
    lang = language()
    if has_text(f"web.column.{variable}"):
        return text(f"web.column.{variable}", lang)
    for name in (variable, variable[:1].upper() + variable[1:]):
        term = site().terms.get(MODEL + name)
        if term:
            return site().graph.label(term.iri, lang)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", variable).lower()


class _Reader:
    """Turns solutions into cells; which variables make a column is decided by ``columns_of``."""

    def __init__(self, result: Result) -> None:
        self.variables = result.variables
        self.solutions = list(result.solutions())
        self.show = Show()

    def table(self) -> Table:
        shown = self.solutions[:ROWS]
        self.show.prefetch(term.value for row in shown for term in row if isinstance(term, NamedNode))
        columns = columns_of(self.variables, language())
        behind = {name for column in columns for name in self.sources(column)}
        columns = [column for column in columns if column.variable not in behind]
        return Table(
            columns=[Heading(self.heading(column), self.is_number(column)) for column in columns],
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

    def heading(self, column: Column) -> str:
        if not column.place:
            return heading(column.variable)
        prefix = re.sub("[sS]ection$", "", column.place[0])
        named = text("column.place", language())
        return f"{heading(prefix)}: {named}" if prefix else named

    def is_number(self, column: Column) -> bool:
        values = [terms.to_python(row[column.variable]) for row in self.solutions] if column.variable else []
        found = [value for value in values if value is not None]
        return bool(found) and all(type(value) in _NUMBERS for value in found)

    def cell(self, column: Column, row: QuerySolution) -> Shown | None:
        if column.place:
            return self.place(column, row)
        term = row[column.variable]
        if isinstance(term, NamedNode):
            label = row[column.label] if column.label else None
            return self.iri(
                term.value, Label(label.value, label.language or "") if isinstance(label, Literal) else None
            )
        return None if term is None else self.show.term(term)

    def iri(self, iri: str, label: Label | None = None) -> Shown:
        """An IRI; the address of a page elsewhere is too long for a cell, so its host stands for it."""
        shown = self.show.iri(iri, label)
        return replace(shown, text=host(iri)) if shown.outside and shown.text == readable(iri) else shown

    def place(self, column: Column, row: QuerySolution) -> Shown | None:
        """A place in words with its key phrase, leading to the passage if the row has it."""
        found = [row[name] for name in self.sources(column)]
        source = next((term.value for term in found if isinstance(term, NamedNode)), "")
        said, note = [], None
        for name in column.place:
            kind = next(part for part in PLACE if name.lower().endswith(part.lower()))
            term = row[name]
            if not isinstance(term, Literal):
                continue
            if kind == PLACE[-1]:
                note = self.show.literal(term)
            else:
                said.append(text(f"place.{kind}", language(), number=term.value))
        if not said:
            return self.iri(source) if source else note
        return Shown(", ".join(said), href=self.show.iri(source).href if source else "", note=note)
