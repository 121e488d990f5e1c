"""One run: every system on one content, in turn, several rounds, so that a busy moment hits all of them."""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pyoxigraph
from pyoxigraph import QueryResultsFormat, RdfFormat

from benchmarks.content import Content, queries_on
from benchmarks.load import AnswerError, Figures, Target, figures
from benchmarks.systems import ENGINE, FLASK, KEPT, SERVERS, Running, SkippedError, running
from benchmarks.tools import MissingError, Tools

CACHED = "cached answer"
CONNECTIONS = (1, 8, 32)
_CACHED_PATH = "/query/plans-valid-on-date?" + urlencode(
    {"asOf": "2024-07-01", "format": "csv", "lang": "en"}
)

Cell = tuple[str, str, int]
"""System, question, connections."""


@dataclass(slots=True)
class Run:
    """What one content gave."""

    content: str
    triples: int
    cells: dict[Cell, Figures] = field(default_factory=dict)
    cold: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Series:
    times: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    def add(self, times: list[float], elapsed: float) -> None:
        self.times += times
        self.elapsed += elapsed


def measure(
    content: Content,
    systems: Iterable[str],
    tools: Tools,
    seconds: float,
    rounds: int,
    say: Callable[[str], None],
) -> Run:
    """The figures of the systems on a content; each cell is asked ``rounds`` times ``seconds`` long."""
    run = Run(content.name, content.count)
    with contextlib.ExitStack() as stack:
        servers = []
        for name in systems:
            if name == ENGINE:
                continue
            try:
                servers.append(stack.enter_context(running(name, content, tools)))
                run.cold[name] = servers[-1].cold_start
            except (SkippedError, MissingError) as error:
                run.skipped[name] = str(error)
                say(f"{name}: {error}")
        engine = _engine(content) if ENGINE in systems else None
        targets = _targets(content, servers)
        series: dict[Cell, _Series] = {}
        for number, (question, connections) in itertools.product(range(rounds), _grid(content)):
            say(f"{content.name}, round {number + 1}: {question}, {connections} connections")
            if engine and connections == 1 and question in queries_on(content):
                series.setdefault((ENGINE, question, 1), _Series()).add(
                    *_in_process(engine, queries_on(content)[question], seconds)
                )
            for server in servers:
                _ask(run, series, targets, (server.name, question, connections), seconds)
        for server in servers:
            run.memory[server.name] = server.megabytes()
    run.cells = {cell: figures(found.times, found.elapsed) for cell, found in series.items() if found.times}
    return run


def _grid(content: Content) -> list[tuple[str, int]]:
    return list(itertools.product((*queries_on(content), CACHED), CONNECTIONS))


def _targets(content: Content, servers: list[Running]) -> dict[tuple[str, str], Target]:
    """What is asked of each server; the cached answer is ours alone, beside an empty route."""
    found = {}
    for server in servers:
        if server.name in (*SERVERS, KEPT):
            for question, text in queries_on(content).items():
                found[server.name, question] = Target(server.url, text)
        if server.name == KEPT:
            found[server.name, CACHED] = Target(server.base() + _CACHED_PATH, accept="text/csv")
        if server.name == FLASK:
            found[server.name, CACHED] = Target(server.base() + "/?", accept="text/html")
    return found


def _ask(
    run: Run,
    series: dict[Cell, _Series],
    targets: dict[tuple[str, str], Target],
    cell: Cell,
    seconds: float,
) -> None:
    """Ask one cell. A question that a server fails at is not asked of it again."""
    name, question, connections = cell
    reason = f"{name}: {question}"
    if (name, question) not in targets or reason in run.skipped:
        return
    target = targets[name, question]
    try:
        first = target.once()
        if first > seconds and connections > 1:  # one answer would take longer than the time there is
            series.setdefault(cell, _Series())
            if (name, question, 1) in series:
                return
        series.setdefault(cell, _Series()).add(*target.times(connections, seconds))
    except (AnswerError, OSError) as error:
        run.skipped[reason] = str(error).partition("\n")[0]


def _engine(content: Content) -> pyoxigraph.Store:
    store = pyoxigraph.Store()
    store.bulk_load(path=str(content.triples), format=RdfFormat.N_TRIPLES)
    return store


def _in_process(store: pyoxigraph.Store, query: str, seconds: float) -> tuple[list[float], float]:
    times: list[float] = []
    start = time.perf_counter()
    while not times or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        answer = store.query(query)
        assert isinstance(answer, pyoxigraph.QuerySolutions)  # noqa: S101  (all questions are SELECTs)
        answer.serialize(format=QueryResultsFormat.JSON)
        times.append(time.perf_counter() - before)
    return times, time.perf_counter() - start
