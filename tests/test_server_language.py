"""The language of pages: chosen in the address, else asked for by the browser, else Danish."""

import re

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, Settings
from sikkerby_kg.server import create_app
from sikkerby_kg.texts import LANGUAGES, catalogue
from tests.running import as_read

PLAN = "/document/plan/ekstremisme-2024-2026"


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        (None, "", "da"),
        ("", "", "da"),
        ("*", "", "da"),
        ("fr", "", "da"),
        ("da", "", "da"),
        ("en", "", "en"),
        ("en-GB,en;q=0.9", "", "en"),
        ("sv, en;q=0.5", "", "en"),
        ("en;q=0.3, da;q=0.7", "", "da"),
        ("en", "?lang=da", "da"),
        ("da", "?lang=en", "en"),
        ("en", "?lang=fr", "en"),
        (None, "?lang=", "da"),
        ("en;q=x,;;,", "", "da"),
    ],
)
def test_get_page_in_a_language(client: FlaskClient, accept: str | None, query: str, expected: str) -> None:
    headers = {} if accept is None else {"Accept-Language": accept}
    response = client.get("/kind" + query, headers=headers)
    assert f'<html lang="{expected}">' in response.text
    assert response.headers["Content-Language"] == expected
    chosen = query in ("?lang=da", "?lang=en")
    assert ("Accept-Language" in response.headers.get("Vary", "")) is not chosen


def test_the_setting_is_the_language_when_nobody_asks(graph: KnowledgeGraph) -> None:
    client = create_app(Settings(lang="en"), graph).test_client()
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="da">' in client.get("/", headers={"Accept-Language": "da"}).text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        PLAN,
        "/query/plans-valid-on-date?asOf=2023-07-01",
        "/sparql?query=ASK%7B%7D",
        "/kind/sik:Principle",
    ],
)
def test_the_switch_keeps_the_page_and_its_values(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html"}).text
    (href,) = re.findall(r'<a href="([^"]*)" lang="en" hreflang="en"', page)
    assert href.replace("&amp;", "&") == path + ("&" if "?" in path else "?") + "lang=en"
    other = client.get(href.replace("&amp;", "&"), headers={"Accept": "text/html"}).text
    assert '<html lang="en">' in other
    assert '<strong lang="en" aria-current="true">English</strong>' in other


def test_a_chosen_language_stays_in_links_but_not_in_downloads(client: FlaskClient) -> None:
    page = client.get(PLAN + "?lang=en").text
    links = [link for link in re.findall(r'href="(/[^"]*)"', page) if not link.startswith("/static")]
    without = {link for link in links if "lang=" not in link}
    assert without == {f"{PLAN}.{name}" for name in ("ttl", "trig", "jsonld", "nt", "nq", "rdf")}


def test_a_language_not_chosen_stays_out_of_links(client: FlaskClient) -> None:
    page = client.get(PLAN, headers={"Accept-Language": "en"}).text.partition("<body>")[2]
    assert re.findall(r'href="([^"]*lang=[^"]*)"', page) == [PLAN + "?lang=da"]


def test_text_in_another_language_says_which(client: FlaskClient) -> None:
    """Names by the source are Danish; on an English page each is marked, and the other way round."""
    english = as_read(client.get(PLAN + "?lang=en").text)
    assert '<span lang="da">Handleplan til forebyggelse af ekstremisme 2024-2026</span>' in english
    assert 'lang="en">Action plan' not in english
    danish = as_read(client.get(PLAN + "?lang=da").text)
    assert '<span lang="en">Action plan for the prevention of extremism 2024-2026</span>' in danish
    assert 'lang="da">Handleplan' not in danish


def test_label_that_is_missing_in_a_language_is_marked_on_the_link(city_client: FlaskClient) -> None:
    page = city_client.get("/kind/org:FormalOrganization?lang=en").text
    assert re.search(r'<a href="/document/ting/harbour-guild\?lang=en" lang="da">havnelauget</a>', page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_have_no_text_in_the_other_language(client: FlaskClient, lang: str) -> None:
    """Whatever the catalogue says in one language only does not stand on a page in the other."""
    other = next(name for name in LANGUAGES if name != lang)
    only = {
        entry[other]
        for key, entry in catalogue().items()
        if key.startswith("web.")
        and "{" not in entry[other]
        and entry[other] != entry[lang]
        and len(entry[other]) > 9
    }
    for path in ("/", "/kind", "/query", "/sparql", "/query/plans-replaced", PLAN, "/kind/sik:Principle"):
        page = client.get(f"{path}?lang={lang}", headers={"Accept": "text/html"}).text
        assert not [text for text in only if f">{text}<" in page], path
