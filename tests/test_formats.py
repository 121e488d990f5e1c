"""Formats are found by name and chosen by Accept header."""

import time

import pytest

from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, negotiate, rdf_format, result_format


@pytest.mark.parametrize(
    ("name", "expected"), [("xml", "rdf"), (".ttl", "ttl"), ("JSONLD", "jsonld"), ("nq", "nq")]
)
def test_graph_formats_by_name(name: str, expected: str) -> None:
    assert rdf_format(name).name == expected


def test_an_unknown_format_names_the_known() -> None:
    with pytest.raises(UnknownNameError, match="choose one of json, xml, csv, tsv"):
        result_format("docx")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "ttl"),
        ("", "ttl"),
        ("*/*", "ttl"),
        ("application/trig", "trig"),
        ("text/html, application/ld+json;q=0.9", "jsonld"),
        ("application/n-triples;q=0.2, application/rdf+xml;q=0.8", "rdf"),
        ("text/turtle;q=0, */*;q=0.1", "trig"),
        ("application/*", "trig"),
        ("TEXT/TURTLE; charset=utf-8", "ttl"),
        ("application/json", "jsonld"),
        ("text/html", None),
        ("text/turtle;q=0", None),
        ("text/turtle;q=nonsense", None),
        (";;,,", None),
    ],
)
def test_negotiation(accept: str | None, expected: str | None) -> None:
    chosen = negotiate(accept, RDF_FORMATS)
    assert (chosen.name if chosen else None) == expected


def test_negotiation_with_nothing_to_offer() -> None:
    assert negotiate(None, ()) is None


def test_names_and_media_types_are_unique() -> None:
    for formats in (RDF_FORMATS, RESULT_FORMATS):
        assert len({f.name for f in formats}) == len({f.media_type for f in formats}) == len(formats)


def test_negotiate_understands_the_client_of_old_java() -> None:
    accept = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
    assert negotiate(accept, RESULT_FORMATS) is RESULT_FORMATS[0]
    assert negotiate("text/csv;q=.2, application/xml;q=.3", RESULT_FORMATS) is RESULT_FORMATS[1]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('text/turtle;p="a,application/trig", application/n-quads;q=0.5', "ttl"),
        ('application/n-quads;q=0.5;p="a\\",b", application/trig;q=0.6', "trig"),
        ('application/trig;p="never closed, text/turtle', "trig"),
        ('application/trig;p="\\', "trig"),
        (",,application/trig,,", "trig"),
    ],
)
def test_separators_in_quoted_strings_separate_nothing(header: str, name: str) -> None:
    chosen = negotiate(header, RDF_FORMATS)
    assert chosen is not None
    assert chosen.name == name


@pytest.mark.parametrize("piece", ["a", " ", '"', '"\\'])
def test_a_long_header_takes_time_in_proportion_to_its_length(piece: str) -> None:
    start = time.process_time()
    negotiate("x/y," + piece * (250_000 // len(piece)), RDF_FORMATS)
    assert time.process_time() - start < 8, "it took 14 seconds"
