"""A first view is light: the page and all that loads with it, as a browser with an empty cache takes it."""

import gzip
import re

import pytest
from flask.testing import FlaskClient

MOST = 60_000
"""Bytes, compressed, of a first view."""

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


@pytest.mark.parametrize(
    "path", ["/", "/document/plan/ekstremisme-2024-2026", "/query/plans-valid-on-date", "/sparql", "/about"]
)
def test_first_view_is_light(client: FlaskClient, path: str) -> None:
    total, files = weight(client, path)
    assert {"/static/site.css", "/static/favicon.svg"} <= files
    for file in files:
        if "workbench.js" not in file:  # the editor comes on top, on its own page
            total += weight(client, file)[0]
    assert total <= MOST, f"{path} and {sorted(files)} are {total} bytes"
