"""The page of one thing: its description arranged for reading, each statement with the mark of its source."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask import url_for
from pyoxigraph import Literal, NamedNode

from sikkerby_kg.description import Description, Statement, Value, describe
from sikkerby_kg.formats import RDF_FORMATS
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import DCT, PROV, RDF, RDFS, SIK, SKOS, local_name
from sikkerby_kg.server.contents import Contents, contents_of
from sikkerby_kg.server.language import language
from sikkerby_kg.server.moments import MomentView, trimmed
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.shown import Show, Shown, host
from sikkerby_kg.server.site import site
from sikkerby_kg.sources import Passage, Source
from sikkerby_kg.texts import text

VALUES = 100
"""Values shown of one property; the page says so when there are more."""

LEADS = (SKOS.definition, DCT.description, RDFS.comment, SIK.keyPhrase)
ORIGINS = frozenset({"asserted", "editorial", "derived", "enriched", "gaps", "provenance"})


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A passage that a statement was read from: its section, its place in words, its key phrase."""

    section: Shown | None
    place: Shown
    phrase: Shown | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """The mark of a source, and what it opens to. ``style`` says what kind of origin it is."""

    style: str
    mark: Shown
    graph: Shown
    origin: Shown | None
    places: Sequence[PlaceView]
    pages: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class StatementView:
    """One value, or what is stated about a node without a name, with its sources and its position."""

    value: Shown
    sources: Sequence[SourceView]
    nested: "Sequence[GroupView]" = ()
    position: float = math.inf


@dataclass(frozen=True, slots=True)
class GroupView:
    """The statements with one property; ``rest`` more are not shown."""

    property: Shown
    statements: Sequence[StatementView]
    rest: int = 0


@dataclass(frozen=True, slots=True)
class DownloadView:
    """The document in a format."""

    text: str
    href: str
    media_type: str


@dataclass(frozen=True, slots=True)
class EntityPage:
    """What the template of a document gets."""

    iri: str
    label: Label
    kinds: Sequence[Shown]
    trail: Sequence[Shown]
    lead: Sequence[Shown]
    outgoing: Sequence[GroupView]
    incoming: Sequence[GroupView]
    contents: Sequence[Contents]
    is_passage: bool
    instances: Shown | None
    downloads: Sequence[DownloadView]
    moment: MomentView


def entity_page(iri: str) -> EntityPage:
    """The page about an IRI that the graph says something about."""
    graph = site().graph
    description = describe(graph.store, graph.labels, iri, language())
    show = Show()
    show.prefetch(_iris(description))
    description, moment = trimmed(description, show)
    view = _View(show)
    kinds = [show.kind(reference.iri) for reference in description.types]
    is_passage = SIK.Passage in {reference.iri for reference in description.types}
    label = show.label(iri)
    home = Shown(text("web.home", language()), href=url_for("pages.home"))
    return EntityPage(
        iri=iri,
        label=label,
        kinds=kinds,
        trail=[home, *kinds[:1]],
        lead=view.lead(description),
        outgoing=view.groups(description.outgoing),
        incoming=view.groups(description.incoming, incoming=True),
        contents=list(contents_of(_graphs_read_from(description) if is_passage else [iri], show)),
        is_passage=is_passage,
        instances=show.kind(iri) if iri in site().kinds.direct else None,
        downloads=[
            DownloadView(
                text(f"web.format.{f.name}", language()), site().addresses.href(iri, f.name), f.media_type
            )
            for f in RDF_FORMATS
        ],
        moment=moment,
    )


def _iris(description: Description) -> Iterable[str]:
    yield description.iri
    for statement in (*description.outgoing, *description.incoming):
        for one in (statement, *statement.inner):
            yield one.property.iri
            if one.value.iri:
                yield one.value.iri
        for source in statement.sources:
            yield source.graph.iri


def _graphs_read_from(description: Description) -> list[str]:
    """The graphs that hold what was read from a passage."""
    return [
        s.value.iri for s in description.incoming if s.property.iri == PROV.wasDerivedFrom and s.value.iri
    ]


class _View:
    """Arranges statements for one page."""

    def __init__(self, show: Show) -> None:
        self.show = show
        self.lang = language()
        self._sources: dict[str, SourceView] = {}

    def lead(self, description: Description) -> list[Shown]:
        """The definition, description or key phrase, in the page's language if there is one in it."""
        for name in LEADS:
            found = [self.value(s.value) for s in description.outgoing if s.property.iri == name]
            found.sort(key=lambda shown: (shown.lang != self.lang, shown.lang != "", shown.text))
            if found and name == SIK.keyPhrase:
                return [replace(found[0], text=text("web.quoted", self.lang, phrase=found[0].text))]
            if found:
                return found[:1]
        return []

    def groups(self, statements: Sequence[Statement], *, incoming: bool = False) -> list[GroupView]:
        """Statements by property, values by name, those in the page's language first."""
        found: dict[str, list[Statement]] = {}
        for statement in statements:
            found.setdefault(statement.property.iri, []).append(statement)
        groups = []
        for name, members in found.items():
            is_class = name == RDF.type and not incoming
            views = sorted(
                (self.statement(member, is_class=is_class) for member in members),
                key=lambda view: (_is_foreign(view, self.lang), view.position, alphabetical(view.value.text)),
            )
            groups.append(GroupView(self.show.property(name), views[:VALUES], max(len(views) - VALUES, 0)))
        return groups

    def statement(self, statement: Statement, *, is_class: bool) -> StatementView:
        iri = statement.value.iri
        value = self.show.kind(iri) if is_class and iri else self.value(statement.value)
        return StatementView(
            value,
            [self.source(one) for one in statement.sources],
            self.groups(statement.inner),
            math.inf if statement.value.position is None else statement.value.position,
        )

    def value(self, value: Value) -> Shown:
        if value.iri:
            return self.show.iri(value.iri)
        language_tag = getattr(value.term, "language", None)
        datatype = getattr(value.term, "datatype", None)
        if type(value.term).__name__ == "BNode":
            return Shown("[…]")
        if language_tag:
            return self.show.literal(Literal(str(value.term), language=language_tag))
        if datatype:
            return self.show.literal(Literal(str(value.term), datatype=NamedNode(str(datatype))))
        return Shown(str(value.term))

    def source(self, source: Source) -> SourceView:
        """The view of a source, made once per page."""
        if source.graph.iri not in self._sources:
            self._sources[source.graph.iri] = SourceView(
                style=_style(source),
                mark=self.mark(source),
                graph=self.show.iri(source.graph.iri),
                origin=self.show.iri(source.origin.iri, source.origin.label) if source.origin else None,
                places=[self.place(passage) for passage in source.passages],
                pages=[self.show.iri(page.iri) for page in source.pages],
            )
        return self._sources[source.graph.iri]

    def mark(self, source: Source) -> Shown:
        """What the closed mark says: the place, or the kind of origin and whose page it rests on."""
        places = [passage.words(self.lang) for passage in source.passages]
        if _style(source) == "asserted" and places:
            return Shown("; ".join(places), self.lang)
        name = source.origin.label if source.origin else source.graph.label
        if len(places) > 1:
            places = [text("web.places", self.lang, count=len(places))]
        where = ", ".join(places or sorted({host(page.iri) for page in source.pages}))
        return Shown(f"{name.text}: {where}" if where else name.text, name.language)

    def place(self, passage: Passage) -> PlaceView:
        place = self.show.iri(passage.iri, Label(passage.words(self.lang), self.lang))
        phrase = Shown(passage.key_phrase, passage.key_phrase_language) if passage.key_phrase else None
        if passage.section is None:
            return PlaceView(None, place, phrase)
        section = self.show.iri(passage.section.iri)
        said = text("web.section", self.lang, number=passage.section_number or "–", title=section.text)
        return PlaceView(replace(section, text=said), place, phrase)


def _style(source: Source) -> str:
    """The kind of origin: by the name of its concept if the model has that name, else by what is known."""
    name = local_name(source.origin.iri) if source.origin else ""
    if name in ORIGINS:
        return name
    if source.passages:
        return "asserted"
    return "enriched" if source.pages else "other"


def _is_foreign(view: StatementView, lang: str) -> bool:
    return view.value.lang not in ("", lang)
