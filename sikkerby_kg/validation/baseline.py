"""Results that are known and accepted: a file of them, so that a run fails on new ones only.

The file is JSON with one result a line in alphabetical order, made to be kept in git: a change shows as the
lines it is about. A result is known by what it says, never by the line where it stands, so that it stays the
same when text is put in above it.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode

from sikkerby_kg.errors import ContentError
from sikkerby_kg.parsing import read_text
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.report import ValidationReport, ValidationResult

VERSION = 1
_FIELDS = ("shape", "component", "focus", "path", "value")

Key = tuple[str, str, str, str, str]
"""Shape, component, focus node, path and value as text; a blank node is called after what it hangs on."""


@dataclass(frozen=True, slots=True)
class Stale:
    """An entry that no result has any more: its key, the file it stood in, and how many are too many."""

    key: Key
    file: str
    count: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many results of each key are accepted, and the file that they stood in when they were."""

    counts: Mapping[Key, int]
    files: Mapping[Key, str]

    def accepted(self, report: ValidationReport) -> frozenset[ValidationResult]:
        """The results that are accepted: of those with equal keys, as many as the baseline has."""
        left = Counter(self.counts)
        found = set()
        for result in report.results:
            key = key_of(result, report.anchors)
            if left[key] > 0:
                left[key] -= 1
                found.add(result)
        return frozenset(found)

    def stale(self, report: ValidationReport, *, whole: bool) -> tuple[Stale, ...]:
        """The entries that no result has any more.

        Unless the ``whole`` content was validated, only entries of files that the report is about can be.
        """
        left = Counter(self.counts)
        left.subtract(key_of(result, report.anchors) for result in report.results)
        return tuple(
            Stale(key, self.files[key], left[key])
            for key in sorted(self.counts)
            if left[key] > 0 and (whole or self.files[key] in report.files)
        )

    def without(self, stale: tuple[Stale, ...]) -> "Baseline":
        """The same baseline without what is stale in it."""
        counts = Counter(self.counts)
        counts.subtract({each.key: each.count for each in stale})
        return Baseline({key: count for key, count in counts.items() if count > 0}, self.files)

    def text(self) -> str:
        """The file: an object with one line for each entry."""
        entries = [
            {**dict(zip(_FIELDS, key, strict=True)), "count": self.counts[key], "file": self.files[key]}
            for key in sorted(self.counts)
        ]
        listed = ",".join(f"\n    {json.dumps(each, ensure_ascii=False)}" for each in entries)
        end = "\n  " if entries else ""
        return f'{{\n  "version": {VERSION},\n  "results": [{listed}{end}]\n}}\n'


def baseline_of(report: ValidationReport) -> Baseline:
    """The baseline that accepts every result of a report."""
    counts: Counter[Key] = Counter()
    files: dict[Key, str] = {}
    for result in report.results:
        key = key_of(result, report.anchors)
        counts[key] += 1
        files.setdefault(key, result.file or "")
    return Baseline(counts, files)


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file. Raises ContentError, naming the line or entry, for a file that is none."""
    text = read_text(path)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ContentError(
            "baseline.json", path=path, line=error.lineno, column=error.colno, problem=error.msg
        ) from None
    except RecursionError:
        raise ContentError("baseline.form", path=path) from None
    if not isinstance(found, dict) or not isinstance(found.get("results"), list):
        raise ContentError("baseline.form", path=path)
    if found.get("version") != VERSION:
        raise ContentError("baseline.version", path=path, found=found.get("version"), known=VERSION)
    counts: Counter[Key] = Counter()
    files: dict[Key, str] = {}
    for number, entry in enumerate(found["results"], 1):
        key, count, file = _entry(entry, path, number)
        counts[key] += count
        files.setdefault(key, file)
    return Baseline(counts, files)


def _entry(entry: Any, path: Path, number: int) -> tuple[Key, int, str]:
    values = [entry.get(name) for name in _FIELDS] if isinstance(entry, dict) else [None]
    if not all(isinstance(value, str) for value in values):
        raise ContentError("baseline.entry", path=path, number=number, fields=", ".join(_FIELDS))
    count, file = entry.get("count", 1), entry.get("file", "")
    if type(count) is not int or count < 1 or not isinstance(file, str):
        raise ContentError("baseline.count", path=path, number=number)
    shape, component, focus, at, value = map(str, values)
    return (shape, component, focus, at, value), count, file


def key_of(result: ValidationResult, anchors: Mapping[str, str]) -> Key:
    """What a result is known by (SHACL §3.6.2), without its line and its messages."""

    def named(term: Term | None) -> str:
        if term is None:
            return ""
        return anchors.get(term.value, "[]") if isinstance(term, BlankNode) else str(term)

    shape = named(result.shape_term)
    if isinstance(result.shape_term, BlankNode):  # it hangs on the one with the target, which has an IRI
        shape = f"{named(result.node_shape_term)} → {result.path or '[]'}"
    return shape, result.component, named(result.focus_term), result.path or "", named(result.value_term)
