"""Composing statements in few words."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

Term = NamedNode | Literal


def say(subject: str, *pairs: tuple[str, Term]) -> Iterator[Triple]:
    """What is said of a subject: pairs of property and value."""
    node = NamedNode(subject)
    return (Triple(node, NamedNode(name), value) for name, value in pairs)


def resource(iri: str) -> NamedNode:
    """An IRI as a term."""
    return NamedNode(iri)


def typed(value: str, datatype: str) -> Literal:
    """A literal of a datatype."""
    return Literal(value, datatype=NamedNode(datatype))


def integer(value: int) -> Literal:
    """A number as a term."""
    return Literal(value)
