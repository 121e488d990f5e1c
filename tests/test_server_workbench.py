"""The workbench without its script, and what its script asks for: vocabulary, neighbourhood, files."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.server import files, neighbourhood, vocabulary
from sikkerby_kg.texts import LANGUAGES

HTML = {"Accept": "text/html"}
PLAN = "https://w3id.org/sikkerby-kg/id/plan/ekstremisme-2024-2026"
REPLACED = "https://w3id.org/sikkerby-kg/id/plan/ekstremisme-2022-2023"
MODEL = "https://w3id.org/sikkerby-kg/model/"
SELECT = "SELECT ?plan ?replaced WHERE { ?plan dct:replaces ?replaced } ORDER BY ?plan"
CONSTRUCT = "CONSTRUCT WHERE { ?plan dct:replaces ?replaced }"


# --- The form ---------------------------------------------------------------------------------


def test_get_example_is_the_form_with_a_saved_query_that_runs(
    client: FlaskClient, graph: KnowledgeGraph
) -> None:
    page = client.get("/sparql", headers=HTML, query_string={"lang": "en"}).text
    names = re.findall(r'href="/sparql\?(?:amp;|[^"])*?example=([a-z-]+)[^"]*"', page)
    assert set(names) == set(graph.queries)
    form = client.get("/sparql", headers=HTML, query_string={"example": "plans-replaced"}).text
    text = unescape(re.findall(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)[0])
    assert text.startswith("PREFIX")
    assert client.get("/sparql", query_string={"query": text}).json["results"]["bindings"]  # type: ignore[index]


def test_get_example_unknown_is_a_404(client: FlaskClient) -> None:
    assert client.get("/sparql?example=no-such-query", headers=HTML).status_code == 404


def test_get_as_of_without_a_query_is_the_form(client: FlaskClient) -> None:
    assert client.get("/sparql?as-of=2023-06-01", headers=HTML).status_code == 200


@pytest.mark.parametrize(
    ("query", "names"), [(SELECT, "json xml csv tsv"), (CONSTRUCT, "ttl trig jsonld nt nq rdf")]
)
def test_get_query_accept_html_leads_to_the_answer_in_every_format(
    client: FlaskClient, query: str, names: str
) -> None:
    page = client.get("/sparql", query_string={"query": query}, headers=HTML).text
    found = dict(re.findall(r'<a href="(/sparql[^"]*)"[^>]*data-format="(\w+)"', page))
    assert set(found.values()) == set(names.split())
    for href, name in found.items():
        response = client.get(unescape(href))
        assert response.status_code == 200, name
        assert response.data


def test_post_query_accept_html_has_no_links_that_would_ask_something_else(client: FlaskClient) -> None:
    page = client.post("/sparql", data={"query": SELECT}, headers=HTML).text
    assert "<table>" in page
    assert "data-format=" not in page


def test_get_query_wrong_accept_html_names_line_and_column_for_the_editor(client: FlaskClient) -> None:
    query = "SELECT *\n{ ?a ?b }"
    page = client.get("/sparql", query_string={"query": query}, headers=HTML)
    problem = client.get("/sparql", query_string={"query": query}).json
    assert problem is not None
    assert f'data-line="{problem["line"]}" data-column="{problem["column"]}"' in page.text


def test_page_works_where_the_scripts_were_not_built(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SCRIPTS", "nothing")
    for path in ("/sparql?query=ASK{}&lang=da&x=unbuilt", f"/neighbourhood?iri={PLAN}&x=unbuilt"):
        page = client.get(path, headers=HTML)
        assert page.status_code == 200
        assert '<script type="module"' not in page.text


def test_script_is_served_with_what_it_changes_with(client: FlaskClient) -> None:
    page = client.get("/sparql", headers=HTML).text
    found = re.findall(r'<script type="module" src="(/static/dist/workbench\.js\?v=[0-9a-f]{12})">', page)
    if not (Path(__file__).parent.parent / "web/static/dist/stamp.txt").exists():
        pytest.skip("web/static/dist is not built; run.py builds it")
    (address,) = found
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as response:
        assert response.mimetype in ("text/javascript", "application/javascript")
        assert response.headers["Content-Encoding"] == "gzip"
        assert len(response.data) < 200_000


# --- The vocabulary ------------------------------------------------------------------------------


def terms(client: FlaskClient) -> dict[str, dict[str, object]]:
    answer = client.get("/vocab.json").json
    assert answer is not None
    return {term["iri"]: term for term in answer["terms"]}


def test_get_vocabulary_names_classes_properties_and_things(client: FlaskClient) -> None:
    found = terms(client)
    action_plan = {"iri": MODEL + "ActionPlan", "kind": "class", "name": "sik:ActionPlan"}
    assert found[MODEL + "ActionPlan"] == {**action_plan, "labels": {"da": "handleplan", "en": "action plan"}}
    assert found["http://purl.org/dc/terms/replaces"]["kind"] == "property"
    assert found[PLAN]["kind"] == "thing"
    assert found[PLAN]["name"] == "plan:ekstremisme-2024-2026"


def test_vocabulary_gives_every_term_a_label_and_holds_no_passage_and_no_shape(client: FlaskClient) -> None:
    found = terms(client)
    assert all(term["labels"] for term in found.values())
    assert not [iri for iri in found if "/s/" in iri or "/shape/group-" in iri]
    assert {term["kind"] for term in found.values()} == {"class", "property", "thing"}


def test_vocabulary_is_small_and_kept(client: FlaskClient) -> None:
    first = client.get("/vocab.json", headers={"Accept-Encoding": "gzip"})
    assert len(first.data) < 60_000
    again = client.get(
        "/vocab.json", headers={"If-None-Match": first.headers["ETag"], "Accept-Encoding": "gzip"}
    )
    assert again.status_code == 304
    assert "Accept-Language" not in first.headers.get("Vary", "")


def test_vocabulary_of_another_city_is_its_own(city_client: FlaskClient, city: KnowledgeGraph) -> None:
    found = terms(city_client)
    assert any(iri.startswith(city.base) for iri in found)
    assert all(set(term["labels"]) & {*LANGUAGES, ""} for term in found.values())  # type: ignore[call-overload]


def test_vocabulary_says_when_there_are_more_things(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "MOST", 3)
    answer = client.get("/vocab.json?few").json
    assert answer is not None
    assert answer["complete"] is False
    assert sum(term["kind"] == "thing" for term in answer["terms"]) <= 3


# --- The neighbourhood ---------------------------------------------------------------------------


def data(client: FlaskClient, iri: str, **more: str) -> dict[str, Any]:
    response = client.get("/neighbourhood", query_string={"iri": iri, "format": "json", **more})
    assert response.status_code == 200
    found: dict[str, Any] = json.loads(response.text)
    return found


def test_get_neighbourhood_json_holds_what_is_connected_and_how(client: FlaskClient) -> None:
    found = data(client, PLAN, lang="en")
    names = {node["iri"] for node in found["nodes"]}
    assert found["middle"] == PLAN
    assert {PLAN, REPLACED} <= names
    edge = next(edge for edge in found["edges"] if edge["to"] == REPLACED and edge["label"] == "replaces")
    assert edge["from"] == PLAN
    assert all({edge["from"], edge["to"]} <= names for edge in found["edges"])
    for node in found["nodes"]:
        assert client.get(node["href"], headers=HTML).status_code == 200, node


def test_get_neighbourhood_accept_html_lists_the_same(client: FlaskClient) -> None:
    page = client.get("/neighbourhood", query_string={"iri": PLAN}, headers=HTML).text
    listed = {unescape(iri) for iri in re.findall(r'data-iri="([^"]+)"', page)}
    assert listed == {node["iri"] for node in data(client, PLAN)["nodes"]} - {PLAN}
    styles = {int(style) for style in re.findall(r'class="symbol style-(\d)"', page)}
    assert styles <= set(range(neighbourhood.STYLES))


def test_document_leads_to_its_neighbourhood(client: FlaskClient) -> None:
    page = client.get("/document/plan/ekstremisme-2024-2026", headers=HTML).text
    (address,) = set(re.findall(r'<a href="(/neighbourhood[^"]*)"', page))
    assert client.get(unescape(address), headers=HTML).status_code == 200


def test_neighbourhood_is_cut_where_there_is_too_much_and_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = data(client, PLAN)
    monkeypatch.setattr(neighbourhood, "MOST", 4)
    cut = data(client, PLAN, x="cut")
    assert len(cut["nodes"]) == 4
    assert cut["leftOut"] == len(whole["nodes"]) - 4
    page = client.get(
        "/neighbourhood", query_string={"iri": PLAN, "lang": "en", "x": "cut"}, headers=HTML
    ).text
    assert f"3 things are shown; {cut['leftOut']} more" in page


@pytest.mark.parametrize("iri", ["", "x", "https://example.org/nothing", "javascript:alert(1)"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_get_neighbourhood_of_nothing_is_a_404(client: FlaskClient, iri: str, accept: str) -> None:
    response = client.get("/neighbourhood", query_string={"iri": iri}, headers={"Accept": accept})
    assert response.status_code == 404


def test_neighbourhood_of_another_city_is_its_own(city_client: FlaskClient, city: KnowledgeGraph) -> None:
    query = (
        f"SELECT ?s {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), '{city.base}') && isIRI(?o) && ?p != rdf:type) }}"
    )
    first = city.sparql(query).rows[0]["s"]
    found = data(city_client, str(first))
    assert len(found["nodes"]) > 1
