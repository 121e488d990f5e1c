"""Dumps hold every statement, with graphs where the format has them, and are the same in every process."""

import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from rdflib.compare import isomorphic

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.formats import RDF_FORMATS, rdf_format

WITH_GRAPHS = [f.name for f in RDF_FORMATS if f.keeps_graphs]
WITHOUT = [f.name for f in RDF_FORMATS if not f.keeps_graphs]


def canonical(quads: pyoxigraph.QuadParser) -> pyoxigraph.Dataset:
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def stored(graph: KnowledgeGraph) -> pyoxigraph.Dataset:
    dataset = pyoxigraph.Dataset(graph.store.quads())
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@pytest.mark.parametrize("name", WITH_GRAPHS)
def test_formats_with_graphs_keep_everything(city: KnowledgeGraph, name: str) -> None:
    assert canonical(pyoxigraph.parse(city.dump(name), rdf_format(name).rdf)) == stored(city)


@pytest.mark.parametrize("name", WITHOUT)
def test_formats_without_graphs_keep_every_statement_once(city: KnowledgeGraph, name: str) -> None:
    dumped = canonical(pyoxigraph.parse(city.dump(name), rdf_format(name).rdf))
    assert len(dumped) == len(city.dataset)
    assert len(dumped) < len(stored(city))


def test_rdflib_reads_the_same_turtle(city: KnowledgeGraph) -> None:
    turtle = rdflib.Graph().parse(data=city.dump("ttl"), format="turtle")
    assert isomorphic(turtle, rdflib.Graph().parse(data=city.dump("xml"), format="xml"))


def test_prefixes_are_those_used_in_order(city: KnowledgeGraph) -> None:
    lines = [line for line in city.dump("trig").decode().splitlines() if line.startswith("@prefix")]
    assert lines == sorted(lines)
    assert any(line.startswith("@prefix sik:") for line in lines)
    assert not any(line.startswith("@prefix eli:") for line in lines)


@pytest.mark.parametrize("name", ["trig", "xml"])
def test_another_process_dumps_the_same_bytes(city: KnowledgeGraph, city_root: Path, name: str) -> None:
    code = (
        "import sys; from sikkerby_kg import open_graph as open; dump = open(sys.argv[1]).dump(sys.argv[2])"
    )
    code += "; sys.stdout.buffer.write(dump)"
    run = subprocess.run(
        [sys.executable, "-c", code, city_root, name],
        capture_output=True,
        check=True,
        cwd=city_root.parent.parent,
    )
    assert run.stdout == city.dump(name)


def test_an_unknown_format_is_named(city: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match="'docx'; choose one of ttl, trig"):
        city.dump("docx")
