"""A note of what is about to be written, so that files which were replaced in part can be finished.

It lies in ``data/`` from the moment when every new version is in full on the disk until the last has taken
its place. Who finds it finds files of which some are old and some are new; ``finish`` makes all of them new.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sikkerby_kg.errors import EntryError
from sikkerby_kg.folders import Folders

NAME = ".sikkerby-kg-writing"
"""The file in ``data/``; as it begins with a dot and has no suffix of RDF, nothing reads it as content."""


@dataclass(frozen=True, slots=True)
class Step:
    """A file that a new version is to replace, with the hashes of both; that of no file is empty."""

    new: Path
    place: Path
    before: str
    after: str


def hash_of(data: bytes | None) -> str:
    """What tells one version of a file from another; empty if there is no file."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


@contextmanager
def noted(folders: Folders, steps: Sequence[Step]) -> Iterator[None]:
    """Have a note of the steps on the disk while they are taken. It stays if the process ends within."""
    path = folders.data / NAME
    root = folders.root.resolve()
    said = [
        [os.path.relpath(each.new, root), os.path.relpath(each.place, root), each.before, each.after]
        for each in steps
    ]
    _write(path, json.dumps(said).encode())
    yield
    path.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    beside = path.with_name(f"{NAME}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def finish(folders: Folders) -> tuple[str, ...]:
    """Take the steps that a process which was ended had left; the names of the files that it was about.

    Nothing outside the root is touched. Raises EntryError if what is noted cannot be done, or OSError.
    """
    path = folders.data / NAME
    with suppress(FileNotFoundError):
        steps = list(_read(path, folders.root.resolve()))
        for each in steps:
            if each.new.exists():
                each.new.replace(each.place)
        path.unlink()
        return tuple(folders.shown(each.place) for each in steps)
    return ()


def _read(path: Path, root: Path) -> Iterable[Step]:
    """The steps of a note. Raises EntryError for one that is not as we write it, FileNotFoundError."""
    try:
        said = json.loads(path.read_bytes())
        steps = [Step(root / new, root / place, before, after) for new, place, before, after in said]
        is_ours = all(_is_whole(step, root) for step in steps)
    except (ValueError, TypeError, UnicodeDecodeError):
        is_ours = False
    if not is_ours:
        raise EntryError("entry.unfinished", path=path)
    return steps


def _is_whole(step: Step, root: Path) -> bool:
    """Whether a step stays in the root, and is taken or can be: both versions are as they were noted."""
    place = step.place.parent.resolve()
    is_beside = step.new.name.startswith(f".{step.place.name}.") and step.new.parent.resolve() == place
    if not is_beside or not place.is_relative_to(root) or step.new.is_symlink():
        return False
    if not step.new.exists():
        return True
    here = step.place.read_bytes() if step.place.exists() else None
    return (hash_of(here), hash_of(step.new.read_bytes())) == (step.before, step.after)
