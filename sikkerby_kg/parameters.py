"""Parameters of saved queries: their types, and turning what somebody gave into one RDF term."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyoxigraph
from pyoxigraph import NamedNode

from sikkerby_kg.errors import ParameterError
from sikkerby_kg.namespaces import PREFIXES, XSD, expand

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_YEAR = re.compile(r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"
)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://|(?:urn|tag|mailto|info|did|doi):", re.IGNORECASE)
_TRUTH = {"true": "true", "1": "true", "false": "false", "0": "false"}
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as the header of a saved query declares it.

    ``label`` is by language; ``example`` and ``default`` are as written; ``choices`` is the IRI of a class
    whose instances may be chosen; ``prefixes`` are those of the query, for CURIEs.
    """

    name: str
    type: str
    label: Mapping[str, str]
    example: str
    default: str | None = None
    optional: bool = False
    choices: str | None = None
    prefixes: Mapping[str, str] | None = None

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is None and not self.optional

    def term(self, value: object, prefixes: Mapping[str, str] = PREFIXES) -> NamedNode | pyoxigraph.Literal:
        """The RDF term for a value: text as a person types it, a plain Python value, or an RDF term.

        ``prefixes`` are for CURIEs, besides those of the query itself.
        Raises ParameterError, naming parameter, type and example, for a value that does not fit the type.
        """
        try:
            lexical = _lexical(value, is_iri=self.type == "iri")
            if self.type == "iri":
                return _iri(lexical, {**prefixes, **(self.prefixes or {})})
            datatype, convert = TYPES[self.type]
            return pyoxigraph.Literal(convert(lexical), datatype=NamedNode(datatype))
        except ValueError:
            raise self.error("value", value=str(value)) from None

    def error(self, key: str, **values: object) -> ParameterError:
        """An error about this parameter: its name, type and example are filled in."""
        return ParameterError(
            f"parameter.{key}", name=self.name, type=self.type, example=self.example, **values
        )


def _lexical(value: object, *, is_iri: bool) -> str:
    """The text of a value. Raises ValueError for what cannot be a value of any type."""
    kind = type(value).__name__  # rdflib's terms are strings, too; it need not be imported to tell them
    if kind in ("NamedNode", "URIRef", "Literal"):
        if is_iri == (kind == "Literal"):
            raise ValueError(value)
        return value.value if isinstance(value, NamedNode | pyoxigraph.Literal) else str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return format(Decimal(str(value)), "f")
    if isinstance(value, int):  # a truth value is one of them
        return str(value).lower()
    if isinstance(value, str) and not _SURROGATE.search(value):
        return value
    raise ValueError(value)


def _iri(text: str, prefixes: Mapping[str, str]) -> NamedNode:
    """The IRI in ``<…>``, in full, or as a CURIE. Raises ValueError for anything else."""
    text = text.strip()
    if text.startswith("<") and text.endswith(">"):
        return NamedNode(text[1:-1])
    expanded = expand(text, prefixes)
    if expanded is None and not _SCHEME.match(text):
        raise ValueError(text)
    return NamedNode(expanded or text)


def _matching(pattern: re.Pattern[str], check: Callable[[str], Any] = str) -> Callable[[str], str]:
    """A converter that wants text of one shape, passed by a second check."""

    def convert(text: str) -> str:
        text = text.strip()
        if not pattern.fullmatch(text):
            raise ValueError(text)
        check(text)
        return text

    return convert


def _boolean(text: str) -> str:
    truth = _TRUTH.get(text.strip().lower())
    if truth is None:
        raise ValueError(text)
    return truth


TYPES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "date": (XSD.date, _matching(_DATE, dt.date.fromisoformat)),
    "dateTime": (XSD.dateTime, _matching(_DATE_TIME, dt.datetime.fromisoformat)),
    "year": (XSD.gYear, _matching(_YEAR)),
    "string": (XSD.string, str),
    "language": (XSD.string, lambda text: _matching(_LANGUAGE)(text).lower()),
    "integer": (XSD.integer, _matching(_INTEGER)),
    "decimal": (XSD.decimal, _matching(_DECIMAL)),
    "boolean": (XSD.boolean, _boolean),
    "iri": ("", str),
}
"""Type of a parameter → datatype of its term, and what makes its text. An IRI is no literal."""
