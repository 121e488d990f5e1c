"""``sikkerby-kg check``: one sentence a violation, and exit codes for programs."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sikkerby_kg.checks import load_checks
from sikkerby_kg.cli import main
from sikkerby_kg.folders import Folders
from tests.running import content_copy

ROOT = Path(__file__).parent.parent
NO_LABEL = "The term sik:Budget has 0 labels tagged @da; write exactly one rdfs:label in that language."
PLURAL = "The label 'Funds'@en of sik:Fund is in the plural; write it in the indefinite singular."
CAPITAL = "The label 'Funds'@en of sik:Fund starts with a capital letter; write it in lower case."


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, words)])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of our own content, to be spoilt by a test."""
    return content_copy(tmp_path / "copy")


def spoil(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_check_of_our_own_content_ends_with_0() -> None:
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"Kontroller: {len(load_checks(Folders(ROOT)))}. Brud på dem: 0.\n"


def test_check_of_spoilt_ontology_prints_one_sentence_a_violation_and_ends_with_1(copy: Path) -> None:
    spoil(copy / "ontology" / "sikkerby.ttl", '    rdfs:label "budget"@da ;\n', "")
    spoil(copy / "ontology" / "sikkerby.ttl", 'rdfs:label "fund"@en', 'rdfs:label "Funds"@en')
    result = run("--root", copy, "--lang", "en")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines()[:-1] == [
        f"exactly-1-label-per-language: {NO_LABEL}",
        f"label-is-lower-case: {PLURAL}",
        f"label-is-lower-case: {CAPITAL}",
    ]
    assert result.stdout.splitlines()[-1].endswith("Violations: 3.")


def test_check_finds_a_slip_of_the_pen_in_the_data(copy: Path) -> None:
    file = copy / "data" / "gaps.trig"
    file.write_text(file.read_text(encoding="utf-8").replace("a sik:KnowledgeGap", "a sik:KnowlegdeGap", 1))
    result = run("--root", copy, "own-terms-are-declared")
    assert result.exit_code == 1
    assert result.stdout.startswith("own-terms-are-declared: sik:KnowlegdeGap bruges som en klasse, men")


def test_check_by_name_runs_only_the_named() -> None:
    result = run("no-cycles", "no-imports", "--lang", "en")
    assert (result.exit_code, result.stdout) == (0, "Checks: 2. Violations: 0.\n")


def test_check_list_says_what_each_check_is_for() -> None:
    result = run("--list")
    assert result.exit_code == 0
    for check in load_checks(Folders(ROOT)):
        assert f"{check.name}\n    {check.title}\n    {check.why}\n" in result.stdout


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("ontology/checks/no-cycles.rq", "SELECT", "ontology/checks/no-cycles.rq:1"),
        (
            "ontology/checks/no-cycles.rq",
            "# title: T\n# why: W.\n# severity: error\nASK {}",
            "term, error, error_da",
        ),
        ("ontology/sikkerby.ttl", "sik:A", "ontology/sikkerby.ttl:1"),
    ],
)
def test_check_of_unusable_input_ends_with_2(copy: Path, name: str, text: str, message: str) -> None:
    (copy / name).write_text(text, encoding="utf-8")
    result = run("--root", copy)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Fejl: ")
    assert message in result.stderr


@pytest.mark.parametrize("words", [("no-such-check",), ("--root", "no-such-folder"), ("--no-such-option",)])
def test_check_called_wrongly_ends_with_2(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Fejl: ")


@pytest.mark.slow
def test_check_says_the_same_of_a_store_elsewhere(endpoint: str, tmp_path: Path) -> None:
    expected = run().stdout
    assert run("--store", endpoint).stdout == expected
    assert run("--store", tmp_path / "store").stdout == expected


def test_check_in_an_endpoint_counts_a_violation_once(city_root: Path, city_endpoint: str) -> None:
    """An endpoint may give the same row for each graph that states it."""
    expected = run("--root", city_root)
    assert expected.exit_code == 1
    assert run("--root", city_root, "--store", city_endpoint).stdout == expected.stdout
