"""``sikkerby-kg validate``: hold the content, or some files, against the shapes."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from sikkerby_kg.cli.comparing import COVERAGE_FORMATS, changed_report, write_coverage, write_shapes_diff
from sikkerby_kg.cli.mishaps import FAILED, FINE, UNUSABLE, told
from sikkerby_kg.cli.output import write
from sikkerby_kg.cli.reports import Reporting, Target, coloured, targets, write_whole
from sikkerby_kg.cli.skin import OneOf, OutputFile, Session, command, option
from sikkerby_kg.cli.watching import watch as watch_files
from sikkerby_kg.cli.words import asked_root, language, note, say
from sikkerby_kg.errors import ContentError, ShapesError, SikkerbyError
from sikkerby_kg.folders import Folders, find_folders
from sikkerby_kg.namespaces import local_name
from sikkerby_kg.validation import Severity, ValidationReport, validate_content
from sikkerby_kg.validation.baseline import Baseline, baseline_of, read_baseline
from sikkerby_kg.validation.explanation import explained, rules_of
from sikkerby_kg.validation.scope import files_to_watch, unread
from sikkerby_kg.validation.writers import FORMATS, Document, Files, in_order, problems_of, written
from sikkerby_kg.validation.writers.text_report import source_lines

_MOST_NAMES = 10
_SEVERITIES = tuple(each.name.lower() for each in Severity)


class _Given(click.Path):
    """A path that is not the empty text, which would stand for the working folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Raises ContentError for the empty text."""
        if value == "":
            raise ContentError("validate.empty_path")
        return Path(str(super().convert(value, param, ctx)))


def _complete_shape(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the shapes; nothing where the content cannot be used."""
    with suppress(SikkerbyError):
        rules = rules_of(find_folders(asked_root(ctx)))
        named = sorted((local_name(iri), shape.name.get(language(), "")) for iri, shape in rules.items())
        return [CompletionItem(name, help=words) for name, words in named if name.startswith(incomplete)]
    return []


@command("validate", Reporting)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=_Given())
@option("--format", "-f", "formats", multiple=True, type=OneOf([f.name for f in FORMATS]), metavar="FORMAT")
@option("--output", "-o", "outputs", multiple=True, type=OutputFile(), metavar="FILE")
@option("--severity", type=OneOf(_SEVERITIES), default=_SEVERITIES[0], metavar="SEVERITY")
@option("--all", "everything", is_flag=True)
@option("--baseline", metavar="FILE")
@option("--baseline-write", is_flag=True)
@option("--baseline-prune", is_flag=True)
@option("--baseline-strict", is_flag=True)
@option("--explain", metavar="SHAPE", shell_complete=_complete_shape)
@option("--watch", is_flag=True)
@option("--changed-since", metavar="REV")
@option("--shapes-diff", metavar="REV")
@option("--coverage", type=OneOf(COVERAGE_FORMATS), is_flag=False, flag_value="text", metavar="[FORMAT]")
@option("--files-megabytes", metavar="MEGABYTES")
def validate(session: Session, paths: tuple[Path, ...], **asked: Any) -> int:
    """Write the report in the formats asked for, or explain a shape."""
    folders = find_folders(session.settings.root)
    if asked["explain"] is not None:
        write(explained(folders, asked["explain"], language()), None)
        return FINE
    if asked["baseline"] is None and any(asked[f"baseline_{each}"] for each in ("write", "prune", "strict")):
        raise click.UsageError(say("validate.baseline_missing"))
    if asked["baseline_write"] and asked["baseline_prune"]:
        raise click.UsageError(say("validate.baseline_both"))
    most = session.settings.with_options(files_megabytes=asked["files_megabytes"]).files_megabytes
    threshold = Severity[asked["severity"].upper()]
    whole = [each for each in ("changed_since", "shapes_diff", "coverage") if asked[each] is not None]
    if len(whole) + bool(paths and whole) > 1:
        raise click.UsageError(say("validate.whole_only"))
    if asked["shapes_diff"] is not None:
        with _memory_to_spare():
            return write_shapes_diff(folders, asked["shapes_diff"], threshold, most)
    if asked["coverage"] is not None:
        with _memory_to_spare():
            return write_coverage(folders, asked["coverage"], most)
    run = _Run(
        folders,
        paths,
        targets(click.get_current_context(), asked["formats"], asked["outputs"]),
        threshold,
        None if asked["baseline"] is None else Path(asked["baseline"]),
        is_strict=asked["baseline_strict"],
        since=asked["changed_since"],
        most=most,
        everything=asked["everything"],
    )
    if asked["baseline_write"] or asked["baseline_prune"]:
        return run.keep_baseline(prune=asked["baseline_prune"])
    return run.again_and_again() if asked["watch"] else run.once()


@dataclass(frozen=True, slots=True)
class _Run:
    """What is validated, and what becomes of the report."""

    folders: Folders
    paths: Sequence[Path]
    targets: Sequence[Target]
    threshold: Severity
    baseline: Path | None
    is_strict: bool
    since: str | None
    most: int
    everything: bool

    @property
    def _is_whole(self) -> bool:
        """Whether everything is validated, so that what no result fits is stale in a baseline."""
        return not self.paths and self.since is None

    def once(self) -> int:
        """Validate and write the reports; the exit code. What cannot be used stands in the reports, too."""
        try:
            known = None if self.baseline is None else read_baseline(self.baseline)
            report = self._report()
        except ContentError as error:
            errors = error.problems if isinstance(error, ShapesError) else (error,)
            problems = problems_of(errors, language(), self._files)
            document = Document(ValidationReport(()), language(), self._files, problems=problems)
            self._write(document, [each for each in self.targets if each != Target("text")])
            for each, problem in zip(errors, problems, strict=True):
                each.__notes__ = source_lines(document, problem)
            raise
        self._tell_unread()
        document = self._document(report, known)
        self._write(document, self.targets)
        is_stale = self.is_strict and bool(document.stale)
        return FINE if document.holds and not is_stale else FAILED

    def _tell_unread(self) -> None:
        """Say which files look like content and are passed over."""
        found = [] if self.paths else unread(self.folders)
        if found:
            more = len(found) - _MOST_NAMES
            names = ", ".join(found[:_MOST_NAMES])
            note("validate.not_read", files=f"{names} (+{more})" if more > 0 else names)

    def again_and_again(self) -> int:
        """Validate whenever a file is saved, until somebody stops it; what cannot be used ends nothing."""

        def act(changed: list[Path]) -> None:
            names = ", ".join(self._files.shown(self.folders.shown(path)) for path in changed)
            time = datetime.now().astimezone().strftime("%H:%M:%S")
            note("validate.changed" if changed else "validate.watching", time=time, files=names)
            try:
                self.once()
            except ContentError as error:
                told(error)

        watch_files(lambda: files_to_watch(self.folders, self.paths), act)
        return UNUSABLE  # not reached: watching ends by an interruption

    def keep_baseline(self, *, prune: bool) -> int:
        """Write the baseline: of all results, or without what is stale in it."""
        assert self.baseline is not None  # noqa: S101  (the options say so)
        known = read_baseline(self.baseline) if prune else None
        report = self._report()
        if known is None:
            kept = baseline_of(report)
            note("validate.baseline_written", count=sum(kept.counts.values()), file=self.baseline)
        else:
            stale = known.stale(report, whole=self._is_whole)
            kept = known.without(stale)
            note("validate.baseline_pruned", count=sum(each.count for each in stale), file=self.baseline)
        write_whole(self.baseline, kept.text())
        return FINE

    @property
    def _files(self) -> Files:
        return Files(self.folders, Path.cwd())

    def _report(self) -> ValidationReport:
        with _memory_to_spare():
            if self.since is not None:
                return in_order(changed_report(self.folders, self.since, self.most))
            return in_order(validate_content(self.folders, self.paths, self.most))

    def _document(self, report: ValidationReport, known: Baseline | None) -> Document:
        return Document(
            report,
            language(),
            self._files,
            rules_of(self.folders) if self._tells_of_shapes(report) else {},
            frozenset() if known is None else known.accepted(report),
            () if known is None else known.stale(report, whole=self._is_whole),
            threshold=self.threshold,
            everything=self.everything,
            moment=datetime.now(UTC),
        )

    def _tells_of_shapes(self, report: ValidationReport) -> bool:
        """Whether a report says more of shapes than their names: in text, known holes do not."""
        names = {each.name for each in self.targets}
        is_bad = any(each.severity is not Severity.INFO for each in report.results)
        return bool(report.results) and (is_bad or not names.isdisjoint(("html", "sarif")))

    def _write(self, document: Document, wanted: Sequence[Target]) -> None:
        """Write all reports, the files first; none is begun before all are ready."""
        ready = [(each, written(each.name, document.with_colour(wanted=coloured(each)))) for each in wanted]
        for target, content in sorted(ready, key=lambda pair: pair[0].file is None):
            if target.file is None:
                write(content, None)
            else:
                write_whole(target.file, content)
        if wanted and all(target.file is not None for target in wanted) and not document.problems:
            note("validate.written", summary=document.summary(), files=", ".join(str(t.file) for t in wanted))


@contextmanager
def _memory_to_spare() -> Iterator[None]:
    """No search for garbage meanwhile: a tenth of the time went into it, and the process ends soon."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
