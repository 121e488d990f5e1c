"""The rows of a saved query in the order of one of its columns: ``?sort=start``, or ``?sort=-start``."""

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from flask import request
from pyoxigraph import Literal, NamedNode, QuerySolution
from werkzeug.datastructures import MultiDict

from sikkerby_kg import terms
from sikkerby_kg.errors import ParameterError
from sikkerby_kg.labels import Labels
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.results import Result
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.paging import OFFSET
from sikkerby_kg.shown import Column, columns_of

SORT = "sort"
DESCENDING = "-"

Key = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """The column that rows are ordered by; without one they stay as the query orders them."""

    name: str = ""
    is_descending: bool = False

    def of(self, result: Result, labels: Labels, lang: str) -> Result:
        """A result of solutions in this order: names by the alphabet, and what is empty last."""
        column = next((c for c in columns_of(result.variables, lang) if name_of(c) == self.name), None)
        if column is None:
            return result
        document = json.loads(result.body)  # before the solutions: they are then read from it, in its order
        solutions = list(result.solutions())
        if not column.label and not column.place:
            found = (row[column.variable] for row in solutions)
            labels.prefetch(term.value for term in found if isinstance(term, NamedNode))
        keys = [_key(row, column, labels, lang) for row in solutions]
        filled = [(key, index) for index, key in enumerate(keys) if key is not None]
        filled.sort(key=itemgetter(0), reverse=self.is_descending)
        order = [index for _, index in filled] + [index for index, key in enumerate(keys) if key is None]
        rows = document["results"]["bindings"]
        document["results"]["bindings"] = [rows[index] for index in order]
        return Result(result.form, result.variables, json.dumps(document, ensure_ascii=False).encode())

    def href(self, name: str) -> str:
        """The address that is asked for now, ordered by a column: the other way round if it already is."""
        descending = name == self.name and not self.is_descending
        kept = [pair for pair in request.args.items(multi=True) if pair[0] not in (SORT, OFFSET)]
        pairs = [*kept, (SORT, (DESCENDING if descending else "") + name)]
        return f"{request.script_root}{request.path}?{urlencode(pairs)}"


def sortable(saved: SavedQuery, lang: str) -> list[str]:
    """The names that rows may be ordered by: none where a parameter of the query has the name ``sort``."""
    if saved.form != "SELECT" or any(parameter.name == SORT for parameter in saved.parameters):
        return []
    return [name_of(column) for column in columns_of(saved.columns, lang)]


def order_of(saved: SavedQuery, arguments: MultiDict[str, str], lang: str) -> Order:
    """The order that a request asks for. Raises ParameterError for what is no column."""
    names = sortable(saved, lang)
    given = arguments.get(SORT, "").strip() if names else ""
    name = given.removeprefix(DESCENDING)
    if given and name not in names:
        kind = " | ".join(names)
        raise ParameterError("parameter.value", name=SORT, type=kind, example=names[0], value=given)
    return Order(name, given.startswith(DESCENDING))


def name_of(column: Column) -> str:
    """What a column is called in an address: by its variable, a place by its first one."""
    return column.place[0] if column.place else column.variable


def _key(row: QuerySolution, column: Column, labels: Labels, lang: str) -> Sequence[Key] | None:
    """What a row is ordered by; None if the cell is empty."""
    if column.place:
        keys = [_key_of(row[name], labels, lang) for name in column.place]
        return [key or (-1, "") for key in keys] if any(keys) else None
    label = row[column.label] if column.label else None
    key = _key_of(label or row[column.variable], labels, lang)
    return None if key is None else [key]


def _key_of(term: terms.Term | None, labels: Labels, lang: str) -> Key | None:
    """Numbers before days before texts."""
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return 2, alphabetical(labels.of(term.value, lang).text)
    match terms.to_python(term) if isinstance(term, Literal) else str(term):
        case int() | float() | Decimal() as number if math.isfinite(number):
            return 0, number
        case dt.date() as day:
            return 1, day.isoformat()
        case value:
            return 2, alphabetical(str(value))
