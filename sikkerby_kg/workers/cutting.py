"""Results that end where a limit is reached, and are well-formed all the same.

The engine writes into a ``Sink``, which counts bytes and row ends and raises once there are too many; then
``cut`` ends what was written after the last row that is whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice


class FullError(Exception):
    """More was written than may be; ``limit`` says of what: ``rows`` or ``bytes``."""

    def __init__(self, *, limit: str) -> None:
        self.limit = limit
        super().__init__(limit)


@dataclass(frozen=True, slots=True)
class Shape:
    """How the rows of a format end.

    ``mark`` stands between or after rows. ``extra`` is what the number of marks exceeds the number of rows
    by. ``tail`` closes a document whose rows were cut off.
    """

    mark: bytes
    extra: int
    tail: bytes = b""


SHAPES = {
    "json": Shape(b"},{", -1, b"]}}"),
    "xml": Shape(b"</result>", 0, b"</results></sparql>"),
    "csv": Shape(b"\r\n", 1),
    "tsv": Shape(b"\n", 1),
    "nt": Shape(b"\n", 0),
    "nq": Shape(b"\n", 0),
}

_BINDINGS = b'"bindings":['
# The last string may be cut: it goes to the end, so that nothing in it is taken for a bracket or row end.
_JSON_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}]', re.DOTALL)
_CSV_TOKEN = re.compile(rb'"[^"]*(?:""[^"]*)*(?:"|\Z)|\r\n')


class Sink:
    """A file to write to that holds at most some rows and bytes. Raises FullError from ``write``."""

    def __init__(self, name: str, rows: int, most: int) -> None:
        self.name = name
        self.shape = SHAPES[name]
        self.limit = rows
        self.most = most
        self.chunks: list[bytes] = []
        self.size = 0
        self._marks = 0
        self._end = b""

    @property
    def rows(self) -> int:
        """The rows written so far; too many where literals look like row ends, never too few."""
        if self.name == "json" and not self._marks and self.value().rstrip().endswith(b'"bindings":[]}}'):
            return 0
        return max(self._marks - self.shape.extra, 0)

    def value(self) -> bytes:
        """What was written."""
        if len(self.chunks) > 1:
            self.chunks = [b"".join(self.chunks)]
        return self.chunks[0] if self.chunks else b""

    def write(self, chunk: bytes) -> int:
        """Take what the engine writes."""
        self.chunks.append(chunk)
        self.size += len(chunk)
        mark = self.shape.mark
        self._marks += (self._end + chunk).count(mark)
        kept = len(mark) - 1
        self._end = (self._end + chunk)[-kept:] if kept else b""
        if self._marks - self.shape.extra > self.limit and self._recount() > self.limit:
            raise FullError(limit="rows")
        if self.size > self.most:
            raise FullError(limit="bytes")
        return len(chunk)

    def flush(self) -> None:
        """Nothing waits here."""

    def cut(self) -> tuple[bytes, int]:
        """The rows that are whole, as many as may be, in a well-formed document; and their number."""
        body = self.value()[: self.most]
        ends = list(islice(row_ends(body, self.name), self.limit))
        return body[: ends[-1] if ends else _start(body, self.name)] + self.shape.tail, len(ends)

    def _recount(self) -> int:
        """Count again what looked like row ends; in JSON, a row counts as soon as it begins."""
        exact = sum(1 for _ in row_ends(self.value(), self.name))
        if self.name == "json":
            exact = sum(1 for depth, _ in _brackets(self.value()) if depth == 1)
        self._marks = exact + self.shape.extra
        return exact


def row_ends(body: bytes, name: str) -> Iterator[int]:
    """Where each whole row of a result ends."""
    if name == "json":
        yield from (end for depth, end in _brackets(body) if depth == 0)
        return
    start = _start(body, name)
    if name == "csv":
        found = (m.end() for m in _CSV_TOKEN.finditer(body, start) if m[0] == b"\r\n")
    else:
        found = (m.end() for m in re.compile(SHAPES[name].mark).finditer(body, start))
    yield from found


def _brackets(body: bytes) -> Iterator[tuple[int, int]]:
    """How deep one is in a row after each curly bracket, outermost brackets only, and where it ends."""
    depth = 0
    for match in _JSON_TOKEN.finditer(body, _start(body, "json")):
        if match[0] == b"{":
            depth += 1
            if depth == 1:
                yield 1, match.end()
        elif match[0] == b"}":
            depth -= 1
            if depth < 0:
                return
            if depth == 0:
                yield 0, match.end()


def _start(body: bytes, name: str) -> int:
    """Where the first row begins."""
    opening = {"json": _BINDINGS, "xml": b"<results>", "csv": b"\r\n", "tsv": b"\n"}.get(name, b"")
    at = body.find(opening)
    return len(body) if at < 0 else at + len(opening)
