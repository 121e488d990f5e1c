"""Cross-origin requests (Fetch §3.3): open data may be read from any page, never with credentials."""

from flask import Flask, Response, request

METHODS = "GET, HEAD, POST, OPTIONS"
REQUEST_HEADERS = "Accept, Accept-Language, Cache-Control, Content-Type, If-Modified-Since, If-None-Match"
RESPONSE_HEADERS = (
    "Allow, Content-Disposition, Content-Language, Content-Length, Content-Location, ETag, Link, Location, "
    "Retry-After, Server-Timing, X-Sikkerby-Conforms, X-Sikkerby-Truncated, X-Total-Count"
)
HEADERS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": RESPONSE_HEADERS}
"""What stands on every answer."""

DAY = 86_400


def register(app: Flask) -> None:
    """Say on every response that any page may read it, and answer preflight requests."""

    @app.after_request
    def open_to_all(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        if request.method != "OPTIONS":
            return response
        if not response.data:  # Flask's own answer: an empty page, whereas there is no page at all
            response.headers["Content-Length"] = "0"  # RFC 9110 §9.3.7; a 204 would cost the connection
            response.headers.pop("Content-Type", None)
        if "Access-Control-Request-Method" in request.headers:
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = REQUEST_HEADERS
            response.headers["Access-Control-Max-Age"] = str(DAY)
        return response
