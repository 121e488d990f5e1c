"""The statements to validate, and which file each of them, or each node, stands in."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from sikkerby_kg.errors import ContentError
from sikkerby_kg.terms import from_rdflib
from sikkerby_kg.validation.index import DataIndex, Numbered, Rows
from sikkerby_kg.validation.report import Place, ValidationResult
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.shapes_graph import Statement

if TYPE_CHECKING:
    from rdflib.term import Node

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
        return self._number(result.focus) in self._mentioned or (
            result.value is not None and self._number(result.value) in self._described
        )

    def _number(self, node: "Node") -> int:
        return self.index.ids.get(from_rdflib(node), _UNKNOWN)

    @cached_property
    def _mentioned(self) -> set[int]:
        return _nodes(rows for source, rows in self._files if source.is_asked_for)

    @cached_property
    def _described(self) -> set[int]:
        return {subject for source, rows in self._files if source.is_asked_for for subject in rows.subjects}

    @cached_property
    def targets(self) -> set[int] | None:
        """The nodes that need to be validated; None if there is no background, and so all do."""
        if not any(source.is_background for source, _ in self._files):
            return None
        return _nodes(self.to_validate())

    def placed(self, result: ValidationResult) -> ValidationResult:
        """A result with the file of its statement; if something is missing, the file that says what it is.

        A statement of a value about its focus node counts too. A thing that has its class in several files
        is where most is said about it.
        """
        focus = self._number(result.focus)
        file = None
        if result.value is not None:
            value = self._number(result.value)
            if result.path_iri is None:
                file = self._pairs.get((value, focus))
            else:
                path = self.index.ids.get(NamedNode(result.path_iri), _UNKNOWN)
                file = self._statements.get((focus, path, value))
        file = file or self._home(focus)
        return replace(result, places=(Place(file),) if file else ())

    def _home(self, node: int) -> str | None:
        """The file that a node belongs to: where it has its class, else where it is mentioned."""
        counts = self._typed.get(node) or self._subjects.get(node)
        if counts:
            return max(counts, key=lambda file: self._subjects[node][file])
        return self._values.get(node)

    @cached_property
    def _statements(self) -> dict[Numbered, str]:
        """The first file of each statement."""
        where: dict[Numbered, str] = {}
        for source, rows in self._files:
            for statement in rows:
                where.setdefault(statement, source.name)
        return where

    @cached_property
    def _pairs(self) -> dict[tuple[int, int], str]:
        """The first file that connects two nodes."""
        return {(subject, value): file for (subject, _, value), file in reversed(self._statements.items())}

    @cached_property
    def _subjects(self) -> dict[int, Counter[str]]:
        """How much each file says about each node."""
        counts: dict[int, Counter[str]] = {}
        for source, rows in self._files:
            for subject, number in Counter(rows.subjects).items():
                counts.setdefault(subject, Counter())[source.name] += number
        return counts

    @cached_property
    def _typed(self) -> dict[int, list[str]]:
        """The files that give each node a class."""
        files: dict[int, list[str]] = {}
        for source, rows in self._files:
            for subject, predicate, _ in rows:
                if predicate == self.index.type:
                    files.setdefault(subject, []).append(source.name)
        return files

    @cached_property
    def _values(self) -> dict[int, str]:
        """The first file that mentions each node as value or graph."""
        where: dict[int, str] = {}
        for source, rows in self._files:
            for value in (*rows.objects, *rows.graphs):
                where.setdefault(value, source.name)
        return where


def _has_triple_term(quad: Quad) -> bool:
    return isinstance(quad.subject, Triple) or isinstance(quad.object, Triple)


def _nodes(files: Iterable[Rows]) -> set[int]:
    """What the statements of some files speak of: subjects, values and graphs."""
    nodes: set[int] = set()
    for rows in files:
        nodes.update(rows.subjects, rows.objects, rows.graphs)
    return nodes
