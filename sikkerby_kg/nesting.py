"""How deep what somebody else wrote is nested, told before a parser that recurses reads it.

A parser that runs out of stack ends the whole process, which no exception handler can prevent.
"""

import re

MOST = 64
"""Levels that JSON or quoted triples may have: a result without quoted triples has five."""

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_QUOTE_OR_STRING = re.compile(_STRING.pattern + rb"|(<<|>>)", re.DOTALL)
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
