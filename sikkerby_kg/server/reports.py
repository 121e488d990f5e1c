"""The formats of a validation report beside the page, and asking the judges for it in one of them.

The names are those of ``sikkerby-kg validate --format``, except that ``html`` is the page of the site: the
page that stands alone is a file to be kept.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from flask import Response, make_response, request, url_for

from sikkerby_kg.errors import OverCapacityError, QueryEndedError, QueryMemoryError, QueryTimeoutError
from sikkerby_kg.formats import Format
from sikkerby_kg.judging import Document
from sikkerby_kg.server.language import language
from sikkerby_kg.server.negotiation import HTML, media_type
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.running import DISCONNECTED
from sikkerby_kg.server.site import site
from sikkerby_kg.texts import text
from sikkerby_kg.written import number_text

JSON = Format("json", "application/json")
TURTLE = Format("turtle", "text/turtle")
SARIF = Format("sarif", "application/sarif+json")
JUNIT = Format("junit", "application/xml", ("text/xml",))
TEXT = Format("text", "text/plain")
ALONE = Format("html-file", "text/html")
CODEQUALITY = Format("codequality", "application/json")

DATA = (JSON, TURTLE, SARIF, JUNIT, TEXT, CODEQUALITY, ALONE)
"""What a report can be had in beside the page. The last two are had by name only."""

FOR_PEOPLE = (HTML, *DATA)
"""The formats where a person is more likely to ask; the page is the default."""

FOR_PROGRAMS = (JSON, HTML, *DATA[1:])
"""The formats where a program is more likely to ask."""

CONFORMS = "X-Sikkerby-Conforms"
"""The header of a report: ``true`` if there is no violation, else ``false``."""

_WRITERS = {ALONE.name: "html"}
_SUFFIXES = {JSON: "json", TURTLE: "ttl", SARIF: "sarif", JUNIT: "xml", TEXT: "txt", ALONE: "html",
             CODEQUALITY: "codequality.json"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Download:
    """A report as a file: its format in words, where it is, its media type, and what the file is called."""

    text: str
    href: str
    media_type: str
    file: str


def downloads(endpoint: str) -> list[Download]:
    """The report as files: where an endpoint gives them."""
    return [
        Download(
            text(f"web.report.{each.name}", language()),
            url_for(endpoint, format=each.name),
            each.media_type,
            _file(each),
        )
        for each in DATA
    ]


def names(offered: Sequence[Format]) -> str:
    """The formats by name, as a sentence lists them."""
    return ", ".join(each.name for each in offered)


def gone() -> Callable[[], bool] | None:
    """What tells whether the reader of this request has hung up, if that can be told."""
    return cast(Callable[[], bool] | None, request.environ.get(DISCONNECTED))


def report_in(chosen: Format, document: Document | None = None, *, as_file: bool = False) -> Response:
    """The report on the content, or on a document, as data in the reader's language.

    ``as_file`` has browsers keep it as a file. Raises what ``Judges.judge`` raises.
    """
    wanted = _WRITERS.get(chosen.name, chosen.name)
    report = site().judges.report(wanted, language(), document, gone())
    response = make_response(report.body)
    response.content_type = media_type(chosen)
    response.headers[CONFORMS] = str(report.conforms).lower()
    response.headers["Content-Language"] = language()
    if (
        as_file or chosen is ALONE
    ):  # it was made where a stranger's file was read: a file, and no page of this site
        response.headers["Content-Disposition"] = f'attachment; filename="{_file(chosen)}"'
    return response


@contextmanager
def in_words() -> Iterator[None]:
    """What a judge did not do, as a ProblemError: 504 for want of time, else 503. ContentError passes."""
    lang, limits = language(), site().judges.limits
    try:
        yield
    except QueryTimeoutError:
        seconds = number_text(limits.seconds, lang)
        raise ProblemError(504, text("web.validate.time", lang, seconds=seconds)) from None
    except QueryMemoryError:
        raise ProblemError(503, text("web.validate.memory", lang)) from None
    except OverCapacityError as error:
        seconds = str(error.values["seconds"])
        detail = text("web.validate.capacity", lang, seconds=seconds)
        raise ProblemError(503, detail, headers={"Retry-After": seconds}) from None
    except QueryEndedError:
        raise ProblemError(503, text("web.validate.lost", lang)) from None


def _file(chosen: Format) -> str:
    return f"validation.{_SUFFIXES[chosen]}"
