"""Every kind that our shapes know can be made from what they require, and the content still conforms."""

import io
from pathlib import Path

import openpyxl
import pytest

from sikkerby_kg.authoring import (
    Content,
    Draft,
    Field,
    Given,
    Kind,
    Kinds,
    Level,
    Maker,
    as_xlsx,
    import_file,
    plan,
    read_authored,
    read_kinds,
)
from sikkerby_kg.authoring.drafting import MishapsError, Whereabouts
from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.namespaces import RDF, XSD
from sikkerby_kg.validation import Severity

ROOT = Path(__file__).parent.parent
LITERALS = {
    "content-sha256": "0" * 64,
    "section-number": "9",
    "position": "9",
    "start": "2593",
    "end": "2594",
    "gap-property": "sik:allocatedAmount",
    "notation": "4711",
    "character-count": "1",
}
"""What is written where the shapes ask for more than a type."""

THINGS = {
    ("dataset", "license"): "https://creativecommons.org/licenses/by/4.0/",
    ("focus-area", "has-added-focus-area-of"): "principle:natteliv",
    ("passage", "has-selector"): "<https://w3id.org/sikkerby-kg/id/doc/midtvejsstatus/p/5/s/2/position>",
    ("passage", "is-part-of"): "<https://w3id.org/sikkerby-kg/id/doc/midtvejsstatus/p/5>",
    (
        "passage",
        "was-derived-from-of",
    ): "<https://w3id.org/sikkerby-kg/dataset/statements/midtvejsstatus/p5s2>",
    ("proposal", "proposed-for"): "principle:natteliv",
    ("statement-graph", "was-attributed-to"): "actor:sikkerby-kg",
}
"""What is taken where the first thing that may be taken would be wrong for another reason."""

ANYTHING = "plan:bandepakke-4"

BESIDES = {
    "period-of-time": {"start-date": "2031-01-01"},
    "passage": {"sentence-number": "99", "paragraph-number": "5"},
}
"""What a shape requires of a thing as a whole, and not of one property."""

INSTEAD = {"focus-area": 1, "passage": 2}
"""Which of several fields has the value, where the first one would say too much of another thing."""


@pytest.fixture(scope="module")
def content() -> Content:
    return read_authored(find_folders(ROOT))


@pytest.fixture(scope="module")
def kinds(content: Content) -> Kinds:
    return read_kinds(content)


def test_kinds_are_the_classes_that_have_a_shape(content: Content, kinds: Kinds) -> None:
    targets = {iri for shape in content.shapes.shapes.values() for iri in shape.targets}
    assert {kind.iri for kind in kinds.all} == targets
    assert len(kinds.all) > 30
    assert len({kind.name for kind in kinds.all}) == len(kinds.all)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("action-plan", "action-plan"),
        ("plan", "action-plan"),
        ("Handleplan", "action-plan"),
        ("action plan", "action-plan"),
        ("assessment", "status-assessment"),
        ("fokusområde", "focus-area"),
        ("fokusomraade", "focus-area"),
        ("principle", "principle"),
        ("gap", "knowledge-gap"),
        ("period", "period-of-time"),
        ("actor", "organization"),
    ],
)
def test_a_kind_is_found_by_what_people_call_it(kinds: Kinds, written: str, name: str) -> None:
    assert kinds.find(written).name == name


def test_a_kind_that_is_not_there_or_not_one_is_refused_with_close_ones(kinds: Kinds) -> None:
    with pytest.raises(UnknownNameError, match="focus-area"):
        kinds.find("focus-aera")
    with pytest.raises(UnknownNameError, match=r"source-document.*source-text"):
        kinds.find("source")


def test_fields_say_what_the_shapes_say(kinds: Kinds) -> None:
    plan_kind = kinds.find("policy-instrument")
    kind_of = plan_kind.field("type", "en")
    assert (kind_of.level, kind_of.most, kind_of.called("da"), kind_of.called("en")) == (
        Level.REQUIRED,
        1,
        "art",
        "kind",
    )
    name = plan_kind.field("label", "en")
    assert (name.datatype, dict(name.languages)) == (
        RDF.langString,
        {"da": Level.REQUIRED, "en": Level.EXPECTED},
    )
    period = plan_kind.field("gyldighedsperiode", "da")
    assert (period.name, period.level) == ("validity-period", Level.EXPECTED)
    assert kinds.find("principle").field("position", "en").datatype == XSD.integer
    area = kinds.find("focus-area")
    assert area.field("er fokusområde under", "da").key[1]  # backwards: said of the principle
    assert not area.field("has-aim", "en").is_shaped


def least(maker: Maker, kind: Kind) -> list[Given]:
    """The least that the shapes require of a kind, with the first choice wherever there are choices."""
    found: dict[str, Given] = {}
    for demand in kind.demands:
        each = kind.at(demand.fields[INSTEAD.get(kind.name, 0) if len(demand.fields) > 1 else 0])
        if demand.level is Level.REQUIRED and each and not each.fixed and not maker.usual_value(kind, each):
            found[each.name] = Given(each, value(maker, kind, each, demand.language), demand.language)
    for name, said in BESIDES.get(kind.name, {}).items():
        found[name] = Given(kind.field(name, "en"), said)
    return list(found.values())


def value(maker: Maker, kind: Kind, each: Field, language: str) -> str:
    if language or each.datatype == RDF.langString:
        return f"opdigtet {kind.called('da')}"
    if each.datatype:
        return LITERALS[each.name]
    if maker.reader.is_period(each):
        return "2031"
    choices = maker.reader.choices(each)
    return THINGS.get((kind.name, each.name)) or (choices[0][0] if choices else ANYTHING)


def made(maker: Maker, kind: Kind) -> Draft:
    has_place = maker.places.usual(kind) or kind.has_scheme or kind.name == "concept-scheme"
    where = Whereabouts("" if has_place else "p5s2", "" if kind.naming else f"opdigtet-{kind.name}")
    try:
        return maker.make(kind, least(maker, kind), where)
    except MishapsError as wrong:
        return pytest.fail(f"{kind.name}: {[error.text('en') for _, error in wrong.mishaps]}")


@pytest.mark.slow
def test_a_thing_of_every_kind_conforms(content: Content, kinds: Kinds) -> None:
    """A strategy and its principle need each other, so they are made together (below)."""
    maker = Maker(content, kinds, "da")
    drafts = [made(maker, kind) for kind in kinds.all if kind.name not in ("strategy", "principle")]
    assert len(drafts) == len(kinds.all) - 2
    found = plan(content, drafts)
    assert [(str(result.focus), result.message("en")) for result in found.refusals] == []
    assert found.report.of(Severity.VIOLATION) == ()


@pytest.mark.slow
def test_a_strategy_and_its_principle_are_imported_together(
    content: Content, kinds: Kinds, tmp_path: Path
) -> None:
    maker = Maker(content, kinds, "en")
    book = openpyxl.load_workbook(
        io.BytesIO(as_xlsx(maker, [kinds.find("strategy"), kinds.find("principle")]))
    )
    rows: dict[str, dict[str, str | int]] = {
        "strategy": {
            "Danish name": "Sikker By 2040-2043",
            "principles": "Ro på torvet",
            "validity period": "2040-2043",
            "source": "p5s2",
        },
        "professional principle": {
            "Danish name": "Ro på torvet",
            "strategy": "Sikker By 2040-2043",
            "position": 1,
            "source": "p5s2",
        },
    }
    for name, row in rows.items():
        headings = {cell.value.removesuffix(" *"): cell.column for cell in book[name][1]}
        for heading, said in row.items():
            book[name].cell(2, headings[heading], said)
    book.save(tmp_path / "strategy.xlsx")
    drafts = import_file(content, kinds, tmp_path / "strategy.xlsx", "en").drafts
    assert [draft.kind.name for draft in drafts] == ["strategy", "principle"]
    found = plan(content, drafts)
    assert [(str(result.focus), result.message("en")) for result in found.refusals] == []
