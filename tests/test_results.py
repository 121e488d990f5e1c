"""Results: typed rows, and serialisations that are those of the standard, byte for byte."""

import datetime as dt
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, cast

import pandas as pd
import pyoxigraph
import pytest
import rdflib
from pyoxigraph import QueryResultsFormat

from sikkerby_kg import KnowledgeGraph, Result, sparql
from sikkerby_kg.errors import MissingPackageError, StoreError, UnknownNameError
from sikkerby_kg.local import LocalStore
from sikkerby_kg.results import OxigraphAnswer, Source

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


@pytest.mark.parametrize("name", ["csv", "tsv", "xml", "json"])
def test_a_result_is_written_directly_and_can_then_be_read(city: KnowledgeGraph, name: str) -> None:
    query = "SELECT ?s ?o { ?s a ?o } ORDER BY ?s ?o"
    result, other = city.sparql(query), city.sparql(query)
    written = result.serialize(name)
    assert result.rows
    assert other.python() == result.python()
    assert result.serialize(name) == written == other.serialize(name)
    assert result == other
    assert hash(result) == hash(other)
    assert result != "something"


def test_a_result_is_asked_for_once_if_it_is_read_once(
    city: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(city.store, LocalStore)
    asked: list[str] = []
    ask = city.store.ask

    def counted(text: str, *rest: Any) -> OxigraphAnswer:
        asked.append(text)
        return ask(text, *rest)

    monkeypatch.setattr(city.store, "ask", counted)
    assert city.sparql("SELECT ?s { ?s a ?o }").serialize("csv").count(b"\n") > 1
    assert list(city.sparql("CONSTRUCT WHERE { ?s a ?o }").triples())
    assert city.sparql("ASK { ?s ?p ?o }").boolean
    assert len(asked) == 3


def test_a_result_may_be_read_in_another_thread(city: KnowledgeGraph) -> None:
    results = [city.sparql("SELECT ?s { ?s a ?o }"), city.sparql("CONSTRUCT WHERE { ?s a ?o }")]
    with ThreadPoolExecutor(1) as pool:
        counted = list(pool.map(len, results))
    assert counted == [len(result) for result in results]
    for result in results:
        assert result.body  # reads the answer that the other thread could not


def test_what_changes_each_time_is_asked_for_once(city: KnowledgeGraph) -> None:
    result = city.sparql("SELECT (STRUUID() AS ?x) (RAND() AS ?y) {}")
    assert result.serialize("csv") == result.serialize("csv")
    assert result.python() == result.python()


def test_a_store_that_fails_while_a_result_is_read_is_an_error_of_ours() -> None:
    class Broken:
        def serialize(self, **_: object) -> bytes:
            raise OSError("gone")

    answer = pyoxigraph.Store().query("SELECT * { ?s ?p ?o }")
    source = Source(answer, lambda: cast("pyoxigraph.QuerySolutions", Broken()), "the folder")
    result = Result.from_source(source)
    source.take()
    with pytest.raises(StoreError, match="the folder"):
        result.serialize("csv")
