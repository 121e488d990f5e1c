"""The result of a query as people read it: a table with names for IRIs, a yes or no, or Turtle."""

import re
from collections.abc import Iterable, Sequence
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
from sikkerby_kg.sources import Passage
from sikkerby_kg.texts import has_text, text

ROWS = 500
"""Rows shown on a page; the page says so when there are more."""

CHARACTERS = 200_000
"""Characters of Turtle shown on a page."""

LABEL = "Label"
PLACE = ("Section", "Paragraph", "Sentence")
PHRASE = "KeyPhrase"
SOURCES = ("Source", "Passage")
_NUMBERS = (int, float)


@dataclass(frozen=True, slots=True)
class Column:
    """The heading of a column; numbers stand to the right."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; an empty cell is None. ``count`` counts all rows, ``rest`` those that are not shown."""

    columns: Sequence[Column]
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


def answer_of(result: Result) -> Answer:
    """The answer in a result, in the language of the page."""
    lang = language()
    if result.form == "ASK":
        return Answer("ASK", text(f"web.{str(result.boolean).lower()}", lang).capitalize())
    if result.form == "CONSTRUCT":
        turtle = result.serialize("ttl", site().graph.prefixes).decode()
        return Answer(
            "CONSTRUCT", "", turtle=turtle[:CHARACTERS], cut=len(turtle) > CHARACTERS, count=len(result)
        )
    table = _Reader(result).table()
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
    """Turns solutions into cells. Columns that belong together become one.

    ``x`` and ``xLabel`` are one link; ``section``, ``paragraph``, ``sentence``, ``keyPhrase`` are one place.
    """

    def __init__(self, result: Result) -> None:
        self.variables = result.variables
        self.solutions = list(result.solutions())
        self.show = Show()
        self.places = dict(self._places())
        self.hidden = {name for parts in self.places.values() for name in parts[1:]}
        self.hidden |= {_joined(prefix, part) for prefix in self.places for part in SOURCES}
        self.hidden |= {name + LABEL for name in self.variables}

    def table(self) -> Table:
        shown = self.solutions[:ROWS]
        self.show.prefetch(term.value for row in shown for term in row if isinstance(term, NamedNode))
        names = [name for name in self.variables if name not in self.hidden]
        starts = {parts[0]: prefix for prefix, parts in self.places.items()}
        rows = [
            [self.place(starts[name], row) if name in starts else self.cell(name, row) for name in names]
            for row in shown
        ]
        columns = [
            Column(
                self.place_heading(starts[name]) if name in starts else heading(name), self.is_number(name)
            )
            for name in names
        ]
        return Table(columns, rows, len(self.solutions))

    def _places(self) -> Iterable[tuple[str, list[str]]]:
        """Prefix → the columns that say a place, such as buildsSection, buildsParagraph, buildsSentence."""
        for name in self.variables:
            match = re.fullmatch(r"(.*?)[sS]ection", name)
            if match is None:
                continue
            parts = [_joined(match[1], part) for part in (*PLACE, PHRASE)]
            if all(part in self.variables for part in parts[:3]):
                yield match[1], [part for part in parts if part in self.variables]

    def cell(self, name: str, row: QuerySolution) -> Shown | None:
        term = row[name]
        if term is None:
            return None
        label = row[name + LABEL] if name + LABEL in self.variables else None
        if isinstance(term, NamedNode):
            named = Label(label.value, label.language or "") if isinstance(label, Literal) else None
            return self.iri(term.value, named)
        return self.show.term(term)

    def iri(self, iri: str, label: Label | None = None) -> Shown:
        """An IRI; the address of a page elsewhere is too long for a cell, so its host stands for it."""
        shown = self.show.iri(iri, label)
        return replace(shown, text=host(iri)) if shown.outside and shown.text == readable(iri) else shown

    def place(self, prefix: str, row: QuerySolution) -> Shown | None:
        """The place of a passage in words with its key phrase, leading to the passage if the row has it."""
        lang = language()
        values = [terms.to_python(row[_joined(prefix, part)]) for part in PLACE]
        iri = self.source(prefix, row)
        if all(value is None for value in values):
            return self.iri(iri) if iri else None
        passage = Passage(iri, section_number=values[0], paragraph=values[1], sentence=values[2])
        is_whole = iri or passage.paragraph is not None
        said = passage.words(lang) if is_whole else text("place.section", lang, number=values[0])
        name = _joined(prefix, PHRASE)
        phrase = row[name] if name in self.variables else None
        note = self.show.literal(phrase) if isinstance(phrase, Literal) else None
        return Shown(said, href=self.show.iri(iri).href if iri else "", note=note)

    def source(self, prefix: str, row: QuerySolution) -> str:
        """The IRI in a column source or passage that goes with a place; empty if there is none."""
        for name in (_joined(prefix, part) for part in SOURCES):
            term = row[name] if name in self.variables else None
            if isinstance(term, NamedNode):
                return term.value
        return ""

    def place_heading(self, prefix: str) -> str:
        named = text("web.column.place.in_source", language())
        return f"{heading(prefix)}: {named}" if prefix else named

    def is_number(self, name: str) -> bool:
        values = [terms.to_python(row[name]) for row in self.solutions if row[name] is not None]
        return bool(values) and all(type(value) in _NUMBERS for value in values) and name not in self.hidden


def _joined(prefix: str, part: str) -> str:
    return prefix + part if prefix else part[:1].lower() + part[1:]
