"""A report as GitLab's code quality has it: results beside the lines that a merge request changes."""

import json
from typing import Any

from sikkerby_kg.namespaces import local_name
from sikkerby_kg.validation.report import Place, Severity
from sikkerby_kg.validation.writers.document import Document, rule_of

_SEVERITIES = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_UNUSABLE = "unusable-input"


def as_codequality(document: Document) -> str:
    """A list with an entry for each new result that stands in a file; ends with a line end.

    The format wants a line for every entry: where none is known, and only here, it is the first.
    """
    identities = document.identity()
    entries = [
        _entry(document, each.message, _UNUSABLE, "blocker", f"{_UNUSABLE}:{each.message}", each.place)
        for each in document.problems
        if each.place is not None
    ]
    for result in document.told:
        if result.places:
            severity, place = _SEVERITIES[result.severity], result.places[0]
            name, message = local_name(rule_of(result)), document.headline(result)
            entries.append(_entry(document, message, name, severity, identities[result], place))
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"


def _entry(
    document: Document, message: str, check: str, severity: str, fingerprint: str, place: Place
) -> dict[str, Any]:
    return {
        "description": message,
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": document.files.shown(place.file), "lines": {"begin": place.line or 1}},
    }
