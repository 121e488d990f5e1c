"""Every shape is understandable, finds what it is for, and finds nothing in what is right.

ontology/examples/<shape>/pass.* conforms; in fail.* the node ``ex:kind`` or ``ex:kind-…`` breaks the property
shape ``<shape>-kind`` and nothing else, and ``ex:self`` breaks the node shape itself. A comment ``# also:``
names results of other shapes that the same mistake gives.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, SH, Graph, Literal, Namespace, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.term import Node

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.folders import find_folders
from sikkerby_kg.validation import Shapes, ValidationReport, ValidationResult, load_shapes, validate
from sikkerby_kg.validation.examples import examples_of
from sikkerby_kg.validation.graphs import Converter
from sikkerby_kg.validation.scope import Source, shape_files

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent.parent / "ontology" / "examples"
SHAPE = Namespace("https://w3id.org/sikkerby-kg/shape/")
CASE = "https://example.org/case/"
MODEL = "https://w3id.org/sikkerby-kg/model/"
FILES = shape_files(find_folders(ROOT))


def read(*paths: Path) -> Graph:
    """Files in a plain rdflib graph, lexical forms as written."""
    graph, converter = Graph(), Converter()
    for path in paths:
        for quad in parse_file(path):
            graph.add(converter.statement(quad))
    return graph


GRAPH = read(*FILES)
NODE_SHAPES = sorted(str(each)[len(SHAPE) :] for each in GRAPH.subjects(RDF.type, SH.NodeShape))
NAMED = sorted(
    str(each)[len(SHAPE) :]
    for kind in (SH.NodeShape, SH.PropertyShape)
    for each in GRAPH.subjects(RDF.type, kind)
)
FOLDERS = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


def local(node: Node | None) -> str:
    return str(node).removeprefix(str(SHAPE)).removeprefix(CASE)


def fixture(name: str, kind: str) -> Path:
    (path,) = (FIXTURES / name).glob(f"{kind}.*")
    return path


def texts(shape: str, predicate: URIRef) -> dict[str | None, str]:
    found = [each for each in GRAPH.objects(SHAPE[shape], predicate) if isinstance(each, Literal)]
    assert len(found) == len({each.language for each in found})
    return {each.language: str(each) for each in found}


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return load_shapes(find_folders(ROOT))


@pytest.fixture(scope="module")
def world() -> list[Source]:
    """The background of the fixtures: the ontology, its lists of kinds, and a world in which all is right."""
    lists = {
        path.stem
        for path in (ROOT / "ontology" / "codelists").glob("*.ttl")
        if path.stem not in ("aim", "challenge", "target-group")
    }
    paths = [
        ROOT / "ontology" / "sikkerby.ttl",
        *(ROOT / "ontology" / "codelists" / f"{name}.ttl" for name in sorted(lists)),
        FIXTURES / "world.trig",
    ]
    return [
        Source(path.name, tuple(parse_file(path)), is_asked_for=False, is_background=True) for path in paths
    ]


def report(path: Path, world: list[Source], shapes: Shapes) -> ValidationReport:
    return validate([Source(path.name, tuple(parse_file(path))), *world], shapes)


def said(result: ValidationResult) -> str:
    return f"{local(result.focus)} {local(result.shape)}"


# --- The shapes themselves --------------------------------------------------------------------


@pytest.mark.parametrize("shape", NAMED)
@pytest.mark.parametrize("predicate", [SH.name, SH.message, SH.description])
def test_every_shape_has_name_message_and_reason_in_danish_and_english(shape: str, predicate: URIRef) -> None:
    found = texts(shape, predicate)
    assert set(found) == {"da", "en"}
    assert all(text == text.strip() and text for text in found.values())


@pytest.mark.parametrize("shape", NAMED)
def test_every_message_is_a_sentence_with_the_same_placeholders_in_both_languages(shape: str) -> None:
    danish, english = (texts(shape, SH.message)[lang] for lang in ("da", "en"))
    assert danish.endswith(".")
    assert english.endswith(".")
    assert sorted(re.findall(r"\{\W\w+\}", danish)) == sorted(re.findall(r"\{\W\w+\}", english))


@pytest.mark.parametrize("shape", NAMED)
def test_every_shape_has_one_severity(shape: str) -> None:
    (severity,) = GRAPH.objects(SHAPE[shape], SH.severity)
    assert severity in (SH.Violation, SH.Warning, SH.Info)


def test_every_own_class_has_exactly_one_shape_named_after_it() -> None:
    ontology = read(ROOT / "ontology" / "sikkerby.ttl")
    classes = {
        str(each)[len(MODEL) :]
        for each in ontology.subjects(RDF.type, URIRef("http://www.w3.org/2002/07/owl#Class"))
        if str(each).startswith(MODEL)
    }
    for name in classes:
        assert SHAPE[name] in set(GRAPH.subjects(SH.targetClass, URIRef(MODEL + name))), name
        assert list(GRAPH.objects(SHAPE[name], SH.targetClass)) == [URIRef(MODEL + name)]
    targets = {str(each) for each in GRAPH.objects(None, SH.targetClass) if str(each).startswith(MODEL)}
    assert targets == {MODEL + name for name in classes}


def test_every_named_property_shape_is_used_and_has_order_and_group() -> None:
    for shape in set(NAMED) - set(NODE_SHAPES):
        assert list(GRAPH.subjects(SH.property, SHAPE[shape])), shape
        assert GRAPH.value(SHAPE[shape], SH.order) is not None, shape
        assert (GRAPH.value(SHAPE[shape], SH.group), RDF.type, SH.PropertyGroup) in GRAPH, shape


def test_a_property_shape_is_named_after_its_node_shape() -> None:
    for node, shape in GRAPH.subject_objects(SH.property):
        if isinstance(node, URIRef) and isinstance(shape, URIRef) and not local(shape).startswith("label-"):
            assert local(shape).startswith(f"{local(node)}-")


@pytest.mark.slow
def test_the_shapes_conform_to_the_shapes_of_shapes() -> None:
    """SHACL appendix C: pySHACL raises if they do not."""
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=GRAPH, meta_shacl=True)
    assert conforms, text


def test_no_shape_speaks_of_one_city() -> None:
    base = "https://w3id.org/sikkerby-kg/"
    own = {
        str(term)
        for statement in GRAPH
        for term in statement
        if isinstance(term, URIRef) and str(term).startswith((f"{base}id/", f"{base}dataset/"))
    }
    assert own == {f"{base}id/organization/sikkerby-kg"}  # who made the shapes
    assert "øbenhavn" not in GRAPH.serialize()


def test_every_query_parses_for_both_engines_and_selects_the_focus_node() -> None:
    """The prefixes are those that its own ontology declares (SHACL §5.2.1)."""
    queries = list(GRAPH.subject_objects(SH.select))
    assert len(queries) > 20
    for node, select in queries:
        declared = {
            str(GRAPH.value(each, SH.prefix)): str(GRAPH.value(each, SH.namespace))
            for ontology in GRAPH.objects(node, SH.prefixes)
            for each in GRAPH.objects(ontology, SH.declare)
        }
        lines = [f"PREFIX {prefix}: <{namespace}>" for prefix, namespace in declared.items()]
        query = prepareQuery("\n".join([*lines, str(select)]))
        assert "this" in [str(each) for each in query.algebra["PV"]]


def test_things_with_any_property_of_the_model_must_have_a_class() -> None:
    """Properties with a domain are seen to by SubjectClass; the others are targets of Typed."""
    ontology = read(ROOT / "ontology" / "sikkerby.ttl")
    owl = Namespace("http://www.w3.org/2002/07/owl#")
    domain = URIRef("http://www.w3.org/2000/01/rdf-schema#domain")
    open_ended = {
        each
        for kind in (owl.ObjectProperty, owl.DatatypeProperty)
        for each in ontology.subjects(RDF.type, kind)
        if ontology.value(each, domain) is None
    }
    targets = set(GRAPH.objects(SHAPE.Typed, SH.targetSubjectsOf))
    assert {each for each in targets if str(each).startswith(MODEL)} == open_ended


# --- What they find ---------------------------------------------------------------------------


def test_every_shape_has_fixtures() -> None:
    assert sorted([*NODE_SHAPES, "label"]) == FOLDERS


@pytest.mark.parametrize("shape", NAMED)
def test_every_shape_is_explained_by_what_passes_and_what_fails(shape: str) -> None:
    parts = sorted(local(each) for each in GRAPH.objects(SHAPE[shape], SH.property))
    found = examples_of(find_folders(ROOT), shape, (), parts)
    assert set(found) == {"pass", "fail"}
    folder = max((each for each in FOLDERS if f"{shape}-".startswith(f"{each}-")), key=len)
    wanted = shape.removeprefix(folder).removeprefix("-") or "[a-z]"
    assert re.search(rf"^ *ex:{wanted}[\w-]*(?: \{{)?$", found["fail"].text, re.MULTILINE)


def test_the_world_of_the_fixtures_is_right(world: list[Source], shapes: Shapes) -> None:
    sources = [
        Source(each.name, each.quads, each.name == "world.trig", each.name != "world.trig") for each in world
    ]
    assert [said(each) for each in validate(sources, shapes).results] == []


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_right_conforms(name: str, world: list[Source], shapes: Shapes) -> None:
    assert [said(each) for each in report(fixture(name, "pass"), world, shapes).results] == []


def property_shapes(name: str) -> Iterator[str]:
    """The last parts of the names of the property shapes that a folder has to break."""
    for shape in sorted(set(NAMED) - set(NODE_SHAPES), key=len, reverse=True):
        if shape.startswith(f"{name}-"):
            yield shape.removeprefix(f"{name}-")


def expected(name: str, focus: str) -> str | None:
    """The shape that a node of a failing fixture is named after, the longest name first."""
    if re.fullmatch(r"self(-.*)?", focus):
        return name
    parts = (part for part in property_shapes(name) if re.fullmatch(rf"{part}(-.*)?", focus))
    return next((f"{name}-{part}" for part in parts), None)


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_wrong_is_found_by_its_shape_and_no_other(
    name: str, world: list[Source], shapes: Shapes
) -> None:
    path = fixture(name, "fail")
    also = re.findall(r"^# also: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    allowed = {each.removeprefix("ex:").strip() for line in also for each in line.split("; ")}
    results = report(path, world, shapes).results
    found = {said(each) for each in results}
    surprising = [each for each in found - allowed if expected(name, each.split()[0]) != each.split()[1]]
    assert surprising == []
    assert allowed <= found
    broken = {each.split()[1] for each in found}
    assert {f"{name}-{part}" for part in property_shapes(name)} <= broken
    wanted = set(re.findall(r"^ *ex:(self[\w-]*)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert {f"{each} {name}" for each in wanted} <= found
    assert {local(each.node_shape) for each in results if local(each.shape) == name} <= {name}
