"""What is needed to run the server elsewhere is right as far as that can be seen without running it there."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from sikkerby_kg.settings import PREFIX, SETTINGS

ROOT = Path(__file__).parent.parent
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
UNIT = ROOT / "deploy" / "sikkerby-kg.service"
PROGRAM = "/opt/sikkerby-kg/bin/sikkerby-kg"
NAMES = {PREFIX + name.upper() for name, _, _ in SETTINGS}
INSTRUCTIONS = {
    *("FROM", "RUN", "COPY", "ENV", "USER", "WORKDIR", "EXPOSE"),
    *("STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


def instructions() -> list[tuple[str, str]]:
    """Every instruction of the Containerfile with what follows it."""
    lines = CONTAINERFILE.read_text(encoding="utf-8").splitlines()
    found = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in found]


def last(wanted: str) -> str:
    return [rest for name, rest in instructions() if name == wanted][-1]


def test_containerfile_has_known_instructions_only() -> None:
    assert {name for name, _ in instructions()} == INSTRUCTIONS


def test_containerfile_copies_what_there_is_and_all_that_the_wheel_needs() -> None:
    copied = [shlex.split(rest)[:-1] for name, rest in instructions() if name == "COPY"]
    sources = {source for words in copied for source in words if not words[0].startswith("--from")}
    assert {source for source in sources if not (ROOT / source).exists()} == set()
    needed = {
        "pyproject.toml",
        "hatch_build.py",
        "README.md",
        "LICENSE",
        "sikkerby_kg",
        "ontology",
        "data",
        "queries",
        "web",
    }
    assert sources == needed | {"requirements/run.lock", "requirements/node.lock"}


def test_the_builder_is_sent_what_is_copied_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    copied = [shlex.split(rest)[:-1] for name, rest in instructions() if name == "COPY"]
    sources = {source for words in copied for source in words if not words[0].startswith("--from")}
    sent = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert "web/frontend/node_modules" in rules
    assert sent == {source.partition("/")[0] for source in sources}


def test_containerfile_runs_without_root_and_without_a_shell() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last("USER"))
    for name, rest in instructions():
        if name in ("RUN", "CMD", "ENTRYPOINT"):
            assert all(isinstance(word, str) for word in json.loads(rest)), rest
    assert json.loads(last("ENTRYPOINT")) == [PROGRAM]
    assert json.loads(last("CMD")) == ["serve"]


def test_containerfile_sets_settings_that_there_are(app: Flask) -> None:
    given = dict(rest.split("=", 1) for name, rest in instructions() if name == "ENV")
    assert {name for name in given if name.startswith(PREFIX)} <= NAMES
    assert given[f"{PREFIX}PORT"] == last("EXPOSE")
    (health,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", last("HEALTHCHECK"))
    assert health[0] == last("EXPOSE")
    assert app.test_client().get(health[1]).status_code == 200
    command = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    compile(command[-1], "healthcheck", "exec")


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names have capitals
    parser.read(UNIT, encoding="utf-8")
    return parser


def test_unit_starts_reloads_and_stops_the_server() -> None:
    service = unit()["Service"]
    assert service["ExecStart"] == f"{PROGRAM} serve"
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert int(service["TimeoutStopSec"]) > 30
    given = dict(pair.split("=", 1) for pair in shlex.split(service["Environment"]))
    assert {name for name in given if name.startswith(PREFIX)} <= NAMES


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_unit_is_what_systemd_accepts(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true"), encoding="utf-8")
    for words in (["verify"], ["security", "--offline=true", "--no-pager", "--threshold=25"]):
        command = ["systemd-analyze", *words, str(copy)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, ""), words
