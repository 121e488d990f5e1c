"""What happens to a request before Flask sees it, and the application for other WSGI servers.

``sikkerby_kg.server.wsgi:application`` is made from the environment (SIKKERBY_…) when it is first looked at.
"""

import atexit
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, request

from sikkerby_kg.server.language import language
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.settings import Settings
from sikkerby_kg.texts import text

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST = 16_000
"""Characters of a header, and of an address; that of the endpoint may be longer, for a query stands in it."""

TOO_LONG = "sikkerby_kg.too_long"
"""What holds, in the environment of a request, the name of a header that is longer; empty for the address."""

ASCII = "".join(map(chr, range(0x21, 0x7F)))


class Front:
    """A WSGI application under a path, whether or not the proxy in front takes the path away."""

    def __init__(self, app: "WSGIApplication", path: str) -> None:
        self.app = app
        self.path = path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request, its path moved from PATH_INFO, if it is there, to SCRIPT_NAME.

        Bytes that may not stand in a query string are percent-encoded, as a browser would have sent them.
        Headers and addresses that are too long are emptied: nobody reads them, and the request is refused.
        """
        headers = (name for name in environ if name.startswith(("HTTP_", "CONTENT_")))
        for name in [name for name in headers if len(environ[name]) > LONGEST]:
            environ[TOO_LONG] = name.removeprefix("HTTP_").replace("_", "-").title()
            environ[name] = ""
        environ["QUERY_STRING"] = quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=ASCII)
        if self.path:
            inside = environ.get("PATH_INFO", "")
            if inside == self.path or inside.startswith(self.path + "/"):
                environ["PATH_INFO"] = inside[len(self.path) :] or "/"
            environ["SCRIPT_NAME"] = self.path
        path = environ.get("PATH_INFO", "")
        if path != SPARQL and len(path) + len(environ["QUERY_STRING"]) > LONGEST:
            environ |= {TOO_LONG: "", "PATH_INFO": "/", "QUERY_STRING": ""}
        return self.app(environ, start_response)


def register(app: Flask, public_url: str) -> None:
    """Put the front before an app; the address that readers use says under which path it is."""
    path = unquote(urlsplit(public_url).path).rstrip("/")
    app.wsgi_app = Front(app.wsgi_app, path)  # type: ignore[method-assign]  # as Flask's manual says

    @app.before_request
    def refuse_what_is_too_long() -> None:
        name = request.environ.get(TOO_LONG)
        if name:
            raise ProblemError(431, text("web.header_too_long", language(), name=name, limit=LONGEST))
        if name is not None:
            raise ProblemError(414, text("web.address_too_long", language(), limit=LONGEST))


def make_application(settings: Settings) -> Flask:
    """An application with its workers, which end with this process; if a setting says so, content is watched.

    Raises what ``create_app`` raises. To be called in the process that answers the requests.
    """
    from sikkerby_kg.server import create_app, reload, running  # noqa: PLC0415  (they import this module)

    app = create_app(settings)
    running.start_workers(app, fork=False)
    atexit.register(_end_workers, app)
    if settings.reload:
        atexit.register(reload.Reloader(app, interval=settings.reload).__enter__().__exit__)
    return app


def _end_workers(app: Flask) -> None:
    from sikkerby_kg.server import running  # noqa: PLC0415  (it imports this module)

    running.end_workers(app)


def __getattr__(name: str) -> Flask:
    if name != "application":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = globals()[name] = make_application(Settings.from_environment(os.environ))
    return made
