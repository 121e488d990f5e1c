"""Queries are checked before they run, and errors say where."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from sikkerby_kg import KnowledgeGraph, sparql
from sikkerby_kg.errors import SparqlError, SparqlRefusedError, SparqlSyntaxError


@pytest.mark.parametrize(
    ("query", "line", "column", "message"),
    [
        ("SELECT * {\n ?s ?p ?o .. }", 2, 12, "'.' cannot stand here"),
        ("SELECT ?x {", 1, 12, "ends too early"),
        ("SELECT ?x {\n\n", 1, 12, "ends too early"),
        ("", 1, 1, "ends too early"),
        ("# only a comment", 1, 17, "ends too early"),
        ("SELECT ?x { foo:bar ?y ?z }", 1, 13, "PREFIX foo: <…>"),
        ("SELECT ?x {\n BIND(1 AS ?x)\n BIND(2 AS ?x) }", 3, 16, "'}' cannot stand here"),
        ("SELECT ?x { FILTER(bla(?x)) }", 1, 20, "'bla' cannot stand here"),
        ("SELECT ?x { ?x <a> 1 }", 1, 16, "<a> is not a whole IRI"),
        ('SELECT ?a { ?a ?b "never closed }', 1, 19, "does not end on its line"),
        ("# hi\nSELEC ?a {}", 2, 1, "'SELEC' cannot stand here"),
        ("SELECT ?x WHERE { ?x ?y ?z } LIMT 4", 1, 30, "'LIMT' cannot stand here"),
        ('SELECT ?x { ?x ?y "æøå😀" ] }', 1, 26, "']' cannot stand here"),
        ("SELECT ?x WHERE { ?x ?y ?z FILTER(?x = ) }", 1, 40, "')' cannot stand here"),
        ("SELECT ?x { dct:title ?y sik:Foo . dctt:x ?y ?z }", 1, 36, "prefix dctt: is not declared"),
        ("SELECT (SUM(?x) AS ?y) ?z { ?x ?z ?q }", 1, 39, "neither in GROUP BY nor in"),
        ("SELECT * { ?x ?z ?q } GROUP BY ?x", 1, 34, "SELECT * cannot stand together with GROUP BY"),
        ("SELECT ?x (1 AS ?x) { ?y ?z ?q }", 1, 33, "the same variable twice"),
        ("SELECT * { ?x <http://a.example/b c> ?z }", 1, 15, "<http://a.example/b c> is not an IRI"),
        ("PREFIX a: <b c>\nSELECT * { ?x a:b 'y'^^<z> }", 1, 11, "<b c> is not an IRI"),
        ("BASE <http://a.example/|>\nSELECT * {}", 1, 6, "<http://a.example/|> is not an IRI"),
        ("SELECT * { ?x ?y <http://[::1]/> , <http://[x> }", 1, 36, "<http://[x> is not an IRI"),
        (r"SELECT * { ?x ?y <http://a.example/\u00e6> , <http://a.example/\u00>}", 1, 46, r"\u00> is not an"),
        ("SELECT * { ?x ?y 3 FILTER(?y <3 && ?y > <a>) }", 1, 41, "<a> is not a whole IRI"),
    ],
)
def test_a_syntax_error_says_where(
    city: KnowledgeGraph, query: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(SparqlSyntaxError) as caught:
        city.sparql(query)
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.source == query.split("\n")[line - 1]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o OPTIONAL { service silent ?x { ?s ?p ?o } } }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { { SELECT * { SERVICE<http://127.0.0.1:9/>{} } } } }",
        "SELECT * { #\nSERVICE#\n<http://127.0.0.1:9/> { } }",
        r"SELECT * { SERV\u0049CE <http://127.0.0.1:9/> { } }",
        r"SELECT * { \U00000053ERVICE <http://127.0.0.1:9/> { } }",
        r'SELECT * { ?s ?p "a\u0022 . SERVICE <http://127.0.0.1:9/> { } # " }',
    ],
)
def test_other_services_are_never_called(city: KnowledgeGraph, query: str) -> None:
    with pytest.raises(SparqlRefusedError, match="SERVICE in line"):
        city.sparql(query)


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?s ?p "SERVICE <x> {" } # SERVICE <y> { }',
        "SELECT * { ?service <http://e/SERVICE> ?SERVICE }",
        "PREFIX service: <http://e/> SELECT * { service:service ?p ?o }",
        "SELECT * { ?s ?p '''INSERT''' }",
    ],
)
def test_the_word_itself_does_no_harm(city: KnowledgeGraph, query: str) -> None:
    assert len(city.sparql(query)) == 0


@pytest.mark.parametrize("keyword", sorted(sparql.UPDATES))
def test_updates_are_refused_with_the_next_step(city: KnowledgeGraph, keyword: str) -> None:
    with pytest.raises(SparqlRefusedError, match=rf"^{keyword} would change the graph.*data/\.$"):
        city.sparql(f"# a comment\nPREFIX a: <http://a/>\n{keyword.lower()} data {{ a:b a:c a:d }}")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * " + "{" * 5_000 + "}" * 5_000,
        "SELECT (" + "(" * 20_000 + "1" + ")" * 20_000 + " AS ?x) {}",
        "SELECT (" + "!" * 20_000 + "1 AS ?x) {}",
        "ASK { FILTER(" + "?a||" * 20_000 + "?a) }",
        "SELECT * { " + "?a ?b ?c . " * 50_000 + "}",
        "[" * 200,
    ],
)
def test_what_would_exhaust_the_stack_is_refused(city: KnowledgeGraph, query: str) -> None:
    """Each of these ends the process when it reaches the parser."""
    with pytest.raises(SparqlRefusedError, match="at most"):
        city.sparql(query)


def test_from_does_not_fetch(city: KnowledgeGraph, city_root: Path) -> None:
    file = (city_root / "data" / "harbour.trig").as_uri()
    assert len(city.sparql(f"SELECT * FROM <{file}> {{ ?s ?p ?o }}")) == 0


@pytest.mark.parametrize(
    ("query", "function"),
    [
        ("SELECT (<http://x.example/f>(1) AS ?y) {}", "<http://x.example/f>"),
        ('SELECT (xsd:hexBinary("00") AS ?y) {}', "<http://www.w3.org/2001/XMLSchema#hexBinary>"),
        ("ASK { FILTER(<http://x.example/g>(1, 2)) }", "<http://x.example/g>"),
    ],
)
def test_a_function_that_nobody_has_is_refused_by_name(
    city: KnowledgeGraph, query: str, function: str
) -> None:
    with pytest.raises(SparqlRefusedError) as caught:
        city.sparql(query)
    assert function in str(caught.value)


def test_known_prefixes_need_no_declaration(city: KnowledgeGraph) -> None:
    assert city.sparql("ASK { ?plan a sik:ActionPlan ; skos:prefLabel ?name }")
    assert city.sparql("PREFIX sik: <http://elsewhere/> SELECT * { ?plan a sik:ActionPlan }").rows == ()


def test_a_byte_order_mark_and_windows_lines_are_fine(city: KnowledgeGraph) -> None:
    assert city.sparql("\ufeffASK {\r\n ?s ?p ?o\r\n}")


def test_the_default_graph_is_the_union_without_repetition(city: KnowledgeGraph) -> None:
    """One statement of the city stands in two graphs."""
    statement = "<https://ravnsholm.example/graf/ting/lantern-plan> sik:responsibleActor ?who"
    assert len(city.sparql(f"SELECT ?who {{ {statement} }}")) == 1
    assert len(city.sparql(f"SELECT ?who {{ GRAPH ?g {{ {statement} }} }}")) == 2


@given(st.text(alphabet="SELECT ASK{}()<>?x$y\"'#\\\n.;,:|*+^!&=@_1a"))
def test_whatever_is_asked_is_answered_or_refused(text: str) -> None:
    caught: SparqlError | None = None
    try:
        sparql.check(text)
        sparql.require_syntax(text)
    except SparqlError as error:
        caught = error
    assert caught is None or (str(caught) and caught.text("da"))
