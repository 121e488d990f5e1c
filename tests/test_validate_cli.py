"""``sikkerby-kg validate``: lines for people, exit codes for programs, and no waiting."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sikkerby_kg import open_graph
from sikkerby_kg.cli import main
from tests.running import content_copy

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent.parent / "ontology" / "examples"
MOST = 15
"""How many times as long as rdflib takes to read our own content validating it may take, start included."""

READ = """
import rdflib
from collections.abc import Iterator
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


def first_lines(told: str, kind: str) -> list[str]:
    """The first line of every result of a severity."""
    return [line for line in told.splitlines() if re.match(rf"\S+: {kind}: ", line)]


def test_a_result_names_file_thing_path_value_and_remedy() -> None:
    path = FIXTURES / "Principle" / "fail.trig"
    result = run("--lang", "en", path)
    assert result.exit_code == 1
    (block,) = [
        each
        for each in result.stdout.split("\n\n")
        if "(https://example.org/case/count)" in each and "named" in each
    ]
    first, *facts = block.splitlines()
    assert re.fullmatch(
        re.escape(shown(path)) + r"(:\d+:\d+)?: error: count · stated number of focus areas: "
        "The source states 1 as the number of focus areas but names 2; put the number right, or use "
        "sik:hasAddedFocusArea "
        r"for those that have come in later\. \[Principle-count\]",
        first,
    )
    told = [each.strip(" =") for each in facts]
    assert "value: 1" in told
    assert "path: stated number of focus areas (sik:statedFocusAreaCount)" in told


def shown(path: Path) -> str:
    """A path as the command shows it: from the working folder, if it lies there."""
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)


def test_results_come_by_severity_the_worst_first_and_are_counted() -> None:
    result = run(
        "--all", "--lang", "en", FIXTURES / "label" / "fail.trig", FIXTURES / "Decision" / "fail.trig"
    )
    kinds = re.findall(r"^\S+: (error|warning|info): ", result.stdout, re.MULTILINE)
    assert kinds == sorted(kinds, key=("error", "warning", "info").index)
    assert set(kinds) == {"error", "warning", "info"}
    numbers = [int(each) for each in re.findall(r": (\d+)", result.stdout.splitlines()[-1])]
    assert numbers[:3] == [kinds.count(each) for each in ("error", "warning", "info")]


def test_the_same_line_is_written_and_counted_once(tmp_path: Path) -> None:
    """The number is neither a whole number nor of the right type, which two rules say in the same words."""
    path = tmp_path / "place.ttl"
    path.write_text(
        "@prefix oa: <http://www.w3.org/ns/oa#> .\n"
        '<https://example.org/p> a oa:TextPositionSelector ; oa:start "x" ; oa:end 9 .\n'
    )
    told = run("--lang", "en", path).stdout
    found = first_lines(told, "error")
    assert len(found) == len(set(found)) > 0
    assert f"Violations: {len(found)}," in told.splitlines()[-1]


def test_messages_are_danish_unless_asked() -> None:
    path = FIXTURES / "Fund" / "fail.trig"
    assert "Lad dct:isPartOf pege på" in run(path).stdout
    assert "Let dct:isPartOf point at" in run("--lang", "en", path).stdout


def test_iris_in_a_line_are_shortened_by_the_prefixes_of_the_content() -> None:
    result = run(ROOT / "data" / "statements")
    assert result.exit_code == 0
    assert "principle:" in result.stdout
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
    return content_copy(tmp_path / "root")


def test_terms_in_shapes_that_nobody_defines_are_told_at_their_place(copy: Path) -> None:
    shapes = copy / "ontology" / "shapes.ttl"
    text = shapes.read_text(encoding="utf-8")
    slips = {
        "sh:targetClass sik:Strategy ": "sh:targetClass sik:Stategy ",
        "sh:path skos:prefLabel ": "sh:path skos:prefLable ",
        "$this sik:datePrecision ?value": "$this sik:datePrecison ?value",
    }
    for right, wrong in slips.items():
        assert right in text
        text = text.replace(right, wrong, 1)
    shapes.write_text(text, encoding="utf-8")
    result = run("--root", copy, "--lang", "en")
    assert result.exit_code == 2
    for right, wrong in slips.items():
        meant, term = (
            next(w for w in each.split() if ":" in w and "sh:" not in w) for each in (right, wrong)
        )
        before = text[: text.index(wrong) + wrong.index(term)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        assert f"ontology/shapes.ttl:{line}:{column}: There is no {term}, " in result.stderr
        assert f"Did you mean {meant}?" in result.stderr


def test_files_that_look_like_content_and_are_none_are_named(copy: Path) -> None:
    for name in ("data/gaps.trg", "data/x.trig.txt", "data/PLAN.TTL", "data/README.md", "data/.x.trig.swp"):
        (copy / name).write_text("", encoding="utf-8")
    (copy / "ontology" / "more.TTL").write_text("", encoding="utf-8")
    os.mkfifo(copy / "data" / "pipe.trig")
    told = run("--root", copy, "--lang", "en").stderr
    names = "data/PLAN.TTL, data/gaps.trg, data/pipe.trig, data/x.trig.txt, ontology/more.TTL"
    assert told == f"Not read: {names}. Content is what ends in .trig in data/ and in .ttl in ontology/.\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_a_folder_that_takes_no_files_is_told_as_that() -> None:
    result = run("--lang", "en", "--output", "/proc/report.html", FIXTURES / "label" / "pass.trig")
    assert result.exit_code == 2
    assert "There is no file" not in result.stderr
    assert "/proc/report.html" in result.stderr


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
    violations = first_lines(result.stdout, "fejl")
    assert any(remedy in each and path.relative_to(copy).as_posix() in each for each in violations)


def test_what_is_missing_is_told_of_the_file_where_the_thing_has_its_class(copy: Path) -> None:
    """Other files say something about the thing, too: the English names, the kinds, the gaps."""
    (path,) = (copy / "data" / "statements").rglob("3-5-*.trig")
    text, count = re.subn(r'skos:prefLabel "[^"]*"@da ;', "", path.read_text(encoding="utf-8"))
    assert count
    path.write_text(text, encoding="utf-8")
    violations = first_lines(run("--root", copy, "--lang", "en").stdout, "error")
    assert len(violations) == count
    assert {each.partition(":")[0] for each in violations} == {path.as_posix()}


def test_what_cannot_be_read_is_told_with_its_place_and_exit_code_2(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.ttl"
    wrong.write_text("@prefix ex: <https://example.org/> .\nex:a ex:b\n  ex:c ex:d .\n")
    for words, problem in (
        ([tmp_path / "missing.ttl"], "missing.ttl findes ikke"),
        ([wrong], f"{wrong}:3:8: her begynder noget nyt, men det forrige i linje 3"),
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
        report = graph.validate([FIXTURES / "Fund" / "fail.trig"])
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
    assert (
        'The shape https://example.org/S was checked by pySHACL, because it uses: sh:flags "q"' in done.output
    )


# --- Formats and files -------------------------------------------------------------------------

FIELDS = ("shape", "component", "focus", "path", "value")
"""What an entry of a baseline is known by."""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A root that is read in no time: every boat has one owner, and a name is good to have."""
    for name in ("ontology", "data", "queries", "web"):
        (tmp_path / "harbour" / name).mkdir(parents=True)
    root = tmp_path / "harbour"
    (root / "ontology" / "shapes.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix h: <https://harbour.example/> .
h:Boat a sh:NodeShape ; sh:targetClass h:Boat ; sh:property h:Boat-owner , h:Boat-name .
h:Boat-owner sh:path h:owner ; sh:maxCount 1 ; sh:nodeKind sh:IRI ; sh:name "ejer"@da , "owner"@en ;
  sh:message "Giv båden én ejer."@da , "Give the boat one owner."@en ; sh:description "Én skal betale."@da .
h:Boat-name sh:path h:name ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "Giv båden et navn."@da .
"""
    )
    (root / "data" / "boats.trig").write_text(boats('h:a a h:Boat ; h:owner "Ib" .'))
    return root


def boats(*statements: str) -> str:
    """A file with statements about boats."""
    lines = "\n".join(f"  {each}" for each in statements)
    return f"@prefix h: <https://harbour.example/> .\nh:g {{\n{lines}\n}}\n"


def test_formats_and_files_are_paired_in_order(small: Path, tmp_path: Path) -> None:
    files = {each: tmp_path / each for each in ("a.sarif", "b.xml", "c", "d.html")}
    result = run(
        *("--root", small, "-o", files["a.sarif"], "--output", files["b.xml"]),
        *("--format", "json", "--output", files["c"], f"--output={files['d.html']}", "-f", "github"),
    )
    assert result.exit_code == 1
    assert result.stdout.startswith("::error ")
    assert '"version": "2.1.0"' in files["a.sarif"].read_text(encoding="utf-8")
    assert "<testsuites>" in files["b.xml"].read_text(encoding="utf-8")
    assert '"tool"' in files["c"].read_text(encoding="utf-8")
    assert files["d.html"].read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.sarif", "b.xml", "c", "d.html", "harbour"]


def test_with_files_only_the_counts_are_said_beside_them(small: Path, tmp_path: Path) -> None:
    result = run("--root", small, "--lang", "en", "-o", tmp_path / "a.json")
    assert result.stdout == ""
    assert re.fullmatch(r"Not valid\. Violations: 1, .* Written: \S+a\.json\.\n", result.stderr)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("-o", "{tmp}/a.docx"), "Endelsen på"),
        (("-f", "sarif", "-f", "json"), "samme sted: skærmen"),
        (("-f", "sarif", "-o", "{tmp}/a", "-f", "json", "-o", "{tmp}/a"), "samme sted"),
        (("-f", "pdf"), "pdf"),
        (("-o", "{tmp}/none/a.json"), "none"),
        (("--severity", "fatal"), "fatal"),
        (("--baseline-write",), "--baseline FIL"),
        (("--baseline", "b", "--baseline-write", "--baseline-prune"), "kan ikke bruges sammen"),
    ],
)
def test_wrong_use_is_told_before_anything_is_validated(
    small: Path, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    result = run("--root", small, *(each.format(tmp=tmp_path) for each in words))
    assert result.exit_code == 2
    assert problem in result.stderr
    assert result.stdout == ""
    assert [each.name for each in tmp_path.iterdir()] == ["harbour"]


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_file_that_cannot_be_written_leaves_nothing_half_written(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")
    import resource  # noqa: PLC0415  (Windows has none)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        result = run("--root", small, "-o", target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert result.exit_code == 2
    assert "a.json" in result.stderr
    assert target.read_text() == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.json", "harbour"]


def test_a_report_replaces_a_file_and_keeps_its_rights_and_links(small: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "a.json", tmp_path / "link.json"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    run("--root", small, "-o", link)
    assert link.is_symlink()
    assert '"tool"' in target.read_text(encoding="utf-8")
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_to_as_it_is(small: Path) -> None:
    assert run("--root", small, "-f", "json", "-o", "/dev/null").exit_code == 1
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("severity", "code"),
    [("violation", 0), ("warning", 1), ("info", 1)],
    ids=["violation", "warning", "info"],
)
def test_the_threshold_decides_on_the_exit_code(small: Path, severity: str, code: int) -> None:
    (small / "data" / "boats.trig").write_text(boats("h:a a h:Boat ."))
    result = run("--root", small, "--lang", "en", "--severity", severity)
    assert result.exit_code == code
    assert result.stdout.splitlines()[-1].startswith("Not valid." if code else "Valid.")


@pytest.mark.parametrize("name", ["github", "sarif", "junit", "json", "html", "text"])
def test_what_cannot_be_read_stands_in_every_format_with_exit_code_2(
    small: Path, tmp_path: Path, name: str
) -> None:
    (small / "data" / "boats.trig").write_text("h:a h:b h:c .")
    target = tmp_path / "report"
    result = run("--root", small, "--lang", "en", "-f", name, "-o", target)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: data/boats.trig:1:")
    assert "\n1 | h:a h:b h:c .\n  | ^\n" in result.stderr
    told = target.read_text(encoding="utf-8")
    assert "is not declared" in told
    assert "boats.trig" in told


def test_on_standard_output_a_mistake_in_the_input_is_an_annotation(small: Path) -> None:
    (small / "ontology" / "shapes.ttl").write_text("@prefix sh: <x:> .\nsh:a sh:b\n")
    result = run("--root", small, "--lang", "en", "-f", "github")
    assert result.exit_code == 2
    assert re.match(r"::error file=\S+shapes\.ttl,line=3,col=\d+,title=Cannot be validated::", result.stdout)
    assert "shapes.ttl:3:" in result.stderr


def test_nothing_is_coloured_where_no_terminal_reads(small: Path) -> None:
    assert "\x1b" not in run("--root", small).stdout


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal")
@pytest.mark.parametrize(
    ("environment", "colours"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_gets_colours_unless_it_wants_none(
    small: Path, environment: dict[str, str], *, colours: bool
) -> None:
    import pty  # noqa: PLC0415  (Windows has none)

    screen, theirs = pty.openpty()
    words = [sys.executable, "-m", "sikkerby_kg", "validate", "--root", str(small)]
    with subprocess.Popen(
        words,
        cwd=ROOT,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **environment},
    ) as process:
        os.close(theirs)
        told = b""
        while True:
            try:
                part = os.read(screen, 65536)
            except OSError:  # it has ended
                break
            if not part:
                break
            told += part
        process.wait()
    os.close(screen)
    assert b"fejl" in told
    assert (b"\x1b[1;31m" in told) == colours


def test_two_runs_write_the_same(small: Path) -> None:
    (small / "data" / "boats.trig").write_text(
        boats(*(f'[] a h:Boat ; h:owner "{n}" ; h:in [ h:n {n} ] .' for n in range(9)))
    )
    assert run("--root", small).stdout == run("--root", small).stdout


# --- Baselines ---------------------------------------------------------------------------------


def test_a_baseline_accepts_todays_results_and_fails_on_new_ones(small: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    file = small / "data" / "boats.trig"
    assert run("--root", small, "--baseline", known, "--baseline-write").exit_code == 0
    assert run("--root", small, "--baseline", known).exit_code == 0
    file.write_text(boats("", "# moved", "", 'h:a a h:Boat ; h:owner "Ib" .'))
    result = run("--root", small, "--baseline", known, "--lang", "en")
    assert result.exit_code == 0
    assert "Known results that are accepted: 2." in result.stdout
    file.write_text(boats('h:a a h:Boat ; h:owner "Ib" .', 'h:b a h:Boat ; h:name "b" ; h:owner "Ib" .'))
    result = run("--root", small, "--baseline", known, "--lang", "en")
    assert result.exit_code == 1
    assert len(first_lines(result.stdout, "error")) == 1
    assert "harbour.example/b" in result.stdout


def test_a_stale_entry_is_told_and_pruned(small: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    run("--root", small, "--baseline", known, "--baseline-write")
    (small / "data" / "boats.trig").write_text(boats("h:a a h:Boat ; h:owner h:ib ."))
    result = run("--root", small, "--baseline", known, "--lang", "en")
    assert result.exit_code == 0
    assert "Stale entries of the baseline: 1." in result.stdout
    assert (
        re.search(r"no result any more \(1\): .*h:?.*owner", result.stdout) or "Boat-owner" in result.stdout
    )
    assert run("--root", small, "--baseline", known, "--baseline-strict").exit_code == 1
    before = known.read_text(encoding="utf-8").splitlines()
    assert run("--root", small, "--baseline", known, "--baseline-prune").exit_code == 0
    after = known.read_text(encoding="utf-8").splitlines()
    assert [line for line in before if line.strip(" ,") not in {each.strip(" ,") for each in after}] == [
        line for line in before if "Boat-owner" in line
    ]
    assert run("--root", small, "--baseline", known, "--baseline-strict").exit_code == 0


def test_a_baseline_that_cannot_be_read_ends_with_2(small: Path, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    for content, problem in (
        (None, "known.json"),
        ('{"version": 1,\n oops', "known.json:2:2"),
        ("[]", "version"),
        ('{"version": 7, "results": []}', "7"),
        ('{"version": 1, "results": [{"shape": "x"}]}', "1"),
        (json.dumps({"version": 1, "results": [dict.fromkeys(FIELDS, "") | {"count": 0}]}), "count"),
    ):
        if content is not None:
            known.write_text(content)
        result = run("--root", small, "--baseline", known)
        assert result.exit_code == 2, content
        assert problem in result.stderr
        assert "Traceback" not in result.output


# --- Explanations ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Fund-budget", "shape:Fund-budget", "https://w3id.org/sikkerby-kg/shape/Fund-budget"]
)
def test_a_shape_is_explained_with_what_passes_and_what_fails(name: str) -> None:
    result = run("--explain", name, "--lang", "en")
    assert result.exit_code == 0
    told = result.stdout
    assert told.startswith("Fund-budget · part of budget\nhttps://w3id.org/sikkerby-kg/shape/Fund-budget\n")
    assert "Severity: violation" in told
    assert "Holds for: fund (sik:Fund)" in told
    assert "Message: Let dct:isPartOf point at" in told
    assert "Why: " in told
    right, wrong = told.partition("This is right:")[2].split("This is wrong:")
    assert "dct:isPartOf w:budget" in right
    assert "ex:budget" in wrong
    assert "dct:isPartOf w:plan" in wrong


def test_a_misspelt_shape_leads_to_those_like_it() -> None:
    result = run("--explain", "fund-bugdet")
    assert result.exit_code == 2
    assert "Fund-budget" in result.stderr
    assert run("--explain", "xyzzy").exit_code == 2


def test_content_without_examples_says_so(small: Path) -> None:
    (small / "ontology" / "examples").mkdir()
    result = run("--root", small, "--explain", "Boat-owner")
    assert result.exit_code == 0
    assert "Én skal betale." in result.stdout
    assert "ingen eksempler" in result.stdout


def test_examples_of_another_city_are_shown(small: Path) -> None:
    folder = small / "ontology" / "examples" / "Boat"
    folder.mkdir(parents=True)
    (folder / "pass.trig").write_text(boats("h:good\n    a h:Boat ;\n    h:owner h:ib ."))
    (folder / "fail.trig").write_text(
        "@prefix h: <https://harbour.example/> .\n\nex:owner-two\n    h:owner 1 , 2 .\n"
    )
    told = run("--root", small, "--explain", "Boat-owner").stdout
    assert "h:owner h:ib" in told
    assert "h:owner 1 , 2" in told
    assert run("--root", small, "-f", "json").exit_code == 1  # examples are no content


# --- Watching ----------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT")
def test_watching_validates_again_when_something_is_saved_and_ends_by_an_interruption(small: Path) -> None:
    file = small / "data" / "boats.trig"
    words = [
        sys.executable,
        "-u",
        "-m",
        "sikkerby_kg",
        "validate",
        "--watch",
        "--root",
        str(small),
        "--lang",
        "en",
    ]
    with subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        try:
            until(process.stdout, "Violations: 1")
            file.write_text("h:a h:b")
            assert "boats.trig" in until(process.stdout, "Changed:")
            assert "is not declared" in until(process.stdout, "Error:")
            file.write_text(boats('h:a a h:Boat ; h:name "a" .'))
            assert until(process.stdout, "Violations:").startswith("Valid. Violations: 0")
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()


def until(lines: Iterator[str], words: str) -> str:
    """The next line with some words in it."""
    return next(line for line in lines if words in line)
