"""``sikkerby-kg validate``: hold the content, or some files, against the shapes."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from sikkerby_kg.cli.comparing import COVERAGE_FORMATS, changed_report, write_coverage, write_shapes_diff
from sikkerby_kg.cli.mishaps import FAILED, FINE
from sikkerby_kg.cli.output import write
from sikkerby_kg.cli.skin import OneOf, Session, command, option
from sikkerby_kg.cli.words import language, say
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.namespaces import PREFIXES, shrink
from sikkerby_kg.tables import printable
from sikkerby_kg.validation import Severity, ValidationReport, ValidationResult, validate_content

_IRI = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"{}|\\^`]*[^\s<>\"{}|\\^`.,;:)]")
_LONGEST_VALUE = 60


class _Given(click.Path):
    """A path that is not the empty text, which would stand for the working folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Raises ContentError for the empty text."""
        if value == "":
            raise ContentError("validate.empty_path")
        return Path(str(super().convert(value, param, ctx)))


@command("validate")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=_Given())
@option("--changed-since", metavar="REV")
@option("--shapes-diff", metavar="REV")
@option("--coverage", type=OneOf(COVERAGE_FORMATS), is_flag=False, flag_value="text", metavar="[FORMAT]")
def validate(
    session: Session,
    paths: tuple[Path, ...],
    *,
    changed_since: str | None,
    shapes_diff: str | None,
    coverage: str | None,
) -> int:
    """Print one line for each result, grouped by severity, and the counts."""
    folders = find_folders(session.settings.root)
    whole = [each for each in (changed_since, shapes_diff, coverage) if each is not None]
    if len(whole) + bool(paths and whole) > 1:
        raise click.UsageError(say("validate.whole_only"))
    if shapes_diff is not None or coverage is not None:
        with _memory_to_spare():
            if shapes_diff is not None:
                return write_shapes_diff(folders, shapes_diff)
            return write_coverage(folders, str(coverage))
    with _memory_to_spare():
        report = (
            validate_content(folders, paths)
            if changed_since is None
            else changed_report(folders, changed_since)
        )
    lines = []
    # Two rules that say the same of the same value are one line.
    told = {
        each: list(dict.fromkeys(_line(report, result) for result in report.of(each))) for each in Severity
    }
    for severity, results in told.items():
        if results:
            lines += [say(f"validate.severity.{severity.name.lower()}")]
            lines += [f"  {each}" for each in results]
            lines += [""]
    lines.append(
        say(
            "validate.conforms" if report.conforms else "validate.fails",
            violations=len(told[Severity.VIOLATION]),
            warnings=len(told[Severity.WARNING]),
            infos=len(told[Severity.INFO]),
            files=len(report.files),
        )
    )
    write("\n".join(map(printable, lines)) + "\n", None)
    return FINE if report.conforms else FAILED


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


def _line(report: ValidationReport, result: ValidationResult) -> str:
    """File, focus node, path in words, value and message of a result."""
    prefixes = {**PREFIXES, **report.prefixes}
    lang = language()

    def named(iri: str) -> str:
        return shrink(iri, prefixes)

    focus, label = named(str(result.focus)), report.label(result.focus, lang)
    value = "" if result.value is None or result.value == result.focus else str(result.value)
    return say(
        "validate.line_value" if value else "validate.line",
        file=result.file or say("validate.nowhere"),
        focus=f"{label} ({focus})" if label and _IRI.match(str(result.focus)) else label or focus,
        path=result.name(lang),
        value=_shortened(named(value)),
        message=_IRI.sub(lambda match: named(match[0]), result.message(lang)),
    ).replace("\n", " ")


def _shortened(text: str) -> str:
    """A value that is too long for a line, with its end left out."""
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
