"""What deploy/ci offers to other repositories works: action, templates, hook and editor."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from sikkerby_kg.cli import main
from tests.running import git

pytestmark = pytest.mark.slow  # whole commands in scratch repositories

ROOT = Path(__file__).parent.parent
CI = ROOT / "deploy" / "ci"
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix h: <https://harbour.example/> .
h:Boat a sh:NodeShape ; sh:targetClass h:Boat ; sh:property h:Boat-owner , h:Boat-name , h:Boat-since .
h:Boat-owner sh:path h:owner ; sh:maxCount 1 ; sh:nodeKind sh:IRI ;
  sh:message "Giv båden én ejer."@da , "Give the boat one owner."@en .
h:Boat-name sh:path h:name ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "Giv båden et navn."@da .
h:Boat-since sh:path h:since ; sh:minCount 1 ; sh:severity sh:Info ; sh:message "Hvornår?"@da .
"""
RIGHT = """@prefix h: <https://harbour.example/> .
h:g {
  h:a a h:Boat ;
    h:name "a" ;
    h:owner h:ib .
}
"""
WRONG = RIGHT.replace("h:owner h:ib", 'h:owner "Ib"')


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A scratch git repository whose content lies in a folder with a blank in its name, and has a mistake."""
    top = tmp_path / "repository"
    for name in ("ontology", "data", "queries", "web"):
        (top / "our city" / name).mkdir(parents=True)
    (top / "our city" / "ontology" / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    (top / "our city" / "data" / "boats.trig").write_text(WRONG, encoding="utf-8")
    git(top, "init", "--quiet")
    return top


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a step: our command on the path, and the files of the runner."""
    program = tmp_path / "bin" / "sikkerby-kg"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sikkerby_kg "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


def action() -> Any:
    return yaml.safe_load((CI / "action.yml").read_text(encoding="utf-8"))


def step(repository: Path, environment: dict[str, str], **given: str) -> subprocess.CompletedProcess[str]:
    """The step of the action that validates, with its inputs put in as GitHub does."""
    made = action()
    inputs = {name: str(each["default"]) for name, each in made["inputs"].items()} | given
    (found,) = [each for each in made["runs"]["steps"] if each.get("id") == "validate"]
    variables = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: inputs[match[1]], value)
        for name, value in found["env"].items()
    }
    return subprocess.run(
        ["sh", "-e", "-c", found["run"]],
        cwd=repository,
        env={**environment, **variables, "GITHUB_ACTION_PATH": str(CI)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.skipif(os.name != "posix", reason="a job of GitHub Actions on Linux")
def test_the_action_annotates_a_mistake_and_fails(repository: Path, environment: dict[str, str]) -> None:
    ended = step(repository, environment, root="our city")
    assert ended.returncode == 1, ended.stderr
    errors = [line for line in ended.stdout.splitlines() if line.startswith("::error ")]
    assert len(errors) == 1
    assert re.match(r"::error file=our city/data/boats\.trig(,\w+=\d+)*,title=Boat-owner::", errors[0])
    assert "Giv båden én ejer." in errors[0]
    assert Path(environment["GITHUB_OUTPUT"]).read_text() == "sarif=validation.sarif\n"
    (found,) = json.loads((repository / "validation.sarif").read_text(encoding="utf-8"))["runs"]
    assert [each["level"] for each in found["results"]] == ["error", "note"]
    uri = found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "our%20city/data/boats.trig"
    assert "Giv båden én ejer." in Path(environment["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")


@pytest.mark.skipif(os.name != "posix", reason="a job of GitHub Actions on Linux")
def test_the_action_passes_what_is_right_known_or_mild(repository: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "sikkerby_kg", "validate", "--root", "our city", "--baseline-write"]
    subprocess.run(
        [*command, "--baseline", "known results.json"], cwd=repository, env=environment, check=True
    )
    assert step(repository, environment, root="our city", baseline="known results.json").returncode == 0
    boats = repository / "our city" / "data" / "boats.trig"
    boats.write_text(RIGHT, encoding="utf-8")
    paths = "\nour city/data/boats.trig\n"
    assert step(repository, environment, root="our city", paths=paths).returncode == 0
    assert step(repository, environment, root="our city", severity="info", lang="en").returncode == 1


@pytest.mark.skipif(os.name != "posix", reason="a job of GitHub Actions on Linux")
def test_the_action_annotates_what_cannot_be_read(repository: Path, environment: dict[str, str]) -> None:
    (repository / "our city" / "data" / "boats.trig").write_text("h:a h:b h:c .\n", encoding="utf-8")
    ended = step(repository, environment, root="our city")
    assert ended.returncode == 2
    assert ended.stdout.startswith("::error file=our city/data/boats.trig,line=1,col=")


def test_the_action_uses_the_inputs_that_it_has_and_puts_none_into_a_script() -> None:
    """An input in ``run`` would be a program that whoever opens a pull request writes."""
    made = action()
    assert made["runs"]["using"] == "composite"
    used = set(re.findall(r"inputs\.([\w-]+)", json.dumps(made["runs"])))
    assert used == set(made["inputs"])
    for each in made["runs"]["steps"]:
        assert "${{" not in each.get("run", "")
        assert "run" not in each or each["shell"] == "sh"
    assert all(each["description"] for each in (*made["inputs"].values(), *made["outputs"].values()))


def test_the_workflow_uses_the_action_with_inputs_that_it_has() -> None:
    workflow = yaml.safe_load((CI / "github-workflow.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    (ours,) = [each for each in job["steps"] if "deploy/ci" in each["uses"]]
    assert set(ours["with"]) <= set(action()["inputs"])
    assert workflow["permissions"] == {
        "contents": "read",
        "security-events": "write",
        "actions": "read",
    }
    uploaded = next(each for each in job["steps"] if "upload-sarif" in each["uses"])
    assert uploaded["with"]["sarif_file"] == f"${{{{ steps.{ours['id']}.outputs.sarif }}}}"
    assert "!github.event.pull_request.head.repo.fork" in uploaded["if"]
    assert set(action()["outputs"]) == {"sarif"}


@pytest.mark.skipif(os.name != "posix", reason="a job in a Linux container")
def test_the_gitlab_job_writes_every_artifact(repository: Path, environment: dict[str, str]) -> None:
    (job,) = yaml.safe_load((CI / "gitlab-ci.yml").read_text(encoding="utf-8")).values()
    (script,) = job["script"]
    ended = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=repository / "our city",
        env={**environment, **job["variables"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert job["artifacts"]["when"] == "always"
    files = {*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()}
    assert len(files) == 4
    for name in files:
        assert (repository / "our city" / name).stat().st_size > 100, name
    quality = json.loads(
        (repository / "our city" / "validation-codequality.json").read_text(encoding="utf-8")
    )
    assert {each["location"]["path"] for each in quality} == {"data/boats.trig"}
    assert [each["severity"] for each in quality] == ["major", "info"]
    assert len({each["fingerprint"] for each in quality}) == 2


@pytest.mark.skipif(os.name != "posix", reason="the command is a script of sh")
def test_the_hook_refuses_a_commit_with_a_mistake(repository: Path, environment: dict[str, str]) -> None:
    """As pre-commit starts it: entry and arguments, from the top of the repository, without file names."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {"id", "name", "entry", "language", "files"} <= set(hook)
    assert hook["pass_filenames"] is False
    assert re.search(hook["files"], "data/statements/a.trig")
    assert re.search(hook["files"], "city/ontology/shapes.ttl")
    assert not re.search(hook["files"], "queries/a.rq")
    top = repository / "our city"
    words = [*shlex.split(hook["entry"]), *hook["args"]]
    ended = subprocess.run(words, cwd=top, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    (top / "data" / "boats.trig").write_text(RIGHT, encoding="utf-8")
    assert subprocess.run(words, cwd=top, env=environment, capture_output=True, check=False).returncode == 0


def matchers() -> list[dict[str, Any]]:
    (task,) = json.loads((CI / "vscode-tasks.json").read_text(encoding="utf-8"))["tasks"]
    return list(task["problemMatcher"])


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_editor_finds_what_cannot_be_read(repository: Path, lang: str) -> None:
    (repository / "our city" / "data" / "boats.trig").write_text("h:a h:b h:c .\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "sikkerby_kg", "validate", "--root", "our city", "--lang", lang],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    (match,) = [re.match(each["pattern"]["regexp"], ended.stderr.splitlines()[0]) for each in matchers()[3:]]
    assert match is not None
    assert match[2] == "1"


def test_every_option_that_is_used_is_one_of_the_command() -> None:
    command = main.commands["validate"]
    known = {name for each in command.params if isinstance(each, click.Option) for name in each.opts}
    for path in (*CI.iterdir(), ROOT / ".pre-commit-hooks.yaml"):
        text = path.read_text(encoding="utf-8")
        if "sikkerby-kg" in text and path.suffix in (".sh", ".yml", ".yaml", ".json"):
            used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - {"--quiet"}
            assert used <= known, path.name
