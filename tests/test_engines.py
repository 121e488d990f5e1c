"""Every saved query gives the same solutions on two engines and in three stores, and runs as it stands."""

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import rdflib
from rdflib.term import BNode, Literal, URIRef

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.dataset import load_content, to_rdflib
from sikkerby_kg.queries import SavedQuery

TESTS = Path(__file__).parent
ROOTS = {"own": TESTS.parent, "city": TESTS / "city"}
NAMES = [
    (root, path.stem) for root, folder in ROOTS.items() for path in sorted((folder / "queries").glob("*.rq"))
]

Elsewhere = Callable[[str, str], KnowledgeGraph]

# Rdflib's own code calls what rdflib deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:Dataset\.\w+ is deprecated:DeprecationWarning")


@cache
def opened(root: str) -> KnowledgeGraph:
    return open_graph(ROOTS[root], "memory")


@cache
def in_rdflib(root: str) -> rdflib.Dataset:
    return to_rdflib(load_content(opened(root).folders).quads)


@cache
def bare(root: str) -> pyoxigraph.Store:
    """The statements in an engine that knows nothing of ours."""
    store = pyoxigraph.Store()
    store.bulk_extend(opened(root).store.quads())
    return store


def values(query: SavedQuery, case: str) -> dict[str, Any]:
    """The values of a case: what must be given, or an example for every parameter."""
    return {p.name: p.example for p in query.parameters if p.required or case == "examples"}


def key(term: object) -> object:
    """What makes two terms the same answer: numbers by value, whatever their datatype."""
    if isinstance(term, BNode):
        return "a blank node"
    if isinstance(term, Literal):
        value = term.value
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return Decimal(str(value)).normalize()
        return str(term), (term.language or "").lower(), str(term.datatype or rdflib.XSD.string)
    return URIRef(str(term)) if term is not None else None


def solutions(rows: Iterable[Iterable[object]]) -> Counter[tuple[object, ...]]:
    return Counter(tuple(key(term) for term in row) for row in rows)


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, endpoint: str, city_endpoint: str) -> Elsewhere:
    """A root in a store that is not in memory."""
    folder = tmp_path_factory.mktemp("stores")

    @cache
    def open_elsewhere(root: str, kind: str) -> KnowledgeGraph:
        url = {"own": endpoint, "city": city_endpoint}[root]
        return open_graph(ROOTS[root], folder / root if kind == "disk" else url)

    return open_elsewhere


def test_there_are_queries_to_compare() -> None:
    assert {root for root, _ in NAMES} == set(ROOTS)


@pytest.mark.slow
@pytest.mark.parametrize(("root", "name"), NAMES)
def test_both_engines_give_the_same_solutions(root: str, name: str) -> None:
    """With its defaults rdflib gets the file as it stands, with examples the text that the library bound.

    A query without parameters, or with none that may be left out, is asked once.
    """
    graph = opened(root)
    query = graph.queries[name]
    defaults, examples = values(query, "defaults"), values(query, "examples")
    for given in [defaults] if defaults == examples else [defaults, examples]:
        mine = graph.query(name, **given)
        theirs = in_rdflib(root).query(query.bind(given, graph.prefixes) if given else query.text)
        if query.form == "SELECT":
            rows = (row.values() for row in mine)
            assert solutions(rows) == solutions(theirs), given  # type: ignore[arg-type]
        else:
            assert mine.boolean == bool(theirs), given


@pytest.mark.parametrize(("root", "name"), NAMES)
def test_a_file_alone_answers_what_the_library_answers(root: str, name: str) -> None:
    graph = opened(root)
    query = graph.queries[name]
    answer = bare(root).query(query.text, use_default_graph_as_union=True)
    assert isinstance(answer, pyoxigraph.QuerySolutions)
    if not any(parameter.required for parameter in query.parameters):
        rows = (tuple(map(str, row)) for row in answer)
        assert Counter(rows) == Counter(tuple(map(str, row)) for row in graph.query(name).solutions())


@pytest.mark.parametrize(("root", "name"), NAMES)
@pytest.mark.parametrize("kind", ["disk", "endpoint"])
def test_every_store_gives_the_same_solutions(root: str, name: str, kind: str, elsewhere: Elsewhere) -> None:
    query = opened(root).queries[name]
    given = values(query, "examples")
    mine, theirs = (graph.query(name, **given) for graph in (opened(root), elsewhere(root, kind)))
    assert mine.variables == theirs.variables
    assert solutions(row.values() for row in mine) == solutions(row.values() for row in theirs)


@pytest.mark.parametrize(("root", "name"), NAMES)
def test_a_query_gives_rows_with_an_example_or_says_why_not(root: str, name: str) -> None:
    graph = opened(root)
    query = graph.queries[name]
    answers = [graph.query(name, **values(query, case)) for case in ("defaults", "examples")]
    assert any(answers) or query.empty
