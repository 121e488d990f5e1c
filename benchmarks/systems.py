"""The servers that are measured: each started in processes of its own on loopback, and stopped again."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.content import Content
from benchmarks.load import AnswerError, Target
from benchmarks.tools import Tools

ENGINE, OURS, KEPT, RDFLIB, OXIGRAPH, FUSEKI, FLASK = (
    "engine",
    "sikkerby-kg",
    "sikkerby-kg-kept",
    "rdflib-endpoint",
    "oxigraph",
    "fuseki",
    "flask",
)
SERVERS = (OURS, RDFLIB, OXIGRAPH, FUSEKI)
ALL = (ENGINE, *SERVERS, KEPT, FLASK)

START = 240.0
"""Seconds that a server may take to load its content and give its first answer."""

_ASK = "ASK { ?s ?p ?o }"
_EMPTY = """
import sys, flask, waitress
app = flask.Flask("empty")
app.get("/")(lambda: "")
waitress.serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=8, ident="")
"""


class SkippedError(Exception):
    """A system that is not measured, and why."""


@dataclass(slots=True)
class Running:
    """A server that answers: where, how long its start took, and its process."""

    name: str
    url: str
    cold_start: float
    process: subprocess.Popen[bytes]

    def megabytes(self) -> float:
        """Memory of the process and of those that it started; what they share counts once."""
        return sum(_share(number) for number in _family(self.process.pid)) / 1000

    def base(self) -> str:
        """The address without the path."""
        return self.url[: self.url.index("/", 8)]


@contextlib.contextmanager
def running(name: str, content: Content, tools: Tools) -> Iterator[Running]:
    """A server with a content, until the end of the block. Raises SkippedError if it cannot be had."""
    port = _free_port()
    prepare, path = _COMMANDS[name]
    command = prepare(content, tools, port)
    url = f"http://127.0.0.1:{port}{path}"
    start = time.perf_counter()
    with (tools.folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=tools.folder, env=_environment(), start_new_session=True
        )
    try:
        _wait(Target(url, _ASK), process, name)
        yield Running(name, url, time.perf_counter() - start, process)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    """No settings of the person who measures; nothing reaches a proxy."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIKKERBY_") and "proxy" not in k.lower()}
    checkout = str(Path(__file__).resolve().parent.parent)
    return {**kept, "PYTHONPATH": checkout, "PYTHONDONTWRITEBYTECODE": ""}


def _wait(target: Target, process: subprocess.Popen[bytes], name: str) -> None:
    end = time.perf_counter() + START
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise SkippedError(f"{name} ended with status {process.returncode} while it started")
        with contextlib.suppress(OSError, AnswerError):
            target.once()
            return
        time.sleep(0.01)
    raise SkippedError(f"{name} gave no answer within {START:.0f} s of its start")


def _ours(content: Content, tools: Tools, port: int) -> list[str]:
    """Our server, keeping no answers: every query is run."""
    return [*_kept(content, tools, port), "--cache-megabytes", "0"]


def _kept(content: Content, _: Tools, port: int) -> list[str]:
    """Our server as it comes."""
    return [
        *(sys.executable, "-m", "sikkerby_kg", "--root", str(content.root), "serve"),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]


def _rdflib(content: Content, tools: Tools, port: int) -> list[str]:
    program = tools.program("rdflib-endpoint")
    return [str(program), "serve", "--host", "127.0.0.1", "--port", str(port), str(content.triples)]


def _oxigraph(content: Content, tools: Tools, port: int) -> list[str]:
    """On disk, as that server keeps its content; loading is not part of its start."""
    program = str(tools.program("oxigraph"))
    folder = tools.folder / f"oxigraph-{content.name}"
    if not folder.is_dir():
        load = [program, "load", "--location", str(folder), "--file", str(content.triples)]
        subprocess.run(load, check=True, capture_output=True, timeout=600)
        subprocess.run([program, "optimize", "--location", str(folder)], check=True, capture_output=True)
    return [program, "serve-read-only", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]


def _fuseki(content: Content, tools: Tools, port: int) -> list[str]:
    jar = tools.fuseki()
    java = shutil.which("java") or "java"
    return [
        *(java, "-Xmx4g", "-cp", str(jar), "org.apache.jena.fuseki.main.cmds.FusekiServerCmd"),
        *("--localhost", "--port", str(port), f"--file={content.triples}", "/ds"),
    ]


def _flask(_: Content, __: Tools, port: int) -> list[str]:
    return [sys.executable, "-c", _EMPTY, str(port)]


_COMMANDS: dict[str, tuple[Callable[[Content, Tools, int], list[str]], str]] = {
    OURS: (_ours, "/sparql"),
    KEPT: (_kept, "/sparql"),
    RDFLIB: (_rdflib, "/"),
    OXIGRAPH: (_oxigraph, "/query"),
    FUSEKI: (_fuseki, "/ds/query"),
    FLASK: (_flask, "/"),
}


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _family(number: int) -> list[int]:
    """A process and its descendants (Linux)."""
    found = [number]
    for child in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(child.read_text().rpartition(")")[2].split()[1])
            if parent == number:
                found += _family(int(child.parent.name))
    return found


def _share(number: int) -> float:
    """Kilobytes of a process, what it shares with others divided among them."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1])
    return 0.0
