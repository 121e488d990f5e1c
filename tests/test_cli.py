"""The command line: answers on standard output, all else on standard error, exit codes that mean it."""

import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

from sikkerby_kg import KnowledgeGraph, cli
from sikkerby_kg.cli import main
from sikkerby_kg.cli.completion import SHELLS, VARIABLE
from sikkerby_kg.texts import LANGUAGES, catalogue, has_text
from sikkerby_kg.version import package_version

ROOT = Path(__file__).parent.parent
Run = Callable[..., Result]


@pytest.fixture
def run(city_root: Path) -> Run:
    """Run the command line on the made-up city."""

    def invoke(*words: str, text: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, ["--root", str(city_root), *words], input=text)

    return invoke


def python(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sikkerby_kg", *words], capture_output=True, text=True, cwd=ROOT, check=False
    )


# --- Saved queries ------------------------------------------------------------------------------


def test_query_without_a_name_lists_them_by_tag(run: Run) -> None:
    result = run("query")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:3] == ["barrel", "  oil-left", "      Hvor meget olie er der i tønderne?"]
    assert "  plans-on-a-day" in lines


def test_query_with_a_name_answers_it(run: Run) -> None:
    result = run("query", "plans-on-a-day")
    assert (result.exit_code, result.stderr) == (0, "1 række.\n")
    assert result.stdout.splitlines() == [
        "Hvilke planer gjaldt på dagen?",
        "",
        "plan            name         from        to          guildGiven",
        "──────────────  ───────────  ──────────  ──────────  ──────────",
        "t:lantern-plan  lygteplanen  1902-03-01  1904-02-29  nej",
    ]


@pytest.mark.parametrize("before", [True, False])
def test_language_may_be_said_before_or_after_the_command(run: Run, *, before: bool) -> None:
    words = ["query", "plans-on-a-day", "-p", "day=1905-01-01"]
    result = run("--lang", "en", *words) if before else run(*words, "--lang=en")
    assert "Which plans held on the day?" in result.stdout
    assert "the beacon plan" in result.stdout
    assert result.stderr == "1 row.\n"


def test_language_may_be_a_parameter_like_any_other() -> None:
    words = ["query", "plans-valid-on-date", "-f", "csv", "-p"]
    result = CliRunner().invoke(main, [*words, "lang=en"])
    assert (result.exit_code, "Action plan" in result.stdout) == (0, True)
    assert "Action plan" not in CliRunner().invoke(main, [*words, "lang=da", "--lang", "en"]).stdout


def test_a_parameter_may_have_any_name(run: Run) -> None:
    for name in ("lang", "name", "self", "query"):
        result = run("query", "oil-left", "-p", f"{name}=x")
        assert (result.exit_code, f"ingen parameter {name}" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["json", "csv", "tsv", "xml"])
def test_formats_for_programs_are_exact(run: Run, city: KnowledgeGraph, name: str) -> None:
    result = run("query", "plans-on-a-day", "--format", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes == city.query("plans-on-a-day").serialize(name)


def test_markdown(run: Run) -> None:
    result = run("query", "plans-on-a-day", "-f", "md")
    assert result.stdout.splitlines()[2].startswith("| [t:lantern-plan](<https://ravnsholm.example/")


def test_output_goes_to_a_file(run: Run, city: KnowledgeGraph, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    result = run("query", "plans-on-a-day", "-f", "csv", "-o", str(file))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert file.read_bytes() == city.query("plans-on-a-day").serialize("csv")


def test_no_rows_are_told_beside_the_answer(run: Run) -> None:
    result = run("query", "oil-left")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == "Ingen rækker."
    assert "nobody has written down a barrel" in result.stderr


def test_a_thing_may_be_named_as_describe_takes_it(run: Run) -> None:
    by_curie = run("query", "rowed-to-within", "-p", "place=t:island")
    assert by_curie.exit_code == 0
    assert run("query", "rowed-to-within", "-p", "place=island").stdout == by_curie.stdout


def test_a_thing_that_the_graph_does_not_know_is_told(run: Run) -> None:
    result = run("query", "rowed-to-within", "-p", "place=t:nowhere")
    assert result.exit_code == 0
    assert "Grafen siger intet om place=t:nowhere." in result.stderr
    assert run("query", "rowed-to-within", "-p", "place=nowhere at all").exit_code == 2


def test_a_closed_output_is_told() -> None:
    words = f'"{sys.executable}" -m sikkerby_kg query editorial-statements'
    closed = subprocess.run(
        ["sh", "-c", f"{words} >&-"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert closed.returncode == 2
    assert closed.stderr.startswith("Fejl: Standarduddata er lukket; skriv til en fil med -o FIL.")


def test_about_tells_what_to_ask_with(run: Run) -> None:
    result = run("query", "plans-on-a-day", "--about", "--lang", "en")
    assert "  -p day=1905-01-01\n      Day (date; else 1903-06-24)\n" in result.stdout
    assert "  -p guild=t:harbour-guild\n      Guild (iri; may be left out)\n" in result.stdout
    assert "Columns: plan, name, from, to, guildGiven" in result.stdout
    assert "must be given" in run("query", "rowed-to-within", "--about", "--lang", "en").stdout


def test_a_terminal_gets_a_table_as_wide_as_itself(city_root: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "44"}
    words = [sys.executable, "-m", "sikkerby_kg", "--root", str(city_root), "query", "plans-on-a-day"]
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment) as process:
        os.close(theirs)
        told = b""
        while True:
            try:
                read = os.read(ours, 4096)
            except OSError:  # Linux says so when the other end is closed
                break
            if not read:
                break
            told += read
    os.close(ours)
    lines = told.decode().splitlines()
    assert process.returncode == 0
    assert max(map(len, lines)) <= 44
    assert "name        lygteplanen" in lines


# --- Ad-hoc queries -----------------------------------------------------------------------------


def test_sparql_answers_a_file_or_standard_input(run: Run, tmp_path: Path) -> None:
    text = "SELECT ?fund { ?fund a sik:Fund }"
    (tmp_path / "q.rq").write_text(text, encoding="utf-8")
    from_file = run("sparql", str(tmp_path / "q.rq"), "-f", "csv")
    assert from_file.stdout_bytes == b"fund\r\nhttps://ravnsholm.example/graf/ting/oil\r\n"
    assert run("sparql", "-", "-f", "csv", text="\ufeff" + text).stdout == from_file.stdout


@pytest.mark.parametrize(
    ("text", "format_name", "expected"),
    [
        ("ASK { ?x a sik:Fund }", "table", "ja\n"),
        ("ASK { ?x a sik:Budget }", "json", '{"head":{},"boolean":false}'),
        ("CONSTRUCT { ?x a ?x } WHERE { ?x a sik:Fund }", "nt", "<https://ravnsholm.example/graf/ting/oil>"),
        ("CONSTRUCT { ?x a ?x } WHERE { ?x a sik:Fund }", "table", "t:oil a t:oil ."),
    ],
)
def test_sparql_answers_every_form(run: Run, text: str, format_name: str, expected: str) -> None:
    result = run("sparql", "-", "-f", format_name, text=text)
    assert result.exit_code == 0
    assert expected in result.stdout


def test_a_format_that_the_result_cannot_have_is_refused(run: Run) -> None:
    result = run("sparql", "-", "-f", "ttl", text="SELECT * { ?s a sik:Fund }")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Der er intet format »ttl«; vælg mellem table, json" in result.stderr
    assert run("sparql", "-", "-f", "csv", text="DESCRIBE sik:Fund").exit_code == 2


def test_a_syntax_error_is_marked(run: Run) -> None:
    result = run("sparql", "-", text="SELECT ?x {\n  ?x a sik:Fund ; ]\n}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "Fejl: Syntaksfejl i linje 2, kolonne 19: »]« kan ikke stå her.",
        "",
        "    ?x a sik:Fund ; ]",
        "                    ^",
    ]


@pytest.mark.parametrize(
    "text", ["INSERT DATA { <a:a> <a:b> <a:c> }", "SELECT * { SERVICE <http://127.0.0.1:9/> {} }"]
)
def test_what_is_not_allowed_is_refused(run: Run, text: str) -> None:
    assert run("sparql", "-", text=text).exit_code == 2


def test_a_query_that_is_not_utf_8_is_refused(run: Run) -> None:
    result = run("sparql", "-", text=b"SELECT \xff")
    assert (result.exit_code, "utf-8" in result.stderr) == (2, True)


# --- Descriptions and dumps ---------------------------------------------------------------------


def test_describe_prints_statements_with_sources(run: Run) -> None:
    lines = run("describe", "t:lantern-plan", "--lang", "en").stdout.splitlines()
    assert lines[:5] == [
        "the lantern plan",
        "lygteplanen (da)",
        "action plan",
        "t:lantern-plan",
        "https://ravnsholm.example/graf/ting/lantern-plan",
    ]
    assert "Read in: Havnebogen" in lines
    assert "  section 1: Om lygter" in lines
    assert lines.count("      ← section 1, paragraph 1, sentence 1: “lygter på molen”") > 2
    assert lines[-3:] == [
        "  replaces",
        "    the beacon plan (t:beacon-plan)",
        "      ← section 1, paragraph 1, sentence 2",
    ]


def test_describe_names_documents_where_there_are_several(graph: KnowledgeGraph) -> None:
    result = CliRunner().invoke(main, ["describe", "plan:ekstremisme-2024-2026"])
    assert "afsnit 3.3, stykke 5, sætning 2" in result.stdout
    assert result.stdout.count(graph.label(graph.base + "id/doc/midtvejsstatus")) == 1


def test_describe_as_json(run: Run) -> None:
    described = json.loads(run("describe", "t:beacon-plan", "-f", "json").stdout)
    assert described["labels"] == {"da": "bavneplanen", "en": "the beacon plan"}
    by_name = {statement["property"].rpartition("/")[2]: statement for statement in described["outgoing"]}
    assert by_name["position"]["value"]["datatype"].endswith("integer")
    assert by_name["replaces"]["sources"][0]["passages"][0]["sentence"] == 2
    assert len(by_name["validityPeriod"]["inner"]) == 2


def test_describe_of_something_unknown_proposes(run: Run) -> None:
    result = run("describe", "lanternplan")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Ligner: t:lantern-plan" in result.stderr


@pytest.mark.parametrize("name", ["trig", "nq", "jsonld", "ttl", "nt", "xml"])
def test_dump_writes_everything_and_tells_what_is_lost(run: Run, city: KnowledgeGraph, name: str) -> None:
    result = run("dump", "--format", name)
    assert (result.exit_code, result.stdout_bytes) == (0, city.dump(name))
    assert ("har ingen navngivne grafer: 6 grafer" in result.stderr) == (name in ("ttl", "nt", "xml"))


@pytest.mark.parametrize(
    ("file", "start"), [("a.nt", "<"), ("a.jsonld", "["), ("a.txt", "@prefix"), ("a", "@prefix")]
)
def test_dump_follows_the_name_of_the_file(run: Run, tmp_path: Path, file: str, start: str) -> None:
    assert run("dump", "-o", str(tmp_path / file)).exit_code == 0
    assert (tmp_path / file).read_text(encoding="utf-8").startswith(start)


# --- Errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["qurey"], "Der er ingen kommando »qurey«. Ligner: query."),
        (["query", "--fromat", "x"], "Der er ingen valgmulighed --fromat. Ligner: --format"),
        (["query", "plans-on-day"], "Ligner: plans-on-a-day"),
        (["query", "plans-on-a-day", "-f", "doc"], "»doc« er ikke en af mulighederne: table"),
        (["query", "plans-on-a-day", "-p", "day"], "skriv -p navn=værdi"),
        (["query", "plans-on-a-day", "-p", "=1"], "skriv -p navn=værdi"),
        (["query", "plans-on-a-day", "-p", "day=1", "-p", "day=2"], "day er angivet to gange"),
        (["query", "plans-on-a-day", "-p", "day=i går"], "typen date, fx 1905-01-01"),
        (["query", "plans-on-a-day", "-p", "dya=1905-01-01"], "den har: day, tongue, guild"),
        (["query", "rowed-to-within"], "mangler parameteren place af typen iri, fx place=t:island"),
        (["query", "plans-on-a-day", "-p"], "-p skal have en værdi efter sig"),
        (["query", "a", "b"], "Der er for mange ord: b"),
        (["sparql"], "FILE|- mangler. Se sikkerby-kg sparql --help."),
        (["sparql", "/no/such/file"], "Der er ingen fil /no/such/file."),
        (["sparql", "/"], "/ er en mappe, ikke en fil."),
        (["dump", "-o", "/no/such/folder/x.ttl"], "--output/-o: Der er ingen mappe /no/such/folder."),
        (["dump", "-o", "/"], "/ er en mappe, ikke en fil."),
        (["dump", "-o", ""], "filen mangler et navn."),
        (["dump", "-o", "/dev/full"], "/dev/full: der er ikke mere plads på disken."),
        (["query", "-p", "day=1905-01-01"], "hører til en forespørgsel; skriv dens navn"),
        (["query", "-f", "csv"], "hører til en forespørgsel; skriv dens navn"),
        (["query", "--about"], "hører til en forespørgsel; skriv dens navn"),
        (["--lang", "fr", "query"], "»fr« er ikke en af mulighederne: da, en"),
        (["--root", "/nowhere", "query"], "Der er ingen mappe /nowhere."),
        (["query", "--root", "/"], "mangler ontology/, data/, queries/, web/"),
        (["--store", "ftp://x/", "query"], "er ikke en adresse på et SPARQL-endepunkt"),
        (["completion", "tcsh"], "»tcsh« er ikke en af mulighederne: bash, zsh, fish"),
    ],
)
def test_wrong_use_is_told_in_danish_and_exits_2(run: Run, words: list[str], message: str) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Fejl: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "words", [["zzzz"], ["query", "zzzz"], ["describe", "zzzz"], ["check", "zzzz"], ["query", "--zzzz"]]
)
def test_where_nothing_is_like_it_nothing_is_proposed(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "zzzz" in result.stderr
    assert "Ligner" not in result.stderr


@pytest.mark.parametrize(
    "words", [["query", "y" * 100_000], ["query", "plans-on-a-day", "-p", "day=" + "y" * 100_000]]
)
def test_a_long_value_is_not_echoed_whole(run: Run, words: list[str]) -> None:
    assert len(run(*words).stderr) < 1500


def test_a_long_line_is_shown_where_the_mistake_is(run: Run) -> None:
    result = run("sparql", "-", text="SELECT * { " + "?s ?p ?o . " * 500 + "] } #" + "y" * 5000)
    *_, line, mark = result.stderr.splitlines()
    assert len(line) < 250
    assert line[mark.index("^")] == "]"


def test_wrong_use_is_told_in_english(run: Run) -> None:
    assert run("--lang", "en", "qurey").stderr.startswith(
        "Error: There is no command 'qurey'. Close to it: query."
    )


def test_the_environment_chooses_root_store_and_language(
    city_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIKKERBY_ROOT", str(city_root))
    monkeypatch.setenv("SIKKERBY_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("SIKKERBY_LANG", "en")
    result = CliRunner().invoke(main, ["query", "plans-on-a-day", "-p", "day=1905-01-01"])
    assert "the beacon plan" in result.stdout
    assert (tmp_path / "store").is_dir()
    monkeypatch.setenv("SIKKERBY_PORT", "http")
    wrong = CliRunner().invoke(main, ["query"])
    assert (wrong.exit_code, wrong.stderr) == (
        2,
        "Error: SIKKERBY_PORT cannot be 'http'; it must be a whole number.\n",
    )


def test_an_endpoint_is_a_store(city_endpoint: str, run: Run) -> None:
    assert "lygteplanen" in run("--store", city_endpoint, "query", "plans-on-a-day").stdout


def test_debug_shows_the_traceback() -> None:
    with pytest.raises(Exception, match="no saved query"):
        CliRunner().invoke(main, ["query", "nothing", "--debug"], catch_exceptions=False)
    result = python("query", "nothing", "--debug")
    assert "Traceback" in result.stderr
    assert "UnknownNameError" in result.stderr


def test_a_mistake_of_ours_is_owned(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sikkerby_kg.cli.query._listing", lambda _: 1 / 0)
    result = run("query")
    assert result.exit_code == 70
    assert "ZeroDivisionError" in result.stderr
    assert "--debug" in result.stderr


def test_a_hostile_value_does_not_reach_the_terminal(run: Run) -> None:
    assert "\x1b" not in run("sparql", "-", text='SELECT ("\x1b[2J" AS ?x) {}').stdout
    assert "\x1b" not in run("describe", "\x1b[2J").stderr
    assert "\x1b" not in run("sparql", "-", text="SELECT \x1b[2J").stderr


def test_a_reader_who_has_seen_enough_is_left_in_peace() -> None:
    words = [sys.executable, "-m", "sikkerby_kg", "dump", "--format", "nq"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=buffered
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


# --- Help, version, completion ------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["", *main.commands])
def test_help_speaks_the_readers_language(name: str, lang: str) -> None:
    words = [*([name] if name else []), "--help", "--lang", lang]
    result = CliRunner().invoke(main, words if name else ["--lang", lang, "--help"])
    assert result.exit_code == 0
    assert result.stdout.startswith("Brug: " if lang == "da" else "Usage: ")
    first = catalogue()[f"cli.{name or 'sikkerby-kg'}"][lang].split()[:4]
    assert " ".join(first) in " ".join(result.stdout.split())
    assert ("Vis denne hjælp." if lang == "da" else "Show this help.") in result.stdout
    assert ("Show this" in result.stdout) == (lang == "en")


@pytest.mark.parametrize("name", main.commands)
def test_every_command_and_option_has_help(name: str) -> None:
    assert has_text(f"cli.{name}")
    for param in main.commands[name].params:
        if isinstance(param, click.Option):
            assert has_text(f"cli.{name}.{param.help}") or has_text(f"cli.{param.help}"), param.name


def test_without_a_command_the_help_is_shown() -> None:
    result = CliRunner().invoke(main, [])
    assert (result.exit_code, "Kommandoer:" in result.stdout) == (0, True)


def test_every_registered_command_is_there() -> None:
    assert [main.commands[name].name for name in cli.COMMANDS] == list(main.commands)


def test_the_version_is_told_without_loading_what_it_does_not_need() -> None:
    code = "import sys, sikkerby_kg.cli as cli; cli.main(['-V'], standalone_mode=False); print(*sys.modules)"
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    assert not {"rdflib", "pyoxigraph", "xlsxwriter", "sikkerby_kg.graph"} & set(done.stdout.split())


def test_the_version_is_that_of_the_package() -> None:
    assert CliRunner().invoke(main, ["--version"]).stdout == f"sikkerby-kg {package_version()}\n"
    assert package_version().count(".") == 2


def test_python_m_is_the_same_command() -> None:
    result = python("--version")
    assert (result.returncode, result.stdout) == (0, f"sikkerby-kg {package_version()}\n")
    assert python("qurey").returncode == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_scripts_say_how_to_install_them(shell: str) -> None:
    script = CliRunner().invoke(main, ["completion", shell]).stdout
    assert f"sikkerby-kg completion {shell}" in script
    assert VARIABLE in script


def completed(monkeypatch: pytest.MonkeyPatch, root: Path, *words: str) -> list[str]:
    """What a shell is told when the last word is to be completed."""
    all_words = ["sikkerby-kg", "--root", shlex.quote(str(root)), *words]
    monkeypatch.setenv(VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "\n".join(all_words))
    monkeypatch.setenv("COMP_CWORD", str(len(all_words) - 1))
    told = CliRunner().invoke(main, []).stdout.split()
    return [line.removeprefix("plain,") for line in told]


def test_commands_queries_and_parameters_are_completed(
    monkeypatch: pytest.MonkeyPatch, city_root: Path
) -> None:
    def complete(*words: str) -> list[str]:
        return completed(monkeypatch, city_root, *words)

    assert complete("des") == ["describe"]
    assert complete("query", "pl") == ["plans-on-a-day"]
    assert complete("query", "plans-on-a-day", "-p", "''") == ["day=", "tongue=", "guild="]
    assert complete("query", "plans-on-a-day", "-p", "to") == ["tongue="]
    assert complete("query", "plans-on-a-day", "-p", "day=") == ["day=1903-06-24", "day=1905-01-01"]
    assert complete("query", "plans-on-a-day", "-p", "guild=") == ["guild=t:harbour-guild"]
    assert complete("query", "no-such-query", "-p", "''") == []
    assert complete("query", "-f", "m") == ["md"]
    assert complete("--lang", "e") == ["en"]


def test_completion_is_silent_where_the_content_is_unfit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert completed(monkeypatch, tmp_path, "query", "pl") == []


def test_bash_understands_its_script(city_root: Path, tmp_path: Path) -> None:
    program = tmp_path / "sikkerby-kg"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sikkerby_kg "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    # Twice: bash hands over the words as they were typed, quotes and all.
    script = (
        'eval "$(sikkerby-kg completion bash)"\n'
        "COMP_WORDS=(sikkerby-kg --root ROOT query pl) COMP_CWORD=4\n"
        '_sikkerby_kg_completion sikkerby-kg && echo "${COMPREPLY[@]}"\n'
    )
    result = subprocess.run(
        ["bash", "-c", script.replace("ROOT", shlex.quote(shlex.quote(str(city_root))))],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
    )
    assert result.stdout == "plans-on-a-day\n"


def test_a_workbook_holds_the_answer_and_its_question(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "plans.xlsx"
    words = ("-p", "guild=t:harbour-guild", "--lang", "en", "--format", "xlsx", "-o", str(path))
    result = run("query", "plans-on-a-day", *words)
    assert (result.exit_code, result.stdout) == (0, "")
    answer, source = openpyxl.load_workbook(path).worksheets
    assert "the lantern plan" in [cell.value for cell in answer["B"]]
    said = {name.value: value.value for name, value in zip(source["A"], source["B"], strict=True)}
    assert said["Question"] == "Which plans held on the day?"
    assert said["Guild"] == "havnelauget"


def test_a_workbook_of_one_s_own_query_holds_the_query(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.xlsx"
    query = "SELECT (1 AS ?one) {}"
    assert run("sparql", "-", "-f", "xlsx", "-o", str(path), text=query).exit_code == 0
    answer, source = openpyxl.load_workbook(path).worksheets
    assert [cell.value for cell in answer["A"]] == ["one", 1]
    assert query in [cell.value for cell in source["A"]]


def test_a_workbook_is_not_written_to_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sikkerby_kg.cli.emitting.is_terminal", lambda: True)
    result = run("query", "plans-on-a-day", "--format", "xlsx")
    assert result.exit_code == 2
    assert "-o FIL" in result.stderr
