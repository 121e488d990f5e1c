"""A small graph of Oxigraph's terms: what shapes are read from, without a graph library."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from sikkerby_kg.terms import Term

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SH = "http://www.w3.org/ns/shacl#"
TYPE = NamedNode(_RDF + "type")
FIRST = NamedNode(_RDF + "first")
REST = NamedNode(_RDF + "rest")
NIL = NamedNode(_RDF + "nil")

Statement = tuple[Term, Term, Term]
_WITH_VALUE = (NamedNode, BlankNode, Literal)


class _Vocabulary:
    """The terms of SHACL as attributes; a word that Python keeps for itself has ``_`` at its end."""

    def __init__(self) -> None:
        self._known: dict[str, NamedNode] = {}

    def __getattr__(self, name: str) -> NamedNode:
        found = self[name.removesuffix("_")]
        setattr(self, name, found)
        return found

    def __getitem__(self, name: str) -> NamedNode:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = NamedNode(_SH + name)
        return found


SH = _Vocabulary()
NESTED = ("property", "node", "not", "qualifiedValueShape")
"""The parameters whose values are shapes (SHACL §4.6, §4.7)."""
LISTED = ("and", "or", "xone")
"""The parameters whose values are lists of shapes."""


class BrokenListError(ValueError):
    """An RDF list that does not end, or has no or several members in one place."""


class TermGraph:
    """Statements, in the order in which they were given; each one once."""

    def __init__(self, quads: Iterable[Quad] = ()) -> None:
        self._out: dict[Term, dict[Term, list[Term]]] = {}
        for quad in quads:
            self.add(quad.subject, quad.predicate, quad.object)

    def add(self, subject: Term, predicate: Term, value: Term) -> None:
        """Put a statement in."""
        values = self._out.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)
            self.__dict__.pop("_in", None)

    def __iter__(self) -> Iterator[Statement]:
        for subject, about in self._out.items():
            for predicate, values in about.items():
                for value in values:
                    yield subject, predicate, value

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, subject: Term) -> bool:
        """Whether anything is said about a node."""
        return subject in self._out

    def predicates(self, subject: Term) -> Iterable[Term]:
        """The properties that a node has."""
        return self._out.get(subject, {})

    def objects(self, subject: Term, predicate: Term) -> list[Term]:
        """The values of a property."""
        return self._out.get(subject, {}).get(predicate, [])

    def value(self, subject: Term, predicate: Term) -> Term | None:
        """The first value of a property, or None."""
        return next(iter(self.objects(subject, predicate)), None)

    def pairs(self, predicate: Term) -> Iterator[tuple[Term, Term]]:
        """Subject and value of every statement with a property."""
        for subject, about in self._out.items():
            for value in about.get(predicate, ()):
                yield subject, value

    def subjects(self, predicate: Term, value: Term) -> list[Term]:
        """The nodes that have a value for a property."""
        return self._in.get((predicate, value), [])

    def users(self, value: Term) -> Iterator[Term]:
        """The nodes that have a node as value of any property."""
        return (subject for (_, each), found in self._in.items() if each == value for subject in found)

    def items(self, start: Term) -> list[Term]:
        """The members of an RDF list (RDF Schema §5.2). Raises BrokenListError if it is none."""
        found: list[Term] = []
        seen: set[Term] = set()
        node = start
        while node != NIL:
            first, rest = self.objects(node, FIRST), self.objects(node, REST)
            if node in seen or len(first) != 1 or len(rest) != 1:
                raise BrokenListError(str(start))
            seen.add(node)
            found.append(first[0])
            node = rest[0]
        return found

    @cached_property
    def _in(self) -> dict[tuple[Term, Term], list[Term]]:
        found: dict[tuple[Term, Term], list[Term]] = {}
        for subject, predicate, value in self:
            found.setdefault((predicate, value), []).append(subject)
        return found


def nested(shapes: TermGraph, shape: Term) -> Iterator[tuple[Term, str]]:
    """The shapes that a shape refers to, with the way to each; those in a broken list are left out."""
    for name in NESTED:
        for inner in shapes.objects(shape, SH[name]):
            yield inner, f"sh:{name}"
    for name in LISTED:
        for start in shapes.objects(shape, SH[name]):
            with suppress(BrokenListError):  # the validation tells of it
                for number, inner in enumerate(shapes.items(start), 1):
                    yield inner, f"sh:{name} {number}"


def text(term: Term | None) -> str:
    """The IRI of a node, the lexical form of a literal, the label of a blank node; empty for None."""
    return term.value if isinstance(term, _WITH_VALUE) else str(term or "")
