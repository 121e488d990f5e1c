"""The validation report as frozen data: everything that a SHACL result says, and where it stands."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from sikkerby_kg.terms import Term, to_rdflib
from sikkerby_kg.validation.shapes_graph import text

if TYPE_CHECKING:
    from rdflib.term import Node

_SH = "http://www.w3.org/ns/shacl#"


class Severity(Enum):
    """How bad a result is (SHACL §2.1.4); the value is the IRI, the order is from worst to mildest."""

    VIOLATION = _SH + "Violation"
    """Wrong."""
    WARNING = _SH + "Warning"
    """Probably wrong."""
    INFO = _SH + "Info"
    """A known hole."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self.value]


_RANKS = {each.value: rank for rank, each in enumerate(Severity)}

Texts = tuple[tuple[str, str], ...]
"""A text in several languages: pairs of language tag (empty if it has none) and text."""


def in_language(texts: Texts, lang: str) -> str:
    """The text in a language, else in the first language that there is; empty if there is no text.

    >>> in_language((("da", "navn"), ("en", "name")), "en")
    'name'
    """
    return dict(texts).get(lang) or next((text for _, text in texts), "")


class Part(Enum):
    """What stands at a place; the order is from the most exact to the least."""

    VALUE = "value"
    """The object of the statement that is wrong."""
    PROPERTY = "property"
    """The property of which there are too few or unfitting values; of too many, one of the values."""
    SUBJECT = "subject"
    """The beginning of the node's own block: something is missing there."""
    FILE = "file"
    """Somewhere in the file: its format, or what it says, tells no more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands.

    ``file`` is a name as messages show it: relative to the root where it lies there. ``line`` and ``column``
    count from 1, in code points, as editors do; ``end_line`` and ``end_column`` are where it ends, the
    column being the one after the last character. All four are None where only the file is known.
    """

    file: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    part: Part = Part.FILE

    def __str__(self) -> str:
        return ":".join(str(each) for each in (self.file, self.line, self.column) if each is not None)


@contextmanager
def quiet() -> Iterator[None]:
    """No log line for each literal that does not fit its datatype: here that becomes a result."""
    logger = logging.getLogger("rdflib.term")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _shown(term: Term) -> "Node":
    with quiet():
        return to_rdflib(term)


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """One result of a validation (SHACL §3.6.2).

    ``path`` is the property path as SPARQL writes it, ``path_iri`` the property where it is a single one.
    ``messages`` are the shape's, filled in; ``names`` say in words what the path is.
    ``shape`` is the shape that found it and ``node_shape`` the one with the target that it belongs to.
    ``constraint`` is the SELECT query of a SPARQL-based constraint. ``detail`` holds the results inside a
    nested shape. ``places`` says where the statement, or else what is nearest to it, stands: one place for
    each file and line that has it, the first one first. ``wrong_term`` is the very term that is wrong, where
    it is not the value as a whole: the property, or the language or datatype of the value.

    Terms are those of Oxigraph; ``focus``, ``value``, ``shape`` and ``node_shape`` give them as rdflib's,
    which is imported when one of them is first asked for.
    """

    severity: Severity
    focus_term: Term
    path: str | None
    path_iri: str | None
    value_term: Term | None
    messages: Texts
    names: Texts
    shape_term: Term
    node_shape_term: Term | None
    component: str
    constraint: str | None = None
    detail: tuple["ValidationResult", ...] = ()
    places: tuple[Place, ...] = ()
    wrong_term: Term | None = None

    @property
    def focus(self) -> "Node":
        """The focus node."""
        return _shown(self.focus_term)

    @property
    def value(self) -> "Node | None":
        """The value, if there is one."""
        return None if self.value_term is None else _shown(self.value_term)

    @property
    def shape(self) -> "Node":
        """The shape that found it."""
        return _shown(self.shape_term)

    @property
    def node_shape(self) -> "Node | None":
        """The shape with the target."""
        return None if self.node_shape_term is None else _shown(self.node_shape_term)

    @property
    def file(self) -> str | None:
        """The file of the first place."""
        return self.places[0].file if self.places else None

    def message(self, lang: str) -> str:
        """The message in a language, else in the first that there is."""
        return in_language(self.messages, lang)

    def name(self, lang: str) -> str:
        """What the path is, in words of a language; the path itself if its shape has no name."""
        return in_language(self.names, lang) or self.path or ""


@dataclass(frozen=True, slots=True)
class Fallback:
    """A shape that pySHACL carried out, because the fast engine does not cover all that it uses.

    ``reason`` names what it does not cover, in the notation of SHACL and SPARQL.
    """

    shape: str
    reason: str


@dataclass(frozen=True, slots=True)
class Slip:
    """What was written, and what was meant; ``kind`` is ``namespace``, ``term`` or ``language``."""

    kind: str
    wrong: str
    right: str


@dataclass(frozen=True)
class ValidationReport:
    """All results, the worst first, with the labels of the nodes that they speak of.

    ``labels`` holds IRI → texts, ``prefixes`` what the data declares (sh:declare), ``files`` the names of the
    files that the report is about. ``anchors`` says what the blank nodes in the results hang on.
    ``fallbacks`` are the shapes that the fast engine left to pySHACL. ``slips`` are mistakes that say what
    was meant; ``causes`` holds result → the results that it follows from.
    """

    results: tuple[ValidationResult, ...]
    labels: Mapping[str, Texts] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    anchors: Mapping[str, str] = field(default_factory=dict)
    fallbacks: tuple[Fallback, ...] = ()
    slips: tuple[Slip, ...] = ()
    causes: Mapping[ValidationResult, tuple[ValidationResult, ...]] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether there is no violation; warnings and known holes do not count."""
        return not self.of(Severity.VIOLATION)

    def of(self, severity: Severity) -> tuple[ValidationResult, ...]:
        """The results of one severity."""
        return self._by_severity.get(severity, ())

    @cached_property
    def _by_severity(self) -> dict[Severity, tuple[ValidationResult, ...]]:
        return {each: tuple(r for r in self.results if r.severity is each) for each in Severity}

    def label(self, node: "Node | Term", lang: str) -> str | None:
        """The label of a node in a language, or None if it has none."""
        name = text(node) if isinstance(node, Term) else str(node)
        return in_language(self.labels.get(name, ()), lang) or None


def ordered(results: Iterable[ValidationResult]) -> tuple[ValidationResult, ...]:
    """The results without repetitions: the worst first, then by file, line, focus node, path and value."""
    found: list[ValidationResult] = []
    with_keys = sorted(((_sort_key(each), each) for each in results), key=itemgetter(0))
    for _, alike in groupby(with_keys, itemgetter(0)):
        same = [each for _, each in alike]
        found += same if len(same) == 1 else dict.fromkeys(same)
    return tuple(found)


def _sort_key(result: ValidationResult) -> tuple[int, str, tuple[int, int], str, str, str, str]:
    return (
        result.severity.rank,
        result.file or "",
        (result.places[0].line or 0, result.places[0].column or 0) if result.places else (0, 0),
        text(result.focus_term),
        result.path or "",
        text(result.value_term),
        text(result.shape_term),
    )
