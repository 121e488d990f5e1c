"""Texts become times, things and literals; what is none of them is refused with a next step."""

import pytest
from pyoxigraph import NamedNode

from sikkerby_kg.authoring import Content, Field, Kinds, Maker, read_authored, read_kinds
from sikkerby_kg.authoring.minting import slug_of
from sikkerby_kg.authoring.periods import read_span
from sikkerby_kg.errors import EntryError
from sikkerby_kg.folders import Folders
from tests.authoring import TOWN

ID = "https://moellevig.example/id/"


@pytest.fixture(scope="module")
def content() -> Content:
    return read_authored(Folders(TOWN))


@pytest.fixture(scope="module")
def kinds(content: Content) -> Kinds:
    return read_kinds(content)


@pytest.fixture(scope="module")
def maker(content: Content, kinds: Kinds) -> Maker:
    return Maker(content, kinds, "en")


def field(kinds: Kinds, kind: str, name: str) -> Field:
    return kinds.find(kind).field(name, "en")


@pytest.mark.parametrize(
    ("written", "start", "end", "precision", "words"),
    [
        ("2024", "2024-01-01", "2024-12-31", "year", "2024"),
        ("2024-2026", "2024-01-01", "2026-12-31", "year", "2024-2026"),
        ("2024 – 2026", "2024-01-01", "2026-12-31", "year", "2024 – 2026"),
        ("2024-01-01/2026-12-31", "2024-01-01", "2026-12-31", "year", ""),
        ("2024-01-15/2026-12-31", "2024-01-15", "2026-12-31", "day", ""),
        ("2024-02-01/2024-02-29", "2024-02-01", "2024-02-29", "month", ""),
        ("2024/2026", "2024-01-01", "2026-12-31", "year", ""),
        ("2024-03/..", "2024-03-01", "None", "month", ""),
        ("/2025", "None", "2025-12-31", "year", ""),
        ("2024-03-01", "2024-03-01", "2024-03-01", "day", ""),
        ("1.3.2024", "2024-03-01", "2024-03-01", "day", ""),
        ("01-03-2024", "2024-03-01", "2024-03-01", "day", ""),
        ("1/3-2024", "2024-03-01", "2024-03-01", "day", ""),
        ("1. marts 2024", "2024-03-01", "2024-03-01", "day", "1. marts 2024"),
        ("maj 2024", "2024-05-01", "2024-05-31", "month", "maj 2024"),
        ("February 2024", "2024-02-01", "2024-02-29", "month", "February 2024"),
        ("2. kvartal 2024", "2024-04-01", "2024-06-30", "quarter", "2. kvartal 2024"),
        ("Q4 2023", "2023-10-01", "2023-12-31", "quarter", "Q4 2023"),
        ("siden 2009", "2009-01-01", "None", "year", "siden 2009"),
        ("since March 2009", "2009-03-01", "None", "month", "since March 2009"),
        ("fra 2020 til maj 2021", "2020-01-01", "2021-05-31", "month", "fra 2020 til maj 2021"),
        ("under corona", "None", "None", "named-period", "under corona"),
    ],
)
def test_a_time_is_read_as_people_write_it(
    written: str, start: str, end: str, precision: str, words: str
) -> None:
    span = read_span(written)
    assert (str(span.start), str(span.end), span.precision, span.words) == (start, end, precision, words)


@pytest.mark.parametrize(
    "written", ["", "2024-13", "31.2.2024", "2024-02-30/2025", "20245", "/", "1/2", "0000"]
)
def test_numbers_that_are_no_date_are_not_taken_for_words(written: str) -> None:
    with pytest.raises(EntryError, match="is no time"):
        read_span(written)


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(EntryError, match="before it begins"):
        read_span("2026-2024")


def test_whole_years_in_days_are_an_assumption() -> None:
    assert read_span("2024-01-01/2026-12-31").is_assumed
    assert not read_span("2024-2026").is_assumed
    assert not read_span("2024-01-15/2026-12-31").is_assumed


@pytest.mark.parametrize(
    "written",
    [
        "Havneplan 2020",
        "havneplan 2020",
        "Harbour plan 2020",
        "den store plan",
        "havneplan-2020",
        "plan:havneplan-2020",
        f"{ID}plan/havneplan-2020",
        f"<{ID}plan/havneplan-2020>",
        "Harbour plan 2020 (plan:havneplan-2020)",
    ],
)
def test_a_thing_is_found_by_what_people_call_it(maker: Maker, kinds: Kinds, written: str) -> None:
    found = maker.reader.thing(field(kinds, "plan", "replaces"), written)
    assert found == NamedNode(f"{ID}plan/havneplan-2020")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Havnplan 2020", r"Similar: Harbour plan 2020 \(plan:havneplan-2020\)"),
        ("plan:havneplan-2021", r"Similar: Harbour plan 2020"),
        (
            "Rent vand",
            r"Rent vand \(principle:vand\) is of the kind principle.*Allowed are: Harbour plan 2020",
        ),
        ("", "is empty"),
        ("noget helt andet", "nothing named"),
    ],
)
def test_what_is_not_such_a_thing_is_refused_with_what_is(
    maker: Maker, kinds: Kinds, written: str, message: str
) -> None:
    with pytest.raises(EntryError, match=message):
        maker.reader.thing(field(kinds, "plan", "replaces"), written)


@pytest.mark.parametrize(
    ("kind", "name", "written", "found"),
    [
        ("plan", "allocated-amount", "12,5", '"12.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        (
            "plan",
            "allocated-amount",
            "1.000.000,50",
            '"1000000.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        ),
        ("plan", "allocated-amount", "7", '"7.0"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("plan", "open", "ja", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("plan", "open", "No", '"false"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("plan", "condition", " hvis  vejret @da", '"hvis  vejret"@da'),
        ("plan", "condition", "weather permitting @en", '"weather permitting"@en'),
        ("plan", "condition", "skriv til a@b.example", '"skriv til a@b.example"@da'),
        ("focus-area", "position", "+3", '"3"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("period", "start-date", "1. marts 2024", '"2024-03-01"^^<http://www.w3.org/2001/XMLSchema#date>'),
        (
            "gap",
            "gap-property",
            "sik:position",
            '"https://w3id.org/sikkerby-kg/model/position"^^<http://www.w3.org/2001/XMLSchema#anyURI>',
        ),
    ],
)
def test_a_literal_is_of_the_type_of_its_field(
    maker: Maker, kinds: Kinds, kind: str, name: str, written: str, found: str
) -> None:
    assert str(maker.reader.literal(field(kinds, kind, name), written, "da")) == found


@pytest.mark.parametrize(
    ("kind", "name", "written", "message"),
    [
        ("plan", "allocated-amount", "meget", "is not a number"),
        ("plan", "allocated-amount", "-1", "the least is 0"),
        ("plan", "allocated-amount", "1e400", "is not a number"),
        ("plan", "allocated-amount", "NaN", "is not a number"),
        ("plan", "open", "måske", "is not yes or no.*ja, nej"),
        ("focus-area", "position", "0", "the least is 1"),
        ("focus-area", "position", "1.5", "is not a whole number"),
        ("focus-area", "position", "9" * 30, "is not a whole number"),
        ("period", "start-date", "2024", "is not a date"),
        ("period", "date-as-stated", "x" * 41, "has 41 characters, and there may be at most 40"),
        ("plan", "condition", "a\x07b", "control character"),
        ("gap", "gap-property", "position", "is not an IRI"),
    ],
)
def test_what_does_not_fit_its_field_is_refused(
    maker: Maker, kinds: Kinds, kind: str, name: str, written: str, message: str
) -> None:
    with pytest.raises(EntryError, match=message):
        maker.reader.literal(field(kinds, kind, name), written, "da")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Børn og unge på Ærø – nu!", "boern-og-unge-paa-aeroe-nu"),
        ("Café Å", "cafe-aa"),
        ("***", ""),
        ("ord " * 40, "-".join(["ord"] * 20)),
    ],
)
def test_a_slug_is_ascii_and_ends_with_a_word(name: str, slug: str) -> None:
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    ("source", "graph"),
    [
        ("p1s1", "p1s1"),
        ("s1/p1s1", "p1s1"),
        ("1/p1s1", "p1s1"),
        ("stykke 1, sætning 3", "p1s3"),
        ("section 1, paragraph 1, sentence 3", "p1s3"),
        ("book/p1s1", "p1s1"),
        ("g:p1s1", "p1s1"),
        ("https://moellevig.example/id/p1s3", "p1s3"),
        ("læst i stykke 1, sætning 3", "p1s3"),
        ("p1s2", "p1s2"),
        ("engelske navne", "names"),
        ("https://avisen.example/havnen", "side/avisen"),
    ],
)
def test_a_source_is_found_by_what_people_call_it(maker: Maker, source: str, graph: str) -> None:
    assert maker.places.at(source).graph == f"https://moellevig.example/graf/{graph}"


def test_a_source_that_is_not_there_is_refused_with_close_ones(maker: Maker) -> None:
    with pytest.raises(EntryError, match=r"Similar: .*p1s3"):
        maker.places.at("p1s33")
