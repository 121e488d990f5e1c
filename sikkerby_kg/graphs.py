"""The dataset of a query: which graphs make its default graph, and which it can name (SPARQL 1.1 §13.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from pyoxigraph import NamedNode

from sikkerby_kg.errors import SparqlRefusedError
from sikkerby_kg.lexer import Token, Tokens, with_code_points


@dataclass(frozen=True, slots=True)
class Graphs:
    """A dataset by the IRIs of its graphs: the default graph is the merge of ``default``.

    A graph that the store does not hold is empty: nothing is ever fetched.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.default or self.named)

    def nodes(self) -> tuple[list[NamedNode], list[NamedNode]]:
        """Default and named graphs as terms, each once. Raises SparqlRefusedError for what is no IRI."""
        return _nodes(self.default), _nodes(self.named)


NO_GRAPHS = Graphs()
"""No choice: the dataset of the query counts, else everything."""


def _nodes(iris: tuple[str, ...]) -> list[NamedNode]:
    found = []
    for iri in dict.fromkeys(iris):
        try:
            found.append(NamedNode(iri))
        except ValueError:
            raise SparqlRefusedError("sparql.graph", iri=iri) from None
    return found


def clauses(text: str, base: str = "") -> Graphs:
    """The dataset that the FROM and FROM NAMED clauses of a query describe; empty if it has none.

    Relative IRIs are resolved against BASE, at first ``base``. The query need not parse.

    >>> clauses("PREFIX g: <http://example.org/> SELECT * FROM g:x FROM NAMED <http://example.org/y> {}")
    Graphs(default=('http://example.org/x',), named=('http://example.org/y',))
    """
    tokens = Tokens(with_code_points(text))
    default: list[str] = []
    named: list[str] = []
    for index, token in enumerate(tokens):
        if token.keyword == "BASE" and index + 1 < len(tokens):
            base = resolved(base, tokens[index + 1].text[1:-1])
        if token.keyword != "FROM":
            continue
        is_named = tokens.text_at(index + 1) == "NAMED"
        place = index + 1 + is_named
        if place < len(tokens):
            (named if is_named else default).append(iri_of(tokens[place], tokens.prefixes, base))
    return Graphs(tuple(default), tuple(named))


def iri_of(token: Token, prefixes: Mapping[str, str], base: str) -> str:
    """The IRI that a token writes: in full, or with a prefix."""
    if token.kind == "iri":
        return resolved(base, token.text[1:-1])
    prefix, _, local = token.text.partition(":")
    return resolved(base, prefixes.get(prefix, "")) + local.replace("\\", "")


def resolved(base: str, iri: str) -> str:
    """A relative IRI made whole (RFC 3986 §5)."""
    try:
        return urljoin(base, iri)
    except ValueError:  # an IRI with a half-open bracket, which no graph has
        return iri
