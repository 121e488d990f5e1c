"""``sikkerby-kg new``: what it writes and where, what it refuses, and how it asks."""

import hashlib
import json
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sikkerby_kg import open_graph
from sikkerby_kg.authoring import Given, Kind, Maker, plan, read_authored, read_kinds, write
from sikkerby_kg.authoring.drafting import Whereabouts
from sikkerby_kg.cli.asking import Asking
from sikkerby_kg.errors import EntryError
from sikkerby_kg.folders import Folders, own_folders
from tests.authoring import Run, files, runner, town

PLAN = ("new", "plan", "--label", "Mølleplan", "--kind", "havneplan")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return town(tmp_path)


@pytest.fixture
def run(root: Path) -> Run:
    return runner(root)


def test_new_writes_a_block_into_the_graph_of_the_sentence(run: Run, root: Path) -> None:
    before = files(root)
    result = run(
        *PLAN, "--label", "Mill plan@en", "--period", "2021-2022", "--source", "1/p1s1", "--lang", "en"
    )
    assert (result.exit_code, result.stderr) == (
        0,
        "Written: data/read.trig, data/names.trig. New: plan:moelleplan.\n",
    )
    after = files(root)
    assert {name for name in after if after[name] != before.get(name)} == {
        "data/read.trig",
        "data/names.trig",
    }
    block = """
    plan:moelleplan
        a sik:ActionPlan ;
        skos:prefLabel "Mølleplan"@da ;
        dct:type plan-kind:havneplan ;
        sik:validityPeriod period:2021-2022 .

    period:2021-2022
        a dct:PeriodOfTime ;
        dcat:startDate "2021-01-01"^^xsd:date ;
        dcat:endDate "2022-12-31"^^xsd:date ;
        sik:datePrecision date-precision:year ;
        sik:dateAsStated "2021-2022"@da .
}

# Mere om vand
"""
    assert block in after["data/read.trig"].decode()
    assert (
        after["data/names.trig"]
        .decode()
        .endswith('\n    plan:moelleplan\n        skos:prefLabel "Mill plan"@en .\n}\n')
    )
    assert "+    plan:moelleplan" in result.stdout
    assert run("validate").exit_code == 0


def test_what_is_said_in_the_graph_is_what_was_meant(run: Run, root: Path) -> None:
    assert (
        run(*PLAN, "--source", "p1s3", "--set", "allocated-amount=12,5", "--set", "open=nej").exit_code == 0
    )
    with open_graph(root, "memory") as graph:
        base = "https://moellevig.example"
        query = f"SELECT ?p ?o {{ GRAPH <{base}/graf/p1s3> {{ <{base}/id/plan/moelleplan> ?p ?o }} }}"
        rows = {(str(row[0]).rpartition("/")[2], str(row[1])) for row in graph.sparql(query).solutions()}
    assert ("allocatedAmount>", '"12.5"^^<http://www.w3.org/2001/XMLSchema#decimal>') in rows
    assert ("amendsStrategy>", '"false"^^<http://www.w3.org/2001/XMLSchema#boolean>') in rows


def test_a_period_that_is_there_is_used_again(run: Run, root: Path) -> None:
    assert run(*PLAN, "--period", "2020", "--source", "p1s3").exit_code == 0
    text = (root / "data" / "read.trig").read_text(encoding="utf-8")
    assert text.count("a dct:PeriodOfTime") == 1
    assert "sik:validityPeriod period:2020 .\n}" in text


def test_a_sentence_that_had_no_graph_gets_one_beside_its_neighbour(run: Run, root: Path) -> None:
    result = run(*PLAN, "--period", "2021-01-01/2021-12-31", "--source", "p1s2")
    assert result.exit_code == 0
    read = (root / "data" / "read.trig").read_text(encoding="utf-8")
    assert read.index("g:p1s1 {") < read.index("g:p1s2 {") < read.index("# Mere om vand")
    assert "    # Antaget: gyldighedsperiode: 2021-01-01/2021-12-31 (år).\n" in read
    assert "    # Mangler, hvis det kan læses: engelsk navn.\n" in read
    described = (root / "data" / "source.trig").read_text(encoding="utf-8")
    assert 'skos:prefLabel "læst i stykke 1, sætning 2"@da' in described
    assert "prov:wasDerivedFrom thing:p1s2 ;\n        prov:wasAttributedTo thing:clerk ." in described


def test_a_page_gets_a_file_of_its_own(run: Run, root: Path) -> None:
    result = run(*PLAN, "--source", "https://bladet.example/nyt?a=1&b=2")
    assert result.exit_code == 0
    text = (root / "data" / "moelleplan.trig").read_text(encoding="utf-8")
    assert text.startswith("# Mølleplan efter bladet.example\n\n@prefix dct:")
    assert "prov:wasDerivedFrom <https://bladet.example/nyt?a=1&b=2> ;" in text
    assert "--- /dev/null\n+++ b/data/moelleplan.trig\n" in result.stdout
    again = run(
        "new", "plan", "--label", "Åplan", "-k", "havneplan", "--source", "https://bladet.example/nyt?a=1&b=2"
    )
    assert again.exit_code == 0
    assert "plan:aaplan" in (root / "data" / "moelleplan.trig").read_text(encoding="utf-8")


def test_a_concept_stands_in_its_code_list_in_the_order_of_the_alphabet(run: Run, root: Path) -> None:
    result = run("new", "concept", "--label", "købstadsplan", "--set", "in-scheme=planers art")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        0,
        "Skrevet: ontology/codelists/plan-kind.ttl. Nyt: plan-kind:koebstadsplan.",
    )
    text = (root / "ontology" / "codelists" / "plan-kind.ttl").read_text(encoding="utf-8")
    places = [
        text.index(name) for name in ("plan-kind:havneplan", "plan-kind:koebstadsplan", "# Planer for møllen")
    ]
    assert places == sorted(places)


def test_a_gap_needs_no_source(run: Run, root: Path) -> None:
    words = ["--set", "gap-about=Havneplan 2020", "--set", "gap-property=sik:position"]
    assert run("new", "gap", "--label", "Hvor?", *words).exit_code == 0
    assert "gap:hvor\n" in (root / "data" / "gaps.trig").read_text(encoding="utf-8")


def test_a_file_may_be_named(run: Run, root: Path) -> None:
    assert run(*PLAN, "--source", "p1s1", "--file", "mere.trig").exit_code == 0
    assert "g:p1s1 {\n" in (root / "data" / "mere.trig").read_text(encoding="utf-8")
    for name in ("../ude.trig", "read.txt", "nowhere/x.trig", "/etc/x.trig"):
        result = run("new", "plan", "--label", "Åplan", "-k", "havneplan", "--source", "p1s1", "--file", name)
        assert (result.exit_code, "ingen .trig- eller .ttl-fil" in result.stderr) == (2, True)


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_stay(run: Run, root: Path, start: bytes) -> None:
    path = root / "data" / "read.trig"
    before = start + path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(before)
    assert run(*PLAN, "--source", "p1s1").exit_code == 0
    after = path.read_bytes()
    assert after.startswith(start)
    assert after.count(b"\n") == after.count(b"\r\n") > before.count(b"\n")


def test_dry_run_shows_and_writes_nothing(run: Run, root: Path) -> None:
    before = files(root)
    result = run(*PLAN, "--source", "p1s1", "--dry-run", "--lang", "en")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (0, "Nothing was written.")
    assert "+    plan:moelleplan" in result.stdout
    assert files(root) == before


def test_all_that_is_missing_is_named_with_an_example_that_works(run: Run, root: Path) -> None:
    before = files(root)
    result = run("new", "plan", "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert lines[:4] == [
        "Error: 3 things need to be put right, and nothing was written:",
        '  A value for "Danish name" is missing (pref-label@da).',
        '  A value for "kind" is missing (type).',
        (
            "  One of the kind action plan was read somewhere: "
            "give the sentence (for example --source p5s2), a graph or the address of a page."
        ),
    ]
    assert lines[-1] == "  sikkerby-kg new action-plan --label … --set 'type=harbour plan' --source p1s1"
    assert files(root) == before
    example = ["new", "action-plan", "--label", "…a", "--set", "type=harbour plan", "--source", "p1s1"]
    assert run(*example).exit_code == 0


def test_one_of_several_fields_is_enough(run: Run) -> None:
    result = run("new", "focus-area", "--label", "Åen", "--source", "p1s1", "--lang", "en")
    assert (result.exit_code, "is a focus area under / is added under" in result.stderr) == (2, True)
    result = run(
        "new", "focus-area", "--label", "Åen", "--source", "p1s1", "--set", "er tilføjet under=Rent vand"
    )
    assert result.exit_code == 0
    assert "+        sik:hasAddedFocusArea <https://moellevig.example/id/focus-area/aaen> ." in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("new",), 'Name a kind, for example "sikkerby-kg new action-plan"'),
        (("new", "plann"), "Similar: action-plan"),
        ((*PLAN, "--source", "p9"), "no passage and no graph"),
        ((*PLAN, "--source", "p1s1", "--set", "aim=x"), 'has no field "aim"'),
        ((*PLAN, "--source", "p1s1", "--set", "aim"), "must have the form field=value"),
        ((*PLAN, "--source", "p1s1", "--period", "2024-13"), "is no time"),
        ((*PLAN, "--source", "p1s1", "--id", "Æ b"), "cannot be the end of an IRI"),
        ((*PLAN, "--source", "p1s1", "--id", "havneplan-2020"), "plan:havneplan-2020 exists already"),
        ((*PLAN, "--source", "p1s1", "--label", "Møllen"), "two texts in the language da"),
        ((*PLAN, "--source", "p1s1", "--set", "type=mølleplan"), "there may be at most 1"),
        (("new", "plan", "--label", "Havneplan 2020"), "plan:havneplan-2020. Edit what is there"),
        (("new", "principle", "--label", "x", "--kind", "y"), "does not have exactly one field for --kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-",
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    run: Run, root: Path, words: tuple[str, ...], message: str
) -> None:
    before = files(root)
    result = run(*words, "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert files(root) == before


def test_what_the_shapes_find_is_told_and_nothing_is_written(run: Run, root: Path) -> None:
    """The fourth focus area is a mistake of the principle, not of the area."""
    for name in ("En", "To", "Tre"):
        words = ("new", "focus-area", "--label", name, "--source", "p1s1")
        assert run(*words, "--set", "has-focus-area-of=Rent vand").exit_code == 0
    before = files(root)
    result = run(
        "new", "focus-area", "--label", "Fire", "--source", "p1s1", "--set", "has-focus-area-of=vand"
    )
    assert result.exit_code == 2
    assert "Formerne afviser det (1)" in result.stderr
    assert "Rent vand (principle:vand), fokusområder: Højst tre fokusområder." in result.stderr
    assert files(root) == before


def test_what_was_wrong_before_is_no_reason_to_refuse(run: Run, root: Path) -> None:
    path = root / "data" / "gaps.trig"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"Hvad koster havneplanen?"@da', '" a"@da'), "utf-8"
    )
    assert run("validate").exit_code == 1
    assert run(*PLAN, "--source", "p1s1").exit_code == 0


def test_a_file_that_changed_meanwhile_is_left_alone(root: Path) -> None:
    content = read_authored(Folders(root))
    kinds = read_kinds(content)
    kind = kinds.find("plan")
    given = [Given(kind.field(name, "da"), said) for name, said in (("label", "Ny"), ("type", "havneplan"))]
    found = plan(content, [Maker(content, kinds, "da").make(kind, given, Whereabouts("p1s1"))])
    path = root / "data" / "read.trig"
    path.write_text("# tom\n", encoding="utf-8")
    with pytest.raises(EntryError, match="has changed meanwhile"):
        write(found.changes, content.folders)
    assert path.read_text(encoding="utf-8") == "# tom\n"
    assert not [each.name for each in path.parent.iterdir() if each.name.startswith(".")]


def test_content_that_came_with_an_installation_is_not_written_into(
    run: Run, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root, tmp_path / "package" / "_folders")
    shutil.copy(own_folders().ontology / "sikkerby.ttl", tmp_path / "package" / "_folders" / "ontology")
    root.rename(tmp_path / "elsewhere")
    root.symlink_to(tmp_path / "package" / "_folders")
    monkeypatch.setattr("sikkerby_kg.folders._PACKAGE", tmp_path / "package")
    words = ("new", "plan", "--label", "Ny", "--kind", "havneplan", "--source", "p1s1")
    result = run(*words)
    assert result.exit_code == 2
    assert "--root" in result.stderr
    assert "Ny" not in (root / "data" / "read.trig").read_text(encoding="utf-8")


def test_hostile_words_stay_words(run: Run, root: Path) -> None:
    label = 'x" . } <a> <b> "c\\\n# {'
    result = run("new", "plan", "--label", label, "--kind", "havneplan", "--source", "p1s1", "--id", "x")
    assert result.exit_code in (0, 2)  # the shapes may refuse a line end
    label = 'x" . } <a> <b> "c\\ # {\x1b[31m'
    refused = run("new", "plan", "--label", label, "--kind", "havneplan", "--source", "p1s1", "--id", "y")
    assert (refused.exit_code, "\x1b" in refused.output) == (2, False)
    assert run("validate").exit_code == 0
    with open_graph(root, "memory") as graph:
        assert not graph.sparql("ASK { <a> ?p ?o }", base="https://moellevig.example/").boolean


def test_list_and_fields_say_what_can_be_made(run: Run) -> None:
    listed = run("new", "--list", "--lang", "en").stdout
    assert "action-plan      action plan" in listed
    fields = run("new", "plan", "--fields", "--lang", "en").stdout.splitlines()
    name = next(line for line in fields if line.startswith("pref-label"))
    assert "@da: required, @en: expected" in name
    kind = next(line for line in fields if line.startswith("type "))
    assert "required" in kind
    assert kind.rstrip().endswith("harbour plan, mill plan")


def test_a_town_that_has_our_model_and_no_shapes_can_be_written_into(tmp_path: Path, city_root: Path) -> None:
    """Ravnsholm's own graphs do not conform; that is no fault of what is new, whose own must."""
    root = tmp_path / "city"
    shutil.copytree(city_root, root)
    result = runner(root)(
        "new", "fund", "--label", "oliefonden", "--source", "p1s1", "--id", "oliefonden", "--lang", "en"
    )
    assert result.exit_code == 0, result.stderr
    text = (root / "data" / "harbour.trig").read_text(encoding="utf-8")
    block = '\n  t:oliefonden\n    a m:Fund ;\n    s:prefLabel "oliefonden"@da .\n}\n\nbook:line-2 {'
    assert block in text


def test_a_person_is_asked_for_what_is_missing(root: Path) -> None:
    """On a terminal: the name, a wrong kind and then a number of the list, no English name, a period, yes."""
    said = talk(
        root,
        ["new", "plan"],
        [
            ("dansk navn [påkrævet]:", "Åplan"),
            ("art [påkrævet]:", "havenplan"),
            ("Lignende: havneplan", ""),
            ("art [påkrævet]:", "2"),
            ("engelsk navn [forventet]:", ""),
            ("gyldighedsperiode [ønsket, hvis kilden siger det]:", "siden 2019"),
            ("kilde [påkrævet]:", "p1s1"),
            ("Skal det skrives? [j/N]", "j"),
        ],
    )
    assert "Skrevet: data/read.trig. Nyt: plan:aaplan." in said
    text = (root / "data" / "read.trig").read_text(encoding="utf-8")
    assert "dct:type plan-kind:moelleplan ;\n        sik:validityPeriod period:siden-2019 ." in text


def test_a_person_may_say_no(root: Path) -> None:
    before = files(root)
    words = [*PLAN, "--label", "M@en", "--period", "2020", "--source", "p1s1", "--lang", "en"]
    said = talk(root, words, [("Write it? [y/N]", "")])
    assert "Nothing was written." in said
    assert files(root) == before
    again = shlex.split(said.rpartition("as a command, to put right and run again:\n")[2])
    assert again[:2] == ["sikkerby-kg", "new"]
    result = runner(root)(*again[1:])
    assert result.exit_code == 0, result.stderr
    assert "+    plan:m" in result.stdout


def test_a_person_who_leaves_out_what_must_be_is_told_and_may_stop(root: Path) -> None:
    """The list of choices stands there once; the end of input ends with nothing written."""
    before = files(root)
    said = talk(
        root,
        ["new", "plan", "--label", "Åplan", "--lang", "en"],
        [("kind [required]:", " "), ("Something must stand here.", ""), ("kind [required]:", "\x04")],
        code=130,
    )
    assert said.count("  1  ") == 1
    assert said.endswith("Nothing was written.\n")
    assert files(root) == before


def test_all_options_that_a_kind_has_no_field_for_are_named(run: Run) -> None:
    result = run("new", "plan", "--set", "nosuch=1", "--set", "=2", "--set", "neither=3", "--lang", "en")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: 3 things need to be put right")
    assert all(f'"{each}"' in result.stderr for each in ("nosuch", "=2", "neither"))


def talk(root: Path, words: list[str], lines: list[tuple[str, str]], code: int = 0) -> str:
    """What the command says on a terminal to somebody who answers when a text has come up."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sikkerby_kg", "--root", str(root), *words],
        stdin=child,
        stdout=child,
        stderr=child,
        close_fds=True,
    )
    os.close(child)
    said, seen, deadline = "", 0, time.monotonic() + 60
    waiting = list(lines)
    while time.monotonic() < deadline:
        if select.select([parent], [], [], 0.2)[0]:
            try:
                data = os.read(parent, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            said += data.decode("utf-8", "replace").replace("\r\n", "\n")
        while waiting and waiting[0][0] in said[seen:]:
            expected, answer = waiting.pop(0)
            seen = said.index(expected, seen) + len(expected)
            if answer or expected.endswith((":", "]")):
                os.write(parent, f"{answer}\n".encode())
    os.close(parent)
    assert process.wait(10) == code, said
    assert waiting == [], said
    return said


ENDED = """
import os, pathlib, sys
from sikkerby_kg.cli import main
replace, done = pathlib.Path.replace, []
def until(path, place):
    if not pathlib.Path(place).name.startswith(".") and len(done) == int(sys.argv.pop()):
        os.kill(os.getpid(), 9)
    done.append(place)
    sys.argv.append(str(AT))
    return replace(path, place)
pathlib.Path.replace = until
main(sys.argv[1:-1])
"""
"""The command in a process that is killed when it has put ``AT`` files in their places."""


def ended(root: Path, at: int) -> None:
    """Make a plan, whose parts go into two files, and be killed when some of them are in their places."""
    words = [*PLAN, "--label", "Mill plan@en", "--source", "1/p1s1"]
    code = ENDED.replace("AT", str(at + 1))  # the note itself is put into its place first
    process = subprocess.run(
        [sys.executable, "-c", code, "--root", str(root), *words, str(at + 1)], check=False
    )
    assert process.returncode == -9


@pytest.mark.parametrize("at", [0, 1])
def test_what_was_written_in_part_is_finished_by_the_next_command(run: Run, root: Path, at: int) -> None:
    whole = town(root.parent / "whole")
    assert runner(whole)(*PLAN, "--label", "Mill plan@en", "--source", "1/p1s1").exit_code == 0
    ended(root, at)
    assert files(root) != files(whole)
    result = run("new", "plan", "--fields", "--lang", "en")
    assert "is now written in full: data/read.trig, data/names.trig." in result.stderr
    assert files(root) == files(whole)
    assert run("new", "plan", "--fields").stderr == ""


def test_what_was_written_in_part_and_changed_since_is_left_alone(run: Run, root: Path) -> None:
    ended(root, 1)
    path = root / "data" / "names.trig"
    path.write_bytes(path.read_bytes() + b"# mine\n")
    before = files(root)
    result = run("new", "plan", "--fields", "--lang", "en")
    assert (result.exit_code, files(root)) == (2, before)
    assert "are not as it left them" in result.stderr


@pytest.mark.parametrize("place", ["../outside.trig", "data/read.trig"])
def test_a_note_that_we_did_not_write_moves_nothing(run: Run, root: Path, place: str) -> None:
    """A folder of somebody else may hold one: it replaces no file but by a version beside it, in the root."""
    (root / "stranger.trig").write_bytes(b"")
    empty = hashlib.sha256(b"").hexdigest()
    note = json.dumps([["stranger.trig", place, "", empty]])
    (root / "data" / ".sikkerby-kg-writing").write_text(note, encoding="utf-8")
    before = files(root)
    assert run("new", "plan", "--fields").exit_code == 2
    assert files(root) == before
    assert not (root.parent / "outside.trig").exists()


def asked_for_a_plan(root: Path) -> tuple[Kind, Asking]:
    content = read_authored(Folders(root))
    kinds = read_kinds(content)
    kind = kinds.find("plan")
    return kind, Asking(Maker(content, kinds, "en"), kind, everything=False)


def test_a_thing_of_which_nothing_is_stated_is_doubted_once(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a property of our own: who writes it again may mean it. Properties of others may lead to pages."""
    kind, asking = asked_for_a_plan(root)
    own, other = (replace(kind.field(name, "en"), rules=()) for name in ("is-based-on", "replaces"))
    said = "https://example.org/x"
    assert [asking.is_fine(Given(own, said)), asking.is_fine(Given(own, said))] == [False, True]
    assert "https://example.org/x er ikke beskrevet nogen steder" in capsys.readouterr().err
    assert asking.is_fine(Given(other, "https://example.org/y"))


def test_what_controls_a_terminal_is_refused_at_the_question(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind, asking = asked_for_a_plan(root)
    assert not asking.is_fine(Given(kind.field("validity-period", "en"), "i fjor \x1b[31m"))
    assert "har et styretegn" in capsys.readouterr().err


def test_a_name_that_is_taken_is_refused_to_a_person_too(root: Path) -> None:
    said = talk(
        root,
        ["new", "plan", "--lang", "en", "--set", "type=havneplan", "--source", "p1s1"],
        [
            ("Danish name [required]:", "Havneplan 2020"),
            ("English name [expected]:", ""),
            ("the source says it]:", ""),
        ],
        code=2,
    )
    assert "Edit what is there" in said
