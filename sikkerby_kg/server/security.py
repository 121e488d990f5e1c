"""What protects readers: headers on every response, and which links may be followed."""

from urllib.parse import urlsplit

from flask import Flask, Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; "
        "script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Scripts are our own files, make no HTML of strings, and ask this server only. No page needs one."""

SCHEMES = frozenset({"http", "https", "mailto"})
"""What a link may start with; anything else, such as ``javascript:``, is shown as text."""


def register(app: Flask) -> None:
    """Put the headers on every response of an app, errors included."""

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response


def is_safe_link(iri: str) -> bool:
    """Whether an IRI may become a link.

    >>> is_safe_link("https://example.org/"), is_safe_link("javascript:alert(1)")
    (True, False)
    """
    try:
        parts = urlsplit(iri)
    except ValueError:
        return False
    return parts.scheme.lower() in SCHEMES and bool(parts.netloc or parts.scheme.lower() == "mailto")
