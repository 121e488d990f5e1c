"""Shapes read once into constraints, and bound to data as closures."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.namespaces import PREFIXES, shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.constraints import VALUE_COMPONENTS, Check, Constraint, Evaluate
from sikkerby_kg.validation.found import Found, UnsupportedError
from sikkerby_kg.validation.index import DataIndex
from sikkerby_kg.validation.logic import SHAPE_COMPONENTS, references
from sikkerby_kg.validation.parameters import Parameters
from sikkerby_kg.validation.paths import Follow, Path, PathError, follower, read_path
from sikkerby_kg.validation.querying import Querying
from sikkerby_kg.validation.relations import RELATION_COMPONENTS
from sikkerby_kg.validation.shapes_graph import SH, TYPE, TermGraph
from sikkerby_kg.validation.sparql_constraints import SparqlConstraint, sparql, target_query
from sikkerby_kg.validation.sparql_text import QueryText

_SH = PREFIXES["sh"]
_CLASS = NamedNode(PREFIXES["rdfs"] + "Class")
_SUBCLASS = NamedNode(PREFIXES["rdfs"] + "subClassOf")
_TARGETS = frozenset(("target", "targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf"))
_NO_CONSTRAINTS = _TARGETS | {
    *("path", "severity", "deactivated", "flags", "qualifiedValueShapesDisjoint"),
    *("sparql", "declare", "select", "prefixes"),
    *("name", "description", "message", "order", "group", "defaultValue", "shapesGraph"),
}
"""What SHACL says of a shape that demands nothing by itself."""
_WHOLE_GRAPH = ("rule", "entailment", "expression", "js", "function")
"""What changes the data or the meaning of all shapes, wherever it stands."""
_COMPONENTS = {**VALUE_COMPONENTS, **RELATION_COMPONENTS, **SHAPE_COMPONENTS}


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the focus nodes of a shape come from (SHACL §2.1.3, Advanced Features §3)."""

    nodes: tuple[Term, ...]
    classes: tuple[Term, ...]
    subjects_of: tuple[Term, ...]
    objects_of: tuple[Term, ...]
    queries: tuple[QueryText, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape, read."""

    node: Term
    path: Path | None
    is_deactivated: bool
    constraints: tuple[Constraint, ...]
    queries: tuple[SparqlConstraint, ...]


class CompiledShapes:
    """The shapes of one shapes graph; what the fast engine does not cover is known by name and reason."""

    def __init__(self, graph: TermGraph, *, over_dataset: bool) -> None:
        self.graph = graph
        self._over_dataset = over_dataset
        self._shapes: dict[Term, Shape] = {}

    @cached_property
    def with_target(self) -> tuple[Term, ...]:
        """The shapes that have a target (SHACL §2.1.3), in the order of the graph."""
        named = [*self.graph.subjects(TYPE, SH.NodeShape), *self.graph.subjects(TYPE, SH.PropertyShape)]
        having = [
            subject
            for name in sorted(_TARGETS)
            if name != "target" or self._over_dataset
            for subject, _ in self.graph.pairs(SH[name])
        ]
        return tuple(dict.fromkeys([*having, *filter(self.is_implicit, named)]))

    def is_implicit(self, node: Term) -> bool:
        """Whether a shape is a class too, whose instances are its target (SHACL §2.1.3.3)."""
        return not self._metaclasses.isdisjoint(self.graph.objects(node, TYPE))

    @cached_property
    def _metaclasses(self) -> frozenset[Term]:
        """The classes whose instances are classes."""
        return frozenset((_CLASS, *self.graph.subjects(_SUBCLASS, _CLASS)))

    @cached_property
    def whole(self) -> str | None:
        """Why no shape of the graph is covered, or None."""
        for name in _WHOLE_GRAPH:
            if next(self.graph.pairs(SH[name]), None) is not None:
                return f"sh:{name}"
        return None

    @cached_property
    def _custom(self) -> set[Term]:
        """The parameters of constraint components that the graph itself defines (SHACL §6)."""
        return {
            path
            for _, parameter in self.graph.pairs(SH.parameter)
            for path in self.graph.objects(parameter, SH.path)
        }

    @cached_property
    def uncovered(self) -> dict[Term, str]:
        """The shapes with a target that need more than the fast engine has, with the reason."""
        reasons: dict[Term, str] = {}
        for node in self.with_target:
            if self.whole is not None:
                reasons[node] = self.whole
                continue
            try:
                self.targets(node)
                self._require(node, ())
            except UnsupportedError as error:
                reasons[node] = str(error)
        return reasons

    def _require(self, node: Term, above: tuple[Term, ...]) -> None:
        """Read a shape and all that it refers to. Raises UnsupportedError, also for a shape inside itself."""
        if node in above:
            raise UnsupportedError(f"{_shown(node)} → {_shown(node)}")
        if node in self._shapes:
            return
        given = self._given(node)
        for other in references(given) - ({node} if given.all("qualifiedValueShapesDisjoint") else set()):
            self._require(other, (*above, node))
        self._shapes[node] = self._read(given)

    def _given(self, node: Term) -> Parameters:
        paths = self.graph.objects(node, SH.path)
        types = self.graph.objects(node, TYPE)
        if len(paths) > 1 or (SH.NodeShape if paths else SH.PropertyShape) in types:
            raise UnsupportedError(f"{_shown(node)} {len(paths)} × sh:path")
        if not isinstance(node, Literal) and node not in self.graph:
            raise UnsupportedError(f"{_shown(node)} 0 ×")
        return Parameters(self.graph, node, bool(paths))

    def _read(self, given: Parameters) -> Shape:
        constraints: dict[object, Constraint] = {}
        for predicate in self.graph.predicates(given.node):
            iri = predicate.value if isinstance(predicate, NamedNode) else ""
            if predicate in self._custom:
                raise UnsupportedError(f"sh:ConstraintComponent {shrink(iri)}")
            if not iri.startswith(_SH) or iri.removeprefix(_SH) in _NO_CONSTRAINTS:
                continue
            read = _COMPONENTS.get(iri.removeprefix(_SH))
            if read is None:
                raise UnsupportedError(shrink(iri))
            if read not in constraints:
                constraints[read] = read(given)
        if given.all("severity"):
            given.one("severity")
        return Shape(
            given.node,
            self._path(given),
            given.boolean("deactivated"),
            tuple(constraints.values()),
            tuple(sparql(given, sees_graphs=self._over_dataset)),
        )

    @staticmethod
    def _path(given: Parameters) -> Path | None:
        if not given.is_property_shape:
            return None
        try:
            return read_path(given.graph, given.one("path"))
        except PathError:
            raise UnsupportedError("sh:path …") from None

    def targets(self, node: Term) -> Targets:
        """The targets of a shape. Raises UnsupportedError for one of a kind that is not known."""
        graph = self.graph
        classes = [*graph.objects(node, SH.targetClass), *((node,) if self.is_implicit(node) else ())]
        queries = graph.objects(node, SH.target) if self._over_dataset else ()
        return Targets(
            tuple(graph.objects(node, SH.targetNode)),
            tuple(classes),
            tuple(graph.objects(node, SH.targetSubjectsOf)),
            tuple(graph.objects(node, SH.targetObjectsOf)),
            tuple(target_query(graph, each) for each in queries),
        )

    def shape(self, node: Term) -> Shape:
        """A shape that is covered."""
        return self._shapes[node]


class Binding:
    """The shapes of a graph, bound to data; each shape is bound when it is first needed."""

    def __init__(self, shapes: CompiledShapes, data: DataIndex, querying: Querying) -> None:
        self._shapes = shapes
        self._querying = querying
        self._bound: dict[Term, Evaluate] = {}
        self.data = data

    def evaluate(self, node: Term) -> Evaluate:
        """The function that tells what is wrong with a focus node according to a shape."""
        found = self._bound.get(node)
        if found is None:
            found = self._bound[node] = self._bind(self._shapes.shape(node))
        return found

    def _bind(self, shape: Shape) -> Evaluate:
        if shape.is_deactivated:
            return lambda _: ()
        frame = _Frame(shape.node, self)
        checks: list[Check] = [constraint(frame) for constraint in shape.constraints]
        checks += [each.bind(self.data.terms, self._querying) for each in shape.queries]
        return _evaluator(checks, _itself if shape.path is None else follower(shape.path, self.data))

    def focus_nodes(self, targets: Targets, among: set[int] | None) -> Iterator[int]:
        """The focus nodes of a shape, each once; instances of classes only if they are among some nodes."""
        data = self.data
        found = dict.fromkeys(data.number(each) for each in targets.nodes)
        for kind in targets.classes:
            instances = data.instances(data.number(kind))
            found |= dict.fromkeys(each for each in instances if among is None or each in among)
        for each in targets.subjects_of:
            found |= dict.fromkeys(data.out.get(data.ids.get(each, -1), ()))
        for each in targets.objects_of:
            found |= dict.fromkeys(data.into(data.ids.get(each, -1)))
        for query in targets.queries:
            self._querying.require_faithful(query)
            found |= dict.fromkeys(data.number(row["this"]) for row in self._querying.rows(query))
        return iter(found)


def _itself(focus: int) -> Collection[int]:
    """The value nodes of a node shape: the focus node (SHACL §2.2); of a property shape, see ``follower``."""
    return (focus,)


def _evaluator(checks: Sequence[Check], follow: Follow) -> Evaluate:
    """The function that runs all checks on the value nodes of a focus node."""

    def evaluate(focus: int) -> Sequence[Found]:
        found: list[Found] = []
        values = follow(focus)
        for check in checks:
            more = check(focus, values)
            if more:
                found += more
        return found

    return evaluate


class _Frame:
    """What a constraint needs to know of its shape when it is bound."""

    def __init__(self, node: Term, binding: Binding) -> None:
        self._node = node
        self._binding = binding
        self.data = binding.data

    def found(self, component: str, focus: int, value: int | None = None, path: Term | None = None) -> Found:
        """A result of a component, whose name is without ``ConstraintComponent``."""
        terms = self.data.terms
        return Found(
            self._node,
            f"{_SH}{component}ConstraintComponent",
            terms[focus],
            None if value is None else terms[value],
            path,
        )

    def other(self, shape: Term) -> Evaluate:
        """Another shape, bound to the same data."""
        return self._binding.evaluate(shape)


def _shown(node: Term) -> str:
    return shrink(node.value) if isinstance(node, NamedNode) else "[ … ]"
