"""What a SELECT query of a shape looks at, as steps from its focus node ``$this``.

A pattern of the query that hangs together with ``$this`` by shared variables can only match statements that
a way leads to. One that does not, such as a search through all things of a kind, is a trigger: a change that
it matches concerns every focus node. So does any change where a query has a part that is not understood here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise, product
from typing import Any

from pyoxigraph import NamedNode
from rdflib import BNode, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.plugins.sparql.algebra import translateGroupGraphPattern
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.processor import prepareQuery

from sikkerby_kg.validation.automaton import GRAPH, OBJECT, PREDICATE, SUBJECT, Automaton, Pattern

_THIS = Variable("this")
_ANYTHING = Pattern()
_MOST_ALTERNATIVES = 16


class NotLocalError(Exception):
    """A query has a part of which it is not known what it looks at."""


@dataclass(frozen=True)
class _Part:
    """A triple pattern of a query; blank nodes are variables."""

    subject: Any
    predicate: Any
    value: Any
    graph: Any = None

    def slots(self) -> Iterator[tuple[int, Any]]:
        """The slots, each with its term or variable; the predicate of a path is left out."""
        yield SUBJECT, self.subject
        if not isinstance(self.predicate, Path):
            yield PREDICATE, self.predicate
        yield OBJECT, self.value
        if self.graph is not None:
            yield GRAPH, self.graph

    def variables(self) -> list[tuple[int, Any]]:
        """The slots that hold variables."""
        return [(slot, term) for slot, term in self.slots() if isinstance(term, Variable | BNode)]

    def pattern(self) -> Pattern:
        """The statements that can match, if the predicate is no path."""
        return Pattern(
            tuple((slot, NamedNode(str(term))) for slot, term in self.slots() if isinstance(term, URIRef))
        )


def add_query(automaton: Automaton, entry: int, select: str) -> list[Pattern]:
    """Add what a query looks at to the steps from ``entry``; the triggers are what is returned.

    Raises NotLocalError where a change of any statement may concern any focus node.
    """
    query = prepareQuery(select).algebra
    if query.name != "SelectQuery" or query.datasetClause:
        raise NotLocalError(query.name)
    reader = _Reader(automaton, entry)
    reader.visit(query.p, [], {}, None)
    return reader.triggers


class _Reader:
    """Goes through the algebra of a query (SPARQL 1.1 §18.2)."""

    def __init__(self, automaton: Automaton, entry: int) -> None:
        self._automaton = automaton
        self._entry = entry
        self._numbers = count()
        self.triggers: list[Pattern] = []

    def visit(  # noqa: C901, PLR0912  (a case for each operator of the algebra)
        self, node: Any, around: list[_Part], names: dict[Any, Any], graph: Any
    ) -> None:
        """Add the patterns in a part of a query.

        ``around`` are patterns that match with each of its solutions, ``names`` what its variables are called
        further out, ``graph`` the named graph that it is about.
        """
        match node.name:
            case "BGP":
                self._add(self._parts(node, names, graph), around)
            case "Join":
                for first, second in ((node.p1, node.p2), (node.p2, node.p1)):
                    for beside in self._certain(second, names, graph):
                        self.visit(first, around + beside, names, graph)
            case "Union":
                self.visit(node.p1, around, names, graph)
                self.visit(node.p2, around, names, graph)
            case "LeftJoin":
                self.visit(node.p1, around, names, graph)
                for first in self._certain(node.p1, names, graph):
                    self.visit(node.p2, around + first, names, graph)
                    for second in self._certain(node.p2, names, graph):
                        self._visit_tests(node.expr, around + first + second, names, graph)
            case "Filter" | "Extend":
                self.visit(node.p, around, names, graph)
                for inner in self._certain(node.p, names, graph):
                    self._visit_tests(node.expr, around + inner, names, graph)
            case "Graph":
                self.visit(node.p, around, names, names.get(node.term, node.term))
            case "Project":
                self.visit(node.p, around, self._inner(node, names), graph)
            case "Distinct" | "Reduced" | "OrderBy" | "Group" | "AggregateJoin":
                self.visit(node.p, around, names, graph)
            case "ToMultiSet" if node.p.name != "values":
                self.visit(node.p, around, names, graph)
            case "ToMultiSet":
                return
            case other:  # OFFSET and LIMIT choose by what else there is; SERVICE and MINUS are rare
                raise NotLocalError(other)

    def _visit_tests(self, expression: Any, around: list[_Part], names: dict[Any, Any], graph: Any) -> None:
        """Add the patterns in EXISTS and NOT EXISTS."""
        for test in _tests(expression):
            group = test.graph
            if group.name in ("GroupGraphPatternSub", "SubSelect"):
                group = translateGroupGraphPattern(group)
            self.visit(group, around, names, graph)

    def _certain(  # noqa: PLR0911  (as above)
        self, node: Any, names: dict[Any, Any], graph: Any
    ) -> list[list[_Part]]:
        """The alternatives of a part: patterns of which one list matches in every solution."""
        match node.name:
            case "BGP":
                return [self._parts(node, names, graph)]
            case "Join":
                both = (self._certain(each, names, graph) for each in (node.p1, node.p2))
                found = [first + second for first, second in product(*both)]
                return found if len(found) <= _MOST_ALTERNATIVES else [[]]
            case "Union":
                return self._certain(node.p1, names, graph) + self._certain(node.p2, names, graph)
            case "LeftJoin":
                return self._certain(node.p1, names, graph)
            case "Filter" | "Extend" | "Distinct" | "Reduced":
                return self._certain(node.p, names, graph)
            case "Graph":
                return self._certain(node.p, names, names.get(node.term, node.term))
            case _:
                return [[]]

    def _inner(self, node: Any, names: dict[Any, Any]) -> dict[Any, Any]:
        """The names of the variables of a sub-select: only what it selects is known outside."""
        selected = {str(each) for each in node.PV}
        number = next(self._numbers)
        if not number:  # the query itself
            return names
        own = {each for each in _variables(node) if str(each) not in selected}
        return {**names, **{each: Variable(f"{each}__{number}") for each in own}}

    def _parts(self, node: Any, names: dict[Any, Any], graph: Any) -> list[_Part]:
        found = []
        for subject, predicate, value in node.triples:
            first, second, third = (names.get(each, each) for each in (subject, predicate, value))
            found.append(_Part(first, second, third, graph))
        return found

    def _add(self, own: list[_Part], around: list[_Part]) -> None:
        """Add patterns: steps to each from what is nearest to the focus node, and triggers for the others."""
        states = {_THIS: self._entry}
        order = [_THIS]
        for known in order:  # grows
            for part in own + around:
                here = [slot for slot, term in part.variables() if term == known]
                for slot, term in part.variables():
                    if here and term not in states:
                        states[term] = self._automaton.state()
                        order.append(term)
                        self._link(part, here[0], slot, states[known], states[term])
        for part in own:
            reached = [(order.index(term), slot) for slot, term in part.variables() if term in states]
            if reached:
                nearest, slot = min(reached)
                other = next((each for each, _ in part.slots() if each not in (slot, PREDICATE)), OBJECT)
                if isinstance(part.predicate, Path) and slot == GRAPH:
                    self._link(part, GRAPH, SUBJECT, states[order[nearest]], self._automaton.state())
                else:
                    self._link(part, slot, other, states[order[nearest]], self._automaton.state())
            elif isinstance(part.predicate, Path):
                self.triggers += [
                    Pattern(((PREDICATE, NamedNode(str(each))),)) for each in _in_path(part.predicate)
                ]
            else:
                self.triggers.append(part.pattern())

    def _link(self, part: _Part, come: int, go: int, source: int, target: int) -> None:
        """Add the step, or the steps of a path, from one slot of a pattern to another."""
        if not isinstance(part.predicate, Path):
            self._automaton.step(source, target, part.pattern(), come, go)
        elif {come, go} == {SUBJECT, OBJECT}:
            add_path(self._automaton, part.predicate, source, target, backwards=come == OBJECT)
        elif _may_be_empty(part.predicate):
            raise NotLocalError("*")
        else:  # an end of the path and the graph that holds its statements
            for one in (SUBJECT, OBJECT):
                ends = (GRAPH, one) if come == GRAPH else (one, GRAPH)
                self._automaton.step(source, target, _ANYTHING, *ends)


def add_path(automaton: Automaton, path: Any, source: int, target: int, *, backwards: bool = False) -> None:
    """Add the steps of a property path as rdflib has it (SPARQL 1.1 §9.1)."""
    come, go = (OBJECT, SUBJECT) if backwards else (SUBJECT, OBJECT)
    if isinstance(path, URIRef):
        automaton.step(source, target, Pattern(((PREDICATE, NamedNode(str(path))),)), come, go)
    elif isinstance(path, InvPath):
        add_path(automaton, path.arg, source, target, backwards=not backwards)
    elif isinstance(path, SequencePath):
        steps = path.args[::-1] if backwards else path.args
        states = [source, *(automaton.state() for _ in steps[1:]), target]
        for step, (before, after) in zip(steps, pairwise(states), strict=True):
            add_path(automaton, step, before, after, backwards=backwards)
    elif isinstance(path, AlternativePath):
        for each in path.args:
            add_path(automaton, each, source, target, backwards=backwards)
    elif isinstance(path, MulPath):  # how often is left open
        middle = automaton.state()
        automaton.shortcuts += [(source, middle), (middle, target)]
        add_path(automaton, path.path, middle, middle, backwards=backwards)
    elif isinstance(path, NegatedPath):
        automaton.step(source, target, _ANYTHING, SUBJECT, OBJECT)
        automaton.step(source, target, _ANYTHING, OBJECT, SUBJECT)
    else:
        raise NotLocalError(str(path))


def _may_be_empty(path: Any) -> bool:
    """Whether a path can lead from a node to itself without any statement."""
    if isinstance(path, MulPath):
        return True
    if isinstance(path, SequencePath | AlternativePath):
        return any(_may_be_empty(each) for each in path.args)
    return isinstance(path, InvPath) and _may_be_empty(path.arg)


def _in_path(path: Any) -> Iterator[URIRef]:
    """The properties in a path. Raises NotLocalError for one that leaves out some and takes all others."""
    if isinstance(path, URIRef):
        yield path
    elif isinstance(path, SequencePath | AlternativePath):
        for each in path.args:
            yield from _in_path(each)
    elif isinstance(path, InvPath):
        yield from _in_path(path.arg)
    elif isinstance(path, MulPath):
        yield from _in_path(path.path)
    else:
        raise NotLocalError(str(path))


def _tests(expression: Any) -> Iterator[Any]:
    """EXISTS and NOT EXISTS in an expression."""
    if isinstance(expression, CompValue):
        if expression.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
            yield expression
            return
        for inner in expression.values():
            yield from _tests(inner)
    elif isinstance(expression, list | tuple):
        for inner in expression:
            yield from _tests(inner)


def _variables(node: Any) -> Iterator[Any]:
    """The variables and blank nodes in a part of a query."""
    if isinstance(node, Variable | BNode):
        yield node
    elif isinstance(node, CompValue):
        for inner in node.values():
            yield from _variables(inner)
    elif isinstance(node, list | tuple | set):
        for inner in node:
            yield from _variables(inner)
    elif isinstance(node, Path):
        return
