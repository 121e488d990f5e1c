"""Processes that share nothing with the server: they open the content for themselves.

A zygote for stores on disk, whose engine has threads, and for a server that lost its first zygote; workers
for platforms that have no fork.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph

from sikkerby_kg.errors import WorkerLostError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.local import LocalStore, open_memory
from sikkerby_kg.queries import Queries
from sikkerby_kg.self_description import describe_itself
from sikkerby_kg.workers.confinement import die_with_parent, forget_surroundings
from sikkerby_kg.workers.limits import Limits
from sikkerby_kg.workers.worker import Opener, work
from sikkerby_kg.workers.zygote import live

_PACKAGES = str(Path(__file__).parent.parent.parent)
_PROGRAM = "import sys; sys.path[:0] = sys.argv[2:]; __import__(sys.argv[1], fromlist=['main']).main()"

Launched = tuple["subprocess.Popen[bytes]", socket.socket]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a process finds the content: an Oxigraph database, else the files under a root."""

    root: str
    database: str
    prefixes: Mapping[str, str]

    def opener(self) -> Opener:
        """What opens the database read-only, or gives the content, which is loaded at once."""
        prefixes = dict(self.prefixes)
        if self.database:
            return lambda: (_read_only(self.database), prefixes)
        folders = find_folders(self.root)
        store = open_memory(folders)
        describe_itself(store, Queries(folders))
        return lambda: (store, prefixes)


def _read_only(database: str) -> LocalStore:
    return LocalStore(pyoxigraph.Store.read_only(database), database, database)


def launch(origin: Origin, limits: Limits, role: str) -> Launched:
    """Start a process in a role, ``zygote`` or ``worker``; gives the process and the connection to it.

    Raises WorkerLostError if that is impossible.
    """
    return launch_module(__name__, {"origin": asdict(origin), "limits": asdict(limits), "role": role})


def launch_module(module: str, start: Mapping[str, object]) -> Launched:
    """Start the ``main`` of a module in a process, which learns from ``begun`` how to start.

    Raises WorkerLostError if that is impossible.
    """
    ours, theirs = socket.socketpair()
    share = getattr(theirs, "share", None)  # Windows
    with theirs:
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, module, _PACKAGES, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[] if share else [theirs.fileno()],
                env=None if share else {},  # Windows needs some of it; the process itself forgets it
            )
        except OSError as error:
            ours.close()
            raise WorkerLostError("worker.none") from error
        how = share(process.pid).hex() if share else theirs.fileno()
        assert process.stdin is not None  # noqa: S101  (it is a pipe)
        with process.stdin as stdin:
            stdin.write(json.dumps({**start, "connection": how}).encode())
    return process, ours


class Spawner:
    """Starts each worker as a process of its own: slower than a zygote, but every platform can."""

    def __init__(self, launched: Callable[[], Launched]) -> None:
        self._launched = launched
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def start(self) -> tuple[int, socket.socket]:
        """A new worker; it opens the content before it reads its first request."""
        process, connection = self._launched()
        with self._lock:
            self._processes[process.pid] = process
        return process.pid, connection

    def bury(self, pid: int) -> int:
        """Take leave of a worker."""
        with self._lock:
            process = self._processes.pop(pid, None)
        return process.wait() if process else 0

    def close(self) -> None:
        """End every worker that is left."""
        with self._lock:
            left, self._processes = self._processes, {}
        for process in left.values():
            process.kill()
            process.wait()


def _shared(shared: bytes) -> socket.socket:
    """The socket that another process shared (Windows)."""
    connection: socket.socket = socket.fromshare(shared)  # type: ignore[attr-defined]
    return connection


def begun() -> tuple[dict[str, Any], socket.socket, int]:
    """In a process that ``launch_module`` started: how to start, the connection, and the parent process."""
    start: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    how = start["connection"]
    connection = _shared(bytes.fromhex(how)) if isinstance(how, str) else socket.socket(fileno=how)
    return start, connection, os.getppid()


def main() -> None:
    """Be a zygote or a worker; how is read from standard input."""
    start, connection, parent = begun()
    limits = Limits(**start["limits"])
    origin = Origin(**start["origin"])
    files = bool(origin.database)
    opener = origin.opener()
    if start["role"] == "zygote":
        live(connection, parent, partial(work, opener=opener, limits=limits, files=files))
        return
    die_with_parent(parent)
    forget_surroundings(connection.fileno())
    with connection:
        work(connection, opener, limits, files=files)
