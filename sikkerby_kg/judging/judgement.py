"""A report as plain data that can cross the border between processes: JSON, so that nothing is executed.

What comes from a process that read a stranger's file is believed only as far as its form.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sikkerby_kg.errors import WorkerLostError
from sikkerby_kg.validation.shape_use import ShapeUse

SEVERITIES = ("Violation", "Warning", "Info")
"""The local names of SHACL's severities, the worst first."""

Texts = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be judged: how messages call it, the suffix that says its format, and its bytes."""

    name: str
    suffix: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands, as ``validation.Place`` counts; 0 where only the file is known."""

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A result in words, each by language.

    ``focus`` and ``value`` are IRIs or texts, ``focus`` empty for a node without IRI; ``label`` is what the
    focus node is called, ``path`` the property path and ``names`` what it is in words. ``shape`` is the shape
    that found it, ``owner`` the one with the target that it belongs to; empty for one without IRI.
    """

    severity: str
    focus: str
    label: Texts
    path: str
    names: Texts
    value: str
    messages: Texts
    shape: str
    owner: str
    spots: tuple[Spot, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """A report in words.

    ``findings`` may be fewer than ``counts`` say: the worst come first. ``files`` are those that it is about;
    ``shapes`` what they were held against, ``edition`` the digest of the content it is about, and ``at`` when
    it was made, all three for a judgement of the content alone.
    """

    findings: tuple[Finding, ...]
    counts: Mapping[str, int]
    files: tuple[str, ...]
    shapes: tuple[ShapeUse, ...] = ()
    edition: str = ""
    at: str = ""

    @property
    def conforms(self) -> bool:
        """Whether there is no violation."""
        return not self.counts.get("Violation")

    @property
    def rest(self) -> int:
        """How many findings there are beside those that are told."""
        return sum(self.counts.values()) - len(self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """A report written in a format, and whether there is no violation in it."""

    conforms: bool
    body: bytes = field(repr=False)


def written(judgement: Judgement) -> bytes:
    """A judgement as it crosses the border."""
    return json.dumps(asdict(judgement), ensure_ascii=False).encode()


def read(data: bytes) -> Judgement:
    """The judgement in some bytes. Raises WorkerLostError if they are none."""
    try:
        found = json.loads(data)
        return Judgement(
            findings=tuple(map(_finding, found["findings"])),
            counts={name: int(found["counts"][name]) for name in SEVERITIES},
            files=tuple(map(str, found["files"])),
            shapes=tuple(map(_shape, found["shapes"])),
            edition=str(found["edition"]),
            at=str(found["at"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise WorkerLostError("worker.nonsense") from error


def _finding(found: Mapping[str, Any]) -> Finding:
    if found["severity"] not in SEVERITIES:
        raise ValueError(found["severity"])
    plain = {name: str(found[name]) for name in ("severity", "focus", "path", "value", "shape", "owner")}
    spoken = {name: _texts(found[name]) for name in ("label", "names", "messages")}
    return Finding(**plain, **spoken, spots=tuple(map(_spot, found["spots"])))  # type: ignore[arg-type]


def _spot(found: Mapping[str, Any]) -> Spot:
    lines = (int(found[name]) for name in ("line", "column", "end_line", "end_column"))
    return Spot(str(found["file"]), *lines)


def _shape(found: Mapping[str, Any]) -> ShapeUse:
    focus = found["focus"]
    return ShapeUse(
        iri=str(found["iri"]),
        severity=str(found["severity"]),
        names=_texts(found["names"]),
        descriptions=_texts(found["descriptions"]),
        messages=_texts(found["messages"]),
        focus=None if focus is None else int(focus),
        by_query=bool(found["by_query"]),
    )


def _texts(found: Mapping[str, Any]) -> dict[str, str]:
    return {str(lang): str(text) for lang, text in found.items()}
