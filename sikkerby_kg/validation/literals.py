"""Values of literals: whether a text fits its datatype, and which of two is less.

What is usual is decided by the text; all else by rdflib, as pySHACL does it.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.terms import Term, to_rdflib

_XSD, _RDF, _RDFS = PREFIXES["xsd"], PREFIXES["rdf"], PREFIXES["rdfs"]
_STRING = _XSD + "string"
_LANG_STRING = _RDF + "langString"
_TEXTS = (_STRING, _LANG_STRING)
_BY_VALUE = (dt.datetime, dt.time)
"""What pySHACL compares by its Python value, because rdflib orders it by text."""
_ALL = frozenset((_RDFS + "Literal", _RDFS + "Datatype"))
"""What pySHACL takes for the datatype of other literals, too."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_PLAIN = {
    _XSD + "integer": _WHOLE,
    _XSD + "decimal": re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII),
    _XSD + "boolean": re.compile(r"true|false"),
    _XSD + "nonNegativeInteger": re.compile(r"[0-9]{1,18}", re.ASCII),
    _XSD + "positiveInteger": re.compile(r"[1-9][0-9]{0,17}", re.ASCII),
    _XSD + "anyURI": re.compile(r".*", re.DOTALL),
    _XSD + "gYear": re.compile(r"[0-9]{4}", re.ASCII),
}
_PYTHON: dict[str, type | tuple[type, ...]] = {
    _STRING: (str, bytes),
    _LANG_STRING: (str, bytes),
    _XSD + "integer": int,
    _XSD + "float": float,
    _XSD + "decimal": Decimal,
    _XSD + "boolean": bool,
    _XSD + "date": dt.date,
    _XSD + "time": dt.time,
    _XSD + "dateTime": dt.datetime,
}
"""What rdflib makes of a text that fits its datatype, where pySHACL looks at it."""


def fits(literal: Literal, datatype: str) -> bool:
    """Whether a literal is of a datatype, and its text one of those that the datatype has (SHACL §4.1.2)."""
    own = literal.datatype.value
    if own != datatype:
        return datatype in _ALL and _fits_by_rdflib(literal, datatype)
    if own in _TEXTS:
        return True
    plain = _PLAIN.get(own)
    if plain is not None and plain.fullmatch(literal.value):
        return True
    if own == _XSD + "date" and _is_plain_date(literal.value):
        return True
    return _fits_by_rdflib(literal, datatype)


def _fits_by_rdflib(literal: Literal, datatype: str) -> bool:
    term: Any = to_rdflib(literal)
    if str(term.datatype) == datatype or literal.datatype.value == datatype:
        return term.ill_typed is not True and isinstance(term.value, _PYTHON.get(datatype, object))
    return datatype == _RDFS + "Literal" or (datatype == _RDFS + "Datatype" and bool(term.datatype))


@cache
def _is_plain_date(lexical: str) -> bool:
    if not _DATE.fullmatch(lexical):
        return False
    try:
        dt.date.fromisoformat(lexical)
    except ValueError:
        return False
    return True


def _key(term: Literal) -> tuple[str, int | str] | None:
    """What to compare a whole number or a date by; None for all else."""
    datatype = term.datatype.value
    if datatype == _XSD + "integer" and _WHOLE.fullmatch(term.value):
        return "integer", int(term.value)
    if datatype == _XSD + "date" and _is_plain_date(term.value):
        return "date", term.value
    return None


def order(first: Literal, second: Literal) -> int | None:
    """-1, 0 or 1 as a literal is less than, equal to or greater than another; None if they do not compare.

    As SPARQL's operators have it (SPARQL 1.1 §17.3), which SHACL §4.3 refers to.
    """
    a, b = _key(first), _key(second)
    if a is not None and b is not None and a[0] == b[0]:
        return (a[1] > b[1]) - (a[1] < b[1])  # type: ignore[operator]  # of one kind
    if (a and second.datatype.value in _TEXTS) or (b and first.datatype.value in _TEXTS):
        return None
    return _order_by_rdflib(to_rdflib(first), to_rdflib(second))


def _order_by_rdflib(left: Any, right: Any) -> int | None:
    if isinstance(left.value, str) != isinstance(right.value, str):
        return None
    try:
        if left.eq(right):
            return 0
        if isinstance(left.value, _BY_VALUE):
            left, right = left.value, right.value
        is_greater = bool(left > right)
    except (TypeError, NotImplementedError):
        return None
    return 1 if is_greater else -1


def is_below(first: Term, second: Term, holds: Callable[[Any, Any], Any]) -> bool:
    """Whether ``first`` stands to ``second`` as ``holds`` says, ``operator.lt`` or ``operator.le``.

    As in the pairs of properties (SHACL §4.5.3, §4.5.4): what does not compare does not hold.
    """
    if isinstance(first, Literal) and isinstance(second, Literal):
        a, b = _key(first), _key(second)
        if a is not None and b is not None and a[0] == b[0]:
            return bool(holds(a[1], b[1]))
    elif not isinstance(first, Literal | NamedNode) or not isinstance(second, Literal | NamedNode):
        return False
    (is_text, left), (is_other_text, right) = _comparable(first), _comparable(second)
    if is_text != is_other_text:
        return False
    try:
        return bool(holds(left, right))
    except (TypeError, NotImplementedError):
        return False


def _comparable(term: NamedNode | Literal) -> tuple[bool, Any]:
    """Whether it is compared as text, and what is compared: a text, or rdflib's literal."""
    if isinstance(term, NamedNode):
        return True, term.value
    found: Any = to_rdflib(term)
    return (True, found.value) if isinstance(found.value, str) else (False, found)
