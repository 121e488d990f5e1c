"""What only follows from another mistake is kept apart in reports, and nothing else is."""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from sikkerby_kg.dataset import in_graphs
from sikkerby_kg.folders import find_folders
from sikkerby_kg.namespaces import local_name
from sikkerby_kg.validation import (
    Severity,
    Shapes,
    ValidationReport,
    causes as causing,
    load_shapes,
    validate,
)
from sikkerby_kg.validation.scope import Source, scopes
from sikkerby_kg.validation.validating import with_causes_of
from sikkerby_kg.validation.writers import FORMATS, Document, Files, in_order, written
from sikkerby_kg.validation.writers.document import rule_of

ROOT = Path(__file__).parent.parent
EXTREMISM = "data/statements/midtvejsstatus/3-3-ekstremisme.trig"


@dataclass(frozen=True)
class Change:
    """Texts of a file, each with what is written instead, and the shapes that are left to tell of it."""

    file: str
    texts: tuple[tuple[str, str], ...]
    told: tuple[str, ...]


PREFIX = Change(EXTREMISM, (("sik: <https://", "sik: <http://"),), ("KnownNamespace",))
CHANGES = {
    "the namespace of the model": PREFIX,
    "the namespace of things": Change(
        EXTREMISM, (("plan: <https://", "plan: <http://"),), ("KnownNamespace",)
    ),
    "a property": Change(EXTREMISM, (('skos:prefLabel "Handle', 'skos:prefLable "Handle'),), ("KnownTerm",)),
    "a class of ours": Change(EXTREMISM, (("a sik:ActionPlan", "a sik:Actionplan"),), ("KnownClass-type",)),
    "a language": Change(EXTREMISM, (('ekstremisme"@da', 'ekstremisme"@dk'),), ("LanguageTag",)),
    "a text for a thing": Change(
        EXTREMISM, (("datePrecision date-precision:year", 'datePrecision "year"'),), ("LinkedValue",)
    ),
    "two mistakes, and one does not follow from the other": Change(
        EXTREMISM,
        (
            ("sik: <https://", "sik: <http://"),
            (
                'a org:Organization ;\n        skos:prefLabel "alle forvaltninger"@da .',
                "a org:Organization .",
            ),
        ),
        ("KnownNamespace", "label-da"),
    ),
}
QUICK = ("a text for a thing", "two mistakes, and one does not follow from the other")
"""One of each rule; the others are validated twice each."""


@cache
def content() -> tuple[Shapes, tuple[Source, ...]]:
    """The shapes and the files of our content."""
    folders = find_folders(ROOT)
    return load_shapes(folders), tuple(scopes(folders)[0])


def changed(change: Change) -> list[Source]:
    """The files of our content with a change."""

    def made(source: Source) -> Source:
        if source.name != change.file:
            return source
        words = source.data.decode()
        for right, wrong in change.texts:
            assert right in words
            words = words.replace(right, wrong, 1)
        data = words.encode()
        return replace(source, data=data, quads=tuple(in_graphs(data, source.suffix, source.name)))

    return [made(source) for source in content()[1]]


def document(report: ValidationReport) -> Document:
    """A report to be written, without its known holes."""
    worse = tuple(each for each in report.results if each.severity is not Severity.INFO)
    folders = find_folders(ROOT)
    return Document(in_order(replace(report, results=worse)), "en", Files(folders, ROOT))


@pytest.mark.parametrize(
    "change",
    [pytest.param(each, marks=[] if each in QUICK else pytest.mark.slow) for each in CHANGES],
)
def test_what_follows_from_a_mistake_is_not_told_beside_it(change: str) -> None:
    report = with_causes_of(changed(CHANGES[change]), content()[0])
    made = document(report)
    shapes = [local_name(rule_of(each)) for each in made.told]
    assert sorted(shapes) == sorted(CHANGES[change].told)
    assert made.following
    assert all(set(report.causes[each]) & set(made.told) for each in made.following)


@pytest.fixture(scope="module")
def spoilt() -> ValidationReport:
    """The report on content with a wrong prefix."""
    return with_causes_of(changed(PREFIX), content()[0])


def test_the_engine_tells_all_of_it_as_before(spoilt: ValidationReport) -> None:
    assert validate(changed(PREFIX), content()[0]).results == spoilt.results


def test_formats_for_people_leave_out_what_follows_and_say_so(spoilt: ValidationReport) -> None:
    made = document(spoilt)
    for name in {each.name for each in FORMATS} - {"json", "turtle", "junit", "codequality"}:
        told = written(name, made)
        assert f"{len(made.following)} other results follow" in told
        assert "Period-precision" not in told
        assert "Period-precision" in written(name, replace(made, everything=True))


def test_json_has_all_and_names_the_causes(spoilt: ValidationReport) -> None:
    results = json.loads(written("json", document(spoilt)))["results"]
    (cause,) = (each for each in results if not each["follows"])
    assert cause["rule"].endswith("/KnownNamespace")
    assert {tuple(each["follows"]) for each in results if each is not cause} == {(cause["id"],)}


def test_what_follows_from_an_accepted_mistake_is_told(spoilt: ValidationReport) -> None:
    made = document(spoilt)
    accepting = replace(made, accepted=frozenset(made.told))
    assert accepting.following == ()
    assert len(accepting.told) == len(made.following)


def test_very_many_statements_are_not_validated_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causing, "MOST", 10)
    report = with_causes_of(changed(PREFIX), content()[0])
    assert document(report).following == ()
