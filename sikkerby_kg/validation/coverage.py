"""Which shapes look at anything: a shape that never has a focus node guards nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node, Variable

from sikkerby_kg.folders import Folders
from sikkerby_kg.validation.changes import shape_graphs
from sikkerby_kg.validation.data import Data
from sikkerby_kg.validation.graphs import LayeredDataset, Queries
from sikkerby_kg.validation.reach import read_path, with_targets
from sikkerby_kg.validation.reference import Reference
from sikkerby_kg.validation.report import Texts, ValidationReport
from sikkerby_kg.validation.scope import Source, scopes
from sikkerby_kg.validation.shapes import Shapes, load_shapes
from sikkerby_kg.validation.validating import validate

_NESTED = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
_LISTED = (SH["or"], SH["and"], SH.xone)
_RESULTS = "http://www.w3.org/ns/shacl#"


@dataclass(frozen=True, slots=True)
class ShapeCoverage:
    """What a shape looked at.

    ``name`` is its IRI or, for one without, the way to it from the shape that has one. ``focus`` counts
    its focus nodes, ``values`` what its path leads to from them (None for a node shape) and
    ``results`` the results of its own; None for a shape without IRI, whose results count at the one that
    holds it. ``is_told`` marks a shape without a target that only says what the software finds by itself,
    ``is_search`` one whose focus nodes a query looks for, so that it has none where all is well.
    """

    shape: Node
    name: str
    texts: Texts
    focus: int
    values: int | None
    results: int | None
    is_told: bool = False
    is_search: bool = False


def cover(folders: Folders) -> tuple[tuple[ShapeCoverage, ...], ValidationReport]:
    """How much of the content each shape looks at, in the order of their names; and the report.

    Raises ContentError as a validation does.
    """
    shapes = load_shapes(folders)
    (sources,) = scopes(folders)
    report = validate(sources, shapes)
    found = covered(sources, shapes, shape_graphs(folders), report)
    return tuple(sorted(found, key=lambda each: each.name)), report


def covered(
    sources: Iterable[Source], shapes: Shapes, graphs: Iterable[Graph], report: ValidationReport
) -> Iterator[ShapeCoverage]:
    """How much of some statements the shapes of some graphs look at."""
    reference, queries = Reference(Data(sources, shapes.hierarchy), shapes), Queries(shapes.prepared)
    flat, wide = reference.flat(queries), reference.layered(queries)
    fired = Counter(each.shape for each in report.results)
    told = Counter(str(each.shape) for each in report.results)
    for graph in graphs:
        walk = _Walk(graph, flat)
        for root in with_targets(graph):
            walk.is_search = (root, SH.target, None) in graph
            walk.visit(root, str(root), walk.targets(root, wide))
        named = {each for kind in (SH.NodeShape, SH.PropertyShape) for each in graph.subjects(RDF.type, kind)}
        for shape in sorted({*walk.names, *named}, key=str):
            is_told = shape not in walk.names and isinstance(shape, URIRef)
            yield ShapeCoverage(
                shape,
                walk.names.get(shape, str(shape)),
                tuple(
                    sorted(
                        (each.language or "", str(each))
                        for each in graph.objects(shape, SH.name)
                        if isinstance(each, Literal)
                    )
                ),
                len(walk.focus.get(shape, ())),
                walk.values[shape] if (shape, SH.path, None) in graph else None,
                None if isinstance(shape, BNode) else told[str(shape)] if is_told else fired[shape],
                is_told,
                shape in walk.searches,
            )


class _Walk:
    """Goes from the focus nodes of shapes to those of the shapes nested in them."""

    def __init__(self, shapes: Graph, data: Graph) -> None:
        self._shapes = shapes
        self._data = data
        self.focus: dict[Node, set[Node]] = {}
        self.values: Counter[Node] = Counter()
        self.names: dict[Node, str] = {}
        self.is_search = False
        self.searches: set[Node] = set()

    def visit(self, shape: Node, name: str, nodes: Iterable[Node]) -> None:
        """Count the nodes as focus nodes of a shape, and what follows in the shapes nested in it."""
        is_new = shape not in self.names
        self.names.setdefault(shape, name)
        if self.is_search:
            self.searches.add(shape)
        known = self.focus.setdefault(shape, set())
        new = set(nodes) - known
        if not new and not is_new:
            return
        known |= new
        values = new
        path = self._shapes.value(shape, SH.path)
        if path is not None:
            way: Any = read_path(self._shapes, path)
            pairs = {(node, value) for node in new for value in self._data.objects(node, way)}
            self.values[shape] += len(pairs)
            values = {value for _, value in pairs}
        for inner, step in self._nested(shape):
            own = str(inner) if isinstance(inner, URIRef) else f"{name} → {step}"
            self.visit(inner, own, values)

    def _nested(self, shape: Node) -> Iterator[tuple[Node, str]]:
        """The shapes in a shape, with the way to them."""
        for predicate in _NESTED:
            for inner in self._shapes.objects(shape, predicate):
                yield inner, f"sh:{str(predicate).removeprefix(_RESULTS)}"
        for predicate in _LISTED:
            for members in self._shapes.objects(shape, predicate):
                for number, inner in enumerate(self._shapes.items(members), 1):
                    yield inner, f"sh:{str(predicate).removeprefix(_RESULTS)} {number}"

    def targets(self, shape: Node, wide: LayeredDataset) -> set[Node]:
        """The focus nodes of a shape with targets (SHACL §2.1.3, Advanced Features §3)."""
        data, shapes = self._data, self._shapes
        found = set(shapes.objects(shape, SH.targetNode))
        classes = set(shapes.objects(shape, SH.targetClass))
        if not {RDFS.Class, OWL.Class}.isdisjoint(shapes.objects(shape, RDF.type)):
            classes.add(shape)
        for kind in classes:
            for below in data.transitive_subjects(RDFS.subClassOf, kind):
                found |= set(data.subjects(RDF.type, below))
        for each in shapes.objects(shape, SH.targetSubjectsOf):
            found |= set(data.subjects(each))
        for each in shapes.objects(shape, SH.targetObjectsOf):
            found |= set(data.objects(None, each))
        for target in shapes.objects(shape, SH.target):
            declared = [
                f"PREFIX {shapes.value(each, SH.prefix)}: <{shapes.value(each, SH.namespace)}>"
                for ontology in shapes.objects(target, SH.prefixes)
                for each in shapes.objects(ontology, SH.declare)
            ]
            query = "\n".join([*declared, str(shapes.value(target, SH.select))])
            found |= {each[Variable("this")] for each in wide.query(query).bindings}
        return found
