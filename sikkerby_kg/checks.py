"""The quality checks of the ontology: queries in ontology/checks/, whose every row is a violation."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, QuerySolution

from sikkerby_kg import sparql
from sikkerby_kg.errors import ContentError, SparqlRefusedError, SparqlSyntaxError, UnknownNameError
from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.stores import Store

SEVERITIES = ("error", "warning")
"""How much a violation weighs: wrong for certain, or to be looked at by a person."""

COLUMNS = ("term", "error", "error_da")
"""What a check selects: the term, and one sentence about it in English and in Danish."""

_KEYS = ("title", "why", "severity")
_HEADER_LINE = re.compile(r"# ([a-z]+): (\S.*)")


@dataclass(frozen=True, slots=True)
class Check:
    """A rule and the query that finds what breaks it. ``name`` is the rule as the file name says it."""

    name: str
    title: str
    why: str
    severity: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A row of a check. ``term`` is the IRI of what breaks the rule, or empty for a blank node."""

    check: str
    severity: str
    term: str
    error: str
    error_da: str

    def sentence(self, lang: str) -> str:
        """What is wrong and what to do, in Danish for ``da`` and else in English."""
        return self.error_da if lang == "da" else self.error


def load_checks(folders: Folders, names: Iterable[str] = ()) -> tuple[Check, ...]:
    """The checks of a root in the order of their names; only those in ``names`` if any are given.

    A root without checks is held to the software's own.
    Raises ContentError if there are none either, if a file breaks the rules of a header (``# title:``,
    ``# why:`` and ``# severity:``, each once, above the query) or if a query does not parse;
    UnknownNameError for a name that no check has.
    """
    folder = folders.ontology / "checks"
    files = sorted(folder.glob("*.rq")) or sorted((own_folders().ontology / "checks").glob("*.rq"))
    if not files:
        raise ContentError("check.none", path=folders.shown(folder))
    found = {path.stem: path for path in files}
    wanted = sorted(set(names))
    for name in wanted:
        if name not in found:
            close = difflib.get_close_matches(name, found, n=3, cutoff=0.4)
            raise UnknownNameError("unknown.check", name=name, close=", ".join(close) or "–")
    return tuple(load_check(found[name], folders.shown(found[name])) for name in wanted or found)


def load_check(path: Path, shown: str | None = None) -> Check:
    """The check in one file; ``shown`` is how errors name it. Raises ContentError naming file and line."""
    name = shown or str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError("content.unreadable", path=name, problem=error) from error
    header = _header(text, name)
    _require_query(text, name)
    return Check(path.stem, header["title"], header["why"], header["severity"], text, name)


def _header(text: str, path: str) -> dict[str, str]:
    """The keys and values of the comment lines above the query."""
    header: dict[str, str] = {}
    number = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#"):
            break
        match = _HEADER_LINE.fullmatch(line)
        if match is None or match[1] not in _KEYS or match[1] in header:
            raise ContentError("check.header", path=path, line=number, found=line, keys=", ".join(_KEYS))
        header[match[1]] = match[2].strip()
    missing = [key for key in _KEYS if key not in header]
    if missing:
        raise ContentError("check.missing", path=path, line=number, missing=", ".join(missing))
    if header["severity"] not in SEVERITIES:
        known = ", ".join(SEVERITIES)
        raise ContentError("check.severity", path=path, found=header["severity"], known=known)
    return header


def _require_query(text: str, path: str) -> None:
    try:
        sparql.check(text)
        sparql.require_syntax(text)
    except SparqlSyntaxError as error:
        place = {"line": error.line, "column": error.column, "source": error.source.strip()}
        raise ContentError("check.syntax", path=path, **place) from error
    except SparqlRefusedError as error:
        raise ContentError("check.refused", path=path) from error


def run_checks(store: Store, checks: Iterable[Check]) -> list[Violation]:
    """What breaks the rules in a store: violations in the order of the checks, each once.

    Raises ContentError if a check does not select the three columns or leaves a sentence out; StoreError
    if the store fails.
    """
    violations: dict[Violation, None] = {}
    for check in checks:
        result = sparql.evaluate(store, check.text)
        if result.variables != COLUMNS:
            found = ", ".join(result.variables) or result.form
            raise ContentError("check.columns", path=check.path, found=found, expected=", ".join(COLUMNS))
        rows = [_violation(check, solution) for solution in result.solutions()]
        violations |= dict.fromkeys(sorted(rows, key=lambda row: (row.term, row.error)))
    return list(violations)


def _violation(check: Check, solution: QuerySolution) -> Violation:
    term, *sentences = (solution[column] for column in COLUMNS)
    texts = [sentence.value for sentence in sentences if isinstance(sentence, Literal)]
    if len(texts) != len(sentences) or not all(texts):
        raise ContentError("check.sentence", path=check.path, term=term)
    error, error_da = texts
    iri = term.value if isinstance(term, NamedNode) else ""
    return Violation(check.name, check.severity, iri, error, error_da)
