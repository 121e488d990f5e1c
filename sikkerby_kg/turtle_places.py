"""Where the terms of each statement of a Turtle, TriG, N-Triples or N-Quads file stand.

A parser gives statements and forgets where they stood. This reads the same bytes once more, after a parser
has found nothing wrong with them, and notes the places alone: names, escapes and base IRIs are the parser's
business. Both tell of the statements in the same order, so the n-th statement of the one is the n-th of the
other, blank nodes included (tests/test_turtle_places.py holds them against each other).

The order is that of Oxigraph's parser: a statement is told when its last term has been read; ``_Scan.item``
says how it is in a collection (Turtle 1.1 §2.8). A string might go on with its language or datatype, so one
without is only known to be complete at the next token, and is told after what that token completes.
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

_NAME = rb"0-9A-Za-z_\x80-\xff-"
_LOCAL = rb"(?:[" + _NAME + rb":%]++|\\.)++"
_PREFIXED = rb"(?:[A-Za-z\x80-\xff][" + _NAME + rb"]*+(?:\.++[" + _NAME + rb"]++)*+)?+:"
_PREFIXED += rb"(?:" + _LOCAL + rb"(?:\.++" + _LOCAL + rb")*+)?+"
_LABEL = rb"_:[" + _NAME + rb"]++(?:\.++[" + _NAME + rb"]++)*+"
_IRI = rb"<(?!<)[^>]*+>"
_SKIPPED = rb"(?:[ \t\r\n]++|#[^\r\n]*+)*+"
_STRING = (
    rb'"""(?:[^"\\]++|\\.|"(?!""))*+"""|'
    rb"'''(?:[^'\\]++|\\.|'(?!''))*+'''|"
    rb'"(?:[^"\\\r\n]++|\\.)*+"|'
    rb"'(?:[^'\\\r\n]++|\\.)*+'"
)
_SUFFIX = (
    _SKIPPED
    + rb"(?:@[A-Za-z]++(?:-++[A-Za-z0-9]++)*+|\^\^"
    + _SKIPPED
    + rb"(?:"
    + _IRI
    + rb"|"
    + _PREFIXED
    + rb"))"
)
_NUMBER = rb"[+-]?(?:[0-9]++(?:\.(?:[0-9]++|(?=[eE])))?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
_BEFORE_SUFFIX = re.compile(
    rb"(?:" + _STRING + rb")" + _SKIPPED + rb"(?:@|\^\^" + _SKIPPED + rb")", re.DOTALL
)
_TOKEN = re.compile(
    _SKIPPED
    + rb"(?:("
    + rb"|".join(
        (
            _LABEL,
            _PREFIXED,
            _IRI,
            rb"[;,\[\]()}]|\.(?![0-9])|\{(?!\|)",
            rb"(?:" + _STRING + rb")(?:" + _SUFFIX + rb")?+",
            _NUMBER,
            rb"@?[A-Za-z]++",
        )
    )
    + rb")|$|(.))",
    re.DOTALL,
)
"""What does not count, then a token, the end of the file, or a byte that RDF 1.1 has no use for there."""

_NONE = -1
_WORDS = {b"prefix": 2, b"@prefix": 2, b"base": 1, b"@base": 1, b"version": 1, b"@version": 1, b"graph": 0}
"""Words at the beginning of a statement, in small letters, and how many tokens after them belong to them."""
_TOP, _BRACKETS, _COLLECTION = range(3)
_QUOTES = b"\"'"
_OPENING = (b"[", b"(")


class UnplacedError(Exception):
    """A construct that RDF 1.1 does not have; ``offset`` is where it begins."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


@dataclass(slots=True)
class Places:
    """Where the terms of the statements of a file begin, in bytes, one list for each part of a statement.

    The subject of the first statement of a collection is its bracket, of each next one the item; the property
    of both is the item. Outside all graphs the graph is -1. ``ends`` holds where brackets end.
    """

    data: bytes
    subjects: "array[int]" = field(default_factory=lambda: array("q"))
    predicates: "array[int]" = field(default_factory=lambda: array("q"))
    objects: "array[int]" = field(default_factory=lambda: array("q"))
    graphs: "array[int]" = field(default_factory=lambda: array("q"))
    ends: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.subjects)

    def end(self, start: int) -> int:
        """Where the term that begins at an offset ends: a bracket with the one that closes it."""
        if start in self.ends:
            return self.ends[start]
        return self.token_end(start)

    def token_end(self, start: int) -> int:
        """Where the token that begins at an offset ends: of a bracket, the bracket alone."""
        match = _TOKEN.match(self.data, start)
        return start + 1 if match is None else match.end()

    def suffix(self, start: int) -> int:
        """Where the language or datatype of the literal at an offset begins; the literal if it has none."""
        match = _BEFORE_SUFFIX.match(self.data, start)
        return start if match is None else match.end()

    def is_collected(self, index: int) -> bool:
        """Whether a statement only holds a collection together, so that its property is not written."""
        predicate = self.predicates[index]
        return predicate in (self.subjects[index], self.objects[index])


def places(data: bytes, suffix: str) -> Places:
    """The places of all statements of a file that a parser accepts, in the parser's order.

    ``data`` is without byte order mark; ``suffix`` is ``.ttl``, ``.trig``, ``.nt`` or ``.nq``.
    Raises UnplacedError for what RDF 1.1 does not have, such as triple terms and annotations.
    """
    if suffix in (".nt", ".nq"):
        return _lines(data)
    scan = _Scan(Places(data))
    scan.run()
    return scan.found


def _tokens(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each token with its beginning. Raises UnplacedError."""
    for match in _TOKEN.finditer(data):
        token = match[1]
        if token is not None:
            yield match.start(1), token
        elif match[2] is not None:
            raise UnplacedError(match.start(2))


def _lines(data: bytes) -> Places:
    """The places in N-Triples or N-Quads: three or four terms and a full stop (RDF 1.1 N-Quads §4)."""
    found = Places(data)
    terms: list[int] = []
    for start, token in _tokens(data):
        if token != b".":
            terms.append(start)
            continue
        subject, predicate, value, graph = (*terms, _NONE)[:4]
        found.subjects.append(subject)
        found.predicates.append(predicate)
        found.objects.append(value)
        found.graphs.append(graph)
        terms.clear()
    return found


class _Scan:
    """One way through a Turtle or TriG file; what is open is kept in a list, so that depth does no harm."""

    def __init__(self, found: Places) -> None:
        self.found = found
        self.kind = _TOP
        self.subject = _NONE
        self.predicate = _NONE
        self.bracket = _NONE  # of the collection
        self.graph = _NONE
        self.outside: list[tuple[int, int, int, int]] = []
        self.waiting: tuple[int, int, int, int] | None = None  # a string and what it is said of

    def run(self) -> None:
        """Note the places of all statements. Raises UnplacedError."""
        skipped = 0
        for start, token in _tokens(self.found.data):
            if skipped:
                skipped -= 1
                continue
            waited, self.waiting = self.waiting, None
            if token in _PUNCTUATION:
                _PUNCTUATION[token](self, start)
            elif self.kind == _COLLECTION:
                self.item(start, token)
            else:
                skipped = self.term(start, token)
            if waited is not None:
                self.tell(*waited)
            if token[0] in _QUOTES and token[-1] not in _QUOTES:  # its language or datatype is there
                self.tell_waiting()

    def tell_waiting(self) -> None:
        """Note the statement of the string that waits."""
        if self.waiting is not None:
            self.tell(*self.waiting)
        self.waiting = None

    def term(self, start: int, token: bytes) -> int:
        """Note a subject, property or object; the number of tokens to skip, if it is a word that has some."""
        if self.subject == _NONE:
            words = _WORDS.get(token.lower())
            if words is not None:
                return words
            self.subject = start
        elif self.predicate == _NONE:
            self.predicate = start
        elif token[0] in _QUOTES:
            self.waiting = (self.subject, self.predicate, start, self.graph)
        else:
            self.tell(self.subject, self.predicate, start, self.graph)
        return 0

    def tell(self, subject: int, predicate: int, value: int, graph: int) -> None:
        """Note a statement."""
        found = self.found
        found.subjects.append(subject)
        found.predicates.append(predicate)
        found.objects.append(value)
        found.graphs.append(graph)

    def item(self, start: int, token: bytes) -> None:
        """Note an item of a collection, which may be a bracket that has just been opened.

        What the item itself says comes first, then what holds the collection together: for the first item
        the statement that the collection is the object of, for others the one that leads to the item.
        A string waits.
        """
        is_first = self.predicate == _NONE
        before, cell = self.subject, self.bracket if is_first else start
        self.subject, self.predicate = cell, start
        is_string = token[0] in _QUOTES
        if not is_string and token not in _OPENING:
            self.tell(cell, start, start, self.graph)
        if is_first:
            self.value_outside(self.bracket)
        else:
            self.tell(before, before, start, self.graph)
        if is_string:
            self.waiting = (cell, start, start, self.graph)

    def value_outside(self, start: int) -> None:
        """Note the statement that a bracket is the object of, if it is one's."""
        _, subject, predicate, _ = self.outside[-1]
        if subject != _NONE:
            self.tell(subject, predicate, start, self.graph)

    def open(self, start: int, kind: int) -> None:
        """Begin a bracket."""
        if self.kind == _COLLECTION:
            self.item(start, b"[")
        self.outside.append((self.kind, self.subject, self.predicate, self.bracket))
        self.kind, self.bracket, self.predicate = kind, start, _NONE
        self.subject = start if kind == _BRACKETS else _NONE

    def close(self, end: int) -> None:
        """End a bracket: what it stands for is an object or, at the beginning of a statement, the subject."""
        start, kind = self.bracket, self.kind
        self.found.ends[start] = end + 1
        if kind == _COLLECTION and self.predicate != _NONE:
            self.tell(self.subject, self.subject, end, self.graph)
        else:
            self.value_outside(start)
        self.kind, self.subject, self.predicate, self.bracket = self.outside.pop()
        if self.kind != _COLLECTION and self.subject == _NONE:
            self.subject = start

    def begin_graph(self, _: int) -> None:
        """Begin a block of statements; what came before it is the name of its graph."""
        self.graph, self.subject = self.subject, _NONE

    def end_graph(self, _: int) -> None:
        """End a block of statements, and the last one in it."""
        self.graph = self.subject = self.predicate = _NONE

    def end_statement(self, _: int) -> None:
        """End a statement."""
        self.subject = self.predicate = _NONE

    def next_property(self, _: int) -> None:
        """Go on to another property of the same subject."""
        self.predicate = _NONE

    def next_value(self, _: int) -> None:
        """Go on to another value of the same property."""


_PUNCTUATION = {
    b".": _Scan.end_statement,
    b";": _Scan.next_property,
    b",": _Scan.next_value,
    b"[": lambda scan, start: scan.open(start, _BRACKETS),
    b"]": _Scan.close,
    b"(": lambda scan, start: scan.open(start, _COLLECTION),
    b")": _Scan.close,
    b"{": _Scan.begin_graph,
    b"}": _Scan.end_graph,
}
