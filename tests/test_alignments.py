"""The alignments can be dropped: without their file nothing is missing but the references themselves."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.checks import load_checks, run_checks
from sikkerby_kg.dataset import parse_file
from sikkerby_kg.namespaces import OWL, PREFIXES, RDF
from tests.running import content_copy

ROOT = Path(__file__).parent.parent
FILE = ROOT / "ontology" / "alignments.ttl"
ALIGNMENTS = "https://w3id.org/sikkerby-kg/model/alignments"


@pytest.fixture(scope="module")
def whole() -> Iterator[KnowledgeGraph]:
    with open_graph(ROOT) as graph:
        yield graph


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    with open_graph(content_copy(tmp_path_factory.mktemp("copy"), "alignments.ttl")) as graph:
        yield graph


def test_only_the_graph_of_the_alignments_goes(whole: KnowledgeGraph, without: KnowledgeGraph) -> None:
    gone = set(whole.store.quads()) - set(without.store.quads())
    named = {quad for quad in gone if not {type(quad.subject), type(quad.object)} - {NamedNode}}
    assert {quad.graph_name for quad in named} == {NamedNode(ALIGNMENTS)}


def test_checks_find_nothing_without_alignments(without: KnowledgeGraph) -> None:
    assert run_checks(without.store, load_checks(without.folders)) == []


def test_nothing_else_refers_to_the_alignments(without: KnowledgeGraph) -> None:
    assert not without.sparql(f"ASK {{ ?s ?p <{ALIGNMENTS}> }}")
    assert not without.sparql(f"ASK {{ <{ALIGNMENTS}> ?p ?o }}")


def test_every_saved_query_gives_the_same_without_alignments(
    whole: KnowledgeGraph, without: KnowledgeGraph
) -> None:
    for name in whole.queries:
        before, after = (Counter(map(repr, graph.query(name).python())) for graph in (whole, without))
        # A list of everything that has a version may name the file itself.
        assert {row for row in before - after if ALIGNMENTS not in row} == set(), name
        assert after - before == Counter(), name


def test_alignments_entail_nothing() -> None:
    """They only point and explain: no relation in them lets anything follow."""
    quads = [quad for quad in parse_file(FILE) if quad.subject != NamedNode(ALIGNMENTS)]
    assert {quad.predicate.value for quad in quads} == {
        f"{PREFIXES['rdfs']}seeAlso",
        f"{PREFIXES['skos']}note",
    }


def test_alignments_speak_of_our_terms_and_point_elsewhere() -> None:
    declared = {
        quad.subject
        for path in (ROOT / "ontology").rglob("*.ttl")
        for quad in parse_file(path)
        if quad.predicate.value == RDF.type and quad.object != NamedNode(OWL.Ontology)
    }
    for quad in parse_file(FILE):
        if quad.predicate.value == f"{PREFIXES['rdfs']}seeAlso":
            assert quad.subject in declared
            assert isinstance(quad.object, NamedNode)
            assert not quad.object.value.startswith("https://w3id.org/sikkerby-kg/")
