"""Property paths as SPARQL writes them (SPARQL 1.1 §9.1), taken apart step by step.

A path is followed by its first steps: each is one property, forwards or backwards, and what is left of the
path after it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sikkerby_kg.namespaces import expand

_TOKEN = re.compile(r"<([^>]*)>|([^\s<>()|/^*+?]+(?:/[^\s<>()|/^*+?]+)*)|([()|/^*+?])")
_MOST = 1000
"""Characters that a path may have to be taken apart."""


@dataclass(frozen=True, slots=True)
class Step:
    """One property."""

    iri: str
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """One path after the other; none at all for the path that leads nowhere else."""

    parts: tuple["Path", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One path or another."""

    parts: tuple["Path", ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A path as often as one likes; at least once unless ``optional``, at most once unless ``many``."""

    part: "Path"
    optional: bool
    many: bool


Path = Step | Sequence | Choice | Repeated
HERE = Sequence(())
"""The path that is at its end."""


def parse_path(text: str) -> Path | None:
    """The path that ``results.path_text`` has written, or None if it is none.

    >>> parse_path("^skos:broader")
    Step(iri='http://www.w3.org/2004/02/skos/core#broader', inverse=True)
    """
    tokens = [match for match in _TOKEN.finditer(text) if match[0]] if len(text) <= _MOST else []
    reader = _Reader(tokens)
    try:
        path = reader.choice()
    except (IndexError, ValueError, RecursionError):
        return None
    return path if reader.at == len(tokens) else None


class _Reader:
    """Reads tokens from left to right. Its methods raise IndexError or ValueError for what is no path."""

    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self._tokens = tokens
        self.at = 0

    def choice(self) -> Path:
        """Paths between bars."""
        parts = [self.sequence()]
        while self._takes("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self) -> Path:
        """Paths between slashes."""
        parts = [self.step()]
        while self._takes("/"):
            parts.append(self.step())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def step(self) -> Path:
        """A property or a path in brackets, with what stands before and after it."""
        if self._takes("^"):
            return inverse(self.step())
        path = self._primary()
        while self.at < len(self._tokens) and self._tokens[self.at][3] in ("*", "+", "?"):
            sign = self._tokens[self.at][3]
            self.at += 1
            path = Repeated(path, optional=sign != "+", many=sign != "?")
        return path

    def _primary(self) -> Path:
        if self._takes("("):
            path = self.choice()
            if not self._takes(")"):
                raise ValueError
            return path
        token = self._tokens[self.at]
        self.at += 1
        iri = token[1] if token[2] is None else expand(token[2])
        if token[3] is not None or iri is None:
            raise ValueError
        return Step(iri)

    def _takes(self, sign: str) -> bool:
        if self.at < len(self._tokens) and self._tokens[self.at][3] == sign:
            self.at += 1
            return True
        return False


def inverse(path: Path) -> Path:
    """A path from its end to its beginning."""
    match path:
        case Step(iri, backwards):
            return Step(iri, not backwards)
        case Sequence(parts):
            return Sequence(tuple(map(inverse, reversed(parts))))
        case Choice(parts):
            return Choice(tuple(map(inverse, parts)))
        case Repeated(part, optional, many):
            return Repeated(inverse(part), optional, many)


def may_end(path: Path) -> bool:
    """Whether a path may lead to where it begins without any step."""
    match path:
        case Step():
            return False
        case Sequence(parts):
            return all(map(may_end, parts))
        case Choice(parts):
            return any(map(may_end, parts))
        case Repeated(part, optional, _):
            return optional or may_end(part)


def first_steps(path: Path) -> Iterator[tuple[Step, Path]]:
    """Each step that a path may begin with, and the path that is left after it."""
    match path:
        case Step():
            yield path, HERE
        case Sequence(parts) if parts:
            rest = parts[1:]
            for step, left in first_steps(parts[0]):
                yield step, _then(left, rest)
            if may_end(parts[0]):
                yield from first_steps(Sequence(rest))
        case Choice(parts):
            for part in parts:
                yield from first_steps(part)
        case Repeated(part, _, many):
            again = (Repeated(part, optional=True, many=True),) if many else ()
            for step, left in first_steps(part):
                yield step, _then(left, again)
        case _:
            return


def _then(path: Path, more: tuple[Path, ...]) -> Path:
    """A path and others after it, without sequences in sequences."""
    parts = path.parts if isinstance(path, Sequence) else (path,)
    rest = tuple(inner for each in more for inner in (each.parts if isinstance(each, Sequence) else (each,)))
    together = (*parts, *rest)
    return together[0] if len(together) == 1 else Sequence(together)
