"""What a thing without IRI hangs on: a name for it that is the same in every run."""

from collections.abc import Iterable

from rdflib import RDF, BNode, Graph, Literal
from rdflib.term import Node

from sikkerby_kg.namespaces import shrink

_FARTHEST = 50
"""Steps that a thing with an IRI may be away; from there on a node is called after what is said of it."""

_MOST = 10
"""Statements that a node is called after."""


def anchors(data: Graph, nodes: Iterable[Node]) -> dict[str, str]:
    """Blank node → the way to it from the thing with an IRI that it hangs on, as in ``<…/plan> → dct:valid``.

    One that hangs on nothing is called after what is said of it. Two that hang alike are called alike.
    """
    return {str(node): _anchor(data, node) for node in nodes if isinstance(node, BNode)}


def _anchor(data: Graph, node: Node) -> str:
    """The shortest way from a thing with an IRI; of those, the first in the alphabet."""
    seen, ways = {node}, {node: ""}
    for _ in range(_FARTHEST):
        ends: list[str] = []
        above: dict[Node, str] = {}
        for each, rest in ways.items():
            for subject, link in data.subject_predicates(each):
                way = f" → {shrink(str(link))}{rest}"
                if not isinstance(subject, BNode):
                    ends.append(f"<{subject}>{way}")
                elif subject not in seen:
                    above[subject] = min(way, above.get(subject, way))
        if ends:
            return min(ends)
        seen |= above.keys()
        ways = above
    return _said_of(data, node)


def _said_of(data: Graph, node: Node) -> str:
    """The first statements about a node that hangs on nothing, the blank nodes in them left open."""
    said = set()
    for link, value in data.predicate_objects(node):
        kind = "a" if link == RDF.type else shrink(str(link))
        text = value.n3() if isinstance(value, Literal) else shrink(str(value))
        said.add(f"{kind} {'[]' if isinstance(value, BNode) else text}")
    return f"[ {' ; '.join(sorted(said)[:_MOST])} ]"
