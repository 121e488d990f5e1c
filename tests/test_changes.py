"""A validation of changes finds whatever a validation of everything finds because of them."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from sikkerby_kg import terms
from sikkerby_kg.folders import Folders, find_folders
from sikkerby_kg.validation import Shapes, ValidationReport, ValidationResult, load_shapes, validate
from sikkerby_kg.validation.blank_names import Names
from sikkerby_kg.validation.changes import brought_about, difference
from sikkerby_kg.validation.scope import Source, scopes

ROOT = Path(__file__).parent.parent
EX = "https://example.org/"
PREFIXES = """
@prefix ex: <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/shapes> sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/"^^xsd:anyURI ] .
"""
SHAPES = """
ex:Forward a sh:NodeShape ; sh:targetClass ex:A ;
    sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:class ex:B ] ;
    sh:property [ sh:path ( ex:p ex:q ) ; sh:maxCount 1 ] .
ex:Backward a sh:NodeShape ; sh:targetClass ex:B ;
    sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 1 ] ;
    sh:property [ sh:path ( [ sh:inversePath ex:q ] ex:r ) ; sh:maxCount 0 ] .
ex:Far a sh:NodeShape ; sh:targetSubjectsOf ex:next ;
    sh:property [ sh:path ( [ sh:oneOrMorePath ex:next ] [ sh:zeroOrOnePath ex:p ] ) ; sh:not [ sh:class ex:A
    ] ] ; sh:property [ sh:path ( [ sh:zeroOrMorePath [ sh:alternativePath ( ex:next ex:q ) ] ] ex:name ) ;
    sh:maxCount 2 ] .
ex:Nested a sh:NodeShape ; sh:targetObjectsOf ex:r ;
    sh:node [ sh:property [ sh:path ex:next ; sh:node ex:Deep ] ] ;
    sh:or ( [ sh:class ex:A ] [ sh:property [ sh:path ex:name ; sh:minCount 1 ] ] ) .
ex:Deep a sh:NodeShape ; sh:property [ sh:path ex:q ; sh:qualifiedValueShape [ sh:class ex:B ] ;
sh:qualifiedMinCount 1 ] . ex:Pairs a sh:NodeShape ; sh:targetClass ex:A ;
    sh:property [ sh:path ex:p ; sh:disjoint ex:q ] ; sh:property [ sh:path ex:r ; sh:equals ex:next ] .
ex:Closed a sh:NodeShape ; sh:targetSubjectsOf ex:name ; sh:closed true ;
    sh:ignoredProperties ( rdf:type ex:next ex:p ex:q ) ; sh:property [ sh:path ex:name ; sh:maxCount 1 ] .
ex:One a sh:NodeShape ; sh:targetNode ex:n0 ; sh:property [ sh:path ex:next ; sh:minCount 1 ; sh:hasValue
ex:n1 ] . ex:Query a sh:NodeShape ; sh:targetClass ex:B ;
    sh:sparql [ sh:prefixes ex:shapes ; sh:select '''
        SELECT $this ?value WHERE {
            $this ex:next/ex:next* ?value . ?value ex:name ?name .
            OPTIONAL { ?value ex:p ?maybe FILTER NOT EXISTS { ?maybe a ex:A } }
            FILTER(!BOUND(?maybe) && NOT EXISTS { ?value ^ex:q ?any })
        }''' ] ;
    sh:sparql [ sh:prefixes ex:shapes ; sh:select '''
        SELECT $this (COUNT(DISTINCT ?each) AS ?count) WHERE { $this ex:q|ex:r ?each . ?each a ?kind }
        GROUP BY $this HAVING (COUNT(DISTINCT ?each) > 1)''' ] ;
    sh:sparql [ sh:prefixes ex:shapes ; sh:select '''
        SELECT $this ?value WHERE { { $this ex:p ?value } UNION { ?value ex:r $this . ?value ex:name ?name }
        ?value a ex:A }
        ''' ] .
"""
UNBOUND = """
ex:Unbound a sh:NodeShape ; sh:targetClass ex:A ;
    sh:sparql [ sh:prefixes ex:shapes ; sh:select '''
        SELECT $this WHERE { $this a ex:A . ?other ex:name ?name . ?other ex:r ?third }''' ] .
"""
WIDE = """
ex:Same a sh:NodeShape ;
    sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:shapes ; sh:select '''
        SELECT DISTINCT ?this WHERE {
            { SELECT ?name WHERE { ?thing ex:name ?name } GROUP BY ?name HAVING (COUNT(?thing) > 1) }
            ?this ex:name ?name }''' ] ;
    sh:sparql [ sh:prefixes ex:shapes ; sh:select '''
        SELECT $this ?value WHERE { $this ex:name ?value . ?other ex:name ?value . FILTER(?other != $this)
        }''' ] .
ex:Graphs a sh:NodeShape ;
    sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:shapes ; sh:select '''
        SELECT DISTINCT ?this WHERE { GRAPH ?graph { ?this ex:p|ex:q ?value } FILTER NOT EXISTS { ?graph
        ex:name ?name } }
        ''' ] ;
    sh:sparql [ sh:prefixes ex:shapes ; sh:select '''
        SELECT $this ?value WHERE { GRAPH ?value { $this ?path ?thing } ?thing ex:next ?there }''' ] .
ex:Terms a sh:NodeShape ;
    sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:shapes ; sh:select '''
        SELECT DISTINCT ?this WHERE { ?this ?path ?value . ?path ex:next ?kind
            FILTER NOT EXISTS { ?value a/ex:next* ?kind } }''' ] ;
    sh:sparql [ sh:prefixes ex:shapes ; sh:select '''
        SELECT $this ?path ?value WHERE { $this ?path ?value . ?path ex:next ?kind }''' ] .
"""

NODES = [NamedNode(f"{EX}n{number}") for number in range(5)]
PROPERTIES = [NamedNode(EX + name) for name in ("p", "q", "r", "next")]
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
GRAPHS = [NamedNode(f"{EX}g{number}") for number in range(2)]
STATEMENTS = st.one_of(
    st.builds(
        Quad,
        st.sampled_from(NODES),
        st.sampled_from(PROPERTIES),
        st.sampled_from(NODES),
        st.sampled_from(GRAPHS),
    ),
    st.builds(
        Quad,
        st.sampled_from(NODES),
        st.just(TYPE),
        st.sampled_from([NamedNode(EX + "A"), NamedNode(EX + "B")]),
        st.sampled_from(GRAPHS),
    ),
    st.builds(
        Quad,
        st.sampled_from([*NODES, *GRAPHS, PROPERTIES[0]]),
        st.just(NamedNode(EX + "name")),
        st.sampled_from([Literal("a"), Literal("b")]),
        st.sampled_from(GRAPHS),
    ),
    st.builds(
        Quad,
        st.sampled_from(PROPERTIES),
        st.just(PROPERTIES[3]),
        st.sampled_from(NODES),
        st.sampled_from(GRAPHS),
    ),
)
CONTENT = st.lists(STATEMENTS, max_size=12, unique=True)


def key(result: ValidationResult) -> tuple[str, ...]:
    """What a result says, wherever it stands."""
    parts = (result.focus, result.path, result.value, result.shape, result.component, result.messages)
    return tuple(map(str, (*parts, result.constraint)))


def keys(report: ValidationReport) -> Counter[tuple[str, ...]]:
    return Counter(map(key, report.results))


class Small:
    """A root with the shapes above, read once."""

    def __init__(self, folder: Path, more: str = "") -> None:
        for name in ("ontology", "data", "queries", "web"):
            (folder / name).mkdir(parents=True)
        for name, text in (("shapes", SHAPES + more), ("shapes-wide", WIDE)):
            (folder / "ontology" / f"{name}.ttl").write_text(PREFIXES + text, encoding="utf-8")
        self.shapes = load_shapes(Folders(folder))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("small") / "root")


@pytest.fixture(scope="module")
def unbound(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The same with a query of which a part does not hang together with its focus node."""
    return Small(tmp_path_factory.mktemp("unbound") / "root", UNBOUND)


def source(name: str, quads: Sequence[Quad]) -> Source:
    return Source(name, tuple(quads))


def require_nothing_missed(
    before: Sequence[Quad], after: Sequence[Quad], shapes: Shapes, others: Sequence[Source] = ()
) -> tuple[ValidationReport, ValidationReport]:
    """The reports on everything and on the change, once the second has what it must have and no more.

    The statements have no blank nodes, so that two results are the same if they read the same.
    """
    now, then = ([source("data.trig", each), *others] for each in (after, before))
    full = validate(now, shapes)
    partial = brought_about(full, now, then, shapes)
    new = keys(full) - keys(validate(then, shapes))
    gone = set(before) ^ set(after)
    named = (term for each in gone for term in (each.subject, each.graph_name))
    touched = {terms.to_rdflib(term) for term in named if not isinstance(term, DefaultGraph)}
    about = Counter(key(each) for each in full.results if each.focus in touched)
    assert keys(partial) == new | about
    return full, partial


FAR = {
    "class of a value": ("ex:n0 a ex:A ; ex:p ex:n1 . ex:n1 a ex:B .", "ex:n1 a ex:B .", ""),
    "end of a sequence": (
        "ex:n0 a ex:A ; ex:p ex:n1 . ex:n1 a ex:B ; ex:q ex:n2 .",
        "",
        "ex:n1 ex:q ex:n3 .",
    ),
    "inverse": ("ex:n1 a ex:B . ex:n0 ex:p ex:n1 .", "", "ex:n2 ex:p ex:n1 ."),
    "inverse, then on": ("ex:n1 a ex:B . ex:n0 ex:q ex:n1 .", "", "ex:n0 ex:r ex:n3 ."),
    "many steps": ("ex:n0 ex:next ex:n1 . ex:n1 ex:next ex:n2 .", "", "ex:n2 a ex:A ."),
    "another value after many steps": (
        "ex:n0 ex:next ex:n1 . ex:n1 ex:next ex:n2 . ex:n2 a ex:A . ex:n3 a ex:A .",
        "ex:n1 ex:next ex:n2 .",
        "ex:n1 ex:next ex:n3 .",
    ),
    "choice of steps": (
        'ex:n0 ex:next ex:n1 ; ex:name "a" . ex:n1 ex:q ex:n2 ; ex:name "b" .',
        "",
        'ex:n2 ex:name "c" .',
    ),
    "nested shape": (
        "ex:n4 ex:r ex:n0 . ex:n0 a ex:A ; ex:next ex:n1 . ex:n1 ex:q ex:n2 . ex:n2 a ex:B .",
        "ex:n2 a ex:B .",
        "",
    ),
    "object becomes a focus node": ("ex:n1 ex:next ex:n2 .", "", "ex:n4 ex:r ex:n1 ."),
    "query: required": ("ex:n0 a ex:B ; ex:next ex:n1 . ex:n1 ex:next ex:n2 .", "", 'ex:n2 ex:name "a" .'),
    "query: not exists": (
        'ex:n0 a ex:B ; ex:next ex:n1 . ex:n1 ex:name "a" . ex:n3 ex:q ex:n1 .',
        "ex:n3 ex:q ex:n1 .",
        "",
    ),
    "query: in an option": (
        'ex:n0 a ex:B ; ex:next ex:n1 . ex:n1 ex:name "a" ; ex:p ex:n2 .',
        "",
        "ex:n2 a ex:A .",
    ),
    "query: union": ('ex:n0 a ex:B . ex:n1 ex:r ex:n0 ; ex:name "a" .', "", "ex:n1 a ex:A ."),
    "query: count": ("ex:n0 a ex:B ; ex:q ex:n1 ; ex:r ex:n2 . ex:n1 a ex:C .", "", "ex:n2 a ex:C ."),
    "target by query, through a name": ('ex:n0 ex:name "a" .', "", 'ex:n1 ex:name "a" .'),
    "target by query, through a graph": ("ex:n0 ex:p ex:n1 .", "", "ex:n1 ex:next ex:n2 ."),
    "target by query, through a property": ("ex:n0 ex:q ex:n1 .", "", "ex:q ex:next ex:n2 ."),
}
"""What is there, what goes and what comes: the result is about a thing that no statement is about."""


def quads(turtle: str) -> list[Quad]:
    """The statements of some Turtle, in a graph without name for what is the same in both."""
    found = parse((PREFIXES.rpartition("<https")[0] + turtle).encode(), RdfFormat.TURTLE)
    return [Quad(each.subject, each.predicate, each.object, GRAPHS[0]) for each in found]


# --- Nothing is missed ------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAR)
def test_what_is_far_from_a_change_is_found_and_what_is_apart_is_left_out(small: Small, name: str) -> None:
    there, gone, come = map(quads, FAR[name])
    apart = quads("ex:apart a ex:A ; ex:p ex:other . ex:other ex:q ex:another .")
    before = [*there, *apart]
    after = [*(each for each in before if each not in gone), *come]
    full, partial = require_nothing_missed(before, after, small.shapes)
    subjects = {terms.to_rdflib(each.subject) for each in (*gone, *come)}
    old = keys(validate([source("data.trig", before)], small.shapes))
    new = [each for each in full.results if key(each) not in old]
    assert [each for each in new if each.focus not in {*subjects, terms.to_rdflib(GRAPHS[0])}]
    assert [each for each in full.results if str(each.focus) == f"{EX}apart"]
    assert [each for each in partial.results if str(each.focus) == f"{EX}apart"] == []


@settings(max_examples=25)
@given(before=CONTENT, after=CONTENT, kept=CONTENT)
def test_what_many_statements_bring_about_is_found_and_nothing_else(
    small: Small, before: list[Quad], after: list[Quad], kept: list[Quad]
) -> None:
    require_nothing_missed(_each_once([*kept, *before]), _each_once([*kept, *after]), small.shapes)


@settings(max_examples=60)
@given(scene=st.sampled_from(sorted(FAR)), kept=CONTENT, edits=st.data())
def test_what_an_edit_within_sight_of_a_shape_brings_about_is_found_and_nothing_else(
    small: Small, scene: str, kept: list[Quad], edits: st.DataObject
) -> None:
    """Statements that shapes look at through paths and queries come, go and move."""
    there, gone, come = map(quads, FAR[scene])
    sight = [*there, *gone, *come]
    before = _each_once([*there, *kept])
    lost = edits.draw(st.lists(st.sampled_from(sight), max_size=2), "gone")
    found = edits.draw(st.lists(st.one_of(st.sampled_from(sight), STATEMENTS), max_size=2), "come")
    after = _each_once([*(each for each in before if each not in lost), *found])
    require_nothing_missed(before, after, small.shapes)


@settings(max_examples=25)
@given(kept=CONTENT, gone=st.lists(STATEMENTS, max_size=1), new=st.lists(STATEMENTS, max_size=1))
def test_what_one_statement_brings_about_is_found_where_a_query_looks_anywhere(
    unbound: Small, kept: list[Quad], gone: list[Quad], new: list[Quad]
) -> None:
    require_nothing_missed(_each_once([*kept, *gone]), _each_once([*kept, *new]), unbound.shapes)


def _each_once(statements: Sequence[Quad]) -> list[Quad]:
    return list(dict.fromkeys(statements))


@pytest.mark.slow
def test_what_an_edit_of_our_own_content_brings_about_is_found_and_nothing_else() -> None:
    """Statements of our own data go, come back misspelt, and lose their language, a few at a time."""
    folders = find_folders(ROOT)
    shapes = load_shapes(folders)
    (sources,) = scopes(folders)
    draw = random.Random(2026)  # noqa: S311  (the same edits in every run)
    data = [each for each in sources if each.name.startswith("data/")]
    for _ in range(25):
        spoilt = draw.choice([each for each in data if len(each.quads) > 20])
        gone = draw.sample(spoilt.quads, 3)
        come = [Quad(gone[0].subject, gone[0].predicate, Literal("x"), gone[0].graph_name)]
        after = [*(each for each in spoilt.quads if each not in gone), *come]
        others = [each for each in sources if each is not spoilt]
        full, partial = require_nothing_missed(list(spoilt.quads), after, shapes, others)
        assert len(partial.results) < len(full.results)


def reported(before: str, after: str, shapes: Shapes) -> list[str]:
    """What is told about a change of some Turtle: shapes without the namespace, in order."""
    now, then = ([source("data.trig", read(each))] for each in (after, before))
    return sorted(str(each.path) for each in brought_about(validate(now, shapes), now, then, shapes).results)


NAMELESS = """ex:n0 a ex:A ; ex:p [ a ex:A ] . ex:n1 ex:p [ a ex:A ] .
ex:n3 ex:p [ a ex:A ; ex:p ex:n2 ] . ex:n2 ex:q ex:n1 ."""


def test_what_is_wrong_with_a_thing_without_iri_is_known_again(small: Small) -> None:
    """Each reading gives it another name; ``[ a ex:A ]`` lacks ``ex:p`` in both."""
    assert reported("", NAMELESS, small.shapes) != []
    assert reported(NAMELESS, NAMELESS + " ex:n1 ex:q ex:n4 .", small.shapes) == []


@pytest.mark.parametrize(
    "after",
    [
        NAMELESS.replace("ex:p ex:n2", "ex:p ex:n4"),
        NAMELESS.replace("[ a ex:A ]", "[ a ex:A ; ex:q 1 ]"),
        NAMELESS.replace("ex:n0 a ex:A ; ex:p", "ex:n0 a ex:A . ex:n4 ex:p"),
    ],
)
def test_a_thing_without_iri_of_which_something_else_is_said_is_a_new_one(small: Small, after: str) -> None:
    assert reported(NAMELESS, after, small.shapes) != []


def test_two_things_without_iri_that_are_alike_are_not_taken_for_each_other() -> None:
    """What holds for neither or both of them may hold for the other one now."""
    names = Names(quads_alike := read("ex:a ex:p [ ex:q 1 ] , [ ex:q 1 ] , [ ex:q 2 ] ."))
    nodes = dict.fromkeys(each.object for each in quads_alike if each.subject == NamedNode(EX + "a"))
    kept = [each for each in nodes if names.of(each) == str(each)]
    assert (len(nodes), len(kept)) == (3, 2)


# --- What a difference is ---------------------------------------------------------------------


def read(turtle: str) -> list[Quad]:
    """Some Turtle, read anew: its blank nodes have other names each time."""
    return list(parse((FEW + turtle).encode(), RdfFormat.TURTLE, rename_blank_nodes=True))


FEW = "@prefix ex: <https://example.org/> .\n"
LIST = "ex:a ex:p ( 1 [ ex:q 2 ] ) , [ ex:q 2 ] ."


def test_the_same_text_read_twice_is_not_different() -> None:
    assert difference(read(LIST), read(LIST)) == []


@pytest.mark.parametrize(
    ("new", "count"),
    [
        ("ex:a ex:p ( 1 [ ex:q 2 ] ) , [ ex:q 2 ] , [ ex:q 2 ] .", 2 * 2 + 3 * 2),
        ("ex:a ex:p ( 1 [ ex:q 2 ] ) , [ ex:q 3 ] .", 4),
        (LIST + " ex:a ex:p 5 .", 1),
    ],
)
def test_blank_nodes_are_told_apart_by_what_is_said_of_them(new: str, count: int) -> None:
    found = difference(read(LIST), read(new))
    assert 0 < len(found) <= count + 3


def test_a_ring_of_blank_nodes_counts_as_changed() -> None:
    ring = "_:a ex:p _:b . _:b ex:p _:a ."
    assert len(difference(read(ring), read(ring))) == 4
