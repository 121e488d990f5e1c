"""Whatever stands in a content file, it is read, or refused with the file, line and column of the mistake."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from sikkerby_kg.dataset import load_file, parse_file
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders
from sikkerby_kg.queries import read_query

ROOT = Path(__file__).parent.parent
QUERIES = sorted(
    path.read_bytes() for path in [*ROOT.glob("queries/*.rq"), *ROOT.glob("tests/city/queries/*.rq")]
)
STATEMENTS = sorted(path.read_bytes() for path in ROOT.glob("tests/city/**/*.t*"))

PIECES = [
    piece.encode("utf-8", "surrogatepass")
    for piece in (
        *"\\\"'<>{}[]()\r\n\t:-&*?|@^_.%#$\0\x07\x0c\x7f\x85\u2028\ufeff\ud800²",
        '"""',
        "'''",
        "#+",
        "#+ ",
        "\n#+ ",
        "\\u0041",
        "\\uD800",
        "\\U00110000",
        "- ",
        "&a ",
        "*a",
        "<<: ",
        "!!int ",
        "!!python/name:os ",
        "? ",
        "| ",
        "@prefix",
        "---",
        "...",
        "%YAML 9.9",
        "null",
        "~",
        "9" * 50,
        "1e9",
        "BASE <x>",
        "GRAPH",
        "SERVICE",
        "BIND(",
        "VALUES",
        "<<<<<<< a",
        "type: iri",
        "default: x",
        "example: x",
    )
]


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A good file with pieces lost, doubled, put in or cut off."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(start + draw(st.sampled_from([0, 1, 2, 10, 100])), len(data))
        put = draw(st.sampled_from([*PIECES, data[start:end] * 2, b""]) | st.binary(max_size=2))
        data = data[:start] + put + data[end:]
    return data if draw(st.integers(0, 9)) else data[: draw(st.integers(0, len(data)))]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    root = tmp_path_factory.mktemp("mutated")
    for name in ("ontology", "data", "queries", "web"):
        (root / name).mkdir()
    return Folders(root)


ABOUT_THE_WHOLE_FILE = {"content.no_graph_name", "content.meaning"}
"""What is wrong with no one place."""


def is_told(error: ContentError, name: str) -> None:
    """The message names the file, and in both languages the place, unless the whole file is meant."""
    place = "" if error.key in ABOUT_THE_WHOLE_FILE else r":[1-9]\d*(:[1-9]\d*)?: "
    for lang in ("da", "en"):
        assert re.match(rf"{name}{place}", error.text(lang)), error.text(lang)


@given(mutated(QUERIES))
@example(QUERIES[0].replace(b"#+ ", b"#+ \x07", 1))
def test_a_mutated_query_is_read_or_refused_with_its_place(folders: Folders, data: bytes) -> None:
    path = folders.queries / "a-query.rq"
    path.write_bytes(data)
    try:
        query = read_query(path, "queries/a-query.rq")
    except ContentError as error:
        is_told(error, "queries/a-query.rq")
    else:
        assert query.form in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


@given(
    mutated(STATEMENTS),
    st.sampled_from(["ontology/a.ttl", "data/a.trig", "a.nq", "a.nt", "a.rdf", "a.jsonld"]),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_file_is_read_or_refused_with_its_place(folders: Folders, data: bytes, name: str) -> None:
    path = folders.root / name
    path.write_bytes(data)
    try:
        if "/" in name:
            assert all(quad.graph_name.value for quad in load_file(path, folders))  # type: ignore[union-attr]
        else:
            assert list(parse_file(path, name)) is not None
    except ContentError as error:
        is_told(error, name)
