"""A report as workflow commands of GitHub Actions: each result becomes an annotation beside its line."""

from collections.abc import Iterator

from sikkerby_kg.namespaces import local_name, shrink
from sikkerby_kg.tables import printable
from sikkerby_kg.texts import text
from sikkerby_kg.validation.report import Place, Severity
from sikkerby_kg.validation.writers.document import Document, rule_of
from sikkerby_kg.validation.writers.limit import limited

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = {**_DATA, **str.maketrans({":": "%3A", ",": "%2C"})}


def as_github(document: Document) -> str:
    """One command a line, none if nothing is told."""
    return "".join(f"{line}\n" for line in _lines(document))


def _lines(document: Document) -> Iterator[str]:
    for problem in document.problems:
        title = text("report.problem", document.lang)
        yield _command(document, "error", problem.place, title, problem.message)
    results, more = limited(document.told)
    for result in results:
        place = result.places[0] if result.places else None
        command = _COMMANDS[result.severity]
        yield _command(document, command, place, local_name(rule_of(result)), document.headline(result))
    for remark in document.remarks():
        yield _command(document, "notice", None, text("report.html.title", document.lang), remark)
    for rule, count in more.items():
        message = text("report.more", document.lang, shape=shrink(rule, document.prefixes), count=count)
        yield _command(document, "notice", None, local_name(rule), message)
    for stale in document.stale:
        title = text("report.stale_title", document.lang)
        entry = " · ".join(part for part in stale.key if part)
        message = text("report.stale", document.lang, entry=entry, count=stale.count)
        yield _command(document, "warning", None, title, message)


def _command(document: Document, name: str, place: Place | None, title: str, message: str) -> str:
    """A command with the place that is known: GitHub shows one without line beside the file as a whole."""
    properties: dict[str, object] = {}
    if place is not None:
        properties["file"] = document.files.shown(place.file)
        one_line = place.end_line in (None, place.line)
        properties["line"] = place.line
        properties["endLine"] = None if one_line else place.end_line
        if one_line:  # GitHub takes columns within one line only
            properties["col"], properties["endColumn"] = place.column, _last(place)
    properties["title"] = title
    told = ",".join(
        f"{key}={printable(str(value)).translate(_PROPERTY)}"
        for key, value in properties.items()
        if value is not None
    )
    return f"::{name} {told}::{printable(message).translate(_DATA)}"


def _last(place: Place) -> int | None:
    """The last column of a place: GitHub counts it in, a place does not."""
    if place.end_column is None or place.column is None:
        return None
    return max(place.end_column - 1, place.column)
