"""Ten mistakes in our own content, one of each kind: found, placed, and mended by what the message says."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from sikkerby_kg.folders import find_folders
from sikkerby_kg.validation import Severity, ValidationResult, validate_content

ROOT = Path(__file__).parent.parent
STATEMENTS = "data/statements/midtvejsstatus"


@dataclass(frozen=True)
class Mistake:
    """What stands right, what is written instead, and the result that it gives.

    ``focus`` is the end of the IRI that the result is about, ``says`` what its message tells to do, and
    ``at``
    what stands on the line to which the steward is sent, in the spoilt file.
    """

    file: str
    right: str
    wrong: str
    focus: str
    says: str
    at: str


MISTAKES = {
    "something required is missing": Mistake(
        "data/gaps.trig",
        "    gap:strategien-vedtagende-organ\n        a sik:KnowledgeGap ;\n"
        "        dct:type gap-kind:not-stated ;\n",
        "    gap:strategien-vedtagende-organ\n        a sik:KnowledgeGap ;\n",
        "gap/strategien-vedtagende-organ",
        r"dct:type",
        "    gap:strategien-vedtagende-organ\n",
    ),
    "a name in one language only": Mistake(
        "data/enriched/community-guards-law.trig",
        '        skos:prefLabel "Act no. 715 of 13 June 2023"@en ;\n',
        "",
        "act/lov-715-2023",
        r"@en",
        '        skos:prefLabel "Lov nr. 715 af 13. juni 2023"@da',
    ),
    "the code of a country for that of a language": Mistake(
        "data/source/midtvejsstatus.trig",
        '"Overskriften inddeler teksten og giver ingen udsagn."@da',
        '"Overskriften inddeler teksten og giver ingen udsagn."@dk',
        "section/1/heading",
        r"skriv @da",
        'giver ingen udsagn."@dk',
    ),
    "a date without its datatype": Mistake(
        "data/enriched/community-guards-law.trig",
        'dcat:startDate "2024-07-17"^^xsd:date',
        'dcat:startDate "2024-07-17"',
        "period/2024-07-17",
        r"xsd:date|XMLSchema#date",
        'dcat:startDate "2024-07-17" ;',
    ),
    "a misspelt reference": Mistake(
        f"{STATEMENTS}/3-3-ekstremisme.trig",
        "sik:anchoredIn principle:ekstremisme .",
        "sik:anchoredIn principle:ekstremismen .",
        "initiative/forebyggelse-af-ekstremisme",
        r"principle/ekstremismen er ikke beskrevet nogen steder; ret IRI'en",
        "principle:ekstremismen",
    ),
    "a second value of what has one": Mistake(
        "data/gaps.trig",
        "        sik:gapAbout decision:ekstremisme-2024-2026-vedtaget ;\n",
        "        sik:gapAbout decision:ekstremisme-2024-2026-vedtaget ;\n"
        "        sik:gapAbout plan:ekstremisme-2024-2026 ;\n",
        "gap/ekstremisme-2024-2026-vedtagende-organ",
        r"netop den ene ting",
        "sik:gapAbout decision:ekstremisme-2024-2026-vedtaget",
    ),
    "a value of the wrong class": Mistake(
        f"{STATEMENTS}/3-3-ekstremisme.trig",
        "sik:responsibleActor actor:beskaeftigelses-og-integrationsforvaltningen",
        "sik:responsibleActor principle:ekstremisme",
        "initiative/forebyggelse-af-ekstremisme",
        r"Værdien skal være en \S*Organization",
        "sik:responsibleActor principle:ekstremisme",
    ),
    "a day within what the source gives as a year": Mistake(
        f"{STATEMENTS}/3-3-ekstremisme.trig",
        'dcat:startDate "2009-01-01"^^xsd:date',
        'dcat:startDate "2009-03-01"^^xsd:date',
        "period/siden-2009",
        r"2009-03-01",
        "sik:datePrecision date-precision:year",
    ),
    "a misspelt graph": Mistake(
        f"{STATEMENTS}/3-3-ekstremisme.trig",
        "g:p5s2 {",
        "g:p5s22 {",
        "midtvejsstatus/p5s22",
        r"ret grafens navn til en, der er beskrevet",
        "g:p5s22 {",
    ),
    "the same name twice": Mistake(
        "data/gaps.trig",
        '"Hvem vedtog handleplanen mod racisme 2023-2026?"@da',
        '"Hvem godkendte strategien?"@da',
        "gap/racisme-2023-2026-vedtagende-organ",
        r"giv dem hver sit navn",
        '        skos:prefLabel "Hvem godkendte strategien?"@da',
    ),
}


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of our content with all ten mistakes."""
    copy = tmp_path_factory.mktemp("spoilt")
    for name in ("ontology", "data", "queries", "web"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("static", "frontend"))
    for mistake in MISTAKES.values():
        replace(copy / mistake.file, mistake.right, mistake.wrong)
    return copy


@pytest.fixture(scope="module")
def results(spoilt: Path) -> tuple[ValidationResult, ...]:
    """What a validation of the copy finds, known holes left out."""
    report = validate_content(find_folders(spoilt))
    return tuple(each for each in report.results if each.severity is not Severity.INFO)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_a_seeded_mistake_is_found_on_its_line_with_the_remedy(
    name: str, spoilt: Path, results: tuple[ValidationResult, ...]
) -> None:
    mistake = MISTAKES[name]
    found = [
        each
        for each in results
        if str(each.focus).endswith(f"/{mistake.focus}") and re.search(mistake.says, each.message("da"))
    ]
    assert found, [(str(each.focus), each.message("da")) for each in results]
    lines = (spoilt / mistake.file).read_text(encoding="utf-8").splitlines(keepends=True)
    for result in found[:1]:
        assert mistake.file in [place.file for place in result.places]
        placed = [
            place.line for place in result.places if place.file == mistake.file and place.line is not None
        ]
        assert not placed or any(mistake.at.rstrip("\n") in lines[line - 1] for line in placed)


@pytest.mark.slow
def test_mended_as_the_messages_say_the_content_conforms(
    spoilt: Path, results: tuple[ValidationResult, ...]
) -> None:
    """Each message names what was put right: what it wants to be there is what stood there before."""
    assert len(results) >= len(MISTAKES)
    for mistake in MISTAKES.values():
        if mistake.wrong:
            replace(spoilt / mistake.file, mistake.wrong, mistake.right)
        else:  # the name in the other language goes below the one that is there
            replace(spoilt / mistake.file, mistake.at + " ;\n", mistake.at + " ;\n" + mistake.right)
    report = validate_content(find_folders(spoilt))
    assert [each for each in report.results if each.severity is not Severity.INFO] == []
