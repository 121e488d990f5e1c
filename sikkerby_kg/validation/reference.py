"""The results as pySHACL finds them: the reference, and what carries out the shapes that are not compiled.

The only module that imports pySHACL.
"""

import logging
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pyoxigraph import Quad
from pyshacl import Validator
from pyshacl.graph_abstraction import DataGraph
from rdflib import SH as RDFLIB_SH, Graph, URIRef
from rdflib.term import Node, Variable

from sikkerby_kg.errors import ContentError
from sikkerby_kg.terms import Term, from_rdflib
from sikkerby_kg.validation.data import Data
from sikkerby_kg.validation.found import Found
from sikkerby_kg.validation.graphs import (
    Converter,
    FlatGraph,
    Index,
    LayeredDataset,
    Queries,
    Row,
    ShapesGraph,
)
from sikkerby_kg.validation.shapes import Shapes, ShapesPart
from sikkerby_kg.validation.shapes_graph import SH, TYPE, Statement, TermGraph, text

_FOR_PEOPLE = frozenset((SH.description, SH.group, SH.message, SH.name, SH.order))
_TARGETS = frozenset((SH.target, SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf))
_NO_MESSAGE = "urn:sikkerby-kg:no-message"


class Reference:
    """PySHACL over some data, which is turned into rdflib's terms once."""

    def __init__(self, data: Data, shapes: Shapes) -> None:
        self._converter = Converter()
        self._data = data
        self._shapes = shapes
        terms = data.index.terms
        self._index = Index(
            self._statement((terms[s], terms[p], terms[o])) for s, p, o in data.index.statements()
        )

    def _statement(self, statement: Statement) -> tuple[Node, Node, Node]:
        subject, predicate, value = statement
        term = self._converter.term
        return term(subject), term(predicate), term(value)

    def found(self, part: ShapesPart, wanted: Collection[Term]) -> list[Found]:
        """What the shapes with a target that are wanted find.

        Raises ContentError if they cannot be carried through.
        """
        queries = Queries(self._shapes.prepared)
        report = _report_graph(part, self._graph(part, queries), self._lean(part, wanted))
        return list(_Reader(part.graph, queries).read(report))

    def _graph(self, part: ShapesPart, queries: Queries) -> FlatGraph | LayeredDataset:
        return self.layered(queries) if part.over_dataset else self.flat(queries)

    def layered(self, queries: Queries) -> LayeredDataset:
        """The data with its named graphs."""
        return LayeredDataset(self._index, map(self._named, self._data.named()), queries)

    def flat(self, queries: Queries) -> FlatGraph:
        """The data without its named graphs."""
        among, terms = self._data.targets, self._data.index.terms
        only = None if among is None else {self._converter.term(terms[each]) for each in among}
        return FlatGraph(self._index, queries, only)

    def _named(self, quad: Quad) -> tuple[Node, tuple[Node, Node, Node]]:
        name = self._converter.graph_name(quad)
        assert name is not None  # noqa: S101  (quads in named graphs)
        return name, self._converter.statement(quad)

    def _lean(self, part: ShapesPart, wanted: Collection[Term]) -> ShapesGraph:
        """Shapes without what is only for people, and without the targets of those that are not wanted.

        Messages are filled in by us. The stand-in keeps pySHACL from doing it: it would write a text of its
        own, which fails for a value without IRI, or read a backslash in a value as the start of an escape.
        """
        shapes, compiled = part.graph, part.compiled
        done = set(compiled.with_target) - set(wanted)
        classes = {each for each in done if compiled.is_implicit(each)}
        kept = (
            each
            for each in shapes
            if each[1] not in _FOR_PEOPLE
            and not (each[0] in done and each[1] in _TARGETS)
            and not (each[0] in classes and each[1] == TYPE and each[2] != SH.NodeShape)
        )
        index = Index(map(self._statement, kept))
        with_query = {subject for each in (SH.select, SH.ask) for subject, _ in shapes.pairs(each)}
        for subject in {subject for subject, _, _ in shapes} - with_query:
            index.put((self._converter.term(subject), RDFLIB_SH.message, URIRef(_NO_MESSAGE)))
        return ShapesGraph(index)


def _report_graph(part: ShapesPart, graph: FlatGraph | LayeredDataset, shapes: ShapesGraph) -> Graph:
    """The report graph (SHACL §3.6). Raises ContentError if the shapes cannot be carried through."""
    silent = logging.getLogger(f"{__name__}.pyshacl")
    silent.disabled = True  # what it would log comes as an exception too
    options = {"inplace": True, "advanced": part.over_dataset, "logger": silent}
    try:
        validator: Any = Validator(DataGraph.from_rdflib(graph), shacl_graph=shapes, options=options)
        report: Graph = validator.run()[1]
    except Exception as error:
        # pySHACL and rdflib's SPARQL engine tell of unusable shapes by some ten unrelated classes.
        problem = str(getattr(error, "message", error)) or type(error).__name__
        raise ContentError("shapes.unusable", path=", ".join(part.names), problem=problem) from error
    return report


class _Reader:
    """Reads the results from a report graph."""

    def __init__(self, shapes: TermGraph, queries: Queries) -> None:
        self._shapes = shapes
        self._rows = {
            (query, focus): _distinct(rows)
            for query, by_focus in queries.found.items()
            for focus, rows in by_focus.items()
        }

    def read(self, report: Graph) -> Iterator[Found]:
        """The results of a report, in no particular order."""
        inner = set(report.objects(None, RDFLIB_SH.detail))
        for node in report.objects(None, RDFLIB_SH.result):
            if node not in inner:
                yield self._found(report, node)

    def _found(self, report: Graph, node: Node) -> Found:
        def one(predicate: URIRef) -> Node | None:
            return report.value(node, predicate)

        focus, shape = one(RDFLIB_SH.focusNode), one(RDFLIB_SH.sourceShape)
        value, path, constraint = (
            one(RDFLIB_SH.value),
            one(RDFLIB_SH.resultPath),
            one(RDFLIB_SH.sourceConstraint),
        )
        assert focus is not None  # noqa: S101  (SHACL §3.6.2.1: every result has one)
        assert shape is not None  # noqa: S101  (as above)
        source = None if constraint is None else from_rdflib(constraint)
        select = None if source is None else self._shapes.value(source, SH.select)
        own, written = from_rdflib(shape), None if path is None else from_rdflib(path)
        return Found(
            own,
            str(one(RDFLIB_SH.sourceConstraintComponent)),
            from_rdflib(focus),
            None if value is None else from_rdflib(value),
            written if written is None or written not in self._shapes.objects(own, SH.path) else None,
            source,
            {} if select is None else self._row(text(select), focus, value, path),
            tuple(self._found(report, each) for each in report.objects(node, RDFLIB_SH.detail)),
        )

    def _row(self, select: str, focus: Node, value: Node | None, path: Node | None) -> dict[str, Term]:
        """The solution that a result was made from; each solution makes one result."""
        for (query, asked), rows in self._rows.items():
            if asked == focus and query.endswith(select):
                for row in rows:
                    if row.get(Variable("value"), value) == value and row.get(Variable("path"), path) == path:
                        rows.remove(row)
                        return {str(name): from_rdflib(term) for name, term in row.items()}
        return {}


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """Solutions without those that are like an earlier one; pySHACL makes no result of them."""
    return list({frozenset(row.items()): row for row in rows}.values())
