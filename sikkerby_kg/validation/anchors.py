"""What a thing without IRI hangs on: a name for it that is the same in every run."""

from collections.abc import Iterable

from rdflib import RDF, BNode, Graph, Literal
from rdflib.term import Node

from sikkerby_kg.namespaces import shrink


def anchors(data: Graph, nodes: Iterable[Node]) -> dict[str, str]:
    """Blank node → the way to it from the thing with an IRI that it hangs on, as in ``<…/plan> → dct:valid``.

    One that hangs on nothing is called after what is said of it. Two that hang alike are called alike.
    """
    return {str(node): _anchor(data, node, frozenset()) for node in nodes if isinstance(node, BNode)}


def _anchor(data: Graph, node: Node, below: frozenset[Node]) -> str:
    found = []
    for subject, link in data.subject_predicates(node):
        if subject not in below and subject != node:
            above = _anchor(data, subject, below | {node}) if isinstance(subject, BNode) else f"<{subject}>"
            found.append(f"{above} → {shrink(str(link))}")
    return min(found) if found else _said_of(data, node)


def _said_of(data: Graph, node: Node) -> str:
    """The statements about a node that hangs on nothing, the blank nodes in them left open."""
    said = []
    for link, value in data.predicate_objects(node):
        kind = "a" if link == RDF.type else shrink(str(link))
        text = value.n3() if isinstance(value, Literal) else shrink(str(value))
        said.append(f"{kind} {'[]' if isinstance(value, BNode) else text}")
    return f"[ {' ; '.join(sorted(said))} ]"
