"""What the tests share: the made-up second city, the real content, and both opened once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sikkerby_kg import KnowledgeGraph, Settings, open_graph

TESTS = Path(__file__).parent
CITY = TESTS / "city"
ROOT = TESTS.parent


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own SIKKERBY_… variables change no test."""
    for name in Settings().as_dict():
        monkeypatch.delenv(f"SIKKERBY_{name.upper()}", raising=False)


@pytest.fixture(scope="session")
def city_root() -> Path:
    """The content folder of the made-up city."""
    return CITY


@pytest.fixture(scope="session")
def city() -> Iterator[KnowledgeGraph]:
    """The made-up city in memory."""
    with open_graph(CITY, "memory") as graph:
        yield graph


@pytest.fixture(scope="session")
def graph() -> Iterator[KnowledgeGraph]:
    """The real content in memory."""
    with open_graph(ROOT, "memory") as graph:
        yield graph


@pytest.fixture
def make_root(tmp_path: Path) -> Path:
    """A root with four empty folders, to be filled by a test."""
    for name in ("ontology", "data", "queries", "web"):
        (tmp_path / "root" / name).mkdir(parents=True)
    return tmp_path / "root"
