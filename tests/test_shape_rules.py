"""Shapes as objects: paths, targets and rules, and the place of a property on a page."""

from collections.abc import Iterator

import pytest

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.shape_rules import Path, Shapes, read_shapes

SIK = "https://w3id.org/sikkerby-kg/model/"
SHAPE = "https://w3id.org/sikkerby-kg/shape/"
E = "http://e/"

MADE_UP = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX : <http://e/>
:shapes {
  :first a sh:PropertyGroup ; sh:order 1 . :second a sh:PropertyGroup ; sh:order 2.5 .
  :Boat rdfs:subClassOf :Vessel .
  :Vessel a owl:Class, sh:NodeShape ; sh:property :colour, :owner, :odd, :off .
  :colour sh:path :hasColour ; sh:group :second ; sh:order 2 ; sh:name "farve"@da ; sh:in ( "red" "green" ) .
  :owner sh:path [ sh:inversePath :owns ] ; sh:group :second ; sh:order 1 ; sh:name "ejer"@da, "owner"@en .
  :odd sh:path ( :a [ sh:alternativePath ( :b [ sh:zeroOrMorePath :c ] ) ] ) ;
    sh:or ( [ sh:datatype :D ] [ sh:nodeKind sh:IRI ] ) .
  :off sh:path :unused ; sh:deactivated true .
  :BoatShape a sh:NodeShape ; sh:targetClass :Boat ; sh:closed true ; sh:property :mast .
  :mast sh:path :hasColour ; sh:group :first ; sh:order 7 ; sh:severity sh:Warning ; sh:minCount 1 .
  :loop sh:path :p ; sh:in _:l . _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "x" ;
    <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l .
  :deep a sh:NodeShape ; sh:node :deep .
}
"""


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shapes]:
    """The shapes of boats, in a content of nothing else."""
    root = tmp_path_factory.mktemp("shapes")
    for name in ("ontology", "data", "queries", "web"):
        (root / name).mkdir()
    (root / "data" / "a.trig").write_text(MADE_UP, encoding="utf-8")
    with open_graph(root, "memory") as graph:
        yield read_shapes(graph.store)


def test_a_class_that_is_a_shape_is_its_own_target(shapes: Shapes) -> None:
    assert [shape.iri for shape in shapes.about(f"{E}Vessel")] == [f"{E}Vessel"]
    assert [shape.iri for shape in shapes.about(f"{E}Boat")] == [f"{E}BoatShape"]


def test_a_shape_that_is_off_is_left_out(shapes: Shapes) -> None:
    assert f"{E}off" not in shapes.shapes
    assert f"{E}off" not in {each.iri for each in shapes.shapes[f"{E}Vessel"].properties}


def test_the_nearest_class_decides_where_a_property_stands(shapes: Shapes) -> None:
    assert shapes.places([f"{E}Vessel"])[f"{E}hasColour", False].group == f"{E}second"
    assert shapes.places([f"{E}Boat"])[f"{E}hasColour", False].group == f"{E}first"
    assert shapes.places([f"{E}Boat"])[f"{E}owns", True].rank == (2.5, 1.0)
    assert shapes.places([f"{E}Boat"])[f"{E}owns", True].name == {"da": "ejer", "en": "owner"}
    assert shapes.places([f"{E}Cloud"]) == {}


def test_properties_of_a_shape_come_in_order_of_group_and_order(shapes: Shapes) -> None:
    ends = [each.iri.removeprefix(E) for each in shapes.shapes[f"{E}Vessel"].properties]
    assert ends == ["owner", "colour", "odd"]


def test_a_path_is_read_whole(shapes: Shapes) -> None:
    a, b, c = (Path("property", f"{E}{name}") for name in "abc")
    expected = Path("sequence", parts=(a, Path("alternative", parts=(b, Path("zero_or_more", parts=(c,))))))
    found = shapes.shapes[f"{E}odd"].path
    assert found == expected
    assert found.keys == ()
    alternative = Path("alternative", parts=(a, Path("inverse", parts=(b,))))
    assert alternative.keys == ((f"{E}a", False), (f"{E}b", True))


def test_rules_hold_values_lists_and_shapes(shapes: Shapes) -> None:
    colour, odd, mast = (shapes.shapes[f"{E}{name}"] for name in ("colour", "odd", "mast"))
    assert [(rule.name, [getattr(v, "value", "") for v in rule.values]) for rule in colour.rules] == [
        ("in", ["red", "green"])
    ]
    assert [inner.rules[0].name for inner in odd.rules[0].shapes] == ["datatype", "nodeKind"]
    assert (mast.severity, colour.severity) == ("Warning", "Violation")


def test_a_list_or_a_shape_that_bites_its_tail_ends(shapes: Shapes) -> None:
    assert [getattr(v, "value", "") for v in shapes.shapes[f"{E}loop"].rules[0].values] == ["x"]
    assert shapes.shapes[f"{E}deep"].rules[0].name == "node"


def test_property_is_found_from_its_shapes(shapes: Shapes) -> None:
    found = shapes.along(f"{E}owns")
    assert [(node.iri, each.iri) for node, each in found] == [(f"{E}Vessel", f"{E}owner")]


def test_every_shape_of_ours_is_read(graph: KnowledgeGraph) -> None:
    ours = read_shapes(graph.store)
    query = "SELECT DISTINCT ?s { { ?s a sh:NodeShape } UNION { ?s a sh:PropertyShape } FILTER(isIRI(?s)) }"
    assert {str(row["s"]) for row in graph.sparql(query)} == set(ours.shapes)
    assert all(shape.message for iri, shape in ours.shapes.items() if shape.targets and iri.startswith(SHAPE))
    place = ours.places([f"{SIK}ActionPlan"])
    assert place[f"{SIK}validityPeriod", False].group == f"{SHAPE}group-time"


def test_content_without_shapes_has_none(city: KnowledgeGraph) -> None:
    found = read_shapes(city.store)
    assert found.shapes == {}
    assert found.lineage(["https://ravnsholm.example/graf/ord/RowingWatch"])[1] == f"{SIK}Initiative"
