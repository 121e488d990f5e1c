"""Drafts to new versions of files: held to the shapes in a copy first, then written all or not at all."""

import difflib
import os
import shutil
import stat
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.authoring.drafting import Addition, Draft
from sikkerby_kg.authoring.journal import Step, hash_of, noted
from sikkerby_kg.authoring.placing import file_of
from sikkerby_kg.authoring.turtle import Block, Document
from sikkerby_kg.errors import EntryError
from sikkerby_kg.folders import Folders
from sikkerby_kg.namespaces import SKOS
from sikkerby_kg.validation import Severity, ValidationReport, ValidationResult, validate_content
from sikkerby_kg.validation.scope import KNOWN_TERMS
from sikkerby_kg.validation.shapes_graph import text


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after; ``before`` is None for a new file. ``name`` is how messages call it."""

    path: Path
    name: str
    before: bytes | None
    after: bytes

    @property
    def diff(self) -> str:
        """The change as a unified diff, line ends as they are in the file."""
        old = "" if self.before is None else self.before.decode("utf-8-sig")
        lines = difflib.unified_diff(
            old.splitlines(keepends=True),
            self.after.decode("utf-8-sig").splitlines(keepends=True),
            "/dev/null" if self.before is None else f"a/{self.name}",
            f"b/{self.name}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
        )


@dataclass(frozen=True)
class Plan:
    """What is to be written, and what the shapes say of it.

    ``refusals`` are violations that would be new; ``remarks`` the warnings and known holes of the new things.
    """

    changes: tuple[Change, ...]
    report: ValidationReport
    refusals: tuple[ValidationResult, ...]
    remarks: tuple[ValidationResult, ...]

    @property
    def diff(self) -> str:
        """All changes as one diff."""
        return "".join(change.diff for change in self.changes)


def plan(content: Content, drafts: Sequence[Draft]) -> Plan:
    """The changes that drafts make, validated with the whole content.

    Raises ContentError if the content cannot be used as it is.
    """
    changes = changes_of(content, [each for draft in drafts for each in draft.additions])
    report = _validated(content, changes)
    new = {addition.block.subject for draft in drafts for addition in draft.additions}
    wrong = report.of(Severity.VIOLATION)
    if all(_is_about(result, new) for result in wrong):
        refusals = wrong
    else:  # what was wrong before is not for this change to mend
        refusals = _without(wrong, _validated(content, ()).of(Severity.VIOLATION))
    made = {draft.iri for draft in drafts}
    told = (*report.of(Severity.WARNING), *report.of(Severity.INFO))
    return Plan(changes, report, refusals, tuple(each for each in told if text(each.focus_term) in made))


def _is_about(result: ValidationResult, things: set[str]) -> bool:
    focus = text(result.focus_term)
    return focus in things and focus != ""


def _without(
    results: Iterable[ValidationResult], known: Iterable[ValidationResult]
) -> tuple[ValidationResult, ...]:
    """The results that are not among those that were there before."""
    before = Counter(map(_same, known))
    new = []
    for result in results:
        before[_same(result)] -= 1
        if before[_same(result)] < 0:
            new.append(result)
    return tuple(new)


def _same(result: ValidationResult) -> tuple[str, ...]:
    """What makes two results one; a node without IRI has another name in every validation."""
    nodes = (result.focus_term, result.value_term)
    focus, value = ("" if isinstance(node, BlankNode) else text(node) for node in nodes)
    return (focus, result.path or "", value, text(result.shape_term), result.component)


def changes_of(content: Content, additions: Iterable[Addition]) -> tuple[Change, ...]:
    """The files that additions change, each once; what stands in a graph already is left out."""
    by_file: dict[Path, dict[str, list[Addition]]] = {}
    for addition in additions:
        by_file.setdefault(addition.path, {}).setdefault(addition.graph, []).append(addition)
    return tuple(_change(content, path, graphs) for path, graphs in by_file.items())


def _change(content: Content, path: Path, graphs: dict[str, list[Addition]]) -> Change:
    file = file_of(content, path)
    document = Document(
        file.data if file else b"", content.prefixes, has_graphs=path.suffix == ".trig", title=_title(graphs)
    )
    for graph, additions in graphs.items():
        after = next((each.after for each in additions if each.after), "")
        document.add(graph, _merged(each.block for each in additions), after)
    return Change(path, content.folders.shown(path), file.data if file else None, document.data)


def _title(graphs: dict[str, list[Addition]]) -> str:
    """What the first graph is called, for the first line of a new file."""
    for graph, additions in graphs.items():
        for addition in additions:
            for name, value in addition.block.pairs:
                if addition.block.subject == graph and name == SKOS.prefLabel:
                    return value.value
    return ""


def _merged(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with those about one subject put together, each statement once."""
    found: dict[str, Block] = {}
    for block in blocks:
        known = found.get(block.subject)
        if known is None:
            found[block.subject] = Block(block.subject, tuple(dict.fromkeys(block.pairs)), block.comments)
        else:
            pairs = tuple(dict.fromkeys((*known.pairs, *block.pairs)))
            found[block.subject] = Block(block.subject, pairs, (*known.comments, *block.comments))
    return list(found.values())


def _validated(content: Content, changes: Iterable[Change]) -> ValidationReport:
    """The report on a copy of the content with changes in it."""
    folders = content.folders
    with tempfile.TemporaryDirectory(prefix="sikkerby-kg-") as name:
        copy = Folders(Path(name))
        for file in content.files:
            place = copy.root / file.path.relative_to(folders.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.data)
        for folder in (copy.ontology, copy.data):
            folder.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copyfile(folders.ontology / KNOWN_TERMS, copy.ontology / KNOWN_TERMS)
        for change in changes:
            place = copy.root / change.path.relative_to(folders.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(change.after)
        return validate_content(copy)


def write(changes: Sequence[Change], folders: Folders) -> None:
    """Write all changes, or none: each new version is in full beside its file before any takes its place.

    If the process is ended while they do, ``journal.finish`` puts the rest in their places.

    Raises EntryError if a file is no longer what it was when the changes were made, OSError if one cannot be
    written.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for change in changes:
            place = Path(os.path.realpath(change.path))
            _require_unchanged(change, place)
            place.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
            ready.append((Path(name), place))
            with os.fdopen(number, "wb") as file:
                file.write(change.after)
                file.flush()
                os.fsync(file.fileno())
            mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o666 & ~_umask()
            Path(name).chmod(mode)
        for change in changes:
            _require_unchanged(change, Path(os.path.realpath(change.path)))
        steps = [
            Step(new, place, hash_of(change.before), hash_of(change.after))
            for change, (new, place) in zip(changes, ready, strict=True)
        ]
        with noted(folders, steps):
            ready = []  # from here on they are kept, whatever happens
            for each in steps:
                each.new.replace(each.place)
    finally:
        for new, _ in ready:
            new.unlink(missing_ok=True)


def _require_unchanged(change: Change, place: Path) -> None:
    try:
        found: bytes | None = place.read_bytes()
    except FileNotFoundError:
        found = None
    if found != change.before:
        raise EntryError("entry.changed_meanwhile", path=change.name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
