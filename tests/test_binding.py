"""Parameters become terms wherever a variable may stand, in both engines."""

import pyoxigraph
import pytest
import rdflib
from pyoxigraph import Literal, NamedNode

from sikkerby_kg.binding import bind, hidden_in_iris, uses
from sikkerby_kg.lexer import Tokens

E = "http://e/"
DATA = f"""
<{E}a> <{E}part> <{E}b> . <{E}b> <{E}part> <{E}c> . <{E}c> <{E}size> 3 .
<{E}a> <{E}name> "anna"@da . <{E}b> <{E}name> "bo"@da . <{E}c> <{E}size> 5 .
"""
A, C, PART = NamedNode(E + "a"), NamedNode(E + "c"), NamedNode(E + "part")


def roles(query: str, *names: str) -> list[str]:
    return [use.role for use in uses(Tokens(query), set(names))]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?x { ?x ?y $p }", ["term"]),
        ("SELECT ?x $p { ?x ?y ?p }", ["projected", "term"]),
        ("SELECT ?x ($p AS ?q) { ?x ?y ?z }", ["term"]),
        ("SELECT (1 AS $p) { }", ["assigned"]),
        ("SELECT * { BIND(1 AS ?p) }", ["assigned"]),
        ("SELECT * { VALUES $p { 1 } }", ["assigned"]),
        ("SELECT * { VALUES (?x $p) { (1 2) } ?x ?y $p }", ["assigned", "term"]),
        ("SELECT * { ?x ?y ?z } VALUES ?p { 1 }", ["assigned"]),
        ("SELECT * { ?x ?y ?z } GROUP BY ($p AS ?q)", ["term"]),
        ("SELECT * { ?x ?y ?z } GROUP BY (1 AS $p)", ["assigned"]),
        ("SELECT * { FILTER(BOUND($p) && BOUND( ?p ) && !BOUND(?q)) }", ["bound", "bound"]),
        ("SELECT * { { SELECT ?x $p { ?x ?y $p } } }", ["nested", "term"]),
        ("SELECT * { ?x ?y ?z } GROUP BY ?x $p HAVING ($p > 1) ORDER BY $p DESC($p) LIMIT 1",
         ["grouped", "term", "ordered", "term"]),
        ("CONSTRUCT { $p a ?x } WHERE { ?x a $p }", ["term", "term"]),
        ("DESCRIBE $p", ["term"]),
        ('SELECT * { ?x ?y "$p" } # $p', []),
        ("SELECT * { ?x <http://e/$p> ?pp }", []),
    ],
)  # fmt: skip
def test_roles(query: str, expected: list[str]) -> None:
    assert roles(query, "p") == expected


CASES: dict[str, tuple[str, NamedNode | Literal, list[str]]] = {
    "a filter": ("SELECT ?x { ?x e:size ?n FILTER(?n>$p) }", Literal(4), ["c"]),
    "an optional part": ("SELECT ?x ?n { ?x e:name ?l OPTIONAL { ?x $p ?n } }", PART, ["a b", "b c"]),
    "the start of a path": ("SELECT ?x { $p e:part+ ?x }", A, ["b", "c"]),
    "the end of a path": ("SELECT ?x { ?x (e:part|e:no)* $p }", C, ["a", "b", "c"]),
    "a sub-query": (
        "SELECT ?x ?n { ?x e:part ?y { SELECT (COUNT(*) AS ?n) { ?z e:part* $p } } }",
        C,
        ["a 3", "b 3"],
    ),
    "a sub-query that shows it": ("SELECT $p ?x { { SELECT $p ?x { ?x e:part $p } } }", C, ["c b"]),
    "the projection": ("SELECT DISTINCT $p ?x { ?x e:part $p }", C, ["c b"]),
    "grouping": (
        "SELECT $p (COUNT(?x) AS ?n) { ?x e:part* $p } GROUP BY $p HAVING(COUNT(?x) > 1)",
        C,
        ["c 3"],
    ),
    "ordering": ("SELECT ?x { ?x e:part ?y } ORDER BY $p DESC($p) ?x", C, ["a", "b"]),
    "a list": ("SELECT ?x { ?x e:size ?n FILTER(?n IN ($p, 7)) }", Literal(5), ["c"]),
    "an expression": ('SELECT (CONCAT(STR($p), "!") AS ?y) { FILTER(BOUND($p)) }', Literal("hej"), ["hej!"]),
    "a language": ("SELECT ?x { ?x e:name ?l FILTER(LANGMATCHES(LANG(?l), $p)) }", Literal("da"), ["a", "b"]),
    "a negation": (
        "SELECT DISTINCT ?x { ?x ?y ?z FILTER NOT EXISTS { ?x e:part $p } MINUS { ?x ?q $p } }",
        C,
        ["a", "c"],
    ),
    "both spellings, no spaces": ("SELECT ?x{?x e:part ?y FILTER(?y=?p||!BOUND($p))}", C, ["b"]),
    "a fallback": ("SELECT (COALESCE($p, 1) AS ?y) { }", Literal(2), ["2"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_parameter_may_be_used_in(case: str) -> None:
    query, term, expected = CASES[case]
    bound = bind(Tokens(f"PREFIX e: <{E}> {query}"), {"p": term})
    store = pyoxigraph.Store()
    store.load(DATA, format=pyoxigraph.RdfFormat.TURTLE)
    answer = store.query(bound)
    assert isinstance(answer, pyoxigraph.QuerySolutions)
    assert sorted(" ".join(value.value.removeprefix(E) for value in row) for row in answer) == expected
    graph = rdflib.Graph().parse(data=DATA, format="turtle")
    rows = [" ".join(str(value).removeprefix(E) for value in row) for row in graph.query(bound)]  # type: ignore[union-attr]
    assert sorted(rows) == expected


def test_the_projection_keeps_its_name() -> None:
    (solution,) = pyoxigraph.Store().query(bind(Tokens("SELECT $p { }"), {"p": A}))  # type: ignore[misc]
    assert solution["p"] == A


def test_variables_without_a_value_stay() -> None:
    query = "SELECT ?x { ?x ?y ?z FILTER(!BOUND($p) || ?z = $p) }"
    assert bind(Tokens(query), {}) == query


def test_other_names_stay() -> None:
    query = "SELECT ?pp { ?pp ?p1 $q }"
    assert bind(Tokens(query), {"p": A}) == query


def test_a_value_is_not_searched_for_other_parameters() -> None:
    bound = bind(Tokens("SELECT ?x { ?x ?y $p, $q }"), {"p": Literal("$q ?q"), "q": Literal("two")})
    assert '"$q ?q"' in bound


def test_an_iri_that_may_be_a_comparison_is_found() -> None:
    query = Tokens("SELECT ?x { ?x ?y ?z FILTER(?z<$p&&?z>2) ?x <http://e/$5> 1 }")
    assert [token.text for token in hidden_in_iris(query, {"p"})] == ["<$p&&?z>"]
