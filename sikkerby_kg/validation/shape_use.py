"""The shapes of a root as a list: what each is about, and how many nodes it looks at in some statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from sikkerby_kg import terms
from sikkerby_kg.dataset import parse_file
from sikkerby_kg.folders import Folders
from sikkerby_kg.namespaces import RDF, RDFS, SH
from sikkerby_kg.validation.scope import Source, shape_files

_TARGETS = {
    f"{SH}targetClass": f"?this <{RDF.type}>/<{RDFS.subClassOf}>* {{value}}",
    f"{SH}targetSubjectsOf": "?this {value} ?any",
    f"{SH}targetObjectsOf": "?any {value} ?this",
}
"""The targets of SHACL §2.1.3 that are found by a pattern."""

_WITHIN = "|".join(
    (
        *(f"<{SH}{name}>" for name in ("property", "node", "not", "qualifiedValueShape")),
        *(f"<{SH}{name}>/<{RDF.rest}>*/<{RDF.first}>" for name in ("and", "or", "xone")),
    )
)
"""What leads from a shape to one that is a part of it."""


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


def shape_uses(folders: Folders, sources: Sequence[Source]) -> list[ShapeUse]:
    """The node shapes of a root that are no part of others, by IRI. Raises ContentError as ``parse_file``."""
    shapes = Store()
    for path in shape_files(folders):
        shapes.extend(
            Quad(quad.subject, quad.predicate, quad.object) for quad in parse_file(path, folders.shown(path))
        )
    data = Store()
    data.extend(quad for source in sources for quad in source.quads)
    data.extend(shapes.quads_for_pattern(None, NamedNode(RDFS.subClassOf), None, None))
    counter = _Counter(shapes, data, _asked_for(sources))
    found = _rows(
        shapes,
        f"SELECT DISTINCT ?shape WHERE {{ ?shape a <{SH.NodeShape}> "
        f"FILTER NOT EXISTS {{ ?other {_WITHIN} ?shape }} FILTER(isIRI(?shape)) }} ORDER BY ?shape",
    )
    return [counter.use(shape) for (shape,) in found if isinstance(shape, NamedNode)]


def _asked_for(sources: Sequence[Source]) -> AbstractSet[object] | None:
    """The nodes that may be focus nodes; None if there is no background, and so all may."""
    if not any(source.is_background for source in sources):
        return None
    quads = [quad for source in sources if not source.is_background for quad in source.quads]
    return {term for quad in quads for term in (quad.subject, quad.object, quad.graph_name)}


class _Counter:
    """Counts the focus nodes of shapes."""

    def __init__(self, shapes: Store, data: Store, possible: AbstractSet[object] | None) -> None:
        self._shapes = shapes
        self._data = data
        self._possible = possible

    def use(self, shape: NamedNode) -> ShapeUse:
        severity = next((value for value in self._values(shape, SH.severity)), None)
        return ShapeUse(
            shape.value,
            severity.value.removeprefix(str(SH)) if isinstance(severity, NamedNode) else "Violation",
            names=self._texts(shape, SH.name),
            descriptions=self._texts(shape, SH.description),
            messages=self._texts(shape, SH.message),
            focus=self._count(shape),
            by_query=next(iter(self._values(shape, f"{SH}target")), None) is not None,
        )

    def _count(self, shape: NamedNode) -> int | None:
        targets = list(self._targets(shape))
        if not targets:
            return None
        nodes = {node for target in targets for node in target}
        return len(nodes if self._possible is None else nodes & self._possible)

    def _targets(self, shape: NamedNode) -> Iterator[set[terms.Term]]:
        """The nodes of each target of a shape (SHACL §2.1.3; Advanced Features §3.1)."""
        for name, pattern in _TARGETS.items():
            for value in self._values(shape, name):
                query = f"SELECT DISTINCT ?this WHERE {{ {pattern.format(value=value)} }}"
                yield {node for (node,) in _rows(self._data, query) if node is not None}
        yield from ({node} for node in self._values(shape, f"{SH}targetNode"))
        for target in self._values(shape, f"{SH}target"):
            for select in self._values(target, SH.select):
                query = getattr(select, "value", "")
                found = _rows(self._data, query, self._prefixes(target), "this")
                yield {node for (node,) in found if node is not None}

    def _prefixes(self, target: terms.Term) -> dict[str, str]:
        """The prefixes that a query of a target declares (SHACL §5.2.1)."""
        return {
            getattr(prefix, "value", ""): getattr(space, "value", "")
            for ontology in self._values(target, SH.prefixes)
            for each in self._values(ontology, SH.declare)
            for prefix in self._values(each, SH.prefix)
            for space in self._values(each, SH.namespace)
        }

    def _values(self, subject: terms.Term, name: str) -> Iterator[terms.Term]:
        if isinstance(subject, Literal):
            return
        for quad in self._shapes.quads_for_pattern(subject, NamedNode(name), None, DefaultGraph()):
            yield quad.object

    def _texts(self, shape: NamedNode, name: str) -> dict[str, str]:
        found = [value for value in self._values(shape, name) if isinstance(value, Literal)]
        return {value.language or "": value.value for value in sorted(found, key=lambda value: value.value)}


def _rows(
    store: Store, query: str, prefixes: Mapping[str, str] | None = None, only: str = ""
) -> Iterable[Sequence[terms.Term | None]]:
    """The solutions of a SELECT query over all graphs; ``only`` one of its variables."""
    found = store.query(query, use_default_graph_as_union=True, prefixes=dict(prefixes or {}))
    assert isinstance(found, QuerySolutions)  # noqa: S101  (SHACL-AF §3.1: a SELECT query)
    return [[row[only]] if only else list(row) for row in found]
