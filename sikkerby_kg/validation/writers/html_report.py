"""A report as one page that needs nothing beside itself: no script, no network; light or dark."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from sikkerby_kg.namespaces import local_name
from sikkerby_kg.tables import printable
from sikkerby_kg.texts import text
from sikkerby_kg.validation.report import Place, Severity, ValidationResult
from sikkerby_kg.validation.shapes_graph import text as plain
from sikkerby_kg.validation.writers.document import Document, rule_of
from sikkerby_kg.validation.writers.excerpt import Line, excerpt

_WORDS = (
    *("title", "path", "value", "shape", "why", "also", "accepted", "stale_title", "problem", "files"),
    "nothing",
)


@dataclass(frozen=True, slots=True)
class ResultView:
    """A result as the page shows it; what is not known is empty."""

    rule: str
    link: str
    path: str
    path_words: str
    value: str
    message: str
    why: str
    place: str
    lines: Sequence[Line]
    also: Sequence[str]


@dataclass(frozen=True, slots=True)
class ThingView:
    """A thing and the results about it; the link is empty for a thing without IRI."""

    label: str
    name: str
    link: str
    results: Sequence[ResultView]


@dataclass(frozen=True, slots=True)
class SeverityView:
    """The results of one severity, by thing."""

    name: str
    heading: str
    count: int
    things: Sequence[ThingView]


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything that the template gets."""

    lang: str
    words: Mapping[str, str]
    summary: str
    holds: bool
    problems: Sequence[tuple[str, str]]
    severities: Sequence[SeverityView]
    files: Sequence[str]
    accepted: int
    stale: Sequence[str]


def as_html(document: Document) -> str:
    """The page."""
    lang = document.lang
    view = PageView(
        lang=lang,
        words={name: text(f"report.html.{name}", lang) for name in _WORDS},
        summary=document.summary(),
        holds=document.holds,
        problems=[(_at(document, each.place), printable(each.message)) for each in document.problems],
        severities=list(_severities(document)),
        files=[document.files.shown(name) for name in document.report.files],
        accepted=len(document.accepted),
        stale=[" · ".join(part for part in each.key if part) for each in document.stale],
    )
    return _template().render(page=view) + "\n"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _severities(document: Document) -> Iterator[SeverityView]:
    for severity in Severity:
        results = [each for each in document.told if each.severity is severity]
        if not results:
            continue
        by_thing: dict[str, list[ValidationResult]] = {}
        for each in results:
            by_thing.setdefault(document.name(each.focus_term), []).append(each)
        name = severity.name.lower()
        yield SeverityView(
            name=name,
            heading=text(f"report.html.{name}", document.lang),
            count=len(results),
            things=[_thing(document, name, found) for name, found in by_thing.items()],
        )


def _thing(document: Document, name: str, results: Sequence[ValidationResult]) -> ThingView:
    focus = plain(results[0].focus_term)
    return ThingView(
        label=printable(document.label(results[0])),
        name=printable(name),
        link=_link(focus),
        results=[_result(document, each) for each in results],
    )


def _result(document: Document, result: ValidationResult) -> ResultView:
    rule = rule_of(result)
    has_value = result.value_term is not None and result.value_term != result.focus_term
    first = result.places[0] if result.places else None
    return ResultView(
        rule=local_name(rule),
        link=_link(rule),
        path=printable(result.path or ""),
        path_words=printable(result.name(document.lang)) if result.path else "",
        value=printable(document.name(result.value_term))
        if has_value and result.value_term is not None
        else "",
        message=printable(document.message(result)),
        why=printable(document.why(result)),
        place=_at(document, first),
        lines=excerpt(first, document.files) if first else [],
        also=[_at(document, each) for each in result.places[1:]],
    )


def _link(iri: str) -> str:
    """An IRI that may be followed: never one that a browser would run."""
    return iri if iri.startswith(("http://", "https://")) else ""


def _at(document: Document, place: Place | None) -> str:
    if place is None:
        return ""
    parts = (document.files.shown(place.file), place.line, place.column)
    return printable(":".join(str(each) for each in parts if each is not None))
