"""What things are at a date: states by their spans, and what came only later."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.moment import Moments, State

PREFIXES = """
PREFIX : <http://e/>
PREFIX adms: <http://www.w3.org/ns/adms#>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX eli: <http://data.europa.eu/eli/ontology#>
PREFIX kind: <https://w3id.org/sikkerby-kg/concept/event-kind/>
PREFIX sik: <https://w3id.org/sikkerby-kg/model/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
PERIODS = """
:y20 dcat:startDate "2020-01-01"^^xsd:date ; dcat:endDate "2020-12-31"^^xsd:date .
:y22 dcat:startDate "2022-01-01"^^xsd:date ; dcat:endDate "2022-12-31"^^xsd:date .
:from22 dcat:startDate "2022-01-01"^^xsd:date .
:until20 dcat:endDate "2020-12-31"^^xsd:date .
:sometime sik:dateAsStated "engang"@da .
"""
Make = Callable[[str], Moments]


@pytest.fixture
def make(make_root: Path) -> Make:
    """The moments of a graph with the periods above and some statements more."""

    def made(statements: str) -> Moments:
        text = f"{PREFIXES} :g {{ {PERIODS} {statements} }}"
        (make_root / "data/a.trig").write_text(text, encoding="utf-8")
        return Moments(open_graph(make_root).store)

    return made


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("statement", "at", "expected"),
    [
        ("sik:validityPeriod :y20", "2020-06-01", State.IN_FORCE),
        ("sik:validityPeriod :y20", "2020-12-31", State.IN_FORCE),
        ("sik:validityPeriod :y20", "2021-01-01", State.ENDED),
        ("sik:validityPeriod :y20", "2019-12-31", State.NOT_YET),
        ("sik:validityPeriod :y20, :y22", "2021-06-01", State.ENDED),
        ("sik:validityPeriod :y20, :y22", "2022-06-01", State.IN_FORCE),
        ("sik:validityPeriod :from22", "2099-01-01", State.IN_FORCE),
        ("sik:validityPeriod :until20", "1700-01-01", State.IN_FORCE),
        ("sik:occurredDuring :y20", "2019-12-31", State.NOT_YET),
        ("sik:occurredDuring :y20", "2020-06-01", State.UNCERTAIN),
        ("sik:occurredDuring :y20", "2020-12-31", State.HAPPENED),
        ("sik:occurredDuring :from22", "2099-01-01", State.UNCERTAIN),
        ("sik:occurredDuring :sometime", "2020-06-01", State.UNDATED),
        ("sik:occurredDuring :sometime, :y20", "2021-06-01", State.HAPPENED),
        ("a sik:Strategy", "2020-06-01", None),
        ("a sik:PolicyInstrument", "2020-06-01", State.UNDATED),
        ('eli:first_date_entry_in_force "2020-05-01"^^xsd:date', "2020-05-01", State.IN_FORCE),
        ('eli:first_date_entry_in_force "2020-05-01"^^xsd:date', "2020-04-30", State.NOT_YET),
        ("sik:position 1", "2020-06-01", None),
    ],
)
def test_state_follows_from_the_spans(make: Make, statement: str, at: str, expected: State | None) -> None:
    assert make(f":x {statement} .").state("http://e/x", day(at)) == expected


def test_a_plan_is_in_force_in_name_until_its_adoption_is_certain(make: Make) -> None:
    moments = make(
        """:plan sik:validityPeriod :from22 .
        :d a sik:Decision ; sik:concerns :plan ; sik:occurredDuring :y22 ."""
    )
    assert moments.state("http://e/plan", day("2022-06-01")) == State.IN_NAME
    assert moments.state("http://e/plan", day("2022-12-31")) == State.IN_FORCE


def test_a_decision_that_a_source_tells_of_had_been_taken_by_the_date_of_the_source(make: Make) -> None:
    moments = make(
        """:plan sik:validityPeriod :from22 .
        :d a sik:Decision ; sik:concerns :plan ; sik:occurredDuring :y22 .
        :e a sik:PolicyEvent ; sik:occurredDuring :y22 .
        :doc a sik:SourceDocument ; dct:issued "2022-05-01"^^xsd:date ."""
    )
    assert moments.state("http://e/plan", day("2022-04-30")) == State.IN_NAME
    assert moments.state("http://e/plan", day("2022-05-01")) == State.IN_FORCE
    assert moments.state("http://e/d", None) == State.HAPPENED
    assert moments.state("http://e/e", None) == State.UNCERTAIN, "it may have been told of as yet to come"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ('[] a sik:SourceDocument ; dct:issued "2021-05-01"^^xsd:date .', "2021-05-01"),
        ("[] a sik:SourceDocument ; dct:temporal :y20 .", "2020-12-31"),
        ('[] a dcat:Dataset ; dct:modified "2023-05-01"^^xsd:date .', "2023-05-01"),
        (":x sik:validityPeriod :y20, :from22 .", "2022-01-01"),
        ("", None),
    ],
)
def test_the_newest_state_is_of_the_date_that_the_sources_speak_of(
    make: Make, statements: str, expected: str | None
) -> None:
    assert make(statements).newest == (day(expected) if expected else None)


BEGUN = ":begun dct:type kind:introduced ; sik:concerns :x ;"
LATER = ":new sik:validityPeriod :from22 . :old sik:validityPeriod :y20 . "


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ("", {"new", "from22"}),
        (":x sik:concerns :new .", {"new", "from22", "x"}),
        (":x sik:concerns :new, :old .", {"new", "from22"}),
        (":gap sik:gapAbout :x . :x sik:concerns :new .", {"new", "from22", "x", "gap"}),
        (":x sik:resultedFrom :new ; sik:concerns :old .", {"new", "from22", "x"}),
        (":new sik:hasRationale :why .", {"new", "from22", "why"}),
        (":new sik:hasRationale :why . :old sik:hasRationale :why .", {"new", "from22"}),
        (":x sik:validityPeriod :y20 ; sik:concerns :new .", {"new", "from22"}),
        (":x sik:validityPeriod :from22, :y20 .", {"new"}),
        (":new sik:responsibleActor :actor .", {"new", "from22"}),
        ("[] sik:concerns :new .", {"new", "from22", "_"}),
        (f"{BEGUN} sik:occurredDuring :from22 .", {"new", "from22", "begun", "x"}),
        (f"{BEGUN} sik:occurredDuring :y20 .", {"new", "from22"}),
        (f"{BEGUN} .", {"new", "from22"}),
        (f"{BEGUN} sik:occurredDuring :from22 . :x sik:validityPeriod :y20 .", {"new", "from22", "begun"}),
        (
            ":grew dct:type kind:grew ; sik:concerns :x ; sik:occurredDuring :y22 .",
            {"new", "from22", "grew", "y22"},
        ),
        (":doc a sik:SourceDocument ; dct:temporal :y22 . :x sik:concerns :doc .", {"new", "from22", "x"}),
    ],
)
def test_later_is_what_starts_later_and_what_depends_on_such_alone(
    make: Make, statements: str, expected: set[str]
) -> None:
    found = make(LATER + statements).later(day("2021-06-01"))
    assert {iri.removeprefix("http://e/") if iri.startswith("http") else "_" for iri in found} == expected


def test_nothing_is_later_than_the_newest_state(graph: KnowledgeGraph) -> None:
    assert Moments(graph.store).later(None) == frozenset()


def test_our_plans_at_some_dates(graph: KnowledgeGraph) -> None:
    """2023 and 2024 have different plans against extremism (model: as-of query)."""
    moments = Moments(graph.store)
    old, new = graph.resolve("plan:ekstremisme-2022-2023"), graph.resolve("plan:ekstremisme-2024-2026")
    states = {
        at: (moments.state(old, day(at)), moments.state(new, day(at))) for at in ("2023-07-01", "2024-07-01")
    }
    assert states["2023-07-01"] == (State.IN_FORCE, State.NOT_YET)
    assert states["2024-07-01"] == (State.ENDED, State.IN_NAME)
    assert (moments.state(old, None), moments.state(new, None)) == (State.ENDED, State.IN_FORCE)
    assert graph.resolve("proposal:migranter") in moments.later(day("2023-07-01"))
    package = graph.resolve("plan:bandepakke-4")
    assert moments.state(package, day("2023-07-01")) == State.NOT_YET, "agreed on in November"
    assert moments.state(package, day("2023-12-01")) == State.UNDATED


def test_moments_remember_few_dates(graph: KnowledgeGraph) -> None:
    moments = Moments(graph.store)
    for number in range(200):
        moments.later(date.fromordinal(738_000 + number))
    assert len(moments._later) <= 64
