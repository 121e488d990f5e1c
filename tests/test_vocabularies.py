"""Every term that is used exists: reused ones in their own vocabulary, our own ones in our ontology."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from rdflib import DC, DCTERMS, FOAF, ORG, OWL, PROV, RDFS, SH, SKOS, TIME, VANN, VOID
from rdflib.namespace import RDF as RDFLIB_RDF, XSD as RDFLIB_XSD, DefinedNamespace

from sikkerby_kg import namespaces
from sikkerby_kg.dataset import parse_file
from sikkerby_kg.lexer import Tokens
from sikkerby_kg.namespaces import PREFIXES, RDF, XSD, Vocabulary
from sikkerby_kg.validation.standard_terms import standard_terms

ROOT = Path(__file__).parent.parent
LIST = ROOT / "ontology" / "known-terms.txt"
LISTED = frozenset(
    line for line in LIST.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")
)
NAMESPACES = frozenset(iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in LISTED)
"""The namespaces of the vocabularies that we reuse; IRIs elsewhere are things, not terms."""

BASE = "https://w3id.org/sikkerby-kg/"
RDF_FILES = sorted((*(ROOT / "ontology").rglob("*.ttl"), *(ROOT / "data").rglob("*.trig")))
SPARQL_FILES = sorted((*(ROOT / "ontology").rglob("*.rq"), *(ROOT / "queries").glob("*.rq")))


def iris_in(quads: Iterable[Quad]) -> Iterator[str]:
    """Every IRI in statements: as node, as datatype, in literals that are IRIs, in texts of shapes."""
    for quad in quads:
        for term in (quad.subject, quad.predicate, quad.object):
            if isinstance(term, NamedNode):
                yield term.value
            elif isinstance(term, Literal):
                yield term.datatype.value
                if term.datatype.value == XSD.anyURI:
                    yield term.value
                if quad.predicate.value.startswith(PREFIXES["sh"]):
                    yield from iris_in_sparql(term.value)


def iris_in_sparql(text: str) -> Iterator[str]:
    """Every IRI in a query or a part of one, written out or with a prefix."""
    tokens = Tokens(text)
    prefixes = {**PREFIXES, **tokens.prefixes}
    for token in tokens:
        prefix, _, local = token.text.partition(":")
        if token.kind == "name" and prefix in prefixes:
            yield prefixes[prefix] + local.rstrip(":")  # in a message a name may stand before a colon
        elif token.kind == "iri":
            yield token.text[1:-1]


def unknown_terms(iris: Iterable[str]) -> set[str]:
    """The IRIs that lie in a vocabulary that we reuse but are not in the list."""
    in_vocabularies = {iri for iri in iris if iri not in NAMESPACES and iri.startswith(tuple(NAMESPACES))}
    return in_vocabularies - LISTED


def foreign_namespaces(quads: Iterable[Quad]) -> set[str]:
    """Predicates and types from vocabularies that are not in the list at all."""
    quads = list(quads)
    terms = {quad.predicate.value for quad in quads}
    terms |= {
        q.object.value for q in quads if q.predicate.value == RDF.type and isinstance(q.object, NamedNode)
    }
    return {term for term in terms if not term.startswith((*NAMESPACES, BASE))}


def software_terms() -> set[str]:
    """Every term that the software names."""
    vocabularies = [value for value in vars(namespaces).values() if isinstance(value, Vocabulary)]
    return {iri for vocabulary in vocabularies for iri in vocabulary}


def test_list_holds_iris_only_each_once() -> None:
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")]
    assert len(lines) == len(LISTED)
    assert all(line.startswith("http") and not set(line) & set(' "<>') for line in lines)


@pytest.mark.parametrize("path", RDF_FILES, ids=lambda path: path.name)
def test_reused_terms_in_content_exist_in_their_vocabulary(path: Path) -> None:
    quads = list(parse_file(path))
    assert unknown_terms(iris_in(quads)) == set()
    assert foreign_namespaces(quads) == set()


@pytest.mark.parametrize("path", SPARQL_FILES, ids=lambda path: path.name)
def test_reused_terms_in_sparql_exist_in_their_vocabulary(path: Path) -> None:
    assert unknown_terms(iris_in_sparql(path.read_text(encoding="utf-8"))) == set()


def test_reused_terms_in_the_software_exist_in_their_vocabulary() -> None:
    assert unknown_terms(software_terms()) == set()


@pytest.mark.parametrize(
    ("turtle", "unknown"),
    [
        ("<x:a> org:unitof <x:b> .", "http://www.w3.org/ns/org#unitof"),
        ("<x:a> a org:Organisation .", "http://www.w3.org/ns/org#Organisation"),
        ("<x:a> sh:path ( dct:isPartof ) .", "http://purl.org/dc/terms/isPartof"),
        ('<x:a> sh:select "SELECT * { ?s dct:titel ?o }" .', "http://purl.org/dc/terms/titel"),
        ('<x:a> dct:title "http://purl.org/dc/terms/x"^^xsd:anyURI .', "http://purl.org/dc/terms/x"),
        ('<x:a> dct:title "1"^^xsd:int3 .', "http://www.w3.org/2001/XMLSchema#int3"),
    ],
)
def test_misspelt_reused_term_is_found(turtle: str, unknown: str, tmp_path: Path) -> None:
    file = tmp_path / "graph.ttl"
    prefixes = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    file.write_text(prefixes + turtle, encoding="utf-8")
    assert unknown_terms(iris_in(parse_file(file))) == {unknown}


def test_term_of_an_unlisted_vocabulary_is_found(tmp_path: Path) -> None:
    file = tmp_path / "graph.ttl"
    file.write_text(
        "<x:a> a <https://example.org/Thing> ; <https://example.org/has> <x:b> .", encoding="utf-8"
    )
    assert foreign_namespaces(parse_file(file)) == {"https://example.org/Thing", "https://example.org/has"}


# --- Our own terms in SPARQL; in content the checks look for them ------------------------------------


@pytest.fixture(scope="module")
def described() -> frozenset[str]:
    """Everything of ours that is the subject of some statement, and every named graph."""
    quads = [quad for path in RDF_FILES for quad in parse_file(path)]
    nodes = [quad.subject for quad in quads] + [quad.graph_name for quad in quads]
    return frozenset(node.value for node in nodes if isinstance(node, NamedNode))


def undeclared(text: str, described: frozenset[str]) -> set[str]:
    """The IRIs of ours in a query that nothing is said of; namespaces and prefixes of IRIs are no things."""
    ours = {iri for iri in iris_in_sparql(text) if iri.startswith(BASE)}
    return {iri for iri in ours - described if not iri.endswith("/")}


@pytest.mark.parametrize("path", SPARQL_FILES, ids=lambda path: path.name)
def test_own_terms_in_sparql_are_declared(path: Path, described: frozenset[str]) -> None:
    assert undeclared(path.read_text(encoding="utf-8"), described) == set()


def test_own_terms_in_shapes_are_declared(described: frozenset[str]) -> None:
    texts = [
        quad.object.value
        for path in RDF_FILES
        for quad in parse_file(path)
        if isinstance(quad.object, Literal) and quad.predicate.value.startswith(PREFIXES["sh"])
    ]
    assert {name for text in texts for name in undeclared(text, described)} == set()


def test_misspelt_own_term_in_sparql_is_found(described: frozenset[str]) -> None:
    assert undeclared("SELECT * { ?s sik:hasFocusarea ?o }", described) == {f"{BASE}model/hasFocusarea"}
    assert undeclared("SELECT * { ?s sik:hasFocusArea ?o }", described) == set()


def test_own_terms_in_the_software_are_declared(described: frozenset[str]) -> None:
    terms = {iri for iri in software_terms() if iri.startswith(BASE)}
    assert terms
    assert terms - described == set()


def terms_of(vocabulary: type[DefinedNamespace]) -> set[str]:
    """The terms that rdflib lists, those that are no names in Python among them."""
    return {str(each) for each in dir(vocabulary)} | {f"{vocabulary}{name}" for name in vocabulary._extras}


def test_the_standard_terms_are_those_that_rdflib_lists() -> None:
    complete = (DC, DCTERMS, FOAF, ORG, OWL, PROV, RDFLIB_RDF, RDFS, SH, SKOS, TIME, VANN, VOID, RDFLIB_XSD)
    assert standard_terms() == {str(each): terms_of(each) for each in complete}
