"""What identifies everything that answers are made from: content, queries, templates, and the software."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import sikkerby_kg
from sikkerby_kg.folders import own_folders
from sikkerby_kg.graph import KnowledgeGraph

SERVED = ("templates", "static")
"""The parts of a web folder that answers are made from."""


def edition_of(graph: KnowledgeGraph) -> str | None:
    """A digest of the content and the queries as they were read, of the web folders now, and of the software.

    The same in every process that serves the same; None for a store that may change by itself.
    """
    if graph.version is None:
        return None
    parts = [graph.version.encode()]
    for name, saved in graph.queries.items():
        parts += [name.encode(), saved.text.encode()]
    for folder in (graph.folders.web, own_folders().web):
        parts += [part for name in SERVED for part in _files(folder / name)]
    return digest(*parts, _software())


def digest(*parts: bytes) -> str:
    """What identifies some parts in their order: 30 hexadecimal digits."""
    made = hashlib.blake2b(digest_size=15)
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()


@cache
def _software() -> bytes:
    """The software that runs, whatever happens to its files later."""
    return digest(*_files(Path(sikkerby_kg.__file__).parent, without=(".pyc",))).encode()


def _files(folder: Path, without: Iterable[str] = ()) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in without:
            yield path.relative_to(folder).as_posix().encode()
            yield path.read_bytes()
