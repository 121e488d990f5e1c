"""Property paths as SPARQL writes them (SPARQL 1.1 §9.1), read back: what ``Path.written`` has written."""

import re

from pyoxigraph import NamedNode

from sikkerby_kg.namespaces import expand
from sikkerby_kg.validation.paths import REPEATED, Path

_TOKEN = re.compile(r"<[^<>]*>|[^\s<>()|/^*+?]+|\S")
"""An IRI, a CURIE, or a sign: whatever is no space belongs to one of them."""


def read_written(text: str) -> Path | None:
    """The path that a text is; None if it is none.

    >>> read_written("^skos:broader").kind
    'inverse'
    """
    reader = _Reader(_TOKEN.findall(text))
    try:
        path = reader.alternative()
    except (ValueError, RecursionError):
        return None
    return None if reader.left else path


class _Reader:
    """Reads tokens; those that are left are the last one first. Raises ValueError for what is no path."""

    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens[::-1]

    def alternative(self) -> Path:
        """Paths between bars."""
        parts = [self._sequence()]
        while self._takes("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Path("alternative", tuple(parts))

    def _sequence(self) -> Path:
        parts = [self._element()]
        while self._takes("/"):
            parts.append(self._element())
        return parts[0] if len(parts) == 1 else Path("sequence", tuple(parts))

    def _element(self) -> Path:
        return Path("inverse", (self._repeated(),)) if self._takes("^") else self._repeated()

    def _repeated(self) -> Path:
        path = self._primary()
        sign = next((each for each in REPEATED if self._takes(each)), None)
        return path if sign is None else Path(sign, (path,))

    def _primary(self) -> Path:
        if self._takes("("):
            path = self.alternative()
            if not self._takes(")"):
                raise ValueError(self.left)
            return path
        token = self.left.pop() if self.left else ""
        iri = token[1:-1] if token.startswith("<") else expand(token)
        if not iri:
            raise ValueError(token)
        return Path("property", iri=NamedNode(iri))

    def _takes(self, sign: str) -> bool:
        """Whether a sign comes next; then it is taken."""
        if self.left[-1:] != [sign]:
            return False
        self.left.pop()
        return True
