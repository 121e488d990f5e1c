"""A result that is cut is well-formed, has the rows that fit, and says that it was cut."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from itertools import pairwise

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat

from sikkerby_kg.errors import QueryMemoryError, SparqlRefusedError, SparqlSyntaxError
from sikkerby_kg.formats import RDF_FORMATS
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.local import LocalStore
from sikkerby_kg.workers import Answer, InProcess, Limits, Request
from sikkerby_kg.workers.cutting import Sink, row_ends

NASTY = ("a\nb", "c\r\nd", "e}},{f", '"}},{"', 'q"', "back\\", '\\"},{"', "<result>", "</result>", "", "[]}}")
"""Values that look like the end of a row in one format or another."""

PREFIXES = {"e": "http://e/"}
FORMATS = ("json", "xml", "csv", "tsv")


def store(count: int = 0) -> LocalStore:
    """Nasty literals and ``count`` numbers, each in two graphs and, once, in the default graph."""
    oxigraph = pyoxigraph.Store()
    values = [Literal(value) for value in (*NASTY, *range(count))]
    for graph in (NamedNode("http://e/g1"), NamedNode("http://e/g2"), None):
        for place, value in enumerate(values):
            oxigraph.add(Quad(NamedNode(f"http://e/s{place}"), NamedNode("http://e/p"), value, graph))
    oxigraph.add(
        Quad(NamedNode("http://e/x"), NamedNode("http://e/p"), Literal("x"), NamedNode("http://e/g3"))
    )
    return LocalStore(oxigraph, "test")


def answer(query: str, rows: int = 1000, most: int = 1_000_000, **wanted: object) -> Answer:
    limits = Limits(rows=rows, most=most)
    return InProcess(store(wanted.pop("count", 0)), PREFIXES, limits).run(Request(query, **wanted))  # type: ignore[arg-type]


def values(body: bytes, name: str) -> list[str]:
    """The values of a result with one column, read by a parser of somebody else."""
    text = body.decode()
    if name == "json":
        return [row["o"]["value"] for row in json.loads(text)["results"]["bindings"]]
    if name == "xml":
        space = "{http://www.w3.org/2005/sparql-results#}"
        found = ET.fromstring(text).iter(f"{space}literal")  # noqa: S314  (our own)
        return [literal.text or "" for literal in found]
    if name == "csv":
        return [(row or [""])[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    return [str(len(line)) for line in text.split("\n")[1:-1]]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("limit", [1, 3, 8, len(NASTY) - 1])
def test_rows_are_cut_after_whole_ones(name: str, limit: int) -> None:
    whole = answer("SELECT ?o { ?s ?p ?o } ORDER BY ?s", solutions=name)
    cut = answer("SELECT ?o { ?s ?p ?o } ORDER BY ?s", rows=limit, solutions=name)
    assert (whole.truncated, cut.truncated, cut.rows) == ("", "rows", limit)
    assert len(values(whole.body, name)) == len(NASTY)
    assert values(cut.body, name) == values(whole.body, name)[:limit]


@pytest.mark.parametrize("name", FORMATS)
def test_as_many_rows_as_may_be_are_not_cut(name: str) -> None:
    exact = answer("SELECT ?o { ?s ?p ?o }", rows=len(NASTY), solutions=name)
    assert exact.truncated == ""
    assert len(values(exact.body, name)) == len(NASTY)


@pytest.mark.parametrize("name", FORMATS)
def test_bytes_are_cut_after_whole_rows(name: str) -> None:
    query = "SELECT ?o { ?s ?p ?o } ORDER BY ?s"
    whole = values(answer(query, solutions=name, count=2000, rows=10_000).body, name)
    for most in (9_000, 10_001, 10_002, 10_003, 17_000):
        cut = answer(query, most=most, solutions=name, count=2000, rows=10_000)
        if cut.truncated:
            assert cut.truncated == "bytes"
            assert len(cut.body) <= most + 30
        found = values(cut.body, name)
        assert found == whole[: len(found)]
        assert len(found) >= 50


@pytest.mark.parametrize("name", FORMATS)
def test_many_rows_are_counted_across_pieces(name: str) -> None:
    query = "SELECT ?o { ?a ?b ?c . ?s ?p ?o }"
    cut = answer(query, rows=3_000, solutions=name, count=100)
    assert (cut.truncated, cut.rows, len(values(cut.body, name))) == ("rows", 3_000, 3_000)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_row_ends_are_found_whatever_the_pieces(name: str, chunk: int) -> None:
    body = answer("SELECT ?o { ?s ?p ?o } ORDER BY ?s", solutions=name).body
    sink = Sink(name, 1000, 1_000_000)
    for start in range(0, len(body), chunk):
        sink.write(body[start : start + chunk])
    ends = list(row_ends(body, name))
    assert len(ends) == len(NASTY)
    assert all(before < after for before, after in pairwise(ends))
    assert sink.rows >= len(NASTY)


def test_unbound_values_and_no_rows_are_counted() -> None:
    unbound = "SELECT ?o { VALUES ?o { UNDEF 1 UNDEF } }"
    assert answer(unbound, rows=2).body.endswith(b'integer"}}]}}')
    assert answer(unbound, rows=2).truncated == "rows"
    empty = answer("SELECT ?o { ?o <http://e/none> ?x }", rows=1)
    assert (empty.rows, empty.truncated) == (0, "")


@pytest.mark.parametrize("wanted", RDF_FORMATS, ids=lambda f: f.name)
def test_triples_are_cut_and_well_formed(wanted: object) -> None:
    query = "CONSTRUCT WHERE { ?s ?p ?o }"
    name, rdf = wanted.name, wanted.rdf  # type: ignore[attr-defined]
    for rows, most in ((10, 1_000_000), (1_000, 1_000_000), (1_500, 20_000)):
        cut = answer(query, rows=rows, most=most, triples=name, count=1_600)
        found = list(pyoxigraph.parse(cut.body, rdf))
        assert cut.truncated == ("bytes" if most == 20_000 else "rows")
        assert len(found) == cut.rows <= rows
        assert len(cut.body) < most + 30_000


@pytest.mark.parametrize("wanted", RDF_FORMATS, ids=lambda f: f.name)
def test_many_triples_are_all_there(wanted: object) -> None:
    name, rdf = wanted.name, wanted.rdf  # type: ignore[attr-defined]
    found = answer("CONSTRUCT WHERE { ?s ?p ?o }", triples=name, count=1_600, rows=10_000)
    expected = {quad.triple for quad in store(1_600).oxigraph.quads_for_pattern(None, None, None)}
    read = {quad.triple for quad in pyoxigraph.parse(found.body, rdf)}
    assert (found.truncated, found.rows) == ("", len(read))
    assert {(t.subject, t.object) for t in expected} >= {(t.subject, t.object) for t in read}
    assert len(read) == 1_600 + len(NASTY)


def test_few_triples_are_in_order_with_the_prefixes_they_use() -> None:
    found = answer("CONSTRUCT { e:b e:p 1 . e:a e:p 1 } {}").body.decode()
    assert found.startswith("@prefix e: <http://e/>")
    assert found.index("e:a") < found.index("e:b")


def test_one_huge_triple_ends_the_query() -> None:
    big = "CONSTRUCT { e:s e:p ?x } { BIND('" + "a" * 3_000 + "' AS ?x) }"
    with pytest.raises(QueryMemoryError):
        answer(big, most=1_000)


def test_a_graph_counts_once_however_often_it_is_named() -> None:
    count = "SELECT (COUNT(*) AS ?n) {s}".replace("{s}", "{ ?s ?p ?o }")
    both = Graphs(("http://e/g1", "http://e/g2"))
    clause = count.replace("{ ?s", "FROM e:g1 FROM e:g2 { ?s")
    for found in (answer(count, graphs=both), answer(clause), answer(count, graphs=Graphs(("http://e/g1",)))):
        assert f'"value":"{len(NASTY)}"'.encode() in found.body
    assert b'"value":"0"' in answer(count, graphs=Graphs((), ("http://e/g1",))).body
    assert b'"value":"0"' in answer(count, graphs=Graphs(("http://e/unknown",))).body


def test_a_form_without_a_format_is_not_evaluated() -> None:
    found = answer("CONSTRUCT WHERE { ?s ?p ?o }", solutions="csv", triples="")
    assert (found.form, found.format, found.body) == ("CONSTRUCT", "", b"")
    with pytest.raises(SparqlSyntaxError):
        answer("CONSTRUCT WHERE { ?s ?p }", triples="")


def test_a_result_is_read_again() -> None:
    assert len(answer("SELECT * { ?s ?p ?o }").result()) == len(NASTY)
    assert len(answer("CONSTRUCT WHERE { ?s ?p ?o }", triples="nt").result()) == len(NASTY)
    assert answer("ASK {}").result().boolean
    assert list(pyoxigraph.parse(answer("DESCRIBE e:s1").body, RdfFormat.TURTLE))


def test_depth_and_length_are_limited() -> None:
    runner = InProcess(store(), PREFIXES, Limits(depth=5, length=60))
    with pytest.raises(SparqlRefusedError, match="levels deep"):
        runner.run(Request("ASK {{{{{{ }}}}}}"))
    with pytest.raises(SparqlRefusedError, match="characters"):
        runner.run(Request("ASK {}" + " " * 60))
