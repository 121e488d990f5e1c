"""Pages about the site itself: the dataset, how to cite it, the limits of the service, accessibility.

What is said of one content comes from its own record of itself and from counting; the texts fit any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

from flask import Blueprint, render_template, url_for
from pyoxigraph import NamedNode

from sikkerby_kg import terms
from sikkerby_kg.about import About
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import DCAT, DCT, ORG, PROV, RDF, SIK
from sikkerby_kg.server.catalog import LIMITS, places
from sikkerby_kg.server.language import language
from sikkerby_kg.server.security import is_safe_link
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.settings import PREFIX
from sikkerby_kg.texts import text
from sikkerby_kg.written import date_text, number_text

blueprint = Blueprint("about", __name__)

HAPPENINGS = ("time", "memory", "cut", "refused", "capacity", "client")
"""What happens at a limit; each has its sentence."""

COUNTS = {
    "statements": "SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }",
    "things": f"SELECT (COUNT(DISTINCT ?thing) AS ?count) WHERE {{ ?thing <{RDF.type}> ?class }}",
    "graphs": "SELECT (COUNT(DISTINCT ?graph) AS ?count) WHERE { GRAPH ?graph { ?s ?p ?o } }",
    "passages": (
        "SELECT (COUNT(DISTINCT ?passage) AS ?count) WHERE "
        f"{{ ?graph <{PROV.wasDerivedFrom}> ?passage . ?passage <{RDF.type}> <{SIK.Passage}> }}"
    ),
    "actors": (
        "SELECT (COUNT(DISTINCT ?actor) AS ?count) WHERE { "
        f"VALUES ?class {{ <{ORG.Organization}> <{ORG.FormalOrganization}> <{ORG.OrganizationalUnit}> "
        f"<{ORG.OrganizationalCollaboration}> }} ?actor <{RDF.type}> ?class }}"
    ),
    "gaps": f"SELECT (COUNT(DISTINCT ?gap) AS ?count) WHERE {{ ?gap <{RDF.type}> <{SIK.KnowledgeGap}> }}",
}
"""What is counted, and the query that gives the number: the page links to it."""

TESTED = ("automatic", "keyboard", "zoom", "targets", "motion", "scripts", "colours", "print")
"""How accessibility was tested; each has its sentence."""

LIMITATIONS = ("tables", "iris", "languages", "readers")
"""What is known to be hard; each has its sentence."""

_VCARD = "http://www.w3.org/2006/vcard/ns#"
_ORIGINS = f"SELECT DISTINCT ?graph ?origin WHERE {{ ?graph <{DCT.type}> ?origin FILTER(isIRI(?origin)) }}"
_CONTACTS = f"""SELECT DISTINCT ?point ?address WHERE {{{{
  {{dataset}} <{DCAT.contactPoint}> ?point
  OPTIONAL {{{{ ?point <{_VCARD}hasEmail>|<{_VCARD}hasURL> ?address }}}}
}}}}"""


@dataclass(frozen=True, slots=True)
class LimitView:
    """One limit: its setting, its value and what it limits."""

    setting: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class CountView:
    """A number in words, leading to the query that gives it."""

    number: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class OriginView:
    """A kind of origin: what it means, and how many graphs and statements have it."""

    origin: Shown
    meaning: Label | None
    graphs: str
    statements: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the content says about itself."""

    name: str
    values: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Citation:
    """How to cite something: what, and the words to copy."""

    what: str
    words: str


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What the template gets."""

    description: Label | None
    notes: Sequence[Label]
    counts: Sequence[CountView]
    origins: Sequence[OriginView]
    facts: Sequence[Fact]
    citations: Sequence[Citation]
    limits: Sequence[LimitView]
    happenings: Sequence[str]


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    """What the template of the accessibility statement gets."""

    description: str
    tested: Sequence[str]
    limitations: Sequence[str]
    contacts: Sequence[Shown]


@blueprint.get("/about")
def about() -> str:
    """Show what the graph holds, how it came about, how to cite it, and the limits with their values."""
    lang, show, found = language(), Show(), site().about
    note = in_language(found.notes, lang) if found else None
    page = AboutPage(
        description=in_language(found.description, lang) if found else None,
        notes=[note] if note else [],
        counts=list(_counts(lang)),
        origins=_origins(show, lang),
        facts=list(_facts(found, show, lang)) if found else [],
        citations=list(_citations(found, lang)) if found else [],
        limits=list(_limits(lang)),
        happenings=[text(f"web.limit.{name}", lang) for name in HAPPENINGS],
    )
    return render_template("about.html", page=page)


@blueprint.get("/accessibility")
def accessibility() -> str:
    """Show the accessibility statement."""
    lang, found = language(), site().about
    page = AccessibilityPage(
        description=text("web.accessibility_lead", lang),
        tested=[text(f"web.accessibility.tested.{name}", lang) for name in TESTED],
        limitations=[text(f"web.accessibility.hard.{name}", lang) for name in LIMITATIONS],
        contacts=_contacts(found, Show()) if found else [],
    )
    return render_template("accessibility.html", page=page)


def _counts(lang: str) -> Iterator[CountView]:
    for name, query in COUNTS.items():
        ((number,),) = site().overview(query)
        count = terms.to_python(number)
        if count:
            href = url_for("endpoint.sparql", query=query, format="html")
            said = text(f"web.counted.{name}.one" if count == 1 else f"web.counted.{name}", lang)
            yield CountView(number_text(count, lang), said, href)


def _origins(show: Show, lang: str) -> list[OriginView]:
    """The kinds of origin by the number of their statements; a statement in two graphs counts twice."""
    sizes, graphs = site().graph_sizes, dict[str, set[str]]()
    for graph, origin in site().overview(_ORIGINS):
        if terms.to_python(graph) in sizes:
            graphs.setdefault(terms.to_python(origin), set()).add(terms.to_python(graph))
    show.prefetch(graphs)
    counted = {origin: sum(sizes[graph] for graph in members) for origin, members in graphs.items()}
    return [
        OriginView(
            origin=show.iri(origin),
            meaning=in_language(site().terms[origin].definition, lang) if origin in site().terms else None,
            graphs=number_text(len(graphs[origin]), lang),
            statements=number_text(count, lang),
        )
        for origin, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _facts(found: About, show: Show, lang: str) -> Iterator[Fact]:
    """What the content says about itself, in the order that readers ask for it."""
    show.prefetch([*found.sources, *found.publishers])
    licence = found.license or ""
    facts = {
        "source": [_named(iri, show) for iri in found.sources],
        "publisher": [_named(iri, show) for iri in found.publishers],
        "version": [Shown(found.version)] if found.version else [],
        "modified": [_date(found.modified, lang)] if found.modified else [],
        "licence": [Shown(licence, href=licence if is_safe_link(licence) else "", outside=True)][
            : bool(licence)
        ],
        "iri": [Shown(found.iri)],
    }
    for name, values in facts.items():
        if values:
            yield Fact(text(f"web.fact.{name}", lang), values)


def _citations(found: About, lang: str) -> Iterator[Citation]:
    """Words to cite the dataset, a page, and the answer to a question, at the version that is served."""
    show, label = Show(), in_language(found.title, lang)
    title = label.text if label else site().name(lang).text
    within = text("web.cite.in", lang, title=title)
    by = ", ".join(_named(value, show).text for value in found.publishers)
    when = [text("web.cite.version", lang, version=found.version)] if found.version else []
    when += [_date(found.modified, lang).text] if found.modified else []

    def cited(what: str, name: str, address: str) -> Citation:
        parts = [part.rstrip(".") for part in (by, name, ", ".join(when), address) if part]
        return Citation(text(f"web.cite.{what}", lang), ". ".join(parts))

    yield cited("dataset", title, found.iri)
    for iri in found.subjects[:1]:
        yield cited("page", f"{show.label(iri).text}. {within}", iri)
    for query in [*site().graph.queries.values()][:1]:
        address = urljoin(places().home, url_for("saved.query", name=query.name))
        yield cited("query", f"{query.question.get(lang, query.name)} {within}", address)


def _limits(lang: str) -> Iterator[LimitView]:
    values = site().graph.settings.as_dict()
    for name in LIMITS:
        value = number_text(float(values[name]), lang)
        yield LimitView(PREFIX + name.upper(), value, text(f"cli.serve.{name}", lang))


def _named(value: str, show: Show) -> Shown:
    """An IRI by its name; anything else as it is."""
    return show.iri(value) if is_safe_link(value) else Shown(value)


def _date(value: str, lang: str) -> Shown:
    """A date as people read it, if it is one."""
    try:
        return Shown(date_text(date.fromisoformat(value), lang), when=value)
    except ValueError:
        return Shown(value)


def _contacts(found: About, show: Show) -> list[Shown]:
    """Where to write to: the mail addresses and pages of the dataset's contact point, else itself."""
    answers = site().graph.store.evaluate(_CONTACTS.format(dataset=NamedNode(found.iri))).solutions()
    rows = [(terms.to_python(point), terms.to_python(address)) for point, address in answers]
    addresses = sorted({address or point for point, address in rows})
    return [
        Shown(address.removeprefix("mailto:"), href=address, outside=True)
        if address.startswith("mailto:")
        else _named(address, show)
        for address in addresses
    ]
