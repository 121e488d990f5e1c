"""Tokens: nothing in a string, an IRI or a comment is taken for anything else."""

import time

import pytest
from hypothesis import given, strategies as st

from sikkerby_kg.lexer import Tokens, place, with_code_points


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in Tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("?a $b", ["variable", "variable"]),
        ("\"?a\" '$b'", ["string", "string"]),
        ('"a\\"?b" ?c', ["string", "variable"]),
        ('"""a "?b" \n c"""', ["string"]),
        ("'''it's ?b'''", ["string"]),
        ("<http://e/?a#$b>", ["iri"]),
        ('# ?a <b> "c\n?d', ["variable"]),
        ("?a < ?b && ?c > ?d", ["variable", "mark", "variable", "mark", "variable", "mark", "variable"]),
        ("?a<?b", ["variable", "mark", "variable"]),
        ('"a"@da-DK ^^ <x>', ["string", "lang", "mark", "iri"]),
        ("ex:a\\#b.c ex:it\\'s :x ex: .", ["name", "name", "name", "name", "mark"]),
        ("ex:a%20b ex:å:b", ["name", "name"]),
        ("_:b1 [] ()", ["blank", "mark", "mark", "mark", "mark"]),
        ("1 1.5 .5 1e9 -2 +3.0", ["number"] * 6),
        ("?a+1", ["variable", "number"]),
        ("ex:p+ ^ex:q|!ex:r", ["name", "mark", "mark", "name", "mark", "mark", "name"]),
        ("a SELECT union", ["word", "word", "word"]),
        ("<< ?a >> {| |} <<( )>>", ["mark", "variable", "mark", "mark", "mark", "mark", "mark"]),
        ("?æble ?x·y", ["variable", "variable"]),
        ('"never closed', ["mark", "word", "word"]),
        ("service:x", ["name"]),
    ],
)
def test_kinds(text: str, expected: list[str]) -> None:
    assert [kind for kind, _ in kinds(text)] == expected


@given(st.text())
def test_tokens_make_up_the_whole_text(text: str) -> None:
    tokens = Tokens(text).everything
    assert "".join(token.text for token in tokens) == text
    assert all(text[token.start : token.end] == token.text for token in tokens)


def test_keywords_are_compared_in_capitals() -> None:
    assert [token.keyword for token in Tokens("sElEcT ?a")] == ["SELECT", ""]


def test_prefixes_are_read_from_the_prologue() -> None:
    tokens = Tokens(
        "prefix a: <http://a/>\nPREFIX : <http://b/> # PREFIX c: <http://c/>\nSELECT * { a:x d:y 1 }"
    )
    assert tokens.prefixes == {"a": "http://a/", "": "http://b/"}
    assert tokens.used_prefixes == {"a", "", "d"}


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("SELECT * {}", "SELECT"),
        ("base <http://e/> prefix a: <http://a/> ask {}", "ASK"),
        ("# INSERT\ndescribe <x>", "DESCRIBE"),
        ("PREFIX a: <http://a/> INSERT DATA {}", "INSERT"),
        ("", ""),
        ("PREFIX a: <http://a/>", ""),
    ],
)
def test_the_first_keyword_comes_after_the_prologue(text: str, keyword: str) -> None:
    assert Tokens(text).first_keyword == keyword


def test_depth_counts_every_bracket() -> None:
    assert Tokens("{ ( [ ] ) } { }").depth == 3
    assert Tokens('"((((" # ((((').depth == 0


def test_place_counts_code_points() -> None:
    text = "# 😀\nSELECT * { ?a }"
    assert place(text, text.index("?a")) == (2, 12)
    assert place("", 0) == (1, 1)


def test_code_points_are_replaced_everywhere() -> None:
    assert with_code_points(r"\u0053ERV\U00000049CE \uZZZZ \U00110000") == r"SERVICE \uZZZZ \U00110000"


@pytest.mark.parametrize(("opening", "closing"), [("<<", ">>"), ("<<(", ")>>"), ("{", "}"), ("{|", "|}")])
def test_every_kind_of_bracket_counts_as_a_level(opening: str, closing: str) -> None:
    """Old quoted triples cost the parser more with every level: a hundred of them take seconds."""
    assert Tokens(f"ASK {{ {opening * 30} ?s ?p ?o {closing * 30} ?p ?o }}").depth == 31
    assert Tokens("ASK { FILTER(?a < 1 && ?b > 2 || ?c <= 3 && ?d >= 4) }").depth == 2


@pytest.mark.parametrize("piece", ['"\\', "'\\", "\"'\\", "\"\"\"'''\\", '"\\\n', "a.", "_:a.", ":\\", "<"])
def test_quotes_that_never_end_take_no_longer_than_others(piece: str) -> None:
    """Every quote is looked for once, not once from each quote before it: that took 17 seconds."""
    start = time.process_time()
    assert "".join(token.text for token in Tokens(piece * (40_000 // len(piece))).everything)
    assert time.process_time() - start < 4


def test_no_string_begins_after_a_backslash() -> None:
    assert kinds('\\"a" SERVICE')[-1] == ("word", "SERVICE")
    assert kinds('"\\\\" "\\"" \'\\\'\'') == [("string", '"\\\\"'), ("string", '"\\""'), ("string", "'\\''")]
    assert [kind for kind, _ in kinds('ex:a\\\\ ex:it\\\'s"a"')] == ["name", "mark", "mark", "name", "string"]
