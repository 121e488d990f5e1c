"""What judging needs in memory, loaded once, and judging itself. Slow to import: for its own process only."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from pyoxigraph import BlankNode
from rdflib import Literal
from rdflib.term import _toPythonMapping

from sikkerby_kg.dataset import content_digest
from sikkerby_kg.folders import find_folders
from sikkerby_kg.judging.judgement import SEVERITIES, Document, Finding, Judgement, Spot
from sikkerby_kg.namespaces import PREFIXES, SH, shrink_in
from sikkerby_kg.terms import Term
from sikkerby_kg.texts import LANGUAGES
from sikkerby_kg.validation import Place, ValidationReport, ValidationResult, load_shapes, validate
from sikkerby_kg.validation.explanation import rules_of
from sikkerby_kg.validation.report import Texts
from sikkerby_kg.validation.scope import background, scopes, source_of
from sikkerby_kg.validation.shape_use import shape_uses
from sikkerby_kg.validation.shapes_graph import text
from sikkerby_kg.validation.writers import FORMATS, Document as Written, HeldFiles, in_order, written

MOST = 500
"""Findings that a judgement tells; it counts them all."""

_LAZY = (
    "pyshacl.constraints",
    "pyshacl.functions",
    "pyshacl.helper",
    "rdflib.plugins.sparql",
    "sikkerby_kg.validation",
)
"""Packages some of whose modules are imported late."""

_SOME = 50
"""Results that are written once before any is asked for."""

_LONGEST = 2_000
"""Characters of a value or a message that are told."""


class Bench:
    """The shapes and the content of a root. Raises ContentError for what cannot be read or used."""

    def __init__(self, root: str) -> None:
        folders = find_folders(root)
        before = content_digest(folders)
        self._shapes = load_shapes(folders)
        (sources,) = scopes(folders)
        self._background = background(folders)
        self._rules = rules_of(folders)
        report = validate(sources, self._shapes)  # also imports and prepares whatever a judgement needs
        after = content_digest(folders)
        self.content = told(
            report,
            shapes=tuple(shape_uses(self._shapes, sources)),
            edition=after if after == before else "",
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        self.report = in_order(report)
        shown = {place.file for result in report.results for place in result.places}
        self._files = HeldFiles({each.name: each.data for each in sources if each.name in shown})
        _import_the_rest()
        some = replace(self.report, results=self.report.results[:_SOME])
        for name, lang in product((each.name for each in FORMATS), LANGUAGES):
            self.written(name, some, lang)  # loads templates and texts

    def judge(self, document: Document) -> ValidationReport:
        """The report on a file from elsewhere, which stands alone with the ontology.

        Raises ContentError, naming line and column, for what cannot be read.
        """
        source = source_of(document.name, document.data, document.suffix)
        return validate([source, *self._background], self._shapes)

    def written(
        self, wanted: str, report: ValidationReport, lang: str, document: Document | None = None
    ) -> str:
        """A report on the content, or on a document, in a format of ``validation.writers``.

        Raises KeyError for no format.
        """
        files = HeldFiles({document.name: document.data}) if document else self._files
        moment = datetime.now(UTC) if document else datetime.fromisoformat(self.content.at)
        return written(wanted, Written(in_order(report), lang, files, self._rules, moment=moment))


def told(report: ValidationReport, **more: object) -> Judgement:
    """A report in words: what two shapes say alike of the same value is told once."""
    findings = list(dict.fromkeys(_Teller(report).findings(report.results)))
    counts = Counter(each.severity for each in findings)
    return Judgement(
        findings=tuple(each.finding for each in findings[:MOST]),
        counts={name: counts[name] for name in SEVERITIES},
        files=report.files,
        **more,  # type: ignore[arg-type]  # the fields of a judgement of the content
    )


class _Told:
    """A finding that equals another if both say the same."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.severity = finding.severity
        spoken = (tuple(each.items()) for each in (finding.label, finding.names, finding.messages))
        plain = (finding.severity, finding.focus, finding.path, finding.value, finding.spots)
        self._said = (*plain, *spoken)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Told) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)


class _Teller:
    """Puts the results of a report into words."""

    def __init__(self, report: ValidationReport) -> None:
        self._report = report
        self._prefixes = {**PREFIXES, **report.prefixes}

    def findings(self, results: Iterable[ValidationResult]) -> Iterable[_Told]:
        for each in results:
            value = "" if each.value_term == each.focus_term else _text(each.value_term)
            yield _Told(
                Finding(
                    severity=each.severity.value.removeprefix(str(SH)),
                    focus=_text(each.focus_term),
                    label=dict(self._report.labels.get(text(each.focus_term), ())),
                    path=each.path or "",
                    names=dict(each.names),
                    value=value[:_LONGEST],
                    messages=self._short(each.messages),
                    shape=_text(each.shape_term),
                    owner=_text(each.node_shape_term),
                    spots=tuple(map(_spot, each.places)),
                )
            )

    def _short(self, texts: Texts) -> dict[str, str]:
        """A message with CURIEs in the place of IRIs."""
        return {lang: shrink_in(text, self._prefixes)[:_LONGEST] for lang, text in texts}


def _text(term: Term | None) -> str:
    return "" if isinstance(term, BlankNode) else text(term)


def _spot(place: Place) -> Spot:
    return Spot(place.file, place.line or 0, place.column or 0, place.end_line or 0, place.end_column or 0)


def _import_the_rest() -> None:
    """Import what is else imported when a shape or a literal needs it: a judge opens no files."""
    for name in _LAZY:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            importlib.import_module(found.name)
    for datatype in _toPythonMapping:
        for lexical in ("x", "1", "<p>x</p>"):
            _ = Literal(lexical, datatype=datatype).value
