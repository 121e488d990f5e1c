"""The process that has the bench, and those that it forks: each gives one judgement, and ends.

It is started apart, so that no fork happens beside the threads of the server.
"""

import contextlib
import gc
import logging
import socket
from collections.abc import Callable
from functools import partial

from sikkerby_kg.errors import ContentError, QueryMemoryError, SikkerbyError, WorkerLostError
from sikkerby_kg.judging.bench import Bench, told
from sikkerby_kg.judging.judgement import Document, written
from sikkerby_kg.workers.confinement import allow_seconds, confine, die_with_parent, forget_surroundings
from sikkerby_kg.workers.limits import MEGABYTE, Limits
from sikkerby_kg.workers.messages import Head, error_head, receive, send
from sikkerby_kg.workers.spawning import begun
from sikkerby_kg.workers.worker import RETIRE
from sikkerby_kg.workers.zygote import live

_UNUSABLE = "shapes.unusable"

Seat = Callable[[], Bench]
"""Gives the bench; raises the ContentError that keeps it from being there."""


def main() -> None:
    """Load the bench and fork judges, or be one; how is read from standard input."""
    start, connection, parent = begun()
    logging.disable()  # nobody hears it, and it would tell of what is in a file
    limits, longest = Limits(**start["limits"]), int(start["longest"])
    life = partial(judge, seat=_seat(str(start["root"])), limits=limits, longest=longest)
    gc.collect()
    gc.freeze()
    if start["role"] == "zygote":
        live(connection, parent, life)
        return
    die_with_parent(parent)
    forget_surroundings(connection.fileno())
    with connection:
        life(connection)


def _seat(root: str) -> Seat:
    """Load the bench at once. What keeps it from being there is told to whoever asks."""
    try:
        bench = Bench(root)
    except SikkerbyError as error:
        problem = error

        def refuse() -> Bench:
            raise problem

        return refuse
    return lambda: bench


def judge(connection: socket.socket, seat: Seat, limits: Limits, longest: int) -> None:
    """Give one judgement on what comes over a connection, of at most ``longest`` bytes.

    The process then ends: nothing searches for garbage, into which a fifth of the time would go.
    """
    gc.disable()
    connection.settimeout(None)
    confine(limits, files=False)
    try:
        head, body = receive(connection, longest)
    except (EOFError, OSError):
        return
    allow_seconds(limits.age)
    answered, body = _answered(seat, head, body, limits)
    with contextlib.suppress(OSError):
        send(connection, {**answered, RETIRE: True}, body)


def _answered(seat: Seat, head: Head, body: bytes, limits: Limits) -> tuple[Head, bytes]:
    try:
        bench = seat()
    except SikkerbyError as error:
        return error_head(error), b""
    try:
        answered, answer = _judged(bench, head, body)
    except Exception as error:  # noqa: BLE001  (whatever it is, the other side must hear of it, but not what)
        return error_head(_seen_from_outside(error, limits)), b""
    if len(answer) > limits.most:
        return error_head(QueryMemoryError("limit.large", megabytes=limits.most // MEGABYTE)), b""
    return answered, answer


def _seen_from_outside(error: BaseException | None, limits: Limits) -> SikkerbyError:
    """What the other side hears of an error.

    The shapes have been used on the content: if they cannot be used on a file, that is for want of something.
    """
    if isinstance(error, ContentError) and error.key != _UNUSABLE:
        return error
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__
    if error is not None:
        return QueryMemoryError("limit.memory", megabytes=limits.memory // MEGABYTE)
    return WorkerLostError("worker.failed")


def _judged(bench: Bench, head: Head, body: bytes) -> tuple[Head, bytes]:
    """The judgement on a file or on the content; or the report in the format that is ``wanted``."""
    document = None
    if head["kind"] != "content":
        document = Document(str(head["name"]), str(head["suffix"]), body)
    if "wanted" not in head:
        return {}, written(told(bench.judge(document)) if document else bench.content)
    report = bench.judge(document) if document else bench.report
    text = bench.written(str(head["wanted"]), report, str(head["lang"]), document)
    return {"conforms": report.conforms}, text.encode()
