"""Ways through a dataset, walked backwards: from a statement that changed to the nodes that can see it.

A shape reaches what it looks at step by step from its focus node. The steps are edges between states; a way
that leads from a focus node in the state of its shape to a statement is a way on which the shape may look at
it. What a shape looks at is overestimated, never underestimated.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import DefaultGraph, Quad

from sikkerby_kg.terms import Term

SUBJECT, PREDICATE, OBJECT, GRAPH = range(4)
Row = tuple[Term | DefaultGraph, Term | DefaultGraph, Term | DefaultGraph, Term | DefaultGraph]
"""A statement as its four terms."""


def row(quad: Quad) -> Row:
    """A quad as its four terms."""
    return (quad.subject, quad.predicate, quad.object, quad.graph_name)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Statements with given terms in some of their four slots."""

    terms: tuple[tuple[int, Term], ...] = ()

    def fits(self, statement: Row) -> bool:
        """Whether a statement is one of them."""
        return all(statement[slot] == term for slot, term in self.terms)


@dataclass(frozen=True, slots=True)
class Edge:
    """A step: from the node in one slot of a statement to the node in another one, if that is followed."""

    source: int
    pattern: Pattern
    come: int
    go: int
    target: int


@dataclass
class Automaton:
    """States and steps; a state is a number."""

    edges: list[Edge] = field(default_factory=list)
    shortcuts: list[tuple[int, int]] = field(default_factory=list)
    """Steps without a statement: whoever is in the first state is in the second one, too."""
    size: int = 0

    def state(self) -> int:
        """A new state."""
        self.size += 1
        return self.size

    def step(self, source: int, target: int, pattern: Pattern, come: int = SUBJECT, go: int = OBJECT) -> None:
        """Add a step."""
        self.edges.append(Edge(source, pattern, come, go, target))

    def back(  # noqa: C901  (one search; its parts share what was found)
        self, changed: Iterable[Row], statements: Iterable[Row]
    ) -> dict[int, set[Term]]:
        """State → the nodes from which, in this state, a changed statement is in sight.

        ``statements`` are all those before and after the change.
        """
        into: dict[int, list[Edge]] = {}
        for edge in self.edges:
            into.setdefault(edge.target, []).append(edge)
        free: dict[int, list[int]] = {}
        for source, target in self.shortcuts:
            free.setdefault(target, []).append(source)
        everything = _Slots(statements)
        found: dict[int, set[Term]] = {}
        waiting: list[tuple[Term, int]] = []

        def mark(node: Term | DefaultGraph, state: int) -> None:
            if not isinstance(node, DefaultGraph) and node not in found.setdefault(state, set()):
                found[state].add(node)
                waiting.append((node, state))

        for statement in changed:
            for edge in self.edges:
                if edge.pattern.fits(statement):
                    mark(statement[edge.come], edge.source)
        while waiting:
            node, state = waiting.pop()
            for source in free.get(state, ()):
                mark(node, source)
            for edge in into.get(state, ()):
                for statement in everything.having(edge.go, node):
                    if edge.pattern.fits(statement):
                        mark(statement[edge.come], edge.source)
        return found


class _Slots:
    """Statements by the term in each of their slots."""

    def __init__(self, statements: Iterable[Row]) -> None:
        self._by: tuple[dict[Term | DefaultGraph, list[Row]], ...] = ({}, {}, {}, {})
        for statement in statements:
            for slot, term in enumerate(statement):
                self._by[slot].setdefault(term, []).append(statement)

    def having(self, slot: int, term: Term) -> list[Row]:
        """The statements with a term in a slot."""
        return self._by[slot].get(term, [])
