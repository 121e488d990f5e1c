"""Ctrl-C ends a command at once, even while the engine is busy and Python gets no turn."""

import contextlib
import os
import select
import signal
import socket
import threading
from collections.abc import Iterator

from sikkerby_kg.cli.mishaps import INTERRUPTED

PATIENCE = 0.3
"""Seconds that a command gets to tidy up after Ctrl-C."""


@contextlib.contextmanager
def ending_at_once() -> Iterator[None]:
    """Within this, the process ends with exit code 130 soon after SIGINT, unless it ends by itself before.

    A program that has a handler of its own for SIGINT, as the server has, is left alone. Outside the main
    thread, which alone gets signals, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = socket.socketpair()
    writing.settimeout(0)
    before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reading,), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        writing.close()


def _watch(signals: socket.socket) -> None:
    """End the process when an interruption arrives and nothing follows from it."""
    with signals:
        while numbers := signals.recv(64):
            if signal.SIGINT not in numbers or signal.getsignal(signal.SIGINT) != signal.default_int_handler:
                continue
            ended = select.select([signals], [], [], PATIENCE)[0] and not signals.recv(64)
            if ended:
                return
            os._exit(INTERRUPTED)
