"""The constraint components of SHACL Core that refer to other shapes (SHACL §4.6 and §4.7)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from sikkerby_kg.terms import Term
from sikkerby_kg.validation.constraints import Check, Constraint, Evaluate, Frame, together
from sikkerby_kg.validation.found import Found, UnsupportedError
from sikkerby_kg.validation.parameters import Parameters
from sikkerby_kg.validation.shapes_graph import LISTED, NESTED, SH

_NOTHING: tuple[Found, ...] = ()


def property_(given: Parameters) -> Constraint:
    """``sh:property`` (§4.7.2): the results are those of the property shapes, about each value node."""
    shapes = given.all("property")
    for shape in shapes:
        if not given.graph.objects(shape, SH.path):
            raise UnsupportedError(f"sh:property {shape} 0 × sh:path")

    def bind(frame: Frame) -> Check:
        others = [frame.other(shape) for shape in shapes]

        def check(_: int, values: Collection[int]) -> Sequence[Found]:
            found: list[Found] = []
            for other in others:
                for value in values:
                    more = other(value)
                    if more:
                        found += more
            return found

        return check

    return bind


def node(given: Parameters) -> Constraint:
    """``sh:node`` (§4.7.1): every value node conforms; what it lacks is the detail of the result."""
    shapes = given.all("node")
    for shape in shapes:
        if given.graph.objects(shape, SH.path):
            raise UnsupportedError(f"sh:node {shape} 1 × sh:path")

    def bind(frame: Frame) -> Check:
        others = [frame.other(shape) for shape in shapes]
        return lambda focus, values: [
            replace(frame.found("Node", focus, value), details=tuple(inside))
            for other in others
            for value in values
            if (inside := other(value))
        ]

    return bind


def _each(
    component: str,
    others: Callable[[Frame], Sequence[Sequence[Evaluate]]],
    passes: Callable[[int, int], bool],
) -> Constraint:
    """Every value node conforms to as many shapes of each group as ``passes`` says: of how many, how many."""

    def bind(frame: Frame) -> Check:
        groups = others(frame)
        return lambda focus, values: [
            frame.found(component, focus, value)
            for group in groups
            for value in values
            if not passes(len(group), sum(1 for other in group if not other(value)))
        ]

    return bind


def not_(given: Parameters) -> Constraint:
    """``sh:not`` (§4.6.1): no value node conforms."""
    shapes = given.all("not")
    return _each(
        "Not", lambda frame: [[frame.other(shape)] for shape in shapes], lambda _, conforming: conforming == 0
    )


def _listed(
    name: str, component: str, passes: Callable[[int, int], bool]
) -> Callable[[Parameters], Constraint]:
    """A component whose parameter is a list of shapes."""

    def read(given: Parameters) -> Constraint:
        groups = [given.members(name, start) for start in given.all(name)]
        if not all(groups):
            raise UnsupportedError(f"sh:{name} ( )")
        return _each(
            component, lambda frame: [[frame.other(shape) for shape in group] for group in groups], passes
        )

    return read


def qualified(given: Parameters) -> Constraint:
    """``sh:qualifiedValueShape`` and its counts (§4.7.3): so many value nodes conform.

    With ``sh:qualifiedValueShapesDisjoint`` one that conforms to a sibling shape does not count.
    """
    given.require_property_shape("qualifiedValueShape")
    shapes = given.all("qualifiedValueShape")
    least = given.count("qualifiedMinCount") if given.all("qualifiedMinCount") else None
    most = given.count("qualifiedMaxCount") if given.all("qualifiedMaxCount") else None
    if not shapes or (least is None and most is None):
        raise UnsupportedError("sh:qualifiedValueShape, 0 × sh:qualifiedMinCount, sh:qualifiedMaxCount")
    siblings = _siblings(given) if given.boolean("qualifiedValueShapesDisjoint") else set()

    def one(shape: Term) -> Constraint:
        def bind(frame: Frame) -> Check:
            wanted = frame.other(shape)
            others = [frame.other(each) for each in sorted(siblings - {shape}, key=str)]

            def check(focus: int, values: Collection[int]) -> Sequence[Found]:
                count = sum(
                    1 for value in values if not wanted(value) and all(other(value) for other in others)
                )
                found = []
                if most is not None and count > most:
                    found.append(frame.found("QualifiedMaxCount", focus))
                if least is not None and count < least:
                    found.append(frame.found("QualifiedMinCount", focus))
                return found

            return check

        return bind

    return together([one(shape) for shape in shapes])


def _siblings(given: Parameters) -> set[Term]:
    """The qualified value shapes beside a property shape (§4.7.3)."""
    graph = given.graph
    return {
        shape
        for above in graph.subjects(SH.property, given.node)
        for beside in graph.objects(above, SH.property)
        for shape in graph.objects(beside, SH.qualifiedValueShape)
    }


def references(given: Parameters) -> set[Term]:
    """The shapes that a shape refers to by any of these components, also as a sibling."""
    found = {shape for name in NESTED for shape in given.all(name)}
    for name in LISTED:
        for start in given.all(name):
            found |= set(given.members(name, start))
    if given.all("qualifiedValueShapesDisjoint"):
        found |= _siblings(given)
    return found


SHAPE_COMPONENTS: dict[str, Callable[[Parameters], Constraint]] = {
    "property": property_,
    "node": node,
    "not": not_,
    "and": _listed("and", "And", lambda all_, conforming: conforming == all_),
    "or": _listed("or", "Or", lambda _, conforming: conforming > 0),
    "xone": _listed("xone", "Xone", lambda _, conforming: conforming == 1),
    "qualifiedValueShape": qualified,
    "qualifiedMinCount": qualified,
    "qualifiedMaxCount": qualified,
}
"""Parameter → what reads it."""
