"""Imports point down: a module imports only modules of the layers before its own."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sikkerby_kg"
LAYERS = (
    {"texts"},
    {"errors"},
    {
        "folders",
        "folding",
        "formats",
        "lexer",
        "namespaces",
        "nesting",
        "positions",
        "seal",
        "settings",
        "spelling",
        "syntax",
        "tables",
        "version",
        "written",
        "xml_text",
    },
    {
        "graphs",
        "http_client",
        "parsing",
        "revisions",
        "terms",
        "triples",
        "turtle_places",
        "writing",
    },
    {"binding", "dataset", "parameters", "results"},
    {"dump", "local", "remote"},
    {"services", "stores", "under_rdflib"},
    {"dialect", "sparql"},
    {"about", "headers", "labels"},
    {
        "checks",
        "entities",
        "likeness",
        "moment",
        "ontology",
        "queries",
        "search",
        "shape_rules",
        "shown",
        "sources",
        "statistics",
        "verification",
    },
    {"catalog", "citations", "description", "held_text", "shape_words"},
    {"offer", "self_description", "workbook"},
    {"workers"},
    {"validation"},
    {"authoring", "judging"},
    {"graph"},
    {"__init__"},
    {"server"},
    {"cli"},
    {"__main__"},
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_folders" not in path.parts)
OUTSIDE = {"flask", "click", "waitress"}


def part(path: Path) -> str:
    """The module or sub-package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Full names of what a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own_parts(path: Path) -> set[str]:
    """The parts of our package that a file imports; what the package itself exports counts as __init__."""
    found = set()
    for name in imported(path):
        _, _, rest = name.partition("sikkerby_kg.")
        first = rest.partition(".")[0]
        if name == "sikkerby_kg" or not rest:
            continue
        found.add(first if first in RANK else "__init__")
    return found - {part(path)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_down(path: Path) -> None:
    assert part(path) in RANK, "give the new module its place in LAYERS"
    rank = RANK[part(path)]
    assert [name for name in own_parts(path) if RANK[name] >= rank] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_the_skins_know_click_and_flask(path: Path) -> None:
    if part(path) not in ("cli", "server"):
        assert {name.partition(".")[0] for name in imported(path)} & OUTSIDE == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_the_graph_and_the_skins_read_the_environment(path: Path) -> None:
    if part(path) not in ("graph", "cli", "server") and path.name != "confinement.py":  # that one clears it
        tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        assert [
            n.attr for n in tree if isinstance(n, ast.Attribute) and n.attr in ("environ", "getenv")
        ] == []
