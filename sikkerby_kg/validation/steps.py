"""Property paths taken apart step by step.

A path is followed by its first steps: each is one property, forwards or backwards, and what is left of the
path after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sikkerby_kg.validation import paths
from sikkerby_kg.validation.path_syntax import read_written

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


@lru_cache
def parse_path(text: str) -> Path | None:
    """The path that ``paths.path_text`` has written, or None if it is none.

    >>> parse_path("^skos:broader")
    Step(iri='http://www.w3.org/2004/02/skos/core#broader', inverse=True)
    """
    written = read_written(text) if len(text) <= _MOST else None
    return None if written is None else _in_steps(written)


def _in_steps(path: paths.Path, *, backwards: bool = False) -> Path:
    """A path, or the way back from its end to its beginning, with every inverse inside at its steps."""
    if path.iri is not None:
        return Step(path.iri.value, backwards)
    if path.kind == "inverse":
        return _in_steps(path.parts[0], backwards=not backwards)
    parts = tuple(_in_steps(each, backwards=backwards) for each in path.parts)
    match path.kind:
        case "sequence":
            return Sequence(parts[::-1] if backwards else parts)
        case "alternative":
            return Choice(parts)
    return Repeated(parts[0], optional=path.kind != "+", many=path.kind != "?")


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
