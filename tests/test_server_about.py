"""The pages about the site: every limit with its value, every number with its query, how to cite."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.namespaces import DCAT, VOID
from sikkerby_kg.server import create_app
from sikkerby_kg.server.about import COUNTS
from sikkerby_kg.server.catalog import LIMITS
from sikkerby_kg.settings import SETTINGS, Settings
from sikkerby_kg.written import number_text


@pytest.mark.parametrize("lang", ["da", "en"])
def test_get_about_names_every_limit_with_its_value(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/about?lang={lang}").text
    found = re.findall(r"<td>([0-9.,]+)</td><td><code>SIKKERBY_(\w+)</code>", page)
    rows = {name: value for value, name in found}
    assert rows == {name.upper(): number_text(float(getattr(Settings(), name)), lang) for name in LIMITS}


def test_every_setting_that_limits_readers_is_announced() -> None:
    """A new limit cannot be forgotten: whatever is a number and none of these is one."""
    others = {"timeout", "port", "cache_megabytes", "max_age", "reload", "files_megabytes"}
    numbers = {name for name, default, _ in SETTINGS if isinstance(default, int | float)}
    assert numbers - others == set(LIMITS)


def test_get_sparql_description_announces_every_limit(client: FlaskClient) -> None:
    described = client.get("/sparql?format=ttl").text
    for name in LIMITS:
        assert f'"{name}"' in described


@pytest.mark.parametrize("lang", ["da", "en"])
def test_get_about_counts_lead_to_the_queries_that_give_them(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/about?lang={lang}").text
    found = re.findall(r'<li><a href="([^"]*)" rel="nofollow"><strong>([\d.,]+)</strong>', page)
    assert len(found) == len(COUNTS)
    for href, number in found:
        answer = client.get(unescape(href).replace("format=html", "format=csv")).text
        assert number == number_text(int(answer.split()[1]), lang)


def test_get_about_of_a_single_thing_is_in_the_singular(city_client: FlaskClient) -> None:
    page = city_client.get("/about?lang=en").text
    assert "<strong>1</strong> <span>actor</span>" in page


def test_get_about_counts_statements_by_origin(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/about?lang=en").text
    query = """SELECT ?o (COUNT(*) AS ?n) { ?g <http://purl.org/dc/terms/type> ?o GRAPH ?g { ?s ?p ?x } }
        GROUP BY ?o"""
    found = graph.sparql(query).python()
    assert len(found) == 6
    for row in found:
        assert f'<td class="number">{number_text(row["n"], "en")}</td></tr>' in page


def test_get_about_cites_dataset_page_and_answer_at_the_version(
    client: FlaskClient, graph: KnowledgeGraph
) -> None:
    page = client.get("/about?lang=en").text
    cited = re.findall(r'<dd class="citation">(.*?)</dd>', page)
    assert len(cited) == 3
    about = graph.about
    assert all(f"Version {about.version}, 23 November 2026. http" in words for words in cited)
    assert cited[0].endswith(about.iri)
    assert cited[1].endswith(about.subjects[0])
    assert "reserved, not registered" in page
    assert "Not an official site" in page


def test_get_accessibility_names_whom_the_content_names(make_root: Path, client: FlaskClient) -> None:
    assert "dcat:contactPoint" in client.get("/accessibility?lang=en").text
    (make_root / "data/a.trig").write_text(
        f'<http://e/g> {{ <http://e/d> a <{DCAT.Dataset}> ; <{VOID.uriSpace}> "http://e/" ; '
        f"<{DCAT.contactPoint}> [ <http://www.w3.org/2006/vcard/ns#hasEmail> <mailto:by@e.example> ] }}",
        encoding="utf-8",
    )
    with open_graph(make_root) as graph:
        page = create_app(graph=graph).test_client().get("/accessibility?lang=en").text
    assert 'href="mailto:by@e.example"' in page
    assert "dcat:contactPoint" not in page


def test_every_page_leads_to_it(client: FlaskClient) -> None:
    for path in ("/", "/sparql", "/query", "/nothing"):
        assert 'href="/about"' in client.get(path, headers={"Accept": "text/html"}).text
