"""What is shipped: a wheel that holds all content, the same by every route, and runs from any folder."""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUILT = (ROOT / "web/static/dist/stamp.txt").is_file()
# Folder in the checkout → folder in the wheel.
SHIPPED = {
    "sikkerby_kg": "sikkerby_kg",
    "ontology": "sikkerby_kg/_folders/ontology",
    "data": "sikkerby_kg/_folders/data",
    "queries": "sikkerby_kg/_folders/queries",
    "web/templates": "sikkerby_kg/_folders/web/templates",
    "web/static": "sikkerby_kg/_folders/web/static",
}
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
SUFFIXES = {
    *(".py", ".typed", ".toml", ".md", ".json"),
    *(".ttl", ".trig", ".rq", ".jsonld", ".diff"),
    *(".html", ".css", ".js", ".svg", ".png", ".ico", ".txt", ".woff2"),
}


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run a command to its end and return what it prints; a failure shows what it said."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PIP_NO_INDEX": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def build(kind: str, source: Path, target: Path) -> Path:
    """Build the wheel or the sdist of a folder without a network; the folder itself stays as it is.

    Where the scripts of the pages were never built, they are left out.
    """
    skipped = {} if BUILT else {"SIKKERBY_SKIP_FRONTEND": "1"}
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target, cwd=source, **skipped)
    (made,) = target.iterdir()
    return made


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel") / "made")


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean virtual environment with the wheel; our dependencies are lent by a path file."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(home, with_pip=False, symlinks=os.name == "posix")
    python = home / ("bin/python" if os.name == "posix" else "Scripts/python.exe")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    (Path(site) / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def test_wheel_holds_every_file_of_the_shipped_folders_and_nothing_else(names: set[str]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    expected = {f"sikkerby_kg-{version}.dist-info/{name}" for name in METADATA}
    for source, target in SHIPPED.items():
        expected |= {f"{target}/{name}" for name in files(ROOT / source)}
    assert names == expected


def test_wheel_holds_only_kinds_of_files_that_are_meant(names: set[str]) -> None:
    shipped = {name for name in names if ".dist-info/" not in name}
    assert {Path(name).suffix for name in shipped} <= SUFFIXES
    assert "sikkerby_kg/py.typed" in shipped


def test_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        if hasattr(tarfile, "data_filter"):  # from Python 3.11.4 on
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(tmp_path / "source")  # noqa: S202  (the archive is our own)
    (source,) = (tmp_path / "source").iterdir()
    again = build("wheel", source, tmp_path / "wheel")
    assert again.name == wheel.name
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(wheel.read_bytes()).digest()


def test_wheel_holds_the_scripts_and_their_licences(names: set[str]) -> None:
    if not BUILT:
        pytest.skip("web/static/dist is not built; run.py builds it")
    folder = "sikkerby_kg/_folders/web/static/dist"
    assert {f"{folder}/{name}.js" for name in ("workbench", "graph", "neighbourhood")} <= names
    assert f"{folder}/THIRD-PARTY.txt" in names
    assert not {name for name in names if "frontend" in name}


def test_sdist_is_a_checkout_that_can_be_started_and_tested(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"run.py", "requirements/run.lock", "requirements/test.lock", "tests/test_wheel.py"} <= names
    assert {"web/frontend/package-lock.json", "web/frontend/.npmrc", "hatch_build.py"} <= names
    made = ("__pycache__", "node_modules")
    assert not {name for name in names if name.startswith((".venv", ".git/")) or any(m in name for m in made)}


def test_editable_install_copies_nothing(tmp_path: Path) -> None:
    """One line points at the checkout; a copy of the content would grow stale."""
    program = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"
    run(sys.executable, "-c", program, tmp_path)
    (editable,) = tmp_path.iterdir()
    with zipfile.ZipFile(editable) as archive:
        (pointer,) = [name for name in archive.namelist() if ".dist-info/" not in name]
        assert Path(archive.read(pointer).decode()) == ROOT
    assert not (ROOT / "sikkerby_kg/_folders").exists()


@pytest.mark.slow
def test_installed_wheel_brings_its_own_content(installed: Path) -> None:
    program = "import sikkerby_kg.folders as f; print(f.__file__); print(f.own_folders().root)"
    package, root = map(Path, run(installed, "-I", "-c", program, cwd=Path("/")).split("\n")[:2])
    assert installed.parent.parent in package.parents
    assert root == package.parent / "_folders"


@pytest.mark.slow
def test_installed_command_answers_from_the_root_folder(installed: Path) -> None:
    command = installed.with_name("sikkerby-kg")
    listed = run(command, "query", cwd=Path("/"))
    assert "plans-replaced" in listed
    answer = json.loads(run(command, "query", "plans-replaced", "--format", "json", cwd=Path("/")))
    assert answer["results"]["bindings"]


@pytest.mark.slow
def test_installed_command_validates_its_content(installed: Path) -> None:
    run(installed.with_name("sikkerby-kg"), "validate", cwd=Path("/"))
