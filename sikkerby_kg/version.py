"""The version of the package, from the one place where it is written: pyproject.toml or its metadata."""

import tomllib
from functools import cache
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


@cache
def package_version() -> str:
    """The version, such as ``0.1.0``; in a checkout that of its pyproject.toml."""
    if _PROJECT.is_file():
        project = tomllib.loads(_PROJECT.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == "sikkerby-kg":
            return str(project["version"])
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (takes as long as click does)

    try:
        return version("sikkerby-kg")
    except PackageNotFoundError:
        return "0"
