"""Running a test of the suite: through our endpoint, a real WSGI application, and in the engine itself."""

from pathlib import Path
from typing import Literal as OneOf
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
)
from werkzeug.test import TestResponse

from sikkerby_kg import KnowledgeGraph, Settings
from sikkerby_kg.dataset import union
from sikkerby_kg.errors import SparqlRefusedError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS
from sikkerby_kg.graphs import clauses
from sikkerby_kg.local import LocalStore
from sikkerby_kg.server import create_app
from sikkerby_kg.sparql import check
from tests.conformance.comparing import same, same_csv
from tests.conformance.suite import RESULTS, UT, Case, Expected, expected, graph, read, solutions, store_of

Outcome = OneOf["passed", "failed", "refused"]
"""A test that is refused asks for what our service does not do on purpose: writing, or calling others."""

CONTENT = Path(__file__).parent.parent / "city"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QUERY = "application/sparql-query"
N_TRIPLES = "application/n-triples"
TABULAR = {found.media_type: found.results for found in RESULT_FORMATS}
RDF = {found.media_type: found.rdf for found in RDF_FORMATS}
OK, REDIRECT, CLIENT_ERROR, SERVER_ERROR = 200, 300, 400, 500


def ours(case: Case) -> Outcome:
    """How our endpoint does in a test."""
    if case.kind == "ProtocolTest":
        return _protocol(case)
    if case.kind == "ServiceDescriptionTest":
        return _service_description(case)
    query = case.query_file.read_bytes().decode()
    if "Syntax" in case.kind:
        return _syntax(case, query)
    response = _ask(_client(_store(case, query)), query, case)
    if response.status_code != OK:
        return _outcome(is_right=False, query=query)
    return _outcome(is_right=_is_expected(case, response.data, response.mimetype or ""), query=query)


def _syntax(case: Case, query: str) -> Outcome:
    response = _ask(_client(Store()), query, case)
    if "Negative" in case.kind:
        return _outcome(is_right=response.status_code == CLIENT_ERROR)
    if response.status_code == CLIENT_ERROR and response.json and "line" not in response.json:
        return "refused"  # it parses, but names a function that does not exist
    return _outcome(is_right=response.status_code == OK, query=query)


def engine(case: Case) -> Outcome:
    """How the engine does in a test, without any of our software; protocol tests are not for it."""
    query = case.query_file.read_bytes().decode()
    store = Store() if "Syntax" in case.kind else _store(case, query)
    try:
        found = store.query(query, base_iri=case.query_base)
        if "Syntax" in case.kind:
            return _outcome(is_right="Positive" in case.kind)
        if isinstance(found, QuerySolutions | QueryBoolean):
            written = _format(case)
            media_type = next(name for name, results in TABULAR.items() if results == written)
            return _outcome(is_right=_is_expected(case, found.serialize(format=written) or b"", media_type))
        body = found.serialize(format=RdfFormat.N_TRIPLES) or b""
        return _outcome(is_right=_is_expected(case, body, N_TRIPLES))
    except RuntimeError:  # it parses, but names a function that does not exist
        return _outcome(is_right="Positive" in case.kind)
    except (SyntaxError, ValueError, OSError):
        return _outcome(is_right="Negative" in case.kind)


def _outcome(*, is_right: bool, query: str = "") -> Outcome:
    if is_right:
        return "passed"
    try:
        check(query)
    except SparqlRefusedError:
        return "refused"
    return "failed"


def _store(case: Case, query: str) -> Store:
    """The data of a test, with the graphs that the query names: nothing is fetched while it runs."""
    store = store_of(case.data())
    named = clauses(query, case.query_base)
    for iri in (*named.default, *named.named):
        path = case.manifest.file(NamedNode(iri))
        if path.is_file() and not any(store.quads_for_pattern(None, None, None, NamedNode(iri))):
            store.extend(Quad(q.subject, q.predicate, q.object, NamedNode(iri)) for q in read(path, iri))
    return store


def _client(store: Store, settings: Settings | None = None) -> FlaskClient:
    """A client of our application over a store."""
    graph_ = KnowledgeGraph(find_folders(str(CONTENT)), LocalStore(store, "test"), settings or Settings())
    return create_app(settings, graph_).test_client()


def _ask(client: FlaskClient, query: str, case: Case) -> TestResponse:
    media_type = next(name for name, results in TABULAR.items() if results == _format(case))
    body = f"BASE <{case.query_base}>\n{query}".encode()
    headers = {"Accept": f"{media_type}, {N_TRIPLES}"}
    return client.post("/sparql", data=body, content_type=QUERY, headers=headers)


def _format(case: Case) -> QueryResultsFormat:
    path = case.result_file
    return RESULTS.get(path.suffix if path else "", QueryResultsFormat.JSON)


def _is_expected(case: Case, body: bytes, media_type: str) -> bool:
    path = case.result_file
    assert path is not None
    if path.suffix == ".csv":
        return same_csv(body, path.read_bytes())
    written = TABULAR.get(media_type)
    found: Expected = solutions(body, written) if written else graph(body)
    return same(found, expected(case), lax=case.lax)


# --- Protocol ---------------------------------------------------------------------------------


def _protocol(case: Case) -> Outcome:
    """A protocol test; those that write are refused, which is right where an error is expected."""
    store = Store()
    for found in case.manifest.all(case.node, UT + "graphData"):
        place, label = case.manifest.one(found, UT + "graph"), case.manifest.one(found, RDFS_LABEL)
        assert isinstance(label, Literal)
        path = case.manifest.file(place)
        graph_ = NamedNode(label.value)
        store.extend(Quad(q.subject, q.predicate, q.object, graph_) for q in read(path, label.value))
    store.extend(union(store))  # as every store of ours has it
    client = _client(store)
    for request in case.manifest.list(case.manifest.one(case.action, HT + "requests")):
        response, refused = _send(client, case, request)
        if not _answers(case, request, response):
            return "refused" if refused else "failed"
    return "passed"


RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def _send(client: FlaskClient, case: Case, request: object) -> tuple[TestResponse, bool]:
    """The response to a request of a manifest, and whether it asks for writing."""
    manifest = case.manifest
    path = _text(case, request, HT + "absolutePath")
    body = manifest.one(request, HT + "body")
    headers = {
        _text(case, header, HT + "fieldName"): _text(case, header, HT + "fieldValue")
        for header in manifest.list(manifest.one(request, HT + "headers"))
    }
    data = b""
    if body is not None:
        encoding = _text(case, body, CNT + "characterEncoding")
        data = _text(case, body, CNT + "chars").encode(encoding)
    parts = urlsplit(path)
    response = client.open(
        parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else ""),
        method=_text(case, request, HT + "methodName"),
        data=data,
        headers=headers,
    )
    writes = "update" in headers.get("content-type", "") or b"update=" in data or "update=" in path
    return response, writes


def _text(case: Case, node: object, name: str) -> str:
    found = case.manifest.one(node, name)
    assert isinstance(found, Literal)
    return found.value


def _answers(case: Case, request: object, response: TestResponse) -> bool:
    manifest = case.manifest
    wanted = manifest.one(request, HT + "resp")
    statuses = {str(found)[-4:-1] for found in manifest.all(wanted, MF + "expectedStatus")}
    if f"{response.status_code // 100}xx" not in statuses:
        return False
    truth, kind = manifest.one(wanted, MF + "expectedBoolean"), manifest.one(wanted, MF + "expectedFormat")
    if isinstance(truth, Literal):
        return response.json is not None and response.json["boolean"] is (truth.value == "true")
    if isinstance(kind, Literal):
        return response.mimetype in (RDF if kind.value == "RDF" else TABULAR)
    return True


# --- Service description ----------------------------------------------------------------------

SD = "http://www.w3.org/ns/sparql-service-description#"
ENDPOINT = "https://example.org/sparql"


def _service_description(case: Case) -> Outcome:
    """The three tests of SPARQL 1.1 Service Description, which the manifest describes in words."""
    client = _client(Store(), Settings(public_url=ENDPOINT.removesuffix("/sparql")))
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    store = store_of(parse(response.data, RdfFormat.TURTLE))
    if case.id.endswith("returns-rdf"):
        return _outcome(is_right=response.status_code == OK and len(store) > 0)
    if case.id.endswith("has-endpoint-triple"):
        found = store.quads_for_pattern(None, NamedNode(SD + "endpoint"), NamedNode(ENDPOINT), None)
        return _outcome(is_right=any(found))
    schema = f"""PREFIX sd: <{SD}> ASK {{
        ?s a sd:Service ; sd:endpoint ?e ; sd:defaultDataset ?d .
        ?d a sd:Dataset ; sd:defaultGraph ?g . ?g a sd:Graph
        FILTER NOT EXISTS {{ ?d sd:namedGraph ?n FILTER NOT EXISTS {{ ?n sd:name ?name }} }}
        FILTER NOT EXISTS {{ ?s sd:resultFormat|sd:feature|sd:supportedLanguage ?v FILTER(!isIRI(?v)) }} }}"""
    return _outcome(is_right=bool(store.query(schema)))
