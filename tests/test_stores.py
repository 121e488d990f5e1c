"""In memory, on disk and behind an endpoint: the same answers, and clear words when a store is unfit."""

import contextlib
import fcntl
import http.server
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.dataset import Content, content_digest, load_content
from sikkerby_kg.errors import (
    ContentError,
    SparqlRefusedError,
    SparqlSyntaxError,
    StoreError,
    StoreTimeoutError,
)
from sikkerby_kg.folders import Folders
from sikkerby_kg.remote import RemoteStore

STATEMENT = "<http://e/g> {{ <http://e/a> <http://e/b> {0} }}"
TING = "https://ravnsholm.example/graf/ting/"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(params=["memory", "disk", "endpoint"])
def anywhere(request: pytest.FixtureRequest, city_root: Path, tmp_path: Path) -> KnowledgeGraph:
    """The made-up city in each kind of store."""
    settings = {"memory": "memory", "disk": str(tmp_path / "store")}
    store = settings.get(request.param) or request.getfixturevalue("city_endpoint")
    return open_graph(city_root, store)


def test_the_default_graph_is_the_union(anywhere: KnowledgeGraph, city: KnowledgeGraph) -> None:
    query = "SELECT DISTINCT ?s ?p ?o { ?s ?p ?o FILTER(!isBlank(?s) && !isBlank(?o)) }"
    assert set(anywhere.sparql(query).serialize("tsv").splitlines()) == set(
        city.sparql(query).serialize("tsv").splitlines()
    )


def test_named_graphs_can_be_asked_for(anywhere: KnowledgeGraph, city: KnowledgeGraph) -> None:
    query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    assert Counter(map(str, anywhere.sparql(query).python())) == Counter(
        map(str, city.sparql(query).python())
    )


def test_every_form_of_query_is_answered(anywhere: KnowledgeGraph) -> None:
    assert anywhere.sparql("ASK { ?s a sik:Fund }").boolean
    assert not anywhere.sparql("ASK { ?s a sik:Budget }").boolean
    assert len(anywhere.sparql("CONSTRUCT { ?s a ?c } WHERE { ?s a sik:Fund, ?c }")) == 1
    assert len(anywhere.sparql("DESCRIBE <https://ravnsholm.example/graf/ting/oil>")) == 3


def test_a_dataset_of_ones_own_choice_is_respected(anywhere: KnowledgeGraph) -> None:
    query = "SELECT ?s FROM <https://ravnsholm.example/graf/bog/line-1> { ?s a sik:ActionPlan }"
    assert len(anywhere.sparql(query)) == 1


def test_saved_queries_answer_alike(anywhere: KnowledgeGraph, city: KnowledgeGraph) -> None:
    for name, values in (
        ("plans-on-a-day", {"day": "1905-01-01"}),
        ("rowed-to-within", {"place": "t:island"}),
    ):
        assert anywhere.query(name, **values).python() == city.query(name, **values).python()
        assert anywhere.query(name, **values).python()


def test_descriptions_are_alike(anywhere: KnowledgeGraph, city: KnowledgeGraph) -> None:
    mine, other = (graph.describe("lantern-plan", "en") for graph in (anywhere, city))
    assert mine == other


def test_dumps_are_alike(anywhere: KnowledgeGraph, city: KnowledgeGraph) -> None:
    """On disk and behind an endpoint Oxigraph has normalised numbers, as it has in memory."""
    assert anywhere.dump("trig") == city.dump("trig")


def test_mistakes_in_a_query_are_told_alike(anywhere: KnowledgeGraph) -> None:
    with pytest.raises(SparqlSyntaxError, match="line 1, column 12"):
        anywhere.sparql("SELECT * { ] }")
    with pytest.raises(SparqlRefusedError, match="SERVICE"):
        anywhere.sparql("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")


@pytest.mark.filterwarnings(r"ignore:Dataset\.\w+ is deprecated:DeprecationWarning")  # rdflib calls it itself
def test_rdflib_sees_the_same_graph(anywhere: KnowledgeGraph) -> None:
    dataset = anywhere.dataset
    assert isinstance(dataset, rdflib.Dataset)
    plan, replaces = rdflib.URIRef(f"{TING}beacon-plan"), rdflib.DCTERMS.replaces
    rows = list(dataset.query(f"SELECT ?old {{ <{plan}> <{replaces}> ?old }}"))
    assert [str(row[0]) for row in rows] == [f"{TING}lantern-plan"]  # type: ignore[index]
    assert list(dataset.objects(plan, replaces)) == [rdflib.URIRef(f"{TING}lantern-plan")]
    assert bool(dataset.query(f"ASK {{ <{plan}> ?p ?o }}"))
    assert (
        len(
            list(
                dataset.query(
                    f"CONSTRUCT {{ <{plan}> ?p ?o }} WHERE {{ <{plan}> <{replaces}> ?o . ?o ?p ?x }}"
                )
            )
        )
        > 1
    )
    line = dataset.graph(rdflib.URIRef("https://ravnsholm.example/graf/bog/line-1"))
    assert (plan, replaces, None) not in line
    assert (rdflib.URIRef(f"{TING}lantern-plan"), None, None) in line


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")  # rdflib's parsers and serialisers
def test_rdflib_holds_each_quad_once(anywhere: KnowledgeGraph, city: KnowledgeGraph) -> None:
    dataset, quads = anywhere.dataset, list(city.store.quads())
    triples = len({quad.triple for quad in quads})
    assert Counter(str(graph) for *_, graph in dataset.quads()) == Counter(
        str(q.graph_name).strip("<>") for q in quads
    )
    assert len(list(dataset.triples((None, None, None)))) == len(dataset) == triples
    rows = dataset.query("SELECT (COUNT(*) AS ?n) { SELECT DISTINCT * { ?s ?p ?o } }").bindings
    assert [str(row[rdflib.Variable("n")]) for row in rows] == [str(triples)]
    for name in ("nquads", "trig", "json-ld"):
        copy = rdflib.Dataset().parse(data=dataset.serialize(format=name), format=name)
        assert len(list(copy.quads())) == len(quads)
        assert not list(copy.graph(DATASET_DEFAULT_GRAPH_ID))
    plan = rdflib.URIRef(f"{TING}lantern-plan")
    kind = dataset.value(plan, rdflib.RDF.type)
    assert kind is not None
    assert {graph for *_, graph in dataset.quads((plan, rdflib.RDF.type, kind, None))} == {
        graph.identifier for graph in dataset.graphs((plan, rdflib.RDF.type, kind)) if len(graph)
    }
    assert not list(dataset.triples((rdflib.Literal(1), None, None)))


@pytest.mark.filterwarnings(r"ignore:Dataset\.\w+ is deprecated:DeprecationWarning")
def test_rdflib_cannot_write(anywhere: KnowledgeGraph) -> None:
    statement = (rdflib.URIRef("http://e/a"), rdflib.URIRef("http://e/b"), rdflib.Literal(1))
    dataset, line = anywhere.dataset, rdflib.URIRef("https://ravnsholm.example/graf/bog/line-1")
    with pytest.raises(TypeError, match="only"):
        dataset.add(statement)
    with pytest.raises(TypeError, match="only"):
        dataset.remove(statement)
    with pytest.raises(TypeError, match="only"):
        dataset.addN([(*statement, dataset.graph(line))])
    with pytest.raises(TypeError, match="only"):
        dataset.update("INSERT DATA { <http://e/a> <http://e/b> 1 }")
    with pytest.raises(TypeError, match="only"):
        dataset.remove_graph(line)


# --- On disk ------------------------------------------------------------------------------------


def databases(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def count(graph: KnowledgeGraph) -> int:
    return int(graph.sparql(COUNT).python()[0]["n"])


def test_a_disk_store_is_made_once_and_again_when_content_changes(make_root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "store"
    file = make_root / "data/a.trig"
    file.write_text(STATEMENT.format(1), encoding="utf-8")
    first = open_graph(make_root, folder)
    (made,) = databases(folder)
    changed = (folder / made).stat().st_mtime_ns
    assert count(open_graph(make_root, folder)) == 1
    assert (databases(folder), (folder / made).stat().st_mtime_ns) == ([made], changed)
    file.write_text(STATEMENT.format("1, 2"), encoding="utf-8")
    assert count(open_graph(make_root, folder)) == 2
    assert count(first) == 1  # who reads the old one goes on doing so
    assert made in databases(folder)
    for value in ("3", "4"):
        file.write_text(STATEMENT.format(value), encoding="utf-8")
        open_graph(make_root, folder).close()
    assert len(databases(folder)) == 2


def test_a_disk_store_is_named_after_what_was_read(
    make_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (make_root / "data/a.trig").write_text(STATEMENT.format(1), encoding="utf-8")

    def changed_before(folders: Folders) -> Content:
        (make_root / "data/a.trig").write_text(STATEMENT.format(2), encoding="utf-8")
        return load_content(folders)

    monkeypatch.setattr("sikkerby_kg.local.load_content", changed_before)
    with open_graph(make_root, tmp_path / "store") as graph:
        assert graph.version == content_digest(graph.folders)
        assert [row["o"] for row in graph.sparql("SELECT ?o { ?s ?p ?o }").python()] == [2]


def test_several_processes_read_one_disk_store(city_root: Path, tmp_path: Path, city: KnowledgeGraph) -> None:
    """They also race to make it."""
    code = "import sys, sikkerby_kg as kg; print(len(list(kg.open_graph(*sys.argv[1:]).store.quads())))"
    command = [sys.executable, "-c", code, str(city_root), str(tmp_path / "store")]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=city_root.parent.parent)
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=60)[0].strip() for process in running]
    assert answers == [str(len(list(city.store.quads())))] * 3
    assert len(databases(tmp_path / "store")) == 1


def test_a_folder_of_somebody_else_is_left_alone(city_root: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(StoreError, match="is not empty and was not made by sikkerby-kg"):
        open_graph(city_root, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_path_that_is_no_folder_is_refused(city_root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be used as a store"):
        open_graph(city_root, tmp_path / "file")


def test_wrong_content_leaves_nothing_half_made(make_root: Path, tmp_path: Path) -> None:
    (make_root / "data/a.trig").write_text("oops", encoding="utf-8")
    with pytest.raises(ContentError):
        open_graph(make_root, tmp_path / "store")
    assert databases(tmp_path / "store") == []


def test_what_a_killed_process_left_is_cleared_away(city_root: Path, tmp_path: Path) -> None:
    open_graph(city_root, tmp_path / "store").close()
    (made,) = databases(tmp_path / "store")
    left, busy = tmp_path / "store" / ".building-left", tmp_path / "store" / ".building-busy"
    left.mkdir()
    busy.mkdir()
    (tmp_path / "store" / made).rename(tmp_path / "store" / "former")
    lock = os.open(busy, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # as a process does that is building there
    open_graph(city_root, tmp_path / "store").close()
    os.close(lock)
    assert databases(tmp_path / "store") == sorted([".building-busy", "former", made])


# --- Behind an endpoint -------------------------------------------------------------------------


DEEP = (
    b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":' + b'{"type":"triple","value":{"subject":' * 50_000
)
"""What an engine that recurses would need a stack of many megabytes for."""


class Stub(http.server.BaseHTTPRequestHandler):
    """An endpoint that misbehaves as its path says."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, body = {
            "/html": (200, "text/html", b"<h1>Welcome</h1>"),
            "/broken": (200, "application/sparql-results+json", b'{"head":{'),
            "/refusing": (503, "text/plain", b"too busy"),
            "/redirecting": (302, "text/plain", b""),
            "/moved": (307, "text/plain", b""),
            "/cut": (
                200,
                "application/sparql-results+json",
                b'{"head":{"vars":["g"]},"results":{"bindings":[{"g":',
            ),
            "/dripping": (200, "application/sparql-results+json", b""),
            "/slow": (200, "application/sparql-results+json", b""),
            "/deep": (200, "application/sparql-results+json", DEEP),
            "/deep-triples": (200, "application/n-triples", b"<<( " * 200_000),
            "/triples": (200, "application/n-triples", b"<a> <b> <c>"),
        }[self.path]
        if self.path == "/slow":
            time.sleep(1)
        if self.path == "/dripping":
            self.drip()
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 302:
            self.send_header("Location", "file:///etc/passwd")
        if status == 307:
            self.send_header("Location", "https://elsewhere.example/sparql")
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # the client did not wait
            self.wfile.write(body)

    def drip(self) -> None:
        """Send one byte after the other, so that something arrives all the time."""
        with contextlib.suppress(OSError):
            for byte in (
                b"HTTP/1.0 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n" + b" " * 60
            ):
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def stub() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("html", "answered with text/html instead of application/sparql-results"),
        ("broken", "cannot be read"),
        ("refusing", "answered 503: too busy"),
        ("redirecting", "answered 302 and points to file:///etc/passwd"),
        ("moved", "answered 307 and points to https://elsewhere.example/sparql"),
        ("cut", "cannot be read"),
        ("deep", "nested too deep"),
    ],
)
def test_an_endpoint_that_misbehaves_is_described(stub: str, path: str, message: str) -> None:
    store = RemoteStore(f"{stub}/{path}")
    store.__dict__["graph_names"] = ()
    with pytest.raises(StoreError, match=message) as caught:
        store.evaluate("ASK {}")
    assert stub in str(caught.value)


@pytest.mark.parametrize("path", ["triples", "deep-triples"])
def test_triples_that_cannot_be_read_are_refused(stub: str, path: str) -> None:
    store = RemoteStore(f"{stub}/{path}")
    store.__dict__["graph_names"] = ()
    with pytest.raises(StoreError, match="cannot be read"):
        store.evaluate("CONSTRUCT WHERE { ?s ?p ?o }")


def test_an_endpoint_that_is_slow_times_out(stub: str, city_root: Path) -> None:
    settings = Settings(root=str(city_root), store=f"{stub}/slow", timeout=0.2)
    with pytest.raises(StoreTimeoutError, match=r"within 0\.2 seconds.*SIKKERBY_TIMEOUT"):
        open_graph(settings=settings).sparql("ASK {}")


@pytest.mark.parametrize("timeout", [0.5, 4.2])  # while the head drips, and while the body does
def test_an_endpoint_that_drips_times_out(stub: str, city_root: Path, timeout: float) -> None:
    settings = Settings(root=str(city_root), store=f"{stub}/dripping", timeout=timeout)
    start = time.monotonic()
    with pytest.raises(StoreTimeoutError, match="SIKKERBY_TIMEOUT"):
        open_graph(settings=settings).sparql("ASK {}")
    assert time.monotonic() - start < timeout + 1


def test_an_endpoint_whose_first_answer_is_broken_is_described(stub: str, city_root: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        open_graph(city_root, f"{stub}/cut").sparql("ASK {}")


def test_a_union_need_not_be_asked_for_graph_by_graph(
    city: KnowledgeGraph, city_root: Path, city_endpoint: str, merged_city_endpoint: str
) -> None:
    merged = open_graph(city_root, merged_city_endpoint)
    assert count(merged) == len(list(city.store.quads()))
    assert isinstance(merged.store, RemoteStore)
    assert merged.store.has_union
    separate = open_graph(city_root, city_endpoint)
    assert count(separate) > 0
    assert isinstance(separate.store, RemoteStore)
    assert not separate.store.has_union


def test_an_endpoint_that_is_not_there_is_named(city_root: Path, unused_url: str) -> None:
    with pytest.raises(StoreError, match=r"cannot be reached: .*refused.*Is it running"):
        open_graph(city_root, unused_url).sparql("ASK {}")


@pytest.mark.parametrize(
    "url", ["ftp://e/", "http://", "https://a:b@e/sparql", "http://e/#x", "http://[::1/q", "http://e:x/"]
)
def test_an_address_that_is_none_is_refused(city_root: Path, url: str) -> None:
    with pytest.raises(StoreError, match="is not the address of a SPARQL endpoint"):
        open_graph(city_root, url)


def test_an_endpoint_without_named_graphs_is_asked_as_it_is(city_root: Path, bare_endpoint: str) -> None:
    assert count(open_graph(city_root, bare_endpoint)) == 1


def test_the_store_is_one_setting(city_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIKKERBY_ROOT", str(city_root))
    monkeypatch.setenv("SIKKERBY_STORE", str(tmp_path / "store"))
    assert open_graph().store.description == str(tmp_path / "store")
    assert open_graph(store="memory").store.description == "memory"
    assert pyoxigraph.__version__ in databases(tmp_path / "store")[0]
