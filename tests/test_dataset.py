"""Content files become quads, each in its graph, or the file, line and column of the mistake is named."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad, parse

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.dataset import content_digest, content_files, load_content, parse_file, to_rdflib
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import find_folders

ONTOLOGY = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n<http://e/model> a owl:Ontology .\n"
STATEMENT = "<http://e/g> { <http://e/a> <http://e/b> 007 . }\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("data/a.trig", "<http://e/g> {\n <http://e/a> a c:d .\n}", r"^data/a\.trig:2:17: .*the prefix c"),
        ("data/a.trig", STATEMENT + "<http://e/a>\n<http://e/b> 1 .",
         r"^data/a\.trig:2:1: .*outside any .*e/b> \"1\""),
        ("data/a.trig", "<http://e/g> { <a> <b> <c> }", r"^data/a\.trig:1:16: .*IRI"),
        ("data/a.trig", "<http://e/g> { <http://e/a> a 1 ", r"^data/a\.trig:1:\d+: .*the file ends before"),
        ("data/sub/a.ttl", "", r"^data/sub/a\.ttl: data must be TriG"),
        ("data/a.nq", "", r"^data/a\.nq: data must be TriG"),
        ("ontology/a.ttl", "<http://e/a> <http://e/b> 1 .", r"^ontology/a\.ttl: .*exactly one .*found: 0\.$"),
        ("ontology/a.ttl", ONTOLOGY + "<http://e/x> a <http://www.w3.org/2004/02/skos/core#ConceptScheme> .",
         r"found: <http://e/model>, <http://e/x>\.$"),
        ("ontology/a.ttl", "[] a <http://www.w3.org/2002/07/owl#Ontology> .", r"found: 0\.$"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_place(make_root: Path, name: str, text: str, message: str) -> None:
    (make_root / name).parent.mkdir(exist_ok=True)
    (make_root / name).write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=message):
        load_content(find_folders(make_root))


def test_a_link_that_leads_nowhere_is_not_overlooked(make_root: Path) -> None:
    (make_root / "data/good.trig").write_text(STATEMENT, encoding="utf-8")
    (make_root / "data/lost.trig").symlink_to("/no/such/file")
    (make_root / "data/.#good.trig").symlink_to("somebody@machine.1")  # an editor's lock
    with pytest.raises(ContentError, match=r"^data/lost\.trig points to /no/such/file, which does not exist"):
        load_content(find_folders(make_root))


def test_a_link_to_a_folder_is_followed_once(make_root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/good.trig").write_text(STATEMENT, encoding="utf-8")
    (make_root / "data/sub").symlink_to(tmp_path / "elsewhere")
    assert len(load_content(find_folders(make_root)).quads) == 1
    (tmp_path / "elsewhere/again").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ContentError, match=r"^data/sub/again points to a folder that is included already"):
        load_content(find_folders(make_root))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_not_overlooked(make_root: Path) -> None:
    (make_root / "data/good.trig").write_text(STATEMENT, encoding="utf-8")
    (make_root / "data/shut").mkdir(mode=0)
    with pytest.raises(ContentError, match=r"^data/shut cannot be read"):
        load_content(find_folders(make_root))


def test_text_that_is_not_utf_8_names_its_place(make_root: Path) -> None:
    (make_root / "data/a.trig").write_bytes(b'<http://e/g> {\n<http://e/a> <http://e/b> "\xe6" }')
    with pytest.raises(ContentError, match=r"^data/a\.trig:2:\d+: .*UTF-8"):
        load_content(find_folders(make_root))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"no file .*nowhere\.ttl\."):
        list(parse_file(tmp_path / "nowhere.ttl"))


def test_a_root_without_statements_is_refused(make_root: Path) -> None:
    with pytest.raises(ContentError, match="has no content"):
        load_content(find_folders(make_root))


def test_turtle_goes_into_the_graph_it_declares(make_root: Path) -> None:
    (make_root / "ontology/sub").mkdir()
    (make_root / "ontology/sub/a.ttl").write_text(ONTOLOGY, encoding="utf-8")
    (quad,) = load_content(find_folders(make_root)).quads
    assert quad.graph_name == NamedNode("http://e/model")


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_byte_order_marks_and_windows_lines_are_fine(make_root: Path, start: bytes, newline: str) -> None:
    (make_root / "data/a.trig").write_bytes(start + STATEMENT.replace("\n", newline).encode())
    assert len(load_content(find_folders(make_root)).quads) == 1


def test_other_files_are_left_alone(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(STATEMENT, encoding="utf-8")
    for name in ("data/README.md", "ontology/checks.rq", "ontology/context.jsonld", "queries/x.ttl"):
        (make_root / name).write_text("not RDF", encoding="utf-8")
    assert [path.name for path in content_files(find_folders(make_root))] == ["a.trig"]


def test_blank_nodes_of_two_files_stay_two(make_root: Path) -> None:
    for name in ("a", "b"):
        (make_root / f"data/{name}.trig").write_text("<http://e/g> { _:x <http://e/b> 1 }", encoding="utf-8")
    assert len({quad.subject for quad in load_content(find_folders(make_root)).quads}) == 2


def test_the_digest_follows_names_and_bytes(make_root: Path) -> None:
    folders = find_folders(make_root)
    path = make_root / "data/a.trig"
    path.write_text(STATEMENT, encoding="utf-8")
    first = content_digest(folders)
    (make_root / "queries/q.rq").write_text("", encoding="utf-8")
    assert content_digest(folders) == first
    path.write_text(STATEMENT + "# more", encoding="utf-8")
    second = content_digest(folders)
    path.rename(make_root / "data/b.trig")
    assert len({first, second, content_digest(folders)}) == 3


def test_the_digest_is_that_of_what_was_read(make_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = find_folders(make_root)
    path = make_root / "data/a.trig"
    path.write_text(STATEMENT, encoding="utf-8")
    before = content_digest(folders)

    def changed_meanwhile(*arguments: Any, **options: Any) -> Iterator[Quad]:
        path.write_text(STATEMENT + "# later", encoding="utf-8")
        return parse(*arguments, **options)

    monkeypatch.setattr("sikkerby_kg.dataset.parse", changed_meanwhile)
    assert load_content(folders).digest == before != content_digest(folders)


def test_rdflib_gets_the_same_statements_as_written(city: KnowledgeGraph) -> None:
    content = load_content(city.folders)
    dataset = to_rdflib(content.quads)
    assert len(list(dataset.quads())) == len(content.quads)
    assert len(dataset) == len(set(quad.triple for quad in content.quads))  # noqa: C401  (of Oxigraph's triples)
    assert "12.50" in {str(o) for _, _, o, _ in dataset.quads()}
