"""A property path that is written as SPARQL does, back as RDF."""

import re
from collections.abc import Callable, Iterator

from pyoxigraph import BlankNode, NamedNode, Triple

from sikkerby_kg.namespaces import RDF, expand

_SH = "http://www.w3.org/ns/shacl#"
_TOKEN = re.compile(r"<[^<>]*>|[\w.\-]*:[\w.\-]*|[|/^()*+?]")
_MODIFIERS = {"*": "zeroOrMorePath", "+": "oneOrMorePath", "?": "zeroOrOnePath"}
_FIRST, _REST, _NIL = (NamedNode(f"{RDF}{name}") for name in ("first", "rest", "nil"))

Term = NamedNode | BlankNode


class PathReader:
    """Reads one path after the other; ``new`` makes their blank nodes.

    The grammar is that of SPARQL 1.1 §9.1, as far as SHACL has it (§2.3.1).
    """

    def __init__(self, new: Callable[[], BlankNode]) -> None:
        self._new = new
        self._tokens: list[str] = []
        self._made: list[Triple] = []

    def read(self, path: str) -> tuple[Term | None, list[Triple]]:
        """The node that a path has, and the statements about it; None for what is no path."""
        self._tokens, self._made = _TOKEN.findall(path), []
        if "".join(self._tokens) != path.replace(" ", ""):
            return None, []
        node = self._choice()
        return (None, []) if node is None or self._tokens else (node, self._made)

    def _choice(self) -> Term | None:
        found = self._several("|", self._sequence)
        if len(found) < 2:  # noqa: PLR2004  (one is no choice)
            return found[0] if found else None
        return self._node("alternativePath", self._list(found))

    def _sequence(self) -> Term | None:
        found = self._several("/", self._element)
        return self._list(found) if len(found) > 1 else next(iter(found), None)

    def _several(self, between: str, part: Callable[[], Term | None]) -> list[Term]:
        found = []
        while (node := part()) is not None:
            found.append(node)
            if not self._takes(between):
                return found
        return []

    def _element(self) -> Term | None:
        if self._takes("^"):
            inner = self._modified()
            return None if inner is None else self._node("inversePath", inner)
        return self._modified()

    def _modified(self) -> Term | None:
        node = self._primary()
        while node is not None and self._tokens and self._tokens[0] in _MODIFIERS:
            node = self._node(_MODIFIERS[self._tokens.pop(0)], node)
        return node

    def _primary(self) -> Term | None:
        if self._takes("("):
            node = self._choice()
            return node if self._takes(")") else None
        if not self._tokens or (len(self._tokens[0]) == 1 and self._tokens[0] != ":"):
            return None
        token = self._tokens.pop(0)
        iri = token[1:-1] if token.startswith("<") else expand(token)
        return NamedNode(iri) if iri else None

    def _takes(self, token: str) -> bool:
        """Whether a token comes next; then it is taken."""
        return bool(self._tokens and self._tokens[0] == token and self._tokens.pop(0))

    def _node(self, name: str, value: Term) -> BlankNode:
        node = self._new()
        self._made.append(Triple(node, NamedNode(_SH + name), value))
        return node

    def _list(self, members: list[Term]) -> Term:
        nodes = [self._new() for _ in members]
        following: list[Term] = [*nodes[1:], _NIL]
        for node, member, rest in zip(nodes, members, following, strict=True):
            self._made += [Triple(node, _FIRST, member), Triple(node, _REST, rest)]
        return nodes[0]


def counted(prefix: str) -> Callable[[], BlankNode]:
    """Makes blank nodes that are called alike in every run."""

    def numbers() -> Iterator[BlankNode]:
        number = 0
        while True:
            number += 1
            yield BlankNode(f"{prefix}{number}")

    made = numbers()
    return lambda: next(made)
