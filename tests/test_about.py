"""The content says its own base IRI, title and prefixes."""

from pathlib import Path

import pytest

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.errors import ContentError
from sikkerby_kg.namespaces import PREFIXES

RECORD = (
    "<http://e/g> {{ <http://e/{0}> a <http://www.w3.org/ns/dcat#Dataset> ; "
    '<http://rdfs.org/ns/void#uriSpace> "http://e/{0}/" . }}\n'
)


def test_the_record_of_the_dataset(city: KnowledgeGraph) -> None:
    about = city.about
    assert (about.iri, about.base) == ("https://ravnsholm.example/graf/",) * 2
    assert about.title == {"da": "Ravnsholms vagter", "en": "The watches of Ravnsholm"}
    assert about.description["da"].startswith("En opdigtet ø")
    assert about.license == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert about.in_language(about.title, "en") == "The watches of Ravnsholm"
    assert about.in_language(about.title, "fr") == "Ravnsholms vagter"
    assert about.in_language({}, "da") == ""


def test_declared_prefixes_join_the_standard_ones(city: KnowledgeGraph) -> None:
    assert city.prefixes["t"] == "https://ravnsholm.example/graf/ting/"
    assert PREFIXES.items() <= city.prefixes.items()


@pytest.mark.parametrize("names", [(), ("a", "b")])
def test_no_record_or_two_are_refused(make_root: Path, names: tuple[str, ...]) -> None:
    statement = "<http://e/g> { <http://e/x> a <http://e/y> }\n"
    (make_root / "data/a.trig").write_text(statement + "".join(map(RECORD.format, names)), encoding="utf-8")
    graph = open_graph(make_root)
    with pytest.raises(
        ContentError, match=r"dcat:Dataset must have void:uriSpace \(found: (0|http://e/a, http://e/b)\)"
    ):
        _ = graph.base
    assert graph.label("http://e/x") == "http://e/x"


def test_a_record_needs_no_more_than_its_base(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(RECORD.format("a"), encoding="utf-8")
    about = open_graph(make_root).about
    assert (about.base, about.title, about.license) == ("http://e/a/", {}, None)
    assert (about.notes, about.version, about.subjects) == ({}, None, ())


def test_the_record_of_our_own_dataset(graph: KnowledgeGraph) -> None:
    about = graph.about
    assert "reserved, not registered" in about.notes["en"]
    assert about.version
    assert about.subjects
