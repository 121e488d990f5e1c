"""Filled sheets to drafts: all of their cells are right, or every wrong one is named and nothing is made."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import NamedNode, Quad

from sikkerby_kg.authoring.columns import BETWEEN, ID, SOURCE, Column, matching, sheet_name
from sikkerby_kg.authoring.content import Content
from sikkerby_kg.authoring.drafting import Draft, Given, Maker, MishapsError, Whereabouts
from sikkerby_kg.authoring.kinds import Kind, Kinds
from sikkerby_kg.authoring.minting import mint
from sikkerby_kg.authoring.rows import Cell, Sheet, read_sheets
from sikkerby_kg.authoring.values import Others
from sikkerby_kg.errors import EntriesError, EntryError, SikkerbyError
from sikkerby_kg.folding import fold
from sikkerby_kg.terms import to_python
from sikkerby_kg.texts import LANGUAGES, text

_NUMBERED = re.compile(r"[\W_\d]+$")  # plan-2, plan (1), plan_2027
_SHOWN = 3
_MOST_PROBLEMS = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """What the rows of a file come to: drafts of what is new, and how many rows the content has already."""

    drafts: tuple[Draft, ...]
    known: int


@dataclass
class _Row:
    sheet: Sheet
    kind: Kind
    number: int
    cells: dict[str, Cell]
    columns: dict[str, Column]
    iri: str = ""
    is_known: bool = False

    def text(self, name: str) -> str:
        cell = self.cells.get(name)
        return cell.text if cell else ""


@dataclass
class _Importing:
    content: Content
    kinds: Kinds
    lang: str
    hint: Kind | None
    problems: list[SikkerbyError] = field(default_factory=list)
    names: dict[str, frozenset[str]] = field(default_factory=dict)
    lineages: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.maker = Maker(self.content, self.kinds, self.lang, Others(self.names, self.lineages))
        self.placed: dict[str, int] = {}

    def run(self, path: Path) -> Imported:
        sheets = [sheet for sheet in read_sheets(path) if not self.is_beside(sheet)]
        rows = [row for sheet in sheets for row in self.rows(sheet)]
        if not rows and not self.problems:
            raise EntryError("sheet.empty", path=path)
        for row in rows:
            self.settle(row)
        drafts = [draft for row in rows for draft in self.drafted(row)]
        if self.problems:
            raise EntriesError(self.problems[:_MOST_PROBLEMS])
        new = tuple(draft for draft in drafts if not draft.quads <= self.content.statements)
        return Imported(new, len(drafts) - len(new))

    def is_beside(self, sheet: Sheet) -> bool:
        """Whether a sheet is one of those that explain, or is empty."""
        beside = {
            fold(text(key, lang))
            for key in ("authoring.sheet.help", "authoring.sheet.lists")
            for lang in LANGUAGES
        }
        return sheet.is_named and (fold(sheet.name) in beside or not (sheet.header or sheet.problems))

    def rows(self, sheet: Sheet) -> Iterator[_Row]:
        self.problems += [
            EntryError("sheet.whole", sheet=sheet.name, problem=problem) for problem in sheet.problems
        ]
        if sheet.problems or not sheet.rows:
            return
        kind = self.kind_of(sheet)
        if kind is None:
            return
        columns = self.columns(sheet, kind)
        for number, cells in sheet.rows:
            found: dict[str, Cell] = {}
            for cell in cells:
                if not cell.text:
                    continue
                column = columns.get(cell.column)
                if column is None:
                    self.stray(sheet, cell)
                    continue
                found[column.name] = cell
            yield _Row(sheet, kind, number, found, {column.name: column for column in columns.values()})

    def kind_of(self, sheet: Sheet) -> Kind | None:
        """The kind of the rows of a sheet; None if there is none, which is noted."""
        for kind in self.kinds.all:
            if fold(sheet.hint) in {fold(sheet_name(kind, lang)) for lang in LANGUAGES} | {kind.name}:
                return kind
        if self.hint is not None:
            return self.hint
        if sheet.is_named:
            self.problems.append(EntryError("sheet.no_kind", sheet=sheet.name))
            return None
        words = _NUMBERED.sub("", sheet.hint)
        try:
            return self.kinds.find(words)
        except SikkerbyError as error:
            example = next((each.name for each in self.kinds.all), "")
            told = EntryError("sheet.no_kind_in_csv", sheet=sheet.name, problem=error, example=example)
            self.problems.append(told)
            return None

    def columns(self, sheet: Sheet, kind: Kind) -> dict[int, Column]:
        """Place → the column that its heading means; what is wrong with headings is noted."""
        known = matching(self.maker, kind)
        found: dict[int, Column] = {}
        for cell in sheet.header:
            said = cell.text.strip().removesuffix("*").strip()
            if not said:
                continue
            try:
                column = known.get(fold(said)) or self.meant(kind, said, known)
                if any(each.name == column.name for each in found.values()):
                    raise EntryError("sheet.header_twice")
            except SikkerbyError as error:
                self.refuse(sheet, cell, said, error)
            else:
                found[cell.column] = column
        return found

    def meant(self, kind: Kind, said: str, known: dict[str, Column]) -> Column:
        """The column of a heading that is a field by another of its names. Raises UnknownNameError."""
        wanted, _, language = said.partition("@")
        each = kind.field(wanted, self.lang)
        for name in (f"{each.name}@{language or kind.language}", each.name):
            if name in known:
                return known[name]
        raise EntryError("entry.fixed", field=each.called(self.lang))

    def stray(self, sheet: Sheet, cell: Cell) -> None:
        """Note a value below no heading, or below one that was refused."""
        said = next((head.text for head in sheet.header if head.column == cell.column), "")
        if said:
            return
        key = (
            "sheet.long_row" if cell.column > len(sheet.header) and not sheet.is_named else "sheet.no_header"
        )
        self.refuse(sheet, cell, "–", EntryError(key))

    def refuse(self, sheet: Sheet, cell: Cell, header: str, problem: SikkerbyError) -> None:
        self.problems.append(
            EntryError(
                "sheet.cell",
                sheet=sheet.name,
                row=cell.row,
                letter=cell.letter,
                header=header,
                problem=problem,
            )
        )

    def settle(self, row: _Row) -> None:
        """Decide what a row is called before any is read, so that rows can speak of each other."""
        kind = row.kind
        naming = f"{kind.naming.name}@{kind.language}" if kind.naming else ID
        name, wanted = row.text(naming) if kind.naming else "", row.text(ID)
        column = ID if wanted else naming
        try:
            row.iri = self.asked(kind, wanted) if wanted else self.maker.known(kind, name) if name else ""
            row.is_known = bool(row.iri)
            if not row.iri and (wanted or (name and not kind.has_scheme)):
                row.iri = mint(self.content, kind, name=name, wanted=wanted, taken=self.maker.taken)
        except SikkerbyError as error:
            self.refuse_in(row, column, error)
            return
        key = f"{kind.iri} {name}" if name and not wanted else row.iri
        if key and key in self.placed:
            twice = EntryError("entry.row_twice", row=self.placed[key], name=name or wanted)
            self.refuse_in(row, column, twice)
            return
        self.placed[key] = row.number
        if row.iri:
            self.maker.taken.add(row.iri)
            self.lineages[row.iri] = kind.lineage
            for called in (name, row.iri.rstrip("/").rpartition("/")[2]):
                if called:
                    known = self.names.get(fold(called), frozenset())
                    self.names[fold(called)] = known | {row.iri}

    def asked(self, kind: Kind, wanted: str) -> str:
        """The thing of the kind that has an id already; empty if none has."""
        for thing in self.content.direct(kind.iri):
            ends_so = thing.startswith(self.content.base) and thing.endswith(f"/{wanted}")
            if ends_so or thing == self.content.expand(wanted):
                return thing
        return ""

    def drafted(self, row: _Row) -> Iterator[Draft]:
        """The draft of a row, if nothing is wrong with it."""
        before = len(self.problems)
        for name, cell in row.cells.items():
            if cell.problem is not None:
                self.refuse(row.sheet, cell, row.columns[name].header, cell.problem)
        given = list(self.given(row))
        where = Whereabouts(row.text(SOURCE), row.text(ID), None, SOURCE, ID)
        try:
            draft = self.maker.make(row.kind, given, where, row.iri)
        except MishapsError as wrong:
            for place, error in wrong.mishaps:
                broken = row.cells.get(str(place))
                if broken is None or broken.problem is None:
                    self.refuse_in(row, str(place), error)
            return
        if len(self.problems) > before:
            return
        if row.is_known:
            new = sorted(draft.quads - self.content.statements, key=str)
            if new:
                error = EntryError("entry.differs", iri=self.content.short(row.iri), what=self.told(new))
                self.problems.append(
                    EntryError("sheet.row", sheet=row.sheet.name, row=row.number, problem=error)
                )
                return
        yield draft

    def told(self, quads: Sequence[Quad]) -> str:
        """Some statements in words."""
        shown = [
            f"{self.content.label(quad.predicate.value, self.lang)} {self._value(quad)}"
            for quad in quads[:_SHOWN]
        ]
        return "; ".join(shown) + ("; …" if len(quads) > _SHOWN else "")

    def _value(self, quad: Quad) -> str:
        value = quad.object
        return self.content.short(value.value) if isinstance(value, NamedNode) else str(to_python(value))

    def given(self, row: _Row) -> Iterator[Given]:
        """The values of a row; a cell of things may hold several."""
        for name, cell in row.cells.items():
            column = row.columns[name]
            if column.field is None or cell.problem is not None:
                continue
            for said in _parts(column, cell.text):
                yield Given(column.field, said, column.language, name)

    def refuse_in(self, row: _Row, name: str, error: SikkerbyError) -> None:
        """Note what is wrong with a column of a row, by its cell where the column is there."""
        column = row.columns.get(name) or next(
            (each for each in row.columns.values() if each.field and name in (each.field.name, each.name)),
            None,
        )
        if column is None:
            self.problems.append(EntryError("sheet.row", sheet=row.sheet.name, row=row.number, problem=error))
            return
        places = [cell for cell in row.sheet.header if _means(cell, column)]
        place = (
            places[0].column if places else row.cells[column.name].column if column.name in row.cells else 1
        )
        self.refuse(row.sheet, Cell(row.number, place), column.header, error)


def _means(cell: Cell, column: Column) -> bool:
    said = fold(cell.text.strip().removesuffix("*").strip())
    return said in (fold(column.header), fold(column.name))


def _parts(column: Column, said: str) -> Iterable[str]:
    """The values in a cell."""
    if column.field is None or column.field.datatype or column.is_single:
        return [said]
    return [part for part in (each.strip() for each in said.replace("\n", BETWEEN).split(BETWEEN)) if part]


def import_file(content: Content, kinds: Kinds, path: Path, lang: str, hint: Kind | None = None) -> Imported:
    """The drafts of the rows of a CSV or Excel file; ``hint`` is the kind of rows that do not say it.

    Raises EntriesError with every cell that is wrong, or EntryError for a file that cannot be read.
    """
    return _Importing(content, kinds, lang, hint).run(path)
