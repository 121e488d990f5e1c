"""The shapes of a root as a list: what each is about, and how many nodes it looks at in some statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.namespaces import local_name
from sikkerby_kg.validation.data import Data
from sikkerby_kg.validation.focus import FocusNodes
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.shapes import Shapes
from sikkerby_kg.validation.shapes_graph import SH, TYPE, TermGraph, nested


@dataclass(frozen=True, slots=True)
class ShapeUse:
    """A shape that stands for itself: its texts by language, and the number of its focus nodes.

    ``focus`` is None for a shape that has no target: it tells of what is found in any statement. A shape
    whose target is a query (``by_query``) mostly finds only what is wrong.
    """

    iri: str
    severity: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    messages: Mapping[str, str]
    focus: int | None
    by_query: bool = False


def shape_uses(shapes: Shapes, sources: Sequence[Source]) -> list[ShapeUse]:
    """The node shapes with an IRI that are no part of others, by IRI.

    Raises ContentError for a triple term in the statements.
    """
    data = Data(sources, shapes.hierarchy)
    inner = {
        each
        for part in shapes.parts
        for shape in dict.fromkeys(subject for subject, _, _ in part.graph)
        for each, _ in nested(part.graph, shape)
    }
    found = []
    for part in shapes.parts:
        focus_nodes = FocusNodes(part, shapes, data)
        for shape in part.graph.subjects(TYPE, SH.NodeShape):
            if isinstance(shape, NamedNode) and shape not in inner:
                focus = focus_nodes.of(shape) if shape in part.compiled.with_target else None
                found.append(_use(part.graph, shape, focus, data.targets))
    return sorted(found, key=lambda use: use.iri)


def _use(graph: TermGraph, shape: NamedNode, focus: set[int] | None, possible: set[int] | None) -> ShapeUse:
    def texts(predicate: NamedNode) -> dict[str, str]:
        values = [value for value in graph.objects(shape, predicate) if isinstance(value, Literal)]
        return {value.language or "": value.value for value in sorted(values, key=lambda each: each.value)}

    severity = graph.value(shape, SH.severity)
    if focus is not None and possible is not None:
        focus &= possible
    return ShapeUse(
        shape.value,
        local_name(severity.value) if isinstance(severity, NamedNode) else "Violation",
        names=texts(SH.name),
        descriptions=texts(SH.description),
        messages=texts(SH.message),
        focus=None if focus is None else len(focus),
        by_query=bool(graph.objects(shape, SH.target)),
    )
