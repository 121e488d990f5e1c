"""A validation says what plain pySHACL says, with messages by language, files and labels."""

import logging
import os
import re
from collections import Counter
from pathlib import Path

import pyshacl
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import RDF, SH, Dataset, Graph, Literal, URIRef
from rdflib.term import Node, Variable

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders, find_folders
from sikkerby_kg.validation import (
    Severity,
    ValidationReport,
    load_shapes,
    read_shapes,
    validate,
    validate_content,
)
from sikkerby_kg.validation.graphs import Converter, FlatGraph, Index, LayeredDataset, Queries
from sikkerby_kg.validation.paths import path_text
from sikkerby_kg.validation.report import ordered
from sikkerby_kg.validation.scope import Source, shape_files
from sikkerby_kg.validation.shapes_graph import TermGraph

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent.parent / "ontology" / "examples"
EX = "https://example.org/"
PREFIXES = """
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix sik: <https://w3id.org/sikkerby-kg/model/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHIP = """
ex:Ship a sh:NodeShape ;
    sh:targetClass ex:Vessel ;
    sh:property ex:Ship-name .
ex:Ship-name a sh:PropertyShape ;
    sh:path ex:name ;
    sh:name "skibets navn"@da , "name of the ship"@en ;
    sh:message "Giv skibet et navn."@da , "Name the ship."@en ;
    sh:minCount 1 .
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PREFIXES + text, encoding="utf-8")
    return path


def checked(tmp_path: Path, shapes: str, data: str) -> ValidationReport:
    """The report on one file of data by one file of shapes."""
    read = read_shapes({"shapes.ttl": write(tmp_path / "shapes.ttl", shapes)})
    return validate([Source("data.ttl", tuple(parse_file(write(tmp_path / "data.ttl", data))))], read)


# --- The same as plain pySHACL ----------------------------------------------------------------


def plain(path: Path) -> Counter[tuple[str, ...]]:
    """What pySHACL finds in plain rdflib graphs with unchanged shapes, the graph-level shapes apart."""
    found: Counter[tuple[str, ...]] = Counter()
    converter = Converter()
    background = [ROOT / "ontology" / "sikkerby.ttl", *(ROOT / "ontology" / "codelists").glob("*.ttl")]
    for shapes_file in shape_files(find_folders(ROOT)):
        wide = shapes_file.stem == "shapes-graphs"
        shapes, data, hierarchy = Graph(), Dataset(default_union=True), Graph()
        for quad in parse_file(shapes_file):
            shapes.add(converter.statement(quad))
        for each in shape_files(find_folders(ROOT)):
            for quad in parse_file(each):
                if quad.predicate.value.endswith("subClassOf"):
                    hierarchy.add(converter.statement(quad))
        target = data if wide else Graph()
        for file in (path, FIXTURES / "world.trig", *background):
            for quad in parse_file(file):
                name = converter.graph_name(quad)
                graph = data.graph(URIRef(str(name))) if wide and name else target
                (data.default_graph if graph is data else graph).add(converter.statement(quad))
        for statement in hierarchy:
            (data.default_graph if wide else target).add(statement)
        report = pyshacl.validate(target, shacl_graph=shapes, advanced=wide, inplace=True)[1]
        found += counted(report)
    return found


def counted(report: Graph) -> Counter[tuple[str, ...]]:
    return Counter(
        tuple(
            str(report.value(each, predicate))
            for predicate in (
                SH.focusNode,
                SH.value,
                SH.resultSeverity,
                SH.sourceConstraintComponent,
                SH.sourceShape,
            )
        )
        for each in report.objects(None, SH.result)
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own Dataset, which only this test uses
@pytest.mark.parametrize("name", ["Strategy", "SourceText", "Period", "UncontradictedGap", "ValueClass"])
def test_the_results_are_those_of_plain_pyshacl(name: str) -> None:
    (path,) = (FIXTURES / name).glob("fail.*")
    background = [
        Source(each.name, tuple(parse_file(each)))
        for each in (
            FIXTURES / "world.trig",
            ROOT / "ontology" / "sikkerby.ttl",
            *(ROOT / "ontology" / "codelists").glob("*.ttl"),
        )
    ]
    report = validate(
        [Source(path.name, tuple(parse_file(path))), *background], load_shapes(find_folders(ROOT))
    )
    ours = Counter(
        (str(each.focus), str(each.value), each.severity.value, each.component, str(each.shape))
        for each in report.results
        if each.component != str(each.shape)  # what no constraint says, but a check of ours
    )
    assert ours
    assert ours == plain(path)


def test_validating_leaves_pyshacl_and_rdflib_as_they_were(tmp_path: Path) -> None:
    from pyshacl import shape  # noqa: PLC0415  (its state before and after)

    before = (Graph.query, Dataset.query, shape.Shape.validate, logging.getLogger("rdflib.term").disabled)
    checked(tmp_path, SHIP, "ex:a a ex:Vessel .")
    assert before == (
        Graph.query,
        Dataset.query,
        shape.Shape.validate,
        logging.getLogger("rdflib.term").disabled,
    )


# --- What a result says -----------------------------------------------------------------------


def test_a_result_carries_everything(tmp_path: Path) -> None:
    (result,) = checked(tmp_path, SHIP, "ex:a a ex:Vessel .").results
    assert result.severity is Severity.VIOLATION
    assert result.focus == URIRef(EX + "a")
    assert (result.path, result.path_iri, result.value) == (f"<{EX}name>", f"{EX}name", None)
    assert result.messages == (("da", "Giv skibet et navn."), ("en", "Name the ship."))
    assert (result.name("da"), result.name("en")) == ("skibets navn", "name of the ship")
    assert (result.shape, result.node_shape) == (URIRef(EX + "Ship-name"), URIRef(EX + "Ship"))
    assert result.component == str(SH.MinCountConstraintComponent)
    assert result.file == "data.ttl"


def test_only_violations_keep_a_graph_from_conforming(tmp_path: Path) -> None:
    for severity, conforms in (("Violation", False), ("Warning", True), ("Info", True)):
        shapes = SHIP + f"ex:Ship-name sh:severity sh:{severity} ."
        report = checked(tmp_path, shapes, "ex:a a ex:Vessel .")
        assert [each.severity for each in report.results] == [Severity[severity.upper()]]
        assert report.conforms is conforms
        assert len(report.of(Severity[severity.upper()])) == 1


def test_results_come_worst_first_and_once(tmp_path: Path) -> None:
    shapes = SHIP + "ex:Boat a sh:NodeShape ; sh:targetClass ex:Vessel ; sh:property ex:Ship-name ."
    report = checked(tmp_path, shapes, "ex:b a ex:Vessel . ex:a a ex:Vessel .")
    assert [str(each.focus)[-1] for each in report.results] == ["a", "b"]
    assert ordered([*report.results, *report.results]) == report.results


QUERY = """
ex: a owl:Ontology ; sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] .
ex:Cargo a sh:NodeShape ;
    sh:targetClass ex:Vessel ;
    sh:message "{$this} vejer {?weight} t, og {?value} bærer {?limit} t."@da ;
    sh:message "{$this} weighs {?weight} t and {?value} carries {?limit} t."@en ;
    sh:sparql [
        sh:prefixes ex: ;
        sh:select \"\"\"
            SELECT $this ?value ?weight ?limit
            WHERE {
                $this ex:crane ?value ; ex:weight ?weight .
                ?value ex:limit ?limit
                FILTER(?weight > ?limit)
            }
        \"\"\"
    ] .
"""


def test_a_message_is_filled_in_in_every_language(tmp_path: Path) -> None:
    """PySHACL itself loses the language of a message with placeholders."""
    data = "ex:a a ex:Vessel ; ex:weight 9 ; ex:crane ex:c , ex:d . ex:c ex:limit 5 . ex:d ex:limit 7 ."
    results = checked(tmp_path, QUERY, data).results
    assert [each.message("da") for each in results] == [
        f"{EX}a vejer 9 t, og {EX}c bærer 5 t.",
        f"{EX}a vejer 9 t, og {EX}d bærer 7 t.",
    ]
    assert results[0].message("en") == f"{EX}a weighs 9 t and {EX}c carries 5 t."
    assert "SELECT $this ?value ?weight" in str(results[0].constraint)


def test_half_a_declaration_of_a_prefix_declares_nothing(tmp_path: Path) -> None:
    data = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/o> sh:declare
    [ sh:prefix "a" ; sh:namespace "https://example.org/" ] ,
    [ sh:namespace "https://example.org/long/" ] , [ sh:prefix "b" ] .
"""
    (tmp_path / "data.ttl").write_text(data, encoding="utf-8")
    source = Source("data.ttl", tuple(parse_file(tmp_path / "data.ttl")))
    assert validate([source], load_shapes(find_folders())).prefixes == {"a": "https://example.org/"}


def test_a_backslash_in_a_value_does_no_harm(tmp_path: Path) -> None:
    """PySHACL takes what fills a placeholder for a replacement pattern."""
    shapes = QUERY.replace("FILTER(?weight > ?limit)", "")
    data = r'ex:a a ex:Vessel ; ex:weight "C:\\new\\1" ; ex:crane ex:c . ex:c ex:limit "\\q" .'
    (result,) = checked(tmp_path, shapes, data).results
    assert result.message("en") == f"{EX}a weighs C:\\new\\1 t and {EX}c carries \\q t."


def test_a_value_without_iri_can_be_wrong(tmp_path: Path) -> None:
    """PySHACL fails when it has to write a message about one."""
    shapes = SHIP.replace("sh:minCount 1", "sh:nodeKind sh:IRI").replace("sh:message", "rdfs:comment")
    (result,) = checked(tmp_path, shapes, "ex:a a ex:Vessel ; ex:name [] .").results
    assert result.message("da") == "sh:NodeKindConstraintComponent"


def test_an_ill_typed_literal_is_a_result_and_not_a_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes = SHIP.replace("sh:minCount 1", "sh:datatype xsd:date")
    (result,) = checked(tmp_path, shapes, 'ex:a a ex:Vessel ; ex:name "2024-02-31"^^xsd:date .').results
    assert str(result.value) == "2024-02-31"
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


def test_lexical_forms_are_validated_as_written(tmp_path: Path) -> None:
    shapes = SHIP.replace("sh:minCount 1", 'sh:pattern "^4$"')
    results = checked(tmp_path, shapes, "ex:a a ex:Vessel ; ex:name 4.0 , 04 , 4 .").results
    assert sorted(str(each.value) for each in results) == ["04", "4.0"]


def test_the_results_inside_a_nested_shape_are_its_detail(tmp_path: Path) -> None:
    shapes = SHIP.replace("sh:minCount 1", "sh:node [ sh:property [ sh:path ex:length ; sh:minCount 1 ] ]")
    (result,) = checked(tmp_path, shapes, "ex:a a ex:Vessel ; ex:name ex:n .").results
    (inner,) = result.detail
    assert (inner.focus, inner.path) == (URIRef(EX + "n"), f"<{EX}length>")


def test_a_message_calls_nodes_without_iri_after_what_they_hang_on(tmp_path: Path) -> None:
    shapes = """
        ex:S a sh:NodeShape ; sh:targetClass ex:Vessel ; sh:message "{?value} is empty."@en ;
            sh:sparql [ sh:select "SELECT $this ?value { $this <https://example.org/part> ?value }" ] .
    """.replace("https://example.org/", EX)
    report = checked(tmp_path, shapes, "ex:a a ex:Vessel ; ex:part [] .")
    (result,) = report.results
    assert result.message("en") == f"{EX}a → {EX}part is empty."


def test_nodes_without_iri_are_called_after_what_they_hang_on(tmp_path: Path) -> None:
    data = 'ex:a skos:prefLabel "Alba"@da ; ex:part [ a ex:Vessel ] .'
    report = checked(tmp_path, SHIP, data)
    (result,) = report.results
    assert report.label(result.focus, "da") == f"Alba → {EX}part"


PATHS = {
    "ex:p": "P",
    "[ sh:inversePath ex:p ]": "^P",
    "( ex:p skos:prefLabel )": "P/skos:prefLabel",
    "[ sh:alternativePath ( ex:p [ sh:inversePath ex:q ] ) ]": "P|^Q",
    "[ sh:zeroOrMorePath ( ex:p ex:q ) ]": "(P/Q)*",
    "[ sh:oneOrMorePath skos:broader ]": "skos:broader+",
    "[ sh:zeroOrOnePath skos:broader ]": "skos:broader?",
    "( [ sh:alternativePath ( ex:p ex:q ) ] ex:r )": "(P|Q)/R",
}


@pytest.mark.parametrize(("turtle", "text"), PATHS.items())
def test_a_path_is_written_as_sparql_writes_it(turtle: str, text: str) -> None:
    graph = TermGraph(parse(f"{PREFIXES} ex:s sh:path {turtle} .".encode(), RdfFormat.TURTLE))
    path = graph.value(NamedNode(EX + "s"), NamedNode(str(SH.path)))
    assert path is not None
    expected = re.sub("[PQR]", lambda match: f"<{EX}{match[0].lower()}>", text)
    assert path_text(graph, path) == expected


# --- What cannot be used ----------------------------------------------------------------------

BROKEN = {
    "is not a term of SHACL": "sh:minCuont 1",
    "has 0 × sh:path": "sh:property [ sh:minCount 1 ]",
    "has 2 × sh:path": "sh:property [ sh:path ex:p , ex:q ]",
    "which is not defined": "sh:node ex:Missing",
    "has the severity": "sh:severity ex:Bad",
    "is not a whole number": "sh:property [ sh:path ex:p ; sh:minCount 'x' ]",
    "the query of ": 'sh:sparql [ sh:select "SELECT $this {" ]',
    "does not parse": 'sh:sparql [ sh:select "SELECT $this { ?x a no:T }" ]',
    "is the text ex:Vessel where an IRI is due": "sh:property [ sh:path ex:p ; sh:class 'ex:Vessel' ]",
    "shapes.ttl:": "sh:property [ sh:path ex:p ; sh:pattern '(a' ]",
    "uses VALUES, which": 'sh:sparql [ sh:select "SELECT $this { VALUES ?x { 1 } }" ]',
    "MINUS": 'sh:sparql [ sh:select "SELECT $this { $this a ?c MINUS { $this a ?d } }" ]',
}


@pytest.mark.parametrize(("problem", "shapes"), BROKEN.items())
def test_shapes_that_cannot_be_used_are_refused_by_name(tmp_path: Path, problem: str, shapes: str) -> None:
    with pytest.raises(ContentError) as caught:
        checked(
            tmp_path, f"ex:S a sh:NodeShape ; sh:targetClass ex:Vessel ; {shapes} .", "ex:a a ex:Vessel ."
        )
    assert "shapes.ttl" in str(caught.value)
    assert problem in str(caught.value)


# --- Which files ------------------------------------------------------------------------------


@pytest.fixture
def harbour(make_root: Path) -> Folders:
    """A root with its own shapes and two files of data that refer to each other."""
    write(make_root / "ontology" / "shapes.ttl", SHIP)
    write(
        make_root / "ontology" / "words.ttl", "ex:words a owl:Ontology . ex:Tug rdfs:subClassOf ex:Vessel ."
    )
    write(
        make_root / "data" / "a.trig",
        'ex:ga { ex:a a ex:Vessel ; ex:meets ex:b . ex:c a ex:Vessel ; skos:prefLabel "C" }',
    )
    write(make_root / "data" / "b.trig", 'ex:gb { ex:b a ex:Vessel ; ex:name "B" . ex:d a ex:Tug }')
    return find_folders(make_root)


def focused(report: ValidationReport) -> list[str]:
    return [str(each.focus).removeprefix(EX) for each in report.results]


def test_without_paths_the_whole_content_is_validated(harbour: Folders) -> None:
    report = validate_content(harbour)
    assert focused(report) == ["a", "c", "d"]
    assert [each.file for each in report.results] == ["data/a.trig", "data/a.trig", "data/b.trig"]
    assert report.files == ("data/a.trig", "data/b.trig", "ontology/words.ttl")
    assert report.label(URIRef(EX + "c"), "da") == "C"


def test_a_file_of_the_content_is_validated_within_it_and_reported_alone(harbour: Folders) -> None:
    """ex:b is named in b.trig, so a.trig does not make it nameless; ex:d is no concern of a.trig."""
    assert focused(validate_content(harbour, [harbour.data / "a.trig"])) == ["a", "c"]
    assert focused(validate_content(harbour, [harbour.data])) == ["a", "c", "d"]


def test_a_result_about_a_value_that_a_file_describes_concerns_the_file(make_root: Path) -> None:
    """The fault is seen from the fleet, but a.trig, which gives the number, does not mention the fleet."""
    shapes = SHIP.replace("sh:path ex:name", "sh:path ex:ship").replace(
        "sh:minCount 1", "sh:nodeKind sh:Literal"
    )
    write(make_root / "ontology" / "shapes.ttl", shapes)
    write(make_root / "data" / "a.trig", "ex:ga { ex:a ex:number 1 }")
    write(make_root / "data" / "b.trig", "ex:gb { ex:b a ex:Vessel ; ex:ship ex:a , ex:c }")
    folders = find_folders(make_root)
    (result,) = validate_content(folders, [folders.data / "a.trig"]).results
    assert (result.focus, result.value) == (URIRef(EX + "b"), URIRef(EX + "a"))


def test_a_file_from_elsewhere_stands_alone_with_the_ontology(harbour: Folders, tmp_path: Path) -> None:
    file = write(tmp_path / "new.ttl", "ex:b a ex:Vessel . ex:e a ex:Tug .")
    report = validate_content(harbour, [file])
    assert focused(report) == ["b", "e"]
    assert report.files == (str(file.resolve()),)


def test_files_from_both_sides_can_be_given_at_once(harbour: Folders, tmp_path: Path) -> None:
    file = write(tmp_path / "new.ttl", "ex:e a ex:Tug .")
    assert focused(validate_content(harbour, [file, harbour.data / "b.trig"])) == ["e", "d"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.nt", f"<{EX}x> <{RDF.type}> <{EX}Vessel> .\n"),
        ("x.nq", f"<{EX}x> <{RDF.type}> <{EX}Vessel> <{EX}g> .\n"),
        ("x.trig", f"<{EX}g> {{ <{EX}x> a <{EX}Vessel> }}"),
        ("x.jsonld", f'{{"@id": "{EX}x", "@type": "{EX}Vessel"}}'),
        (
            "x.rdf",
            f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:ex="{EX}"><ex:Vessel rdf:about="{EX}x"/></rdf:RDF>',
        ),
    ],
)
def test_every_format_that_we_read_can_be_validated(
    harbour: Folders, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert focused(validate_content(harbour, [tmp_path / name])) == ["x"]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("missing.ttl", "missing.ttl does not exist"),
        ("notes.txt", "its suffix must be one of .ttl, .trig"),
        ("empty", "has no files that can be validated"),
        ("nothing.ttl", "nothing.ttl has no statements"),
        ("prefixes.ttl", "prefixes.ttl has no statements"),
        ("imports.ttl", "imports.ttl has only owl:imports"),
        ("wrong.ttl", "wrong.ttl:2:"),
        ("latin.ttl", "latin.ttl:1:"),
        ("nested.ttl", "nested.ttl:2:25: a statement about a statement"),
        ("annotated.ttl", "annotated.ttl:1:73: a statement about a statement"),
    ],
)
def test_what_cannot_be_validated_is_named(harbour: Folders, tmp_path: Path, path: str, problem: str) -> None:
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "empty" / ".hidden").mkdir(parents=True)
    (tmp_path / "empty" / ".hidden" / "x.ttl").write_text("")
    (tmp_path / "nothing.ttl").write_text("")
    (tmp_path / "prefixes.ttl").write_text(PREFIXES + "# nothing yet")
    (tmp_path / "imports.ttl").write_text(f"{PREFIXES}<{EX}o> a owl:Ontology ; owl:imports <{EX}p> .")
    (tmp_path / "wrong.ttl").write_text(f"<{EX}a>\n  {EX} .")
    (tmp_path / "annotated.ttl").write_text(f"<{EX}a> <{EX}b> <{EX}c> {{| <{EX}d> 1 |}} .")
    (tmp_path / "nested.ttl").write_text(f"<{EX}a>\n<{EX}b> <<( <{EX}c> <{EX}d> <{EX}e> )>> .")
    (tmp_path / "latin.ttl").write_bytes(f'<{EX}a> <{EX}b> "Kløvermarken" .'.encode("latin-1"))
    with pytest.raises(ContentError) as caught:
        validate_content(harbour, [tmp_path / path])
    assert problem in str(caught.value)


def test_a_pipe_is_refused_without_waiting_for_what_may_come(tmp_path: Path, city_root: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ttl")
    with pytest.raises(ContentError, match=r"pipe\.ttl is neither a file nor a folder"):
        validate_content(find_folders(city_root), [tmp_path / "pipe.ttl"])


def test_an_emptied_file_of_the_content_is_named(harbour: Folders) -> None:
    (harbour.data / "b.trig").write_text("# gone")
    with pytest.raises(ContentError, match=r"data/b\.trig has no statements"):
        validate_content(harbour)


def test_a_root_without_shapes_is_validated_by_those_of_the_software(city_root: Path) -> None:
    report = validate_content(find_folders(city_root), [])
    shapes = {str(each.shape) for each in report.results}
    assert shapes
    assert all(each.startswith("https://w3id.org/sikkerby-kg/shape/") for each in shapes)
    # the rowing watch is of a class of its own below the model's Initiative
    assert any(str(each.shape).endswith("/Initiative-kind") for each in report.results)


def test_our_own_content_is_right() -> None:
    report = validate_content(find_folders(ROOT))
    assert [(each.file, str(each.focus), each.message("en")) for each in report.of(Severity.VIOLATION)] == []
    assert [(each.file, str(each.focus), each.message("en")) for each in report.of(Severity.WARNING)] == []
    assert all(each.file for each in report.results)


# --- The graphs behind it ---------------------------------------------------------------------


def test_the_quick_graphs_answer_queries_as_rdflib_does() -> None:
    converter, queries = Converter(), Queries({})
    quads = list(parse_file(FIXTURES / "UncontradictedGap" / "pass.trig"))
    flat = Index(converter.statement(quad) for quad in quads)
    named: list[tuple[Node, tuple[Node, Node, Node]]] = []
    for quad in quads:
        name = converter.graph_name(quad)
        assert name is not None
        named.append((name, converter.statement(quad)))
    quick = LayeredDataset(flat, named, queries)
    text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    counts = Counter(str(name) for name, _ in named)
    assert {str(row[Variable("g")]): row[Variable("n")] for row in quick.query(text).bindings} == {
        name: Literal(count) for name, count in counts.items()
    }
    assert len(list(quick.query("SELECT * WHERE { ?s ?p ?o }"))) == len(set(quads))
    assert len(list(FlatGraph(flat).query("SELECT * WHERE { ?s ?p ?o }"))) == len(set(quads))
    assert FlatGraph(flat).query("ASK { ?s ?p ?o }", initNs={"ex": EX}).askAnswer is True
