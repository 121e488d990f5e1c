"""The Python library: one object over content, store and queries."""

import datetime as dt
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph
import pytest
import rdflib

import sikkerby_kg
from sikkerby_kg import KnowledgeGraph, Result, Settings, SikkerbyError, open_graph
from sikkerby_kg.errors import (
    ContentError,
    FoldersNotFoundError,
    ParameterError,
    SettingError,
    SparqlSyntaxError,
    StoreError,
    UnknownNameError,
)

ROOT = Path(__file__).parent.parent


def test_the_public_names_are_sorted_and_there() -> None:
    assert sorted(sikkerby_kg.__all__) == sikkerby_kg.__all__
    assert all(hasattr(sikkerby_kg, name) for name in sikkerby_kg.__all__)


def test_a_graph_is_opened_by_argument_settings_or_environment(
    city_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_graph(city_root).base == open_graph(str(city_root), "memory").base
    assert open_graph(settings=Settings(root=str(city_root))).base == "https://ravnsholm.example/graf/"
    monkeypatch.setenv("SIKKERBY_ROOT", str(city_root))
    assert open_graph().base == "https://ravnsholm.example/graf/"
    assert open_graph(ROOT).base != open_graph().base


def test_a_graph_is_a_context(city_root: Path) -> None:
    with open_graph(city_root) as graph:
        assert graph.sparql("ASK {}")
    graph.close()
    for use in (lambda: graph.sparql("ASK {}"), lambda: graph.dataset, lambda: graph.label("t:oil")):
        with pytest.raises(StoreError, match="has been closed"):
            use()


def test_what_is_no_text_is_refused_like_a_wrong_one(city: KnowledgeGraph) -> None:
    for wrong in (5, None, ""):
        with pytest.raises(UnknownNameError):
            city.describe(wrong)  # type: ignore[arg-type]
        with pytest.raises(UnknownNameError):
            city.query(wrong)  # type: ignore[arg-type]
        with pytest.raises(UnknownNameError):
            city.queries[wrong]  # type: ignore[index]
        with pytest.raises(UnknownNameError):
            city.dump(wrong)  # type: ignore[arg-type]
    with pytest.raises(SparqlSyntaxError, match="line 2, column 16"):
        city.sparql("#\nSELECT ('a' AS \ud800) {}")


def test_a_thing_may_be_given_as_a_term(city: KnowledgeGraph) -> None:
    iri = "https://ravnsholm.example/graf/ting/oil"
    for term in (rdflib.URIRef(iri), pyoxigraph.NamedNode(iri)):
        assert city.describe(term).iri == iri  # type: ignore[arg-type]


def test_a_format_has_both_its_names(city: KnowledgeGraph) -> None:
    assert city.dump("rdf") == city.dump("xml")
    with pytest.raises(UnknownNameError, match=r"rdf \(xml\)"):
        city.dump("nope")


def test_the_environment_is_read_when_a_graph_is_opened_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIKKERBY_ROOT", "/nowhere")
    with pytest.raises(FoldersNotFoundError):
        open_graph()
    monkeypatch.setenv("SIKKERBY_TIMEOUT", "soon")
    with pytest.raises(SettingError):
        open_graph()


def test_a_saved_query_takes_python_values(city: KnowledgeGraph) -> None:
    result = city.query("plans-on-a-day", day=dt.date(1905, 1, 1), lang="en")
    assert isinstance(result, Result)
    assert result.python()[0]["from"] == dt.date(1904, 3, 1)
    place = rdflib.URIRef("https://ravnsholm.example/graf/ting/island")
    assert city.query("rowed-to-within", place=place).rows[0]["place"] == place


def test_a_parameter_may_be_called_name(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text("<http://e/g> { <http://e/a> <http://e/b> 1 }", encoding="utf-8")
    (make_root / "queries/a.rq").write_text(
        "#+ title: {da: A, en: A}\n#+ question: {da: A, en: A}\n#+ description: {da: A, en: A}\n"
        "#+ parameters: {name: {type: integer, example: 1, label: {da: A, en: A}}}\n"
        "#+ columns: [x]\n#+ tags: [a]\nSELECT ?x { ?x ?y $name }",
        encoding="utf-8",
    )
    assert len(open_graph(make_root).query("a", name=1)) == 1


def test_one_name_catches_every_error(city: KnowledgeGraph) -> None:
    with pytest.raises(SikkerbyError):
        city.query("plans-on-a-day", day="nonsense")
    with pytest.raises(ParameterError):
        city.query("plans-on-a-day", day="nonsense")


def test_the_choices_of_a_parameter_have_labels(city: KnowledgeGraph, graph: KnowledgeGraph) -> None:
    day, _, guild = city.queries["plans-on-a-day"].parameters
    assert city.choices(guild) == [("https://ravnsholm.example/graf/ting/harbour-guild", "havnelauget")]
    assert city.choices(day) == []
    with_choices = [p for query in graph.queries.values() for p in query.parameters if p.choices]
    assert with_choices
    for parameter in with_choices:
        assert graph.resolve(parameter.example) in dict(graph.choices(parameter)), parameter


def test_content_that_is_wrong_is_told_when_opened(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text("<http://e/g> {\n  oops }", encoding="utf-8")
    with pytest.raises(ContentError, match=r"data/a\.trig:2:"):
        open_graph(make_root)


def test_importing_loads_nothing_slow() -> None:
    code = (
        "import sys, sikkerby_kg.cli\n"
        "graph = sikkerby_kg.open_graph(sys.argv[1])\n"
        "graph.query('plans-on-a-day').serialize('csv')\n"
        "print([name for name in ('rdflib', 'pyshacl', 'pandas', 'flask') if name in sys.modules])"
    )
    words = [sys.executable, "-c", code, str(ROOT / "tests/city")]
    run = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == "[]\n"


def test_the_real_content_opens_at_once() -> None:
    start = time.process_time()
    open_graph(ROOT).sparql("ASK {}")
    assert time.process_time() - start < 0.5  # measured: 0.1 s of processor time
