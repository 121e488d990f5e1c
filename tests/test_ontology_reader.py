"""Terms and code lists become objects."""

from sikkerby_kg import KnowledgeGraph


def test_the_terms_of_a_city(city: KnowledgeGraph) -> None:
    ontology = city.ontology("en")
    assert [term.label.text for term in ontology.of_kind("class")] == ["rowing watch"]
    (watch,) = ontology.of_kind("class")
    assert watch.parents == ("https://w3id.org/sikkerby-kg/model/Initiative",)
    assert watch.name == "RowingWatch"
    assert [term.label.text for term in ontology.concepts("https://ravnsholm.example/graf/liste")] == [
        "added by the clerk",
        "written in the harbour book",
    ]


def test_the_terms_of_the_real_model(graph: KnowledgeGraph) -> None:
    ontology = graph.ontology("da")
    plan = ontology.term("https://w3id.org/sikkerby-kg/model/ActionPlan")
    assert plan is not None
    assert (plan.label.text, plan.kind, plan.deprecated) == ("handleplan", "class", False)
    assert set(plan.definition) == {"da", "en"}
    number = ontology.term("https://w3id.org/sikkerby-kg/model/sentenceNumber")
    assert number is not None
    assert (number.kind, len(number.domain), len(number.range)) == ("property", 1, 1)
    assert ontology.term("http://e/nothing") is None
    assert all(ontology.concepts(scheme.iri) for scheme in ontology.of_kind("scheme"))
