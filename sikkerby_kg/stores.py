"""One setting, three kinds of store: in memory, in a folder on disk, or behind a SPARQL 1.1 endpoint."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from pyoxigraph import Quad

from sikkerby_kg.errors import StoreError
from sikkerby_kg.folders import Folders
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.local import open_disk, open_memory
from sikkerby_kg.results import Result


class Store(Protocol):
    """What every store can do. In all of them the default graph is the union of the named graphs."""

    description: str
    digest: str | None

    def evaluate(self, text: str, graphs: Graphs | None = None, base: str = "") -> Result:
        """The result of a query that has been checked, over a dataset of some graphs if they are given."""

    def quads(self) -> Iterator[Quad]:
        """Every statement in its named graph."""


def open_store(setting: str, folders: Folders, timeout: float) -> Store:
    """The store that the setting ``store`` asks for.

    ``memory``, a URL that starts with ``http://`` or ``https://``, or the path of a folder.
    Raises ContentError, or StoreError if the store cannot be opened.
    """
    if setting == "memory":
        return open_memory(folders)
    scheme, colon, _ = setting.partition("://")
    if not colon:
        return open_disk(folders, Path(setting).expanduser().absolute())
    if scheme.lower() in ("http", "https"):
        from sikkerby_kg.remote import RemoteStore  # noqa: PLC0415  (its HTTP client takes a while to import)

        return RemoteStore(setting, timeout)
    raise StoreError("store.url", url=setting)
