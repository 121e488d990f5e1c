"""The constraint components of SHACL Core that relate values to others (SHACL §4.5 and §4.8)."""

import operator
from collections.abc import Callable, Collection, Sequence
from typing import Any

from pyoxigraph import NamedNode

from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.constraints import Check, Constraint, Frame, Holds, each_value, together
from sikkerby_kg.validation.found import Found, UnsupportedError
from sikkerby_kg.validation.index import DataIndex
from sikkerby_kg.validation.literals import is_below
from sikkerby_kg.validation.parameters import Parameters
from sikkerby_kg.validation.paths import PathError, read_path
from sikkerby_kg.validation.shapes_graph import SH, TYPE

_NOTHING: tuple[Found, ...] = ()
_ANYTHING = NamedNode(PREFIXES["rdfs"] + "Resource")

# --- Pairs of properties (§4.5) ----------------------------------------------------------------


def _pairs(
    name: str, component: str, wrong: Callable[[DataIndex, Collection[int], Collection[int]], Collection[int]]
) -> Callable[[Parameters], Constraint]:
    """A component that compares the value nodes with the values of another property of the focus node."""

    def read(given: Parameters) -> Constraint:
        def one(other: Term) -> Constraint:
            if not isinstance(other, NamedNode):
                raise UnsupportedError(f"sh:{name} {other}")

            def bind(frame: Frame) -> Check:
                data = frame.data
                others = data.out.get(data.ids.get(other, -1), {})

                def check(focus: int, values: Collection[int]) -> Sequence[Found]:
                    bad = wrong(data, values, others.get(focus, ()))
                    return [frame.found(component, focus, value) for value in bad] if bad else _NOTHING

                return check

            return bind

        if name.startswith("less"):
            given.require_property_shape(name)
        return together([one(other) for other in given.all(name)])

    return read


def _unequal(_: DataIndex, values: Collection[int], others: Collection[int]) -> Collection[int]:
    """``sh:equals`` (§4.5.1): what only one of the two has."""
    return set(values) ^ set(others)


def _common(_: DataIndex, values: Collection[int], others: Collection[int]) -> Collection[int]:
    """``sh:disjoint`` (§4.5.2): what both have."""
    return set(values) & set(others) if values and others else ()


def _not_below(holds: Callable[[Any, Any], Any]) -> Callable[..., Collection[int]]:
    """``sh:lessThan`` and ``sh:lessThanOrEquals`` (§4.5.3, §4.5.4): a value for each wrong pair."""

    def wrong(data: DataIndex, values: Collection[int], others: Collection[int]) -> Collection[int]:
        terms = data.terms
        return [
            value for value in values for other in others if not is_below(terms[value], terms[other], holds)
        ]

    return wrong


# --- Others (§4.8) -----------------------------------------------------------------------------


def closed(given: Parameters) -> Constraint:
    """``sh:closed`` and ``sh:ignoredProperties`` (§4.8.1): no property but those of the property shapes.

    That a node is a resource is never too much, as pySHACL has it.
    """
    if not given.all("closed"):
        raise UnsupportedError("0 × sh:closed, sh:ignoredProperties")
    if not given.boolean("closed"):
        return lambda _: lambda _focus, _values: _NOTHING
    allowed: set[Term] = set()
    for start in given.all("ignoredProperties"):
        allowed |= set(given.members("ignoredProperties", start))
    for shape in given.all("property"):
        try:
            path = read_path(given.graph, given.graph.objects(shape, SH.path)[0])
        except (PathError, IndexError):
            raise UnsupportedError(f"sh:property {shape}") from None
        if path.iri is not None:
            allowed.add(path.iri)

    def bind(frame: Frame) -> Check:
        data = frame.data
        known = {data.number(each) for each in allowed}
        type_, anything = data.number(TYPE), data.number(_ANYTHING)

        def check(focus: int, values: Collection[int]) -> Sequence[Found]:
            return [
                frame.found("Closed", focus, value, data.terms[predicate])
                for node in values
                for predicate, links in data.out.items()
                if predicate not in known and node in links
                for value in links[node]
                if predicate != type_ or value != anything
            ]

        return check

    return bind


def has_value(given: Parameters) -> Constraint:
    """``sh:hasValue`` (§4.8.2): the term is among the value nodes."""

    def one(wanted: Term) -> Constraint:
        def bind(frame: Frame) -> Check:
            number = frame.data.number(wanted)
            return lambda focus, values: _NOTHING if number in values else (frame.found("HasValue", focus),)

        return bind

    return together([one(wanted) for wanted in given.all("hasValue")])


def in_(given: Parameters) -> Constraint:
    """``sh:in`` (§4.8.3): every value node is in the list."""
    members = given.items("in")

    def make(data: DataIndex) -> Holds:
        return frozenset(data.number(each) for each in members).__contains__

    return each_value("In", make)


RELATION_COMPONENTS: dict[str, Callable[[Parameters], Constraint]] = {
    "equals": _pairs("equals", "Equals", _unequal),
    "disjoint": _pairs("disjoint", "Disjoint", _common),
    "lessThan": _pairs("lessThan", "LessThan", _not_below(operator.lt)),
    "lessThanOrEquals": _pairs("lessThanOrEquals", "LessThanOrEquals", _not_below(operator.le)),
    "closed": closed,
    "ignoredProperties": closed,
    "hasValue": has_value,
    "in": in_,
}
"""Parameter → what reads it. Two parameters of one component are read once."""
