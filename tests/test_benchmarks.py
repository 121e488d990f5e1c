"""The benchmark runs, measures the same content every time, and says what it leaves out."""

import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import report, systems, tools
from benchmarks.__main__ import main
from benchmarks.content import prepare, queries_on
from benchmarks.load import AnswerError, Target, figures
from benchmarks.measure import CACHED, Run, measure
from benchmarks.pages import PAGES, measure_pages, table
from benchmarks.policy import write_policy
from benchmarks.search import measure_search
from benchmarks.systems import ENGINE, FLASK, KEPT, OURS, SkippedError, running
from benchmarks.tools import MissingError, Tools
from benchmarks.validation import (
    OTHERS,
    Cost,
    Validation,
    _cost,
    measure_validation,
    table as validation_table,
)
from sikkerby_kg import open_graph
from sikkerby_kg.dataset import parse_file


def test_generated_content_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = prepare("3000", tmp_path / "a"), prepare("3000", tmp_path / "b")
    assert first.triples.read_bytes() == second.triples.read_bytes()
    assert 3000 <= first.count < 3300


def test_every_question_has_an_answer_on_any_content(tmp_path: Path) -> None:
    for size in ("own", "3000"):
        content = prepare(size, tmp_path)
        with open_graph(content.root, "memory") as graph:
            for name, query in queries_on(content).items():
                assert len(graph.sparql(query)) > 0, (size, name)


@pytest.mark.slow
def test_a_short_run_gives_figures_for_every_cell(tmp_path: Path) -> None:
    content = prepare("own", tmp_path)
    said: list[str] = []
    run = measure(content, (ENGINE, OURS, KEPT, FLASK), Tools(tmp_path), 0.01, 1, said.append)
    questions = queries_on(content)
    assert run.skipped == {}
    assert {(ENGINE, name, 1) for name in questions} <= run.cells.keys()
    assert {(OURS, name, 1) for name in questions} <= run.cells.keys()
    assert (KEPT, CACHED, 32) in run.cells
    assert (FLASK, CACHED, 32) in run.cells
    assert run.memory[OURS] > 1
    assert 0 < run.cold[OURS] < systems.START
    text = report.tables([run], measure_search(200), "somewhere")
    assert "Our own content" in text
    assert "| cold start to the first answer under 2 s | Our own content" in text
    assert '"cells"' in report.as_json([run], None)


def test_a_server_that_does_not_answer_is_left_out_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = prepare("3000", tmp_path)
    monkeypatch.setitem(systems._COMMANDS, OURS, (lambda *_: ["false"], "/"))
    with (
        pytest.raises(SkippedError, match="ended with status 1"),
        running(OURS, content, Tools(tmp_path)),
    ):
        pass
    monkeypatch.setattr("shutil.which", lambda _: None)
    run = measure(content, (systems.FUSEKI,), Tools(tmp_path), 0.01, 1, lambda _: None)
    assert run.skipped == {systems.FUSEKI: "there is no Java"}
    assert "there is no Java" in report.tables([run], None, "")


@pytest.mark.parametrize(
    ("java", "version"), [("21.0.1", "6.0.0"), ("17.0.15", "5.6.0"), ("11.0.2", "4.10.0")]
)
def test_fuseki_is_the_newest_for_the_java_there_is(
    monkeypatch: pytest.MonkeyPatch, java: str, version: str
) -> None:
    class Said:
        stderr = f'openjdk version "{java}" 2025-04-15'

    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: Said())
    assert tools.fuseki_version() == version
    Said.stderr = 'java version "1.8.0_20"'
    with pytest.raises(MissingError, match="Java 8 is too old"):
        tools.fuseki_version()


def test_a_refusal_is_no_answer(tmp_path: Path) -> None:
    with running(FLASK, prepare("3000", tmp_path), Tools(tmp_path)) as server:
        assert Target(server.url, "ASK {}").once() > 0
        with pytest.raises(AnswerError, match="404"):
            Target(server.base() + "/nothing", "ASK {}").once()


def test_figures_are_those_of_the_times() -> None:
    found = figures([n / 1000 for n in range(1, 101)], 2.0)
    assert (found.rate, found.p50, found.p99, found.count) == (50.0, 50.5, 100.0, 100)


def test_figures_go_between_the_marks_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "README.md"
    copy.write_text(report.README.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(report, "README", copy)
    report.write_readme("the new table")
    report.write_readme(report.tables([Run("own", 1)], None, "here"))
    text = copy.read_text(encoding="utf-8")
    assert "the new table" not in text
    assert "| cached answers" in text
    assert (text.count(report.START), text.count(report.END)) == (1, 1)


def test_the_readme_names_options_that_there_are() -> None:
    named = set(re.findall(r"`python -m benchmarks (--[a-z]+)", report.README.read_text(encoding="utf-8")))
    assert named
    help_ = CliRunner().invoke(main, ["--help"]).output
    assert all(option in help_ for option in named)
    assert CliRunner().invoke(main, ["--systems", "virtuoso"]).exit_code == 2


def test_every_page_is_measured() -> None:
    found = measure_pages(1)
    assert found.keys() == {*PAGES, "all"}
    assert all(0 < seconds < 10 for seconds in found.values())
    assert table(found).count("\n") == len(PAGES) + 3


def test_made_up_policy_is_the_same_every_time_and_has_mistakes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.ttl", tmp_path / "b.ttl"
    assert write_policy(first, 1000) == write_policy(second, 1000) == len(list(parse_file(first)))
    assert first.read_bytes() == second.read_bytes()


def test_validating_is_measured_even_where_the_others_cannot_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(command: list[str]) -> None:
        raise MissingError(f"no {command[0]}")

    monkeypatch.setattr(tools, "_run", refuse)
    run = measure_validation(300, Tools(tmp_path), 1, print)
    assert run.triples >= 300
    assert run.costs.keys() == {"sikkerby-kg"}
    assert run.costs["sikkerby-kg"].seconds > 0.1
    assert run.skipped.keys() == set(OTHERS)
    assert run.results > 0


def test_the_table_of_validating_says_how_many_times_ours_a_cost_is_and_who_differs() -> None:
    run = Validation(
        3000, {"sikkerby-kg": Cost(1, 50), "pyshacl": Cost(9, 60)}, 7, {"pyshacl": 2}, {"pyrudof": "gone"}
    )
    text = validation_table([run])
    assert "| 3,000 | 7 | 1.00, 50 | 9.00 (9×), 60 | – | – | pyshacl: 2 |" in text
    assert "- pyrudof at 3,000: gone" in text


def test_an_engine_that_needs_too_long_is_stopped_and_the_figure_is_the_least_it_needs() -> None:
    cost = _cost([sys.executable, "-c", "while True: pass"], 1)
    assert cost.is_stopped
    assert 0.5 < cost.seconds < 3
    text = validation_table(
        [Validation(3000, {"sikkerby-kg": Cost(1, 50), "pyshacl": Cost(9, 60, is_stopped=True)}, 7)]
    )
    assert "| 1.00, 50 | > 9.00 (> 9×), > 60 |" in text


def test_an_engine_that_was_stopped_needs_at_least_as_long_for_more() -> None:
    stopped_at = Validation(3000, {"sikkerby-kg": Cost(1, 50), "pyshacl": Cost(9, 60, is_stopped=True)}, 7)
    larger = Validation(6000, {"sikkerby-kg": Cost(2, 70)}, 8, skipped={"pyshacl": "not tried"})
    assert "| 6,000 | 8 | 2.00, 70 | > 9.00 (> 4.5×), > 60 |" in validation_table([stopped_at, larger])
