"""A description holds every statement about a thing, and for each the passage that it was read from."""

import pytest
import rdflib

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.description import Description, Statement
from sikkerby_kg.errors import UnknownNameError

TING = "https://ravnsholm.example/graf/ting/"


@pytest.fixture(scope="module")
def beacon(city: KnowledgeGraph) -> Description:
    return city.describe("t:beacon-plan", "en")


def shown(statements: tuple[Statement, ...], lang: str = "en") -> list[tuple[str, str, str]]:
    return [
        (s.property.label.text, s.value.label.text, " + ".join(source.words(lang) for source in s.sources))
        for s in statements
    ]


def test_names_and_classes(beacon: Description) -> None:
    assert beacon.iri == TING + "beacon-plan"
    assert (beacon.label.text, beacon.label.language) == ("the beacon plan", "en")
    assert beacon.labels == {"da": "bavneplanen", "en": "the beacon plan"}
    assert [kind.iri for kind in beacon.types] == ["https://w3id.org/sikkerby-kg/model/ActionPlan"]


def test_outgoing_statements_in_a_fixed_order_with_sources(beacon: Description) -> None:
    place = "section 1, paragraph 1, sentence 2"
    assert shown(beacon.outgoing) == [
        ("is a", "action plan", place),
        ("name", "bavneplanen", place),
        ("name", "the beacon plan", "added by the clerk"),
        ("has validity period", "[…]", place),
        ("position", "2", "added by the clerk"),
        ("replaces", "the lantern plan", place),
    ]


def test_incoming_statements(beacon: Description) -> None:
    assert shown(beacon.incoming) == [("is based on", "rovagten", "section 1, paragraph 1, sentence 2")]
    assert beacon.incoming[0].value.iri == TING + "rowing-watch"


def test_values_are_rdflib_terms(beacon: Description) -> None:
    terms = {s.property.iri.rpartition("/")[2]: s.value for s in beacon.outgoing}
    assert terms["position"].term == rdflib.Literal(2)
    assert terms["replaces"].term == rdflib.URIRef(TING + "lantern-plan")
    assert terms["position"].iri is None
    assert isinstance(terms["validityPeriod"].term, rdflib.BNode)


def test_a_blank_node_is_described_within(beacon: Description) -> None:
    (period,) = (s for s in beacon.outgoing if s.inner)
    assert [(s.property.label.text, s.value.label.text) for s in period.inner] == [
        ("is a", "period of time"),
        ("from", "1904-03-01"),
    ]


def test_a_statement_of_two_passages_has_two_sources(city: KnowledgeGraph) -> None:
    (statement,) = (
        s for s in city.describe("t:lantern-plan").outgoing if s.value.iri == TING + "harbour-guild"
    )
    assert shown((statement,), "da") == [
        (
            "har ansvarlig aktør",
            "havnelauget",
            "afsnit 1, stykke 1, sætning 1 + afsnit 1, stykke 1, sætning 2",
        )
    ]


def test_a_source_says_all_that_is_known_of_it(city: KnowledgeGraph) -> None:
    (source,) = city.describe("t:lantern-plan", "da").outgoing[0].sources
    (passage,) = source.passages
    assert source.graph.iri == "https://ravnsholm.example/graf/bog/line-1"
    assert source.origin is not None
    assert source.origin.label.text == "skrevet i havnebogen"
    assert (passage.section_number, passage.paragraph, passage.sentence) == ("1", 1, 1)
    assert passage.section is not None
    assert passage.section.label.text == "Om lygter"
    assert passage.document is not None
    assert passage.document.label.text == "Havnebogen"
    assert passage.key_phrase == "lygter på molen"
    assert passage.start is None


def test_the_real_content_leads_back_to_its_sentence(graph: KnowledgeGraph) -> None:
    """The question of the README: which plan replaced the one that ran out, and which sentence says so."""
    described = graph.describe("plan:ekstremisme-2024-2026", "da")
    (replaces,) = (s for s in described.outgoing if s.property.label.text == "erstatter")
    assert replaces.value.iri == graph.resolve("plan:ekstremisme-2022-2023")
    (passage,) = replaces.sources[0].passages
    assert passage.words("da") == "afsnit 3.3, stykke 5, sætning 2"
    assert passage.start is not None
    assert passage.end is not None
    assert passage.end > passage.start > 0
    assert passage.document is not None


def test_titles_and_headings_are_places_too(graph: KnowledgeGraph) -> None:
    query = "SELECT DISTINCT ?g { ?g prov:wasDerivedFrom ?passage . ?passage a sik:Passage }"
    from_passages = {str(row["g"]) for row in graph.sparql(query)}
    strategy = graph.sparql("SELECT ?s { ?s a sik:Strategy }").rows[0]["s"]
    words = {
        source.words("da")
        for statement in graph.describe(str(strategy)).outgoing
        for source in statement.sources
        if source.graph.iri in from_passages
    }
    assert words
    assert all("stykke" in place or place.endswith(("titel", "overskrift")) for place in words)


def test_an_outside_page_is_a_source(graph: KnowledgeGraph) -> None:
    described = graph.describe("act:barnets-lov", "en")
    pages = [page.iri for s in described.outgoing for source in s.sources for page in source.pages]
    assert any(page.startswith("https://") for page in pages)


def test_a_term_of_the_model_is_described(graph: KnowledgeGraph) -> None:
    described = graph.describe("sik:ActionPlan", "da")
    assert described.label.text == "handleplan"
    assert bool(described)


def test_what_the_graph_does_not_know_is_refused(city: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError):
        city.describe("http://e/nothing")
