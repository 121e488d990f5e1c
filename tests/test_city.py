"""A second, made-up city works with the software as it is, and shares nothing with ours but the model."""

import subprocess
import sys
from pathlib import Path

import pytest

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.dataset import content_files
from sikkerby_kg.folders import FOLDERS, find_folders
from sikkerby_kg.server import create_app

ROOT = Path(__file__).parent.parent
CITY = ROOT / "tests" / "city"
MODEL = "https://w3id.org/sikkerby-kg/model/"


def lines(root: Path) -> set[str]:
    """The lines of all content files, save those that hold nothing but brackets and points."""
    files = [path for name in FOLDERS for path in (root / name).rglob("*") if path.is_file()]
    texts = [
        path.read_text(encoding="utf-8")
        for path in files
        if path.suffix in (".ttl", ".trig", ".rq", ".html", ".css")
    ]
    return {
        " ".join(line.split()) for text in texts for line in text.splitlines() if any(map(str.isalnum, line))
    }


def test_no_line_is_shared() -> None:
    assert len(lines(CITY)) > 60
    # The grammar of SPARQL and the keys of a header are nobody's own.
    common = {"#+ parameters:", "#+ description:", "}", "{"}
    assert {
        line for line in lines(CITY) & lines(ROOT) if line not in common and len(line.split()) > 1
    } == set()


def test_nothing_of_ours_is_named() -> None:
    for path in content_files(find_folders(CITY)):
        text = path.read_text(encoding="utf-8").replace(MODEL, "")
        assert "sikkerby" not in text.lower()
        assert "københavn" not in text.lower()


def test_a_city_may_replace_single_files_of_the_web_folder(city: KnowledgeGraph) -> None:
    client = create_app(graph=city).test_client()
    for root, name in ((CITY, "favicon.svg"), (ROOT, "site.css")):
        with client.get(f"/static/{name}") as response:
            assert response.data == (root / "web/static" / name).read_bytes()


def test_the_city_is_tiny(city: KnowledgeGraph) -> None:
    assert 50 <= len(list(city.store.quads())) <= 120


def test_the_software_names_no_city() -> None:
    """Facts stand in the content: the code knows the model, and nothing about Copenhagen or its things."""
    for path in (ROOT / "sikkerby_kg").rglob("*.py"):
        if "_folders" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert "øbenhavn" not in text, path
            assert "https://w3id.org/sikkerby-kg/id/" not in text, path
            assert "openhagen" not in text.replace("nothing about Copenhagen", ""), path


@pytest.mark.parametrize(
    "words",
    [
        ("query",),
        ("query", "plans-on-a-day", "-p", "day=1905-01-01", "--format", "csv"),
        ("describe", "beacon-plan"),
        ("dump", "--format", "nq"),
        ("sparql", "-"),
    ],
)
def test_every_command_works_from_any_folder(words: tuple[str, ...], tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "sikkerby_kg", *words, "--root", str(CITY)],
        input="ASK { ?s ?p ?o }",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "sikkerby-kg/id" not in result.stdout


def test_the_least_that_a_root_needs_is_what_the_readme_says(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
        "@prefix void: <http://rdfs.org/ns/void#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<http://e/g> { <http://e/it> a dcat:Dataset ; void:uriSpace "http://e/" . '
        '<http://e/tower> rdfs:label "Tower"@en }\n',
        encoding="utf-8",
    )
    with open_graph(make_root) as graph:
        assert graph.describe("tower", "en").label.text == "Tower"
        assert b"http://e/tower" in graph.dump()
        assert len(graph.sparql("SELECT * { ?s ?p ?o }")) == 3
        status = create_app(graph=graph).test_client().get("/").status_code
    assert status == 200
