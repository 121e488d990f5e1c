"""Which shapes look at anything: a shape that never has a focus node guards nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode

from sikkerby_kg.folders import Folders
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.data import Data
from sikkerby_kg.validation.focus import FocusNodes
from sikkerby_kg.validation.paths import PathError, follower, read_path
from sikkerby_kg.validation.report import Texts, ValidationReport
from sikkerby_kg.validation.room import MOST
from sikkerby_kg.validation.scope import Source, scopes
from sikkerby_kg.validation.shapes import Shapes, ShapesPart, load_shapes
from sikkerby_kg.validation.shapes_graph import SH, TYPE, TermGraph, nested, text
from sikkerby_kg.validation.validating import validate


@dataclass(frozen=True, slots=True)
class ShapeCoverage:
    """What a shape looked at.

    ``name`` is its IRI or, for one without, the way to it from the shape that has one. ``focus`` counts
    its focus nodes, ``values`` what its path leads to from them (None for a node shape) and
    ``results`` the results of its own; None for a shape without IRI, whose results count at the one that
    holds it. ``is_told`` marks a shape without a target that only says what the software finds by itself,
    ``is_search`` one whose focus nodes a query looks for, so that it has none where all is well.
    """

    shape: Term
    name: str
    texts: Texts
    focus: int
    values: int | None
    results: int | None
    is_told: bool = False
    is_search: bool = False


def cover(folders: Folders, most: int = MOST) -> tuple[tuple[ShapeCoverage, ...], ValidationReport]:
    """How much of the content each shape looks at, in the order of their names; and the report.

    Raises ContentError as a validation does.
    """
    shapes = load_shapes(folders)
    (sources,) = scopes(folders, most=most)
    report = validate(sources, shapes)
    return tuple(sorted(covered(sources, shapes, report), key=lambda each: each.name)), report


def covered(sources: Iterable[Source], shapes: Shapes, report: ValidationReport) -> Iterator[ShapeCoverage]:
    """How much of some statements each shape looks at."""
    data = Data(sources, shapes.hierarchy)
    fired = Counter(each.shape_term for each in report.results)
    for part in shapes.parts:
        graph = part.graph
        walk = _Walk(part, shapes, data)
        named = {*graph.subjects(TYPE, SH.NodeShape), *graph.subjects(TYPE, SH.PropertyShape)}
        for shape in (*walk.names, *sorted(named - walk.names.keys(), key=text)):
            texts = (each for each in graph.objects(shape, SH.name) if isinstance(each, Literal))
            yield ShapeCoverage(
                shape,
                walk.names.get(shape, text(shape)),
                tuple(sorted((each.language or "", each.value) for each in texts)),
                len(walk.focus.get(shape, ())),
                walk.values[shape] if graph.objects(shape, SH.path) else None,
                None if isinstance(shape, BlankNode) else fired[shape],
                shape not in walk.names and isinstance(shape, NamedNode),
                shape in walk.searches,
            )


class _Walk:
    """Goes from the focus nodes of shapes to those of the shapes nested in them."""

    def __init__(self, part: ShapesPart, shapes: Shapes, data: Data) -> None:
        self._shapes: TermGraph = part.graph
        self._index = data.index
        self.focus: dict[Term, set[int]] = {}
        self.values: Counter[Term] = Counter()
        self.names: dict[Term, str] = {}
        self.searches: set[Term] = set()
        focus_nodes = FocusNodes(part, shapes, data)
        for root in part.compiled.with_target:
            is_search = bool(part.over_dataset and self._shapes.objects(root, SH.target))
            self._visit(root, text(root), focus_nodes.of(root), is_search=is_search)

    def _visit(self, shape: Term, name: str, nodes: Iterable[int], *, is_search: bool) -> None:
        """Count the nodes as focus nodes of a shape, and what follows in the shapes nested in it."""
        is_new = shape not in self.names
        self.names.setdefault(shape, name)
        if is_search:
            self.searches.add(shape)
        known = self.focus.setdefault(shape, set())
        values = new = set(nodes) - known
        if not new and not is_new:
            return
        known |= new
        path = self._shapes.value(shape, SH.path)
        if path is not None:
            try:
                follow = follower(read_path(self._shapes, path), self._index)
            except PathError:
                return  # the validation has told of it
            ends = [set(follow(node)) for node in new]
            self.values[shape] += sum(map(len, ends))
            values = set().union(*ends)
        for inner, step in nested(self._shapes, shape):
            own = inner.value if isinstance(inner, NamedNode) else f"{name} → {step}"
            self._visit(inner, own, values, is_search=is_search)
