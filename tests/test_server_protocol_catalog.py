"""What the service says of itself to machines, and what can be taken home."""

import re
from collections.abc import Iterable

import pytest
from flask.testing import FlaskClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Store, parse

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.dataset import union
from sikkerby_kg.formats import RDF_FORMATS, Format
from sikkerby_kg.server import create_app

DOCUMENTS = ("/sparql", "/.well-known/void", "/.well-known/sparql-examples", "/catalog")
GAPS = "https://w3id.org/sikkerby-kg/dataset/gaps"
PREFIXES = """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX void: <http://rdfs.org/ns/void#> PREFIX schema: <https://schema.org/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> """


def store_of(client: FlaskClient, path: str, name: str = "ttl") -> Store:
    """The statements of a document."""
    found = next(candidate for candidate in RDF_FORMATS if candidate.name == name)
    response = client.get(path, headers={"Accept": found.media_type})
    assert (response.status_code, response.mimetype) == (200, found.media_type)
    store = Store()
    assert found.rdf is not None
    store.extend(parse(response.data, found.rdf))
    return store


def holds(store: Store, pattern: str) -> bool:
    return bool(store.query(PREFIXES + f"ASK {{ {pattern} }}"))


def values(store: Store, query: str) -> list[str]:
    return [row[0].value for row in store.query(PREFIXES + query)]  # type: ignore[union-attr]


# --- Service description ----------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("found", RDF_FORMATS, ids=lambda f: f.name)
def test_get_description_in_every_format(client: FlaskClient, path: str, found: Format) -> None:
    expected = {str(quad.triple) for quad in store_of(client, path)}
    assert {str(quad.triple) for quad in store_of(client, path, found.name)} == expected
    response = client.get(path, query_string={"format": found.name})
    assert response.mimetype == found.media_type


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/rdf+xml, */*;q=0.1"}])
def test_get_endpoint_without_query_is_its_description(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.get("/sparql", headers=headers)
    assert response.status_code == 200
    assert "sd:Service" in response.text or "#Service" in response.text
    assert "Accept" in response.headers["Vary"]
    assert 'rel="alternate"' in response.headers["Link"]


def test_get_endpoint_without_query_accept_results_is_a_400(client: FlaskClient) -> None:
    assert client.get("/sparql", headers={"Accept": "text/csv"}).status_code == 400


def test_get_endpoint_accept_html_is_a_page(client: FlaskClient) -> None:
    assert client.get("/sparql", headers={"Accept": "text/html, */*;q=0.8"}).mimetype == "text/html"


def test_service_says_where_it_is_and_what_it_can(client: FlaskClient, graph: KnowledgeGraph) -> None:
    store = store_of(client, "/sparql")
    assert holds(
        store,
        """?s a sd:Service ; sd:endpoint <http://localhost/sparql> ; sd:supportedLanguage sd:SPARQL11Query ;
        sd:feature sd:UnionDefaultGraph ; sd:defaultDataset/sd:defaultGraph/void:triples ?n ;
        sd:resultFormat <http://www.w3.org/ns/formats/SPARQL_Results_JSON>""",
    )
    named = values(store, "SELECT ?g { ?d sd:namedGraph/sd:name ?g } ORDER BY ?g")
    asked = graph.sparql("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g")
    assert named == [str(row["g"]) for row in asked]


def test_service_announces_every_limit(graph: KnowledgeGraph) -> None:
    settings = Settings(query_seconds=7.5, result_rows=11)
    store = store_of(create_app(settings, graph).test_client(), "/sparql")
    names = values(store, "SELECT ?n { ?s a sd:Service ; schema:additionalProperty/schema:name ?n }")
    assert {"query_seconds", "query_megabytes", "result_rows", "query_length", "queue"} <= set(names)


def test_public_address_stands_in_the_description(graph: KnowledgeGraph) -> None:
    here = KnowledgeGraph(graph.folders, graph.store, Settings(public_url="https://example.org/kg"))
    store = store_of(create_app(graph=here).test_client(), "/kg/sparql")
    assert holds(store, "?s sd:endpoint <https://example.org/kg/sparql>")


# --- VoID, DCAT and examples ------------------------------------------------------------------


def test_void_counts_what_the_graph_holds(client: FlaskClient, graph: KnowledgeGraph) -> None:
    store = store_of(client, "/.well-known/void")
    everything = len(graph.sparql("SELECT DISTINCT * { ?s ?p ?o }"))
    dataset = f"<{graph.about.iri}>"
    assert values(store, f"SELECT ?n {{ {dataset} void:triples ?n }}") == [str(everything)]
    strategies = len(graph.sparql("SELECT DISTINCT ?s { ?s a sik:Strategy }"))
    found = values(
        store,
        f"SELECT ?n {{ {dataset} void:classPartition [ void:class <{graph.prefixes['sik']}Strategy> ; "
        "void:entities ?n ] }",
    )
    assert found == [str(strategies)]
    replaced = len(graph.sparql("SELECT DISTINCT * { ?s dct:replaces ?o }"))
    found = values(
        store,
        f"SELECT ?n {{ {dataset} void:propertyPartition [ void:property dct:replaces ; void:triples ?n ] }}",
    )
    assert found == [str(replaced)]


def test_void_says_what_classes_a_property_connects(client: FlaskClient, graph: KnowledgeGraph) -> None:
    store = store_of(client, "/.well-known/void")
    sik = graph.prefixes["sik"]
    assert holds(
        store,
        f"""?d void:classPartition [ void:class <{sik}Strategy> ; void:propertyPartition
        [ void:property <{sik}hasPrinciple> ; void:classPartition [ void:class <{sik}Principle> ] ] ]""",
    )


def test_every_dump_that_is_announced_is_there(client: FlaskClient) -> None:
    store = store_of(client, "/.well-known/void")
    dumps = values(store, "SELECT ?f { ?d void:dataDump ?f }")
    assert len(dumps) == len(RDF_FORMATS)
    for address in dumps:
        assert client.get(address.removeprefix("http://localhost")).status_code == 200


def test_catalogue_has_what_dcat_ap_dk_demands(client: FlaskClient) -> None:
    store = store_of(client, "/catalog")
    for lang in ("da", "en"):
        assert holds(
            store,
            f"""?c a dcat:Catalog ; dct:title ?t ; dct:description ?x ; dct:publisher ?p ; dcat:dataset ?d .
            ?p a foaf:Agent ; foaf:name ?name . ?d a dcat:Dataset ; dct:title ?dt ; dct:description ?dx .
            FILTER(LANG(?t) = "{lang}" && LANG(?x) = "{lang}")
            FILTER(LANG(?dt) = "{lang}" && LANG(?dx) = "{lang}")""",
        )
    assert holds(store, "?d dcat:distribution [ a dcat:Distribution ; dcat:accessURL ?u ; dct:license ?l ]")
    assert holds(store, "?s a dcat:DataService ; dcat:endpointURL <http://localhost/sparql> ; dct:title ?t")
    assert holds(store, "?d dcat:theme ?theme ; dcat:keyword ?k ; dct:language ?l ; dct:issued ?i")


def test_every_saved_query_is_an_example_that_runs(client: FlaskClient, graph: KnowledgeGraph) -> None:
    store = store_of(client, "/.well-known/sparql-examples")
    rows = values(store, "SELECT ?text { ?q a sh:SPARQLExecutable ; sh:prefixes ?p ; sh:select ?text }")
    assert len(rows) == len(graph.queries)
    assert not any("#+" in row for row in rows)
    assert client.get("/sparql", query_string={"query": rows[0]}).status_code == 200
    assert holds(
        store, "?q sh:parameter [ sh:name ?n ; sh:datatype ?d ; sh:defaultValue ?v ; sh:optional true ]"
    )
    prefixes = values(store, "SELECT ?p { ?d sh:declare [ sh:prefix ?p ; sh:namespace ?n ] }")
    assert set(prefixes) == set(graph.prefixes)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_another_city_describes_itself(city_client: FlaskClient, path: str) -> None:
    assert len(store_of(city_client, path)) > 5
    assert b"sikkerby-kg/dataset" not in city_client.get(path).data


# --- Downloads --------------------------------------------------------------------------------


def canonical(quads: Iterable[Quad]) -> set[str]:
    """Statements whose blank nodes have labels that follow from the statements."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(map(str, dataset))


@pytest.mark.parametrize("found", RDF_FORMATS, ids=lambda f: f.name)
def test_download_everything(client: FlaskClient, graph: KnowledgeGraph, found: Format) -> None:
    response = client.get(f"/dataset.{found.name}")
    assert (response.status_code, response.mimetype) == (200, found.media_type)
    assert f"dataset.{found.name}" in response.headers["Content-Disposition"]
    assert found.rdf is not None
    quads = list(graph.store.quads())
    expected = canonical(quads if found.keeps_graphs else union(quads))
    assert canonical(parse(response.data, found.rdf)) == expected


def test_download_graph_without_and_with_its_sources(client: FlaskClient, graph: KnowledgeGraph) -> None:
    sentence = graph.sparql(
        "SELECT ?g { ?g a sik:StatementGraph ; prov:wasDerivedFrom/a sik:Passage } ORDER BY ?g LIMIT 1"
    )
    name = str(next(iter(sentence))["g"])
    alone = client.get("/graph.nt", query_string={"iri": name})
    count = len(graph.sparql(f"SELECT * {{ GRAPH <{name}> {{ ?s ?p ?o }} }}"))
    assert len(list(parse(alone.data, RdfFormat.N_TRIPLES))) == count
    whole = client.get("/graph.trig", query_string={"iri": name})
    graphs = {quad.graph_name.value for quad in parse(whole.data, RdfFormat.TRIG)}
    assert name in graphs
    assert len(graphs) > 1
    assert b"keyPhrase" in whole.data


@pytest.mark.parametrize("iri", ["", "no iri", "http://example.org/unknown", "<x>"])
def test_download_unknown_graph_is_a_404(client: FlaskClient, iri: str) -> None:
    response = client.get("/graph.ttl", query_string={"iri": iri}, headers={"Accept": "application/json"})
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_page_of_downloads_lists_every_graph_in_every_format(
    client: FlaskClient, graph: KnowledgeGraph
) -> None:
    page = client.get("/downloads").text
    names = {quad.graph_name for quad in graph.store.quads()}
    assert len(set(re.findall(r'href="(/graph\.[^"]+)"', page))) == len(names) * len(RDF_FORMATS)
    for found in RDF_FORMATS:
        assert f'href="/dataset.{found.name}"' in page
    for path in DOCUMENTS:
        assert f'href="{path}' in page
    assert 'href="/downloads"' in client.get("/").text


# --- In the graph itself ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(graph: KnowledgeGraph) -> KnowledgeGraph:
    """The graph as it is served: it describes itself."""
    found = open_graph(graph.folders.root, "memory")
    found.describe_itself()
    return found


def test_served_graph_holds_prefixes_and_saved_queries(served: KnowledgeGraph) -> None:
    found = served.sparql("SELECT ?p { ?d sh:declare [ sh:prefix ?p ; sh:namespace ?n ] }")
    assert {str(row["p"]) for row in found} == set(served.prefixes)
    found = served.sparql("SELECT ?text { ?q a sh:SPARQLExecutable ; rdfs:comment ?c ; sh:select ?text }")
    assert len({str(row["text"]) for row in found}) == len(served.queries)


def test_description_stands_in_a_described_graph(served: KnowledgeGraph) -> None:
    query = f"<{served.base}query/plans-replaced>"
    graph = f"GRAPH ?g {{ ?g a sik:StatementGraph ; dct:type ?origin . {query} ?p ?o }}"
    assert served.sparql(f"ASK {{ {graph} ?origin a skos:Concept }}").boolean


def test_description_changes_no_answer_of_a_saved_query(
    served: KnowledgeGraph, graph: KnowledgeGraph
) -> None:
    for name in graph.queries:
        assert served.query(name).body == graph.query(name).body, name
