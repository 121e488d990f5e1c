"""Both engines, the fast one and pySHACL, on a few lines of shapes and data."""

from pathlib import Path

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.validation import Shapes, ValidationReport, read_shapes, validate
from sikkerby_kg.validation.scope import Source

PREFIXES = """
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EX = "https://example.org/"


def read(tmp_path: Path, shapes: str) -> Shapes:
    path = tmp_path / "shapes.ttl"
    path.write_text(PREFIXES + shapes, encoding="utf-8")
    return read_shapes({"shapes.ttl": path})


def source(tmp_path: Path, data: str) -> Source:
    path = tmp_path / ("data.trig" if "{" in data else "data.ttl")
    path.write_text(PREFIXES + data, encoding="utf-8")
    return Source(path.name, tuple(parse_file(path)))


def both(tmp_path: Path, shapes: str, data: str, *, fall_back: bool = False) -> ValidationReport:
    """The report of the fast engine, which pySHACL's equals."""
    usable, file = read(tmp_path, shapes), source(tmp_path, data)
    fast, reference = validate([file], usable), validate([file], usable, by_reference=True)
    assert set(fast.results) == set(reference.results)
    assert bool(fast.fallbacks) is fall_back
    return fast


def wrong(report: ValidationReport) -> set[str]:
    return {str(each.focus).removeprefix(EX) for each in report.results}
