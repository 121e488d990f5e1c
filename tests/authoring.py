"""A small root to write into, and the command line in it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result

from sikkerby_kg.cli import main

TOWN = Path(__file__).parent / "data" / "authoring"
Run = Callable[..., Result]


def town(folder: Path) -> Path:
    """A copy of the made-up town in a folder."""
    root = folder / "town"
    shutil.copytree(TOWN, root)
    for name in ("queries", "web"):
        (root / name).mkdir()
    return root


def runner(root: Path) -> Run:
    """The command line in a root."""

    def run(*words: str, text: str | None = None) -> Result:
        return CliRunner().invoke(main, ["--root", str(root), *words], input=text)

    return run


def files(root: Path) -> dict[str, bytes]:
    """Every file of a root, by name."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }
