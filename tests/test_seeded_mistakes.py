"""Mistakes in a copy of our own content, one of each kind: found, placed, and mended by the message."""

import re
from pathlib import Path

import pytest

from sikkerby_kg.folders import find_folders
from sikkerby_kg.validation import Severity, ValidationReport, validate_content
from tests.running import content_copy

ROOT = Path(__file__).parent.parent
EXTREMISM = "data/statements/midtvejsstatus/3-3-ekstremisme.trig"
GAPS = "data/gaps.trig"
LAW = "data/enriched/community-guards-law.trig"
ORDER = "data/editorial/order.trig"
SOURCE = "data/source/midtvejsstatus.trig"

# What is wrong: the file, its right text, the wrong text with the place «marked», the shape that tells
# of it, and a pattern for what its message tells to do.
MISTAKES = {
    "a month too many": (
        EXTREMISM,
        '"2009-01-01"^^xsd:date',
        '«"2009-13-01"^^xsd:date»',
        "Period-start",
        "hel dato",
    ),
    "a property misspelt": (
        EXTREMISM,
        'skos:prefLabel "alle forvaltninger"',
        '«skos:prefLable» "alle forvaltninger"',
        "KnownTerm",
        "skriv http.*prefLabel",
    ),
    "a code of a country for a language": (
        EXTREMISM,
        '"infohuset"@da',
        '"infohuset"@«dk»',
        "LanguageTag",
        "skriv @da",
    ),
    "a kind left out": (
        EXTREMISM,
        """    plan:ekstremisme-2022-2023
        a sik:ActionPlan ;
        skos:prefLabel "Handleplan til forebyggelse af ekstremisme 2022-2023"@da ;
        dct:type plan-kind:action-plan ;
""",
        """    «plan:ekstremisme-2022-2023»
        a sik:ActionPlan ;
        skos:prefLabel "Handleplan til forebyggelse af ekstremisme 2022-2023"@da ;
""",
        "PolicyInstrument-kind",
        "netop én art",
    ),
    "a property of ours in the wrong case": (
        EXTREMISM,
        "sik:validityPeriod period:siden-2020",
        "«sik:validityperiod» period:siden-2020",
        "KnownProperty",
        "skriv .*validityPeriod, hvis",
    ),
    "a list where values belong": (
        EXTREMISM,
        """sik:hasTargetGroup target-group:boern ;
        sik:hasTargetGroup target-group:unge ;
        sik:hasAim aim:online""",
        """sik:hasTargetGroup «( target-group:boern target-group:unge )» ;
        sik:hasAim aim:online""",
        "LinkedValue",
        "uden parenteser, med komma imellem",
    ),
    "a body where an act belongs": (
        EXTREMISM,
        "sik:imposedBy act:barnets-lov",
        "sik:imposedBy «actor:kommunerne»",
        "LegalObligation-act",
        "retsakt|lov|act",
    ),
    "an end before the beginning": (
        EXTREMISM,
        """dcat:startDate "2024-01-01"^^xsd:date ;
        dcat:endDate "2026-12-31"^^xsd:date""",
        """dcat:startDate «"2024-01-01"^^xsd:date» ;
        dcat:endDate "2023-12-31"^^xsd:date""",
        "Period-order",
        "ret startdatoen eller slutdatoen",
    ),
    "a plan that replaces itself": (
        EXTREMISM,
        "dct:replaces plan:ekstremisme-2022-2023",
        "dct:replaces «plan:ekstremisme-2024-2026»",
        "Ring",
        "fjern eller ret",
    ),
    "a link to nothing": (
        EXTREMISM,
        "sik:hasAim aim:konstruktiv-dialog ",
        "sik:hasAim «aim:konstruktiv-dialogg» ",
        "Described",
        "ret IRI'en",
    ),
    "a second name in Danish": (
        EXTREMISM,
        'skos:prefLabel "Barnets lov"@da',
        'skos:prefLabel "Barnets lov"@da , «"Loven om barnet"@da»',
        "label-text",
        "Skriv ét navn pr. sprog",
    ),
    "a property that a gap cannot be about": (
        GAPS,
        """decision:strategien-godkendt ;
        sik:gapProperty "https://w3id.org/sikkerby-kg/model/performedBy"^^xsd:anyURI""",
        """decision:strategien-godkendt ;
        sik:gapProperty «"https://w3id.org/sikkerby-kg/model/performedby"^^xsd:anyURI»""",
        "KnownGapProperty-name",
        "ret stavemåden",
    ),
    "a name in one language only": (
        LAW,
        """skos:prefLabel "Lov nr. 715 af 13. juni 2023"@da ;
        skos:prefLabel "Act no. 715 of 13 June 2023"@en""",
        '«skos:prefLabel» "Lov nr. 715 af 13. juni 2023"@da',
        "label-en",
        'skos:prefLabel "…"@en',
    ),
    "a date as a text": (
        LAW,
        'dcat:startDate "2024-07-17"^^xsd:date',
        'dcat:startDate «"2024-07-17"»',
        "Period-start",
        "xsd:date",
    ),
    "a second value of what has one": (
        GAPS,
        "sik:gapAbout decision:ekstremisme-2024-2026-vedtaget ;",
        "sik:gapAbout decision:ekstremisme-2024-2026-vedtaget , «plan:ekstremisme-2024-2026» ;",
        "KnowledgeGap-about",
        "netop den ene ting",
    ),
    "a day within what the source gives as a year": (
        EXTREMISM,
        """dcat:startDate "2020-01-01"^^xsd:date ;
        sik:datePrecision date-precision:year""",
        """dcat:startDate "2020-03-01"^^xsd:date ;
        sik:datePrecision «date-precision:year»""",
        "Period-fit",
        "finere end præcisionen",
    ),
    "a misspelt graph": (EXTREMISM, "g:p5s4 {", "«g:p5s44» {", "DescribedGraph", "ret grafens navn"),
    "a text where a thing belongs": (
        EXTREMISM,
        "sik:concerns plan:ekstremisme-2022-2023 ;",
        'sik:concerns «"handleplanen"@da» ;',
        "LinkedValue",
        "uden anførselstegn",
    ),
    "letters of a wrong encoding": (
        EXTREMISM,
        '"handleplanen 2022-2023 er udløbet"@da',
        '«"handleplanen 2022-2023 er udlÃ¸bet"@da»',
        "GarbledText",
        'skriv "handleplanen 2022-2023 er udløbet"',
    ),
    "a position twice": (
        ORDER,
        "sik:position 4",
        "sik:position «3»",
        "Principle-own-position",
        "har også rækkefølgen 3",
    ),
    "a sentence number twice": (
        SOURCE,
        "sik:sentenceNumber 2",
        "sik:sentenceNumber «1»",
        "Sentence-own-number",
        "stykke 1, sætning 1",
    ),
}


def spoil(root: Path) -> None:
    """A copy of our ontology and data with all mistakes in it; the marks are still there."""
    content_copy(root)
    for file, right, wrong, *_ in MISTAKES.values():
        put(root / file, right, wrong)


def put(path: Path, old: str, new: str) -> None:
    """Replace a text that a file has, once."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[ValidationReport, dict[str, str]]:
    """The report on the copy, and the texts of its files with their marks."""
    root = tmp_path_factory.mktemp("spoilt")
    spoil(root)
    marked = {
        file: (root / file).read_text(encoding="utf-8")
        for file in sorted({file for file, *_ in MISTAKES.values()})
    }
    for file, text in marked.items():
        (root / file).write_text(re.sub("[«»]", "", text), encoding="utf-8")
    return validate_content(find_folders(root)), marked


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_where_it_was_made(
    spoilt: tuple[ValidationReport, dict[str, str]], mistake: str
) -> None:
    report, marked = spoilt
    file, _, wrong, shape, says = MISTAKES[mistake]
    before, inside = marked[file].partition(wrong)[0] + wrong.partition("«")[0], re.split("[«»]", wrong)[1]
    lines = re.sub("[«»]", "", before).split("\n")
    expected = (file, len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 1 + len(inside))
    told = {
        (each.file, each.line, each.column, each.end_line, each.end_column)
        for result in report.results
        if str(result.shape).rpartition("/")[2] == shape and re.search(says, result.message("da"))
        for each in result.places[:1]
    }
    assert expected in told


def test_every_result_in_a_spoilt_file_has_a_line(
    spoilt: tuple[ValidationReport, dict[str, str]],
) -> None:
    report, _ = spoilt
    assert len(report.results) > len(MISTAKES)
    assert [result for result in report.results if not result.places or result.places[0].line is None] == []


def test_put_right_as_the_messages_say_the_content_conforms(tmp_path: Path) -> None:
    spoil(tmp_path)
    for file, right, wrong, *_ in MISTAKES.values():
        put(tmp_path / file, wrong, right)
    report = validate_content(find_folders(tmp_path))
    assert [each for each in report.results if each.severity is not Severity.INFO] == []
