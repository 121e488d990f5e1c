"""How deep what somebody else wrote is nested, told before a parser that recurses reads it.

A parser that runs out of stack ends the whole process, which no exception handler can prevent.
"""

import re
from xml.parsers import expat

MOST = 64
"""Levels that JSON or quoted triples may have: a result without quoted triples has five."""

MOST_ELEMENTS = 256
"""Levels that RDF/XML may have: two a thing within a thing. The parser's time grows with their square."""

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_QUOTE_OR_STRING = re.compile(_STRING.pattern + rb"|(<<|>>)", re.DOTALL)
_BRACKET_OR_STRING = re.compile(_STRING.pattern + rb"|([{}\[\]])", re.DOTALL)
_BUT_BRACKETS = bytes(sorted(set(range(256)) - set(b"{}[]")))


def is_deep_json(body: bytes) -> bool:
    """Whether brackets outside strings are nested too deep, or are not in pairs.

    >>> is_deep_json(b'{"head":{},"boolean":true}'), is_deep_json(b"[" * 1000 + b"]" * 1000)
    (False, True)
    """
    rest = _STRING.sub(b"", body).translate(None, _BUT_BRACKETS)
    for _ in range(MOST):
        if not rest:
            return False
        rest = rest.replace(b"{}", b"").replace(b"[]", b"")
    return bool(rest)


def too_deep_json(body: bytes) -> int | None:
    """Where the first bracket opens that is nested too deep; None if none is.

    >>> too_deep_json(b'["[", ' * 70 + b"]" * 70), too_deep_json(b'[{"a": [1]}]')
    (384, None)
    """
    if not is_deep_json(body):
        return None
    depth = 0
    for match in _BRACKET_OR_STRING.finditer(body):
        if match[1]:
            depth = depth + 1 if match[1] in b"[{" else max(depth - 1, 0)
            if depth > MOST:
                return match.start()
    return None


def is_deep_triples(body: bytes) -> bool:
    """Whether quoted triples in N-Triples, Turtle or TriG are nested too deep.

    >>> is_deep_triples(b'<a:b> <a:b> "<<" .'), is_deep_triples(b"<<( " * 1000)
    (False, True)
    """
    return too_deep_triples(body) is not None


def too_deep_triples(body: bytes) -> int | None:
    """Where the first quoted triple begins that is nested too deep; None if there is none."""
    if body.count(b"<<") <= MOST:
        return None
    depth = 0
    for match in _QUOTE_OR_STRING.finditer(body):
        mark = match[1]
        if mark:
            depth = depth + 1 if mark == b"<<" else max(depth - 1, 0)
            if depth > MOST:
                return match.start()
    return None


def too_deep_xml(document: bytes) -> tuple[int, int] | None:
    """Line and column of the first element that is nested too deep; None if there is none.

    ``document`` has no document type. Where it is not well-formed, what follows is not looked at.
    """
    if document.count(b"<") <= MOST_ELEMENTS:
        return None
    parser = expat.ParserCreate()
    depth = 0

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_ELEMENTS:
            raise _TooDeepError(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(document, True)  # noqa: FBT003  (the C function takes no name)
    except _TooDeepError as found:
        return found.place
    except expat.ExpatError:
        return None
    return None


class _TooDeepError(Exception):
    """An element is nested too deep, at a line and column."""

    def __init__(self, line: int, column: int) -> None:
        self.place = line, column
        super().__init__(line, column)
