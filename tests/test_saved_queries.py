"""Every saved query keeps its contract (expectations.yaml), on our content and on graphs known by hand."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import rdflib
import yaml
from rdflib.plugins.sparql import prepareQuery

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.dataset import parse_file, to_rdflib, union
from sikkerby_kg.errors import SavedQueryError
from sikkerby_kg.folders import Folders
from sikkerby_kg.headers import KEYS, PARAMETER_KEYS
from sikkerby_kg.lexer import Tokens
from sikkerby_kg.namespaces import PREFIXES, expand
from sikkerby_kg.queries import Queries, SavedQuery, read_query

ROOT = Path(__file__).parent.parent
GRAPHS = ROOT / "tests" / "data" / "queries"
README = (ROOT / "queries" / "README.md").read_text(encoding="utf-8")
QUERIES = Queries(Folders(ROOT))
NAMES = sorted(QUERIES, key=lambda name: (QUERIES[name].number or 0, name))

# With BaseLoader every scalar is the text that stands there: 3.1 is a section and not a number.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
EXPECTATIONS = yaml.load((ROOT / "tests" / "expectations.yaml").read_text(encoding="utf-8"), LOADER)  # noqa: S506
CONTRACTS: dict[str, dict[str, Any]] = EXPECTATIONS["queries"]
CURIES: dict[str, str] = {**PREFIXES, **EXPECTATIONS["prefixes"]}

CONTRACT_KEYS = {"selected", "content", "tiny"}
CHECK_KEYS = {"parameters", "num_rows", "min_rows", "max_rows", "contains_row", "contains_no_row"}
CASE_KEYS = {"graph", "parameters", "res"}
UNDEF = "UNDEF"
WORDS = ("Label", "keyPhrase", "KeyPhrase", "AsStated", "Text", "note", "effect", "statedDuration")
"""How the names of columns end that hold words in the language asked for, not facts."""

TITLE = CURIES["dct"] + "title"
LABELS = [expand(curie, CURIES) or curie for curie in ("skos:prefLabel", "rdfs:label", "sik:dateAsStated")]
PLACE = {
    "OPTIONAL { ?source dct:isPartOf/dct:isPartOf/sik:sectionNumber ?sentenceSection }",
    "OPTIONAL { ?source dct:isPartOf/sik:sectionNumber ?headingSection }",
    "OPTIONAL { ?source sik:paragraphNumber ?paragraph }",
    "OPTIONAL { ?source sik:sentenceNumber ?sentence }",
}
"""The lines that lead from a source to its place in the document, the same in every file."""
REPEATED = {
    expand(curie, CURIES) for curie in ("rdf:type", "dct:type", "prov:wasDerivedFrom", "sik:hasFocusArea")
}
AGAIN = pyoxigraph.NamedNode("https://example.org/again")

Texts = dict[str | None, dict[tuple[str, str], set[str]]]
Row = dict[str, str]
"""A solution: the text of every variable that is bound."""


def cases(kind: str) -> list[Any]:
    """One pytest parameter for each check or case of every contract that there is."""
    return [
        pytest.param(name, case, id=f"{name}-{case.get('graph', 'content')}-{number}")
        for name in NAMES
        for number, case in enumerate(CONTRACTS.get(name, {}).get(kind, ()))
    ]


def of_oxigraph(answer: Any) -> list[Row]:
    names = [variable.value for variable in answer.variables]
    return [{name: row[name].value for name in names if row[name] is not None} for row in answer]


def of_rdflib(answer: Any) -> list[Row]:
    names = [str(variable) for variable in answer.vars]
    return [{name: str(row[name]) for name in names if row[name] is not None} for row in answer]


@cache
def tiny(graph: str) -> tuple[pyoxigraph.Store, rdflib.Dataset]:
    """A graph of tests/data/queries/ in both engines, its union in the default graph."""
    quads = list(parse_file(GRAPHS / f"{graph}.trig"))
    store = pyoxigraph.Store()
    store.extend([*quads, *union(quads)])
    return store, to_rdflib(quads)


def answer(graph: KnowledgeGraph, name: str, parameters: Mapping[str, str] | None = None) -> list[Row]:
    """The rows of a saved query on our own content."""
    result = graph.store.evaluate(QUERIES[name].bind(parameters or {}, CURIES))
    return [
        {key: row[key].value for key in result.variables if row[key] is not None}
        for row in result.solutions()
    ]


def value(text: str) -> str:
    """What an expectation stands for: the IRI of a CURIE, else the text itself."""
    return expand(text, CURIES) or text


def matches(row: Row, wanted: Mapping[str, str]) -> bool:
    return all(row.get(name) == (None if text == UNDEF else value(text)) for name, text in wanted.items())


def check_rows(rows: list[Row], check: Mapping[str, Any], columns: tuple[str, ...]) -> None:
    """Raises AssertionError if rows do not meet a check on our own content."""
    least = int(check.get("num_rows", check.get("min_rows", -1)))
    most = int(check.get("num_rows", check.get("max_rows", -1)))
    assert 0 <= least <= len(rows) <= most, f"{len(rows)} rows, not {least} to {most}"
    for key, wished in (("contains_row", True), ("contains_no_row", False)):
        for wanted in check.get(key, ()):
            assert wanted.keys() <= set(columns), f"unknown column in {wanted}"
            assert any(matches(row, wanted) for row in rows) is wished, f"{key}: {wanted}"


def body(query: SavedQuery) -> Tokens:
    """The tokens of a query after its header and prefixes."""
    return Tokens(query.text[query.text.index("\nSELECT") :])


def facts(rows: list[Row]) -> Counter[tuple[tuple[str, str], ...]]:
    """Rows without the columns that hold words."""
    return Counter(
        tuple(sorted((name, text) for name, text in row.items() if not name.endswith(WORDS))) for row in rows
    )


# --- Contracts --------------------------------------------------------------------------------


def test_every_query_has_a_contract_and_every_contract_a_query() -> None:
    assert CONTRACTS.keys() == set(QUERIES)


@pytest.mark.parametrize("name", NAMES)
def test_contract_covers_columns_content_and_a_tiny_graph(name: str) -> None:
    contract = CONTRACTS[name]
    assert contract.keys() == CONTRACT_KEYS
    assert contract["content"], "no check on our own content"
    assert contract["tiny"], "no case on a tiny graph"
    assert all(check.keys() <= CHECK_KEYS for check in contract["content"])
    assert all({"graph", "res"} <= case.keys() <= CASE_KEYS for case in contract["tiny"])
    assert tuple(contract["selected"]) == QUERIES[name].columns


@pytest.mark.parametrize("name", NAMES)
def test_contract_uses_every_parameter_but_the_language(name: str) -> None:
    given = {key for check in CONTRACTS[name]["content"] for key in check.get("parameters", ())}
    assert given >= {parameter.name for parameter in QUERIES[name].parameters} - {"lang"}


@pytest.mark.parametrize(("name", "check"), cases("content"))
def test_answer_on_our_content(graph: KnowledgeGraph, name: str, check: dict[str, Any]) -> None:
    query = QUERIES[name]
    check_rows(answer(graph, name, check.get("parameters")), check, query.columns)


@pytest.mark.parametrize(("name", "case"), cases("tiny"))
def test_answer_on_a_tiny_graph(name: str, case: dict[str, Any]) -> None:
    store, _ = tiny(case["graph"])
    rows = store.query(QUERIES[name].bind(case.get("parameters", {}), CURIES))
    assert of_oxigraph(rows) == [{key: value(text) for key, text in row.items()} for row in case["res"]]


@pytest.mark.filterwarnings(r"ignore:Dataset\.\w+ is deprecated:DeprecationWarning")  # rdflib calls it itself
@pytest.mark.parametrize("name", NAMES)
def test_rdflib_gives_the_same_answers_in_the_same_order(name: str) -> None:
    """The first case, and all that share its text: rdflib takes long to parse a query."""
    first, *others = CONTRACTS[name]["tiny"]
    query = prepareQuery(QUERIES[name].bind(first.get("parameters", {}), CURIES))
    for case in (first, *(case for case in others if case.get("parameters") == first.get("parameters"))):
        _, dataset = tiny(case["graph"])
        rows = of_rdflib(dataset.query(query))
        assert rows == [{key: value(text) for key, text in row.items()} for row in case["res"]]


def test_a_contract_that_is_not_kept_is_told() -> None:
    rows = [{"plan": CURIES["h"] + "old", "end": "2020-12-31"}, {"plan": CURIES["h"] + "new"}]
    columns = ("plan", "end")
    held = {
        "num_rows": "2",
        "contains_row": [{"plan": "h:new", "end": UNDEF}],
        "contains_no_row": [{"plan": "h:x"}],
    }
    check_rows(rows, held, columns)
    for change in (
        {"num_rows": "3"},
        {"contains_row": [{"plan": "h:old", "end": UNDEF}]},
        {"contains_row": [{"plan": "h:new", "end": "2020-12-31"}]},
        {"contains_no_row": [{"plan": "h:old"}]},
        {"contains_row": [{"plam": "h:old"}]},
    ):
        with pytest.raises(AssertionError):
            check_rows(rows, {**held, **change}, columns)
    with pytest.raises(AssertionError):
        check_rows(rows, {}, columns)


# --- What holds for all of them ---------------------------------------------------------------


def test_the_competency_questions_are_numbered_without_a_hole() -> None:
    assert [QUERIES[name].number for name in NAMES] == list(range(1, len(NAMES) + 1))


@pytest.mark.parametrize("part", ["title", "question", "description"])
def test_texts_are_in_both_languages_and_each_says_something_of_its_own(part: str) -> None:
    texts = [getattr(QUERIES[name], part)[lang] for name in NAMES for lang in ("da", "en")]
    assert len(set(texts)) == len(texts)
    endings = {"title": r".*[^.?]", "question": r".*\?", "description": r".*\."}
    assert [text for text in texts if not re.fullmatch(endings[part], text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_iri_has_its_label_beside_it(name: str, graph: KnowledgeGraph) -> None:
    columns = QUERIES[name].columns
    without = {
        "source",
        "page",
        "link",
        "passage",
        "graph",
        "previous",
    }  # pages, passages and versions have none
    iris = {key for row in graph.query(name) for key, term in row.items() if isinstance(term, rdflib.URIRef)}
    assert {key for key in iris - without if f"{key}Label" not in columns} == set()


@pytest.mark.parametrize("name", NAMES)
def test_text_names_nothing_of_ours_but_as_a_default(name: str, graph: KnowledgeGraph) -> None:
    [base] = graph.sparql("SELECT ?base { ?dataset a dcat:Dataset ; void:uriSpace ?base }")
    query, entities = QUERIES[name], f"{base['base']}id/"
    prefixes = Tokens(query.text).prefixes
    named = {expand(token.text, prefixes) or token.text.strip("<>") for token in body(query)}
    defaults = {p.term(p.default).value for p in query.parameters if p.default is not None}
    assert {iri for iri in named - defaults if iri.startswith(entities)} == set()


@pytest.mark.parametrize("name", NAMES)
def test_what_graphs_repeat_gives_no_row_twice(
    name: str, graph: KnowledgeGraph, repeated: pyoxigraph.Store
) -> None:
    named = list(repeated.named_graphs())
    rows = repeated.query(
        QUERIES[name].bind({}), default_graph=[*named], named_graphs=[g for g in named if g != AGAIN]
    )
    assert of_oxigraph(rows) == answer(graph, name)


@pytest.fixture(scope="module")
def repeated(graph: KnowledgeGraph) -> pyoxigraph.Store:
    """Our content, and in one more graph again what every query looks at: the union says it twice."""
    store = pyoxigraph.Store()
    for quad in graph.store.quads():
        store.add(quad)
        if quad.predicate.value in REPEATED:
            store.add(pyoxigraph.Quad(quad.subject, quad.predicate, quad.object, AGAIN))
    return store


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_ordered_and_places_found_in_one_way(name: str) -> None:
    text = QUERIES[name].text
    assert text.count("\nORDER BY ") == 1
    if "?paragraph" in text.partition("WHERE")[0] and "?source" in text:
        assert {line.strip() for line in text.splitlines()} >= PLACE


@pytest.mark.parametrize("lang", ["da", "en", "de"])
@pytest.mark.parametrize("name", NAMES)
def test_labels_are_in_the_language_asked_for_or_else_in_the_other(
    name: str, lang: str, graph: KnowledgeGraph, texts: Texts
) -> None:
    labelled = [column.removesuffix("Label") for column in QUERIES[name].columns if column.endswith("Label")]
    for row in answer(graph, name, {"lang": lang}):
        for column in set(labelled) - {"role", "section"}:  # these are phrases of the query, or no IRIs
            term, label = row.get(column), row.get(f"{column}Label")
            assert label in labels(texts[term], term, lang) if term in texts or label else True


def labels(texts: Mapping[tuple[str, str], set[str]], term: str | None, lang: str) -> set[str | None]:
    """What may be shown for a term: a label in the language, else in the other, else title or name."""

    def chosen(property_: str) -> set[str]:
        return texts.get((property_, lang)) or texts.get((property_, "en" if lang == "da" else "da"), set())

    found = set[str | None]().union(*map(chosen, LABELS))
    return found or {None, term and re.split("[/#]", term)[-1], *chosen(TITLE)}


@pytest.fixture(scope="module")
def texts(graph: KnowledgeGraph) -> Texts:
    """What things are called in our content: IRI → property and language → texts."""
    found: Texts = defaultdict(lambda: defaultdict(set))
    for quad in graph.store.quads():
        if quad.predicate.value in {*LABELS, TITLE} and isinstance(quad.object, pyoxigraph.Literal):
            key = quad.predicate.value, quad.object.language or ""
            found[str(quad.subject).strip("<>")][key].add(quad.object.value)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_language_changes_words_not_facts(name: str, graph: KnowledgeGraph) -> None:
    danish, english = (answer(graph, name, {"lang": lang}) for lang in ("da", "en"))
    assert facts(danish) == facts(english)


# --- queries/README.md ------------------------------------------------------------------------


def test_readme_lists_every_query_with_its_question() -> None:
    rows = [f"| {QUERIES[name].number} | `{name}` | {QUERIES[name].question['en']} |" for name in NAMES]
    assert [line for line in README.splitlines() if re.match(r"\| [0-9]+ \|", line)] == rows


def test_the_good_example_of_the_readme_is_good_and_the_bad_one_bad(tmp_path: Path) -> None:
    good, bad = re.findall(r"```sparql\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "boats-afloat.rq"
    path.write_text(good, encoding="utf-8")
    assert read_query(path, path.name).parameters
    path.write_text(bad, encoding="utf-8")
    with pytest.raises(SavedQueryError) as raised:
        read_query(path, path.name)
    assert str(raised.value) in README


def test_readme_explains_every_key_of_a_header() -> None:
    explained = set(re.findall(r"^\| `(\w+)`", README, re.MULTILINE))
    assert {*KEYS, *PARAMETER_KEYS} <= explained
