"""Reports in every format: right for people, valid for programs, the same in every run."""

import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pyshacl
import pytest
from jsonschema import Draft202012Validator
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.term import Node

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders, find_folders
from sikkerby_kg.shape_rules import Shape
from sikkerby_kg.terms import from_rdflib
from sikkerby_kg.texts import LANGUAGES
from sikkerby_kg.validation import (
    Place,
    Severity,
    ValidationReport,
    ValidationResult,
    read_shapes,
    validate,
)
from sikkerby_kg.validation.graphs import Converter
from sikkerby_kg.validation.report import Part
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.writers import (
    FORMATS,
    Document,
    Files,
    format_of,
    in_order,
    problems_of,
    written,
)
from sikkerby_kg.validation.writers.excerpt import excerpt
from sikkerby_kg.validation.writers.json_report import SCHEMA
from sikkerby_kg.validation.writers.limit import MOST

ROOT = Path(__file__).parent.parent
EX = "https://example.org/"
SHAPE = "https://w3id.org/sikkerby-kg/shape/"
NAMES = [each.name for each in FORMATS]
PLAN = """@prefix ex: <https://example.org/> .
ex:plan a ex:Plan ;
\tex:navn "Bådplan – 船"@da , "x"@dk ;
    ex:ends "2021-12-31" .
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a file that places can lie in."""
    for name in ("ontology", "data", "queries", "web"):
        (tmp_path / "root" / name).mkdir(parents=True)
    (tmp_path / "root" / "data" / "plan.trig").write_text(PLAN, encoding="utf-8")
    return tmp_path / "root"


def result(**changes: object) -> ValidationResult:
    """A result about the end of the plan; some of it may be other."""
    made = ValidationResult(
        severity=Severity.VIOLATION,
        focus_term=NamedNode(f"{EX}plan"),
        path="ex:ends",
        path_iri=f"{EX}ends",
        value_term=from_rdflib(Literal("2021-12-31")),
        messages=(
            ("da", f"Skriv datoen som xsd:date ved {EX}plan."),
            ("en", f"Write the date as xsd:date at {EX}plan."),
        ),
        names=(("da", "slutter"), ("en", "ends")),
        shape_term=NamedNode(f"{SHAPE}Plan-ends"),
        node_shape_term=NamedNode(f"{SHAPE}Plan"),
        component=str(SH.DatatypeConstraintComponent),
        places=(Place("data/plan.trig", 4, 13, 4, 25, Part.VALUE),),
    )
    for name in ("focus", "value", "shape", "node_shape"):
        if name in changes:
            term = changes.pop(name)
            changes[f"{name}_term"] = from_rdflib(term) if isinstance(term, Node) else None
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


SHAPES = {
    f"{SHAPE}Plan-ends": Shape(
        f"{SHAPE}Plan-ends",
        name={"da": "slutter", "en": "ends"},
        description={"da": "Datoer skal kunne sammenlignes.", "en": "Dates must be comparable."},
        message={"da": "Skriv datoen.", "en": "Write the date."},
    )
}


def document(
    root: Path, results: Sequence[ValidationResult], *, lang: str = "en", **more: object
) -> Document:
    report = ValidationReport(
        tuple(results),
        {f"{EX}plan": (("da", "bådplan"), ("en", "boat plan"))},
        {"ex": EX},
        ("data/other.trig", "data/plan.trig"),
    )
    return Document(in_order(report), lang, Files(Folders(root), root), SHAPES, **more)  # type: ignore[arg-type]


# --- Text --------------------------------------------------------------------------------------


def test_text_has_place_thing_message_line_marks_facts_and_counts(root: Path) -> None:
    again = Place("data/other.trig", 7, 1)
    told = result(places=(*result().places, again))
    assert (
        written("text", document(root, [told]))
        == f"""\
data/plan.trig:4:13: error: boat plan · ends: Write the date as xsd:date at ex:plan. [Plan-ends]
  |
4 |     ex:ends "2021-12-31" .
  |             ^^^^^^^^^^^^
  = thing: boat plan (ex:plan)
  = path: ends (ex:ends)
  = value: 2021-12-31
  = shape: {SHAPE}Plan-ends
  = why: Dates must be comparable.
  = also stands in: data/other.trig:7:1
  = help: sikkerby-kg validate --explain Plan-ends shows what is right

Not valid. Violations: 1, warnings: 0, info: 0. Files: 2.
"""
    )


def test_text_is_in_the_language_asked_for(root: Path) -> None:
    told = written("text", document(root, [result()], lang="da"))
    assert "data/plan.trig:4:13: fejl: bådplan · slutter: Skriv datoen som xsd:date" in told
    assert "= hvorfor: Datoer skal kunne sammenlignes." in told
    assert "Ugyldigt. Overtrædelser: 1" in told


def test_text_tells_a_known_hole_in_one_line_and_the_advice_on_a_shape_once(root: Path) -> None:
    info = result(severity=Severity.INFO)
    made = document(root, [info, result(), result(value=Literal("x"))])
    told = written("text", made)
    assert "info: boat" not in told
    assert "Known holes that are not shown beside what is worse: 1;" in told
    for each in (
        dataclasses.replace(made, everything=True),
        dataclasses.replace(made, threshold=Severity.INFO),
    ):
        assert len(re.findall(r"^\S+: info: .*$", written("text", each), re.MULTILINE)) == 1
    assert told.count("--explain Plan-ends") == 1
    assert written("text", document(root, [info])).count("\n") == 3


def test_text_without_a_line_names_the_file_and_makes_no_line_up(root: Path) -> None:
    told = written("text", document(root, [result(places=(Place("data/plan.trig"),))]))
    assert told.startswith("data/plan.trig: error: ")
    assert " |" not in told
    assert written("text", document(root, [result(places=())])).startswith("(no file): error: ")


def test_text_in_colour_says_the_same(root: Path) -> None:
    plain = document(root, [result(), result(severity=Severity.WARNING)])
    told = written("text", plain.with_colour(wanted=True))
    assert "\x1b[1;31merror:\x1b[0m" in told
    assert "\x1b[1;33mwarning:\x1b[0m" in told
    assert re.sub(r"\x1b\[[0-9;]*m", "", told) == written("text", plain)


def test_text_lets_no_content_control_the_terminal(root: Path) -> None:
    evil = "\x1b]0;owned\x07\u202e"
    (root / "data" / "plan.trig").write_text(PLAN.replace("2021", evil), encoding="utf-8")
    told = written("text", document(root, [result(value=Literal(evil), messages=(("en", evil),))]))
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", told)


def test_two_rules_that_say_the_same_of_the_same_statement_are_told_once(root: Path) -> None:
    twice = [result(), result(component=str(SH.PatternConstraintComponent))]
    assert written("text", document(root, twice)).count(": error:") == 1
    assert json.loads(written("json", document(root, twice)))["counts"]["violation"] == 1
    assert len(json.loads(written("json", document(root, twice)))["results"]) == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_patterns_of_the_editor_find_every_result_at_its_place(root: Path, lang: str) -> None:
    (task,) = json.loads((ROOT / "deploy" / "ci" / "vscode-tasks.json").read_text(encoding="utf-8"))["tasks"]
    place = Place("data/a b.trig", 12, 3, 12, 9)
    results = [result(severity=each, places=(place,)) for each in Severity]
    found = []
    for line in written("text", document(root, results, lang=lang, everything=True)).splitlines():
        for each in task["problemMatcher"]:
            pattern = each["pattern"]
            if match := re.match(pattern["regexp"], line):
                at = (match[pattern[key]] for key in ("file", "line", "column", "code"))
                found.append((each["severity"], *at))
    assert found == [(name, "data/a b.trig", "12", "3", "Plan-ends") for name in ("error", "warning", "info")]


# --- Very many results ---------------------------------------------------------------------------


def many(root: Path, count: int) -> Document:
    """So many results of one shape, and one of another."""
    other = result(shape_term=NamedNode(f"{SHAPE}Plan-begins"))
    values = (result(value_term=from_rdflib(Literal(f"{number:05}"))) for number in range(count))
    return document(root, [*values, other])


@pytest.mark.parametrize(("name", "mark"), [("text", "error: boat plan"), ("github", "::error ")])
def test_of_very_many_results_of_a_shape_the_rest_is_counted(root: Path, name: str, mark: str) -> None:
    told = written(name, many(root, MOST + 3))
    assert told.count(mark) == MOST + 1
    assert f"{SHAPE}Plan-ends: 3 more results" in told.replace("%3A", ":")
    assert "Plan-begins" in told


@pytest.mark.parametrize("name", ["text", "github"])
def test_as_many_results_as_are_told_leave_no_rest(root: Path, name: str) -> None:
    assert "more results" not in written(name, many(root, MOST))


def test_json_has_very_many_results_all_of_them_a_line_each(root: Path) -> None:
    told = written("json", many(root, MOST + 3))
    assert len(json.loads(told)["results"]) == MOST + 4
    assert sum(line.startswith('    {"id": ') for line in told.splitlines()) == MOST + 4


# --- Lines of files ----------------------------------------------------------------------------


def marked(root: Path, text: str, place: Place) -> list[tuple[str, str, str]]:
    (root / "data" / "plan.trig").write_bytes(text.encode())
    return [(each.number, each.text, each.marks) for each in excerpt(place, Files(Folders(root), root))]


@pytest.mark.parametrize(
    ("line", "column", "end", "marks"),
    [
        ('ex:a "x" .', 6, 9, "     ^^^"),
        ('\tex:a\t"x" .', 7, 10, "\t    \t^^^"),
        ('ex:船 "船x" .', 6, 10, "      ^^^^^"),
        ('ex:a "e\u0301x" .', 6, 11, "     ^^^^"),
        ('e\u0301:a "x" .', 6, 9, "    ^^^"),
        ("ex:a ", 6, 6, "     ^"),
        ("ex:a .", 40, 44, "      ^"),
        ("ex:a .", 1, None, "^"),
        ("  ex:a .", None, None, "  ^^^^^^"),
    ],
)
def test_marks_stand_under_what_is_meant(
    root: Path, line: str, column: int | None, end: int | None, marks: str
) -> None:
    place = Place("data/plan.trig", 2, column, 2 if end else None, end)
    assert marked(root, f"# æ\r\n{line}\r\n", place) == [("2", line, marks)]


def test_of_several_lines_the_first_are_shown(root: Path) -> None:
    text = '"""one\n  two\nthree\nfour\nfive""" .\n'
    shown = marked(root, text, Place("data/plan.trig", 1, 1, 5, 8))
    assert shown[:3] == [("1", '"""one', "^^^^^^"), ("2", "  two", "  ^^^"), ("3", "three", "^^^^^")]
    assert shown[3][1:] == ("…", "")
    assert marked(root, text, Place("data/plan.trig", 4, 1, 5, 8))[-1] == ("5", 'five""" .', "^^^^^^^")


def test_a_long_line_is_cut_around_what_is_meant(root: Path) -> None:
    ((_, text, marks),) = marked(root, f"{'a' * 500}HERE{'b' * 500}", Place("data/plan.trig", 1, 501, 1, 505))
    assert len(text) < 200
    assert text[marks.index("^") : len(marks)] == "HERE"
    assert text[0] == text[-1] == "…"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_is_gone_or_has_changed_is_no_mishap(root: Path, name: str) -> None:
    lost = [
        result(places=(Place("data/gone.trig", 3, 1, 3, 9),)),
        result(places=(Place("data/plan.trig", 99, 1, 99, 9),), value=Literal("y")),
    ]
    assert written(name, document(root, lost))
    (root / "data" / "plan.trig").write_bytes(b"\xff\xfe\x00")
    assert written(name, document(root, [result(places=(Place("data/plan.trig", 1, 2, 1, 3),))]))


# --- GitHub ------------------------------------------------------------------------------------


def test_github_has_a_command_for_each_result_with_inclusive_columns(root: Path) -> None:
    told = written("github", document(root, [result(), result(severity=Severity.INFO, places=())]))
    first, second = told.splitlines()
    assert first == (
        "::error file=data/plan.trig,line=4,col=13,endColumn=24,title=Plan-ends::"
        "boat plan · ends: Write the date as xsd:date at ex:plan."
    )
    assert second.startswith("::notice title=Plan-ends::")
    assert written("github", document(root, [])) == ""


def test_github_lets_no_content_control_the_log(root: Path) -> None:
    told = written("github", document(root, [result(messages=(("en", "\x1b[2J\u202ex"),))]))
    assert "\\x1b[2J" in told
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", told)


def test_github_escapes_what_would_end_a_command(root: Path) -> None:
    """As the runner's toolkit does: data has %, CR and LF escaped, properties colon and comma, too."""
    odd = Place("data/a,b:c%.trig", 1, 1, 2, 1)
    said = result(places=(odd,), messages=(("en", "50 %\r\n::error::no"),), severity=Severity.WARNING)
    (line,) = written("github", document(root, [said])).splitlines()
    assert line.startswith("::warning file=data/a%2Cb%3Ac%25.trig,line=1,endLine=2,title=Plan-ends::")
    assert line.endswith("50 %25 ::error::no")


# --- SARIF -------------------------------------------------------------------------------------


TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LINE = {"type": "integer", "minimum": 1}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/run"}},
    },
    "additionalProperties": False,
    "$defs": {
        "run": {
            "required": ["tool", "results", "invocations"],
            "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "language": {"pattern": "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$"},
                "invocations": {"items": {"required": ["executionSuccessful"]}},
                "tool": {
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "required": ["name"],
                            "properties": {"rules": {"uniqueItems": True, "items": {"$ref": "#/$defs/rule"}}},
                        }
                    },
                },
                "results": {"items": {"$ref": "#/$defs/result"}},
            },
        },
        "rule": {
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "shortDescription": TEXT,
                "fullDescription": TEXT,
                "help": TEXT,
                "helpUri": {"type": "string", "format": "uri"},
                "defaultConfiguration": {"properties": {"level": {"$ref": "#/$defs/level"}}},
            },
            "additionalProperties": False,
        },
        "level": {"enum": ["none", "note", "warning", "error"]},
        "result": {
            "required": ["message", "ruleId", "ruleIndex", "locations"],
            "properties": {
                "message": TEXT,
                "level": {"$ref": "#/$defs/level"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "locations": {"items": {"$ref": "#/$defs/location"}},
                "relatedLocations": {"items": {"$ref": "#/$defs/location"}},
                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                "suppressions": {"items": {"required": ["kind"]}},
                "ruleId": {"type": "string"},
            },
            "additionalProperties": False,
        },
        "location": {
            "required": ["physicalLocation"],
            "properties": {
                "physicalLocation": {
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {"properties": {"uri": {"format": "uri-reference"}}},
                        "region": {
                            "required": ["startLine"],
                            "properties": dict.fromkeys(
                                ("startLine", "startColumn", "endLine", "endColumn"), LINE
                            ),
                            "additionalProperties": False,
                        },
                    },
                }
            },
        },
    },
}
"""What we use of the schema of SARIF 2.1.0 (appendix D of the standard), in our own words."""


def test_sarif_is_as_its_standard_says(root: Path) -> None:
    Draft202012Validator.check_schema(SARIF)
    told = result(places=(*result().places, Place("data/søer.trig", 7)))
    for each in (*documents(root), document(root, [told, result(places=())]), document(root, [])):
        log = json.loads(written("sarif", each))
        Draft202012Validator(SARIF).validate(log)
        for run in log["runs"]:
            rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
            assert [rules[found["ruleIndex"]] for found in run["results"]] == [
                found["ruleId"] for found in run["results"]
            ]


def sarif(made: Document) -> dict[str, object]:
    log = json.loads(written("sarif", made))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


def test_sarif_has_rules_regions_and_relative_uris(root: Path) -> None:
    also = Place("data/søer og år.trig", 7)
    run = json.loads(written("sarif", document(root, [result(places=(*result().places, also))])))["runs"][0]
    (rule,), (found,) = run["tool"]["driver"]["rules"], run["results"]
    assert rule["id"] == found["ruleId"] == "Plan-ends"
    assert found["ruleIndex"] == 0
    assert rule["helpUri"] == f"{SHAPE}Plan-ends"
    assert rule["fullDescription"]["text"] == "Dates must be comparable."
    assert "Write the date." in rule["help"]["text"]
    assert "Skriv datoen." in rule["help"]["text"]
    assert found["level"] == "error"
    physical = found["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "data/plan.trig", "uriBaseId": "%SRCROOT%", "index": 1}
    assert physical["region"] == {"startLine": 4, "startColumn": 13, "endLine": 4, "endColumn": 25}
    related = found["relatedLocations"][0]["physicalLocation"]
    assert related["artifactLocation"]["uri"] == "data/s%C3%B8er%20og%20%C3%A5r.trig"
    assert related["region"] == {"startLine": 7}
    assert "suppressions" not in found


def test_sarif_makes_no_line_up(root: Path) -> None:
    told = written("sarif", document(root, [result(places=(Place("data/plan.trig"),))]))
    assert "region" not in told


def test_sarif_levels_follow_severities(root: Path) -> None:
    run = sarif(document(root, [result(severity=each) for each in Severity]))
    assert [each["level"] for each in run["results"]] == ["error", "warning", "note"]  # type: ignore[attr-defined]


def test_sarif_tells_shapes_of_one_name_apart(root: Path) -> None:
    other = result(shape=URIRef(f"{EX}Plan-ends"))
    run = json.loads(written("sarif", document(root, [result(), other])))["runs"][0]
    assert sorted(each["id"] for each in run["tool"]["driver"]["rules"]) == [
        f"{EX}Plan-ends",
        f"{SHAPE}Plan-ends",
    ]


def test_sarif_suppresses_what_is_accepted(root: Path) -> None:
    known = result()
    run = sarif(document(root, [known, result(value=Literal("y"))], accepted=frozenset([known])))
    assert sorted(len(each["suppressions"]) for each in run["results"]) == [0, 1]  # type: ignore[attr-defined]


def test_an_identity_does_not_change_with_lines_and_is_never_shared(root: Path) -> None:
    moved = dataclasses.replace(result(), places=(Place("data/plan.trig", 40, 1, 40, 2),))
    before = document(root, [result(), result(value=Literal("y"))]).identity()
    after = document(root, [moved, result(value=Literal("y"))]).identity()
    assert before[result()] == after[moved]
    assert len(set(before.values())) == 2
    alike = document(root, [result(), moved]).identity()
    assert len(set(alike.values())) == 2


# --- JUnit -------------------------------------------------------------------------------------


def junit(made: Document) -> ET.Element:
    return ET.fromstring(written("junit", made))  # noqa: S314  (our own)


def test_junit_has_a_suite_for_each_file_and_a_failure_for_each_result(root: Path) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, 7, UTC)
    mild = result(severity=Severity.WARNING)
    suites = junit(document(root, [result(), mild], moment=moment))
    other, plan = suites
    assert [each.get("name") for each in suites] == ["data/other.trig", "data/plan.trig"]
    assert (other.get("tests"), other.get("failures")) == ("1", "0")
    assert (plan.get("tests"), plan.get("failures"), plan.get("errors")) == ("2", "1", "0")
    assert plan.get("timestamp") == "2026-02-03T04:05:06"
    (failure,) = plan.iter("failure")
    assert failure.get("type") == "Plan-ends"
    assert (failure.text or "").startswith("data/plan.trig:4:13: boat plan · ends: ")
    assert "warning: boat plan" in (plan.findtext("system-out") or "")
    assert {each.tag for each in plan} == {"properties", "testcase", "system-out", "system-err"}


def test_junit_fails_what_is_as_bad_as_the_threshold(root: Path) -> None:
    mild = document(root, [result(severity=Severity.WARNING)], threshold=Severity.INFO)
    assert len(list(junit(mild).iter("failure"))) == 1


def test_junit_holds_any_text(root: Path) -> None:
    odd = "<&]]>\x00\x0b\ufffe"
    suites = junit(document(root, [result(messages=(("en", odd),), places=())]))
    assert "<&]]>\\x00 \\ufffe" in (next(suites.iter("failure")).get("message") or "")


# --- JSON --------------------------------------------------------------------------------------


def documents(root: Path) -> Iterator[Document]:
    """Documents that have everything in them at some place."""
    inner = result(path=None, path_iri=None, value=None, shape=BNode("s"), node_shape=None)
    blank = result(focus=BNode("x"), value=Literal("a", lang="da"), detail=(inner,), constraint="SELECT …")
    number = result(
        value=Literal("1", datatype=URIRef("http://www.w3.org/2001/XMLSchema#integer")), places=()
    )
    yield document(root, [blank, number, result()])
    yield document(root, [result()], accepted=frozenset([result()]))
    error = ContentError("content.syntax", path="data/plan.trig", line=2, column=3, problem="odd")
    files = Files(Folders(root), root)
    yield document(root, [], problems=problems_of([error, ContentError("validate.empty_path")], "en", files))


def test_json_is_as_its_schema_says(root: Path) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for each in documents(root):
        Draft202012Validator(schema).validate(json.loads(written("json", each)))


def test_json_has_everything_about_a_result(root: Path) -> None:
    (found,) = json.loads(written("json", document(root, [result()])))["results"]
    assert found["places"] == [
        {"file": "data/plan.trig", "line": 4, "column": 13, "endLine": 4, "endColumn": 25, "part": "value"}
    ]
    assert found["focus"] == {"type": "uri", "value": f"{EX}plan"}
    assert found["label"] == "boat plan"
    assert set(found["messages"]) == {"da", "en"}
    assert found["value"] == {"type": "literal", "value": "2021-12-31"}


# --- HTML --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_html_needs_nothing_beside_itself(root: Path, lang: str) -> None:
    page = written("html", document(root, [result(), result(severity=Severity.INFO)], lang=lang))
    assert f'<html lang="{lang}">' in page
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(| src=| on\w+=", page)
    assert "prefers-color-scheme: dark" in page
    assert '<mark>"2021-12-31"</mark>'.replace('"2', "&#34;2").replace('1"<', "1&#34;<") in page


def test_html_shows_what_the_content_says_as_text(root: Path) -> None:
    evil = '<script>alert(1)</script>"'
    (root / "data" / "plan.trig").write_text(PLAN.replace("2021-12-31", evil), encoding="utf-8")
    bad = result(focus=URIRef("javascript:alert(1)"), value=Literal(evil), messages=(("en", evil),))
    page = written("html", document(root, [bad]))
    assert "<script" not in page
    assert 'href="javascript' not in page


def test_html_groups_by_severity_and_thing(root: Path) -> None:
    results = [result(), result(value=Literal("y")), result(severity=Severity.WARNING)]
    page = written("html", document(root, results))
    assert [int(each) for each in re.findall(r"<h2[^>]*>.*\((\d+)\)</h2>", page)] == [2, 1]
    assert len(re.findall("<h3>", page)) == 2
    assert len(re.findall("<article>", page)) == 3


# --- The standard report graph -----------------------------------------------------------------

MADE_UP_SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:S a sh:NodeShape ; sh:targetClass ex:C ;
  sh:property [ sh:minCount 1 ; sh:message "m"@da, "n"@en ;
    sh:path ( dct:valid [ sh:inversePath skos:broader ] ) ] ;
  sh:property [ sh:minCount 1 ;
    sh:path [ sh:alternativePath ( ex:a [ sh:zeroOrMorePath [ sh:inversePath ex:b ] ] ) ] ] ;
  sh:property [ sh:minCount 1 ;
    sh:path [ sh:inversePath [ sh:oneOrMorePath ( ex:a [ sh:zeroOrOnePath ex:b ] ) ] ] ] ;
  sh:property ex:S-p ;
  sh:sparql [ sh:message "x"@en ;
    sh:select "SELECT $this ?value WHERE { $this <https://example.org/z> ?value }" ] .
ex:S-p sh:path ex:p ; sh:severity sh:Warning ; sh:node ex:T .
ex:T a sh:NodeShape ; sh:property ex:T-q .
ex:T-q sh:path ex:q ; sh:datatype xsd:integer ; sh:message "a number"@en .
"""
MADE_UP_DATA = """
@prefix ex: <https://example.org/> .
ex:x a ex:C ; ex:p [ ex:q "s"@da , "2"^^ex:odd ] ; ex:z 1 , 02 .
ex:y a ex:C ; ex:z 1 .
"""


def results_only(report: Graph) -> Graph:
    """What is said of results and their paths, without messages, shapes, constraints and data."""
    kept = Graph()
    steps = {
        RDF.first,
        RDF.rest,
        *(SH[f"{n}Path"] for n in ("inverse", "alternative", "zeroOrMore", "oneOrMore", "zeroOrOne")),
    }
    paths: list[Node] = list(report.objects(None, SH.resultPath))
    for path in paths:
        for predicate, value in report.predicate_objects(path):
            if predicate in steps and isinstance(path, BNode):
                kept.add((path, predicate, value))
                paths.append(value)
    for kind in (SH.ValidationReport, SH.ValidationResult):
        for node in report.subjects(RDF.type, kind):
            for predicate, value in report.predicate_objects(node):
                if predicate != SH.resultMessage:
                    kept.add((node, predicate, value))
    return kept


def read(path: Path) -> Graph:
    """A file in a plain rdflib graph, lexical forms as written."""
    converter, graph = Converter(), Graph()
    for quad in parse_file(path):
        graph.add(converter.statement(quad))
    return graph


def reports(tmp_path: Path, shapes: str, data: str) -> tuple[Graph, Graph]:
    """The report of pySHACL on its own, and ours as a graph."""
    (tmp_path / "shapes.ttl").write_text(shapes, encoding="utf-8")
    (tmp_path / "data.ttl").write_text(data, encoding="utf-8")
    theirs = pyshacl.validate(read(tmp_path / "data.ttl"), shacl_graph=read(tmp_path / "shapes.ttl"))[1]
    source = Source("data.ttl", tuple(parse_file(tmp_path / "data.ttl")))
    found = validate([source], read_shapes({"shapes.ttl": tmp_path / "shapes.ttl"}))
    made = Document(in_order(found), "en", Files(Folders(tmp_path), tmp_path))
    (tmp_path / "ours.ttl").write_text(written("turtle", made), encoding="utf-8")
    return theirs, read(tmp_path / "ours.ttl")


def test_turtle_is_the_report_graph_that_pyshacl_makes(tmp_path: Path) -> None:
    theirs, ours = reports(tmp_path, MADE_UP_SHAPES, MADE_UP_DATA)
    one, two = (results_only(each) for each in (theirs, ours))
    assert len(one) > 60
    assert isomorphic(one, two)
    assert len(list(ours.subject_objects(SH.detail))) == 2
    queries = {str(value) for value in ours.objects(None, SH.select)}
    assert queries == {"SELECT $this ?value WHERE { $this <https://example.org/z> ?value }"}


def test_turtle_has_the_messages_of_the_shapes_with_their_languages(tmp_path: Path) -> None:
    _, ours = reports(tmp_path, MADE_UP_SHAPES, MADE_UP_DATA)
    assert {Literal("m", lang="da"), Literal("n", lang="en"), Literal("a number", lang="en")} <= set(
        ours.objects(None, SH.resultMessage)
    )


def test_turtle_conforms_where_there_is_no_result(root: Path) -> None:
    graph = Graph().parse(data=written("turtle", document(root, [])), format="turtle")
    assert [str(value) for value in graph.objects(None, SH.conforms)] == ["true"]
    assert len(graph) == 2


def test_a_path_whose_term_has_a_slash_in_it_is_still_a_path(tmp_path: Path) -> None:
    shapes = MADE_UP_SHAPES.replace("dct:valid", "<http://purl.org/dc/terms/a/b>")
    theirs, ours = reports(tmp_path, shapes, MADE_UP_DATA)
    assert isomorphic(*(results_only(each) for each in (theirs, ours)))


# --- All formats -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_format_is_the_same_in_every_run_whatever_blank_nodes_are_called(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "shapes.ttl").write_text(MADE_UP_SHAPES, encoding="utf-8")
    data = MADE_UP_DATA + "".join(f'[] a ex:C ; ex:n "{n}" ; ex:p [ ex:q "{n}" ] .\n' for n in range(5))
    (tmp_path / "data.ttl").write_text(data, encoding="utf-8")
    made = set()
    for _ in range(2):
        source = Source("data.ttl", tuple(parse_file(tmp_path / "data.ttl")))
        found = validate([source], read_shapes({"shapes.ttl": tmp_path / "shapes.ttl"}))
        made.add(written(name, Document(in_order(found), "en", Files(Folders(tmp_path), tmp_path))))
    (text,) = made
    assert (
        re.search(r"\b[0-9a-f]{32}\b", re.sub(r'"(id|fingerprint|resultIdentity/v1)": "\w+"', "", text))
        is None
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_format_tells_of_what_cannot_be_read(root: Path, name: str) -> None:
    error = ContentError("content.syntax", path="data/plan.trig", line=2, column=3, problem="odd comma")
    files = Files(Folders(root), root)
    made = document(root, [], problems=problems_of([error], "en", files))
    told = written(name, made)
    assert not made.holds
    if name != "turtle":  # it has results only
        assert "odd comma" in told
        assert re.search(r"plan\.trig", told)
        assert "Valid." not in told


def test_the_end_of_a_name_stands_for_a_format() -> None:
    assert [
        format_of(f"a{end}") for end in (".txt", ".SARIF", ".sarif.json", ".json", ".xml", ".html", ".ttl")
    ] == [*("text", "sarif", "sarif", "json", "junit", "html", "turtle")]
    assert format_of("a.docx") is None


def test_names_of_files_are_seen_from_the_start(root: Path, tmp_path: Path) -> None:
    files = Files(Folders(root), tmp_path)
    assert files.shown("data/plan.trig") == "root/data/plan.trig"
    assert files.uri("data/plan.trig") == ("root/data/plan.trig", True)
    elsewhere = Files(Folders(root), root / "queries")
    assert elsewhere.shown("data/plan.trig") == (root / "data" / "plan.trig").as_posix()
    assert elsewhere.uri("data/plan.trig") == ((root / "data" / "plan.trig").as_uri(), False)


def test_every_shape_of_ours_can_be_told_of(root: Path) -> None:
    """Names, reasons and messages of all shapes reach the report under the IRI that results have."""
    from sikkerby_kg.validation.explanation import rules_of  # noqa: PLC0415

    folders = find_folders(ROOT)
    rules = rules_of(folders)
    results = [result(shape=URIRef(iri)) for iri in rules]
    run = json.loads(written("sarif", dataclasses.replace(document(root, results), shapes=rules)))["runs"][0]
    assert len(run["tool"]["driver"]["rules"]) == len(rules) > 150
    for rule in run["tool"]["driver"]["rules"]:
        assert {"shortDescription", "fullDescription", "help", "defaultConfiguration"} <= set(rule), rule[
            "id"
        ]


# --- Things without IRI ------------------------------------------------------------------------


def anchored(data: str, about: str) -> str:
    """What the one subject of a property is called."""
    from sikkerby_kg.validation.anchors import anchors  # noqa: PLC0415
    from sikkerby_kg.validation.index import DataIndex  # noqa: PLC0415

    index = DataIndex()
    index.load(parse(f"@prefix ex: <{EX}> . {data}".encode(), RdfFormat.TURTLE))
    (node,) = index.out[index.number(NamedNode(EX + about))]
    (name,) = anchors(index, [index.terms[node]]).values()
    return name.replace(EX, "")


def test_a_thing_without_iri_is_called_after_what_it_hangs_on() -> None:
    assert anchored("ex:b ex:p [ ex:q [ ex:me 1 ] ] . ex:a ex:r ex:b .", "me") == "<b> → p → q"
    assert anchored("ex:b ex:p _:x . ex:a ex:p _:x . _:x ex:me 1 .", "me") == "<a> → p"
    assert anchored("_:a ex:p _:b . _:b ex:p _:a ; ex:me 1 .", "me") == (
        '[ me "1"^^<http://www.w3.org/2001/XMLSchema#integer> ; p [] ]'
    )


def test_a_long_chain_or_a_dense_mesh_is_named_in_no_time() -> None:
    chain = " ".join(f"_:n{n} ex:p _:n{n + 1} ." for n in range(5_000))
    assert anchored(f"{chain} _:n5000 ex:me 1 .", "me").startswith("[ me ")
    mesh = " ".join(f"_:a{n}_{a} ex:p _:a{n + 1}_{b} ." for n in range(40) for a in "xy" for b in "xy")
    assert anchored(f"ex:top ex:p _:a0_x . {mesh} _:a40_x ex:me 1 .", "me").count("→") == 41
