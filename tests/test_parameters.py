"""A parameter takes what fits its type, however it is given, and names itself when it does not."""

import datetime as dt
from decimal import Decimal

import pyoxigraph
import pytest
import rdflib

from sikkerby_kg.errors import ParameterError
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.parameters import TYPES, Parameter

XSD = PREFIXES["xsd"]
LABEL = {"da": "Navn", "en": "Name"}


def parameter(kind: str) -> Parameter:
    return Parameter("it", kind, LABEL, example="E", prefixes={"own": "http://own/"})


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("date", "2024-07-01", f'"2024-07-01"^^<{XSD}date>'),
        ("date", " 2024-07-01 ", f'"2024-07-01"^^<{XSD}date>'),
        ("date", dt.date(2024, 7, 1), f'"2024-07-01"^^<{XSD}date>'),
        ("date", rdflib.Literal(dt.date(2024, 7, 1)), f'"2024-07-01"^^<{XSD}date>'),
        ("dateTime", "2024-07-01T00:00:00Z", f'"2024-07-01T00:00:00Z"^^<{XSD}dateTime>'),
        ("dateTime", dt.datetime(2024, 7, 1), f'"2024-07-01T00:00:00"^^<{XSD}dateTime>'),  # noqa: DTZ001  (no zone meant)
        ("year", "2024", f'"2024"^^<{XSD}gYear>'),
        ("year", 2024, f'"2024"^^<{XSD}gYear>'),
        ("string", ' a "b" \\', '" a \\"b\\" \\\\"'),
        ("string", pyoxigraph.Literal("a"), '"a"'),
        ("language", "EN-gb", '"en-gb"'),
        ("integer", "-7", f'"-7"^^<{XSD}integer>'),
        ("integer", 7, f'"7"^^<{XSD}integer>'),
        ("decimal", "1.50", f'"1.50"^^<{XSD}decimal>'),
        ("decimal", Decimal("1E+3"), f'"1000"^^<{XSD}decimal>'),
        ("decimal", 0.1, f'"0.1"^^<{XSD}decimal>'),
        ("decimal", 3, f'"3"^^<{XSD}decimal>'),
        ("boolean", True, f'"true"^^<{XSD}boolean>'),
        ("boolean", "0", f'"false"^^<{XSD}boolean>'),
        ("iri", "http://e/æ", "<http://e/æ>"),
        ("iri", "<http://e/x>", "<http://e/x>"),
        ("iri", "urn:isbn:1", "<urn:isbn:1>"),
        ("iri", "skos:Concept", f"<{PREFIXES['skos']}Concept>"),
        ("iri", "own:x", "<http://own/x>"),
        ("iri", "theirs:x", "<http://theirs/x>"),
        ("iri", rdflib.URIRef("http://e/x"), "<http://e/x>"),
        ("iri", pyoxigraph.NamedNode("http://e/x"), "<http://e/x>"),
    ],
)
def test_values_that_fit(kind: str, value: object, expected: str) -> None:
    assert str(parameter(kind).term(value, {**PREFIXES, "theirs": "http://theirs/"})) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "2024-02-30"),
        ("date", "2024"),
        ("date", "20240701"),
        ("date", "1. juli 2024"),
        ("date", "2024-07-01T00:00:00"),
        ("date", dt.datetime(2024, 7, 1)),  # noqa: DTZ001
        ("date", 2024),
        ("date", rdflib.URIRef("http://e/x")),
        ("date", ""),
        ("date", None),
        ("date", b"2024-07-01"),
        ("dateTime", "2024-07-01"),
        ("dateTime", "2024-07-01T25:00:00Z"),
        ("year", "24"),
        ("year", "02024"),
        ("string", "\ud800"),
        ("string", ["a"]),
        ("language", "da_DK"),
        ("language", ""),
        ("language", 'da" )'),
        ("integer", "1.0"),
        ("integer", 1.5),
        ("integer", True),
        ("integer", "٣"),
        ("decimal", "1e3"),
        ("decimal", float("nan")),
        ("decimal", float("inf")),
        ("decimal", "."),
        ("boolean", "ja"),
        ("iri", "unknown:x"),
        ("iri", "just words"),
        ("iri", "http://e/> } DROP ALL #"),
        ("iri", "http://e/a b"),
        ("iri", "<relative>"),
        ("iri", ""),
        ("iri", rdflib.Literal("http://e/x")),
        ("iri", pyoxigraph.Literal("http://e/x")),
        ("iri", 'own:x> "'),
    ],
)
def test_values_that_do_not_fit(kind: str, value: object) -> None:
    with pytest.raises(ParameterError, match=rf"^The parameter it cannot be .*type {kind}, such as E\.$"):
        parameter(kind).term(value)


def test_every_type_is_tested() -> None:
    assert set(TYPES) == {
        "date",
        "dateTime",
        "year",
        "string",
        "language",
        "integer",
        "decimal",
        "boolean",
        "iri",
    }


def test_a_parameter_is_required_without_default_unless_optional() -> None:
    assert parameter("date").required
    assert not Parameter("it", "date", LABEL, "E", default="2024-07-01").required
    assert not Parameter("it", "date", LABEL, "E", optional=True).required
