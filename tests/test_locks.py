"""The locks in requirements/ hold what pyproject.toml asks for, hashed, and name no registry."""

import json
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = ("run", "test")
FILES = (*LOCKS, "node")


@cache
def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def section(*path: str) -> object:
    found: object = project()
    for key in path:
        assert isinstance(found, dict)
        found = found[key]
    return found


def asked_for(*path: str) -> list[Requirement]:
    """The requirements of one list in pyproject.toml; our own extras are followed."""
    listed = section(*path)
    assert isinstance(listed, list)
    requirements = []
    for text in listed:
        requirement = Requirement(text)
        if requirement.name == "sikkerby-kg":
            for extra in sorted(requirement.extras):
                requirements += asked_for("project", "optional-dependencies", extra)
        else:
            requirements.append(requirement)
    return requirements


@cache
def entries(lock: str) -> tuple[tuple[Requirement, tuple[str, ...]], ...]:
    """Every requirement of a lock with its hashes."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        if requirement and not requirement.startswith("#"):
            found.append((Requirement(requirement), tuple(hashes)))
    return tuple(found)


def pins(lock: str) -> dict[str, str]:
    """Name to version as pip would install them here; each package once."""
    here = [entry for entry, _ in entries(lock) if entry.marker is None or entry.marker.evaluate()]
    found: dict[str, str] = {canonicalize_name(entry.name): str(entry.specifier)[2:] for entry in here}
    assert len(found) == len(here)
    return found


def unmet(wanted: list[Requirement], pinned: dict[str, str]) -> list[str]:
    """Name what a lock lacks or pins outside the range that is asked for."""
    return [
        f"{requirement} (locked: {pinned.get(canonicalize_name(requirement.name))})"
        for requirement in wanted
        if not requirement.specifier.contains(
            pinned.get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
        or canonicalize_name(requirement.name) not in pinned
    ]


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("path", [("project", "dependencies"), ("build-system", "requires")])
def test_lock_holds_what_running_and_building_ask_for(lock: str, path: tuple[str, ...]) -> None:
    assert unmet(asked_for(*path), pins(lock)) == []


def test_test_lock_holds_what_testing_asks_for() -> None:
    assert unmet(asked_for("project", "optional-dependencies", "dev"), pins("test")) == []


def test_missing_and_outdated_pins_are_found() -> None:
    wanted = [Requirement("click>=8.2,<9"), Requirement("flask>=3"), Requirement("Jinja2>=3")]
    assert unmet(wanted, {"click": "8.1", "jinja2": "3.1"}) == [
        "click<9,>=8.2 (locked: 8.1)",
        "flask>=3 (locked: None)",
    ]


def test_test_lock_extends_the_run_lock() -> None:
    """Tests run on the very versions that are served; `run.py test` also readies `run.py`."""
    assert pins("run").items() <= pins("test").items()


@pytest.mark.parametrize("lock", FILES)
def test_every_pin_is_exact_and_hashed(lock: str) -> None:
    for requirement, hashes in entries(lock):
        assert re.fullmatch(r"==[\w.+!]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement


@pytest.mark.parametrize("lock", FILES)
def test_lock_names_no_registry_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in text
    assert "find-links" not in text


def test_node_lock_holds_the_nodejs_that_the_build_asks_for_and_nothing_else() -> None:
    asked = section("dependency-groups", "node")
    assert isinstance(asked, list)
    assert [f"{name}=={version}" for name, version in pins("node").items()] == asked


def test_packages_of_the_scripts_are_exact_and_hashed_and_name_no_registry() -> None:
    folder = ROOT / "web" / "frontend"
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    named = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {name: locked[f"node_modules/{name}"]["version"] for name in named} == named
    assert all(entry["integrity"].startswith("sha512-") for name, entry in locked.items() if name)
    assert not any("resolved" in entry for entry in locked.values())


def test_what_builds_the_package_is_said_once() -> None:
    """[build-system] is what pip reads; the group is how the locks come to hold it."""
    assert section("build-system", "requires") == section("dependency-groups", "build")
