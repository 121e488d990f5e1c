"""The page of one thing: its description arranged for reading, each statement with the mark of its source."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from flask import url_for

from sikkerby_kg.description import Description, Statement, describe
from sikkerby_kg.formats import RDF_FORMATS
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import DCT, PROV, RDF, RDFS, SIK, SKOS
from sikkerby_kg.server.contents import Contents, contents_of
from sikkerby_kg.server.language import language
from sikkerby_kg.server.moments import MomentView, trimmed
from sikkerby_kg.server.neighbours import named, neighbours_of
from sikkerby_kg.server.passages import PassageView, passage_view
from sikkerby_kg.server.reference import ReferenceView, reference_of
from sikkerby_kg.server.sections import Arrangement, SectionView
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.server.statements import ORIGINS, SourceView, Statements
from sikkerby_kg.texts import text

LEADS = (SKOS.definition, DCT.description, RDFS.comment, SIK.keyPhrase)


@dataclass(frozen=True, slots=True)
class DownloadView:
    """The document in a format."""

    text: str
    href: str
    media_type: str


@dataclass(frozen=True, slots=True)
class LeadView:
    """The sentence that a page begins with, and where it comes from."""

    value: Shown
    sources: Sequence[SourceView]


@dataclass(frozen=True, slots=True)
class LegendView:
    """A kind of origin on a page, and what it means."""

    style: str
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class EntityPage:
    """What the template of a document gets.

    ``sections`` are the parts of the page in order; ``passage`` and ``reference`` are there for places in a
    text and for terms and shapes; ``contents`` is what a graph, or the graphs of a passage, hold.
    """

    iri: str
    label: Label
    kinds: Sequence[Shown]
    trail: Sequence[Shown]
    lead: LeadView | None
    passage: PassageView | None
    reference: ReferenceView | None
    sections: Sequence[SectionView]
    contents: Sequence[Contents]
    legend: Sequence[LegendView]
    downloads: Sequence[DownloadView]
    moment: MomentView


def entity_page(iri: str) -> EntityPage:
    """The page about an IRI that the graph says something about."""
    graph = site().graph
    description = describe(graph.store, graph.labels, iri, language())
    show = Show()
    description, moment = trimmed(description, show)
    told = neighbours_of(_linked(description))
    show.prefetch((*_iris(description), *named(told.values())))
    statements = Statements(show, iri, told)
    types = [reference.iri for reference in description.types]
    kinds = [statements.kind(each) for each in types]
    arrangement = Arrangement(description, statements, types)
    lead = _lead(arrangement, statements)
    reference = reference_of(iri, types, show)
    for name in reference.told if reference else ():
        arrangement.skip(name)
    passage = passage_view(iri, types, show)
    sections = arrangement.sections()
    home = Shown(text("web.home", language()), href=url_for("pages.home"))
    return EntityPage(
        iri=iri,
        label=show.label(iri),
        kinds=kinds,
        trail=[home, *(passage.trail if passage else kinds[:1])],
        lead=lead,
        passage=passage,
        reference=reference,
        sections=sections,
        contents=list(contents_of(_graphs(description, types), show)),
        legend=_legend(statements.styles),
        downloads=[
            DownloadView(
                text(f"web.format.{f.name}", language()), site().addresses.href(iri, f.name), f.media_type
            )
            for f in RDF_FORMATS
        ],
        moment=moment,
    )


def _linked(description: Description) -> Iterable[str]:
    """The things at the other ends of statements."""
    for statement in (*description.outgoing, *description.incoming):
        if statement.value.iri and statement.property.iri != RDF.type:
            yield statement.value.iri


def _iris(description: Description) -> Iterable[str]:
    yield description.iri
    for statement in (*description.outgoing, *description.incoming):
        for one in (statement, *statement.inner):
            yield one.property.iri
            if one.value.iri:
                yield one.value.iri
        for source in statement.sources:
            yield source.graph.iri


def _graphs(description: Description, types: Sequence[str]) -> list[str]:
    """The graphs whose statements the page shows: those read from a passage; a graph's own."""
    if SIK.Passage in types:
        return _graphs_read_from(description)
    return [description.iri] if description.iri in site().graph_sizes else []


def _graphs_read_from(description: Description) -> list[str]:
    """The graphs that hold what was read from a passage."""
    return [
        s.value.iri for s in description.incoming if s.property.iri == PROV.wasDerivedFrom and s.value.iri
    ]


def _lead(arrangement: Arrangement, statements: Statements) -> LeadView | None:
    """The definition, description or key phrase, in the page's language if there is one in it."""
    for name in LEADS:
        found: list[tuple[Shown, Statement]] = [
            (statements.value(each.value), each) for each in arrangement.about((name, False))
        ]
        if not found:
            continue
        shown, statement = min(found, key=lambda pair: _preference(pair[0]))
        arrangement.take((name, False), statement)
        if name == SIK.keyPhrase:
            shown = replace(shown, text=text("web.quoted", language(), phrase=shown.text))
        return LeadView(shown, [statements.source(one) for one in statement.sources])
    return None


def _preference(shown: Shown) -> tuple[bool, bool, str]:
    return (shown.lang != language(), shown.lang != "", shown.text)


def _legend(styles: set[str]) -> list[LegendView]:
    """What the marks on a page mean, in the order of how near they are to the source."""
    lang = language()
    return [
        LegendView(style, text(f"web.origin.{style}", lang), text(f"web.origin_means.{style}", lang))
        for style in (*ORIGINS, "other")
        if style in styles
    ]
