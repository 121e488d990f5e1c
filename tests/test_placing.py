"""A result stands where a steward has to mend something, whatever kind of fault it is."""

import json
import re
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import NamedNode
from rdflib import RDF, URIRef

from sikkerby_kg.errors import ShapesError
from sikkerby_kg.validation import Place, ValidationReport, read_shapes, validate
from sikkerby_kg.validation.placing import Asked, Placing
from sikkerby_kg.validation.report import Part
from sikkerby_kg.validation.scope import Source, read_source
from sikkerby_kg.validation.steps import HERE, Choice, Repeated, Sequence, Step, first_steps, parse_path

EX = "https://example.org/"
PREFIXES = """@prefix : <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LINE_END = re.compile("\r\n|\r|\n")


def unmarked(text: str) -> tuple[bytes, list[tuple[str, tuple[int, ...]]]]:
    """A text without its marks, and what they enclose: the first place «thus», others ‹thus›."""
    found: list[tuple[str, tuple[int, ...]]] = []
    plain, mark, start = "", "", (0, 0)
    for piece in re.split("([«»‹›])", text):
        if piece in ("«", "‹"):
            mark, start = piece, lines_of(plain)
        elif piece in ("»", "›"):
            found.append((mark, (*start, *lines_of(plain))))
        else:
            plain += piece
    return plain.encode(), found


def lines_of(text: str) -> tuple[int, int]:
    """Line and column of what comes after a text."""
    lines = LINE_END.split(text)
    return len(lines), len(lines[-1]) + 1


def checked(tmp_path: Path, shapes: str, **files: str) -> ValidationReport:
    """The report on some files, name without suffix → text, by one shape for :Thing."""
    (tmp_path / "shapes.ttl").write_text(PREFIXES + shapes, encoding="utf-8")
    sources = []
    for name, text in files.items():
        stem, suffix = name.rsplit("_", 1)
        path = tmp_path / f"{stem}.{suffix}"
        path.write_bytes(text.encode())
        sources.append(read_source(path, path.name))
    return validate(sources, read_shapes({"shapes.ttl": tmp_path / "shapes.ttl"}))


def span(place: Place) -> tuple[int | None, ...]:
    return (place.line, place.column, place.end_line, place.end_column)


def shape(body: str) -> str:
    return f":Shape a sh:NodeShape ; sh:targetClass :Thing ; {body} ."


def name(body: str) -> str:
    """A shape for the property :name."""
    return shape(f"sh:property [ sh:path :name ; {body} ]")


def path(path: str, body: str) -> str:
    return shape(f"sh:property [ sh:path {path} ; {body} ]")


SPARQL = """: a owl:Ontology ; sh:declare [ sh:prefix "" ; sh:namespace "https://example.org/"^^xsd:anyURI ] .
:Shape a sh:NodeShape ; sh:targetClass :Thing ; sh:sparql [ sh:prefixes : ; sh:select \"\"\"%s\"\"\" ] ."""

RULES = {
    "a value of the wrong datatype": (
        name("sh:datatype xsd:date"),
        ':a a :Thing ; :other 1 ;\n :name «"æ𝄞"@da» .',
        Part.VALUE,
    ),
    "a value in a list of values": (
        name("sh:nodeKind sh:IRI"),
        ":a a :Thing ; :name :b ,\r\n\t«1» , :c .",
        Part.VALUE,
    ),
    "a number as it is written": (name('sh:pattern "^4$"'), ":a a :Thing ; :name 4 , «04.0» .", Part.VALUE),
    "a value of several lines": (
        name("sh:datatype xsd:date"),
        ':a a :Thing ; :name «"""a\r\n b"""@da-DK» .',
        Part.VALUE,
    ),
    "a value of the wrong class": (name("sh:class :Name"), ":a a :Thing ; :name «:b» .", Part.VALUE),
    "a value that is a bracket": (
        name("sh:nodeKind sh:IRI"),
        ":a a :Thing ; :name «[ :q 1 ;\n :r ( 2 ) ]» .",
        Part.VALUE,
    ),
    "a value that is a list": (name("sh:nodeKind sh:IRI"), ":a a :Thing ; :name «( 1 2 )» .", Part.VALUE),
    "a language that may not be": (
        name('sh:languageIn ( "da" )'),
        ':a a :Thing ; :name "A"@da , «"B"@EN» .',
        Part.VALUE,
    ),
    "a missing value": (
        name("sh:minCount 1"),
        ":b a :Other .\n:a :q 1 .\n«:a»\n  a :Thing ; :q 2 .",
        Part.SUBJECT,
    ),
    "a missing value in a bracket": (
        name("sh:minCount 1"),
        ":b :q 1 ;\n  :part «[» a :Thing ] .",
        Part.SUBJECT,
    ),
    "a missing value of a labelled blank node": (name("sh:minCount 1"), "«_:b1» a :Thing .", Part.SUBJECT),
    "too few values": (name("sh:minCount 3"), ":a a :Thing ; «:name» 1 , 2 .", Part.PROPERTY),
    "a value that must be there": (name("sh:hasValue :x"), ":a a :Thing ; «:name» :y .", Part.PROPERTY),
    "too many values": (name("sh:maxCount 1"), ":a a :Thing ; :name ‹1› ;\n :name «2» .", Part.PROPERTY),
    "too many values in one line": (
        name("sh:maxCount 1"),
        ":a a :Thing ; :name ‹1› , ‹2›, «3» .",
        Part.PROPERTY,
    ),
    "a language twice": (
        name("sh:uniqueLang true"),
        ':a a :Thing ; :name ‹"a"@da› , "b"@en ;\n :name «"c"@da» .',
        Part.PROPERTY,
    ),
    "too many of a kind": (
        name("sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMaxCount 0"),
        ":a a :Thing ; :name «:b» .",
        Part.PROPERTY,
    ),
    "too few of a kind": (
        name("sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 1"),
        ":a a :Thing ; «:name» 1 .",
        Part.PROPERTY,
    ),
    "a property that may not be": (
        shape("sh:closed true ; sh:ignoredProperties ( rdf:type )"),
        ":a a :Thing ;\n  «:name» 1 .",
        Part.PROPERTY,
    ),
    "a value that must be less": (name("sh:lessThan :end"), ":a a :Thing ; :name «5» ; :end 3 .", Part.VALUE),
    "a value that another property lacks": (name("sh:equals :end"), ":a a :Thing ; :end «3» .", Part.VALUE),
    "a node of the wrong kind": (
        shape("sh:nodeKind sh:Literal"),
        ":b :to :a .\n«:a» a :Thing .",
        Part.SUBJECT,
    ),
    "a node that must not be": (shape("sh:not [ sh:nodeKind sh:IRI ]"), "«:a» a :Thing .", Part.SUBJECT),
    "what leads to a node": (
        path("[ sh:inversePath :has ]", "sh:class :Owner"),
        ":a a :Thing .\n:b :has 1 , «:a» .",
        Part.VALUE,
    ),
    "that nothing leads to a node": (
        path("[ sh:inversePath :has ]", "sh:minCount 1"),
        "«:a» a :Thing .",
        Part.SUBJECT,
    ),
    "a value two steps away": (
        path("( :part :name )", "sh:datatype xsd:date"),
        ':a a :Thing ; :part :b ,\n «:c» .\n:b :name "2024-01-01"^^xsd:date .\n:c :name 5 .',
        Part.VALUE,
    ),
    "a value two steps away, by properties with prefixes": (
        path("( skos:broader skos:notation )", "sh:datatype xsd:date"),
        ":a a :Thing ; skos:broader «:b» .\n:b skos:notation 5 .",
        Part.VALUE,
    ),
    "a value one or the other way": (
        path("[ sh:alternativePath ( :name :title ) ]", "sh:datatype xsd:date"),
        ":a a :Thing ; :other 7 ; :title «7» .",
        Part.VALUE,
    ),
    "a value any number of steps away": (
        path("[ sh:zeroOrMorePath :above ]", "sh:class :Thing"),
        ":a a :Thing ; :above :x , «:b» . :x a :Thing . :b a :Thing ; :above :c . :c a :Thing ; :above :d .",
        None,
    ),
    "a missing value two steps away": (
        path("( :part :name )", "sh:minCount 1"),
        ":a a :Thing ; «:part» :b .",
        Part.PROPERTY,
    ),
    "the answer of a query": (
        SPARQL % "SELECT $this ?path ?value { $this ?path ?value FILTER(?value = 5) }",
        ":a a :Thing ; :q 4 ;\n :r «5» .",
        Part.VALUE,
    ),
    "the answer of a query that names no property": (
        SPARQL % "SELECT $this ?value { $this :r ?value }",
        ":a a :Thing ; :q 4 ;\n :r «5» .",
        Part.VALUE,
    ),
    "the answer of a query that names only a property": (
        SPARQL % "SELECT $this ?path { $this ?path 5 }",
        ":a a :Thing ; :q 4 ;\n «:r» 5 .",
        Part.PROPERTY,
    ),
    "the answer of a query with a value from elsewhere": (
        SPARQL % "SELECT $this ?value { ?value :r 6 }",
        "«:a» a :Thing . :b :r 6 .",
        Part.SUBJECT,
    ),
    "the answer of a query with a value that points here": (
        SPARQL % "SELECT $this ?value { ?value :r $this }",
        ":a a :Thing . :b :r «:a» .",
        Part.VALUE,
    ),
    "a value that is only mentioned": (
        ":Shape a sh:NodeShape ; sh:targetObjectsOf :to ; sh:class :Known .",
        ":b :to «:a» .",
        Part.VALUE,
    ),
    "a text that is only mentioned": (
        ":Shape a sh:NodeShape ; sh:targetObjectsOf :to ; sh:nodeKind sh:IRI .",
        ':b :to «"a"@da» .',
        Part.VALUE,
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_every_kind_of_fault_has_its_place(tmp_path: Path, rule: str) -> None:
    shapes, text, part = RULES[rule]
    data, expected = unmarked(PREFIXES + text)
    results = checked(tmp_path, shapes, data_ttl=data.decode()).results
    (result,) = [each for each in results if part or each.focus == URIRef(EX + "a")][:1]
    assert [span(each) for each in result.places[:1]] == [place for mark, place in expected if mark == "«"]
    assert [span(each) for each in result.places[1:]] == [place for mark, place in expected if mark == "‹"]
    assert {each.part for each in result.places} == {part or Part.VALUE}
    assert {each.file for each in result.places} == {"data.ttl"}


def test_a_statement_in_several_files_and_graphs_is_named_wherever_it_stands(tmp_path: Path) -> None:
    report = checked(
        tmp_path,
        name("sh:nodeKind sh:IRI"),
        a_trig=f"<{EX}g> {{ <{EX}a> <{EX}name> 1 }}\n<{EX}h> {{ <{EX}a> <{EX}name> 1 }}",
        b_nq=f'\n<{EX}a> <{EX}name> "1"^^<http://www.w3.org/2001/XMLSchema#integer> <{EX}g> .\n',
        c_ttl=f"<{EX}a> a <{EX}Thing> .",
    )
    (result,) = report.results
    assert [(each.file, each.line) for each in result.places] == [("a.trig", 1), ("a.trig", 2), ("b.nq", 2)]


def test_a_missing_value_is_missed_where_the_node_has_its_class(tmp_path: Path) -> None:
    thing = f"<{EX}a> a <{EX}Thing>"
    report = checked(
        tmp_path,
        name("sh:minCount 1"),
        a_ttl=f"<{EX}a> <{EX}p> 1 , 2 , 3 , 4 .",
        b_ttl=f"{thing} .",
        c_ttl=f"<{EX}a> <{EX}p> 1 .\n{thing} ; <{EX}q> 2 .",
    )
    (result,) = report.results
    assert [str(each) for each in result.places] == ["c.ttl:2:1"]


def test_too_few_values_are_missed_where_the_node_has_its_class(tmp_path: Path) -> None:
    thing = f"<{EX}a> a <{EX}Thing>"
    other = f'<{EX}a> <{EX}name> "A"@en .'
    few = name('sh:qualifiedValueShape [ sh:languageIn ( "da" ) ] ; sh:qualifiedMinCount 1')
    (result,) = checked(tmp_path, few, a_ttl=other, b_ttl=f"{thing} .").results
    assert [str(each) for each in result.places] == ["b.ttl:1:1"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a_jsonld", f'{{"@id": "{EX}a", "@type": "{EX}Thing"}}'),
        (
            "a_rdf",
            f'<ex:Thing xmlns:rdf="{RDF}" xmlns:ex="{EX}" rdf:about="{EX}a"/>',
        ),
    ],
)
def test_of_other_formats_the_file_alone_is_named(tmp_path: Path, file: str, text: str) -> None:
    (result,) = checked(tmp_path, name("sh:minCount 1"), **{file: text}).results
    assert result.places == (Place(file.replace("_", "."), part=Part.FILE),)


def test_statements_without_their_bytes_have_their_file(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(f"<{EX}a> a <{EX}Thing> .")
    (tmp_path / "shapes.ttl").write_text(PREFIXES + name("sh:minCount 1"))
    source = Source("a.ttl", read_source(tmp_path / "a.ttl").quads)
    (result,) = validate([source], read_shapes({"shapes.ttl": tmp_path / "shapes.ttl"})).results
    assert result.places == (Place("a.ttl"),)


def test_a_file_that_is_not_as_its_statements_are_has_no_lines(tmp_path: Path) -> None:
    """Were a parser to tell of statements in another order, no line would be better than a wrong one."""
    (tmp_path / "a.ttl").write_text(f'<{EX}a> a <{EX}Thing> ; <{EX}name> "x" .')
    read = read_source(tmp_path / "a.ttl", "a.ttl")
    turned = Source("a.ttl", read.quads[::-1], data=read.data, suffix=read.suffix)
    shorter = Source("a.ttl", read.quads[1:], data=read.data, suffix=read.suffix)
    asked = Asked(NamedNode(EX + "a"), Step(EX + "name"), pyoxigraph.Literal("x"))
    for source, expected in ((read, "a.ttl:1:"), (turned, "a.ttl"), (shorter, "a.ttl")):
        (place,) = Placing([source], [asked]).places(asked)
        assert str(place).startswith(expected)
        assert (place.line is None) == (expected == "a.ttl")


def test_a_node_that_no_file_mentions_has_no_place(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(f"<{EX}a> a <{EX}Thing> .")
    for node in (NamedNode(EX + "nobody"), pyoxigraph.Literal("x", language="da")):
        asked = Asked(node)
        assert Placing([read_source(tmp_path / "a.ttl")], [asked]).places(asked) == ()


def test_results_inside_a_nested_shape_are_placed_too(tmp_path: Path) -> None:
    shapes = name("sh:node [ sh:property [ sh:path :length ; sh:minCount 1 ] ]")
    text = f"<{EX}a> a <{EX}Thing> ; <{EX}name> <{EX}b> .\n<{EX}b> <{EX}p> 1 ."
    (result,) = checked(tmp_path, shapes, a_ttl=text).results
    assert [str(each) for each in result.places] == [f"a.ttl:1:{text.index(f'<{EX}b>') + 1}"]
    assert [str(each) for each in result.detail[0].places] == ["a.ttl:2:1"]


def test_a_byte_order_mark_does_not_move_the_first_line(tmp_path: Path) -> None:
    text = f"\ufeff<{EX}a> a <{EX}Thing> ."
    (result,) = checked(tmp_path, name("sh:minCount 1"), a_ttl=text).results
    assert [str(each) for each in result.places] == ["a.ttl:1:1"]


def test_a_name_of_a_graph_is_where_a_result_about_the_graph_stands(tmp_path: Path) -> None:
    select = "SELECT ?this { GRAPH ?this { ?s ?p ?o } }"
    shapes = (
        f':Shape a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select "{select}" ] ; '
        'sh:sparql [ sh:select "SELECT $this { FILTER NOT EXISTS { $this a ?c } }" ] .'
    )
    data, expected = unmarked(
        f"{PREFIXES}:h {{ :h a :Graph }}\n\nGRAPH «:g»\n{{ :s :p :o }}\n‹:g› {{ :s :q :o }}"
    )
    (result,) = checked(tmp_path, shapes, a_trig=data.decode()).results
    assert [span(each) for each in result.places] == [place for _, place in expected]


# --- What is found without SHACL: the very term -----------------------------------------------

TERMS = {
    "a property that does not exist": (':a «skos:prefLable» "A"@da .', "KnownTerm"),
    "a class that does not exist": (":a a «skos:Concpt» .", "KnownTerm"),
    "a datatype that does not exist": (':a :p "2024-01-01"^^«xsd:dat» .', "KnownTerm"),
    "a language that is none": (':a :p """A\nB"""@«dk» .', "LanguageTag"),
    "a text in decomposed characters": (':a :p :b , «"A\u030a"@da» .', "ComposedText"),
    "a ring": (":a skos:broader «:b» . :b skos:broader :a .", "Ring"),
}


@pytest.mark.parametrize("fault", TERMS)
def test_a_finding_stands_at_the_very_term(tmp_path: Path, fault: str) -> None:
    text, told = TERMS[fault]
    data, expected = unmarked(PREFIXES + text)
    (tmp_path / "shapes.ttl").write_text(
        PREFIXES
        + "".join(
            f"<https://w3id.org/sikkerby-kg/shape/{each}> a sh:NodeShape ; sh:severity sh:Violation ;"
            ' sh:message "wrong"@en .\n'
            for each in ("KnownTerm", "LanguageTag", "ComposedText", "Ring")
        ),
        encoding="utf-8",
    )
    (tmp_path / "a.ttl").write_bytes(data)
    known = frozenset(["http://www.w3.org/2004/02/skos/core#prefLabel"])
    shapes = read_shapes({"shapes.ttl": tmp_path / "shapes.ttl"}, known)
    results = validate([read_source(tmp_path / "a.ttl", "a.ttl")], shapes).results
    assert {str(each.shape).rpartition("/")[2] for each in results} == {told}
    assert [place for _, place in expected] == [span(results[-1].places[0])]


# --- Shapes that are wrong themselves ---------------------------------------------------------

WRONG_SHAPES = {
    "a term that SHACL lacks": (
        ":S a sh:NodeShape ;\n «sh:targetKlass» :Thing .",
        "Did you mean sh:targetClass",
    ),
    "a value that SHACL lacks": (
        ":S sh:property [ sh:path :p ; sh:nodeKind «sh:Iri» ] .",
        "sh:Iri is not a term",
    ),
    "a property shape without path": (
        ":S sh:property «[» sh:minCount 1 ] .",
        "a shape without a name has 0 ×",
    ),
    "a property shape with two paths": (":S sh:property [ «sh:path» :p , :q ] .", "has 2 × sh:path"),
    "a shape that is not there": (
        ":S a sh:NodeShape ; sh:node :T ,\n «:U» . :T a sh:NodeShape .",
        "not defined",
    ),
    "a severity of one's own": (":S a sh:NodeShape ; sh:severity «:Bad» .", "Choose sh:Violation"),
    "a count in words": (
        ':S sh:property [ sh:path :p ;\n  sh:minCount «"one"» ] .',
        "not a whole number: one",
    ),
    "a query in one line": (':S sh:sparql [ sh:select «"SELECT $this {"» ] .', "does not parse"),
    "a query of several lines": (
        ':S sh:sparql [ sh:select """SELECT $this\n{\n  $this a «»no:Such\n}""" ] .',
        "does not parse",
    ),
    "a function that there is not": (
        ':S sh:sparql [ sh:select «"SELECT $this { FILTER(<x:f>($this)) }"» ] .',
        "There is no function <x:f>",
    ),
    "a query whose lines are not those of the file": (
        ":S sh:sparql [ sh:select «'SELECT $this {\\n $this a no:Such }'» ] .",
        "does not parse",
    ),
}


@pytest.mark.parametrize("fault", WRONG_SHAPES)
def test_a_fault_of_a_shape_has_its_place(tmp_path: Path, fault: str) -> None:
    text, told = WRONG_SHAPES[fault]
    data, expected = unmarked(PREFIXES + text)
    (tmp_path / "shapes.ttl").write_bytes(data)
    with pytest.raises(ShapesError) as caught:
        read_shapes({"ontology/shapes.ttl": tmp_path / "shapes.ttl"})
    (problem,) = caught.value.problems
    ((_, place),) = expected
    assert (problem.file, problem.line, problem.column) == ("ontology/shapes.ttl", *place[:2])
    assert str(problem).startswith(f"ontology/shapes.ttl:{place[0]}:{place[1]}: ")
    assert told in str(problem)
    assert problem.text("da") != problem.text("en")


def test_all_faults_of_all_shapes_are_told_at_once(tmp_path: Path) -> None:
    texts = {
        "a.ttl": ":S sh:property [ sh:path :p ; sh:minCuont 1 ] ;\n sh:node :T .",
        "b.ttl": ":V a sh:NodeShape ; sh:severity :Bad .",
    }
    for file, text in texts.items():
        (tmp_path / file).write_text(PREFIXES + text)
    with pytest.raises(ShapesError) as caught:
        read_shapes({file: tmp_path / file for file in texts})
    lines = str(caught.value).splitlines()
    assert [each.partition(": ")[0] for each in lines] == ["a.ttl:8:31", "a.ttl:9:10", "b.ttl:8:33"]
    assert (caught.value.file, caught.value.line, caught.value.column) == ("a.ttl", 8, 31)


def test_a_fault_of_shapes_in_another_format_has_its_file(tmp_path: Path) -> None:
    shapes = {"@id": EX + "S", "http://www.w3.org/ns/shacl#minCuont": 1}
    (tmp_path / "shapes.jsonld").write_text(json.dumps(shapes))
    with pytest.raises(ShapesError, match=r"^shapes\.jsonld: sh:minCuont is not a term"):
        read_shapes({"shapes.jsonld": tmp_path / "shapes.jsonld"})


# --- Property paths ---------------------------------------------------------------------------

P, Q = Step(f"{EX}p"), Step(f"{EX}q")
BROADER = Step("http://www.w3.org/2004/02/skos/core#broader")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P", P),
        ("skos:broader", BROADER),
        ("^P", Step(P.iri, inverse=True)),
        ("P/Q", Sequence((P, Q))),
        ("skos:broader/skos:broader", Sequence((BROADER, BROADER))),
        ("P|^Q", Choice((P, Step(Q.iri, inverse=True)))),
        ("(P/Q)*", Repeated(Sequence((P, Q)), optional=True, many=True)),
        ("skos:broader+", Repeated(BROADER, optional=False, many=True)),
        ("P?", Repeated(P, optional=True, many=False)),
        ("^(P/Q)", Sequence((Step(Q.iri, inverse=True), Step(P.iri, inverse=True)))),
        ("^(P|Q+)", Choice((Step(P.iri, inverse=True), Repeated(Step(Q.iri, inverse=True), False, True)))),  # noqa: FBT003
        ("(P|Q)/skos:broader", Sequence((Choice((P, Q)), BROADER))),
        ("", None),
        ("no:such", None),
        ("(P", None),
        ("P)", None),
        ("P//Q", None),
        ("P>", None),
        ("^" * 5000 + "P", None),
    ],
)
def test_a_path_is_read_as_it_was_written(text: str, expected: object) -> None:
    assert parse_path(text.replace("P", f"<{EX}p>").replace("Q", f"<{EX}q>")) == expected


def test_a_path_is_followed_step_by_step() -> None:
    path = parse_path(f"<{EX}p>*/<{EX}q>")
    assert path is not None
    assert list(first_steps(path)) == [(P, path), (Q, HERE)]
