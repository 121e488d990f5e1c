"""SPARQL 1.1 Protocol to the letter: datasets, methods, media types, encodings, origins and addresses."""

import json
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

QUERY = "application/sparql-query"
FORM = "application/x-www-form-urlencoded"
UPDATE = "application/sparql-update"
JSON = "application/sparql-results+json"
DEFAULT = "default-graph-uri"
NAMED = "named-graph-uri"
CATALOG = "https://w3id.org/sikkerby-kg/dataset/catalog"
GAPS = "https://w3id.org/sikkerby-kg/dataset/gaps"
UNKNOWN = "http://127.0.0.1:9/unknown"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
IN_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
WAYS = ("get", "form", "form and address", "direct")

Pairs = list[tuple[str, str]]


def ask(client: FlaskClient, way: str, query: str, pairs: Pairs) -> TestResponse:
    """The response to a query with parameters, sent in one of the ways of the protocol."""
    if way == "get":
        return client.get("/sparql?" + urlencode([("query", query), *pairs]))
    if way == "form":
        return client.post("/sparql", data=urlencode([("query", query), *pairs]), content_type=FORM)
    data, content_type = (query, QUERY) if way == "direct" else (urlencode({"query": query}), FORM)
    return client.post("/sparql?" + urlencode(pairs), data=data, content_type=content_type)


def number(response: TestResponse) -> int:
    assert response.status_code == 200, response.text
    assert response.json is not None
    return int(response.json["results"]["bindings"][0]["n"]["value"])


def count(client: FlaskClient, query: str, *pairs: tuple[str, str]) -> int:
    return number(ask(client, "get", query, list(pairs)))


def problem(response: TestResponse, status: int) -> dict[str, object]:
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    found: dict[str, object] = json.loads(response.text)
    return found


@pytest.fixture(scope="module")
def graphs(request: pytest.FixtureRequest) -> list[str]:
    """The names of all graphs."""
    content = request.getfixturevalue("graph")
    found = content.sparql("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g")
    return [str(row["g"]) for row in found]


# --- Datasets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_choose_default_graph_in_every_way(client: FlaskClient, way: str) -> None:
    found = number(ask(client, way, COUNT, [(DEFAULT, CATALOG)]))
    assert found == count(client, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{CATALOG}> {{ ?s ?p ?o }} }}") > 0
    assert number(ask(client, way, IN_NAMED, [(DEFAULT, CATALOG)])) == 0, "no named graph was asked for"


@pytest.mark.parametrize("way", WAYS)
def test_choose_named_graphs_in_every_way(client: FlaskClient, way: str) -> None:
    pairs = [(NAMED, CATALOG), (NAMED, GAPS)]
    parts = [number(ask(client, way, IN_NAMED, [pair])) for pair in pairs]
    assert number(ask(client, way, IN_NAMED, pairs)) == sum(parts)
    assert number(ask(client, way, COUNT, pairs)) == 0, "no default graph was asked for"


def test_choose_both_kinds_of_graphs(client: FlaskClient) -> None:
    query = "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o GRAPH ?g { ?s2 ?p ?o2 } }"
    assert count(client, query, (DEFAULT, CATALOG), (NAMED, GAPS)) > 0


@pytest.mark.parametrize("way", ["request", "query"])
def test_merge_several_default_graphs_without_duplicates(
    client: FlaskClient, graphs: list[str], way: str
) -> None:
    query = "SELECT ?s ?p ?o {} {{ ?s ?p ?o }}"
    chosen = [name for name in graphs if "/statements/" in name][:60]
    if way == "request":
        response = ask(client, "form", query.format(""), [(DEFAULT, name) for name in chosen])
    else:
        response = ask(client, "form", query.format("".join(f"FROM <{name}> " for name in chosen)), [])
    assert response.json is not None
    rows = [json.dumps(row, sort_keys=True) for row in response.json["results"]["bindings"]]
    each = sum(count(client, COUNT, (DEFAULT, name)) for name in chosen)
    assert len(set(rows)) == len(rows) < each, "some statements are in several of them"


def test_all_graphs_named_give_the_default_graph_of_the_service(
    client: FlaskClient, graphs: list[str]
) -> None:
    found = number(ask(client, "form", COUNT, [(DEFAULT, name) for name in graphs]))
    assert found == count(client, COUNT)


def test_request_overrides_the_dataset_of_the_query(client: FlaskClient) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM <{GAPS}> {{ ?s ?p ?o }}"
    assert count(client, query) == count(client, COUNT, (DEFAULT, GAPS))
    assert count(client, query, (DEFAULT, CATALOG)) == count(client, COUNT, (DEFAULT, CATALOG))
    assert count(client, query, (NAMED, CATALOG)) == 0


def test_from_named_in_the_query(client: FlaskClient) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM NAMED <{GAPS}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert count(client, query) == count(client, IN_NAMED, (NAMED, GAPS)) > 0


@pytest.mark.parametrize("name", [UNKNOWN, "file:///etc/hostname", "urn:x"])
@pytest.mark.parametrize("parameter", [DEFAULT, NAMED])
def test_unknown_graph_is_empty(client: FlaskClient, parameter: str, name: str) -> None:
    query = IN_NAMED if parameter == NAMED else COUNT
    assert count(client, query, (parameter, name)) == 0
    assert count(client, query, (parameter, name), (parameter, GAPS)) > 0


@pytest.mark.parametrize("clause", [f"FROM <{UNKNOWN}>", "FROM <file:///etc/hostname>"])
def test_from_unknown_graph_is_empty(client: FlaskClient, clause: str) -> None:
    assert count(client, f"SELECT (COUNT(*) AS ?n) {clause} {{ ?s ?p ?o }}") == 0


def test_relative_graph_and_iri_start_from_the_base_of_the_content(client: FlaskClient) -> None:
    expected = count(client, COUNT, (DEFAULT, GAPS))
    assert count(client, "SELECT (COUNT(*) AS ?n) FROM <dataset/gaps> { ?s ?p ?o }") == expected
    query = "BASE <https://w3id.org/sikkerby-kg/dataset/> SELECT (COUNT(*) AS ?n) FROM <gaps> { ?s ?p ?o }"
    assert count(client, query) == expected
    query = "SELECT (COUNT(*) AS ?n) { <id/strategy/sikker-by-2022-2025> ?p ?o }"
    assert count(client, query) > 0


def test_graph_that_is_no_iri_is_a_400(client: FlaskClient) -> None:
    assert "no scheme" in str(problem(ask(client, "get", COUNT, [(DEFAULT, "no scheme")]), 400)["detail"])


def test_graphs_of_an_update_are_a_400(client: FlaskClient) -> None:
    problem(ask(client, "get", COUNT, [("using-graph-uri", GAPS)]), 400)


def test_answer_on_a_page_keeps_the_graphs_in_the_form(client: FlaskClient) -> None:
    url = "/sparql?" + urlencode({"query": COUNT, DEFAULT: GAPS})
    page = client.get(url, headers={"Accept": "text/html"}).text
    assert f'name="{DEFAULT}" value="{GAPS}"' in page


# --- What cannot be asked ---------------------------------------------------------------------


def test_query_in_address_and_in_body_is_a_400(client: FlaskClient) -> None:
    address = "/sparql?query=" + quote("ASK {}")
    problem(client.post(address, data="ASK {}", content_type=QUERY), 400)
    problem(client.post(address, data="query=ASK{}", content_type=FORM), 400)


def test_query_and_update_together_is_a_400(client: FlaskClient) -> None:
    problem(client.post("/sparql", data={"query": "ASK {}", "update": "CLEAR ALL"}), 400)


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_text_that_is_not_utf_8_is_a_400(client: FlaskClient, way: str) -> None:
    if way == "get":
        problem(client.get("/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%22%FF%22%20%7D"), 400)
    elif way == "form":
        problem(client.post("/sparql", data=b"query=%FF", content_type=FORM), 400)
    else:
        problem(client.post("/sparql", data="ASK {}".encode("utf-16"), content_type=QUERY), 400)


@pytest.mark.parametrize("content_type", [QUERY, FORM])
def test_another_encoding_is_a_400(client: FlaskClient, content_type: str) -> None:
    data = "query=ASK%20%7B%7D" if content_type == FORM else "ASK {}"
    problem(client.post("/sparql", data=data, content_type=content_type + "; charset=UTF-16"), 400)
    good = client.post("/sparql", data=data, content_type=content_type + '; charset="utf-8"')
    assert good.status_code == 200


def test_compressed_body_is_a_415(client: FlaskClient) -> None:
    response = client.post("/sparql", data=b"x", content_type=QUERY, headers={"Content-Encoding": "gzip"})
    problem(response, 415)


def test_form_is_decoded_once(client: FlaskClient) -> None:
    response = ask(client, "form", 'SELECT ("%2B+ &=ø" AS ?n) {}', [])
    assert response.json is not None
    assert response.json["results"]["bindings"][0]["n"]["value"] == "%2B+ &=ø"


def test_too_many_parameters_are_a_400(client: FlaskClient) -> None:
    problem(client.post("/sparql", data="a=1&" * 3000, content_type=FORM), 400)


@pytest.mark.parametrize("query", ["", "   ", "# nothing"])
def test_empty_query_is_a_400(client: FlaskClient, query: str) -> None:
    problem(ask(client, "get", query, []), 400)


def test_syntax_error_is_told_whatever_is_accepted(client: FlaskClient) -> None:
    response = client.get("/sparql?query=SELCT", headers={"Accept": "text/turtle"})
    assert problem(response, 400)["line"] == 1


# --- Methods and origins ----------------------------------------------------------------------


def test_options_says_what_is_allowed(client: FlaskClient) -> None:
    response = client.options("/sparql")
    assert response.status_code in (200, 204)
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(response.headers["Allow"].replace(" ", "").split(","))


def test_head_is_get_without_body(client: FlaskClient) -> None:
    url = "/sparql?query=" + quote("ASK {}")
    got, head = client.get(url), client.head(url)
    assert head.data == b""
    assert head.status_code == 200
    for name in ("Content-Type", "Content-Length", "Vary", "Content-Location"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", ["/sparql?query=ASK%7B%7D", "/sparql?query=x", "/", "/document/no-such"])
def test_every_response_may_be_read_from_any_origin(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Origin": "https://example.org"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_preflight_allows_a_direct_post(client: FlaskClient) -> None:
    headers = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    response = client.options("/sparql", headers=headers)
    assert response.status_code in (200, 204)
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
    assert int(response.headers["Access-Control-Max-Age"]) > 0


# --- Negotiation ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/sparql-results+xml;q=0.4, text/csv;q=0.6", "text/csv"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("text/*", "text/csv"),
        ("text/*;q=0.9, text/csv;q=0.1", "text/tab-separated-values"),
        ('text/csv;header="present", text/html;q=0.1', "text/csv"),
        ("text/csv;header=absent, application/sparql-results+xml;q=0.1", "application/sparql-results+xml"),
        ("text/csv;charset=iso-8859-1, application/sparql-results+xml", "application/sparql-results+xml"),
        (
            'application/x;p="a, text/csv;q=1", application/sparql-results+xml',
            "application/sparql-results+xml",
        ),
        ("*/*", JSON),
    ],
)
def test_accept_chooses(client: FlaskClient, accept: str, expected: str) -> None:
    response = client.get("/sparql?query=" + quote(COUNT), headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, expected)


def test_format_in_the_address_beats_accept(client: FlaskClient) -> None:
    response = ask(client, "get", COUNT, [("format", "tsv")])
    assert response.mimetype == "text/tab-separated-values"


def test_answer_names_its_own_address_and_the_others(client: FlaskClient) -> None:
    response = client.get("/sparql?query=" + quote("ASK {}"), headers={"Accept": "text/csv"})
    again = client.get(response.headers["Content-Location"])
    assert (again.mimetype, again.data) == ("text/csv", response.data)
    assert 'rel="alternate"; type="application/sparql-results+xml"' in response.headers["Link"]
    assert "Accept" in response.headers["Vary"]


def test_not_acceptable_lists_what_there_is(client: FlaskClient) -> None:
    response = client.get("/sparql?query=" + quote("ASK {}"), headers={"Accept": "image/png"})
    assert JSON in str(problem(response, 406)["formats"])
    assert "Accept" in response.headers["Vary"]


def test_reader_who_prefers_data_gets_errors_as_data(client: FlaskClient) -> None:
    accept = {"Accept": "application/sparql-results+json, text/html;q=0.1"}
    problem(client.get("/sparql?query=x", headers=accept), 400)


def test_page_for_solutions_cuts_no_triples(client: FlaskClient) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    accept = {"Accept": "application/n-triples, text/html;q=0.5"}
    response = client.post("/sparql", data=query, content_type=QUERY, headers=accept)
    assert response.data.count(b"\n") == count(client, COUNT)


def test_unknown_function_is_a_400_that_names_it(client: FlaskClient) -> None:
    response = client.get("/sparql?query=" + quote("SELECT (<http://example.org/f>(1) AS ?x) {}"))
    assert "http://example.org/f" in str(problem(response, 400)["detail"])


# --- Bytes ------------------------------------------------------------------------------------

VALUES = """SELECT ?a ?b { VALUES (?a ?b) {
  (<http://example.org/x> "say \\"hi\\"") ("a,b" UNDEF) ("line\\nbreak"@en "") (4 4.5) ("t\\tb" true) } }"""


def test_csv_to_the_byte(client: FlaskClient) -> None:
    response = ask(client, "get", VALUES, [("format", "csv")])
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.data == (
        b'a,b\r\nhttp://example.org/x,"say ""hi"""\r\n"a,b",\r\n"line\nbreak",\r\n4,4.5\r\nt\tb,true\r\n'
    )


def test_tsv_to_the_byte(client: FlaskClient) -> None:
    response = ask(client, "get", VALUES, [("format", "tsv")])
    assert response.content_type == "text/tab-separated-values; charset=utf-8"
    assert response.data == (
        b'?a\t?b\n<http://example.org/x>\t"say \\"hi\\""\n"a,b"\t\n"line\\nbreak"@en\t""\n4\t4.5\n'
        b'"t\\tb"\ttrue\n'
    )
