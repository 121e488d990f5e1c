"""Terms keep their value between Oxigraph, rdflib, Python and the text of a query."""

import datetime as dt
from decimal import Decimal

import pyoxigraph
import pytest
import rdflib
from hypothesis import given, strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.terms import to_python, to_rdflib, to_sparql

XSD = PREFIXES["xsd"]
HOSTILE = [
    '" } DROP ALL #',
    "\\",
    "\\u0022",
    "\\\\u0022 }",
    "\\U00000022",
    "'''\"\"\"",
    "a\nb\r\nc\td",
    "\x00\x07\x7f\ufffe",
    "{?s ?p ?o}",
    "?day $day",
    "æøå 😀",
    "",
]


def typed(value: str, name: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD + name))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (NamedNode("http://e/x"), "http://e/x"),
        (BlankNode("b"), "_:b"),
        (Literal("a"), "a"),
        (Literal("a", language="da"), "a"),
        (typed("7", "positiveInteger"), 7),
        (typed("1.50", "decimal"), Decimal("1.50")),
        (typed("1e3", "double"), 1000.0),
        (typed("0", "boolean"), False),
        (typed("2024-02-29", "date"), dt.date(2024, 2, 29)),
        (typed("2024-02-29T01:02:03Z", "dateTime"), dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC)),
        (typed("2024", "gYear"), 2024),
        (typed("2023-02-29", "date"), "2023-02-29"),
        (typed("many", "integer"), "many"),
        (typed("many", "decimal"), "many"),
        (typed("perhaps", "boolean"), "perhaps"),
        (typed("x", "hexBinary"), "x"),
        (None, None),
    ],
)
def test_python_values(term: Literal | None, expected: object) -> None:
    assert to_python(term) == expected
    assert type(to_python(term)) is type(expected)


def test_rdflib_terms_keep_their_text() -> None:
    assert to_rdflib(NamedNode("http://e/x")) == rdflib.URIRef("http://e/x")
    assert to_rdflib(BlankNode("b")) == rdflib.BNode("b")
    assert to_rdflib(Literal("a")) == rdflib.Literal("a")
    assert to_rdflib(Literal("a", language="da")) == rdflib.Literal("a", lang="da")
    assert str(to_rdflib(typed("007", "integer"))) == "007"


def test_rdflib_has_no_triple_terms() -> None:
    node = NamedNode("http://e/x")
    with pytest.raises(TypeError):
        to_rdflib(Triple(node, node, node))


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_stays_a_value_in_both_engines(value: str) -> None:
    """One engine replaces backslash-u in the whole text before it reads it, the other within strings."""
    query = f"SELECT ({to_sparql(Literal(value))} AS ?x) {{}}"
    (solution,) = pyoxigraph.Store().query(query)  # type: ignore[misc]  # a SELECT
    assert solution["x"].value == value
    if "\x00" not in value:
        (row,) = rdflib.Graph().query(query)
        assert str(row[0]) == value  # type: ignore[index]  # a SELECT


@given(st.text())
def test_any_value_stays_a_value(value: str) -> None:
    (solution,) = pyoxigraph.Store().query(f"SELECT ({to_sparql(Literal(value))} AS ?x) {{}}")  # type: ignore[misc]
    assert solution["x"].value == value
