"""A report as JUnit XML, which every CI server shows: one suite for each file, one case for each result."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sikkerby_kg.namespaces import local_name
from sikkerby_kg.tables import printable
from sikkerby_kg.texts import text
from sikkerby_kg.validation.report import Place, ValidationResult
from sikkerby_kg.validation.writers.document import Document, Problem, rule_of

_NEVER = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}


def as_junit(document: Document) -> str:
    """The report as the Ant task's format has it: a result as bad as the threshold is a failure.

    A milder one passes and says so in its suite's output; a file without failure has one case that passes.
    What cannot be read is an error. Nothing is timed.
    """
    suites = Element("testsuites")
    for name, results, problems in _by_file(document):
        _suite(suites, document, name, results, problems)
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _by_file(document: Document) -> Iterator[tuple[str, list[ValidationResult], list[Problem]]]:
    results: dict[str, list[ValidationResult]] = {name: [] for name in document.report.files}
    problems: dict[str, list[Problem]] = {}
    for result in document.told:
        results.setdefault(result.file or "", []).append(result)
    for problem in document.problems:
        problems.setdefault(problem.place.file if problem.place else "", []).append(problem)
    for name in sorted({*results, *problems}):
        yield name, results.get(name, []), problems.get(name, [])


def _suite(
    suites: Element,
    document: Document,
    name: str,
    results: list[ValidationResult],
    problems: list[Problem],
) -> None:
    shown = document.files.shown(name) if name else text("report.nowhere", document.lang)
    failures = [each for each in results if document.fails(each)]
    suite = SubElement(
        suites,
        "testsuite",
        name=_token(shown),
        package=_token(shown),
        id=str(len(suites)),
        timestamp=document.moment.strftime("%Y-%m-%dT%H:%M:%S"),
        hostname="localhost",
        tests=str(len(results) + len(problems) + (not failures and not problems)),
        failures=str(len(failures)),
        errors=str(len(problems)),
        time="0",
    )
    SubElement(suite, "properties")
    for problem in problems:
        case = _case(suite, shown, text("report.problem", document.lang))
        element = SubElement(case, "error", message=_clean(problem.message), type="unusable-input")
        element.text = _clean(f"{_at(document, problem.place)}{problem.message}")
    if not failures and not problems:
        _case(suite, shown, text("report.junit.holds", document.lang))
    for result in results:
        place = result.places[0] if result.places else None
        told = f"{_at(document, place)}{document.headline(result)}"
        case = _case(suite, shown, f"{local_name(rule_of(result))}: {document.label(result)}")
        if document.fails(result):
            kind = local_name(rule_of(result))
            element = SubElement(
                case, "failure", message=_clean(document.headline(result)), type=_clean(kind)
            )
            element.text = _clean(told)
    mild = [each for each in results if not document.fails(each)]
    output = SubElement(suite, "system-out")
    output.text = _clean(
        "".join(
            f"{_at(document, each.places[0] if each.places else None)}"
            f"{text(f'report.severity.{each.severity.name.lower()}', document.lang)}: "
            f"{document.headline(each)}\n"
            for each in mild
        )
    )
    SubElement(suite, "system-err")


def _case(suite: Element, classname: str, name: str) -> Element:
    return SubElement(suite, "testcase", name=_token(name), classname=_token(classname), time="0")


def _at(document: Document, place: Place | None) -> str:
    if place is None:
        return ""
    parts = (document.files.shown(place.file), place.line, place.column)
    return ":".join(str(each) for each in parts if each is not None) + ": "


def _clean(words: str) -> str:
    """Words that XML 1.0 can hold (§2.2): a character that it cannot is written as an escape."""
    return printable(words).translate(_NEVER)


def _token(words: str) -> str:
    """Words as a token (XML Schema §3.3.2): no line ends, no blanks around or in a row."""
    return " ".join(_clean(words).split()) or "–"
