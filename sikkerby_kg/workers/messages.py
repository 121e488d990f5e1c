"""What the server and its workers say to each other: length-prefixed messages, JSON in front of raw bytes.

No pickles: a worker runs the queries of strangers, so nothing that it sends is ever executed.
"""

import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from sikkerby_kg import errors
from sikkerby_kg.errors import SikkerbyError, WorkerLostError
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.results import Form, Result

_LENGTHS = struct.Struct("!IQ")
_MAX_HEAD = 16_000_000  # a dataset may have thousands of graphs
_AT_ONCE = 65_536
_ROOM = 4_000_000
"""Bytes that a body may be longer than the limit: the result was cut after the fact, or is one long row."""

Head = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """A query and how its answer is wanted.

    ``solutions`` and ``triples`` name the format for either kind of result; empty where the reader takes
    none. ``graphs`` is the dataset of SPARQL 1.1 Protocol §2.1.4; if it is empty, that of the query counts,
    else that of the store. ``rows`` is a cap below that of the limits. ``answers`` are those of the services
    that the query calls, as ``sparql.called`` gives them.
    """

    query: str
    solutions: str = "json"
    triples: str = "ttl"
    graphs: Graphs = field(default_factory=Graphs)
    base: str = ""
    rows: int = 0
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a query, written in a format.

    ``format`` is empty, and the body too, where the request names none for this form. ``truncated`` is
    ``rows`` or ``bytes`` if that limit cut the result. ``rows`` counts the solutions or triples in the body;
    it may be a little high where literals look like row ends. ``seconds`` is the time in the engine.
    """

    form: Form
    format: str
    body: bytes = field(repr=False)
    variables: tuple[str, ...] = ()
    rows: int = 0
    truncated: str = ""
    seconds: float = 0.0

    def result(self) -> Result:
        """The result to be read row by row; the format must be ``json``, or ``nt`` for triples."""
        return Result(self.form, self.variables, self.body)


def request_head(request: Request) -> Head:
    """A request as it is sent, the answers of services apart."""
    return {
        "query": request.query,
        "solutions": request.solutions,
        "triples": request.triples,
        "graphs": {"default": request.graphs.default, "named": request.graphs.named},
        "base": request.base,
        "rows": request.rows,
    }


def request_body(request: Request) -> bytes:
    """The answers of services, as they are sent."""
    return json.dumps(request.answers, ensure_ascii=False).encode() if request.answers else b""


def request_of(head: Head, body: bytes) -> Request:
    """The request in a message."""
    graphs = head.pop("graphs")
    chosen = Graphs(tuple(graphs["default"]), tuple(graphs["named"]))
    return Request(**head, graphs=chosen, answers=tuple(json.loads(body)) if body else ())


def answer_head(answer: Answer) -> Head:
    """An answer as it is sent, its body apart."""
    return {f.name: getattr(answer, f.name) for f in fields(answer) if f.name != "body"}


def answer_of(head: Head, body: bytes) -> Answer:
    """The answer in a message.

    Raises the error that it reports instead, or WorkerLostError if it makes no sense.
    """
    if "error" in head:
        raise error_of(head)
    try:
        return Answer(
            form=cast(Form, str(head["form"])),
            format=str(head["format"]),
            body=body,
            variables=tuple(map(str, head["variables"])),
            rows=int(head["rows"]),
            truncated=str(head["truncated"]),
            seconds=float(head["seconds"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WorkerLostError("worker.nonsense") from error


def error_head(error: SikkerbyError) -> Head:
    """An error as it is sent, with the errors that it is made of."""
    values = {name: _sent(value) for name, value in error.values.items()}
    return {"error": type(error).__name__, "key": error.key, "values": values}


def _sent(value: object) -> object:
    if isinstance(value, SikkerbyError):
        return error_head(value)
    if isinstance(value, tuple):
        return [_sent(each) for each in value]
    return value if value is None or isinstance(value, int | float) else str(value)


def error_of(head: Head) -> SikkerbyError:
    """The error in a message; only our own family can be named."""
    kind = getattr(errors, str(head.get("error")), None)
    values = head.get("values")
    known = isinstance(kind, type) and issubclass(kind, SikkerbyError) and isinstance(values, Mapping)
    if not known:
        return WorkerLostError("worker.nonsense")
    received = {name: _received(value) for name, value in cast(Mapping[str, Any], values).items()}
    return cast(type[SikkerbyError], kind)(str(head.get("key")), **received)


def _received(value: object) -> object:
    if isinstance(value, Mapping):
        return error_of(dict(value))
    return tuple(map(_received, value)) if isinstance(value, list) else value


def send(connection: socket.socket, head: Head, body: bytes = b"") -> None:
    """Send a message. Raises OSError if nobody is there."""
    written = json.dumps(head, separators=(",", ":")).encode()
    start = _LENGTHS.pack(len(written), len(body)) + written
    if len(body) <= _AT_ONCE:
        connection.sendall(start + body)
    else:
        connection.sendall(start)
        connection.sendall(body)


def receive(
    connection: socket.socket, most: int, waiting: Callable[[], None] | None = None
) -> tuple[Head, bytes]:
    """Receive a message with a body of about ``most`` bytes.

    ``waiting`` is called whenever the socket's time-out passes without a byte; it may raise.
    Raises EOFError at the end of the stream, WorkerLostError for what is no message, or OSError.
    """
    got = _some(connection, waiting)
    while len(got) < _LENGTHS.size:
        got += _some(connection, waiting)
    head_length, length = _LENGTHS.unpack_from(got)
    if head_length > _MAX_HEAD or length > most + _ROOM:
        raise WorkerLostError("worker.nonsense")
    start = _LENGTHS.size + head_length
    whole = _completed(connection, got, start + length, waiting)
    try:
        head = json.loads(bytes(whole[_LENGTHS.size : start]))
    except ValueError as error:
        raise WorkerLostError("worker.nonsense") from error
    if not isinstance(head, dict):
        raise WorkerLostError("worker.nonsense")
    return head, bytes(whole[start:])


def _some(connection: socket.socket, waiting: Callable[[], None] | None) -> bytes:
    """What has arrived of a message: mostly all of it, since the next one comes only after an answer."""
    while True:
        try:
            got = connection.recv(_AT_ONCE)
        except TimeoutError:
            if waiting is None:
                raise
            waiting()
            continue
        if not got:
            raise EOFError
        return got


def _completed(
    connection: socket.socket, got: bytes, length: int, waiting: Callable[[], None] | None
) -> memoryview:
    """The message that has begun to arrive, so many bytes in all."""
    if len(got) >= length:
        return memoryview(got)[:length]
    buffer = bytearray(length)
    buffer[: len(got)] = got
    view, at = memoryview(buffer), len(got)
    while at < length:
        try:
            count = connection.recv_into(view[at:])
        except TimeoutError:
            if waiting is None:
                raise
            waiting()
            continue
        if not count:
            raise EOFError
        at += count
    return view
