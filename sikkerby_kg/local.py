"""Stores in this process: Oxigraph in memory, or in a folder on disk that several processes may read."""

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples, Triple

from sikkerby_kg.dataset import Content, content_digest, load_content, union
from sikkerby_kg.errors import StoreError
from sikkerby_kg.folders import Folders
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.results import Result, Source
from sikkerby_kg.seal import SEAL, is_whole, seal

_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\b", re.IGNORECASE)
"""Functions that give something else each time: a query with one is asked once only."""

_MERGE = "INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"

_NAMING = re.compile(r"GRAPH|FROM|\\u", re.IGNORECASE)
"""What a query has that may look into named graphs, be it written with escapes."""

if sys.platform != "win32":
    import fcntl

_MARKER = "sikkerby-kg-store.txt"
_CORRUPTION = "Corruption:"
_BUILDING = ".building-"
_DAMAGED = "damaged"
_MARKER_TEXT = "Made by sikkerby-kg from the content files; safe to delete when nothing uses it.\n"


class LocalStore:
    """A store on an open Oxigraph store whose default graph holds the union of its named graphs.

    ``database`` is the folder that Oxigraph keeps it in; empty for a store in memory. ``merged`` holds the
    default graph alone, if it is given: in memory Oxigraph looks at each statement of all graphs, so queries
    that name no graph are answered from there in about half the time.
    """

    def __init__(
        self,
        oxigraph: pyoxigraph.Store,
        description: str,
        database: str = "",
        *,
        digest: str | None = None,
        merged: pyoxigraph.Store | None = None,
    ) -> None:
        self.oxigraph = oxigraph
        self.description = description
        self.digest = digest
        self.database = database
        self._merged = merged

    def add(self, triples: Iterable[Triple], graph: NamedNode) -> None:
        """Put statements into a graph and into the union, before anybody asks."""
        for triple in triples:
            self.oxigraph.add(Quad(triple.subject, triple.predicate, triple.object, graph))
            for store in (self.oxigraph, self._merged):
                if store is not None:
                    store.add(Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()))

    def evaluate(self, text: str, graphs: Graphs | None = None, base: str = "") -> Result:
        """The result of a query over all graphs, or over a dataset of some of them, whatever its FROM says.

        Raises SyntaxError as Oxigraph does, SparqlRefusedError for a graph whose name is no IRI, StoreError
        if reading fails.
        """
        try:
            answer = self.ask(text, graphs, base)
            if _CHANGING.search(text):
                return Result.from_oxigraph(answer)
        except OSError as error:
            raise StoreError("store.read", store=self.description, problem=error) from error
        except RuntimeError as error:
            raise _damage(error, self.description) from error
        return Result.from_source(Source(answer, lambda: self.ask(text, graphs, base), self.description))

    def ask(
        self, text: str, graphs: Graphs | None = None, base: str = ""
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """The answer of Oxigraph to a query, to be read or written once. Raises what ``evaluate`` raises."""
        options: dict[str, Any] = {}
        if graphs is not None:
            store, options = self._dataset(graphs)
        else:
            store = self.oxigraph if self._merged is None or _NAMING.search(text) else self._merged
        return store.query(text, base_iri=base or None, **options)

    def _dataset(self, graphs: Graphs) -> tuple[pyoxigraph.Store, dict[str, Any]]:
        """The store and options to query some graphs.

        Several default graphs are merged (SPARQL 1.1 §13.2): what is in two of them counts once, which the
        engine does not see to. All of them together are the store's own default graph.
        """
        default, named = graphs.nodes()
        if len(default) <= 1:
            return self.oxigraph, {"default_graph": default, "named_graphs": named}
        options = {"default_graph": DefaultGraph(), "named_graphs": named}
        if set(self.oxigraph.named_graphs()) <= set(default):
            return self.oxigraph, options
        merged = pyoxigraph.Store()  # bulk_extend would reserve much memory, which a worker has not
        merged.extend(union(q for graph in default for q in self._quads(graph)))
        merged.extend(q for graph in named for q in self._quads(graph))
        return merged, options

    def _quads(self, graph: NamedNode) -> Iterator[Quad]:
        return self.oxigraph.quads_for_pattern(None, None, None, graph)

    def quads(self) -> Iterator[Quad]:
        """Every statement in its named graph."""
        default = DefaultGraph()
        return (q for q in self.oxigraph.quads_for_pattern(None, None, None, None) if q.graph_name != default)


def is_damage(error: RuntimeError) -> bool:
    """Whether the engine says that what it reads from disk is not what it wrote."""
    return str(error).startswith(_CORRUPTION)


def _damage(error: RuntimeError, description: str) -> RuntimeError | StoreError:
    """The error for what the engine found while it read; any other stays what it is."""
    return StoreError("store.read", store=description, problem=error) if is_damage(error) else error


def open_memory(folders: Folders) -> LocalStore:
    """The content of a root in memory. Raises ContentError if it cannot be used."""
    store, merged, content = pyoxigraph.Store(), pyoxigraph.Store(), load_content(folders)
    store.bulk_extend(content.quads)
    store.update(_MERGE)  # in the engine, which is quicker than from here
    merged.bulk_extend(store.quads_for_pattern(None, None, None, DefaultGraph()))
    return LocalStore(store, "memory", digest=content.digest, merged=merged)


def open_disk(folders: Folders, folder: Path) -> LocalStore:
    """The content of a root from a folder on disk, read-only; made anew when the content has changed.

    The folder holds one Oxigraph database per content digest. A new one is built beside it and then
    renamed, so that nobody sees half of one, and processes that read the old one may go on doing so. One
    that was damaged since is made anew.
    Raises ContentError if the content cannot be used, StoreError if the folder cannot.
    """
    try:
        _claim(folder)
        digest = content_digest(folders)
        database = _database(folder, digest)
        if not (database.is_dir() and is_whole(database)):
            content = load_content(folders)
            digest = content.digest  # the files may have changed since
            database = _database(folder, digest)
            _build(database, content)
        return LocalStore(
            pyoxigraph.Store.read_only(str(database)), str(folder), str(database), digest=digest
        )
    except (OSError, RuntimeError) as error:  # what the engine calls corruption is a RuntimeError
        raise StoreError("store.disk", folder=folder, problem=error) from error


def _database(folder: Path, digest: str) -> Path:
    return folder / f"{digest[:32]}-{pyoxigraph.__version__}"


def _fill(store: pyoxigraph.Store, content: Content) -> None:
    store.bulk_extend(content.quads)
    store.bulk_extend(union(content.quads))


def _claim(folder: Path) -> None:
    """Make sure that a folder is ours to write in: new, empty, or marked by an earlier run."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / _MARKER).is_file():
        return
    if not all((path / SEAL).is_file() for path in folder.iterdir()):
        raise StoreError("store.not_ours", folder=folder)
    (folder / _MARKER).write_text(_MARKER_TEXT, encoding="utf-8")


def _build(database: Path, content: Content) -> None:
    with contextlib.ExitStack() as locks:
        with _locked(database.parent / _MARKER):  # nobody clears it away before it is locked itself
            temporary = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=database.parent))
            locks.enter_context(_locked(temporary))
            if database.is_dir() and not is_whole(database):  # who reads it goes on with what they opened
                database.rename(temporary / _DAMAGED)
                shutil.rmtree(temporary / _DAMAGED, ignore_errors=True)
        _build_in(temporary, database, content)


def _build_in(temporary: Path, database: Path, content: Content) -> None:
    try:
        store = pyoxigraph.Store(str(temporary))
        _fill(store, content)
        store.optimize()
        store.flush()
        del store  # closes the database: only then may it be renamed
        seal(temporary)
        with contextlib.suppress(OSError):  # another process was quicker, with the same content
            temporary.rename(database)
        _forget_older(database)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _forget_older(database: Path) -> None:
    """Remove the databases of former content, save the newest of them: a process may still be reading it."""
    others = [path for path in database.parent.iterdir() if path.is_dir() and path != database]
    finished = sorted((p for p in others if not p.name.startswith(_BUILDING)), key=os.path.getmtime)
    for path in finished[:-1]:
        shutil.rmtree(path, ignore_errors=True)
    with _locked(database.parent / _MARKER):
        for path in others:
            if path.name.startswith(_BUILDING):
                with contextlib.suppress(OSError), _locked(path, wait=False) as is_ours:
                    if is_ours:  # whoever was building here is dead
                        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of a file or folder, which the system frees when a process dies; says whether one does.

    Where there are no locks, nobody holds any.
    """
    if sys.platform == "win32":
        yield False
        return
    number = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:  # another holds it, or the file system has no locks
            yield False
        else:
            yield True
    finally:
        os.close(number)
