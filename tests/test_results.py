"""Results: typed rows, and serialisations that are those of the standard, byte for byte."""

import datetime as dt
import pickle
import sys
from decimal import Decimal

import pandas as pd
import pyoxigraph
import pytest
import rdflib
from pyoxigraph import QueryResultsFormat

from sikkerby_kg import KnowledgeGraph, Result, sparql
from sikkerby_kg.errors import MissingPackageError, UnknownNameError

VALUES = """SELECT ?text ?day ?amount ?yes ?iri ?none { VALUES (?text ?day ?amount ?yes ?iri ?none) {
  ("a,\\"b\\"\\n=c"@da "2024-02-29"^^xsd:date 1.50 true <http://e/æ> UNDEF)
  ("" "2023-02-29"^^xsd:date 2 false <http://e/> UNDEF) } }"""


@pytest.fixture
def result(city: KnowledgeGraph) -> Result:
    return city.sparql(VALUES)


def test_rows_are_mappings_of_rdflib_terms(result: Result) -> None:
    row = result.rows[0]
    assert list(row) == ["text", "day", "amount", "yes", "iri", "none"] == list(result.variables)
    assert row["text"] == rdflib.Literal('a,"b"\n=c', lang="da")
    assert row["iri"] == rdflib.URIRef("http://e/æ")
    assert row["none"] is None
    assert row.get("nothing") is None
    with pytest.raises(KeyError):
        row["nothing"]


def test_rows_have_plain_python_values(result: Result) -> None:
    expected = {
        "text": 'a,"b"\n=c',
        "day": dt.date(2024, 2, 29),
        "amount": Decimal("1.50"),
        "yes": True,
        "iri": "http://e/æ",
        "none": None,
    }
    assert result.rows[0].python() == expected
    assert result.python()[1]["day"] == "2023-02-29"
    assert "datetime.date(2024, 2, 29)" in repr(result.rows[0])


def test_a_result_can_be_read_again(result: Result) -> None:
    assert [list(row) for row in result] == [list(row) for row in result]
    assert len(result) == 2
    assert bool(result)


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_serialisations_are_those_of_oxigraph(city: KnowledgeGraph, name: str) -> None:
    query = sparql.with_prefixes(VALUES, city.prefixes)
    answer = pyoxigraph.Store().query(query)
    assert isinstance(answer, pyoxigraph.QuerySolutions)
    wanted = QueryResultsFormat.from_extension(name)
    assert wanted is not None
    assert city.sparql(VALUES).serialize(name) == answer.serialize(format=wanted)


def test_an_ask_is_true_or_false(city: KnowledgeGraph) -> None:
    yes, no = city.sparql("ASK { ?s ?p ?o }"), city.sparql("ASK { ?s ?s ?s }")
    assert (yes.form, yes.boolean, bool(no), len(no), yes.rows) == ("ASK", True, False, 1, ())
    assert yes.serialize("json") == b'{"head":{},"boolean":true}'
    assert b"<boolean>false</boolean>" in no.serialize("xml")


def test_a_construct_is_a_graph(city: KnowledgeGraph) -> None:
    result = city.sparql('CONSTRUCT { <http://e/a> <http://e/p> "é"@da, 1 } { }')
    assert (result.form, len(result), result.variables, result.rows) == ("CONSTRUCT", 2, (), ())
    assert result.to_rdflib().value(rdflib.URIRef("http://e/a"), rdflib.URIRef("http://e/p")) is not None
    for name in result.format_names():
        assert b"http://e/" in result.serialize(name)
    with pytest.raises(UnknownNameError, match="ttl, trig, jsonld"):
        result.serialize("csv")


def test_a_describe_is_a_graph(city: KnowledgeGraph) -> None:
    assert city.sparql("DESCRIBE <https://ravnsholm.example/graf/ting/oil>").boolean
    assert not city.sparql("DESCRIBE <http://e/nothing>").boolean


def test_an_unknown_format_is_named(result: Result) -> None:
    with pytest.raises(UnknownNameError, match="'ttl'; choose one of json"):
        result.serialize("ttl")


def test_a_result_can_be_sent_to_another_process(result: Result) -> None:
    assert result.rows
    copy = pickle.loads(pickle.dumps(result))  # noqa: S301  (our own bytes)
    assert copy == result
    assert copy.python() == result.python()


def test_a_result_goes_to_pandas(result: Result) -> None:
    frame = result.to_pandas()
    assert list(frame.columns) == list(result.variables)
    assert frame["amount"].sum() == Decimal("3.50")
    assert frame["none"].isna().all()
    assert isinstance(frame, pd.DataFrame)


def test_an_empty_result_keeps_its_columns_in_pandas(city: KnowledgeGraph) -> None:
    frame = city.sparql("SELECT ?a ?b { ?a ?a ?b }").to_pandas()
    assert list(frame.columns) == ["a", "b"]
    assert frame.empty


def test_without_pandas_it_is_said_what_to_install(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackageError, match="pip install pandas"):
        result.to_pandas()
