"""From what went wrong to an HTTP response: a page or a problem document (RFC 9457). The only such place."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, make_response, render_template, request
from markupsafe import escape
from werkzeug.exceptions import BadHost, HTTPException, MethodNotAllowed, RequestEntityTooLarge

from sikkerby_kg.errors import (
    OverCapacityError,
    ParameterError,
    QueryEndedError,
    QueryTimeoutError,
    ServiceError,
    SikkerbyError,
    SparqlError,
    StoreBusyError,
    StoreError,
    StoreTimeoutError,
    UnknownNameError,
    UnwritableError,
)
from sikkerby_kg.server.language import language
from sikkerby_kg.server.negotiation import prefers_html
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.urls import SPARQL, VALIDATE
from sikkerby_kg.texts import text

SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR
PROBLEM = "application/problem+json"
PLACE = ("line", "column")

BARE = '<!doctype html><html lang="{}"><title>{}</title><h1>{}</h1><p>{}</p></html>\n'

STATUS: Mapping[type[SikkerbyError], int] = {
    ParameterError: 400,
    SparqlError: 400,
    UnknownNameError: 404,
    UnwritableError: 406,
    QueryTimeoutError: 504,
    ServiceError: 502,
    QueryEndedError: 503,
    StoreTimeoutError: 504,
    StoreBusyError: 503,
    StoreError: 502,
}
"""The status of each kind of error; any other is our own mistake: 500, and its text is not shown."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A format in which the same address can be had."""

    text: str
    href: str
    media_type: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What the template of an error gets."""

    status: int
    title: str
    detail: str
    alternatives: Sequence[Alternative] = field(default=())


def register(app: Flask) -> None:
    """Answer every error of an app: no traceback, no internals, always one of the two forms."""
    app.register_error_handler(ProblemError, respond)
    app.register_error_handler(SikkerbyError, lambda error: respond(from_sikkerby(error)))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, lambda error: respond(_from_unforeseen(error)))


def from_sikkerby(error: SikkerbyError) -> ProblemError:
    """The problem that an error of the core makes, with its place or its parameter as members."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), SERVER_ERROR)
    if status >= SERVER_ERROR:
        current_app.logger.error("%s: %s", _asked(), error)
    if status == SERVER_ERROR or isinstance(error, StoreError):
        wait = {"Retry-After": str(error.seconds)} if isinstance(error, StoreBusyError) else None
        return ProblemError(status, text("web.server_error", language()), headers=wait)
    members: dict[str, object] = {}
    headers = {}
    if isinstance(error, SparqlError):
        members = {name: int(str(error.values[name])) for name in PLACE if name in error.values}
    if isinstance(error, ParameterError):
        names = {"name": "parameter", "type": "type_expected", "example": "example"}
        members = {names[k]: str(v) for k, v in error.values.items() if k in names}
    if isinstance(error, OverCapacityError):
        headers = {"Retry-After": str(error.values["seconds"])}
    return ProblemError(status, _said(error), members=members, headers=headers)


def _said(error: SikkerbyError) -> str:
    """The message of an error; who asks for a saved query here is not sent to a command line."""
    if error.key != "unknown.query":
        return error.text(language())
    name, close = error.values["name"], error.values.get("close")
    if close in (None, "", "–"):
        return text("web.no_question", language(), name=name)
    return text("web.no_question_close", language(), name=name, close=close)


def _http_error(error: HTTPException) -> Response:
    """A redirect that Flask makes by itself is passed on; everything else is a problem."""
    if error.code is not None and error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response(request.environ))
    return respond(_from_http(error))


def _from_http(error: HTTPException) -> ProblemError:
    """The problem for what Flask refuses by itself: unknown path, wrong method, too large a body."""
    status = error.code or SERVER_ERROR
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return ProblemError(
            405, text("web.method_not_allowed", language(), allowed=allowed), headers={"Allow": allowed}
        )
    if isinstance(error, RequestEntityTooLarge):
        limit = current_app.config["MAX_CONTENT_LENGTH"]
        return ProblemError(413, text("web.too_large", language(), limit=limit))
    if isinstance(error, BadHost):
        return ProblemError(status, text("web.bad_host", language()))
    if status == HTTPStatus.NOT_FOUND:
        return ProblemError(404, text("web.not_found", language(), path=request.path))
    return ProblemError(status, text("web.server_error", language()) if status >= SERVER_ERROR else "")


def _from_unforeseen(error: Exception) -> ProblemError:
    current_app.logger.error("%s", _asked(), exc_info=error)
    return ProblemError(500, text("web.server_error", language()))


def _asked() -> str:
    """Method and path for the log: quoted, so that no path can write a line of its own."""
    return f"{quote(request.method)} {quote(request.path)}"


def respond(problem: ProblemError) -> Response:
    """The response for a problem, as a page or as a problem document."""
    for_people = problem.status != HTTPStatus.NOT_ACCEPTABLE and request.path not in (SPARQL, VALIDATE)
    if prefers_html(default=for_people):
        response = make_response(_page(problem), problem.status)
    else:
        response = make_response(_document(problem), problem.status)
        response.content_type = PROBLEM
    response.headers.update(problem.headers)
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def _page(problem: ProblemError) -> str:
    """The page for a problem; the bare sentences if even that fails, as when the store is gone.

    A request that names no server has no addresses, and so no page either.
    """
    bare = BARE.format(*map(escape, (language(), problem.title, problem.title, problem.detail)))
    if isinstance(request.routing_exception, BadHost):
        return bare
    here = request.script_root + quote(request.path)
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "format"]
    alternatives = [
        Alternative(f.name, f"{here}?{urlencode([*kept, ('format', f.name)])}", f.media_type)
        for f in problem.formats
    ]
    try:
        page = ErrorPage(problem.status, problem.title, problem.detail, alternatives)
        return render_template("error.html", page=page)
    except Exception:
        current_app.logger.exception("%s: the error page failed", _asked())
        return bare


def _document(problem: ProblemError) -> str:
    members = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    return json.dumps({**members, **problem.members}, ensure_ascii=False, indent=1) + "\n"
