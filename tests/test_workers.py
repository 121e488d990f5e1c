"""Real worker processes: limits, lanes, replacement, and nothing that a query could reach or leave behind."""

import contextlib
import os
import select
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import quantiles

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples

from sikkerby_kg.errors import (
    OverCapacityError,
    QueryCancelledError,
    QueryMemoryError,
    QueryTimeoutError,
    SikkerbyError,
    SparqlSyntaxError,
    StoreError,
    WorkerLostError,
)
from sikkerby_kg.folders import find_folders
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.local import LocalStore, open_disk, open_memory
from sikkerby_kg.workers import Limits, Pool, Request, confinement, open_pool
from sikkerby_kg.workers.spawning import Origin, Spawner, launch

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")

MEGABYTE = 1_000_000
LIMITS = Limits(seconds=1.0, memory=128 * MEGABYTE, rows=1_000, most=5 * MEGABYTE, workers=6, slow_after=0.1)
CROSS = Request("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
SORT = Request("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i")
DOUBLING = Request(
    "SELECT (STRLEN(?x30) AS ?n) { BIND('aaaaaaaa' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(30))
    + " }"
)
CHEAP = Request("SELECT * { <http://e/s1> ?p ?o }")


class Content(LocalStore):
    """A thousand statements, and some queries that do in the worker what no query can ask for."""

    def __init__(self) -> None:
        oxigraph = pyoxigraph.Store()
        oxigraph.bulk_extend(
            Quad(NamedNode(f"http://e/s{i}"), NamedNode("http://e/p"), Literal(i), graph)
            for i in range(1_000)
            for graph in (NamedNode("http://e/g"), None)
        )
        super().__init__(oxigraph, "test")
        self.deeds: dict[str, Callable[[], object]] = {
            "read a file": lambda: Path("/etc/hostname").read_bytes(),
            "read the program": lambda: Path(sys.executable).read_bytes(),
            "write a file": lambda: Path("/tmp/written-by-a-worker").write_bytes(b"x"),  # noqa: S108
            "open a socket": socket.socket,
            "make a pair of sockets": socket.socketpair,
            "look up a name": lambda: socket.create_connection(("localhost", 9)),
            "run a program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
            "kill the parent": lambda: os.kill(os.getppid(), signal.SIGTERM),
            "crash": os.abort,
            "exit": lambda: os._exit(3),
            "fail": lambda: 1 // 0,
        }

    def ask(
        self, text: str, graphs: Graphs | None = None, base: str = ""
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        for name, deed in self.deeds.items():
            if f"'{name}'" in text:
                deed()
        return super().ask(
            text.replace("<http://e/service>", "SERVICE <" + self.description + ">"), graphs, base
        )


@pytest.fixture(scope="module")
def content() -> Content:
    return Content()


@contextlib.contextmanager
def pool_of(store: LocalStore, limits: Limits = LIMITS) -> Iterator[Pool]:
    pool = open_pool(store, Path(), {"e": "http://e/"}, limits)
    assert pool is not None
    try:
        yield pool
    finally:
        zygote = pool._nursery
        pool.close()
        with pytest.raises((ProcessLookupError, WorkerLostError)):
            zygote.start()


@pytest.fixture(scope="module")
def pool(content: Content) -> Iterator[Pool]:
    with pool_of(content) as pool:
        yield pool


def do(deed: str) -> Request:
    return Request(f"SELECT ?x {{ BIND('{deed}' AS ?x) }}")


def run_in_thread(pool: Pool, request: Request, gone: Callable[[], bool] | None = None) -> list[object]:
    """Ask in another thread; the list gets the answer or the error."""
    got: list[object] = []

    def ask() -> None:
        try:
            got.append(pool.run(request, gone))
        except SikkerbyError as error:
            got.append(error)

    threading.Thread(target=ask, daemon=True).start()
    return got


def wait_for(condition: Callable[[], object], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


# --- Answers and limits -----------------------------------------------------------------------


def test_a_query_is_answered_in_another_process(pool: Pool) -> None:
    assert len(pool.run(CHEAP).result()) == 1
    assert pool.run(Request("ASK { e:s1 e:p 1 }", "xml")).body.endswith(b"<boolean>true</boolean></sparql>")
    assert pool.run(Request("CONSTRUCT WHERE { e:s1 e:p ?o }", triples="nt")).body.startswith(
        b"<http://e/s1>"
    )


def test_errors_cross_the_border(pool: Pool) -> None:
    with pytest.raises(SparqlSyntaxError) as caught:
        pool.run(Request("SELECT *\n{ ?s ?p }"))
    assert (caught.value.line, caught.value.source) == (2, "{ ?s ?p }")


def test_rows_and_bytes_are_capped(pool: Pool) -> None:
    two = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    cut = pool.run(Request(two))
    assert (cut.truncated, cut.rows, len(cut.result())) == ("rows", 1_000, 1_000)
    assert len(pool.run(Request(two, rows=7)).result()) == 7


def test_a_query_that_takes_too_long_is_killed_and_its_worker_replaced(pool: Pool) -> None:
    start = time.monotonic()
    with pytest.raises(QueryTimeoutError, match="1 seconds"):
        pool.run(CROSS)
    assert 1.0 <= time.monotonic() - start < 2.5
    start = time.monotonic()
    assert pool.run(CHEAP).rows == 1
    assert time.monotonic() - start < 0.5


@linux
@pytest.mark.parametrize("request_", [SORT, DOUBLING], ids=["sort", "doubling"])
def test_a_query_that_takes_too_much_memory_is_ended(content: Content, request_: Request) -> None:
    with pool_of(content, replace(LIMITS, seconds=20)) as pool:
        with pytest.raises(QueryMemoryError, match="128 MB"):
            pool.run(request_)
        assert pool.run(CHEAP).rows == 1


def test_a_worker_that_crashes_is_replaced(pool: Pool) -> None:
    for deed in ("crash", "exit", "fail"):
        with pytest.raises((WorkerLostError, QueryMemoryError)) as caught:
            pool.run(do(deed))
        assert "1 // 0" not in str(caught.value)
        assert pool.run(CHEAP).rows == 1


def test_a_worker_that_died_while_idle_is_not_noticed(pool: Pool) -> None:
    for worker in pool._idle:
        os.kill(worker.pid, signal.SIGKILL)
        assert select.select([worker.connection], [], [], 10)[0]  # the end of what it can say
    assert pool.run(CHEAP).rows == 1


# --- Nothing to reach -------------------------------------------------------------------------


@linux
@pytest.mark.parametrize(
    "deed",
    [
        "read a file",
        "read the program",
        "write a file",
        "open a socket",
        "make a pair of sockets",
        "look up a name",
        "run a program",
        "kill the parent",
    ],
)
def test_a_worker_can_do_nothing_but_answer(pool: Pool, deed: str) -> None:
    with pytest.raises(StoreError, match=r"Too many open files|Operation not permitted|resolution"):
        pool.run(do(deed))


def test_a_service_is_never_called(content: Content) -> None:
    """SERVICE is refused by its word; even where that is got round, nothing can be called."""
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        content.description = f"http://127.0.0.1:{canary.getsockname()[1]}/sparql"
        with pool_of(content) as pool:
            with pytest.raises(SikkerbyError):
                pool.run(Request(f"ASK {{ SERVICE <{content.description}> {{ ?s ?p ?o }} }}"))
            with contextlib.suppress(SikkerbyError):
                pool.run(Request("ASK { GRAPH ?g { <http://e/service> { ?s ?p ?o } } }"))
        with pytest.raises(TimeoutError):
            canary.accept()
    content.description = "test"


@linux
def test_a_worker_has_no_environment_and_no_files(content: Content) -> None:
    with pool_of(content, replace(LIMITS, workers=1)) as pool:
        pool.run(CHEAP)  # it confines itself before it reads its first request
        for worker in pool._idle:
            folder = Path(f"/proc/{worker.pid}")
            opened = [str(path.readlink()) for path in (folder / "fd").iterdir()]
            assert {name.partition(":")[0] for name in opened} == {"/dev/null", "socket"}
            assert sum("socket" in name for name in opened) == 1
            limits = (folder / "limits").read_text()
            assert "Max core file size        0                    0" in limits
            assert "NoNewPrivs:\t1" in (folder / "status").read_text()


# --- Overload ---------------------------------------------------------------------------------


def p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def measured(pool: Pool, seconds: float) -> list[float]:
    taken = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        pool.run(CHEAP)
        taken.append(time.monotonic() - start)
        time.sleep(0.005)
    return taken


def test_cheap_queries_stay_quick_beside_four_cross_joins(content: Content) -> None:
    with pool_of(content, replace(LIMITS, seconds=10)) as pool:
        quiet = p95(measured(pool, 0.7))
        hostile = [run_in_thread(pool, CROSS) for _ in range(4)]
        assert wait_for(lambda: pool.status().slow == 4)
        loud = p95(measured(pool, 1.5))
        assert pool.status().slow == 4, hostile
    assert loud < 5 * quiet + 0.03


def test_slow_queries_take_turns(content: Content) -> None:
    with pool_of(content, replace(LIMITS, seconds=10)) as pool:
        for _ in range(3):
            run_in_thread(pool, CROSS)
        assert wait_for(lambda: pool.status().slow == 3)
        slots = pool.limits.slots
        assert wait_for(lambda: sum(not job.paused for job in pool.jobs()) == min(slots, 3))
        before = {job.pid: job.ran() for job in pool.jobs()}
        assert wait_for(lambda: all(job.ran() > before[job.pid] + 0.1 for job in pool.jobs()))


def test_too_many_slow_queries_are_refused(content: Content) -> None:
    with pool_of(content, replace(LIMITS, workers=3, seconds=10)) as pool:
        first = run_in_thread(pool, CROSS)
        assert wait_for(lambda: pool.status().slow == 1)
        with pytest.raises(OverCapacityError, match="Try again in 5 seconds"):
            pool.run(CROSS)
        assert (first, pool.run(CHEAP).rows) == ([], 1)


def test_a_full_queue_refuses_at_once(content: Content) -> None:
    with pool_of(content, replace(LIMITS, workers=1, queue=1, slow_after=5, seconds=10)) as pool:
        running = run_in_thread(pool, CROSS)
        assert wait_for(lambda: pool.status().running == 1)
        waiting = run_in_thread(pool, CHEAP)
        assert wait_for(lambda: pool.status().waiting == 1)
        start = time.monotonic()
        with pytest.raises(OverCapacityError):
            pool.run(CHEAP)
        assert time.monotonic() - start < 0.1
        pool.jobs()[0].cancel()
        assert wait_for(lambda: running and waiting)
        assert isinstance(running[0], QueryCancelledError)
        assert not isinstance(waiting[0], SikkerbyError)


def test_many_threads_share_a_few_workers(pool: Pool) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: pool.run(CHEAP).rows, range(300)))
    assert answers == [1] * 300
    assert pool.status().workers <= LIMITS.workers


# --- Ends -------------------------------------------------------------------------------------


def test_a_query_ends_when_its_reader_has_gone(content: Content) -> None:
    with pool_of(content, replace(LIMITS, seconds=20)) as pool:
        gone = threading.Event()
        got = run_in_thread(pool, CROSS, gone.is_set)
        assert wait_for(lambda: pool.status().slow == 1)
        pid = pool.jobs()[0].pid
        gone.set()
        assert wait_for(lambda: got, 1)
        assert isinstance(got[0], QueryCancelledError)
        assert not is_alive(pid)


def test_closing_ends_running_queries_and_leaves_no_process(content: Content) -> None:
    pool = open_pool(content, Path(), {}, replace(LIMITS, seconds=20))
    assert pool is not None
    got = [run_in_thread(pool, CROSS) for _ in range(2)]
    assert wait_for(lambda: pool.status().slow == 2)
    pids = [job.pid for job in pool.jobs()] + [worker.pid for worker in pool._idle]
    pool.close()
    assert wait_for(lambda: all(got), 2)
    assert all(isinstance(found[0], QueryCancelledError) for found in got)
    assert not any(map(is_alive, pids))
    with pytest.raises(OverCapacityError):
        pool.run(CHEAP)


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


# --- Workers that open the content for themselves ----------------------------------------------


def test_a_store_on_disk_is_opened_by_each_worker(city_root: Path, tmp_path: Path) -> None:
    store = open_disk(find_folders(str(city_root)), tmp_path / "store")
    with pool_of(store) as pool:
        found = pool.run(Request("SELECT * { ?s ?p ?o } LIMIT 5"))
        assert found.rows == 5
        with pytest.raises(QueryTimeoutError):
            pool.run(CROSS)
        assert pool.run(Request("ASK { ?s ?p ?o }")).result().boolean


def test_a_store_that_is_gone_is_an_error_not_a_loop(city_root: Path, tmp_path: Path) -> None:
    store = open_disk(find_folders(str(city_root)), tmp_path / "store")
    shutil.rmtree(store.database)
    with pool_of(store) as pool:
        for _ in range(2):
            with pytest.raises(WorkerLostError):
                pool.run(Request("ASK { ?s ?p ?o }"))
        assert pool.status().workers <= LIMITS.workers


def test_a_platform_without_fork_has_workers_too(city_root: Path) -> None:
    origin = Origin(str(city_root), "", {})
    limits = replace(LIMITS, seconds=3)  # a new process has to import what it needs first
    pool = Pool(Spawner(lambda: launch(origin, limits, "worker")), limits)
    try:
        assert pool.run(Request("SELECT * { ?s ?p ?o } LIMIT 5")).rows == 5
        with pytest.raises(QueryTimeoutError):
            pool.run(CROSS)
        assert pool.run(Request("ASK { ?s ?p ?o }")).result().boolean
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("files", "by_kernel"),
    [pytest.param(False, False, id="number of files"), pytest.param(True, True, id="filter", marks=linux)],
)
def test_a_confined_process_opens_no_socket(*, files: bool, by_kernel: bool) -> None:
    """Each of the two measures is enough by itself."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            if not by_kernel:
                vars(confinement)["_forbid"] = bool
            os.dup2(0, 60)  # numbers below it are free
            confinement.confine(LIMITS, files=files)
            socket.socket()
        except OSError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_functions_that_need_the_system_still_work(pool: Pool) -> None:
    needy = (
        "ASK { FILTER(STRLEN(STRUUID()) = 36 && RAND() < 1 && NOW() > '2020-01-01T00:00:00Z'^^xsd:dateTime) }"
    )
    declared = f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> {needy}"
    assert pool.run(Request(declared)).result().boolean


def test_thousands_of_graphs_can_be_named(pool: Pool) -> None:
    graphs = Graphs(tuple(f"http://e/{'g' * 1_000}{i}" for i in range(1_500)), ("http://e/g",))
    assert not pool.run(Request("ASK { ?s ?p ?o }", graphs=graphs)).result().boolean


def test_a_zygote_that_is_gone_is_replaced(city_root: Path) -> None:
    store = open_memory(find_folders(str(city_root)))
    pool = open_pool(store, city_root, {}, LIMITS)
    assert pool is not None
    try:
        ask = Request("ASK { ?s ?p ?o }")
        os.kill(pool._nursery.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        assert pool.run(ask).result().boolean
        assert pool.run(ask).result().boolean
    finally:
        pool.close()
