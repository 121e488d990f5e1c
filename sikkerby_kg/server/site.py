"""What every request of one app shares: the graph, its addresses, and what is computed once."""

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote, unquote

from flask import current_app, g
from pyoxigraph import NamedNode, QuerySolution

from sikkerby_kg.about import About
from sikkerby_kg.errors import ContentError
from sikkerby_kg.graph import KnowledgeGraph
from sikkerby_kg.held_text import HeldText, hold_text
from sikkerby_kg.judging import Judges, limits_of
from sikkerby_kg.labels import Label
from sikkerby_kg.moment import Moments
from sikkerby_kg.namespaces import expand, shrink
from sikkerby_kg.ontology import Term
from sikkerby_kg.results import Result
from sikkerby_kg.server.alignments import types_of
from sikkerby_kg.server.edition import digest, edition_of
from sikkerby_kg.server.kinds import Kinds
from sikkerby_kg.server.urls import Addresses
from sikkerby_kg.shape_rules import Shapes, read_shapes
from sikkerby_kg.statistics import graph_sizes
from sikkerby_kg.texts import LANGUAGES, text
from sikkerby_kg.workers import MEGABYTE, Limits, Runner, without_pool

EXTENSION = "sikkerby_kg"

_T = TypeVar("_T")

OVERVIEWS = 256
"""Answers about the whole content that are remembered; the one that came first makes room."""

_IS_DESCRIBED = "ASK {{ {{ {iri} ?p ?o }} UNION {{ ?s ?p {iri} }} UNION {{ GRAPH {iri} {{ ?s ?p ?o }} }} }}"


class Site:
    """One content, as it is served. ``runner`` runs the queries of readers: a pool, else this process.

    ``judges`` hold content and files of readers against the shapes; they begin when they are first needed.
    """

    def __init__(self, graph: KnowledgeGraph, runner: Runner | None = None) -> None:
        self.graph = graph
        self.runner = runner or without_pool(graph.store, graph.prefixes, Limits.of(graph.settings))
        self.judges = judges_of(graph)
        self.addresses = Addresses(graph.labels.base)
        self._kind_names: dict[str, str] = {}
        self._shorts: dict[str, str] = {}
        self._overviews: dict[str, tuple[float, object]] = {}

    @cached_property
    def edition(self) -> str | None:
        """What identifies everything that answers are made from; None for a store that may change.

        To be looked at before the first request, so that it is that of the files that were read.
        """
        edition = edition_of(self.graph)
        return digest(edition.encode(), self.held.digest.encode()) if edition and self.held else edition

    @cached_property
    def held(self) -> HeldText | None:
        """The text that the operator holds; None if no file is named. Raises ContentError for another."""
        path = self.graph.settings.text
        return hold_text(self.graph.store.quads(), Path(path)) if path else None

    @cached_property
    def shapes(self) -> Shapes:
        """What the shapes of the content demand."""
        return read_shapes(self.graph.store)

    @cached_property
    def about(self) -> About | None:
        """What the content says about itself; None if it says nothing."""
        try:
            return self.graph.about
        except ContentError:
            return None

    def name(self, lang: str) -> Label:
        """What the site is called: the title of the dataset."""
        return in_language(self.about.title if self.about else {}, lang) or Label(
            text("web.unnamed_site", lang)
        )

    @cached_property
    def kinds(self) -> Kinds:
        """The classes that things belong to, counted."""
        return Kinds(self.graph)

    @cached_property
    def moments(self) -> Moments:
        """When things held and happened."""
        return Moments(self.graph.store)

    @property
    def graph_sizes(self) -> Mapping[str, int]:
        """Graph → the number of its statements; remembered like an overview."""
        return self._remembered("sizes of graphs", lambda: graph_sizes(self.graph.store))

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """The classes, properties and concepts that the content declares, by IRI."""
        return {term.iri: term for term in self.graph.ontology().terms}

    @cached_property
    def schema_types(self) -> Mapping[str, str]:
        """Class → the type of schema.org that its things have."""
        return types_of(self.graph)

    def kind_name(self, iri: str) -> str:
        """A class in the address of the list of its instances: a CURIE, its path, or its IRI, quoted."""
        if iri not in self._kind_names:
            curie = shrink(iri, self.graph.prefixes)
            path = self.addresses.document_path(iri) if curie == iri else ""
            self._kind_names[iri] = (path or quote(iri, safe="")) if curie == iri else curie
        return self._kind_names[iri]

    def ask(self, query: str) -> Result:
        """The result of a query of our own, in which the prefixes of the graph need no declaration."""
        return self.graph.store.evaluate(self._prologue + query)

    def overview(self, query: str) -> tuple[QuerySolution, ...]:
        """The solutions of a query about the whole content, asked once; the prefixes need no declaration.

        Of a store that may change they are used as long as a browser may use a page. Not for a query with
        anything in it that a reader wrote, save a date.
        """
        return self._remembered(query, lambda: tuple(self.ask(query).solutions()))

    def _remembered(self, key: str, make: Callable[[], _T]) -> _T:
        now, oldest = time.monotonic(), self.graph.settings.max_age
        if key in self._overviews:
            made, found = self._overviews[key]
            if self.edition is not None or now - made < oldest:
                return cast(_T, found)
        while len(self._overviews) >= OVERVIEWS:
            self._overviews.pop(next(iter(self._overviews)), None)
        self._overviews[key] = (now, found := make())
        return found

    @cached_property
    def _prologue(self) -> str:
        return "".join(f"PREFIX {name}: <{space}>\n" for name, space in self.graph.prefixes.items())

    def short(self, iri: str) -> str:
        """An IRI as a query writes it: with a prefix that needs no declaration, else in full."""
        if iri not in self._shorts:
            curie = shrink(iri, self.graph.prefixes)
            self._shorts[iri] = f"<{iri}>" if curie == iri else curie
        return self._shorts[iri]

    def kind_of_name(self, name: str) -> str | None:
        """The class that ``kind_name`` gave a name; None if the graph knows no such class."""
        possible = (expand(name, self.graph.prefixes), *self.addresses.candidates(name), unquote(name))
        known = (self.kinds.direct, self.terms, self.kinds.above)
        return next((iri for iri in possible if iri and any(iri in names for names in known)), None)

    def is_described(self, iri: str) -> bool:
        """Whether the graph says anything about an IRI, or has a graph of that name; False for no IRI."""
        try:
            node = NamedNode(iri)
        except ValueError:
            return False
        return self.graph.store.evaluate(_IS_DESCRIBED.format(iri=node)).boolean


def judges_of(graph: KnowledgeGraph) -> Judges:
    """Who holds the content of a graph, and files of readers, against its shapes."""
    settings = graph.settings
    return Judges(graph.folders.root, limits_of(settings), settings.validate_megabytes * MEGABYTE)


def in_language(texts: Mapping[str, str], lang: str) -> Label | None:
    """The text in a language, else in the first language that there is; None if there is no text."""
    found = next((name for name in (lang, *LANGUAGES, *texts) if name in texts), None)
    return None if found is None else Label(texts[found], found)


def site() -> Site:
    """The site that this request is answered from, the same one until its end."""
    found: Site | None = g.get(EXTENSION)
    return found or cast(Site, g.setdefault(EXTENSION, current_app.extensions[EXTENSION]))
