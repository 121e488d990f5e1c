"""One date for all pages: read from the address, kept in every link, refused where it is none."""

import json

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
