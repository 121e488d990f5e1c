"""What a thing without IRI hangs on: a name for it that is the same in every run."""

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode

from sikkerby_kg.namespaces import shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.index import BLANK, LITERAL, DataIndex
from sikkerby_kg.validation.shapes_graph import text

_FARTHEST = 50
"""Steps that a thing with an IRI may be away; from there on a node is called after what is said of it."""

_MOST = 10
"""Statements that a node is called after."""


def anchors(data: DataIndex, nodes: Iterable[Term]) -> dict[str, str]:
    """Blank node → the way to it from the thing with an IRI that it hangs on, as in ``<…/plan> → dct:valid``.

    One that hangs on nothing is called after what is said of it. Two that hang alike are called alike.
    """
    blank = (each for each in nodes if isinstance(each, BlankNode))
    return {node.value: _anchor(data, data.ids.get(node, -1)) for node in blank}


def _anchor(data: DataIndex, node: int) -> str:
    """The shortest way from a thing with an IRI; of those, the first in the alphabet."""
    seen, ways = {node}, {node: ""}
    for _ in range(_FARTHEST):
        ends: list[str] = []
        above: dict[int, str] = {}
        for each, rest in ways.items():
            for subject, link in _into(data, each):
                way = f" → {shrink(text(data.terms[link]))}{rest}"
                if data.kinds[subject] != BLANK:
                    ends.append(f"<{text(data.terms[subject])}>{way}")
                elif subject not in seen:
                    above[subject] = min(way, above.get(subject, way))
        if ends:
            return min(ends)
        seen |= above.keys()
        ways = above
    return _said_of(data, node)


def _into(data: DataIndex, node: int) -> Iterator[tuple[int, int]]:
    """Subject and property of the statements that lead to a node."""
    return ((subject, link) for link in data.out for subject in data.into(link).get(node, ()))


def _said_of(data: DataIndex, node: int) -> str:
    """The first statements about a node that hangs on nothing, the blank nodes in them left open."""
    said = set()
    for link, links in data.out.items():
        for value in links.get(node, ()):
            name = "a" if link == data.type else shrink(text(data.terms[link]))
            said.add(f"{name} {_shown(data, value)}")
    return f"[ {' ; '.join(sorted(said)[:_MOST])} ]"


def _shown(data: DataIndex, node: int) -> str:
    term = data.terms[node]
    if data.kinds[node] == BLANK:
        return "[]"
    return str(term) if data.kinds[node] == LITERAL else shrink(text(term))
