"""A part of the rows of a saved query: which part is asked for, and links to the others (RFC 8288)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from sikkerby_kg.errors import ParameterError
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.results import Result

LIMIT, OFFSET = "limit", "offset"
NAMES = (LIMIT, OFFSET)
MOST = 10_000
"""Rows of the longest part; without a limit the whole answer is given."""

FARTHEST = 10**9
TOTAL = "X-Total-Count"
"""The header that says how many rows the whole answer has."""

RANGES: Mapping[str, tuple[int, int, str]] = {LIMIT: (1, MOST, "100"), OFFSET: (0, FARTHEST, "200")}
"""Least, most and an example of each parameter."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of an answer; ``limit`` None is all from ``offset`` on."""

    limit: int | None = None
    offset: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole answer."""
        return self.limit is None and not self.offset

    def of(self, result: Result) -> tuple[Result, int]:
        """These rows of a result of solutions, in its order, and how many rows it has in all."""
        document = json.loads(result.serialize("json"))
        rows = document["results"]["bindings"]
        end = None if self.limit is None else self.offset + self.limit
        document["results"]["bindings"] = rows[self.offset : end]
        body = json.dumps(document, ensure_ascii=False).encode()
        return Result(result.form, result.variables, body), len(rows)

    def others(self, total: int) -> Iterator[tuple[str, "Part"]]:
        """The parts of the same size that there are: first, prev, next and last, with these names."""
        if self.limit is None:
            return
        last = max(total - 1, 0) // self.limit * self.limit
        yield "first", Part(self.limit)
        if self.offset:
            yield "prev", replace(self, offset=max(min(self.offset - self.limit, last), 0))
        if self.offset + self.limit < total:
            yield "next", replace(self, offset=self.offset + self.limit)
        yield "last", replace(self, offset=last)

    @property
    def href(self) -> str:
        """The address that is asked for now, but of this part."""
        kept = [pair for pair in request.args.items(multi=True) if pair[0] not in NAMES]
        own = [(LIMIT, str(self.limit))] if self.limit is not None else []
        own += [(OFFSET, str(self.offset))] if self.offset else []
        return f"{request.script_root}{request.path}?{urlencode([*kept, *own])}"


def names_of(saved: SavedQuery) -> tuple[str, ...]:
    """The parameters that choose a part: none for a query without rows; one's own parameter comes first."""
    if saved.form != "SELECT":
        return ()
    own = {parameter.name for parameter in saved.parameters}
    return tuple(name for name in NAMES if name not in own)


def part_of(saved: SavedQuery, arguments: MultiDict[str, str]) -> Part:
    """The part that a request asks for. Raises ParameterError for what is no such number."""
    values = {name: _number(name, arguments.get(name, "").strip()) for name in names_of(saved)}
    return Part(values.get(LIMIT), values.get(OFFSET) or 0)


def _number(name: str, value: str) -> int | None:
    least, most, example = RANGES[name]
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most:
        return int(value)
    kind = f"integer ({least}–{most})"
    raise ParameterError("parameter.value", name=name, type=kind, example=example, value=value)


def link_header(part: Part, total: int) -> str:
    """The value of the header Link: the other parts of the answer."""
    return ", ".join(f'<{other.href}>; rel="{name}"' for name, other in part.others(total))
