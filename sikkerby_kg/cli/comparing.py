"""What ``sikkerby-kg validate`` does with revisions of git, and what it tells about the shapes themselves."""

import csv
import io
import json
import os

from sikkerby_kg.cli.mishaps import FAILED, FINE
from sikkerby_kg.cli.output import terminal_width, write
from sikkerby_kg.cli.words import language, note, say
from sikkerby_kg.folders import Folders
from sikkerby_kg.namespaces import IRI_IN_TEXT, PREFIXES, shrink, shrink_in
from sikkerby_kg.tables import printable, table
from sikkerby_kg.validation import Severity, ValidationReport, ValidationResult
from sikkerby_kg.validation.changes import Skipped, validate_changes
from sikkerby_kg.validation.report import in_language
from sikkerby_kg.validation.shapes_diff import ShapesDiff, compare_shapes
from sikkerby_kg.written import number_text

# The shapes are looked at by rdflib, which takes a third of a second to import.
# ruff: noqa: PLC0415

COVERAGE_FORMATS = ("text", "csv", "json")
_COLUMNS = ("shape", "name", "focus", "values", "results")
_SHAPE = "https://w3id.org/sikkerby-kg/shape/"


def changed_report(folders: Folders, revision: str, most: int) -> ValidationReport:
    """The report on what has changed since a revision; what was left out is told on standard error."""
    report, skipped = validate_changes(folders, revision, os.environ, most)
    _tell(skipped)
    return report


def _tell(skipped: Skipped) -> None:
    """What was looked at, what was left out, and why."""
    lang = language()
    if skipped.why is not None:
        reason, file = skipped.why
        note("changes.whole", rev=skipped.revision, reason=say(f"changes.why.{reason}", file=file))
        return
    files = ", ".join(skipped.files)
    if not files:
        note("changes.none", rev=skipped.revision)
        return
    note("changes.looked", rev=skipped.revision, count=number_text(len(skipped.files), lang), files=files)
    note(
        "changes.skipped",
        files=number_text(skipped.unchanged, lang),
        rev=skipped.revision,
        known=number_text(skipped.known, lang),
    )


def write_shapes_diff(folders: Folders, revision: str, threshold: Severity, most: int) -> int:
    """Write which results appear, disappear and change with today's shapes; the exit code."""
    found = compare_shapes(folders, revision, os.environ, most)
    if found.is_equal:
        write(say("shapes_diff.equal", rev=revision) + "\n", None)
        return FINE
    write("\n".join(map(printable, _lines(found))) + "\n", None)
    return FAILED if found.reaches(threshold) else FINE


def _lines(found: ShapesDiff) -> list[str]:
    before, after = found.before, found.after
    assert before is not None  # noqa: S101  (the shapes differ)
    assert after is not None  # noqa: S101  (as above)
    parts = {
        "appeared": [_line(after, each) for each in found.appeared],
        "gone": [_line(before, each) for each in found.gone],
        "changed": [
            line
            for old, new in found.changed
            for line in ("- " + _line(before, old), "+ " + _line(after, new))
        ],
    }
    lines: list[str] = []
    for name, told in parts.items():
        if told:
            lines += [say(f"shapes_diff.{name}"), *(f"  {each}" for each in told), ""]
    counts = (len(found.appeared), len(found.gone), len(found.changed))
    appeared, gone, changed = (number_text(each, language()) for each in counts)
    return [
        *lines,
        say("shapes_diff.summary", rev=found.revision, appeared=appeared, gone=gone, changed=changed),
    ]


def _line(report: ValidationReport, result: ValidationResult) -> str:
    """Severity, place, focus node, path in words and message of a result."""
    prefixes = {**PREFIXES, **report.prefixes}
    lang = language()
    focus, label = shrink(str(result.focus), prefixes), report.label(result.focus, lang)
    return say(
        "shapes_diff.line",
        severity=say(f"shapes_diff.{result.severity.name.lower()}"),
        file=result.places[0] if result.places else say("validate.nowhere"),
        focus=f"{label} ({focus})" if label and IRI_IN_TEXT.match(str(result.focus)) else label or focus,
        path=result.name(lang),
        message=shrink_in(result.message(lang), prefixes),
    ).replace("\n", " ")


def write_coverage(folders: Folders, form: str, most: int) -> int:
    """Write how many focus nodes, values and results each shape has, as a table or as rows."""
    from sikkerby_kg.validation.coverage import cover

    shapes, _ = cover(folders, most)
    lang = language()
    rows = [
        (_short(each.name), in_language(each.texts, lang), each.focus, each.values, each.results)
        for each in shapes
    ]
    if form == "json":
        found = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
        write(json.dumps(found, ensure_ascii=False, indent=2) + "\n", None)
        return FINE
    texts = [[row[0], row[1], *("" if each is None else str(each) for each in row[2:])] for row in rows]
    if form == "csv":
        out = io.StringIO()
        csv.writer(out).writerows([_COLUMNS, *texts])
        write(out.getvalue(), None)
        return FINE
    headers = [say(f"coverage.{each}") for each in _COLUMNS]
    idle = [each for each in shapes if not each.focus]
    lists = (
        ("never", [each for each in idle if not each.is_told and not each.is_search]),
        ("searching", [each for each in idle if each.is_search]),
        ("told", [each for each in idle if each.is_told]),
        ("no_values", [each for each in shapes if each.focus and each.values == 0]),
        ("fired", [each for each in shapes if each.results]),
    )
    lines = [
        say(
            f"coverage.list.{name}",
            count=len(found),
            shapes=", ".join(_short(each.name) for each in found) or "–",
        )
        for name, found in lists
    ]
    write(table(headers, texts, terminal_width(None)) + "\n" + "\n".join(lines) + "\n", None)
    return FINE


def _short(iri: str) -> str:
    """The name of a shape without what all of them begin with."""
    return iri.removeprefix(_SHAPE).replace(_SHAPE, "")
