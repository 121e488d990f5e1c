"""A reader's own file held against the shapes: a form, and the report on what is sent.

The file is read and judged in a process that can be killed; nothing of it is kept. Nothing changes here, so
that a request which another site makes in a reader's name (CSRF) gains nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin

from flask import Blueprint, Response, make_response, render_template, request, url_for

from sikkerby_kg.errors import ContentError, SikkerbyError
from sikkerby_kg.formats import RDF_FORMATS, Format
from sikkerby_kg.judging import Judgement, Spot
from sikkerby_kg.server.catalog import places
from sikkerby_kg.server.language import language
from sikkerby_kg.server.negotiation import HTML, choose
from sikkerby_kg.server.overview import trail_to
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.reports import (
    CONFORMS,
    FOR_PEOPLE,
    FOR_PROGRAMS,
    Download,
    downloads,
    gone,
    in_words,
    names,
    report_in,
)
from sikkerby_kg.server.results import SeverityView, severities
from sikkerby_kg.server.shown import Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.server.source_lines import Block, SourceText
from sikkerby_kg.server.upload import FORMS, Upload, uploaded
from sikkerby_kg.server.urls import VALIDATE
from sikkerby_kg.server.validation import RETRY
from sikkerby_kg.texts import text
from sikkerby_kg.written import number_text

blueprint = Blueprint("validate", __name__)

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class SyntaxChoice:
    """A format of what is pasted."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no report: a sentence, and the lines around the place where it is known."""

    detail: str
    blocks: Sequence[Block] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The report on a file."""

    name: str
    said: str
    conforms: bool
    severities: Sequence[SeverityView]
    rest: str


@dataclass(frozen=True, slots=True)
class ValidatePage:
    """What the template gets."""

    trail: Sequence[Shown]
    limits: str
    syntaxes: Sequence[SyntaxChoice]
    pasted: str = ""
    refusal: Refusal | None = None
    verdict: Verdict | None = None

    @property
    def action(self) -> str:
        """Where the form goes."""
        return url_for("validate.form")

    @property
    def downloads(self) -> Sequence[Download]:
        """The report as files."""
        return downloads("validate.form")

    @property
    def formats(self) -> str:
        """The formats that a report can be had in, by name."""
        return names(FOR_PROGRAMS)

    @property
    def command(self) -> str:
        """How a program sends a file, as one types it."""
        file, address = text("web.validate.example", language()), urljoin(places().home, VALIDATE[1:])
        return f"curl --data-binary @{file}.ttl -H 'Content-Type: text/turtle' {address}"


@blueprint.get(VALIDATE)
def form() -> str:
    """Show the form."""
    site().judges.begin()
    return render_template("validate.html", page=_page())


@blueprint.post(VALIDATE)
def judged() -> Response:
    """Answer with the report on what was sent, or with what keeps it from being made."""
    is_form = request.mimetype in FORMS
    offered = FOR_PEOPLE if is_form else FOR_PROGRAMS
    chosen = choose(offered, request.args.get("format", ""))
    upload: Upload | None = None
    try:
        upload = uploaded(site().judges.longest)
        response = _answer(upload, chosen)
    except ContentError as error:
        response = _refused(error, upload, for_page=chosen is HTML)
    except ProblemError as problem:
        if chosen is not HTML or problem.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            raise
        response = _shown(_page(upload, refusal=Refusal(problem.detail)), problem.status)
        response.headers.update(problem.headers)
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def _answer(upload: Upload, chosen: Format) -> Response:
    """The report on a file, as a page or as data.

    Raises ContentError if it cannot be read, or ProblemError: 503 or 504 if there is no judgement for
    another reason.
    """
    lang, judges = language(), site().judges
    try:
        ready = judges.content(judges.limits.seconds)
    except SikkerbyError:
        raise ProblemError(503, text("web.validate.unusable", lang)) from None
    if ready is None:
        raise ProblemError(503, text("web.validate.starting", lang), headers={"Retry-After": str(RETRY)})
    with in_words():
        if chosen is not HTML:
            return report_in(chosen, upload.document, as_file=upload.is_form)
        judgement = judges.judge(upload.document, gone())
    response = _shown(_page(upload, verdict=_verdict(upload, judgement)))
    response.headers[CONFORMS] = str(judgement.conforms).lower()
    return response


def _refused(error: ContentError, upload: Upload | None, *, for_page: bool) -> Response:
    """The answer for a file that cannot be read: the page with the place marked, or a problem document."""
    line, column = (int(str(error.values.get(name, 0))) for name in ("line", "column"))
    detail = error.text(language())
    if not for_page:
        members = {name: number for name, number in (("line", line), ("column", column)) if number}
        raise ProblemError(HTTPStatus.BAD_REQUEST, detail, members=members)
    blocks = SourceText(upload.document.data).blocks([Spot("", line, column)]) if upload else ()
    return _shown(_page(upload, refusal=Refusal(detail, blocks)), HTTPStatus.BAD_REQUEST)


def _shown(page: ValidatePage, status: int = HTTPStatus.OK) -> Response:
    return make_response(render_template("validate.html", page=page), status)


def _verdict(upload: Upload, judgement: Judgement) -> Verdict:
    lang = language()
    counts = {name.lower(): number_text(count, lang) for name, count in judgement.counts.items()}
    key = "web.validate.conforms" if judgement.conforms else "web.validate.fails"
    source = SourceText(upload.document.data)
    return Verdict(
        name=upload.document.name,
        said=text(key, lang, **counts),
        conforms=judgement.conforms,
        severities=severities(judgement, judgement.findings, source.blocks),
        rest=text("web.results.rest", lang, count=judgement.rest) if judgement.rest else "",
    )


def _page(
    upload: Upload | None = None, refusal: Refusal | None = None, verdict: Verdict | None = None
) -> ValidatePage:
    lang, judges = language(), site().judges
    syntax = upload.syntax if upload else ""
    choices = [("", text("web.validate.syntax.auto", lang))]
    choices += [(each.name, text(f"web.format.{each.name}", lang)) for each in RDF_FORMATS]
    return ValidatePage(
        trail=_trail(),
        limits=text(
            "web.validate.limits",
            lang,
            megabytes=number_text(judges.longest / _MEGABYTE, lang),
            seconds=number_text(judges.limits.seconds, lang),
        ),
        syntaxes=[SyntaxChoice(value, said, value == syntax) for value, said in choices],
        pasted=upload.pasted if upload else "",
        refusal=refusal,
        verdict=verdict,
    )


def _trail() -> list[Shown]:
    """The way from home over the validation of the content."""
    above = Shown(text("web.validation", language()), href=url_for("validation.report"))
    home, here = trail_to("web.validate")
    return [home, above, here]
