"""Which format an answer has: the one named in the address, else the one that Accept likes best."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, request

from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format, media_ranges, negotiate, quality_of
from sikkerby_kg.server.language import PARAMETER as LANGUAGE, language
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.texts import text

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HTML = Format("html", "text/html", ("application/xhtml+xml",))
"""A page for people."""

DOCUMENT_FORMATS = (HTML, *RDF_FORMATS)
"""The formats of a document about something; the page is the default."""

SOLUTION_FORMATS = (*RESULT_FORMATS, HTML)
GRAPH_FORMATS = (*RDF_FORMATS, HTML)
"""The formats of what a query gives; data is the default."""


MOST_IN_HEADER = 1000
"""Characters of a query string that is repeated in headers: proxies refuse long ones."""


def choose(offered: Sequence[Format], named: str = "") -> Format:
    """The format to answer in. Raises ProblemError: 400 for an unknown name, 406 if Accept likes none."""
    if named:
        for candidate in offered:
            if candidate.name == named.lower():
                return candidate
        names = " | ".join(candidate.name for candidate in offered)
        raise ProblemError(
            400,
            text("web.format_unknown", language(), name=named, known=_listed(offered)),
            members={"parameter": "format", "type_expected": names, "example": offered[-1].name},
        )
    chosen = negotiate(request.headers.get("Accept"), offered)
    if chosen is None:
        raise ProblemError(
            406,
            text("web.not_acceptable", language(), known=_listed(offered)),
            members={"formats": [candidate.media_type for candidate in offered]},
            formats=offered,
        )
    return chosen


def _listed(offered: Sequence[Format]) -> str:
    return ", ".join(f"{candidate.name} ({candidate.media_type})" for candidate in offered)


def media_type(chosen: Format) -> str:
    """The Content-Type of a format: text formats say their encoding."""
    return chosen.media_type + ("; charset=utf-8" if chosen.media_type.startswith("text/") else "")


def prefers_html(*, default: bool) -> bool:
    """Whether to answer a person rather than a program, where both get the same facts.

    ``default`` is the answer for an Accept header that names neither.
    """
    accept = request.headers.get("Accept", "")
    for_people = quality_of(HTML, accept, by_name=True)
    if for_people:
        return for_people >= max((quality for _, quality in media_ranges(accept)), default=0.0)
    refused = any(name in (HTML.media_type, *HTML.also) for name, _ in media_ranges(accept))
    return default and not refused and (not accept or "*/*" in accept or "text/*" in accept)


def say_where(response: Response, chosen: Format, offered: Sequence[Format], lang: str = "") -> None:
    """Name the address of this very representation, and those of the others (RFC 9110 §8.7, RFC 8288).

    ``lang`` is the language that the representation is in, if that depends on the reader.
    """
    if request.method == "POST":
        return
    spoken = f"{LANGUAGE}={lang}" if lang and LANGUAGE not in request.args else ""
    for name, value in where(request.environ, request.path, chosen, offered, spoken):
        before = response.headers.getlist(name) if name == "Link" else []
        response.headers[name] = ", ".join([*before, value])


def where(
    environ: "WSGIEnvironment", path: str, chosen: Format, offered: Sequence[Format], spoken: str = ""
) -> list[tuple[str, str]]:
    """The headers that name the address of a representation and of the others, if they are not too long.

    ``spoken`` is a parameter that is added to the addresses.
    """
    query = environ.get("QUERY_STRING", "")
    if len(query) > MOST_IN_HEADER:
        return []
    kept = [pair for pair in query.split("&") if pair and not pair.startswith("format=")]
    parameters = "&".join([*kept, *([spoken] if spoken else []), "format="])
    here = f"{environ.get('SCRIPT_NAME', '')}{quote(path)}?{parameters}"
    links = [
        f'<{here}{other.name}>; rel="alternate"; type="{other.media_type}"'
        for other in offered
        if other is not chosen
    ]
    return [("Content-Location", here + chosen.name), ("Link", ", ".join(links))]
