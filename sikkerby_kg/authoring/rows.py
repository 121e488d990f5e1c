"""Sheets of CSV files (RFC 4180) and Excel workbooks (ISO/IEC 29500) as cells of text, whoever wrote them.

A file that is too large, or that would grow without end, is refused before it is read. A cell that has no
value of its own (a formula, an error, a part of merged cells) is a problem of that cell.
"""

import csv
import datetime as dt
import html
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sikkerby_kg.errors import EntryError, SikkerbyError

MOST_BYTES = 20_000_000
"""Bytes that a file may have."""

MOST_UNPACKED = 30_000_000
"""Bytes that a workbook may have once it is unpacked."""

MOST_ROWS = 20_000
"""Rows of a sheet."""

MOST_COLUMNS = 500
"""Columns of a sheet."""

_MOST_PARTS = 1_000
_MOST_SHOWN = 5
_MEGABYTE = 1_000_000
_DELIMITERS = ";,\t"
_DOCTYPE = re.compile(rb"<!\s*doctype", re.IGNORECASE)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z0-9:$]+)[\"']")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*[\"']([^\"']*)[\"']")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_MACROS = re.compile(r"vbaProject|macrosheets", re.IGNORECASE)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ESCAPED = re.compile(r"'(?=[=+\-@])")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its row and column from 1, its text, and what is wrong with it, if anything is."""

    row: int
    column: int
    text: str = ""
    problem: SikkerbyError | None = None

    @property
    def letter(self) -> str:
        """The letters of its column."""
        return letters(self.column)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its headings, and below them the rows that are not empty.

    ``hint`` is what the sheet says of its kind; ``is_named`` whether ``name`` is that of a sheet, not a file.
    """

    name: str
    header: tuple[Cell, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    hint: str = ""
    is_named: bool = False
    problems: tuple[SikkerbyError, ...] = field(default=())


def letters(column: int) -> str:
    """The letters of a column, from 1.

    >>> letters(1), letters(26), letters(27), letters(16384)
    ('A', 'Z', 'AA', 'XFD')
    """
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a file. Raises EntryError for one that cannot be read, OSError if it cannot be opened."""
    suffix = path.suffix.lower()
    if suffix in (".xlsm", ".xltm"):
        raise EntryError("sheet.macros", path=path)
    if suffix not in (".csv", ".xlsx"):
        raise EntryError("sheet.suffix", path=path)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise _large(path, "bytes", size // _MEGABYTE, MOST_BYTES // _MEGABYTE)
    data = path.read_bytes()
    return (_csv(path, data),) if suffix == ".csv" else tuple(_xlsx(path, data))


def _large(path: Path, what: str, count: int, most: int) -> EntryError:
    return EntryError(
        "sheet.large",
        path=path,
        what=EntryError(f"sheet.{what}", count=count),
        most=EntryError(f"sheet.{what}", count=most),
    )


# --- CSV ---------------------------------------------------------------------------------------


def _csv(path: Path, data: bytes) -> Sheet:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EntryError("sheet.not_utf8", path=path, place=error.start) from None
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r"\"?sep=(.)\"?\r?", first)
    offset = 1 if told else 0
    delimiter = told[1] if told else _delimiter(text)
    reader = csv.reader(io.StringIO(rest if told else text, newline=""), delimiter=delimiter, strict=True)
    lines: list[list[str]] = []
    try:
        for line in reader:
            lines.append(line)
            if len(lines) > MOST_ROWS + 1:
                raise _large(path, "rows", len(lines), MOST_ROWS)
            if len(line) > MOST_COLUMNS:
                raise _large(path, "columns", len(line), MOST_COLUMNS)
    except csv.Error as error:
        raise EntryError("sheet.unread", path=path, format="CSV", problem=error) from None
    rows = [
        (number, tuple(_plain(number, column, said) for column, said in enumerate(line, 1)))
        for number, line in enumerate(lines, 1 + offset)
    ]
    return _sheet(path.name, rows, path.stem)


def _delimiter(text: str) -> str:
    """What stands between the fields: the one of which the first line has most, outside quotes."""
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    return max(_DELIMITERS, key=first.count)


def _plain(row: int, column: int, said: str) -> Cell:
    text = said.strip()
    if text.startswith("=") and len(text) > 1:
        return Cell(row, column, text, EntryError("sheet.formula", value=text))
    return Cell(row, column, _ESCAPED.sub("", text, count=1))


def _sheet(
    name: str,
    rows: Sequence[tuple[int, tuple[Cell, ...]]],
    hint: str,
    problems: tuple[SikkerbyError, ...] = (),
    *,
    is_named: bool = False,
) -> Sheet:
    """A sheet of rows: the first one that is not empty has the headings, one that begins with # explains."""
    filled = [(number, cells) for number, cells in rows if any(cell.text for cell in cells)]
    header = filled[0][1] if filled else ()
    below = filled[1:]
    said = [_beginning(cells) for _, cells in below if _beginning(cells).startswith("#")]
    words = said[0].lstrip("# ").split() if said else []
    return Sheet(
        name,
        header,
        tuple((number, cells) for number, cells in below if not _beginning(cells).startswith("#")),
        words[0].rstrip(":") if words else hint,
        is_named,
        problems,
    )


def _beginning(cells: Sequence[Cell]) -> str:
    return next((cell.text for cell in cells if cell.text), "")


# --- Excel --------------------------------------------------------------------------------------


def _xlsx(path: Path, data: bytes) -> Iterator[Sheet]:
    merged = _require_harmless(path, data)
    if merged:
        for title, ranges in merged.items():
            shown = ", ".join((*ranges[:_MOST_SHOWN], "…") if len(ranges) > _MOST_SHOWN else ranges)
            problem = EntryError("sheet.merged", range=shown)
            yield Sheet(title, (), (), is_named=True, problems=(problem,))
        return
    import openpyxl  # noqa: PLC0415  (a third of a second, which only a workbook need wait for)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it leaves out: drawings, and the like
            book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
        sheets = [(sheet.title, _cells(path, sheet)) for sheet in book.worksheets]
    except EntryError:
        raise
    except Exception as error:
        raise EntryError("sheet.unread", path=path, format="xlsx", problem=_reason(error)) from error
    for title, rows in sheets:
        yield _sheet(title, rows, title, is_named=True)


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _require_harmless(path: Path, data: bytes) -> dict[str, list[str]]:
    """Refuse what could do harm before anything is made of it; the merged cells by the name of the sheet.

    Raises EntryError.
    """
    if data.startswith(_OLD_OFFICE) or not data.startswith(b"PK"):
        raise EntryError("sheet.encrypted", path=path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _looked_through(path, package)
    except EntryError:
        raise
    except Exception as error:
        raise EntryError("sheet.unread", path=path, format="xlsx", problem=_reason(error)) from error


def _looked_through(path: Path, package: zipfile.ZipFile) -> dict[str, list[str]]:
    """The merged cells by sheet. Raises EntryError for what could do harm."""
    parts = package.infolist()
    if any(_MACROS.search(part.filename) for part in parts):
        raise EntryError("sheet.macros", path=path)
    size = sum(part.file_size for part in parts)
    if size > MOST_UNPACKED or len(parts) > _MOST_PARTS:
        raise _large(path, "bytes", size // _MEGABYTE, MOST_UNPACKED // _MEGABYTE)
    merged: dict[str, list[str]] = {}
    for part in parts:
        plain = package.read(part).replace(b"\0", b"")
        if _DOCTYPE.search(plain):
            raise EntryError("sheet.doctype", path=path)
        if _SHEET.fullmatch(part.filename):
            found = [each.decode("ascii") for each in _MERGED.findall(plain)]
            merged |= {part.filename: found} if found else {}
    titles = _titles(package) if merged else {}
    return {titles.get(name, name): ranges for name, ranges in merged.items()}


def _titles(package: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet → its name (ISO/IEC 29500-1, 18.2.19)."""
    book = package.read("xl/workbook.xml").decode("utf-8", "replace")
    links = package.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    parts: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*", links):
        said = dict(_ATTRIBUTE.findall(tag))
        parts[said.get("Id", "")] = f"xl/{said.get('Target', '').removeprefix('/xl/')}"
    titles: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*", book):
        said = dict(_ATTRIBUTE.findall(tag))
        titles[parts.get(said.get("r:id", ""), "")] = html.unescape(said.get("name", ""))
    return titles


def _cells(path: Path, sheet: Any) -> list[tuple[int, tuple[Cell, ...]]]:
    """The cells that a sheet of openpyxl has, by row; what is not there is not made up."""
    found: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in sheet._cells.items():  # noqa: SLF001  (its own loops visit every empty cell)
        made = _cell(row, column, cell)
        if made is not None:
            found.setdefault(row, {})[column] = made
    if found and max(found) > MOST_ROWS + 1:
        raise _large(path, "rows", max(found), MOST_ROWS)
    widest = max((max(cells) for cells in found.values()), default=0)
    if widest > MOST_COLUMNS:
        raise _large(path, "columns", widest, MOST_COLUMNS)
    return [
        (row, tuple(cells.get(column, Cell(row, column)) for column in range(1, max(cells) + 1)))
        for row, cells in sorted(found.items())
    ]


def _cell(row: int, column: int, cell: Any) -> Cell | None:
    """A cell of openpyxl; None for an empty one."""
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if cell.data_type == "f":
        said = value if isinstance(value, str) else f"={str(value.text or '').removeprefix('=')}"
        return Cell(row, column, said, EntryError("sheet.formula", value=said))
    if cell.data_type == "e":
        return Cell(row, column, str(value), EntryError("sheet.error_value", value=value))
    is_midnight = isinstance(value, dt.datetime) and value.time() == dt.time()
    if isinstance(value, dt.datetime | dt.time | dt.timedelta) and not is_midnight:
        return Cell(row, column, str(value), EntryError("sheet.time_of_day", value=value))
    return Cell(row, column, _written(value))


def _written(value: object) -> str:
    """The value of a cell as a person would write it."""
    match value:
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return value.date().isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value).strip()
