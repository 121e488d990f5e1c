"""A text is the one that was read, or it is said what differs: the file, or single passages."""

import hashlib
import json
import os
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sikkerby_kg import open_graph
from sikkerby_kg.cli import main
from sikkerby_kg.dataset import parse_file
from sikkerby_kg.errors import ContentError
from sikkerby_kg.verification import Verification, verify

ROOT = Path(__file__).parent.parent
TEXT = "Fyrmesteren på øen 🏝 tænder.\nHan slukker ved daggry; båden sejler.\n"
PASSAGES = {
    "lamp": "Fyrmesteren på øen 🏝 tænder.",
    "dawn": "Han slukker ved daggry; båden sejler.",
    "boat": "båden sejler",
}
PREFIXES = """
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix sik: <https://w3id.org/sikkerby-kg/model/> .
@prefix t: <https://island.example/> .
"""


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def described(text: str, passages: dict[str, str], name: str = "t:text") -> str:
    """The description of a text, as TriG content has it; positions are counted in code points."""
    lines = [f'{name} a sik:SourceText ; sik:characterCount {len(text)} ; sik:contentSha256 "{sha(text)}" .']
    for number, (passage, words) in enumerate(passages.items(), 1):
        start = text.index(words)
        lines.append(
            f'{name}-{passage} a sik:Passage ; oa:hasSource {name} ; sik:contentSha256 "{sha(words)}" ; '
            f"sik:paragraphNumber 1 ; sik:sentenceNumber {number} ; "
            f"oa:hasSelector [ oa:start {start} ; oa:end {start + len(words)} ] ."
        )
    return PREFIXES + "t:g {\n" + "\n".join(lines) + "\n}\n"


def checked(tmp_path: Path, data: bytes, trig: str | None = None) -> Verification:
    content, file = tmp_path / "content.trig", tmp_path / "text.txt"
    content.write_text(trig or described(TEXT, PASSAGES), encoding="utf-8")
    file.write_bytes(data)
    return verify(parse_file(content), file)


def counts(found: Verification) -> tuple[bool, bool, int, int, int]:
    return found.holds, found.is_same_version, found.matching, found.moved, found.missing


def test_the_text_that_was_read_holds(tmp_path: Path) -> None:
    found = checked(tmp_path, TEXT.encode())
    assert counts(found) == (True, True, 3, 0, 0)
    assert [each.passage.rpartition("-")[2] for each in found.passages] == ["lamp", "dawn", "boat"]
    assert found.characters == found.expected_characters == len(TEXT)


def test_one_more_character_in_front_moves_every_passage(tmp_path: Path) -> None:
    found = checked(tmp_path, ("x" + TEXT).encode())
    assert counts(found) == (False, False, 0, 3, 0)
    assert [each.found_at for each in found.passages] == [each.start + 1 for each in found.passages]


def test_a_changed_letter_spoils_only_the_passages_that_hold_it(tmp_path: Path) -> None:
    found = checked(tmp_path, TEXT.replace("daggry", "daggri").encode())
    assert counts(found) == (False, False, 2, 0, 1)
    assert [each.found_at for each in found.passages if not each.matches] == [None]


@pytest.mark.parametrize(
    "data",
    [TEXT.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.encode()[:-1]],
    ids=["CR LF", "byte order mark", "one byte short"],
)
def test_the_bytes_count_not_what_they_look_like(tmp_path: Path, data: bytes) -> None:
    assert not checked(tmp_path, data).is_same_version


@pytest.mark.parametrize(
    ("data", "only"),
    [
        (TEXT.replace("\n", "\r\n").encode(), {"line_ends"}),
        (TEXT.encode("utf-8-sig"), {"bom"}),
        (unicodedata.normalize("NFD", TEXT).encode(), {"normalisation"}),
        ((TEXT + "\n").encode(), {"end"}),
        (TEXT.replace("\n", " \n", 1).encode(), {"trailing_space"}),
        (TEXT.replace("\n", "\r\n").encode("utf-8-sig"), {"bom", "line_ends"}),
        (TEXT.replace("daggry", "daggri").encode(), set()),
        (TEXT.encode(), set()),
    ],
)
def test_a_copy_with_the_same_words_says_what_alone_is_different(
    tmp_path: Path, data: bytes, only: set[str]
) -> None:
    assert set(checked(tmp_path, data).only) == only


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"has \d+ bytes, but the text that was read has at most"):
        checked(tmp_path, b"x" * 2_000_000)


def test_the_right_text_with_a_wrong_description_is_told_apart_from_another_text(tmp_path: Path) -> None:
    wrong = described(TEXT, PASSAGES).replace(sha(PASSAGES["boat"]), "0" * 64)
    assert counts(checked(tmp_path, TEXT.encode(), wrong)) == (False, True, 2, 0, 1)


def test_a_passage_without_position_does_not_match(tmp_path: Path) -> None:
    bare = described(TEXT, PASSAGES).replace("oa:start 0 ;", "")
    lost = bare.replace("oa:end", "oa:exact")
    assert not checked(tmp_path, TEXT.encode(), lost).holds
    outside = described(TEXT, PASSAGES).replace("oa:start 0 ;", "oa:start 9999 ;")
    assert checked(tmp_path, TEXT.encode(), outside).matching == 2


def test_of_several_texts_the_one_that_the_file_is_a_copy_of_is_checked(tmp_path: Path) -> None:
    other = "En helt anden tekst om noget andet."
    both = described(other, {"all": other}, "t:other") + described(TEXT, PASSAGES)
    assert checked(tmp_path, TEXT.encode(), both).text == "https://island.example/text"
    assert checked(tmp_path, other.encode(), both).text == "https://island.example/other"
    assert checked(tmp_path, (TEXT + "x").encode(), both).text == "https://island.example/text"


@pytest.mark.parametrize(
    ("data", "problem"), [(b"Kl\xf8vermarken", "is not UTF-8: byte 2"), (None, "There is no file")]
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes | None, problem: str) -> None:
    file = tmp_path / "text.txt"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(ContentError, match=problem):
        verify([], file)


def test_content_without_a_text_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="describes no source text"):
        checked(tmp_path, b"x", PREFIXES + "t:g { t:a a sik:Passage }")


# --- The command ------------------------------------------------------------------------------


@pytest.fixture
def island(make_root: Path) -> Path:
    (make_root / "data" / "text.trig").write_text(described(TEXT, PASSAGES), encoding="utf-8")
    (make_root / "text.txt").write_text(TEXT, encoding="utf-8", newline="")
    return make_root


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["verify", "--root", str(root), *words])


def test_verify_answers_0_when_all_match(island: Path) -> None:
    result = run(island, "--text", str(island / "text.txt"))
    assert result.exit_code == 0
    assert "alle 3 tekststeder passer" in result.output


def test_verify_answers_1_and_names_both_checksums_for_another_version(island: Path) -> None:
    (island / "text.txt").write_text("x" + TEXT, encoding="utf-8", newline="")
    result = run(island, "--lang", "en", "--text", str(island / "text.txt"))
    assert result.exit_code == 1
    assert "another text version" in result.output
    assert sha(TEXT) in result.output
    assert sha("x" + TEXT) in result.output
    assert "0 match; 3 stand elsewhere in the file and 0 are not in it" in result.output
    assert "paragraph 1, sentence 1" in result.output
    assert "stands at 1" in result.output


def test_verify_answers_1_and_names_the_passage_for_a_wrong_description(island: Path) -> None:
    file = island / "data" / "text.trig"
    file.write_text(
        file.read_text(encoding="utf-8").replace(sha(PASSAGES["boat"]), "0" * 64), encoding="utf-8"
    )
    result = run(island, "--lang", "en", "--text", str(island / "text.txt"))
    assert result.exit_code == 1
    assert "is the text that was read, but 1 of 3 passages" in result.output
    assert "text-boat" in result.output


@pytest.mark.parametrize("words", [["--text", "missing.txt"], ["--text", "."], []])
def test_verify_answers_2_for_what_cannot_be_read(island: Path, words: list[str]) -> None:
    result = run(island, *words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_verify_answers_in_json(island: Path) -> None:
    result = run(island, "--json", "--text", str(island / "text.txt"))
    answer = json.loads(result.output)
    assert (answer["holds"], answer["matching"], len(answer["passages"])) == (True, 3, 3)


# --- The real text, where it is at hand -------------------------------------------------------


def private_text() -> Path | None:
    """The text that was read; it is no part of the project."""
    named = os.environ.get("SIKKERBY_SOURCE_TEXT")
    found = [Path(named)] if named else sorted(ROOT.parent.glob("shared/source/000_*.txt"))
    return found[0] if found else None


@pytest.mark.skipif(private_text() is None, reason="the source text is private; set SIKKERBY_SOURCE_TEXT")
def test_every_passage_of_our_content_is_where_it_says() -> None:
    path = private_text()
    assert path is not None
    with open_graph(ROOT, "memory") as graph:
        found = graph.verify(path)
    assert [each.passage for each in found.passages if not each.matches] == []
    assert found.holds
