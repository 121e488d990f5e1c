"""Running the command and the server for tests: real processes, and HTTP down to the bytes."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sikkerby_kg.folders import FOLDERS

TESTS = Path(__file__).parent
CITY = TESTS / "city"
ROOT = TESTS.parent
GIT_ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.org",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.org",
}
"""The environment of git in a scratch repository, whatever is set up for whoever runs the tests."""


@dataclass
class Served:
    """A server in a process of its own."""

    process: "subprocess.Popen[str]"
    address: str

    @property
    def port(self) -> int:
        """The port of its address."""
        return int(self.address.rstrip("/").rpartition(":")[2])

    def connect(self, *, buffer: int = 0) -> socket.socket:
        """A connection to it; ``buffer`` is how little it takes at a time."""
        connection = socket.socket()
        connection.settimeout(20)
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def raw(self, sent: bytes) -> bytes:
        """All that it answers to some bytes until it closes the connection."""
        with self.connect() as connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(sent)
            parts = []
            with contextlib.suppress(ConnectionResetError):
                while part := connection.recv(1 << 16):
                    parts.append(part)
            return b"".join(parts)
        return b""

    def get(self, path: str, headers: str = "", **query: str) -> bytes:
        """The answer to a GET, head and body."""
        asked = f"{path}?{urlencode(query)}" if query else path
        return self.raw(f"GET {asked} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{headers}\r\n".encode())

    def status(self, path: str, headers: str = "", **query: str) -> int:
        """The status of the answer to a GET; 0 if there is none."""
        answer = self.get(path, headers, **query)
        return int(answer.split(b" ", 2)[1]) if answer else 0


def command(*options: str, root: Path = CITY, disk: int = 0) -> list[str]:
    """``sikkerby-kg serve`` over a root, on a free port; ``disk`` is how many blocks a file may have."""
    start = [sys.executable, "-m", "sikkerby_kg", "serve", "--root", str(root), "--port", "0", *options]
    return ["sh", "-c", f'ulimit -f {disk}; exec "$@"', "sh", *start] if disk else start


def environment(**changes: str) -> dict[str, str]:
    """The environment of such a process, without settings of whoever runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIKKERBY_")}
    return kept | {"PYTHONPATH": str(TESTS.parent), "LANG": "C.UTF-8"} | changes


@contextlib.contextmanager
def served(
    *options: str, root: Path = CITY, disk: int = 0, heard: bool = False, **changes: str
) -> Iterator[Served]:
    """The server, once it answers; ``heard``: what it says to standard error can be read in the end."""
    with subprocess.Popen(
        command(*options, root=root, disk=disk),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if heard else subprocess.DEVNULL,
        text=True,
        env=environment(**changes),
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://[^/]+:\d+/", line)
            assert found, (line, process.stderr and process.stderr.read())
            yield Served(process, found[0])
        finally:
            process.kill()


def refused(*options: str, root: Path = CITY, disk: int = 0, **changes: str) -> tuple[int, str]:
    """The exit status of a server that does not start, and what it says to standard error."""
    done = subprocess.run(
        command(*options, root=root, disk=disk),
        capture_output=True,
        text=True,
        env=environment(**changes),
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def wait_for(condition: Callable[[], object], seconds: float = 10) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def slowness() -> float:
    """How much slower than usual this machine is just now: other tests may be running beside this one."""
    start = time.perf_counter()
    work = "import flask, pyoxigraph; sum(i * i for i in range(3_000_000))"
    subprocess.run([sys.executable, "-c", work], check=True)
    return max(1.0, (time.perf_counter() - start) / 0.5)


def as_read(page: str) -> str:
    """A page in which years that stay on one line are a part of their text, as for who reads it."""
    return re.sub(r'<span class="nowrap">([^<]*)</span>', r"\1", page)


def content_copy(target: Path, *left_out: str) -> Path:
    """A copy of our own content in a folder that may be there, and which is the value.

    Left out are files of the given names, and what pages are drawn with.
    """
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("static", "frontend", *left_out)
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    return target


def git(folder: Path, *words: str) -> str:
    """What git answers in a folder. Raises CalledProcessError if it refuses."""
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *words],
        cwd=folder,
        env=GIT_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
