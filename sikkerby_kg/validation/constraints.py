"""The constraint components of SHACL Core that look at each value by itself (SHACL §4.1 to §4.4).

Each function reads the parameters of a shape and gives a Constraint, which is bound to data afterwards. What
they find is what pySHACL finds; where it strays from the recommendation, the text here says so.
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Protocol

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.terms import Term
from sikkerby_kg.validation.found import Found, UnsupportedError
from sikkerby_kg.validation.index import BLANK, IRI, LITERAL, DataIndex
from sikkerby_kg.validation.literals import fits, order
from sikkerby_kg.validation.parameters import Parameters
from sikkerby_kg.validation.shapes_graph import SH

Check = Callable[[int, Collection[int]], Sequence[Found]]
"""From a focus node and its value nodes to what is wrong with them."""
Evaluate = Callable[[int], Sequence[Found]]
"""From a focus node to what is wrong with it according to a shape; it conforms if that is nothing."""


class Frame(Protocol):
    """A shape that is about to be bound to data."""

    @property
    def data(self) -> DataIndex:
        """The data."""

    def found(self, component: str, focus: int, value: int | None = None, path: Term | None = None) -> Found:
        """A result of a component of this shape, whose name is without ``ConstraintComponent``."""

    def other(self, shape: Term) -> Evaluate:
        """Another shape, bound to the same data."""


Constraint = Callable[[Frame], Check]
Holds = Callable[[int], bool]
_NOTHING: tuple[Found, ...] = ()
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_NODE_KINDS = {
    "IRI": (IRI,),
    "BlankNode": (BLANK,),
    "Literal": (LITERAL,),
    "BlankNodeOrIRI": (BLANK, IRI),
    "BlankNodeOrLiteral": (BLANK, LITERAL),
    "IRIOrLiteral": (IRI, LITERAL),
}


def each_value(component: str, make: Callable[[DataIndex], Holds]) -> Constraint:
    """A constraint that every value node has to meet by itself."""

    def bind(frame: Frame) -> Check:
        holds = make(frame.data)

        def check(focus: int, values: Collection[int]) -> Sequence[Found]:
            wrong = [value for value in values if not holds(value)]
            return [frame.found(component, focus, value) for value in wrong] if wrong else _NOTHING

        return check

    return bind


def together(constraints: Sequence[Constraint]) -> Constraint:
    """Several constraints of one component."""
    if len(constraints) == 1:
        return constraints[0]

    def bind(frame: Frame) -> Check:
        checks = [constraint(frame) for constraint in constraints]
        return lambda focus, values: [found for check in checks for found in check(focus, values)]

    return bind


# --- Value type and cardinality (§4.1, §4.2) ---------------------------------------------------


def class_(given: Parameters) -> Constraint:
    """``sh:class`` (§4.1.1): every value node is of the class or of one below it."""

    def one(kind: Term) -> Constraint:
        def make(data: DataIndex) -> Holds:
            below = data.below(data.number(kind))
            types = data.out.get(data.type, {})
            return lambda value: not below.isdisjoint(types.get(value, ()))

        return each_value("Class", make)

    return together([one(kind) for kind in given.all("class")])


def datatype(given: Parameters) -> Constraint:
    """``sh:datatype`` (§4.1.2): every value node is a literal of the datatype, and well-formed."""
    wanted = given.one("datatype")
    if not isinstance(wanted, NamedNode):
        raise UnsupportedError(f"sh:datatype {wanted}")

    def make(data: DataIndex) -> Holds:
        terms, iri = data.terms, wanted.value

        def holds(value: int) -> bool:
            term = terms[value]
            return isinstance(term, Literal) and fits(term, iri)

        return holds

    return each_value("Datatype", make)


def node_kind(given: Parameters) -> Constraint:
    """``sh:nodeKind`` (§4.1.3): every value node is an IRI, a blank node or a literal, as wanted."""
    wanted = given.one("nodeKind")
    allowed = next((kinds for name, kinds in _NODE_KINDS.items() if SH[name] == wanted), None)
    if allowed is None:
        raise UnsupportedError(f"sh:nodeKind {wanted}")

    def make(data: DataIndex) -> Holds:
        kinds = data.kinds
        return lambda value: kinds[value] in allowed

    return each_value("NodeKind", make)


def min_count(given: Parameters) -> Constraint:
    """``sh:minCount`` (§4.2.1): so many value nodes at least."""
    given.require_property_shape("minCount")
    least = given.count("minCount")

    def bind(frame: Frame) -> Check:
        return lambda focus, values: _NOTHING if len(values) >= least else (frame.found("MinCount", focus),)

    return bind


def max_count(given: Parameters) -> Constraint:
    """``sh:maxCount`` (§4.2.2): so many value nodes at most."""
    given.require_property_shape("maxCount")
    most = given.count("maxCount")

    def bind(frame: Frame) -> Check:
        return lambda focus, values: _NOTHING if len(values) <= most else (frame.found("MaxCount", focus),)

    return bind


# --- Value range (§4.3) ------------------------------------------------------------------------


def _bounds(name: str, component: str, holds: Callable[[int], bool]) -> Callable[[Parameters], Constraint]:
    """A component that compares every value node with a literal; ``holds`` judges the order of the two."""

    def read(given: Parameters) -> Constraint:
        """Value nodes that do not compare with the bound are beyond it, as pySHACL has it."""

        def one(bound: Term) -> Constraint:
            if not isinstance(bound, Literal):
                raise UnsupportedError(f"sh:{name} {bound}")

            def make(data: DataIndex) -> Holds:
                terms = data.terms

                @cache
                def within(value: int) -> bool:
                    term = terms[value]
                    compared = order(term, bound) if isinstance(term, Literal) else None
                    return compared is not None and holds(compared)

                return within

            return each_value(component, make)

        return together([one(bound) for bound in given.all(name)])

    return read


# --- Strings (§4.4) ----------------------------------------------------------------------------


def _length(
    name: str, component: str, fits_in: Callable[[int, int], bool]
) -> Callable[[Parameters], Constraint]:
    """A component that counts the characters of every value node, which is no blank node."""

    def read(given: Parameters) -> Constraint:
        """Without a least length even a blank node passes, as pySHACL has it."""
        wanted = given.count(name)
        always = name == "minLength" and wanted == 0

        def make(data: DataIndex) -> Holds:
            terms = data.terms

            def holds(value: int) -> bool:
                term = terms[value]
                if not isinstance(term, NamedNode | Literal):
                    return always
                return fits_in(len(term.value), wanted)

            return holds

        return each_value(component, make)

    return read


def pattern(given: Parameters) -> Constraint:
    """``sh:pattern`` and ``sh:flags`` (§4.4.3): every value node, which is no blank node, has a match in it.

    The flags are those of SPARQL's REGEX (SPARQL 1.1 §17.4.3.14); pySHACL knows only ``i`` and ``m``.
    """
    given_flags = given.all("flags")
    flags = given.literal("flags").value if given_flags else ""
    if set(flags) - set(_FLAGS):
        raise UnsupportedError(f'sh:flags "{flags}"')

    def one(text: Term) -> Constraint:
        if not isinstance(text, Literal):
            raise UnsupportedError(f"sh:pattern {text}")
        try:
            matches = re.compile(text.value, sum(_FLAGS[each] for each in set(flags))).search
        except re.error as error:
            raise UnsupportedError(f'sh:pattern "{text.value}": {error}') from error

        def make(data: DataIndex) -> Holds:
            terms = data.terms

            def holds(value: int) -> bool:
                term = terms[value]
                return isinstance(term, NamedNode | Literal) and matches(term.value) is not None

            return holds

        return each_value("Pattern", make)

    return together([one(text) for text in given.all("pattern")])


def language_in(given: Parameters) -> Constraint:
    """``sh:languageIn`` (§4.4.4): every value node is a text in one of the languages, or of their regions.

    A region in the list has its own variants, which pySHACL refuses (SPARQL 1.1 §17.4.3.13).
    """
    ranges = []
    for each in given.items("languageIn"):
        if not isinstance(each, Literal):
            raise UnsupportedError(f"sh:languageIn ( {each} )")
        ranges.append(each.value.lower())

    @cache
    def is_among(tag: str) -> bool:
        return any(each in ("*", tag) or tag.startswith(f"{each}-") for each in ranges)

    def make(data: DataIndex) -> Holds:
        terms = data.terms

        def holds(value: int) -> bool:
            tag = getattr(terms[value], "language", None)
            return tag is not None and is_among(tag.lower())

        return holds

    return each_value("LanguageIn", make)


def unique_lang(given: Parameters) -> Constraint:
    """``sh:uniqueLang`` (§4.4.5): one text a language; one result for each language that has more.

    Only ``true`` demands it, whereas pySHACL takes ``"1"^^xsd:boolean`` for it too.
    """
    given.require_property_shape("uniqueLang")
    given.boolean("uniqueLang")
    if given.literal("uniqueLang").value != "true":
        return lambda _: lambda _focus, _values: _NOTHING

    def bind(frame: Frame) -> Check:
        terms = frame.data.terms

        def check(focus: int, values: Collection[int]) -> Sequence[Found]:
            if len(values) < 2:  # noqa: PLR2004  (two texts)
                return _NOTHING
            tags = [tag.lower() for value in values if (tag := getattr(terms[value], "language", None))]
            twice = [tag for tag, count in Counter(tags).items() if count > 1]
            return [frame.found("UniqueLang", focus) for _ in twice]

        return check

    return bind


VALUE_COMPONENTS: dict[str, Callable[[Parameters], Constraint]] = {
    "class": class_,
    "datatype": datatype,
    "nodeKind": node_kind,
    "minCount": min_count,
    "maxCount": max_count,
    "minInclusive": _bounds("minInclusive", "MinInclusive", lambda compared: compared >= 0),
    "minExclusive": _bounds("minExclusive", "MinExclusive", lambda compared: compared > 0),
    "maxInclusive": _bounds("maxInclusive", "MaxInclusive", lambda compared: compared <= 0),
    "maxExclusive": _bounds("maxExclusive", "MaxExclusive", lambda compared: compared < 0),
    "minLength": _length("minLength", "MinLength", operator.ge),
    "maxLength": _length("maxLength", "MaxLength", operator.le),
    "pattern": pattern,
    "languageIn": language_in,
    "uniqueLang": unique_lang,
}
"""Parameter → what reads it. Two parameters of one component are read once."""
