"""Results are shown with names and places, for a terminal and for Markdown."""

import pytest

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.shown import Column, as_markdown, as_table, columns_of

TING = "https://ravnsholm.example/graf/ting/"
QUERY = """SELECT ?plan ?planLabel ?section ?paragraph ?keyPhrase ?yes ?none WHERE {
  VALUES (?plan ?planLabel ?section ?paragraph ?keyPhrase ?yes) {
    (<https://ravnsholm.example/graf/ting/beacon-plan> "bavne|planen"@da "1" 2 "lygter på molen"@da true)
    (<https://ravnsholm.example/graf/ting/oil> UNDEF UNDEF UNDEF UNDEF false)
  }
}"""


def test_columns_that_belong_together_become_one() -> None:
    variables = ("a", "aLabel", "section", "sentence", "b", "bSection", "bKeyPhrase", "cLabel", "dSection")
    assert columns_of(variables, "en") == [
        Column("a", "a", "aLabel"),
        Column("place in the text", place=("section", "sentence")),
        Column("b", "b"),
        Column("b: place in the text", place=("bSection", "bKeyPhrase")),
        Column("cLabel", "cLabel"),
        Column("dSection", "dSection"),
    ]


def test_a_table_for_a_terminal(city: KnowledgeGraph) -> None:
    shown = as_table(city.sparql(QUERY), city.labels, "da", 80)
    assert shown.splitlines() == [
        "plan           sted i teksten      yes  none",
        "─────────────  ──────────────────  ───  ────",
        "bavne|planen   afsnit 1, stykke 2  ja",
        "t:beacon-plan  »lygter på molen«",
        "",
        "t:oil                              nej",
    ]


def test_a_table_with_a_row_on_a_line(city: KnowledgeGraph) -> None:
    shown = as_table(city.sparql(QUERY), city.labels, "en")
    assert shown.splitlines()[2:] == [
        "bavne|planen (t:beacon-plan)  section 1, paragraph 2 “lygter på molen”  yes",
        "t:oil                                                                   no",
    ]


def test_a_table_in_markdown(city: KnowledgeGraph) -> None:
    shown = as_markdown(city.sparql(QUERY), city.labels, "en")
    assert shown.splitlines() == [
        "| plan | place in the text | yes | none |",
        "| --- | --- | --- | --- |",
        f"| [bavne\\|planen](<{TING}beacon-plan>) | section 1, paragraph 2<br>“lygter på molen” | yes |  |",
        "| [t:oil](<https://ravnsholm.example/graf/ting/oil>) |  | no |  |",
    ]


def test_only_web_addresses_become_links(city: KnowledgeGraph) -> None:
    shown = as_markdown(
        city.sparql("SELECT (<javascript:alert(1)> AS ?x) (BNODE() AS ?y) {}"), city.labels, "da"
    )
    assert shown.splitlines()[2] == "| javascript:alert(1) | \\[…\\] |"


@pytest.mark.parametrize(("lang", "yes", "no"), [("da", "ja\n", "nej\n"), ("en", "yes\n", "no\n")])
def test_a_truth_value_is_a_word(city: KnowledgeGraph, lang: str, yes: str, no: str) -> None:
    true, false = city.sparql("ASK {}"), city.sparql("ASK { FILTER(false) }")
    assert (as_table(true, city.labels, lang), as_markdown(false, city.labels, lang)) == (yes, no)
