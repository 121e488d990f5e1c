"""What a writer gets: a report, what is to be told of it, and where its files are."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from pyoxigraph import BlankNode

from sikkerby_kg.errors import ContentError
from sikkerby_kg.namespaces import PREFIXES, shrink, shrink_in
from sikkerby_kg.shape_rules import Shape
from sikkerby_kg.terms import Term
from sikkerby_kg.texts import text
from sikkerby_kg.validation.baseline import Key, Stale, key_of
from sikkerby_kg.validation.report import (
    Place,
    Severity,
    ValidationReport,
    ValidationResult,
    in_language,
)
from sikkerby_kg.validation.shapes_graph import text as plain
from sikkerby_kg.validation.writers.files import Files, place_of

_BRACKETED = re.compile(r"<([^<>]*)>")
_EMPTY = "https://w3id.org/sikkerby-kg/shape/FilledGraph"
"""The shape that tells of described graphs without statements."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no report: a message, and the place in a file where it is known."""

    message: str
    place: Place | None = None


@dataclass(frozen=True)
class Document:
    """All that a report is written from.

    ``report`` holds every result; those in ``accepted`` are known from a baseline, and ``stale`` are the
    entries of it that no result has any more. ``shapes`` say what the shapes are called and what for.
    ``threshold`` is the mildest severity that counts as failure. ``everything`` asks for what only follows
    from other results as well, and for known holes beside what is worse. ``moment`` is when the validation
    ran.
    """

    report: ValidationReport
    lang: str
    files: Files
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    accepted: frozenset[ValidationResult] = frozenset()
    stale: tuple[Stale, ...] = ()
    problems: tuple[Problem, ...] = ()
    threshold: Severity = Severity.VIOLATION
    colour: bool = False
    everything: bool = False
    moment: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    @cached_property
    def new(self) -> tuple[ValidationResult, ...]:
        """The results that no baseline accepts."""
        return tuple(each for each in self.report.results if each not in self.accepted)

    @cached_property
    def following(self) -> tuple[ValidationResult, ...]:
        """The new results that only follow from other new ones, unless they are asked for."""
        causes = {} if self.everything else self.report.causes
        new = set(self.new)
        return tuple(each for each in self.new if not new.isdisjoint(causes.get(each, ())))

    @cached_property
    def told(self) -> tuple[ValidationResult, ...]:
        """The new results that stand by themselves, what two rules say of one statement being told once."""
        found: dict[tuple[object, ...], ValidationResult] = {}
        left_out = set(self.following)
        for each in self.new:
            if each in left_out:
                continue
            said = (each.severity, each.places, each.focus_term, each.path, each.value_term, each.messages)
            found.setdefault(said, each)
        return tuple(found.values())

    def counts(self) -> dict[Severity, int]:
        """How many results are told of each severity."""
        found = Counter(each.severity for each in self.told)
        return {each: found[each] for each in Severity}

    def summary(self) -> str:
        """Whether it holds, the counts, and what else is to be said of the results, in a line."""
        return " ".join((self.counted(), *self.remarks()))

    def counted(self) -> str:
        """Whether it holds, and the counts, in a line."""
        if self.problems:
            return text("report.unusable", self.lang)
        counts = self.counts()
        return text(
            "report.holds" if self.holds else "report.fails",
            self.lang,
            violations=counts[Severity.VIOLATION],
            warnings=counts[Severity.WARNING],
            infos=counts[Severity.INFO],
            files=len(self.report.files),
        )

    def remarks(self) -> list[str]:
        """Where to begin, and what is not told: each in a sentence."""
        found = []
        empty = sum(plain(each.shape_term) == _EMPTY for each in self.told)
        if empty > 1 and len(self.told) > empty:
            found.append(text("report.empty", self.lang, count=empty))
        if count := len(self.following):
            key = "report.following_one" if count == 1 else "report.following"
            found.append(text(key, self.lang, count=count))
        return found

    def with_colour(self, *, wanted: bool) -> "Document":
        """The same document, told with or without colours."""
        return replace(self, colour=wanted)

    def fails(self, result: ValidationResult) -> bool:
        """Whether a result is as bad as the threshold, or worse."""
        return result.severity.rank <= self.threshold.rank

    @property
    def holds(self) -> bool:
        """Whether there is no problem, and no new result as bad as the threshold."""
        return not self.problems and not any(map(self.fails, self.new))

    # --- Names ---------------------------------------------------------------------------------

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The software's prefixes and those that the content declares."""
        return {**PREFIXES, **self.report.prefixes}

    def name(self, term: Term) -> str:
        """A term in short: a CURIE, the text of a literal, or what a blank node hangs on."""
        name = plain(term)
        anchor = self.report.anchors.get(name)
        return shrink(name, self.prefixes) if anchor is None else self.bare(anchor)

    def bare(self, path: str) -> str:
        """A path with its IRIs, which stand in < >, as CURIEs."""
        return _BRACKETED.sub(lambda match: shrink(match[1], self.prefixes), path)

    def label(self, result: ValidationResult) -> str:
        """What the focus node of a result is called, else its name."""
        return self.report.label(result.focus_term, self.lang) or self.name(result.focus_term)

    def message(self, result: ValidationResult, lang: str = "") -> str:
        """The message of a result on one line, with the IRIs in it as CURIEs."""
        words = " ".join(result.message(lang or self.lang).split())
        return shrink_in(words, self.prefixes)

    def headline(self, result: ValidationResult, lang: str = "", *, named: bool = False) -> str:
        """What is wrong with what, on one line; ``named`` puts the name of the thing after its label."""
        lang = lang or self.lang
        name = self.name(result.focus_term)
        about = self.report.label(result.focus_term, lang) or name
        has_iri = plain(result.focus_term) not in self.report.anchors
        about += f" ({name})" if named and has_iri and about != name else ""
        parts = [about, result.name(lang)] if result.path else [about]
        return f"{' · '.join(' '.join(each.split()) for each in parts)}: {self.message(result, lang)}"

    def why(self, result: ValidationResult, lang: str = "") -> str:
        """What the shape of a result is for, if it says so."""
        shape = self.shapes.get(rule_of(result))
        return in_language(tuple(shape.description.items()), lang or self.lang) if shape else ""

    def identity(self) -> dict[ValidationResult, str]:
        """Result → a name for it that stays the same while lines move; equal results are numbered."""
        seen: Counter[Key] = Counter()
        found = {}
        for each in self.report.results:
            key = key_of(each, self.report.anchors)
            seen[key] += 1
            found[each] = hashlib.sha256("\n".join((*key, str(seen[key]))).encode()).hexdigest()[:32]
        return found


def rule_of(result: ValidationResult) -> str:
    """The IRI of the shape that found a result; for a shape without one, that of the shape around it."""
    for each in (result.shape_term, result.node_shape_term):
        if each is not None and not isinstance(each, BlankNode):
            return plain(each)
    return result.component


def in_order(report: ValidationReport) -> ValidationReport:
    """The same report in an order that is the same in every run, whatever blank nodes are called in it."""

    def key(result: ValidationResult) -> tuple[int, str, int, int, Key]:
        place = result.places[0] if result.places else Place("")
        return (
            result.severity.rank,
            place.file,
            place.line or 0,
            place.column or 0,
            key_of(result, report.anchors),
        )

    return replace(report, results=tuple(sorted(report.results, key=key)))


def problems_of(errors: Iterable[ContentError], lang: str, files: Files) -> tuple[Problem, ...]:
    """Errors about content as problems: the place apart from the message."""
    found = []
    for error in errors:
        name, line, column = place_of(error, files)
        message = error.text(lang)
        if name is None:
            found.append(Problem(message))
            continue
        place = Place(name, line, column)
        found.append(Problem(message.removeprefix(f"{place}: "), place))
    return tuple(found)


def numbered(results: Sequence[ValidationResult]) -> dict[str, int]:
    """Blank node in results → its number, in the order in which they come."""
    found: dict[str, int] = {}
    for result in results:
        for each in (result.focus_term, result.value_term, result.shape_term, result.node_shape_term):
            if isinstance(each, BlankNode):
                found.setdefault(each.value, len(found) + 1)
    return found
