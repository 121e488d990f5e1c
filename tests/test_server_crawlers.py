"""Crawlers find every page in both languages, and are kept out of what has no end."""

import re
import xml.etree.ElementTree as ET
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, Settings
from sikkerby_kg.server import create_app
from sikkerby_kg.texts import LANGUAGES

HERE = "http://localhost"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


def rules(client: FlaskClient) -> list[tuple[bool, str]]:
    """Whether each rule of robots.txt allows, and what."""
    found = re.findall(r"^(Allow|Disallow): (\S+)$", client.get("/robots.txt").text, re.MULTILINE)
    return [(kind == "Allow", path) for kind, path in found]


def may_crawl(client: FlaskClient, address: str) -> bool:
    """What a crawler concludes from robots.txt: the longest rule that fits decides (RFC 9309 §2.2.2)."""
    fitting = []
    for allowed, path in rules(client):
        pattern = re.escape(path.removesuffix("$")).replace(r"\*", ".*") + ("$" if path.endswith("$") else "")
        if re.match(pattern, address):
            fitting.append((len(path), allowed))
    return max(fitting, default=(0, True))[1]


def addresses(client: FlaskClient, path: str) -> list[ET.Element]:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (200, "application/xml")
    return list(ET.fromstring(response.text))  # noqa: S314  (our own)


def local(element: ET.Element) -> str:
    return (element.findtext(f"{SITEMAP}loc") or "").removeprefix(HERE)


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=plan",
        "/sparql?query=ASK%7B%7D",
        "/sparql?query=ASK%7B%7D&lang=da",
        "/resource?iri=http://e/",
        "/query/plans-valid-on-date?asOf=2023-07-01",
        "/query/plans-replaced?format=csv",
        "/document/plan/ekstremisme-2024-2026?as-of=2023-06-01&lang=da",
        "/document/plan/ekstremisme-2024-2026.ttl",
        "/dataset.nq",
        "/graph.ttl?iri=x",
        "/kind/sik:Proposal?status=x",
        "/health",
    ],
)
def test_get_robots_keeps_crawlers_out(client: FlaskClient, address: str) -> None:
    assert not may_crawl(client, address)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?lang=en",
        "/query/plans-replaced?lang=da",
        "/kind/sik:Passage?page=2&lang=da",
        "/static/site.css",
    ],
)
def test_get_robots_lets_crawlers_read_pages(client: FlaskClient, address: str) -> None:
    assert may_crawl(client, address)


def test_get_robots_names_the_sitemap_under_the_public_address(graph: KnowledgeGraph) -> None:
    here = KnowledgeGraph(graph.folders, graph.store, Settings(public_url="https://graf.example/by"))
    client = create_app(graph=here).test_client()
    said = client.get("/robots.txt").text
    assert "Sitemap: https://graf.example/by/sitemap.xml\n" in said
    assert "Disallow: /by/search\n" in said


@pytest.mark.parametrize("content", ["client", "city_client"])
def test_get_sitemap_leads_to_pages_that_are_there(content: str, request: pytest.FixtureRequest) -> None:
    client: FlaskClient = request.getfixturevalue(content)
    seen: list[str] = []
    for part in addresses(client, "/sitemap.xml"):
        assert may_crawl(client, local(part)) or "kind=" in local(part)
        entries = addresses(client, local(part))
        seen += map(local, entries)
        for entry in entries:
            spoken = {link.get("hreflang"): link.get("href", "") for link in entry.iter(LINK)}
            assert spoken.keys() == {*LANGUAGES, "x-default"}
            assert HERE + local(entry) in spoken.values()
    assert len(seen) > 60
    assert all(may_crawl(client, address) for address in seen)
    for address in seen[:: max(len(seen) // 60, 1)]:
        page = client.get(address, headers={"Accept": "text/html"})
        assert page.status_code == 200, address
        assert f'<link rel="canonical" href="{HERE}{address}">' in page.text


def test_get_sitemap_holds_every_thing_of_the_content_and_every_question(
    client: FlaskClient, graph: KnowledgeGraph
) -> None:
    listed = {
        urlsplit(local(e)).path
        for part in addresses(client, "/sitemap.xml")
        for e in addresses(client, local(part))
    }
    query = "SELECT DISTINCT ?x { VALUES ?c { sik:Principle sik:ActionPlan sik:Proposal } ?x a ?c }"
    things = {str(row["x"]).partition("/id/")[2] for row in graph.sparql(query)}
    assert len(things) >= 10
    assert {f"/document/{path}" for path in things} <= listed
    assert {f"/query/{name}" for name in graph.queries} <= listed
    assert {"/", "/about", "/accessibility"} <= listed


def test_get_sitemap_says_when_the_content_changed(client: FlaskClient, graph: KnowledgeGraph) -> None:
    dates = {e.findtext(f"{SITEMAP}lastmod") for e in addresses(client, "/sitemap.xml?kind=")}
    assert dates == {graph.about.modified}


@pytest.mark.parametrize("asked", ["kind=no-such", "kind=sik:Principle&part=2", "kind=sik:Principle&part=0"])
def test_get_sitemap_of_nothing_is_404(client: FlaskClient, asked: str) -> None:
    assert client.get(f"/sitemap.xml?{asked}").status_code == 404


def test_get_sitemap_does_not_keep_what_a_reader_chose(client: FlaskClient) -> None:
    text = client.get("/sitemap.xml?kind=&as-of=2023-06-01&lang=en").text
    assert "as-of" not in text
    assert text == client.get("/sitemap.xml?kind=").text
