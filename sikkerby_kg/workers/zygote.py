"""A process that does nothing but fork workers, so that no fork ever happens beside a running thread.

It is forked from the server before the first thread starts, and shares the loaded content with all workers;
or it is a process of its own, where the server already has threads.
"""

import contextlib
import gc
import os
import signal
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol, Self

from sikkerby_kg.errors import WorkerLostError
from sikkerby_kg.workers.confinement import die_with_parent, forget_surroundings
from sikkerby_kg.workers.limits import Limits
from sikkerby_kg.workers.worker import Opener, work

ORPHANED = 1_000
"""In the place of an exit status: the zygote is gone, and its workers with it."""

Life = Callable[[socket.socket], None]
"""What a worker does with its connection until it ends."""

_FORK, _REAP = b"F", b"R"
_NUMBER = struct.Struct("!i")


class Nursery(Protocol):
    """Where workers come from."""

    def start(self) -> tuple[int, socket.socket]:
        """A new worker: its process and the connection to it. Raises WorkerLostError if there can be none."""

    def bury(self, pid: int) -> int:
        """Take leave of a worker that has been killed or has ended.

        Gives its exit status, minus the number of the signal that ended it, or ORPHANED if nobody knows.
        """

    def close(self) -> None:
        """Start no more workers, and end those that are left."""


class Zygote:
    """The zygote, as the server sees it: a connection to it, and how to wait for its end."""

    def __init__(self, pid: int, control: socket.socket, wait: Callable[[], object]) -> None:
        self.pid = pid
        self._control = control
        self._wait = wait
        self._lock = threading.Lock()

    @classmethod
    def forked(cls, opener: Opener, limits: Limits) -> Self:
        """A zygote that shares what this process has in memory. To be made before any thread starts.

        Raises WorkerLostError if there can be no other process.
        """
        ours, theirs = socket.socketpair()
        gc.collect()
        gc.freeze()  # shared pages stay shared: the collector does not write to what is there now
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            raise WorkerLostError("worker.none") from error
        if pid == 0:
            try:
                live(theirs, parent, partial(work, opener=opener, limits=limits))
            finally:
                os._exit(0)
        gc.unfreeze()
        theirs.close()
        return cls(pid, ours, lambda: os.waitpid(pid, 0))

    @classmethod
    def apart(cls, launched: tuple["subprocess.Popen[bytes]", socket.socket]) -> Self:
        """A zygote in a process that has been launched as one."""
        process, control = launched
        return cls(process.pid, control, process.wait)

    def start(self) -> tuple[int, socket.socket]:
        """A new worker, forked by the zygote. Raises WorkerLostError if the zygote is gone."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                socket.send_fds(self._control, [_FORK], [theirs.fileno()])
                (pid,) = _NUMBER.unpack(self._control.recv(_NUMBER.size, socket.MSG_WAITALL))
        except (OSError, struct.error) as error:
            ours.close()
            raise WorkerLostError("worker.none") from error
        if pid < 0:
            ours.close()
            raise WorkerLostError("worker.none")
        return pid, ours

    def bury(self, pid: int) -> int:
        """Take leave of a worker: the zygote is its parent and must wait for it."""
        try:
            with self._lock:
                self._control.sendall(_REAP + _NUMBER.pack(pid))
                (status,) = _NUMBER.unpack(self._control.recv(_NUMBER.size, socket.MSG_WAITALL))
        except (OSError, struct.error):
            return ORPHANED
        return int(status)

    def close(self) -> None:
        """End the zygote, and with it every worker that is left."""
        with self._lock:
            self._control.close()
        with contextlib.suppress(OSError):
            self._wait()


def live(control: socket.socket, parent: int, life: Life) -> None:
    """Be the zygote: fork and reap until the server closes the connection or ends."""
    die_with_parent(parent)
    forget_surroundings(control.fileno())
    workers: set[int] = set()
    while True:
        order, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not order:
            break
        if order == _FORK:
            pid = _fork(control, descriptors[0], life)
            workers.add(pid)
            control.sendall(_NUMBER.pack(pid))
        else:
            (pid,) = _NUMBER.unpack(control.recv(_NUMBER.size, socket.MSG_WAITALL))
            control.sendall(_NUMBER.pack(_reap(pid) if pid in workers else 0))
            workers.discard(pid)
    for pid in workers - {-1}:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
        _reap(pid)


def _fork(control: socket.socket, descriptor: int, life: Life) -> int:
    zygote = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        os.close(descriptor)
        return -1
    if pid:
        os.close(descriptor)
        return pid
    try:
        die_with_parent(zygote)
        control.close()
        with socket.socket(fileno=descriptor) as connection:
            life(connection)
    finally:
        os._exit(0)


def _reap(pid: int) -> int:
    try:
        _, status = os.waitpid(pid, 0)
    except OSError:
        return 0
    return os.waitstatus_to_exitcode(status)
