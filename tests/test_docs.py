"""The documentation is true: its commands run, its map and tables are complete, its links lead somewhere."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import openpyxl
import pytest

from sikkerby_kg import cli
from sikkerby_kg.settings import PREFIX, SETTINGS
from tests.running import content_copy

ROOT = Path(__file__).parent.parent
FOLDERS = (
    "",
    "ontology",
    "data",
    "queries",
    "web",
    "sikkerby_kg",
    "tests",
    "requirements",
    "deploy",
    "deploy/ci",
)
READMES = [path for folder in FOLDERS for path in [ROOT / folder / "README.md"] if path.is_file()]
MANUAL = [*READMES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
UNTRACKED = {".git", ".venv", "build", "dist"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def section(heading: str) -> str:
    """The text under one heading of the README."""
    (text,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE)
    return str(text)


def code_lines(text: str) -> list[str]:
    """The lines of all fenced shell examples, joined where they are continued; prompts are dropped."""
    blocks = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip().removeprefix("$ ") for line in lines if line.strip()]


def example_lines() -> list[tuple[str, str]]:
    """Line and file of every example that starts our command, up to a pipe or redirection; each line once."""
    found = {
        re.split(r"\s[|>]", line)[0]: name_of(path)
        for path in MANUAL
        for line in code_lines(path.read_text(encoding="utf-8"))
        if line.startswith("sikkerby-kg")
    }
    return list(found.items())


def commands(group: click.Group, *words: str) -> list[tuple[str, ...]]:
    """The words of every command, sub-commands included."""
    found = []
    for name, command in group.commands.items():
        found.append((*words, name))
        if isinstance(command, click.Group):
            found += commands(command, *words, name)
    return found


def test_readme_maps_every_top_level_name() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    tracked = {Path(name).parts[0] for name in listed}
    # Unpacked from an archive there is no git to ask.
    present = tracked or {path.name for path in ROOT.iterdir()} - UNTRACKED
    present = {name for name in present if (ROOT / name).exists() and not name.endswith("_cache")}
    mapped = {
        name.rstrip("/")
        for name in re.findall(r"^\|[^|]+\|", section("Map"), re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", name)
    }
    assert mapped | {"README.md"} == present | {"README.md"}


def test_readme_describes_every_setting() -> None:
    rows = [f"| `{PREFIX}{name.upper()}` | {default} | {meaning} |" for name, default, meaning in SETTINGS]
    table = [line for line in section("Settings").splitlines() if line.startswith("| `")]
    assert table == rows


@pytest.mark.parametrize("words", commands(cli.main), ids=" ".join)
def test_every_command_stands_in_a_readme(words: tuple[str, ...]) -> None:
    line = " ".join(("sikkerby-kg", *words))
    assert any(re.search(rf"{line}\b", path.read_text(encoding="utf-8")) for path in READMES)


COMMAND = (sys.executable, "-m", "sikkerby_kg")
WRITING = ("new", "template", "import")
"""Commands whose examples write; they run in a copy of the content, where a sheet is filled in."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of our content beside a sheet with one plan in it."""
    return content_copy(tmp_path_factory.mktemp("copy"))


def filled_in(sheet: Path) -> None:
    """Write a plan with what it needs into a template."""
    book = openpyxl.load_workbook(sheet)
    page = book.worksheets[0]
    columns = {str(cell.value).rstrip(" *"): cell.column for cell in page[1]}
    given = {"dansk navn": "Handleplan for prøver", "engelsk navn": "Action plan for trials", "kilde": "p5s2"}
    for name, value in given.items():
        page.cell(2, columns[name], value)
    book.save(sheet)


@pytest.mark.parametrize(("line", "file"), example_lines())
def test_every_example_runs(line: str, file: str, copy: Path) -> None:
    words = shlex.split(line, comments=True)[1:]
    if "serve" in words:  # it would not end
        words.append("--help")
    at = ["--root", str(copy)] if words[0] in WRITING else []
    if words[0] == "import":
        subprocess.run([*COMMAND, *at, "template", "plan", "-o", copy / words[1]], cwd=copy, check=True)
        filled_in(copy / words[1])
    result = subprocess.run(
        [*COMMAND, *at, *words], cwd=copy if at else ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{file}: {line}\n{result.stdout}{result.stderr}"


def test_the_walk_through_answers_its_question() -> None:
    """The README's promise: which plan replaced the one of 2022-2023, and which sentence says so."""
    lines = [
        line for line in code_lines(section("A question in two minutes")) if line.startswith("sikkerby-kg")
    ]
    told = ""
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        told += subprocess.run(
            [sys.executable, "-m", "sikkerby_kg", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert re.search(r"2022-2023", told)
    assert re.search(r"2024-2026", told)
    assert "3.3" in told


@pytest.mark.parametrize("path", MANUAL, ids=name_of)
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    lost = [
        link for link in links if "://" not in link and not (path.parent / link.partition("#")[0]).exists()
    ]
    assert lost == []


def test_changelog_starts_with_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    released = re.findall(
        r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert released[0] == version


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python3 run.py test"
    assert any(line.startswith(command) for line in code_lines(README))
    assert command in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize("recipe", ["term", "fact", "query", "shape"])
def test_contributing_has_a_recipe(recipe: str) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.search(rf"^## Add a .*{recipe}$", text, re.MULTILINE)
