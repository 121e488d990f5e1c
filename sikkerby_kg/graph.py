"""The knowledge graph: one object over content, store and saved queries, under every skin."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sikkerby_kg import sparql, terms
from sikkerby_kg.about import About, declared_prefixes, read_about
from sikkerby_kg.catalog import Described
from sikkerby_kg.citations import Citation, described, meanings_of, of_dataset, values_of
from sikkerby_kg.description import Description, describe
from sikkerby_kg.dump import dump
from sikkerby_kg.entities import resolve
from sikkerby_kg.errors import ContentError, ParameterError, StoreError, UnknownNameError
from sikkerby_kg.folders import Folders, find_folders
from sikkerby_kg.graphs import Graphs
from sikkerby_kg.labels import Labels
from sikkerby_kg.local import LocalStore
from sikkerby_kg.namespaces import DCT, PREFIXES, RDFS, SH, SKOS
from sikkerby_kg.ontology import Ontology, read_ontology
from sikkerby_kg.parameters import Parameter
from sikkerby_kg.queries import Queries, SavedQuery, without_header
from sikkerby_kg.results import Result
from sikkerby_kg.search import LIMIT, PROPERTIES, Entry, Hit, SearchIndex, build_index, search
from sikkerby_kg.self_description import describe_itself
from sikkerby_kg.services import Services
from sikkerby_kg.settings import Settings
from sikkerby_kg.statistics import statistics_of
from sikkerby_kg.stores import Store, open_store
from sikkerby_kg.validation import ValidationReport, validate_content
from sikkerby_kg.verification import Verification, verify

if TYPE_CHECKING:
    import rdflib


class KnowledgeGraph:
    """Everything that can be asked of the content of one root folder. Made by ``open_graph``."""

    def __init__(self, folders: Folders, store: Store, settings: Settings) -> None:
        self.folders = folders
        self._store: Store | None = store
        self.settings = settings

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store; what needs it raises StoreError afterwards. Closing again does nothing."""
        self._store = None
        self.__dict__.pop("labels", None)

    @property
    def store(self) -> Store:
        """The store that answers. Raises StoreError once the graph has been closed."""
        if self._store is None:
            raise StoreError("store.closed")
        return self._store

    @property
    def version(self) -> str | None:
        """What identifies the content that is asked, the same in every process; None for an endpoint."""
        return self.store.digest

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Prefix → namespace: the standard ones, and those that the content declares."""
        return {**declared_prefixes(self.store), **PREFIXES}

    @cached_property
    def about(self) -> About:
        """What the content says about itself: base IRI, title, description, licence.

        Raises ContentError if the content has no such record, or several.
        """
        return read_about(self.store)

    @property
    def base(self) -> str:
        """The base IRI of the content, under which its own things are named."""
        return self.about.base

    @cached_property
    def labels(self) -> Labels:
        """The labels of things, in any language."""
        try:
            base = self.base
        except ContentError:
            base = ""
        return Labels(self.store, self.prefixes, base)

    def label(self, iri: str, lang: str | None = None) -> str:
        """What a thing is called in a language, or the nearest there is; at worst a short form of its IRI."""
        return self.labels.of(iri, lang or self.settings.lang).text

    def ontology(self, lang: str | None = None) -> Ontology:
        """The classes, properties and code lists of the content, ordered by their labels in a language."""
        return read_ontology(self.store, self.labels, lang or self.settings.lang)

    def resolve(self, text: str) -> str:
        """The IRI that a text means: an IRI, a CURIE, the end of an IRI of the content, or a name.

        Raises UnknownNameError if the graph states nothing about it, or if it may mean several things.
        """
        base = self.labels.base
        return resolve(self.store, self.labels, text, self.prefixes, base)

    def describe(self, text: str, lang: str | None = None) -> Description:
        """Everything that is stated about a thing, in both directions, each statement with its sources.

        ``text`` is what ``resolve`` takes; labels are in ``lang`` where there are any.
        Raises UnknownNameError.
        """
        return describe(self.store, self.labels, self.resolve(text), lang or self.settings.lang)

    @cached_property
    def index(self) -> SearchIndex:
        """The words in names, definitions and saved questions, put together when one is first searched for.

        Raises SavedQueryError for a broken query.
        """
        entries = [
            Entry(iri, PROPERTIES.index(name), lang, said)
            for iri, query in self.questions.items()
            for name, texts in ((SKOS.prefLabel, query.question), (DCT.description, query.description))
            for lang, said in texts.items()
        ]
        return build_index(self.store, entries, dict.fromkeys(self.questions, SH.SPARQLExecutable))

    @cached_property
    def questions(self) -> Mapping[str, SavedQuery]:
        """The saved queries by IRI; none where the content has no base to make IRIs of."""
        base = self.labels.base
        return {f"{base}query/{query.name}": query for query in self.queries.values()} if base else {}

    def search(self, text: str, lang: str | None = None, limit: int = LIMIT) -> tuple[Hit, ...]:
        """The things whose names or definitions hold words that begin with every word of a text, best first.

        Where these are few, words that hold the typed ones count, too; where there are none, words that are
        spelled nearly so. Saved queries are found by their questions.
        At most ``limit``, never more than ``search.MOST``. Any text is fine; one without words finds none.
        """
        lang = lang or self.settings.lang
        return tuple(
            replace(hit, label=self.questions[hit.iri].question[lang]) if hit.iri in self.questions else hit
            for hit in search(self.index, self.labels, text, lang, limit)
        )

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
        return self.answer(self.queries[name], parameters, lang)

    def answer(self, query: SavedQuery, values: Mapping[str, object], lang: str | None = None) -> Result:
        """The result of a saved query with its parameters in a mapping; otherwise the same as ``query``."""
        return self.store.evaluate(query.bind(values, self.prefixes, lang))

    def meant(self, query: SavedQuery, values: Mapping[str, str]) -> dict[str, str]:
        """Values for a saved query, with the IRI for a name or the end of an IRI, as ``resolve`` takes them.

        A value that means nothing, or several things, stays as it is, to be refused with its parameter.
        """
        found = dict(values)
        for parameter in query.parameters:
            value = values.get(parameter.name, "").strip()
            if parameter.type == "iri" and value:
                try:
                    parameter.term(value, self.prefixes)
                except ParameterError:
                    with suppress(UnknownNameError):
                        found[parameter.name] = self.resolve(value)
        return found

    def cite(
        self, query: SavedQuery, values: Mapping[str, str], lang: str | None = None, url: str = ""
    ) -> Citation:
        """What a saved query answers with values (as ``meant`` gives them), and what the answer rests on.

        ``url`` is where the answer can be had again. Raises ParameterError for a wrong or missing value.
        """
        lang = lang or self.settings.lang
        citation = Citation(
            question=query.question[lang],
            description="".join(words.text for words in described(query, self.queries, self.labels, lang)),
            values=values_of(query, values, self.labels, lang),
            empty=query.empty[lang] if query.empty else "",
            url=url,
            sparql=without_header(query.bind(values, self.prefixes, lang)),
            meanings=dict(meanings_of(query, self.definitions, lang)),
        )
        return self.cited(citation, lang)

    def cited(self, citation: Citation, lang: str | None = None) -> Citation:
        """A citation that names the dataset as well, if that has a record of itself."""
        with suppress(ContentError):
            return of_dataset(citation, self.about, lang or self.settings.lang)
        return citation

    @cached_property
    def definitions(self) -> Mapping[str, Mapping[str, str]]:
        """IRI → language → definition of every term that the content declares."""
        return {term.iri: term.definition for term in self.ontology().terms if term.definition}

    def choices(self, parameter: Parameter, lang: str | None = None) -> list[tuple[str, str]]:
        """What a parameter may be chosen from: IRI and label of each instance of its class, by label."""
        if parameter.choices is None:
            return []
        query = (
            f"SELECT DISTINCT ?it {{ ?it a/<{RDFS.subClassOf}>* <{parameter.choices}> FILTER(isIRI(?it)) }}"
        )
        iris = [terms.to_python(it) for (it,) in self.store.evaluate(query).solutions()]
        self.labels.prefetch(iris)
        return sorted(((iri, self.label(iri, lang)) for iri in iris), key=lambda pair: pair[1].casefold())

    def sparql(self, text: str, graphs: Graphs | None = None, *, base: str = "") -> Result:
        """The result of any SPARQL 1.1 query; the prefixes of ``prefixes`` need no declaration.

        ``graphs`` is the dataset to ask instead of everything, or of what the FROM of the query says;
        ``base`` is what relative IRIs in the query are resolved against.
        Raises SparqlSyntaxError with line and column, SparqlRefusedError, StoreError, or ServiceError if a
        service fails that the settings allow it to call.
        """
        answers = sparql.called(text, self.services, self.prefixes, base)
        return sparql.evaluate(self.store, text, self.prefixes, graphs, base, answers)

    @cached_property
    def services(self) -> Services:
        """The services that queries may call: those that the settings name."""
        settings = self.settings
        is_private = settings.service_networks == "any"
        return Services(settings.services.split(), private=is_private, seconds=settings.timeout)

    @cached_property
    def described(self) -> Described:
        """What the description of the content for machines is made from: computed once.

        Raises ContentError if the content has no record of itself, SavedQueryError for a broken query.
        """
        queries = tuple(self.queries.values())
        return Described(self.about, self.prefixes, queries, statistics_of(self.store))

    def describe_itself(self) -> None:
        """Put prefixes and saved queries into the graph, if it is in memory, before it is served.

        Raises SavedQueryError for a broken query.
        """
        if isinstance(self.store, LocalStore):
            describe_itself(self.store, self.queries)

    def validate(self, paths: Sequence[str | Path] = ()) -> ValidationReport:
        """The report on the content of the root or, if paths are given, on those files and folders.

        What is validated are the files, whatever the store. A file of the content is validated within it; any
        other stands alone with the ontology. Raises ContentError for what cannot be found, read or used, and
        for more than the setting ``files_megabytes`` allows.
        """
        most = self.settings.files_megabytes
        return validate_content(self.folders, [Path(path) for path in paths], most)

    def verify(self, path: str | Path) -> Verification:
        """A text file held against the checksums of the text that was read, and of every passage in it.

        Raises ContentError if the file cannot be read or the content describes no text.
        """
        return verify(self.store.quads(), Path(path))

    def dump(self, name: str = "trig") -> bytes:
        """All statements in a format: trig, nq or jsonld with their graphs; ttl, nt or xml without.

        Raises UnknownNameError for another format.
        """
        return dump(self.store.quads(), name, self.prefixes)

    @property
    def dataset(self) -> "rdflib.Dataset":
        """The graph under rdflib's API, to be read; its default graph is the union of all named graphs."""
        from sikkerby_kg.under_rdflib import dataset_of  # noqa: PLC0415  (rdflib is slow to import)

        return dataset_of(self.store)


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
