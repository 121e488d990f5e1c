"""What is the same on every page of one manner: in one language, at one date, mounted at one place.

Names and addresses are worked out once for each manner and then remembered, as labels are. A memory belongs
to a site, and so to one edition of the content. No page is kept, and nothing that a reader wrote.
"""

from collections.abc import Callable
from datetime import date
from typing import Generic, TypeVar

from flask import g, has_request_context, request

from sikkerby_kg.server.language import language

MANNERS = 32
"""Manners that are remembered at once; the one that came first makes room."""

MOST = 20_000
"""Things that are remembered for one manner; then it is begun anew."""

Value = TypeVar("Value")
Manner = tuple[str, str | None, date | None, str]


class Memory(Generic[Value]):
    """What was made once for a key, in each manner."""

    def __init__(self) -> None:
        self._known: dict[Manner, dict[str, Value]] = {}

    def here(self) -> dict[str, Value]:
        """What is remembered in the manner of the page that is being made."""
        now = manner()
        known = self._known.get(now)
        if known is None:
            while len(self._known) >= MANNERS:
                self._known.pop(next(iter(self._known)), None)
            known = self._known.setdefault(now, {})
        elif len(known) > MOST:
            known = self._known[now] = {}
        return known

    def get(self, key: str, make: Callable[[], Value]) -> Value:
        """What is remembered for a key, made now if there is nothing."""
        known = self.here()
        if key not in known:
            known[key] = make()
        return known[key]


def manner() -> Manner:
    """What the links and words of a page depend on beside the content."""
    known: Manner | None = g.get("manner")
    if known is None:
        root = request.script_root if has_request_context() else ""
        known = (language(), g.get("chosen_lang"), g.get("as_of"), root)
        if "as_of" in g:  # before it is read, the manner is not settled
            g.manner = known
    return known
