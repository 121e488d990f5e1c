"""SERVICE of SPARQL 1.1 Federated Query (§2), for the endpoints that the operator has named and no others.

No engine of ours ever calls anybody. What a service is asked is taken out of the query, sent by this process
under our own rules, and what it answers is put into the query as inline data: that is how the standard
defines the pattern (§2.4, §5), which is evaluated by itself and joined.
"""

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from sikkerby_kg.errors import OverCapacityError, ServiceError, SparqlRefusedError, StoreError
from sikkerby_kg.graphs import iri_of, resolved
from sikkerby_kg.http_client import Client
from sikkerby_kg.lexer import Tokens, place
from sikkerby_kg.nesting import is_deep_json

MOST_CALLS = 5
"""Services that one query may call."""

MOST_ROWS = 10_000
"""Solutions that a service may answer with; a part of them would make a wrong result."""

MOST_BYTES = 4_000_000
"""Bytes of such an answer, as it comes and as inline data."""

AT_ONCE = 2
"""Queries whose services are called at a time."""

UNIT = "VALUES () { () }"
"""What a failed call with SILENT leaves: one solution without bindings (§2.1)."""

GENID = "urn:x-sikkerby-kg:genid:"
"""Blank nodes of a service, which inline data cannot hold, become IRIs (RDF 1.1 Concepts §3.5)."""

_JSON = "application/sparql-results+json"
_PLAIN = re.compile(r"https?://[A-Za-z0-9.:\-\[\]]+/[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e%]*")
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:[/?]|$)|%2f|%5c", re.IGNORECASE)
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # addresses of IPv4 in those of IPv6 (RFC 6052)


@dataclass(frozen=True, slots=True)
class Call:
    """A SERVICE clause: where it stands in the query, whom it calls, and what it asks, in braces."""

    start: int
    end: int
    silent: bool
    iri: str
    pattern: str


class Services:
    """Calls the endpoints that SERVICE may name.

    ``allowed`` lists them: an address as it is, or one that ends in ``/`` for everything below it. With
    ``private``, they may have addresses of this machine and of private networks. ``seconds`` is what all
    calls of a query may take together.
    """

    def __init__(self, allowed: Sequence[str], *, private: bool = False, seconds: float = 30.0) -> None:
        self.allowed = tuple(allowed)
        self._resolve = None if private else public_addresses
        self._seconds = seconds
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def __bool__(self) -> bool:
        return bool(self.allowed)

    def permits(self, iri: str) -> bool:
        """Whether an endpoint may be called; addresses that servers may read in two ways may not."""
        return any(
            iri == allowed or (allowed.endswith("/") and iri.startswith(allowed)) for allowed in self.allowed
        ) and bool(_PLAIN.fullmatch(iri) and not _DOTS.search(iri))

    def answers(self, text: str, base: str = "") -> tuple[str, ...]:
        """The answers to the calls of a query that is known to parse, each as inline data, in their order.

        Raises SparqlRefusedError, before anybody is called, for a service that may not be; ServiceError for
        one that fails, and OverCapacityError if too many others are being called.
        """
        calls = calls_of(text, base)
        for call in calls:
            if not self.permits(call.iri):
                line, column = place(text, call.start)
                known = ", ".join(self.allowed)
                raise SparqlRefusedError(
                    "sparql.service_other", service=call.iri, line=line, column=column, known=known
                )
        if not self._free.acquire(blocking=False):
            raise OverCapacityError("limit.capacity", seconds=5)
        try:
            end = time.monotonic() + self._seconds
            return tuple(self._answer(text, call, base, end) for call in calls)
        finally:
            self._free.release()

    def _answer(self, text: str, call: Call, base: str, end: float) -> str:
        try:
            seconds = max(end - time.monotonic(), 0.01)
            client = Client(call.iri, seconds, MOST_BYTES, resolve=self._resolve, direct=True)
            body = client.post([("query", query_of(text, call, base))], _JSON)
            return inline_data(_solutions(body, call))
        except StoreError as error:
            if call.silent:
                return UNIT
            raise ServiceError("service", service=call.iri, problem=error) from error


def calls_of(text: str, base: str = "") -> tuple[Call, ...]:
    """The SERVICE clauses of a query; an IRI is resolved against BASE, at first ``base``.

    Raises SparqlRefusedError for one within another, one whose endpoint is a variable, and too many.
    """
    tokens = Tokens(text)
    found: list[Call] = []
    for index, token in enumerate(tokens):
        if token.keyword == "BASE" and index + 1 < len(tokens):
            base = resolved(base, tokens[index + 1].text[1:-1])
        if token.keyword != "SERVICE":
            continue
        line, column = place(text, token.start)
        if found and token.start < found[-1].end:
            raise SparqlRefusedError("sparql.service_nested", line=line, column=column)
        silent = tokens.text_at(index + 1) == "SILENT"
        named = tokens[index + 1 + silent]
        if named.kind not in ("iri", "name"):
            raise SparqlRefusedError("sparql.service_variable", line=line, column=column)
        opening = index + 2 + silent
        start, end = tokens[opening].start, _end_of_group(tokens, opening)
        found.append(Call(token.start, end, silent, iri_of(named, tokens.prefixes, base), text[start:end]))
    if len(found) > MOST_CALLS:
        raise SparqlRefusedError("sparql.service_many", count=len(found), limit=MOST_CALLS)
    return tuple(found)


def _end_of_group(tokens: Tokens, opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index].text == "{") - (tokens[index].text == "}")
        if depth == 0:
            return tokens[index].end
    return len(tokens.text)


def without_calls(text: str) -> str:
    """The query with GRAPH in the place of SERVICE, every token where it was: it parses where the query does.

    >>> without_calls("ASK { SERVICE SILENT <http://e/> { ?s ?p ?o } }")
    'ASK { GRAPH          <http://e/> { ?s ?p ?o } }'
    """
    tokens = Tokens(text)
    for index, token in enumerate(tokens):
        if token.keyword == "SERVICE":
            silent = tokens[index + 1].end if tokens.text_at(index + 1) == "SILENT" else token.end
            gap = re.sub(r"[^\r\n]", " ", text[token.end : silent])
            text = f"{text[: token.start]}GRAPH  {gap}{text[silent:]}"
    return text


def inlined(text: str, answers: Sequence[str]) -> str:
    """The query with its SERVICE clauses replaced by answers, one for each.

    Raises SparqlRefusedError if there are not as many answers as clauses: then one would be called.
    """
    calls = calls_of(text)
    if len(calls) != len(answers):
        raise SparqlRefusedError("sparql.service_many", count=len(calls), limit=len(answers))
    for call, answer in reversed([*zip(calls, answers, strict=True)]):
        text = f"{text[: call.start]}{{ {answer} }}{text[call.end :]}"
    return text


def query_of(text: str, call: Call, base: str = "") -> str:
    """The query that a service is asked: what stands in its clause, with the declarations of the query."""
    tokens = Tokens(text)
    first = 0
    while tokens.text_at(first) in ("PREFIX", "BASE", "VERSION"):
        first += 3 if tokens.text_at(first) == "PREFIX" else 2
    used = Tokens(call.pattern).used_prefixes
    declared = [f"BASE <{base}>"] if base else []
    index = 0
    while index < first:
        length = 3 if tokens.text_at(index) == "PREFIX" else 2
        if tokens.text_at(index) != "PREFIX" or tokens[index + 1].text[:-1] in used:
            declared.append(" ".join(tokens[at].text for at in range(index, index + length)))
        index += length
    return "\n".join((*declared, f"SELECT * WHERE {call.pattern}", f"LIMIT {MOST_ROWS + 1}"))


def _solutions(body: bytes, call: Call) -> QuerySolutions:
    """The solutions in an answer. Raises StoreError if they cannot be read, or not without danger."""
    if is_deep_json(body):
        raise StoreError("store.nested", store=call.iri)
    try:
        found = parse_query_results(body, QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise StoreError("store.answer", store=call.iri, problem=error) from error
    if not isinstance(found, QuerySolutions):
        raise StoreError("store.answer", store=call.iri, problem="ASK")
    return found


def inline_data(found: QuerySolutions) -> str:
    """Solutions as a VALUES block (SPARQL 1.1 §10.2). Raises StoreError for too many of them."""
    variables = [variable.value for variable in found.variables]
    rows: list[str] = []
    size = 0
    try:
        for solution in found:
            row = "(" + " ".join(_term(solution[name]) for name in variables) + ")"
            rows.append(row)
            size += len(row)
            if len(rows) > MOST_ROWS or size > MOST_BYTES:
                raise StoreError("store.rows", rows=MOST_ROWS, megabytes=MOST_BYTES // 1_000_000)
    except (SyntaxError, ValueError) as error:
        raise StoreError("store.answer", store="SERVICE", problem=error) from error
    names = " ".join(f"?{name}" for name in variables)
    return f"VALUES ({names}) {{ {' '.join(rows)} }}"


def _term(term: object) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, BlankNode):
        return f"<{GENID}{term.value}>"
    if isinstance(term, NamedNode | Literal):
        return str(term)
    raise StoreError("store.answer", store="SERVICE", problem=type(term).__name__)


def public_addresses(host: str, port: int) -> Iterator[tuple[socket.AddressFamily, tuple[object, ...]]]:
    """The addresses of a host, if all of them are on the public internet.

    Raises StoreError if one is not: a name may lead to this machine or into a private network.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for _, _, _, _, address in found:
        if not is_public(str(address[0])):
            raise StoreError("store.private", store=host)
    for family, _, _, _, address in found:
        yield family, address


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and to nobody on this side of it.

    >>> is_public("192.0.43.8"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (
        ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in _TRANSLATED
    ):
        return False  # an address of IPv4 in disguise
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)
