"""What was searched for is marked in a text, whatever its letters are."""

import unicodedata

import pytest
from hypothesis import example, given, strategies as st

from sikkerby_kg.folding import excerpt, fold, marked, typed, words_of


def test_folding_is_the_same_for_both_ways_to_write_a_letter() -> None:
    assert fold("ÆØÅ æøå") == "aeoeaa aeoeaa"
    assert fold("a\u030a") == fold("å")
    assert typed("Nørrebro, Aarhus, Århus") == "norrebro, arhus, arhus"


def matches(text: str, *words: str, inside: bool = False) -> list[str]:
    return [piece.text for piece in marked(text, words, inside=inside) if piece.is_match]


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Handleplanen for planer", "plan", ["plan"]),
        ("Østerbro og Øster Farimagsgade", "oester", ["Øster", "Øster"]),
        ("Nørrebro", "norre", ["Nørrebro"]),  # which letters were meant is not known
        ("CAFÉ", "caf", ["CAF"]),
        ("Århus", "a", ["Å"]),
        ("A\u030arhus", "aar", ["År"]),
        ("intet her", "plan", []),
    ],
)
def test_the_beginnings_of_words_are_marked(text: str, word: str, expected: list[str]) -> None:
    assert matches(text, word) == expected


def test_a_part_of_a_word_is_marked_where_it_stands() -> None:
    assert matches("Økonomiudvalget", "udvalg", inside=True) == ["udvalg"]
    assert matches("Økonomiudvalget", "udvalg") == []
    assert matches("Københavns", "enhavn", inside=True) == ["enhavn"]


def test_the_longest_of_several_words_is_marked() -> None:
    assert matches("handleplan", "hand", "handle") == ["handle"]


@given(
    text=st.text(max_size=60),
    words=st.lists(st.text(min_size=1, max_size=4), max_size=3),
    inside=st.booleans(),
)
@example(text="ﬁn ΐ ß İx", words=["fi", "ss", "i"], inside=True)
def test_the_pieces_are_the_text(text: str, words: list[str], *, inside: bool) -> None:
    folded = [word for one in words for word in words_of(one)]
    pieces = marked(text, folded, inside=inside)
    assert "".join(piece.text for piece in pieces) == unicodedata.normalize("NFC", text)
    assert all(piece.text for piece in pieces)


@given(st.integers(0, 60), st.integers(20, 60))
def test_an_excerpt_is_short_and_holds_the_match(place: int, length: int) -> None:
    words = ["ord"] * 60
    words.insert(place, "fundet")
    text = " ".join(words)
    pieces = excerpt(text, ["fundet"], length)
    shown = "".join(piece.text for piece in pieces)
    assert [piece.text for piece in pieces if piece.is_match] == ["fundet"]
    assert len(shown) <= length + len("… ") + len(" …")
    assert shown.strip(" …") in text
    assert shown.startswith("…") == (not text.startswith(shown.strip(" …")))


def test_a_short_text_is_no_excerpt() -> None:
    assert "".join(piece.text for piece in excerpt("kort tekst", ["xyz"], 30)) == "kort tekst"
