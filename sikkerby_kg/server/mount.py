"""Serving under a path: that of the setting ``public_url`` goes before every link."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Mount:
    """A WSGI application under a path, whether or not the proxy in front takes the path away."""

    def __init__(self, app: "WSGIApplication", path: str) -> None:
        self.app = app
        self.path = path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request with the path moved from PATH_INFO, if it is there, to SCRIPT_NAME."""
        inside = environ.get("PATH_INFO", "")
        if inside == self.path or inside.startswith(self.path + "/"):
            environ["PATH_INFO"] = inside[len(self.path) :] or "/"
        environ["SCRIPT_NAME"] = self.path
        return self.app(environ, start_response)


def register(app: Flask, public_url: str) -> None:
    """Mount an app under the path of the address that readers use; nothing to do if it has none."""
    path = unquote(urlsplit(public_url).path).rstrip("/")
    if path:
        app.wsgi_app = Mount(app.wsgi_app, path)  # type: ignore[method-assign]  # as Flask's manual says
