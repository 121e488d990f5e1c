"""RDF terms in the three shapes that we need: rdflib's, plain Python's, and as text in a query."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from sikkerby_kg.namespaces import PREFIXES

if TYPE_CHECKING:
    from rdflib.term import BNode, Literal as RdflibLiteral, Node, URIRef

Term = NamedNode | BlankNode | Literal | Triple
"""A term as Oxigraph has it."""

_XSD = PREFIXES["xsd"]
_INTEGERS = (
    *("integer", "int", "long", "short", "byte", "gYear"),
    *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
    *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
)
_PYTHON: dict[str, Callable[[str], object]] = {
    **dict.fromkeys((_XSD + name for name in _INTEGERS), int),
    _XSD + "decimal": Decimal,
    _XSD + "double": float,
    _XSD + "float": float,
    _XSD + "boolean": lambda lexical: {"true": True, "1": True, "false": False, "0": False}[lexical],
    _XSD + "date": dt.date.fromisoformat,
    _XSD + "dateTime": dt.datetime.fromisoformat,
}
_SPECIAL = re.compile(r'\\([uU]?)|["\n\r\t]')
_ESCAPES = {"\n": "n", "\r": "r", "\t": "t"}


def to_rdflib(term: Term) -> "URIRef | BNode | RdflibLiteral":
    """The same term as rdflib has it. Raises TypeError for a triple term, which rdflib lacks."""
    import rdflib  # noqa: PLC0415  (a tenth of a second that most commands need not wait for)

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Triple):
        raise TypeError(term)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype.value == _XSD + "string" else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def from_rdflib(node: "Node") -> NamedNode | BlankNode | Literal:
    """The same term as Oxigraph has it. Raises TypeError for anything but IRI, blank node and literal."""
    from rdflib.term import BNode, Literal as RdflibLiteral, URIRef  # noqa: PLC0415  (as above)

    if isinstance(node, URIRef):
        return NamedNode(str(node))
    if isinstance(node, BNode):
        return BlankNode(str(node))
    if not isinstance(node, RdflibLiteral):
        raise TypeError(node)
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype)) if node.datatype else None)


def to_python(term: Term | None) -> Any:
    """The value of a term: int, Decimal, float, bool, date, datetime, or str for everything else.

    A literal whose text does not fit its datatype, or that Python cannot hold, gives its text.

    >>> to_python(Literal("2024-07-01", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")))
    datetime.date(2024, 7, 1)
    """
    if term is None:
        return None
    if isinstance(term, Literal):
        convert = _PYTHON.get(term.datatype.value)
        if convert is None:
            return term.value
        try:
            return convert(term.value)
        except (ValueError, KeyError, ArithmeticError):
            return term.value
    return str(term) if isinstance(term, Triple | BlankNode) else term.value


def to_sparql(term: NamedNode | Literal) -> str:
    r"""The text of a term for a SPARQL query: nothing in its value can end it.

    As N-Triples, except that a ``u`` after a backslash in the value is escaped: some SPARQL engines replace
    ``\uXXXX`` in the whole query before they read it (SPARQL 1.1 §19.2), wherever it stands.

    >>> print(to_sparql(Literal('a" } #')))
    "a\" } #"
    """
    if isinstance(term, NamedNode):
        return str(term)
    quoted = '"' + _SPECIAL.sub(_escaped, term.value) + '"'
    if term.language:
        return f"{quoted}@{term.language}"
    return quoted if term.datatype.value == _XSD + "string" else f"{quoted}^^{term.datatype}"


def _escaped(match: re.Match[str]) -> str:
    following = f"\\U{ord(match[1]):08X}" if match[1] else ""
    return "\\" + _ESCAPES.get(match[0][0], match[0][0]) + following
