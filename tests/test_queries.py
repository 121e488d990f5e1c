"""Saved queries are read strictly, and run with typed parameters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.errors import ParameterError, SavedQueryError, UnknownNameError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.headers import Chart
from sikkerby_kg.lexer import place
from sikkerby_kg.queries import Queries

HEADER = """\
#+ number: 6
#+ title: {da: Titel, en: Title}
#+ question: {da: Spørgsmål?, en: Question?}
#+ description: {da: Tekst., en: Text.}
#+ parameters:
#+   day: {type: date, default: "2024-07-01", example: 2023-07-01, label: {da: Dag, en: Day}}
#+   who: {type: iri, optional: true, example: e:x, choices: e:Thing, label: {da: Hvem, en: Who}}
#+   must: {type: string, example: no, label: {da: Ord, en: Word}}
#+ columns: [x, y]
#+ tags: [one, two]
"""
BODY = """
PREFIX e: <http://e/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?x ?y WHERE {
  ?x e:p ?y, $must
  FILTER(?y >= COALESCE($day, "2024-07-01"^^xsd:date))
  FILTER(!BOUND($who) || ?x = $who)
}
"""


@pytest.fixture
def read(make_root: Path) -> Callable[..., Queries]:
    """The saved queries of a root with one file of this text."""

    def write(text: str, name: str = "a-query.rq") -> Queries:
        (make_root / "queries" / name).write_bytes(text.encode())
        return Queries(find_folders(make_root))

    return write


def test_a_header_is_read(read: Callable[..., Queries]) -> None:
    query = read(HEADER + BODY)["a-query"]
    assert (query.name, query.number, query.form) == ("a-query", 6, "SELECT")
    assert (query.title["da"], query.question["en"], query.description["da"]) == (
        "Titel",
        "Question?",
        "Tekst.",
    )
    assert (query.columns, query.tags, query.empty) == (("x", "y"), ("one", "two"), None)
    day, who, must = query.parameters
    assert (day.type, day.default, day.example, day.label["en"]) == (
        "date",
        "2024-07-01",
        "2023-07-01",
        "Day",
    )
    assert (who.optional, who.required, who.choices) == (True, False, "http://e/Thing")
    assert (must.required, must.example) == (True, "no")


@pytest.mark.parametrize(("start", "newline"), [("\ufeff", "\n"), ("", "\r\n"), ("\ufeff", "\r\n")])
def test_byte_order_marks_and_windows_lines_are_fine(
    read: Callable[..., Queries], start: str, newline: str
) -> None:
    query = read(start + (HEADER + BODY).replace("\n", newline))["a-query"]
    assert query.title["da"] == "Titel"
    assert query.bind({"must": "a"})


MISTAKES = [
    # what is replaced, by what, where the error is, and what it says
    ("#+ number: 6", "#+ nummer: 6", "nummer", "unknown key 'nummer'"),
    ("#+ number: 6", "#+ number: six", "six", "'six' is not a whole number"),
    ("#+ number: 6", "#+ tags: [a]", "tags: [one", "'tags' stands twice"),
    ("#+ tags: [one, two]\n", "", "number", "the key 'tags' is missing"),
    ("#+ tags: [one, two]", "#+ tags: one", "one", "a list must stand here"),
    ("#+ tags: [one, two]", "#+ tags: [one, one]", "one]", "'one' stands twice"),
    ("#+ tags: [one, two]", "#+ tags: [one, {}]", "{}", "a text must stand here"),
    ("{da: Titel, en: Title}", "{da: Titel}", "{da: Titel}", "the key 'en' is missing"),
    ("{da: Titel, en: Title}", "{da: Titel, en: Title, fr: Titre}", "fr", "unknown key 'fr'"),
    ("{da: Titel, en: Title}", "{da: Titel, en: ''}", "''", "a text must stand here"),
    ("{da: Titel, en: Title}", "{da: Titel, en: ~}", "~", "a text must stand here"),
    ("{da: Titel, en: Title}", "Titel", "Titel", "keys with values"),
    ("{da: Titel, en: Title}", "{da: Titel, en: Title", ": {da: Spørgsmål", "not valid YAML"),
    ("da: Titel", "da: Ti\x07tel", "\x07", "not valid YAML"),
    ("type: date", "type: day", "day, default", "unknown type 'day'"),
    ("type: date, ", "", "{default", "the key 'type' is missing"),
    ("example: 2023-07-01", "example: 2023-02-30", "2023-02-30", "'2023-02-30' is not of the type date"),
    ('default: "2024-07-01"', "default: soon", "soon", "'soon' is not of the type date"),
    ('default: "2024-07-01"', "default: 2024-07-02", '"2024-07-01"^^', "but 2024-07-02 in the header"),
    ('default: "2024-07-01", ', "optional: true, ", '"2024-07-01"^^', "the header has none"),
    ("optional: true", "optional: yes", "yes", "must be true or false"),
    ("optional: true", "optional: true, default: e:y", "e:y", "cannot both be optional"),
    ("example: e:x", "example: f:x", "f:x", "'f:x' is not of the type iri"),
    ("choices: e:Thing", "choices: Thing", "Thing", "'Thing' must be the IRI or CURIE"),
    (
        "example: no,",
        "example: no, choices: e:Thing,",
        "e:Thing, label: {da: Ord",
        "the parameter of the type iri",
    ),
    ("  must:", "  må-ske:", "{type: string", "cannot be the name of a parameter"),
    ("$must", "$other", "$other", "parameter $other is not declared"),
    (", $must", "", "#+", "must is declared but not used"),
    ("COALESCE($day, ", "(($day ", '"2024-07-01"^^', "cannot stand here"),
    ('COALESCE($day, "2024-07-01"^^xsd:date)', "$day", "#+", "the text does not use it"),
    ("?x e:p", "VALUES $must { 1 } ?x e:p", "$must {", "must is given a value"),
    ("?x e:p", "BIND(1 AS ?must) ?x e:p", "?must)", "must is given a value"),
    ("FILTER(?y >=", "FILTER(?y<$who&&?x>?y) FILTER(?y >=", "<$who", "reads as an IRI"),
    ("SELECT ?x ?y", "SELECT ?y ?x", "#+", "are y, x but the header says x, y"),
    ("SELECT ?x ?y", "SELEKT ?x ?y", "SELEKT", "'SELEKT' cannot stand here"),
    ("SELECT ?x ?y WHERE", "CONSTRUCT { ?x e:p ?y } WHERE", "#+", "are – but the header says x, y"),
    ("SELECT ?x ?y WHERE {", "SELECT ?x ?y WHERE { SERVICE e:s { }", "#+", "would call another service"),
    ("e:p ?y, $must", "$must ?y", "#+", "cannot be run with its examples"),
    ("?x ?y WHERE", "?x ?y\n#+ tags: [late]\nWHERE", "#+ tags: [late]", "belong at the top"),
]


@pytest.mark.parametrize(("old", "new", "at", "message"), MISTAKES)
def test_a_mistake_names_file_line_and_column(
    read: Callable[..., Queries], old: str, new: str, at: str, message: str
) -> None:
    assert old in HEADER + BODY
    text = (HEADER + BODY).replace(old, new, 1)
    line, column = place(text, text.index(at))
    with pytest.raises(SavedQueryError) as caught:
        read(text)["a-query"]
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"queries/a-query.rq:{line}:{column}: ")
    assert caught.value.text("da").startswith(f"queries/a-query.rq:{line}:{column}: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none yet", {"da": "none yet", "en": "none yet"}),
        ("{da: ingen, en: none}", {"da": "ingen", "en": "none"}),
    ],
)
def test_why_an_answer_may_be_empty(
    read: Callable[..., Queries], text: str, expected: dict[str, str]
) -> None:
    assert read(f"#+ empty: {text}\n" + HEADER + BODY)["a-query"].empty == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{bar: {label: x, value: y}}", Chart("bar", "x", ("y",))),
        ("{bar: {label: x, value: [y, x]}}", Chart("bar", "x", ("y", "x"))),
        ("{timeline: {label: y, start: x, end: x}}", Chart("timeline", "y", ("x", "x"))),
    ],
)
def test_how_an_answer_is_drawn(read: Callable[..., Queries], text: str, expected: Chart) -> None:
    assert read(f"#+ chart: {text}\n" + HEADER + BODY)["a-query"].chart == expected
    assert read(HEADER + BODY, "b-query.rq")["b-query"].chart is None


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("bar", "bar", "keys with values"),
        ("{}", "{}", "exactly one kind of chart: bar, timeline"),
        ("{pie: {label: x}}", "pie", "unknown key 'pie'"),
        (
            "{bar: {label: x, value: y}, timeline: {label: x, start: y, end: y}}",
            "{bar",
            "exactly one kind of chart",
        ),
        ("{bar: {label: x}}", "{label", "the key 'value' is missing"),
        ("{bar: {label: x, start: y}}", "start", "unknown key 'start'"),
        ("{bar: {label: x, value: z}}", "z}", "names z, which is no column; the columns are: x, y"),
        ("{bar: {label: x, value: []}}", "[]", "at least one and at most 3 columns"),
        ("{bar: {label: x, value: [y, y]}}", "y]", "'y' stands twice"),
        ("{timeline: {label: x, start: [y], end: y}}", "[y]", "a text must stand here"),
    ],
)
def test_a_mistake_in_a_chart_names_its_place(
    read: Callable[..., Queries], text: str, at: str, message: str
) -> None:
    line, column = place(f"#+ chart: {text}", len("#+ chart: ") + text.index(at))
    with pytest.raises(SavedQueryError) as caught:
        read(f"#+ chart: {text}\n" + HEADER + BODY)["a-query"]
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"queries/a-query.rq:{line}:{column}: ")


def test_comments_are_no_header(read: Callable[..., Queries]) -> None:
    text = (HEADER + BODY).replace("SELECT", "# an ordinary comment with #+ in it\nSELECT", 1)
    assert read(text)["a-query"].number == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?x { ?x ?y ?z }", "must begin with lines that start with #+"),
        ("", "must begin with lines that start with #+"),
        ("#+ just text\nSELECT ?x { ?x ?y ?z }", "keys with values"),
        ("#+\nSELECT ?x { ?x ?y ?z }", "keys with values"),
    ],
)
def test_a_file_without_header_is_refused(read: Callable[..., Queries], text: str, message: str) -> None:
    queries = read(text)
    with pytest.raises(SavedQueryError, match=r"^queries/a-query\.rq:1:\d+: ") as caught:
        queries["a-query"]
    assert message in str(caught.value) or "cannot be run" in str(caught.value)


def test_a_name_is_kebab_case(read: Callable[..., Queries]) -> None:
    queries = read(HEADER + BODY, "A_query.rq")
    with pytest.raises(SavedQueryError, match="small letters and digits"):
        queries["A_query"]


def test_a_file_that_is_not_utf_8_is_named(make_root: Path) -> None:
    (make_root / "queries/a.rq").write_bytes(b"#+ \xe6")
    with pytest.raises(SavedQueryError, match=r"queries/a\.rq:1:1: .*UTF-8"):
        Queries(find_folders(make_root))["a"]


def test_queries_are_a_mapping(city: KnowledgeGraph) -> None:
    assert list(city.queries) == ["oil-left", "plans-on-a-day", "rowed-to-within"]
    assert "oil-left" in city.queries
    assert city.queries.get("none") is None
    assert {tag: [q.name for q in group] for tag, group in city.queries.by_tag().items()} == {
        "barrel": ["oil-left"],
        "rowing": ["rowed-to-within"],
        "watch-plan": ["plans-on-a-day"],
    }


def test_an_unknown_query_proposes_close_names(city: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match=r"'plans-on-day'\. Close to it: plans-on-a-day"):
        city.queries["plans-on-day"]


def test_parameters_change_the_answer(city: KnowledgeGraph) -> None:
    def names(**parameters: Any) -> list[object]:
        return [row["name"] for row in city.query("plans-on-a-day", **parameters).python()]

    assert names() == ["lygteplanen"]
    assert names(day="1905-01-01") == ["bavneplanen"]
    assert names(day="1905-01-01", lang="en") == ["the beacon plan"]
    assert names(day="1905-01-01", lang="en", tongue="da") == ["bavneplanen"]
    assert names(guild="t:harbour-guild") == ["lygteplanen"]
    assert names(guild=None, day=None) == ["lygteplanen"]
    assert names(guild="t:island") == []


def test_a_missing_parameter_names_type_and_example(city: KnowledgeGraph) -> None:
    message = r"rowed-to-within lacks the parameter place of the type iri, such as place=t:island"
    with pytest.raises(ParameterError, match=message):
        city.query("rowed-to-within")


def test_an_unknown_parameter_names_the_known(city: KnowledgeGraph) -> None:
    with pytest.raises(ParameterError, match=r"no parameter dya; it has: day, tongue, guild"):
        city.query("plans-on-a-day", dya="1905-01-01")
    with pytest.raises(ParameterError, match=r"no parameter x; it has: –"):
        city.query("oil-left", x=1)


@pytest.mark.parametrize("value", ['da" } INSERT', "\\u0022 } #", "?x", "<http://e/>", "da)", "{", "x" * 9])
def test_a_hostile_value_is_refused_or_stays_a_value(city: KnowledgeGraph, value: str) -> None:
    with pytest.raises(ParameterError):
        city.query("plans-on-a-day", tongue=value)
