"""A saved query answers part by part: limit, offset, links to the other parts, and the number of rows."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

QUERY = "/query/events-without-date?lang=en"
CSV = {"Accept": "text/csv"}
JSON = {"Accept": "application/sparql-results+json"}
HTML = {"Accept": "text/html"}


def links(response: TestResponse) -> dict[str, str]:
    """The targets of the header Link, by relation, save those of other formats."""
    found = re.findall(r'<([^>]*)>; rel="([a-z]+)"', response.headers.get("Link", ""))
    return {rel: href for href, rel in found if rel != "alternate"}


def rows(response: TestResponse) -> list[object]:
    assert response.status_code == 200, response.text
    return list(json.loads(response.text)["results"]["bindings"])


@pytest.fixture
def every_row(client: FlaskClient) -> list[object]:
    """All rows of the answer, as it is without paging."""
    response = client.get(QUERY, headers=JSON)
    assert "X-Total-Count" not in response.headers
    assert links(response) == {}
    return rows(response)


def test_following_next_gives_every_row_once(client: FlaskClient, every_row: list[object]) -> None:
    found: list[object] = []
    href = f"{QUERY}&limit=2"
    while href:
        response = client.get(href, headers=JSON)
        assert response.headers["X-Total-Count"] == str(len(every_row))
        found += rows(response)
        href = links(response).get("next", "")
    assert found == every_row


def test_following_prev_from_last_leads_to_first(client: FlaskClient, every_row: list[object]) -> None:
    start = client.get(f"{QUERY}&limit=2", headers=JSON)
    assert set(links(start)) == {"first", "next", "last"}
    response = client.get(links(start)["last"], headers=JSON)
    assert rows(response)[-1] == every_row[-1]
    while "prev" in links(response):
        response = client.get(links(response)["prev"], headers=JSON)
    assert rows(response) == every_row[:2]


def test_links_keep_the_other_parameters(client: FlaskClient) -> None:
    href = "/query/plans-valid-on-date?asOf=2023-07-01&lang=en&format=csv&limit=1"
    response = client.get(href)
    wanted = urlsplit(links(response)["next"])
    assert wanted.path == "/query/plans-valid-on-date"
    assert parse_qs(wanted.query) == {
        "asOf": ["2023-07-01"],
        "lang": ["en"],
        "format": ["csv"],
        "limit": ["1"],
        "offset": ["1"],
    }


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv", "md", "xlsx"])
def test_a_part_comes_in_every_format(client: FlaskClient, name: str) -> None:
    whole = client.get(f"{QUERY}&format={name}")
    part = client.get(f"{QUERY}&format={name}&limit=2&offset=1")
    assert part.status_code == 200
    assert part.mimetype == whole.mimetype
    assert 0 < len(part.data) < len(whole.data)
    if name in ("csv", "tsv"):
        head, _, *rest = whole.text.splitlines()
        assert part.text.splitlines() == [head, *rest[:2]]


def test_offset_alone_is_the_rest(client: FlaskClient, every_row: list[object]) -> None:
    response = client.get(f"{QUERY}&offset=3", headers=JSON)
    assert rows(response) == every_row[3:]
    assert response.headers["X-Total-Count"] == str(len(every_row))


def test_offset_behind_the_last_row_is_empty_and_leads_back(client: FlaskClient) -> None:
    response = client.get(f"{QUERY}&limit=5&offset=1000", headers=JSON)
    assert rows(response) == []
    assert links(response)["prev"] == links(response)["last"]
    page = client.get(f"{QUERY}&limit=5&offset=1000", headers=HTML)
    assert 'rel="last nofollow"' in page.text


def test_a_page_has_links_for_people(client: FlaskClient, every_row: list[object]) -> None:
    page = client.get(f"{QUERY}&limit=2", headers=HTML).text
    assert page.count('<tr role="row">') == 3
    assert f"{len(every_row)} rows" in page
    (href,) = re.findall(r'<a href="([^"]*)" rel="next nofollow">the next</a>', page)
    assert client.get(href.replace("&amp;", "&"), headers=HTML).text.count('<tr role="row">') == 3
    assert 'nofollow">the' not in client.get(QUERY, headers=HTML).text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "-1", "10001", "ten", "1" * 5000)),
        *(("offset", value) for value in ("-1", "1.5", "٣", "9" * 20)),
    ],
)
def test_a_wrong_number_names_parameter_type_and_example(client: FlaskClient, name: str, value: str) -> None:
    response = client.get("/query/events-without-date", query_string={name: value}, headers=CSV)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    problem = json.loads(response.text)
    assert problem["parameter"] == name
    assert problem["type_expected"].startswith("integer (")
    assert problem["example"].isdigit()
    assert (
        client.get("/query/events-without-date", query_string={name: value}, headers=HTML).status_code == 400
    )


def test_limit_twice_is_a_400(client: FlaskClient) -> None:
    response = client.get(f"{QUERY}&limit=1&limit=2", headers=CSV)
    assert response.status_code == 400
    assert json.loads(response.text)["parameter"] == "limit"


def test_a_repeated_parameter_says_its_type_and_example(client: FlaskClient) -> None:
    response = client.get("/query/plans-valid-on-date?asOf=2023-07-01&asOf=2024-07-01", headers=CSV)
    problem = json.loads(response.text)
    assert (problem["parameter"], problem["type_expected"], problem["example"]) == (
        "asOf",
        "date",
        "2023-07-01",
    )


def test_an_unknown_format_names_those_that_there_are(client: FlaskClient) -> None:
    problem = json.loads(client.get(f"{QUERY}&format=ods", headers=CSV).text)
    assert problem["parameter"] == "format"
    assert problem["type_expected"] == "html | json | xml | csv | tsv | xlsx | md"
    assert problem["example"] in problem["type_expected"]
