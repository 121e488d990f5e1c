"""A first view is light: the page and all that loads with it, as a browser with an empty cache takes it."""

import gzip
import re

from flask.testing import FlaskClient

MOST = 60_000
"""Bytes, compressed, of a first view."""

_SEEN: dict[str, int] = {}
"""File → its bytes, so that no file is fetched for every page."""

LOADED = re.compile(
    r'<link rel="(?:stylesheet|icon)" href="([^"]+)"|<img src="([^"]+)"|<script[^>]* src="([^"]+)"'
)


def weight(client: FlaskClient, path: str) -> tuple[int, set[str]]:
    """The bytes that go over the wire for an address, and the files that its page loads at once."""
    headers = {"Accept": "text/html,*/*;q=0.5", "Accept-Encoding": "gzip"}
    with client.get(path, headers=headers) as response:
        assert response.status_code == 200, path
        body = response.data
        is_page, is_packed = response.mimetype == "text/html", "Content-Encoding" in response.headers
    page = gzip.decompress(body).decode() if is_packed and is_page else ""
    return len(body), {next(filter(None, found)) for found in LOADED.findall(page)}


def first_view(client: FlaskClient, path: str) -> tuple[int, set[str]]:
    """The bytes of a page with the files that it loads at once, and these files."""
    total, files = weight(client, path)
    for file in files:
        if "workbench.js" not in file:  # the editor comes on top, on its own page
            if file not in _SEEN:
                _SEEN[file] = weight(client, file)[0]
            total += _SEEN[file]
    return total, files


def test_first_view_counts_what_a_page_loads(client: FlaskClient) -> None:
    """Other pages: tests/test_server_kinds_of_pages.py."""
    total, files = first_view(client, "/")
    assert {"/static/site.css", "/static/favicon.svg"} <= files
    assert weight(client, "/")[0] + weight(client, "/static/site.css")[0] < total <= MOST
