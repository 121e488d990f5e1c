"""The statements to validate, and which of them the report is about."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from pyoxigraph import Quad
from rdflib.term import Node

from sikkerby_kg.errors import ContentError
from sikkerby_kg.validation.graphs import Converter, Statement
from sikkerby_kg.validation.report import ValidationResult
from sikkerby_kg.validation.scope import Source

Placed = tuple[Node | None, Statement]
"""A statement with the name of its graph."""


class Data:
    """The statements of some sources as rdflib has them, by file. May raise ContentError."""

    def __init__(self, sources: Iterable[Source]) -> None:
        converter = Converter()
        self._files: list[tuple[Source, list[Placed]]] = [
            (each, [_placed(converter, quad, each.name) for quad in each.quads])
            for each in sorted(sources, key=lambda each: not each.is_asked_for)
        ]

    @property
    def asked_for(self) -> tuple[str, ...]:
        """The names of the files that the report is to be about."""
        return tuple(source.name for source, _ in self._files if source.is_asked_for)

    def statements(self) -> Iterator[Statement]:
        """All statements, whichever their graph."""
        return (statement for _, found in self._files for _, statement in found)

    def to_validate(self) -> Iterator[list[Statement]]:
        """The statements of each file that is not in the background."""
        return ([each for _, each in found] for source, found in self._files if not source.is_background)

    def named(self) -> Iterator[tuple[Node, Statement]]:
        """The statements in named graphs, with the names."""
        return (
            (name, statement) for _, found in self._files for name, statement in found if name is not None
        )

    def is_asked_for(self, result: ValidationResult) -> bool:
        """Whether a file that is asked for mentions the focus node of a result, or describes its value."""
        return result.focus in self._mentioned or result.value in self._described

    @cached_property
    def _mentioned(self) -> set[Node]:
        return _nodes(found for source, found in self._files if source.is_asked_for)

    @cached_property
    def _described(self) -> set[Node]:
        return {
            subject for source, found in self._files if source.is_asked_for for _, (subject, _, _) in found
        }

    @cached_property
    def targets(self) -> set[Node] | None:
        """The nodes that need to be validated; None if there is no background, and so all do."""
        if not any(source.is_background for source, _ in self._files):
            return None
        return _nodes(found for source, found in self._files if not source.is_background)


def _placed(converter: Converter, quad: Quad, file: str) -> Placed:
    """A statement as rdflib has it. Raises ContentError for a triple term (RDF 1.2), which it lacks."""
    try:
        return converter.graph_name(quad), converter.statement(quad)
    except TypeError:
        raise ContentError("validate.triple_term", path=file, statement=quad.triple) from None


def _nodes(files: Iterable[list[Placed]]) -> set[Node]:
    """What the statements of some files speak of: subjects, values and graphs."""
    nodes: set[Node] = set()
    for found in files:
        for name, (subject, _, value) in found:
            nodes |= {subject, value} if name is None else {name, subject, value}
    return nodes
