"""The pages about validation: that of the content, and that of a file which a reader sends.

Neither is done in this process; see ``sikkerby_kg.judging``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for

from sikkerby_kg.errors import SikkerbyError
from sikkerby_kg.formats import Format
from sikkerby_kg.judging import Finding, Judgement
from sikkerby_kg.judging.judgement import SEVERITIES
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import shrink
from sikkerby_kg.server.language import language
from sikkerby_kg.server.negotiation import HTML, choose, say_where
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.overview import trail_to
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.reports import FOR_PEOPLE, Download, downloads, in_words, report_in
from sikkerby_kg.server.results import SeverityView, severities, shape_link
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.texts import text
from sikkerby_kg.validation.shape_use import ShapeUse
from sikkerby_kg.written import date_text, number_text

blueprint = Blueprint("validation", __name__)

SEVERITY, SHAPE = "severity", "shape"
"""The parameters that narrow the results down."""

PATIENCE = 1.5
"""Seconds that a reader waits for a validation that is still running before a page says so."""

RETRY = 5
"""Seconds after which it is worth asking again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter as a link: what it keeps, and how many results that are."""

    text: str
    href: str
    count: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class ShapeView:
    """A shape: what it is for, how many nodes it looked at, and its results.

    ``severity`` is empty for one whose results are violations, as those of most are.
    """

    shape: Shown
    severity: str
    style: str
    meaning: Label | None
    looked: str
    is_idle: bool
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class ValidationPage:
    """What the template gets; without a judgement, that it is not there yet, or why there is none."""

    trail: Sequence[Shown]
    notes: Sequence[str]
    problem: str = ""
    verdict: str = ""
    conforms: bool = False
    counts: Sequence[Choice] = ()
    narrowed: str = ""
    all_href: str = ""
    severities: Sequence[SeverityView] = ()
    rest: str = ""
    shapes: Sequence[ShapeView] = ()
    idle: int = 0
    downloads: Sequence[Download] = ()
    is_ready: bool = True


@blueprint.get("/validation")
def report() -> Response:
    """Show what the validation of the content found, or that it is still running; or give it as data."""
    chosen = choose(FOR_PEOPLE, request.args.get("format", ""))
    try:
        judgement = site().judges.content(PATIENCE)
    except SikkerbyError as error:
        return _unusable(chosen, error)
    if judgement is None:
        return _not_yet(chosen)
    findings = _narrowed(judgement)
    if chosen is HTML:
        response = make_response(render_template("validation.html", page=_page(judgement, findings)))
    else:
        with in_words():
            response = report_in(chosen)
    response.vary.add("Accept")
    say_where(response, chosen, FOR_PEOPLE, language())
    if judgement.edition != (site().graph.version or judgement.edition):
        response.cache_control.no_store = True  # of other files than those that are served
    return response


def _not_yet(chosen: Format) -> Response:
    """That the validation is still running: a page that is loaded again by itself, or 503 for programs."""
    said = text("web.validation.running", language())
    if chosen is not HTML:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, said, headers={"Retry-After": str(RETRY)})
    page = ValidationPage(trail_to("web.validation"), [said], is_ready=False)
    response = make_response(render_template("validation.html", page=page))
    response.headers["Refresh"] = str(RETRY)
    response.cache_control.no_store = True
    response.vary.add("Accept")
    return response


def _unusable(chosen: Format, error: SikkerbyError) -> Response:
    """That the content or its shapes cannot be used, and why."""
    root = str(site().graph.folders.root)
    said = error.text(language()).replace(f"{root}/", "").replace(root, "…")
    if chosen is not HTML:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, said)
    page = ValidationPage(trail_to("web.validation"), [], problem=said)
    response = make_response(render_template("validation.html", page=page), HTTPStatus.SERVICE_UNAVAILABLE)
    response.cache_control.no_store = True
    return response


def _narrowed(judgement: Judgement) -> list[Finding]:
    """The findings that the request wants. Raises ProblemError (400) for a severity or shape there is not."""
    severity, shape = (request.args.get(name, "") for name in (SEVERITY, SHAPE))
    known = [each.lower() for each in SEVERITIES]
    if severity and severity not in known:
        raise _unknown(SEVERITY, severity, known)
    names = {_short(each.iri): each.iri for each in judgement.shapes}
    if shape and shape not in names:
        raise _unknown(SHAPE, shape, list(names))
    return [
        each
        for each in judgement.findings
        if (not severity or each.severity.lower() == severity)
        and (not shape or names[shape] in (each.owner, each.shape))
    ]


def _unknown(name: str, given: str, known: Sequence[str]) -> ProblemError:
    detail = text("web.validation.unknown", language(), name=name, given=given[:80])
    example = known[0] if known else ""
    return ProblemError(
        400, detail, members={"parameter": name, "type_expected": "string", "example": example}
    )


def _short(iri: str) -> str:
    return shrink(iri, site().graph.prefixes)


def _page(judgement: Judgement, findings: Sequence[Finding]) -> ValidationPage:
    lang = language()
    severity, shape = (request.args.get(name, "") for name in (SEVERITY, SHAPE))
    words = [text(f"web.results.{severity}", lang)] if severity else []
    named = next((each for each in judgement.shapes if _short(each.iri) == shape), None)
    if named:
        words.append(_named(named, Show()).text)
    shapes = list(_shapes(judgement))
    return ValidationPage(
        trail=trail_to("web.validation"),
        notes=list(_notes(judgement)),
        verdict=text("web.validation.conforms" if judgement.conforms else "web.validation.fails", lang),
        conforms=judgement.conforms,
        counts=[
            Choice(
                text(f"web.results.{name.lower()}", lang),
                _href(severity=name.lower()),
                number_text(judgement.counts[name], lang),
                severity == name.lower(),
            )
            for name in SEVERITIES
        ],
        narrowed=", ".join(words),
        all_href=_href(),
        severities=severities(judgement, findings),
        rest=text("web.results.rest", lang, count=judgement.rest) if judgement.rest else "",
        shapes=shapes,
        idle=sum(each.is_idle for each in shapes),
        downloads=downloads("validation.report"),
    )


def _href(**narrowing: str) -> str:
    """The address of the results, narrowed down."""
    path, _, query = url_for("validation.report").partition("?")
    pairs = "&".join(filter(None, (query, urlencode(narrowing))))
    return f"{path}?{pairs}" if pairs else path


def _notes(judgement: Judgement) -> list[str]:
    """Of what the judgement is, and when it was made."""
    lang, about, version = language(), site().about, site().graph.version
    at = datetime.fromisoformat(judgement.at)
    said = [
        text(
            "web.validation.made",
            lang,
            count=number_text(len(judgement.files), lang),
            day=date_text(at.date(), lang),
            time=f"{at:%H:%M}",
        )
    ]
    if about and about.version:
        said.append(text("web.validation.version", lang, version=about.version))
    if version is None:
        said.append(text("web.validation.elsewhere", lang))
    elif judgement.edition != version:
        said.append(text("web.validation.newer", lang))
    return said


def _named(shape: ShapeUse, show: Show) -> Shown:
    """A shape by its name, leading to its page if the content holds it."""
    link = shape_link(shape.iri, show) or Shown(shape.iri)
    name = in_language(shape.names, language())
    return Shown(name.text, name.language, link.href) if name else link


def _shapes(judgement: Judgement) -> list[ShapeView]:
    lang, show = language(), Show()
    show.prefetch(each.iri for each in judgement.shapes)
    views = []
    for each in judgement.shapes:
        count = sum(each.iri in (found.owner, found.shape) for found in judgement.findings)
        is_idle = each.focus == 0 and not each.by_query
        views.append(
            ShapeView(
                shape=_named(each, show),
                severity=""
                if each.severity == SEVERITIES[0]
                else text(f"web.severity.{each.severity}", lang),
                style=each.severity.lower(),
                meaning=in_language(each.descriptions, lang) or in_language(each.messages, lang),
                looked=_looked(each),
                is_idle=is_idle,
                count=count,
                href=_href(shape=_short(each.iri)),
            )
        )
    return sorted(views, key=lambda view: (view.is_idle, alphabetical(view.shape.text)))


def _looked(shape: ShapeUse) -> str:
    """How many nodes a shape looked at."""
    lang = language()
    if shape.focus is None:
        return text("web.validation.looked.every", lang)
    if shape.by_query and not shape.focus:
        return text("web.validation.looked.wrong", lang)
    if not shape.focus:
        return text("web.validation.looked.none", lang)
    return text("web.validation.looked", lang, count=shape.focus)
