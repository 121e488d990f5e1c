"""Labels are found in the wanted language, and otherwise in the nearest; nothing is ever without one."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from sikkerby_kg import KnowledgeGraph, Result, open_graph
from sikkerby_kg.labels import Label, Labels
from sikkerby_kg.namespaces import PREFIXES, RDF, SIK
from sikkerby_kg.texts import LANGUAGES

TING = "https://ravnsholm.example/graf/ting/"
DATA = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> PREFIX e: <http://e/> PREFIX sik: <https://w3id.org/sikkerby-kg/model/>
e:g {
  e:both skos:prefLabel "navn"@da, "name"@en .
  e:british skos:prefLabel "colour"@en-GB, "farve"@da .
  e:english skos:prefLabel "name"@en .
  e:french skos:prefLabel "nom"@fr, "x1" .
  e:finnish skos:prefLabel "nimi"@fi .
  e:ranked rdfs:label "second"@en ; skos:prefLabel "first"@en, "bøh"@da ; rdfs:label "andet"@da .
  e:other rdfs:label "in Danish by a lesser property"@da ; skos:prefLabel "in English"@en .
  e:number skos:prefLabel 7 .
  e:thing skos:prefLabel e:both .
  e:period sik:dateAsStated "siden 2009"@da .
  e:year dcat:startDate "2022-01-01"^^xsd:date ; dcat:endDate "2022-12-31"^^xsd:date .
  e:day dcat:startDate "2018-03-01"^^xsd:date ; dcat:endDate "2018-03-01"^^xsd:date .
  e:open dcat:startDate "2018-03-01"^^xsd:date .
  e:odd dcat:startDate "in spring" .
  e:years dcat:startDate "2022-01-01"^^xsd:date ; dcat:endDate "2025-12-31"^^xsd:date .
  e:begun dcat:startDate "2018-03-01"^^xsd:date ; rdfs:label "begun"@en .
  e:undated dcat:startDate "soon" .
  e:declared sh:prefix "sik" .
}
"""


@pytest.fixture
def labels(make_root: Path) -> Labels:
    (make_root / "data/a.trig").write_text(DATA, encoding="utf-8")
    return Labels(open_graph(make_root).store, {**PREFIXES, "e": "http://e/"}, "http://base/")


@pytest.mark.parametrize(
    ("name", "lang", "expected"),
    [
        ("both", "da", Label("navn", "da")),
        ("year", "da", Label("2022", "da")),
        ("day", "da", Label("1. marts 2018", "da")),
        ("open", "en", Label("from 1 March 2018", "en")),
        ("odd", "en", Label("e:odd")),
        ("both", "en", Label("name", "en")),
        ("both", "EN", Label("name", "en")),
        ("both", "en-GB", Label("name", "en")),
        ("both", "fr", Label("navn", "da")),
        ("british", "en", Label("colour", "en-gb")),
        ("english", "da", Label("name", "en")),
        ("french", "da", Label("x1", "")),
        ("french", "fr", Label("nom", "fr")),
        ("finnish", "da", Label("nimi", "fi")),
        ("ranked", "en", Label("first", "en")),
        ("other", "da", Label("in Danish by a lesser property", "da")),
        ("number", "da", Label("7", "")),
        ("thing", "da", Label("e:thing")),
        ("period", "en", Label("siden 2009", "da")),
        ("day", "en", Label("1 March 2018", "en")),
        ("years", "en", Label("2022–2025", "en")),
        ("begun", "da", Label("begun", "en")),
        ("undated", "da", Label("e:undated")),
        ("declared", "en", Label("sik")),
        ("unknown", "da", Label("e:unknown")),
    ],
)
def test_the_label_in_a_language(labels: Labels, name: str, lang: str, expected: Label) -> None:
    assert labels.of(f"http://e/{name}", lang) == expected


def test_standard_terms_have_words_in_both_languages(labels: Labels) -> None:
    assert labels.of(PREFIXES["dct"] + "replaces", "da") == Label("erstatter", "da")
    assert labels.of(PREFIXES["dct"] + "replaces", "en") == Label("replaces", "en")
    assert labels.of(PREFIXES["dct"] + "replaces", "fr") == Label("erstatter", "da")


def test_an_iri_without_label_is_shortened(labels: Labels) -> None:
    assert labels.short("http://base/id/plan/x") == "id/plan/x"
    assert labels.short("http://base/") == "base"
    assert labels.short("http://elsewhere/x") == "http://elsewhere/x"


def test_all_labels_by_language(labels: Labels) -> None:
    assert labels.all("http://e/ranked") == {"en": "first", "da": "bøh"}
    assert labels.all("http://e/unknown") == {}
    assert labels.all("http://e/day") == {}, "its days are no name"


def test_many_labels_take_few_queries(city: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Labels(city.store)
    asked: list[str] = []
    evaluate = city.store.evaluate

    def counted(text: str) -> Result:
        asked.append(text)
        return evaluate(text)

    monkeypatch.setattr(city.store, "evaluate", counted)
    labels.prefetch([f"{TING}{number}" for number in range(450)] + [TING + "oil"])
    assert labels.of(TING + "oil", "da").language == "da"
    assert len(asked) == 3


def test_the_graph_gives_labels(city: KnowledgeGraph) -> None:
    assert city.label(TING + "beacon-plan") == "bavneplanen"
    assert city.label(TING + "beacon-plan", "en") == "the beacon plan"
    assert city.label(TING + "no-such-thing") == "t:no-such-thing"


def test_a_content_without_the_model_has_its_words(city: KnowledgeGraph) -> None:
    assert not city.labels.is_named(SIK.ActionPlan)
    assert city.label(SIK.ActionPlan) == "handleplan"
    assert city.label(SIK.validityPeriod, "en") == "has validity period"
    assert city.labels.of("https://w3id.org/sikkerby-kg/concept/origin/derived", "en") == Label(
        "derived", "en"
    )
    assert city.label(PREFIXES["sik"] + "noSuchTerm") == "sik:noSuchTerm"


def test_the_own_words_of_a_content_come_before_those_of_the_model(make_root: Path) -> None:
    data = f'<http://e/g> {{ <{SIK.ActionPlan}> <{PREFIXES["rdfs"]}label> "plan"@en }}'
    (make_root / "data/a.trig").write_text(data, encoding="utf-8")
    with open_graph(make_root) as graph:
        assert graph.label(SIK.ActionPlan, "da") == "plan"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_property_and_class_in_use_has_a_name(
    graph: KnowledgeGraph, city: KnowledgeGraph, lang: str
) -> None:
    for content in (graph, city):
        quads = list(content.store.quads())
        used = {quad.predicate.value for quad in quads}
        used |= {
            quad.object.value
            for quad in quads
            if quad.predicate.value == RDF.type and isinstance(quad.object, NamedNode)
        }
        assert len(used) > 20
        nameless = {iri for iri in used if content.labels.of(iri, lang).language != lang}
        assert {iri for iri in nameless if not iri.startswith(content.base)} == set()
