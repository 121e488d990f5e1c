"""The knowledge graph: one object over content, store and saved queries, under every skin."""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sikkerby_kg import sparql
from sikkerby_kg.dump import dump
from sikkerby_kg.folders import Folders, find_folders
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.queries import Queries
from sikkerby_kg.results import Result
from sikkerby_kg.settings import Settings
from sikkerby_kg.stores import Store, open_store

if TYPE_CHECKING:
    import rdflib


class KnowledgeGraph:
    """Everything that can be asked of the content of one root folder. Made by ``open_graph``."""

    def __init__(self, folders: Folders, store: Store, settings: Settings) -> None:
        self.folders = folders
        self.store = store
        self.settings = settings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store; the graph cannot be used afterwards."""
        del self.store

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Prefix → namespace: the standard ones, and those that the content declares."""
        return dict(PREFIXES)

    @cached_property
    def queries(self) -> Queries:
        """The saved queries by name."""
        return Queries(self.folders)

    def query(self, name: str, /, *, lang: str | None = None, **parameters: object) -> Result:
        """The result of a saved query.

        Parameters are given by name, as text, plain Python values or RDF terms; one that is None counts as
        not given. ``lang`` chooses the language of labels where the query has a parameter for it.
        Raises UnknownNameError for a query that does not exist, ParameterError naming parameter, type and
        example, SavedQueryError if the file is wrong, or StoreError.
        """
        return self.store.evaluate(self.queries[name].bind(parameters, self.prefixes, lang))

    def sparql(self, text: str) -> Result:
        """The result of any SPARQL 1.1 query; the prefixes of ``prefixes`` need no declaration.

        Raises SparqlSyntaxError with line and column, SparqlRefusedError, or StoreError.
        """
        return sparql.evaluate(self.store, text, self.prefixes)

    def dump(self, name: str = "trig") -> bytes:
        """All statements in a format: trig, nq or jsonld with their graphs; ttl, nt or xml without.

        Raises UnknownNameError for another format.
        """
        return dump(self.store.quads(), name, self.prefixes)

    @property
    def dataset(self) -> "rdflib.Dataset":
        """The graph under rdflib's API; its default graph is the union of all named graphs."""
        return self.store.dataset


def open_graph(
    root: str | Path | None = None, store: str | Path | None = None, settings: Settings | None = None
) -> KnowledgeGraph:
    """The knowledge graph of a root folder in a store.

    ``root`` is a folder with ontology/, data/, queries/ and web/; ``store`` is ``"memory"``, a folder on
    disk, or the URL of a SPARQL 1.1 endpoint. What is not given comes from ``settings``, else from the
    environment (SIKKERBY_ROOT, SIKKERBY_STORE), else from the defaults: our own content in memory.
    Raises FoldersNotFoundError, ContentError, StoreError or SettingError.
    """
    settings = settings or Settings.from_environment(os.environ)
    settings = settings.with_changes(root=root and str(root), store=store and str(store))
    folders = find_folders(settings.root)
    return KnowledgeGraph(folders, open_store(settings.store, folders, settings.timeout), settings)
