"""SPARQL-based constraints and targets: the focus node is bound, whether asked one by one or all at once."""

from pathlib import Path

import pytest
from rdflib import Literal

from sikkerby_kg.validation import validate
from sikkerby_kg.validation.found import UnsupportedError
from sikkerby_kg.validation.sparql_text import QueryText
from tests.shacl_engines import EX, both, read, source, wrong

MANY = range(20)
"""More focus nodes than are asked about one by one."""
DATA = " ".join(
    f"ex:n{i} a ex:T ; ex:size {i} ; ex:next ex:n{(i + 1) % 20} , ex:n{(i * 7) % 20} ; ex:name 'n{i % 5}' ."
    for i in MANY
)

SERVING_ALL = {
    "pattern": "SELECT $this ?value { $this ex:size ?value FILTER(?value > 11) }",
    "path": "SELECT $this ?value { $this ex:next/ex:size ?value FILTER(?value > 17) }",
    "alternative": "SELECT DISTINCT $this ?value { $this ex:next|ex:nothing ?value FILTER(?value = $this) }",
    "optional": "SELECT $this { $this a ex:T OPTIONAL { $this ex:next ex:n3 , ?x } FILTER(BOUND(?x)) }",
    "union": "SELECT $this ?value { $this a ex:T { $this ex:size ?value } UNION { ?value ex:next $this } }",
    "not-exists": "SELECT $this { $this ex:size ?s FILTER NOT EXISTS { $this ex:next ex:n5 } }",
    "bind": "SELECT $this ?value { $this ex:size ?s BIND(?s + 1 AS ?value) FILTER(?value < 4) }",
    "group": "SELECT $this (COUNT(?x) AS ?value) { $this ex:next ?x } GROUP BY $this HAVING (COUNT(?x) > 1)",
    "sample": "SELECT $this ?n (COUNT(?x) AS ?value) { $this ex:name ?n . ?x ex:name ?n } GROUP BY $this ?n",
    "join": "SELECT $this ?value { $this ex:name ?n . ?value ex:name ?n FILTER(STR(?value) < STR($this)) }",
    "object": "SELECT $this ?value { ?value ex:next $this . ?value ex:size ?s FILTER(?s > 15) }",
    "predicate": "SELECT $this ?path ?value { $this ?path ?value FILTER(isLiteral(?value)) }",
    "negated": "SELECT $this ?value { $this !(ex:name|ex:next) ?value }",
}
ONE_BY_ONE = {
    "filter": "SELECT $this { ?x ex:next ex:n3 FILTER(?x = $this) }",
    "repeated": "SELECT $this ?value { $this ex:next* ?value FILTER(?value = ex:n2) }",
    "nested": """SELECT $this ?value {
        $this a ex:T { SELECT $this (MAX(?s) AS ?value) { $this ex:size ?s } GROUP BY $this }
    }""",
    "branch": """SELECT $this ?value {
        $this a ex:T { ?value ex:size 3 FILTER(?value != $this) } UNION { ?value ex:size 4 }
    }""",
    "early": "SELECT $this ?value { BIND(STR($this) AS ?value) $this ex:size 4 }",
    "early-optional": "SELECT $this ?value { OPTIONAL { $this ex:nothing ?value } $this ex:size 4 }",
    "limited": "SELECT $this { $this ex:size ?s } LIMIT 1",
    "bound": "SELECT $this { FILTER(BOUND($this)) ?that ex:size 3 FILTER(?that = $this) }",
    "unbound": "SELECT $this { FILTER NOT EXISTS { $this ex:size 3 } }",
}


def declared(query: str, *, more: str = "") -> str:
    """A shape with a query."""
    return f"""ex: a owl:Ontology ; sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}"^^xsd:anyURI ] .
        ex:S a sh:NodeShape ; sh:targetClass ex:T {more} ; sh:message "{{$this}} {{?value}} {{?path}}" ;
            sh:sparql [ sh:prefixes ex: ; sh:select \"\"\"{query}\"\"\" ] ."""


def text(query: str) -> QueryText:
    return QueryText(query, {"ex": EX}, is_bound=True)


@pytest.mark.parametrize("name", SERVING_ALL)
def test_one_run_for_all_focus_nodes_gives_what_pyshacl_gives_for_each(name: str, tmp_path: Path) -> None:
    assert text(SERVING_ALL[name]).serves_all
    assert both(tmp_path, declared(SERVING_ALL[name]), DATA).results


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_a_query_that_depends_on_the_bound_variable_is_asked_for_each_node(name: str, tmp_path: Path) -> None:
    assert not text(ONE_BY_ONE[name]).serves_all
    assert both(tmp_path, declared(ONE_BY_ONE[name]), DATA).results


def test_the_path_and_the_shape_are_filled_in(tmp_path: Path) -> None:
    shapes = (
        declared("SELECT $this { $this a ex:Nothing }")
        + """
        ex:P sh:targetClass ex:T ; sh:path ( ex:next ex:size ) ; sh:sparql [ sh:prefixes ex: ; sh:select
            "SELECT $this ?value { $this $PATH ?value . FILTER(?value > 17 && $currentShape = ex:P) }" ] ."""
    )
    assert {str(each.value) for each in both(tmp_path, shapes, DATA).results} == {"18", "19"}


def test_a_query_may_ask_the_shapes(tmp_path: Path) -> None:
    """SHACL §5.3.1; pySHACL does not do this."""
    asking = "GRAPH $shapesGraph { $currentShape sh:targetClass ex:T }"
    query = f"SELECT $this {{ $this ex:size ?s . {asking} FILTER(?s > 17) }}"
    shapes = declared(query).replace(
        "ex: a", 'ex: sh:declare [ sh:prefix "sh" ; sh:namespace "http://www.w3.org/ns/shacl#" ] ; a'
    )
    report = validate([source(tmp_path, DATA)], read(tmp_path, shapes))
    assert report.fallbacks == ()
    assert wrong(report) == {"n18", "n19"}


def test_a_deactivated_query_is_not_asked(tmp_path: Path) -> None:
    shapes = declared("SELECT $this { $this a ex:T }").replace(
        "sh:prefixes", "sh:deactivated true ; sh:prefixes"
    )
    assert both(tmp_path, shapes, DATA).results == ()


def test_a_focus_node_may_be_a_literal_or_have_no_iri(tmp_path: Path) -> None:
    shapes = declared("SELECT $this ?value { ?value ex:p $this }", more="; sh:targetObjectsOf ex:p")
    report = both(tmp_path, shapes, "ex:a ex:p 1 , 01 , 'x'@da , [ ex:q 1 ] .")
    assert len(report.results) == 4


FALLING_BACK = {
    "sh:select … BIND($this …)": "SELECT $this { BIND($this AS ?that) ?that ex:size 3 }",
    "sh:select … ex:f()": "SELECT $this { $this ex:size ?s FILTER(ex:f(?s)) }",
    'sh:select … REGEX(…, "n(?=3)")': "SELECT $this { $this ex:name ?n FILTER(REGEX(?n, 'n(?=3)')) }",
}


@pytest.mark.parametrize("reason", [each for each in FALLING_BACK if "ex:f" not in each])
def test_a_query_that_oxigraph_would_answer_otherwise_is_left_to_pyshacl(reason: str, tmp_path: Path) -> None:
    report = both(tmp_path, declared(FALLING_BACK[reason]), DATA, fall_back=True)
    assert report.results
    assert [(each.shape, each.reason.replace("'", '"')) for each in report.fallbacks] == [(f"{EX}S", reason)]


REFUSED = {
    "MINUS": "SELECT $this { $this a ex:T MINUS { $this ex:size 3 } }",
    "VALUES": "SELECT $this { VALUES ?x { 3 } $this ex:size ?x }",
    "SERVICE": "SELECT $this { SERVICE ex:s { $this ex:size 3 } }",
    "AS $this": "SELECT (ex:x AS $this) { ?x a ex:T }",
    "0 × $this": "SELECT ?value { ?this ex:size ?value }",
    "SELECT 0 × $this": "SELECT $this { $this a ex:T { SELECT ?x { ?x ex:size 3 } } }",
    "ASK": "ASK { $this a ex:T }",
    "04": "SELECT $this { $this ex:size 04 }",
    '"1"^^ex:int': 'SELECT $this { $this a ex:T FILTER NOT EXISTS { $this ex:size "1"^^ex:int } }',
    "GRAPH": "SELECT $this { GRAPH ?g { { $this a ex:T } } }",
    "ex:f()": FALLING_BACK["sh:select … ex:f()"],
}


@pytest.mark.parametrize("part", REFUSED)
def test_a_query_that_is_not_covered_is_refused_with_the_reason(part: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        text(REFUSED[part])
    assert part in str(caught.value)


NUMBERS = "ex:a a ex:T ; ex:size 04 ; ex:other 4 . ex:b a ex:T ; ex:size '4'^^xsd:byte ; ex:other 5 ."


def test_literals_that_a_store_would_rewrite_come_back_as_they_were_written(tmp_path: Path) -> None:
    shapes = declared("SELECT $this ?value { $this ex:size ?value }")
    report = both(tmp_path, shapes, NUMBERS)
    found = {
        (str(value), str(value.datatype)[33:])
        for each in report.results
        if isinstance(value := each.value, Literal)
    }
    assert found == {("04", "integer"), ("4", "byte")}


def test_literals_are_joined_as_they_were_written(tmp_path: Path) -> None:
    shapes = declared("SELECT $this ?value { $this ex:size ?value ; ex:other ?value }")
    assert both(tmp_path, shapes, NUMBERS).results == ()


def test_a_query_that_compares_such_literals_is_left_to_pyshacl(tmp_path: Path) -> None:
    shapes = declared("SELECT $this ?value { $this ex:size ?value FILTER(?value = 4) }")
    report = both(tmp_path, shapes, NUMBERS, fall_back=True)
    assert "ex" in report.fallbacks[0].reason
    assert wrong(report) == {"a", "b"}


def test_such_literals_elsewhere_do_not_matter(tmp_path: Path) -> None:
    shapes = declared("SELECT $this ?value { $this ex:other ?value FILTER(?value > 4) }")
    assert wrong(both(tmp_path, shapes, NUMBERS)) == {"b"}


def test_a_target_may_ask_the_named_graphs(tmp_path: Path) -> None:
    shapes = f"""ex: a owl:Ontology ; sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}"^^xsd:anyURI ] .
        ex:S a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:prefixes ex: ; sh:select
            "SELECT ?this {{ GRAPH ?this {{ ?x a ex:T }} }}" ] ; sh:class ex:Graph ."""
    report = both(tmp_path, shapes, "ex:g { ex:a a ex:T . ex:h a ex:Graph } ex:h { ex:b a ex:T }")
    assert wrong(report) == {"g"}
