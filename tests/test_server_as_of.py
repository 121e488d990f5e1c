"""One date for all pages: read from the address, kept in every link, refused where it is none."""

import json
import re

import pytest
from flask.testing import FlaskClient

HTML = {"Accept": "text/html"}


def test_get_page_as_of_keeps_the_date_in_links(client: FlaskClient) -> None:
    page = client.get("/?as-of=2023-06-01&lang=en", headers=HTML).text
    assert (
        'href="/query?as-of=2023-06-01&amp;lang=en"' in page
        or 'href="/query?lang=en&amp;as-of=2023-06-01"' in page
    )
    assert "as-of" not in client.get("/?lang=en", headers=HTML).text.partition("<main")[2]


@pytest.mark.parametrize("given", ["2023-13-01", "2023", "20230601", "2023-W01-1", "yesterday", "<script>"])
def test_get_page_as_of_what_is_no_date_is_400(client: FlaskClient, given: str) -> None:
    response = client.get(
        "/", query_string={"as-of": given, "lang": "en"}, headers={"Accept": "application/json"}
    )
    problem = json.loads(response.text)
    assert response.status_code == 400
    assert (problem["parameter"], problem["example"]) == ("as-of", "2023-06-01")


def test_get_sparql_takes_no_date(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK%7B%7D&as-of=x").status_code == 200


def test_every_page_has_the_date_control(client: FlaskClient) -> None:
    for path in ("/", "/query", "/kind", "/document/plan/ekstremisme-2024-2026", "/downloads", "/sparql"):
        page = client.get(path, query_string={"lang": "en"}, headers=HTML).text
        assert 'name="as-of" value=""' in page
        assert "Newest: 31 August 2024" in page, "the latest date that the source speaks of"


def test_date_control_keeps_the_other_parameters(client: FlaskClient) -> None:
    query = {"lang": "en", "as-of": "2023-06-01", "asOf": "2024-01-01"}
    page = client.get("/query/plans-valid-on-date", query_string=query, headers=HTML).text
    control = page.partition('<details class="date">')[2].partition("</details>")[0]
    assert '<input type="hidden" name="lang" value="en">' in control
    assert "asOf" not in control, "the new date takes its place"
    assert 'href="/query/plans-valid-on-date?lang=en"' in control


def test_get_entity_as_of_leaves_out_and_counts_what_came_later(client: FlaskClient) -> None:
    path = "/document/principle/lokalomraader"
    now = client.get(path, query_string={"lang": "en"}, headers=HTML).text
    then = client.get(path, query_string={"lang": "en", "as-of": "2023-06-01"}, headers=HTML).text
    assert "focus-area/migranter" in now
    assert "focus-area/migranter" not in then
    assert "statements about what came after 1 June 2023 are left out." in then
    assert "left out" not in now


def test_get_entity_shows_how_it_stands(client: FlaskClient) -> None:
    def badge(path: str, as_of: str = "") -> list[str]:
        query = {"lang": "en", "as-of": as_of}
        page = client.get(f"/document/{path}", query_string=query, headers=HTML).text
        return [part for part in ("ended", "in-force", "not-yet") if f'<span class="state {part}">' in page]

    assert badge("plan/ekstremisme-2022-2023") == ["ended"]
    assert badge("plan/ekstremisme-2022-2023", "2023-06-01") == ["in-force"]
    assert badge("plan/ekstremisme-2024-2026", "2023-06-01") == ["not-yet"]
    assert badge("organization/ssp") == []


def test_get_entity_that_came_later_says_so(client: FlaskClient) -> None:
    query = {"lang": "en", "as-of": "2023-06-01"}
    page = client.get("/document/plan/ekstremisme-2024-2026", query_string=query, headers=HTML).text
    assert "This belongs to a later time than 1 June 2023." in page
    assert "plan/ekstremisme-2022-2023" in page


def test_get_kind_as_of_leaves_out_what_came_later(client: FlaskClient) -> None:
    now = client.get("/kind/sik:PolicyInstrument?lang=en").text
    then = client.get("/kind/sik:PolicyInstrument?lang=en&as-of=2023-06-01").text
    assert "ekstremisme-2024-2026" in now
    assert "ekstremisme-2024-2026" not in then
    assert "Came only after 1 June 2023 and are left out: 2." in then, (
        "the plan, and the gang package that was agreed on in November"
    )


@pytest.mark.parametrize("accept", ["text/html", "text/csv"])
def test_get_query_about_a_date_takes_the_date_of_the_pages(client: FlaskClient, accept: str) -> None:
    headers = {"Accept": accept}
    path = "/query/plans-valid-on-date"
    chosen = client.get(f"{path}?as-of=2023-06-01&lang=en", headers=headers)
    assert chosen.headers["X-Sikkerby-As-Of"] == "2023-06-01"
    assert "plan/ekstremisme-2022-2023" in chosen.text
    assert "plan/ekstremisme-2022-2023" not in client.get(f"{path}?lang=en", headers=headers).text
    own = client.get(f"{path}?as-of=2023-06-01&asOf=2024-07-01&lang=en", headers=headers)
    assert "plan/ekstremisme-2022-2023" not in own.text, "a date of its own counts"
    assert client.get(f"{path}?as-of=soon", headers=headers).status_code == 400


def test_get_query_about_no_date_says_so(client: FlaskClient) -> None:
    response = client.get("/query/plans-replaced?as-of=2023-06-01&lang=en", headers=HTML)
    assert response.status_code == 200
    assert "This page has no date and shows the newest" in response.text
    assert "X-Sikkerby-As-Of" not in response.headers


def test_get_sparql_keeps_the_date_in_links_and_says_so(client: FlaskClient) -> None:
    response = client.get("/sparql?as-of=2023-06-01&lang=en", headers=HTML)
    assert response.status_code == 200
    page = response.text
    assert "SPARQL always answers from the whole graph" in page
    assert re.search(r'href="/query\?[^"]*as-of=2023-06-01', page)


@pytest.mark.parametrize("suffix", ["trig", "nq", "ttl", "jsonld"])
def test_get_dataset_as_of_leaves_out_what_came_later(client: FlaskClient, suffix: str) -> None:
    response = client.get(f"/dataset.{suffix}?as-of=2023-06-01")
    assert response.headers["X-Sikkerby-As-Of"] == "2023-06-01"
    assert f"dataset-2023-06-01.{suffix}" in response.headers["Content-Disposition"]
    assert "plan/ekstremisme-2022-2023" in response.text or "plan:ekstremisme-2022-2023" in response.text
    assert not re.search("plan[:/]ekstremisme-2024-2026", response.text)
    assert "As it stood on 1 June 2023" in response.text
    assert "http://purl.org/dc/terms/valid" in response.text or "dct:valid" in response.text


def test_get_dataset_as_of_the_far_future_is_all_of_it(client: FlaskClient) -> None:
    newest = set(client.get("/dataset.nq").text.splitlines())
    future = set(client.get("/dataset.nq?as-of=2999-01-01").text.splitlines())
    assert newest <= future
    assert len(future - newest) == 3, "the date, and a note in two languages"


def test_get_document_as_of_leaves_out_what_came_later(client: FlaskClient) -> None:
    path = "/document/principle/lokalomraader.ttl"
    assert "focus-area:migranter" in client.get(path).text
    response = client.get(f"{path}?as-of=2023-06-01")
    assert "focus-area:migranter" not in response.text
    assert response.headers["X-Sikkerby-As-Of"] == "2023-06-01"
    assert "as-of" not in client.get(path).headers["Link"]
    assert "as-of=2023-06-01" in response.headers["Link"]


def test_get_page_at_a_date_says_once_what_happens_to_what_has_no_date(
    client: FlaskClient, city_client: FlaskClient
) -> None:
    said = "What has no known date is shown at every date."
    asked = {"lang": "en", "as-of": "2022-06-01"}
    for path in ("/", "/coverage", "/gaps", "/timeline", "/document/principle/natteliv"):
        assert client.get(path, query_string=asked).text.count(said) == 1
        assert said not in client.get(path, query_string={"lang": "en"}).text
    assert said not in client.get("/query/plans-valid-on-date", query_string=asked).text
    assert said not in city_client.get("/", query_string=asked).text, "everything there has a date"


def test_get_home_before_a_plan_was_agreed_on_does_not_know_it(client: FlaskClient) -> None:
    for day, is_known in (("2022-06-01", False), ("2023-06-01", False), ("2025-01-01", True)):
        for path in ("/", "/coverage", "/gaps"):
            page = client.get(path, query_string={"lang": "en", "as-of": day}).text
            assert ("gang package 4" in page) is is_known, (day, path)


def test_get_neighbourhood_at_a_date_leaves_out_what_came_later(client: FlaskClient) -> None:
    iri = "https://w3id.org/sikkerby-kg/id/plan/ekstremisme-2022-2023"
    asked = {"iri": iri, "lang": "en"}
    asked_json = {**asked, "format": "json"}
    now = json.loads(client.get("/neighbourhood", query_string=asked_json).text)
    then = json.loads(client.get("/neighbourhood", query_string={**asked_json, "as-of": "2023-06-01"}).text)
    assert any("ekstremisme-2024-2026" in node["iri"] for node in now["nodes"])
    assert not any("ekstremisme-2024-2026" in node["iri"] for node in then["nodes"])
    assert {edge[end] for edge in then["edges"] for end in ("from", "to")} <= {
        node["iri"] for node in then["nodes"]
    }
    page = client.get("/neighbourhood", query_string={**asked, "as-of": "2023-06-01"})
    assert "Came only after 1 June 2023 and are left out: " in page.text
    later = {**asked, "iri": iri.replace("2022-2023", "2024-2026"), "as-of": "2023-06-01"}
    assert "ekstremisme-2022-2023" in client.get("/neighbourhood", query_string=later).text
