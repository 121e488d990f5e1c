"""A property path as RDF (SHACL §2.3.1)."""

from collections.abc import Callable
from itertools import count

from pyoxigraph import BlankNode, NamedNode, Triple

from sikkerby_kg.validation.paths import KINDS, Path
from sikkerby_kg.validation.shapes_graph import FIRST, NIL, REST

Node = NamedNode | BlankNode
_PREDICATES = {kind: predicate for predicate, kind in KINDS.items()}


class PathWriter:
    """Writes one path after the other; ``new`` makes their blank nodes."""

    def __init__(self, new: Callable[[], BlankNode]) -> None:
        self._new = new
        self._made: list[Triple] = []

    def written(self, path: Path) -> tuple[Node, list[Triple]]:
        """The node that stands for a path, and the statements about it."""
        self._made = []
        return self._node(path), self._made

    def _node(self, path: Path) -> Node:
        if path.iri is not None:
            return path.iri
        parts = [self._node(each) for each in path.parts]
        if path.kind == "sequence":
            return self._list(parts)
        value = self._list(parts) if path.kind == "alternative" else parts[0]
        node = self._new()
        self._made.append(Triple(node, _PREDICATES[path.kind], value))
        return node

    def _list(self, members: list[Node]) -> Node:
        nodes = [self._new() for _ in members]
        following: list[Node] = [*nodes[1:], NIL]
        for node, member, rest in zip(nodes, members, following, strict=True):
            self._made += [Triple(node, FIRST, member), Triple(node, REST, rest)]
        return nodes[0]


def counted(prefix: str) -> Callable[[], BlankNode]:
    """Makes blank nodes that are called alike in every run."""
    numbers = count(1)
    return lambda: BlankNode(f"{prefix}{next(numbers)}")
