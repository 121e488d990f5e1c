"""Words are found by their parts, and in spite of slips."""

import pytest
from hypothesis import given, strategies as st

from sikkerby_kg.spelling import Vocabulary

WORDS = (
    "by",
    "byen",
    "plan",
    "plads",
    "planer",
    "handleplan",
    "handleplanen",
    "ekstremisme",
    "2024",
    "2025",
    "tryghedsvandring",
    "oekonomiudvalget",
    "norrebro",
)
VOCABULARY = Vocabulary(WORDS)


def test_beginnings_and_parts_of_words() -> None:
    assert VOCABULARY.beginning("pla", 10) == ["plan", "plads", "planer"]
    assert VOCABULARY.beginning("pla", 1) == ["plan"]
    assert VOCABULARY.beginning("x", 10) == []
    assert VOCABULARY.holding("plan", 10) == ["handleplan", "handleplanen", "plan", "planer"]
    assert VOCABULARY.holding("udvalg", 10) == ["oekonomiudvalget"]
    assert VOCABULARY.holding("plan", 2) == ["handleplan", "handleplanen"]
    assert VOCABULARY.holding("pla", 10) == [], "too short to mean much"
    assert "plan" in VOCABULARY
    assert "pla" not in VOCABULARY


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("plen", ["plan"]),
        ("plna", ["plan"]),
        ("norebro", ["norrebro"]),
        ("ekstremsime", ["ekstremisme"]),
        ("extremisme", ["ekstremisme"]),
        ("hanleplann", ["handleplan", "handleplanen"]),  # as near as each other
        ("handlplanen", ["handleplanen"]),
        ("tryghdsv", ["tryghedsvandring"]),  # the beginning of it
        ("trygehdsvandring", ["tryghedsvandring"]),
        ("pln", []),  # too short
        ("2026", []),  # another year is no slip
        ("fuldstændigandet", []),
    ],
)
def test_what_a_slip_was_meant_to_be(typed: str, meant: list[str]) -> None:
    assert VOCABULARY.near(typed) == meant


def slip(word: str, kind: str, place: int) -> str:
    place %= len(word) - 1
    head, tail = word[:place], word[place:]
    return {
        "left out": head + tail[1:],
        "put in": head + "q" + tail,
        "taken for another": head + "q" + tail[1:],
        "changed places": head + tail[1] + tail[0] + tail[2:],
    }[kind]


KINDS = st.sampled_from(["left out", "put in", "taken for another", "changed places"])


@given(st.text("abcde", min_size=5, max_size=7), KINDS, st.integers(0, 6))
def test_one_slip_in_a_short_word_is_forgiven(word: str, kind: str, place: int) -> None:
    typed = slip(word, kind, place)
    assert typed == word or word in Vocabulary([word, "zzzzzz"]).near(typed)


@given(st.text("abcdefgh", min_size=10, max_size=16), KINDS, KINDS, st.integers(0, 15), st.integers(0, 15))
def test_two_slips_in_a_long_word_are_forgiven(word: str, one: str, two: str, here: int, there: int) -> None:
    if abs(here - there) < 3:  # slips upon slips are another matter
        there = here + 3
    if there >= len(word) - 1:
        here, there = 0, 5
    typed = slip(slip(word, two, there), one, here)
    assert word in Vocabulary([word, "zzzzzzzzzzzz"]).near(typed)
