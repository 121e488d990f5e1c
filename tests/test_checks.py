"""Every quality check fires on one graph, is silent on another, and finds nothing in our own content."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query

from sikkerby_kg.checks import COLUMNS, SEVERITIES, Check, Violation, load_check, load_checks, run_checks
from sikkerby_kg.dataset import parse_file, union
from sikkerby_kg.errors import ContentError, UnknownNameError
from sikkerby_kg.folders import Folders
from sikkerby_kg.local import LocalStore, open_memory
from sikkerby_kg.terms import to_rdflib

ROOT = Path(__file__).parent.parent
GRAPHS = Path(__file__).parent / "data" / "checks"
FOLDERS = Folders(ROOT)
CHECKS = {check.name: check for check in load_checks(FOLDERS)}

Rows = Counter[tuple[str, str, str]]


@pytest.fixture(scope="module")
def content() -> LocalStore:
    return open_memory(FOLDERS)


def store_of(*files: Path) -> LocalStore:
    store = pyoxigraph.Store()
    for file in files:
        store.extend(union(parse_file(file)))
    return LocalStore(store, "memory")


def rows_of(violations: list[Violation]) -> Rows:
    return Counter((row.term, row.error, row.error_da) for row in violations)


def rdflib_graph(quads: Iterable[pyoxigraph.Quad]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for quad in quads:
        graph.add((to_rdflib(quad.subject), to_rdflib(quad.predicate), to_rdflib(quad.object)))
    return graph


@cache
def prepared(check: Check) -> Query:
    """The check as rdflib has parsed it, which takes longer than running it."""
    return prepareQuery(check.text)


def rows_by_rdflib(check: Check, graph: rdflib.Graph) -> Rows:
    rows = []
    for row in graph.query(prepared(check)):
        assert isinstance(row, rdflib.query.ResultRow)
        term, *texts = (row[column] for column in COLUMNS)
        rows.append(("" if isinstance(term, rdflib.BNode) else str(term), str(texts[0]), str(texts[1])))
    return Counter(rows)


def expected_terms(file: Path) -> list[str]:
    """The terms that a graph's first line says it fires for: CURIEs, IRIs in <>, _: for a blank node."""
    text = file.read_text(encoding="utf-8")
    match = re.match(r"# fires: (.+)\n", text)
    prefixes = dict(re.findall(r"@prefix (\S+): <(.*)> \.", text))
    terms = match[1].split() if match else []
    return sorted("" if t == "_:" else t[1:-1] if t[0] == "<" else expanded(t, prefixes) for t in terms)


def expanded(curie: str, prefixes: dict[str, str]) -> str:
    prefix, _, local = curie.partition(":")
    return prefixes[prefix] + local


def test_every_check_has_its_two_graphs_and_every_graph_its_check() -> None:
    graphs = {path.relative_to(GRAPHS).as_posix() for path in GRAPHS.rglob("*") if path.is_file()}
    assert graphs == {f"{name}/{kind}.ttl" for name in CHECKS for kind in ("fires", "silent")}


@pytest.mark.parametrize("name", CHECKS)
def test_check_fires_for_exactly_the_terms_that_its_graph_names(name: str) -> None:
    file = GRAPHS / name / "fires.ttl"
    expected = expected_terms(file)
    assert expected
    assert sorted(row.term for row in run_checks(store_of(file), [CHECKS[name]])) == expected


@pytest.mark.parametrize("name", CHECKS)
def test_check_is_silent_on_near_misses(name: str) -> None:
    assert run_checks(store_of(GRAPHS / name / "silent.ttl"), [CHECKS[name]]) == []


@pytest.mark.parametrize("kind", ["fires", "silent"])
@pytest.mark.parametrize("name", CHECKS)
def test_check_finds_the_same_with_rdflib(name: str, kind: str) -> None:
    file = GRAPHS / name / f"{kind}.ttl"
    by_oxigraph = rows_of(run_checks(store_of(file), [CHECKS[name]]))
    assert rows_by_rdflib(CHECKS[name], rdflib_graph(parse_file(file))) == by_oxigraph


@pytest.mark.parametrize("name", CHECKS)
def test_violation_is_a_finished_sentence_with_a_remedy_in_both_languages(name: str) -> None:
    for row in run_checks(store_of(GRAPHS / name / "fires.ttl"), [CHECKS[name]]):
        for lang in ("da", "en"):
            sentence = row.sentence(lang)
            assert re.fullmatch(
                r"[<A-ZÆØÅ].+(; |, som modellen |, which the model ).+\.", sentence, re.DOTALL
            )
            assert row.term in sentence
        assert row.sentence("da") != row.sentence("en")


@pytest.mark.parametrize("name", CHECKS)
def test_our_own_content_has_no_violation(name: str, content: LocalStore) -> None:
    assert [row.error for row in run_checks(content, [CHECKS[name]])] == []


@pytest.mark.slow
def test_rdflib_and_oxigraph_agree_on_our_own_ontology() -> None:
    """A part of it, so that it is quick and there are rows to compare: terms without a use."""
    files = [ROOT / "ontology" / name for name in ("sikkerby.ttl", "alignments.ttl", "codelists/outcome.ttl")]
    store = store_of(*files)
    graph = rdflib_graph(quad for file in files for quad in parse_file(file))
    by_oxigraph = {name: rows_of(run_checks(store, [check])) for name, check in CHECKS.items()}
    assert {name: rows_by_rdflib(check, graph) for name, check in CHECKS.items()} == by_oxigraph
    assert by_oxigraph["declared-terms-are-used"]


def test_check_says_what_it_is_and_why() -> None:
    for check in CHECKS.values():
        assert check.severity in SEVERITIES
        assert check.title[0].isupper()
        assert check.why.endswith((".", ")."))
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", check.name)


# --- Refusals ----------------------------------------------------------------------------------------

HEADER = "# title: T\n# why: W.\n# severity: error\n\n"
QUERY = 'SELECT ?term ?error ?error_da WHERE { ?term ?p ?o . BIND("E." AS ?error) BIND("F." AS ?error_da) }\n'


def check_file(folder: Path, text: str) -> Path:
    path = folder / "ontology" / "checks" / "some-rule.rq"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# titel: T\n" + HEADER + QUERY, "some-rule.rq:1: '# titel: T' does not belong"),
        ("# title: T\n" + HEADER + QUERY, "some-rule.rq:2: '# title: T' does not belong"),
        ("# title:\n" + QUERY, "some-rule.rq:1: '# title:' does not belong"),
        ("# title: T\n\n" + QUERY, "some-rule.rq:2: the header lacks why, severity"),
        (QUERY, "some-rule.rq:1: the header lacks title, why, severity"),
        ("", "the header lacks title, why, severity"),
        (
            HEADER.replace("error", "fatal") + QUERY,
            "severity cannot be 'fatal'; choose one of error, warning",
        ),
        (HEADER + "SELECT ?term WHERE { ?term }", "some-rule.rq:5:28: the query of the check cannot be read"),
        (HEADER + "DELETE WHERE { ?s ?p ?o }", "would change the graph"),
    ],
)
def test_unusable_check_file_is_refused_naming_file_and_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError) as refusal:
        load_check(check_file(tmp_path, text))
    assert message in str(refusal.value)
    assert refusal.value.text("da") != str(refusal.value)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "SELECT ?term ?error WHERE { ?term ?p ?error }",
            "gives term, error but must give term, error, error_da",
        ),
        ("ASK { ?s ?p ?o }", "gives ASK but must give"),
        ("SELECT ?term ?error ?error_da WHERE { ?term ?p ?error }", "lacks its sentence"),
        (
            'SELECT ?term ?error ?error_da { ?term a ?c BIND("" AS ?error) BIND("F." AS ?error_da) }',
            "lacks its",
        ),
    ],
)
def test_check_that_gives_no_sentence_is_refused(query: str, message: str, tmp_path: Path) -> None:
    check = load_check(check_file(tmp_path, HEADER + query))
    with pytest.raises(ContentError, match=message):
        run_checks(store_of(GRAPHS / "no-imports" / "fires.ttl"), [check])


def test_unreadable_check_file_is_refused(tmp_path: Path) -> None:
    path = check_file(tmp_path, "")
    path.write_bytes(b"# title: \xff\n")
    with pytest.raises(ContentError, match="cannot be read"):
        load_check(path)


def test_root_without_checks_is_held_to_our_own(tmp_path: Path) -> None:
    own = [(check.name, check.text) for check in CHECKS.values()]
    assert [(check.name, check.text) for check in load_checks(Folders(tmp_path))] == own
    check_file(tmp_path, HEADER + QUERY)
    assert [check.name for check in load_checks(Folders(tmp_path))] == ["some-rule"]


def test_content_of_another_city_is_checked_for_what_is_its_own() -> None:
    folders = Folders(ROOT / "tests" / "city")
    violations = run_checks(open_memory(folders), load_checks(folders))
    assert all(row.term.startswith("https://ravnsholm.example/") for row in violations)


def test_no_checks_at_all_is_refused_because_a_gate_that_checks_nothing_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sikkerby_kg.checks.own_folders", lambda: Folders(tmp_path))
    with pytest.raises(ContentError, match=r"no checks in ontology/checks"):
        load_checks(Folders(tmp_path))


def test_unknown_check_is_refused_with_the_names_close_to_it() -> None:
    with pytest.raises(UnknownNameError, match=r"no check 'no-cycle'\. Close to it: no-cycles"):
        load_checks(FOLDERS, ["no-cycle"])


def test_checks_can_be_chosen_by_name() -> None:
    assert [check.name for check in load_checks(FOLDERS, ["no-imports", "no-cycles", "no-imports"])] == [
        "no-cycles",
        "no-imports",
    ]


def test_row_that_comes_twice_is_one_violation(tmp_path: Path) -> None:
    check = load_check(
        check_file(tmp_path, HEADER + QUERY.replace("?term ?p ?o", "{ ?term a ?o } UNION { ?term a ?o }"))
    )
    assert len(run_checks(store_of(GRAPHS / "no-imports" / "fires.ttl"), [check])) == 1


def test_readme_lists_every_check_with_its_title() -> None:
    readme = (ROOT / "ontology" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \|$", readme, re.MULTILINE)
    assert rows == [(check.name, check.title) for check in CHECKS.values()]
