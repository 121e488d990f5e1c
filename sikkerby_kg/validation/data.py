"""The statements to validate, and which of them the report is about."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from pyoxigraph import DefaultGraph, Quad, Triple

from sikkerby_kg.errors import ContentError
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.index import DataIndex, Rows
from sikkerby_kg.validation.report import ValidationResult
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.shapes_graph import Statement

_UNKNOWN = -1


class Data:
    """The statements of some sources, indexed, with their files; ``more`` belongs to no file.

    May raise ContentError for a triple term (RDF 1.2), which SHACL knows nothing of.
    """

    def __init__(self, sources: Iterable[Source], more: Iterable[Statement] = ()) -> None:
        self.index = DataIndex()
        self._files: list[tuple[Source, Rows]] = [
            (each, self._loaded(each)) for each in sorted(sources, key=lambda each: not each.is_asked_for)
        ]
        self.index.add(more)
        self.index.finish()

    def _loaded(self, source: Source) -> Rows:
        try:
            return self.index.load(source.quads)
        except TypeError:
            strange = next(each for each in source.quads if _has_triple_term(each))
            raise ContentError("validate.triple_term", path=source.name, statement=strange.triple) from None

    @property
    def asked_for(self) -> tuple[str, ...]:
        """The names of the files that the report is to be about."""
        return tuple(source.name for source, _ in self._files if source.is_asked_for)

    def to_validate(self) -> Iterator[Rows]:
        """The statements of each file that is not in the background."""
        return (rows for source, rows in self._files if not source.is_background)

    def named(self) -> Iterator[Quad]:
        """The statements in named graphs."""
        return (
            quad
            for source, rows in self._files
            if rows.graphs
            for quad in source.quads
            if not isinstance(quad.graph_name, DefaultGraph)
        )

    def is_asked_for(self, result: ValidationResult) -> bool:
        """Whether a file that is asked for mentions the focus node of a result, or describes its value."""
        return self._number(result.focus_term) in self._mentioned or (
            result.value_term is not None and self._number(result.value_term) in self._described
        )

    def _number(self, node: Term) -> int:
        return self.index.ids.get(node, _UNKNOWN)

    @cached_property
    def _mentioned(self) -> set[int]:
        return _nodes(rows for source, rows in self._files if source.is_asked_for)

    @cached_property
    def _described(self) -> set[int]:
        return {subject for source, rows in self._files if source.is_asked_for for subject in rows.subjects}

    @cached_property
    def targets(self) -> set[int] | None:
        """The nodes that need to be validated; None if all do, there being no background."""
        if not any(source.is_background for source, _ in self._files):
            return None
        return _nodes(self.to_validate())


def _has_triple_term(quad: Quad) -> bool:
    return isinstance(quad.subject, Triple) or isinstance(quad.object, Triple)


def _nodes(files: Iterable[Rows]) -> set[int]:
    """What the statements of some files speak of: subjects, values and graphs."""
    nodes: set[int] = set()
    for rows in files:
        nodes.update(rows.subjects, rows.objects, rows.graphs)
    return nodes
