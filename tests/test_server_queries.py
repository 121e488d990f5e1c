"""Saved queries over HTTP: the list, the page with form and answer, downloads, and wrong values."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.namespaces import DCAT, SIK, VOID
from sikkerby_kg.server import create_app
from sikkerby_kg.texts import LANGUAGES
from tests.running import as_read

HTML = {"Accept": "text/html"}
DATED = "/query/plans-valid-on-date"
CITY = "/query/plans-on-a-day"
PLACE = "/query/rowed-to-within"


def test_get_list_has_every_question_under_its_topic(client: FlaskClient, graph: KnowledgeGraph) -> None:
    for lang in LANGUAGES:
        page = client.get(f"/query?lang={lang}").text
        for query in graph.queries.values():
            assert f'href="/query/{query.name}?lang={lang}"' in page
    assert '<h2 id="topic-1"' in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_get_every_query_with_its_defaults(client: FlaskClient, graph: KnowledgeGraph, lang: str) -> None:
    for name in graph.queries:
        response = client.get(f"/query/{name}?lang={lang}", headers=HTML)
        assert (response.status_code, response.mimetype) == (200, "text/html"), name
        headings = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", response.text)
        assert not any(re.search("[a-z][A-Z]", heading) for heading in headings), (name, headings)


def test_get_query_shows_question_answer_and_sparql(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/query/plans-replaced?lang=en", headers=HTML).text
    query = graph.queries["plans-replaced"]
    assert f"<h1>{query.question['en']}</h1>" in page
    assert "SELECT DISTINCT" in page
    assert 'href="/document/plan/ekstremisme-2024-2026?lang=en"' in page
    assert "section 3.3, paragraph 5, sentence 2" in page
    assert "replacedLabel</th>" not in page


def test_get_query_date_is_a_date_field_with_the_value_given(client: FlaskClient) -> None:
    page = client.get(DATED + "?asOf=2023-07-01&lang=en", headers=HTML).text
    assert re.search(r'<input type="date" id="p-asOf" name="asOf" value="2023-07-01"', page)
    assert '<label for="p-asOf">Date</label>' in page
    assert 'name="lang" value="en"' in page, "the form keeps the language"


def test_get_query_value_changes_the_answer(client: FlaskClient) -> None:
    def plans(day: str) -> str:
        return as_read(client.get(DATED, query_string={"asOf": day, "lang": "da"}, headers=HTML).text)

    early, late = plans("2023-07-01"), plans("2024-07-01")
    assert "ekstremisme 2022-2023</a>" in early
    assert "ekstremisme 2022-2023</a>" not in late
    assert "ekstremisme 2024-2026</a>" in late


def test_get_query_iri_is_a_choice_of_names(client: FlaskClient) -> None:
    page = client.get("/query/what-an-actor-does?lang=da", headers=HTML).text
    options = re.findall(r'<option value="([^"]*)"( selected)?[^>]*>([^<]*)</option>', page)
    assert options[0] == ("", " selected", "alle")
    assert ("actor:oekonomiudvalget", "", "Økonomiudvalget") in options
    names = [name for _, _, name in options[1:]]
    assert names.index("Københavns Politi") < names.index("staten") < names.index("Økonomiudvalget")


@pytest.mark.parametrize(
    "value",
    ["actor:oekonomiudvalget", "https://w3id.org/sikkerby-kg/id/organization/oekonomiudvalget"],
)
def test_get_query_iri_given_in_either_form_is_chosen(client: FlaskClient, value: str) -> None:
    page = client.get("/query/what-an-actor-does", query_string={"actor": value}, headers=HTML).text
    assert '<option value="actor:oekonomiudvalget" selected' in page


def test_get_query_language_of_another_name_follows_the_page(city_client: FlaskClient) -> None:
    assert ">lygteplanen</a>" in city_client.get(CITY + "?lang=da", headers=HTML).text
    assert ">the lantern plan</a>" in city_client.get(CITY + "?lang=en", headers=HTML).text
    page = city_client.get(CITY + "?lang=da&tongue=en", headers=HTML).text
    assert 'name="tongue" value="en"' in page
    assert ">the lantern plan<" in page


def test_get_query_boolean_in_words(city_client: FlaskClient) -> None:
    page = city_client.get(CITY + "?guild=t:harbour-guild&lang=en", headers=HTML).text
    assert ">yes</td>" in page


def test_get_query_without_rows_says_why(city_client: FlaskClient) -> None:
    page = city_client.get("/query/oil-left?lang=da", headers=HTML).text
    assert "Ingen rækker svarer til spørgsmålet." in page
    assert "Nobody has written down a barrel." in page


def test_get_query_with_nothing_given_but_needed_is_the_form_only(city_client: FlaskClient) -> None:
    response = city_client.get(PLACE, headers=HTML)
    assert response.status_code == 200
    assert 'name="place" value=""' in response.text
    assert 'id="answer"' not in response.text


def test_descriptions_name_columns_in_words_and_link_other_queries(client: FlaskClient) -> None:
    page = client.get(DATED + "?lang=da", headers=HTML).text
    assert "»vedtaget«" in page
    assert re.search(r'<a href="/query/instruments-without-period\?lang=da">[^<]+</a>', page)


# --- Data -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
        ("csv", "text/csv"),
        ("tsv", "text/tab-separated-values"),
        ("md", "text/markdown"),
    ],
)
@pytest.mark.parametrize("by", ["accept", "format"])
def test_get_query_as_data(client: FlaskClient, name: str, media_type: str, by: str) -> None:
    query = {"asOf": "2023-07-01", "lang": "da"} | ({"format": name} if by == "format" else {})
    headers = {"Accept": media_type} if by == "accept" else HTML
    response = client.get(DATED, query_string=query, headers=headers)
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert f"plans-valid-on-date.{name}" in response.headers["Content-Disposition"]
    assert "ekstremisme 2022-2023" in response.text
    if name in ("json", "xml"):
        found = {"json": QueryResultsFormat.JSON, "xml": QueryResultsFormat.XML}[name]
        answer = parse_query_results(response.data, found)
        assert isinstance(answer, QuerySolutions)
        assert len(list(answer)) == 3


def test_downloads_keep_the_values(client: FlaskClient) -> None:
    page = client.get(DATED + "?asOf=2023-07-01&lang=en", headers=HTML).text
    (href,) = re.findall(r'href="([^"]*format=csv)"', page)
    response = client.get(href.replace("&amp;", "&"))
    assert "2022-2023" in response.text
    assert "Action plan" in response.text


def test_try_it_yourself_runs_as_it_stands(client: FlaskClient) -> None:
    page = client.get(DATED + "?asOf=2023-07-01", headers=HTML).text
    (href,) = re.findall(r'href="(/sparql\?query=[^"]*)"', page)
    response = client.get(href.replace("&amp;", "&"), headers=HTML)
    assert response.status_code == 200
    assert "2022-2023" in response.text
    assert "#+" not in response.text


# --- Wrong values -----------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["2023", "01-07-2023", '2023-07-01" } #', "<b>", "2023-02-30"])
def test_get_query_wrong_value_accept_html_is_a_400_that_loses_nothing(
    client: FlaskClient, value: str
) -> None:
    response = client.get(DATED, query_string={"asOf": value, "lang": "en"}, headers=HTML)
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert "asOf" in response.text
    assert "date" in response.text
    assert "2023-07-01" in response.text
    field = re.search(r'<input type="text" id="p-asOf" name="asOf" value="([^"]*)"([^>]*)>', response.text)
    assert field is not None
    assert field[1].replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">") == value
    assert 'aria-invalid="true"' in field[2]
    assert 'aria-describedby="p-asOf-error p-asOf-hint"' in field[2]
    assert 'id="answer"' not in response.text


def test_get_query_wrong_choice_accept_html_is_kept_as_a_choice(client: FlaskClient) -> None:
    response = client.get("/query/what-an-actor-does?actor=nobody", headers=HTML)
    assert response.status_code == 400
    assert '<option value="nobody" selected>nobody</option>' in response.text


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv"])
def test_get_query_wrong_value_accept_data_is_a_problem(client: FlaskClient, accept: str) -> None:
    response = client.get(DATED + "?asOf=soon", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    found = json.loads(response.text)
    assert (found["parameter"], found["type_expected"], found["example"]) == ("asOf", "date", "2023-07-01")


def test_get_query_wrong_value_of_a_download_in_a_browser_is_a_page(client: FlaskClient) -> None:
    response = client.get(DATED + "?asOf=soon&format=csv", headers=HTML)
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert 'value="soon"' in response.text


def test_get_query_missing_value(city_client: FlaskClient) -> None:
    for accept, example in (("text/html", "Ravnsholm"), ("text/csv", "t:island")):
        response = city_client.get(PLACE + "?place=&lang=en", headers={"Accept": accept})
        assert response.status_code == 400
        assert example in response.text
    assert city_client.get(PLACE, headers={"Accept": "text/csv"}).status_code == 400


def test_get_query_unknown_parameter_is_a_400_that_names_the_known_ones(client: FlaskClient) -> None:
    response = client.get(DATED + "?date=2023-07-01&lang=en", headers=HTML)
    assert response.status_code == 400
    assert "has no parameter date; it has: asOf, lang" in response.text


def test_get_query_parameter_twice_is_a_400(client: FlaskClient) -> None:
    response = client.get(DATED + "?asOf=2023-07-01&asOf=2024-07-01", headers={"Accept": "text/csv"})
    assert response.status_code == 400
    assert json.loads(response.text)["parameter"] == "asOf"


def test_get_query_format_unknown_is_a_400(client: FlaskClient) -> None:
    response = client.get(DATED + "?format=ods", headers={"Accept": "text/csv"})
    assert response.status_code == 400
    assert "text/csv" in response.text


def test_get_query_accept_nothing_that_we_have_is_a_406(client: FlaskClient) -> None:
    assert client.get(DATED, headers={"Accept": "image/png"}).status_code == 406


def test_get_query_unknown_proposes_close_names(client: FlaskClient) -> None:
    response = client.get("/query/plan-replaced?lang=en", headers=HTML)
    assert response.status_code == 404
    assert "plans-replaced" in response.text


PLACE_IN_WORDS = re.compile(r'<td [^>]*data-heading="[^"]*(?:lace in the text)"[^>]*>(.*?)</td>')


def test_get_query_whose_rows_name_no_passage_leads_to_it_by_its_numbers(client: FlaskClient) -> None:
    for name in ("plans-valid-on-date", "plans-replaced", "scope-changes"):
        page = client.get(f"/query/{name}?lang=en", headers=HTML).text
        places = [cell for cell in PLACE_IN_WORDS.findall(page) if "sentence" in cell]
        assert places, name
        for cell in places:
            paragraph, sentence = re.findall(r"paragraph (\d+), sentence (\d+)", cell)[0]
            assert f'href="/document/doc/midtvejsstatus/p/{paragraph}/s/{sentence}?lang=en"' in cell, name


def test_get_sparql_place_that_two_texts_have_leads_nowhere(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        f"""PREFIX sik: <{SIK}> PREFIX e: <http://e/id/p/>
        <http://e/g> {{ <http://e/d> a <{DCAT.Dataset}> ; <{VOID.uriSpace}> "http://e/" .
          e:1 a sik:Passage ; sik:paragraphNumber 1 . e:2 a sik:Passage ; sik:paragraphNumber 1 .
          e:3 a sik:Passage ; sik:paragraphNumber 2 }}""",
        encoding="utf-8",
    )
    query = "SELECT ?section ?paragraph { VALUES (?section ?paragraph) { ('a' 1) ('b' 2) ('c' 'x') } }"
    with open_graph(make_root) as graph:
        page = (
            create_app(graph=graph).test_client().get("/sparql", query_string={"query": query}, headers=HTML)
        )
    cells = re.findall(r'<td [^>]*data-heading="[^"]*"[^>]*>(.*?)</td>', page.text)
    assert [re.findall('href="([^"?]*)', cell) for cell in cells] == [[], ["/document/p/3"], []]
