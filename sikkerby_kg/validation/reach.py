"""What the shapes look at, and so which focus nodes a change concerns.

Followed are targets, property paths, nested shapes, classes, closed shapes, comparisons of properties, and
the queries of SPARQL-based constraints and targets. Whatever else a shape holds makes it one that any change
concerns.
"""

from collections.abc import Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from pyoxigraph import NamedNode
from rdflib import OWL, RDF, RDFS, SH, Graph, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.term import Node

from sikkerby_kg import terms
from sikkerby_kg.validation.automaton import GRAPH, OBJECT, PREDICATE, SUBJECT, Automaton, Pattern, Row
from sikkerby_kg.validation.sparql_reach import NotLocalError, add_path, add_query

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)
_NESTED = (SH.node, SH["not"], SH.property)
_LISTED = (SH["and"], SH["or"], SH.xone)
_COMPARED = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
_ON_VALUES = frozenset(
    SH[name]
    for name in (
        *("class", "datatype", "nodeKind", "minCount", "maxCount", "minInclusive", "maxInclusive"),
        *(
            "minExclusive",
            "maxExclusive",
            "minLength",
            "maxLength",
            "pattern",
            "flags",
            "languageIn",
            "uniqueLang",
        ),
        *("hasValue", "in", "qualifiedMinCount", "qualifiedMaxCount", "ignoredProperties"),
    )
)
_FOR_PEOPLE = frozenset(
    SH[name]
    for name in (
        "name",
        "description",
        "message",
        "severity",
        "order",
        "group",
        "defaultValue",
        "deactivated",
    )
)
_REPEATS: dict[URIRef, Literal["*", "+", "?"]] = {
    SH.zeroOrMorePath: "*",
    SH.oneOrMorePath: "+",
    SH.zeroOrOnePath: "?",
}
_TYPE = Pattern(((PREDICATE, NamedNode(str(RDF.type))),))


@dataclass(frozen=True)
class Concerned:
    """What a change concerns.

    ``nodes`` holds shape → focus nodes from which it can be seen, ``everywhere`` the shapes with targets of
    which it may concern any focus node.
    """

    nodes: Mapping[Node, AbstractSet[terms.Term]]
    everywhere: frozenset[Node]


@dataclass
class Reach:
    """What the shapes of a graph look at."""

    shapes: Graph
    automaton: Automaton = field(default_factory=Automaton)
    _entries: dict[Node, int] = field(default_factory=dict)
    _inside: dict[Node, set[Node]] = field(default_factory=dict)
    _triggers: dict[Node, list[Pattern]] = field(default_factory=dict)
    _unknown: set[Node] = field(default_factory=set)
    _known: dict[Node, frozenset[Node]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for shape in self.roots:
            self._enter(shape)
            self._add_targets(shape)

    @cached_property
    def roots(self) -> tuple[Node, ...]:
        """The shapes with targets (SHACL §2.1.3), in a fixed order."""
        return with_targets(self.shapes)

    @cached_property
    def is_bounded(self) -> bool:
        """Whether the shapes use nothing that reaches everything: own components, rules, entailment."""
        beyond = (SH.ConstraintComponent, SH.JSConstraint, SH.SPARQLFunction, SH.JSFunction)
        return not any(
            [
                *((None, RDF.type, kind) in self.shapes for kind in beyond),
                (None, SH.entailment, None) in self.shapes,
                (None, SH.rule, None) in self.shapes,
            ]
        )

    def holding(self, shape: Node) -> frozenset[Node]:
        """The shapes with targets that have parts in common with a shape."""
        if shape not in self._known:
            parts = self._parts(shape)
            self._known[shape] = frozenset(
                each for each in self.roots if not parts.isdisjoint(self._parts(each))
            )
        return self._known[shape]

    @cached_property
    def deep(self) -> frozenset[Node]:
        """The shapes with targets that give results about other nodes than their own focus nodes.

        These are values of a path which a property shape looks at in turn (SHACL §4.7.2).
        """
        inner = {
            shape
            for shape in self.shapes.subjects(SH.property)
            if self.shapes.value(shape, SH.path) is not None
        }
        return frozenset(root for root in self.roots if not inner.isdisjoint(self._parts(root)))

    def _parts(self, root: Node) -> set[Node]:
        """A shape and all that is nested in it."""
        found, waiting = {root}, [root]
        for each in waiting:  # grows
            new = self._inside.get(each, set()) - found
            found |= new
            waiting += new
        return found

    def concerned(self, changed: Iterable[Row], statements: Iterable[Row]) -> Concerned:
        """What changed statements concern; ``statements`` are all those before and after the change."""
        rows = list(changed)
        marked = self.automaton.back(rows, statements)
        wide = set(self._unknown) if rows else set()
        for shape, triggers in self._triggers.items():
            if any(trigger.fits(each) for trigger in triggers for each in rows):
                wide.add(shape)
        everywhere = frozenset(root for root in self.roots if not wide.isdisjoint(self._parts(root)))
        nodes = {shape: marked.get(entry, set()) for shape, entry in self._entries.items()}
        return Concerned(nodes, everywhere)

    def _enter(self, shape: Node) -> int:
        """The state of the focus nodes of a shape, what it looks at being added when it is first met."""
        if shape in self._entries:
            return self._entries[shape]
        entry = self._entries[shape] = self.automaton.state()
        values = entry
        path = self.shapes.value(shape, SH.path)
        if path is not None:
            values = self.automaton.state()
            self._attempt(shape, lambda: add_path(self.automaton, self._path(path), entry, values))
        for predicate, value in list(self.shapes.predicate_objects(shape)):
            self._attempt(shape, lambda p=predicate, v=value: self._add(shape, p, v, entry, values))
        return entry

    def _attempt(self, shape: Node, add: Any) -> None:
        try:
            add()
        except NotLocalError:
            self._unknown.add(shape)

    def _add(self, shape: Node, predicate: Node, value: Node, entry: int, values: int) -> None:
        """Add what one statement about a shape makes it look at."""
        step, state = self.automaton.step, self.automaton.state
        if predicate in _NESTED or predicate == SH.qualifiedValueShape:
            self._nest(shape, value, values)
        elif predicate in _LISTED:
            for each in self.shapes.items(value):
                self._nest(shape, each, values)
        elif predicate == SH.sparql:
            self._add_query(shape, value, entry)
        elif predicate in _COMPARED:
            step(entry, state(), Pattern(((PREDICATE, NamedNode(str(value))),)))
        elif predicate == SH.closed:
            step(values, state(), Pattern())
        elif predicate in _ON_VALUES:
            if predicate == SH["class"]:
                step(values, state(), _TYPE)
        elif str(predicate).startswith(str(SH)) and predicate not in (*_TARGETS, *_FOR_PEOPLE, SH.path):
            raise NotLocalError(str(predicate))

    def _nest(self, shape: Node, inner: Node, values: int) -> None:
        self._inside.setdefault(shape, set()).add(inner)
        self.automaton.shortcuts.append((values, self._enter(inner)))

    def _add_query(self, shape: Node, node: Node, entry: int) -> None:
        """Add what a query looks at, with the prefixes that it declares (SHACL §5.2.1)."""
        select = self.shapes.value(node, SH.select)
        if select is None or "$PATH" in str(select):
            raise NotLocalError(str(node))
        declared = [
            f"PREFIX {self.shapes.value(each, SH.prefix)}: <{self.shapes.value(each, SH.namespace)}>"
            for ontology in self.shapes.objects(node, SH.prefixes)
            for each in self.shapes.objects(ontology, SH.declare)
        ]
        found = add_query(self.automaton, entry, "\n".join([*declared, str(select)]))
        self._triggers.setdefault(shape, []).extend(found)

    def _add_targets(self, shape: Node) -> None:
        """Add what makes a node a focus node: one that is no longer is concerned, too."""
        entry, step, state = self._entries[shape], self.automaton.step, self.automaton.state
        step(entry, state(), _TYPE)
        for value in self.shapes.objects(shape, SH.targetNode):  # looked at once anything mentions it
            if isinstance(value, URIRef):
                for slot in (SUBJECT, OBJECT, GRAPH):
                    step(entry, state(), Pattern(((slot, NamedNode(str(value))),)), slot, PREDICATE)
        for value in self.shapes.objects(shape, SH.targetSubjectsOf):
            step(entry, state(), Pattern(((PREDICATE, NamedNode(str(value))),)), SUBJECT, OBJECT)
        for value in self.shapes.objects(shape, SH.targetObjectsOf):
            step(entry, state(), Pattern(((PREDICATE, NamedNode(str(value))),)), OBJECT, SUBJECT)
        for value in self.shapes.objects(shape, SH.target):
            self._attempt(shape, lambda node=value: self._add_query(shape, node, entry))

    def _path(self, node: Node) -> Any:
        """A path (SHACL §2.3.1) as rdflib has it. Raises NotLocalError for what is none."""
        return read_path(self.shapes, node)


def with_targets(shapes: Graph) -> tuple[Node, ...]:
    """The shapes of a graph that have targets, also by being a class (SHACL §2.1.3), in a fixed order."""
    found = {each for target in _TARGETS for each in shapes.subjects(target)}
    kinds = (SH.NodeShape, SH.PropertyShape)
    for each in {each for kind in kinds for each in shapes.subjects(RDF.type, kind)}:
        if not {RDFS.Class, OWL.Class}.isdisjoint(shapes.objects(each, RDF.type)):
            found.add(each)
    return tuple(sorted(found, key=str))


def read_path(shapes: Graph, node: Node) -> Any:
    """A property path (SHACL §2.3.1) as rdflib has it. Raises NotLocalError for anything else."""
    if isinstance(node, URIRef):
        return node
    if (node, RDF.first, None) in shapes:
        return SequencePath(*(read_path(shapes, each) for each in shapes.items(node)))
    alternatives = shapes.value(node, SH.alternativePath)
    if alternatives is not None:
        return AlternativePath(*(read_path(shapes, each) for each in shapes.items(alternatives)))
    inverse = shapes.value(node, SH.inversePath)
    if inverse is not None:
        return InvPath(read_path(shapes, inverse))
    for predicate, sign in _REPEATS.items():
        inner = shapes.value(node, predicate)
        if inner is not None:
            return MulPath(read_path(shapes, inner), sign)
    raise NotLocalError(str(node))
