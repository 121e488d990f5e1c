"""``sikkerby-kg validate``: lines for people, exit codes for programs, and no waiting."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sikkerby_kg import open_graph
from sikkerby_kg.cli import main

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "data" / "shapes"
MOST = 15
"""How many times as long as rdflib takes to read our own content validating it may take, start included."""

READ = """
import rdflib
from pathlib import Path
for path in (*Path("ontology").rglob("*.ttl"), *Path("data").rglob("*.trig")):
    rdflib.Dataset().parse(path)
"""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["validate", *map(str, words)])


def test_our_own_content_conforms() -> None:
    result = run()
    assert result.exit_code == 0
    assert result.stderr == ""
    assert re.search(
        r"^Gyldigt\. Overtrædelser: 0, advarsler: 0, oplysninger: \d+\. Filer: \d+\.$",
        result.stdout,
        re.MULTILINE,
    )


def test_a_result_is_one_line_with_file_thing_path_value_and_remedy() -> None:
    path = FIXTURES / "Principle" / "fail.ttl"
    result = run("--lang", "en", path)
    assert result.exit_code == 1
    (line,) = [
        each
        for each in result.stdout.splitlines()
        if "(https://example.org/case/count)" in each and "named" in each
    ]
    assert line == (
        f"  {path}: count (https://example.org/case/count) · stated number of focus areas = 1: "
        "The source states 1 focus areas but 2 are named; put the number right, or use sik:hasAddedFocusArea "
        "for those that have come in later."
    )


def test_results_are_grouped_by_severity_the_worst_first() -> None:
    result = run("--lang", "en", FIXTURES / "label" / "fail.ttl", FIXTURES / "Decision" / "fail.ttl")
    headings = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert [each.partition(":")[0] for each in headings] == [
        "Violations",
        "Warnings",
        "Info",
        "Not valid. Violations",
    ]
    numbers = [int(each) for each in re.findall(r": (\d+)", headings[-1])]
    assert sum(numbers[:3]) == sum(line.startswith("  ") for line in result.stdout.splitlines())


def test_the_same_line_is_written_and_counted_once(tmp_path: Path) -> None:
    """The number is neither a whole number nor of the right type, which two rules say in the same words."""
    path = tmp_path / "place.ttl"
    path.write_text(
        "@prefix oa: <http://www.w3.org/ns/oa#> .\n"
        '<https://example.org/p> a oa:TextPositionSelector ; oa:start "x" ; oa:end 9 .\n'
    )
    lines = run("--lang", "en", path).stdout.splitlines()
    found = [line for line in lines if line.startswith("  ")]
    assert len(found) == len(set(found)) > 0
    assert f"Violations: {len(found)}," in lines[-1]


def test_messages_are_danish_unless_asked() -> None:
    path = FIXTURES / "Fund" / "fail.ttl"
    assert "Lad dct:isPartOf pege på" in run(path).stdout
    assert "Let dct:isPartOf point at" in run("--lang", "en", path).stdout


def test_iris_in_a_line_are_shortened_by_the_prefixes_of_the_content() -> None:
    result = run(ROOT / "data" / "statements")
    assert result.exit_code == 0
    assert "(principle:" in result.stdout
    assert "https://w3id.org/sikkerby-kg/id/" not in result.stdout


def test_warnings_and_known_holes_do_not_fail(tmp_path: Path) -> None:
    path = tmp_path / "fund.ttl"
    path.write_text(
        "@prefix sik: <https://w3id.org/sikkerby-kg/model/> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<https://example.org/f> a sik:Fund ; skos:prefLabel "pulje"@da .\n'
    )
    result = run("--lang", "en", path)
    assert result.exit_code == 0
    assert "Valid. Violations: 0, warnings: 1, info: 0. Files: 1." in result.stdout


STEWARDS_SLIPS = {
    "end before start": (
        'dcat:endDate "2022-12-31"',
        'dcat:endDate "2021-12-31"',
        "slutter, før det begynder",
    ),
    "misspelt property": ("sik:statedPrincipleCount", "sik:statedPrincipelCount", "ingen egenskab"),
    "misspelt class": ("a sik:Decision", "a sik:Descision", "ingen klasse"),
    "language tag missing": ('"ultimo 2022"@da', '"ultimo 2022"', "med sprogmærke"),
    "misspelt reference": (
        "sik:concerns strategy:sikker-by-2022-2025 ;",
        "sik:concerns strategy:sikkerby ;",
        "er ikke beskrevet",
    ),
    "misspelt term of another vocabulary": ("dct:replaces", "dct:replace", "skriv dct:replaces, hvis"),
    "misspelt class of another vocabulary": (
        "a org:Organization",
        "a org:Organisation",
        "skriv org:Organization",
    ),
    "wrong namespace": ("<http://www.w3.org/ns/org#>", "<https://www.w3.org/ns/org#>", "ret præfikset"),
    "unknown language": ('"ultimo 2022"@da', '"ultimo 2022"@dk', "@dk er ikke et sprog; skriv @da"),
    "no day but a year": ('"2022-10-01"^^xsd:date', '"2022"^^xsd:gYear', "som hel dato"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of our own content that may be spoilt."""
    root = tmp_path / "root"
    for name in ("ontology", "data"):
        for path in (ROOT / name).rglob("*"):
            if path.suffix in (".ttl", ".trig"):
                target = root / path.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    for name in ("queries", "web"):
        (root / name).mkdir()
    return root


@pytest.mark.slow
@pytest.mark.parametrize("slip", STEWARDS_SLIPS)
def test_a_slip_in_a_file_of_the_content_is_found_in_that_file(copy: Path, slip: str) -> None:
    before, after, remedy = STEWARDS_SLIPS[slip]
    files = sorted((copy / "data" / "statements").rglob("[1-9]*.trig"))
    path = next(each for each in files if before in each.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(before, after), encoding="utf-8")
    result = run("--root", copy, path)
    assert result.exit_code == 1
    violations = result.stdout.partition("\n\n")[0]
    assert remedy in violations
    assert path.relative_to(copy).as_posix() in violations


def test_what_is_missing_is_told_of_the_file_where_the_thing_has_its_class(copy: Path) -> None:
    """Other files say something about the thing, too: the English names, the kinds, the gaps."""
    (path,) = (copy / "data" / "statements").rglob("3-5-*.trig")
    text, count = re.subn(r'skos:prefLabel "[^"]*"@da ;', "", path.read_text(encoding="utf-8"))
    assert count
    path.write_text(text, encoding="utf-8")
    violations = run("--root", copy, "--lang", "en").stdout.partition("\n\n")[0].splitlines()[1:]
    assert len(violations) == count
    assert {each.partition(":")[0].strip() for each in violations} == {path.relative_to(copy).as_posix()}


def test_what_cannot_be_read_is_told_with_its_place_and_exit_code_2(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.ttl"
    wrong.write_text("@prefix ex: <https://example.org/> .\nex:a ex:b\n  ex:c ex:d .\n")
    for words, problem in (
        ([tmp_path / "missing.ttl"], "missing.ttl findes ikke"),
        ([wrong], f"{wrong}:3:8: syntaksfejl"),
        ([tmp_path / "notes.md"], "findes ikke"),
        ([""], "En af de angivne stier er tom"),
        (["--root", tmp_path / "nowhere"], "Der er ingen mappe"),
    ):
        result = run(*words)
        assert result.exit_code == 2, words
        assert problem in result.stderr
        assert "Traceback" not in result.output


def test_broken_shapes_are_told_with_their_file_and_exit_code_2(copy: Path) -> None:
    shapes = copy / "ontology" / "shapes.ttl"
    shapes.write_text(
        shapes.read_text(encoding="utf-8").replace("sh:minCount 1", "sh:minCuont 1", 1), encoding="utf-8"
    )
    result = run("--root", copy)
    assert result.exit_code == 2
    assert "ontology/shapes.ttl" in result.stderr
    assert "sh:minCuont" in result.stderr


def test_python_gets_the_same_report() -> None:
    with open_graph(ROOT, "memory") as graph:
        report = graph.validate([FIXTURES / "Fund" / "fail.ttl"])
    assert not report.conforms
    assert {each.name("en") for each in report.results} == {"part of budget", "allocated amount"}


@pytest.mark.slow
def test_validating_our_own_content_is_quick() -> None:
    """The quickest of three runs each, counted in processor time so that a busy machine does not matter."""
    reading, validating = (
        min(processor_time(*words) for _ in range(3))
        for words in (("-c", READ), ("-m", "sikkerby_kg", "validate"))
    )
    assert validating < MOST * reading


def processor_time(*words: str) -> float:
    """Seconds of processor time that Python takes in a process of its own."""
    before = os.times()
    subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_shapes_that_pyshacl_carried_out_are_named(make_root: Path) -> None:
    """What is not covered is not passed over: the reason is what the shape uses."""
    (make_root / "ontology" / "shapes.ttl").write_text(
        """@prefix ex: <https://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:pattern "." ; sh:flags "q" .""",
        encoding="utf-8",
    )
    (make_root / "data" / "a.trig").write_text(
        "@prefix ex: <https://example.org/> . ex:g { ex:a a ex:T }", encoding="utf-8"
    )
    done = CliRunner().invoke(main, ["--root", str(make_root), "--lang", "en", "validate"])
    said = 'The shape https://example.org/S was checked by pySHACL, because it uses: sh:flags "q"'
    assert said in done.output
