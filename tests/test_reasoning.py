"""By the rules of OWL 2 RL no contradiction follows from ontology, data and the reused vocabularies."""

import re
from pathlib import Path

import owlrl
import pytest
import rdflib
from rdflib import OWL, RDF, RDFS

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.terms import to_rdflib

ROOT = Path(__file__).parent.parent
AXIOMS = Path(__file__).parent / "data" / "axioms.ttl"
TERMS = ROOT / "ontology" / "sikkerby.ttl"
ERROR = rdflib.URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
"""How owlrl states a contradiction; the object is a sentence."""

PREFIXES = """
@prefix dct: <http://purl.org/dc/terms/> .
@prefix id: <https://example.org/id/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix sik: <https://w3id.org/sikkerby-kg/model/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


def graph_of(*files: Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for file in files:
        for quad in parse_file(file):
            graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return graph


def contradictions(graph: rdflib.Graph) -> list[str]:
    """The contradictions in a graph, which is extended by everything that follows from it."""
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return sorted(str(message) for message in graph.objects(None, ERROR))


def test_ontology_alignments_and_data_hold_no_contradiction() -> None:
    ontology = [path for path in (ROOT / "ontology").rglob("*.ttl") if not path.name.startswith("shapes")]
    graph = graph_of(AXIOMS, *ontology, *(ROOT / "data").rglob("*.trig"))
    assert contradictions(graph) == []
    # It did reason: that an action plan is a PROV entity stands nowhere.
    plans = set(graph.subjects(RDF.type, rdflib.URIRef("https://w3id.org/sikkerby-kg/model/ActionPlan")))
    entities = set(graph.subjects(RDF.type, rdflib.URIRef("http://www.w3.org/ns/prov#Entity")))
    assert plans
    assert plans < entities


CLASHES = (
    "{x} a sik:PolicyEvent, sik:PolicyInstrument .",
    "{x} a sik:Principle, sik:FocusArea .",
    "{x} a sik:Decision, sik:ActionPlan .",
    # Only PROV-O says that these two cannot be one.
    "{x} a sik:StatusAssessment, sik:Rationale .",
    "{x} a sik:ActionPlan ; prov:wasAssociatedWith id:y .",
    # The domain or range of a property puts a thing into a second class.
    "{x} a sik:ActionPlan ; sik:hasFocusArea id:y .",
    "{x} a sik:Proposal . id:z sik:isBasedOn {x} .",
    "{x} a sik:SourceDocument . id:z sik:responsibleActor {x} .",
    # SKOS and ORG have a say too.
    "{x} a skos:Concept, skos:ConceptScheme .",
    "{x} a org:FormalOrganization, org:ChangeEvent .",
)
ALLOWED = (
    "{x} a sik:Strategy, sik:PolicyInstrument, prov:Plan, prov:Entity .",
    "{x} a org:Organization, prov:Agent, prov:Entity . id:decision a sik:Decision ; sik:performedBy {x} .",
    # A charter is a thing, a trial scheme an activity; an initiative may be either.
    "{x} a sik:Initiative, prov:Activity .",
    "{x} a sik:Initiative, prov:Entity .",
)


@pytest.fixture(scope="module")
def found() -> str:
    """The contradictions in the model with all the statements above, about things numbered as they stand."""
    graph = graph_of(TERMS, AXIOMS)
    clashing = [statements.format(x=f"id:clash-{n}") for n, statements in enumerate(CLASHES)]
    allowed = [statements.format(x=f"id:allowed-{n}") for n, statements in enumerate(ALLOWED)]
    graph.parse(data="\n".join((PREFIXES, *clashing, *allowed)), format="turtle")
    return "\n".join(contradictions(graph))


@pytest.mark.parametrize("number", range(len(CLASHES)))
def test_contradiction_that_is_put_in_is_found(number: int, found: str) -> None:
    assert re.search(rf"https://example\.org/id/clash-{number}\b", found), CLASHES[number]


@pytest.mark.parametrize("number", range(len(ALLOWED)))
def test_what_the_model_allows_is_no_contradiction(number: int, found: str) -> None:
    assert not re.search(rf"https://example\.org/id/allowed-{number}\b", found), ALLOWED[number]


def test_hierarchy_repeated_for_a_reused_vocabulary_is_what_that_vocabulary_says() -> None:
    """Shapes need to know that a formal organisation is an organisation; it must not be our invention."""
    sources = graph_of(AXIOMS)
    content = graph_of(*(ROOT / "ontology").rglob("*.ttl"), *(ROOT / "data").rglob("*.trig"))
    ours = {
        str(term)
        for term in content.objects(None, rdflib.URIRef("http://purl.org/vocab/vann/preferredNamespaceUri"))
    }
    repeated = [
        triple
        for predicate in (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.disjointWith)
        for triple in content.triples((None, predicate, None))
        if not any(str(triple[0]).startswith(namespace) for namespace in ours)
    ]
    assert [triple for triple in repeated if triple not in sources] == []
