"""Names for blank nodes that are the same in another reading of a file: by what is said of them."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from pyoxigraph import BlankNode, DefaultGraph, Quad

from sikkerby_kg.terms import Term

Row = tuple[Term | DefaultGraph, Term | DefaultGraph, Term | DefaultGraph, Term | DefaultGraph]
"""A statement as its four terms."""
_WORD = re.compile(r"\w+")


def row(quad: Quad) -> Row:
    """A quad as its four terms."""
    return (quad.subject, quad.predicate, quad.object, quad.graph_name)


class Names:
    """The names of the blank nodes in some statements."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._about: dict[object, list[Quad]] = {}
        self._to: dict[object, list[Quad]] = {}
        for quad in quads:
            if isinstance(quad.subject, BlankNode):
                self._about.setdefault(quad.subject, []).append(quad)
            if isinstance(quad.object, BlankNode):
                self._to.setdefault(quad.object, []).append(quad)
        self._said: dict[object, str] = {}

    def row(self, quad: Quad) -> tuple[str, ...]:
        """A statement with the names of what is said of its blank nodes."""
        return tuple(self._named(term) for term in row(quad))

    def of(self, node: Term) -> str:
        """The name of a node, a blank one being called by what is said of it and what leads to it.

        One that another is like keeps the name of this reading, so that neither is taken for the other.
        """
        return self._whole.get(node, str(node)) if isinstance(node, BlankNode) else str(node)

    def within(self, text: str) -> str:
        """A text in which blank nodes are called by their names."""
        by_value = self._by_value
        return _WORD.sub(lambda word: by_value.get(word[0], word[0]), text) if by_value else text

    @cached_property
    def _whole(self) -> dict[object, str]:
        """The names that no two nodes have."""
        found = {}
        for node in {**self._about, **self._to}:
            leading = sorted(
                f"{self._named(quad.subject)} {quad.predicate} {quad.graph_name}"
                for quad in self._to.get(node, ())
            )
            found[node] = " ".join([self._named(node), *leading])
        count = Counter(found.values())
        return {node: name for node, name in found.items() if count[name] == 1}

    @cached_property
    def _by_value(self) -> dict[str, str]:
        return {str(node).removeprefix("_:"): name for node, name in self._whole.items()}

    def _named(self, term: object, above: tuple[object, ...] = ()) -> str:
        if not isinstance(term, BlankNode):
            return str(term)
        if term in above:  # a ring of blank nodes looks different each time, and so as if it had changed
            return str(term)
        if term not in self._said:
            inside = (*above, term)
            said = sorted(
                f"{quad.predicate} {self._named(quad.object, inside)} {quad.graph_name}"
                for quad in self._about.get(term, ())
            )
            self._said[term] = "_:" + hashlib.sha256("\n".join(said).encode()).hexdigest()
        return self._said[term]
