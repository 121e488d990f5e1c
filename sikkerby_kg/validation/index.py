"""The statements to validate, indexed by numbers: every term is kept as it was written, and once.

A number stands for a term, so that a check compares numbers. Nothing is rewritten: ``4.0``, ``04`` and ``4``
are three terms, as for SHACL (§1.3, RDF 1.1 Concepts §3.3).
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from sikkerby_kg.terms import Term
from sikkerby_kg.validation.shapes_graph import TYPE, Statement

_SUBCLASS = NamedNode("http://www.w3.org/2000/01/rdf-schema#subClassOf")
_FEW = 2
IRI, BLANK, LITERAL = 0, 1, 2
"""What kind of term a number stands for."""

Links = Mapping[int, Sequence[int]]
"""From nodes to what they are connected with, each once."""
Numbered = tuple[int, int, int]
"""A statement in numbers."""


class Rows:
    """The statements of one file, in their order, and the names of its graphs."""

    __slots__ = ("graphs", "objects", "predicates", "subjects")

    def __init__(self) -> None:
        self.subjects, self.predicates, self.objects = array("i"), array("i"), array("i")
        self.graphs: set[int] = set()

    def __iter__(self) -> Iterator[Numbered]:
        return zip(self.subjects, self.predicates, self.objects, strict=True)


class DataIndex:
    """``terms`` by number and ``ids`` by term; ``kinds`` by number; ``out``: property → subject → values."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.ids: dict[Term, int] = {}
        self.kinds = bytearray()
        self.out: dict[int, dict[int, list[int]]] = {}
        self._into: dict[int, dict[int, list[int]]] = {}
        self._below: dict[int, frozenset[int]] = {}
        self.type = self.number(TYPE)
        self._subclass = self.number(_SUBCLASS)

    def number(self, term: Term) -> int:
        """The number of a term, which it gets at the first time. Raises TypeError for a triple term."""
        found = self.ids.get(term)
        if found is not None:
            return found
        if isinstance(term, NamedNode):
            kind = IRI
        elif isinstance(term, Literal):
            kind = LITERAL
        elif isinstance(term, BlankNode):
            kind = BLANK
        else:
            raise TypeError(term)
        new = self.ids[term] = len(self.terms)
        self.terms.append(term)
        self.kinds.append(kind)
        return new

    def load(self, quads: Iterable[Quad]) -> Rows:
        """Put the statements of a file in; ``finish`` has to follow. Raises TypeError for a triple term."""
        rows = Rows()
        ids, out, number = self.ids, self.out, self.number
        subjects, predicates, objects = rows.subjects.append, rows.predicates.append, rows.objects.append
        graph_name = None
        for quad in quads:
            subject, predicate, value, graph = quad
            s = ids.get(subject)
            if s is None:
                s = number(subject)
            p = ids.get(predicate)
            if p is None:
                p = number(predicate)
            o = ids.get(value)
            if o is None:
                o = number(value)
            subjects(s)
            predicates(p)
            objects(o)
            links = out.get(p)
            if links is None:
                links = out[p] = {}
            values = links.get(s)
            if values is None:
                links[s] = [o]
            else:
                values.append(o)
            if graph != graph_name:
                graph_name = graph
                if isinstance(graph, NamedNode | BlankNode):
                    rows.graphs.add(number(graph))
        return rows

    def add(self, statements: Iterable[Statement]) -> None:
        """Put statements in that belong to no file."""
        for subject, predicate, value in statements:
            links = self.out.setdefault(self.number(predicate), {})
            links.setdefault(self.number(subject), []).append(self.number(value))

    def finish(self) -> None:
        """Leave out what was said more than once; to be called when all is in."""
        for links in self.out.values():
            for values in links.values():
                if len(values) >= _FEW and len(set(values)) != len(values):
                    values[:] = dict.fromkeys(values)

    def into(self, predicate: int) -> dict[int, list[int]]:
        """Value → subjects of a property."""
        found = self._into.get(predicate)
        if found is None:
            found = self._into[predicate] = {}
            for subject, values in self.out.get(predicate, {}).items():
                for value in values:
                    subjects = found.get(value)
                    if subjects is None:
                        found[value] = [subject]
                    else:
                        subjects.append(subject)
        return found

    def statements(self) -> Iterator[Numbered]:
        """Every statement once, whichever its file and graph."""
        for predicate, links in self.out.items():
            for subject, values in links.items():
                for value in values:
                    yield subject, predicate, value

    def objects(self, subject: int, predicate: int) -> Sequence[int]:
        """The values of a property of a node."""
        return self.out.get(predicate, {}).get(subject, ())

    def below(self, kind: int) -> frozenset[int]:
        """A class and all that are below it (SHACL §1.1: SHACL subclass)."""
        found = self._below.get(kind)
        if found is None:
            found = self._below[kind] = self._reached(kind, self.into(self._subclass))
        return found

    def above(self, kind: int) -> frozenset[int]:
        """A class and all that are above it."""
        return self._reached(kind, self.out.get(self._subclass, {}))

    def instances(self, kind: int) -> Iterator[int]:
        """The nodes of a class or of one below it (SHACL §1.1: SHACL instance); perhaps more than once."""
        typed = self.into(self.type)
        return chain.from_iterable(typed.get(each, ()) for each in self.below(kind))

    def is_instance(self, node: int, kind: int) -> bool:
        """Whether a node is of a class or of one below it."""
        return not self.below(kind).isdisjoint(self.objects(node, self.type))

    @staticmethod
    def _reached(start: int, links: Links) -> frozenset[int]:
        found = {start}
        waiting = [start]
        for each in waiting:
            for following in links.get(each, ()):
                if following not in found:
                    found.add(following)
                    waiting.append(following)
        return frozenset(found)
