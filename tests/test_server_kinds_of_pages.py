"""Every kind of page as the server sends it: light, named once in each language, with data that parse."""

import json
import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from sikkerby_kg.texts import LANGUAGES
from tests.browser.screenshots import PAGES
from tests.test_server_light import MOST, first_view
from tests.test_server_meta import Head

HTML = {"Accept": "text/html"}
REFUSED = {"query-wrong": 400, "sparql-wrong": 400, "refused": 400, "not-found": 404}
"""Pages that say what went wrong, with their status."""

COMPUTED = {"stored-query"}
"""Pages about what the command ``serve`` adds to the graph: the browser tests look at them."""

SHOWN = [name for name in PAGES if name not in REFUSED.keys() | COMPUTED]


@pytest.mark.parametrize("name", SHOWN)
def test_get_page_first_view_is_light(client: FlaskClient, name: str) -> None:
    total, files = first_view(client, PAGES[name])
    assert total <= MOST, f"{name} and {sorted(files)} are {total} bytes"


@pytest.mark.parametrize("name", REFUSED)
def test_get_page_with_an_error_says_so(client: FlaskClient, name: str) -> None:
    answer = client.get(PAGES[name], headers=HTML)
    assert answer.status_code == REFUSED[name]
    assert Head(answer.text).meta["robots"] == "noindex"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_get_page_in_each_language_names_itself(client: FlaskClient, lang: str) -> None:
    """One canonical address, one for each language and one for any, and structured data of the same."""
    for name in SHOWN:
        path = re.sub(r"[?&]lang=..", "", PAGES[name])
        page = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=HTML).text
        head = Head(page)
        (canonical,) = (link["href"] for link in head.links["canonical"])
        others = {link["hreflang"]: link["href"] for link in head.links["alternate"] if "hreflang" in link}
        assert others.keys() == {*LANGUAGES, "x-default"}, name
        assert others[lang] == canonical, name
        assert name == "neighbourhood" or urlsplit(canonical).path == urlsplit(path).path, name
        (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
        nodes = json.loads(data)["@graph"]
        assert all(node["@type"] for node in nodes), name
        trails = [node for node in nodes if node["@type"] == "BreadcrumbList"]
        assert len(trails) == (urlsplit(path).path != "/"), name
        assert all(trail["itemListElement"][-1]["item"] == canonical for trail in trails), name
