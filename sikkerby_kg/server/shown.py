"""Terms of the graph as people read them: a text, its language, and where it leads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from flask import url_for
from pyoxigraph import BlankNode, Literal, NamedNode

from sikkerby_kg import terms
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import MODEL, PREFIXES, RDF, SIK, XSD, shrink
from sikkerby_kg.server.language import language
from sikkerby_kg.server.memory import Memory
from sikkerby_kg.server.security import is_safe_link
from sikkerby_kg.server.site import Site, in_language, site
from sikkerby_kg.server.urls import readable
from sikkerby_kg.sources import Passage, find_passages
from sikkerby_kg.texts import has_text, text
from sikkerby_kg.written import date_text, number_text

_NUMBERS = frozenset({XSD.integer, XSD.decimal, XSD.nonNegativeInteger, XSD.positiveInteger})
_QUIET_TYPES = _NUMBERS | {XSD.string, XSD.date, XSD.dateTime, XSD.gYear, XSD.boolean, XSD.anyURI}
"""The datatypes that readers see without being told."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A text to show. ``lang`` is empty if it is in no language, ``href`` if it leads nowhere.

    ``outside`` is for a link that leaves the site; ``type`` names a datatype or a language that
    readers may not expect; ``note`` is a phrase from the source that goes with it; ``when`` is a date as
    machines read it; ``unseen`` tells a link from others of the same words, for those who hear it.
    """

    text: str
    lang: str = ""
    href: str = ""
    outside: bool = False
    type: str = ""
    note: "Shown | None" = None
    when: str = ""
    unseen: str = ""


_KNOWN: WeakKeyDictionary[Site, Memory[Shown]] = WeakKeyDictionary()
"""What IRIs are shown as, made once for each site, language and date."""


class Show:
    """Makes terms readable in the language of the page; ``prefetch`` first makes that quick for many."""

    def __init__(self) -> None:
        self._site: Site = site()
        self._lang = language()
        self._shown = _KNOWN.setdefault(self._site, Memory()).here()

    def prefetch(self, iris: Iterable[str]) -> None:
        """Look up the names of many IRIs at once; a passage is called by its place in the text."""
        wanted = set(iris) - self._shown.keys()
        self._site.graph.labels.prefetch(wanted)
        self._passages({iri for iri in wanted if not self._site.graph.labels.is_named(iri)})

    def _passages(self, nameless: set[str]) -> Mapping[str, Passage]:
        """Those of some IRIs that are places in a text."""
        if not nameless or not self._site.kinds.direct.get(SIK.Passage):
            return {}
        return find_passages(self._site.graph.store, self._site.graph.labels, nameless, self._lang)

    def label(self, iri: str) -> Label:
        """What an IRI is called on this page."""
        if not self._site.graph.labels.is_named(iri) and (passage := self._passages({iri}).get(iri)):
            return Label(passage.words(self._lang), self._lang)
        label = self._site.graph.labels.of(iri, self._lang)
        shape = None if label.language else self._site.shapes.shapes.get(iri)
        if shape and (called := in_language(shape.name, self._lang)):
            return called
        return replace(label, text=readable(label.text)) if label.text == iri else label

    def iri(self, iri: str, label: Label | None = None) -> Shown:
        """An IRI, leading to its page here if it is ours, else to itself if that is safe."""
        if label is not None:
            return self._iri(iri, label)
        if iri not in self._shown:
            self._shown[iri] = self._iri(iri, self.label(iri))
        return self._shown[iri]

    def _iri(self, iri: str, label: Label) -> Shown:
        if iri in self._site.kinds.direct and iri not in self._site.terms:
            return self.kind(iri)
        if self._site.addresses.document_path(iri) is not None:
            href = self._site.addresses.href(iri) if self._is_here(iri) else ""
            return Shown(label.text, label.language, href)
        if is_safe_link(iri):
            return Shown(label.text, label.language, iri, outside=True)
        return Shown(label.text, label.language)

    def _is_here(self, iri: str) -> bool:
        """Whether there is a page: a term of the model has one only where the content holds the model."""
        is_foreign = iri.startswith(MODEL) and not iri.startswith(self._site.addresses.base)
        return not is_foreign or self._site.is_described(iri)

    def local(self, iri: str) -> Shown:
        """An IRI, leading to what the graph says about it even if it lies elsewhere."""
        label = self.label(iri)
        return Shown(label.text, label.language, self._site.addresses.href(iri))

    def kind(self, iri: str) -> Shown:
        """A class, leading to the list of its instances."""
        key = f"kind {iri}"
        if key not in self._shown:
            label, href = self.label(iri), url_for("pages.kind", name=self._site.kind_name(iri))
            self._shown[key] = Shown(label.text, label.language, href)
        return self._shown[key]

    def property(self, iri: str) -> Shown:
        """A property, leading to its page if the content defines it."""
        key = f"property {iri}"
        if key not in self._shown:
            label = self.label(iri)
            href = self._site.addresses.href(iri) if iri in self._site.terms else ""
            self._shown[key] = Shown(label.text, label.language, href)
        return self._shown[key]

    def inverse(self, iri: str) -> Shown | None:
        """A property as it is read backwards; None if it has no name for that."""
        term = self._site.terms.get(iri)
        label = in_language(term.inverse, self._lang) if term else None
        curie = shrink(iri, PREFIXES)
        if label is None and has_text(f"inverse.{curie}"):
            label = Label(text(f"inverse.{curie}", self._lang), self._lang)
        href = self._site.addresses.href(iri) if term else ""
        return Shown(label.text, label.language, href) if label else None

    def literal(self, literal: Literal) -> Shown:
        """A literal: yes or no in words, an address as a link, anything else as it is written."""
        datatype = literal.datatype.value
        value = terms.to_python(literal)
        if isinstance(value, bool):
            return Shown(text(f"web.{str(value).lower()}", self._lang))
        if datatype == XSD.anyURI:
            if literal.value in self._site.terms:
                return self.property(literal.value)
            return Shown(
                readable(literal.value),
                href=literal.value if is_safe_link(literal.value) else "",
                outside=True,
            )
        if literal.language:
            return Shown(literal.value, literal.language)
        return self._written(literal.value, datatype, value)

    def spoken(self, literal: Literal) -> Shown:
        """A text in a language, which is named where it is not the page's and the software has its name."""
        shown, key = self.literal(literal), f"web.in_language.{literal.language}"
        is_foreign = literal.language != self._lang and any(map(str.isalpha, literal.value))
        return replace(shown, type=text(key, self._lang)) if is_foreign and has_text(key) else shown

    def _written(self, lexical: str, datatype: str, value: object) -> Shown:
        """A value of a datatype: dates and numbers as the language writes them, the others as they are."""
        if datatype == XSD.date and isinstance(value, date):
            return Shown(date_text(value, self._lang), when=lexical)
        if datatype in _NUMBERS and isinstance(value, int | Decimal):
            return Shown(number_text(value, self._lang))
        return Shown(lexical, type="" if datatype in _QUIET_TYPES else shrink(datatype, PREFIXES))

    def object(self, name: str, term: terms.Term) -> Shown:
        """The value of a property: a class leads to its instances."""
        return self.kind(term.value) if name == RDF.type and isinstance(term, NamedNode) else self.term(term)

    def term(self, term: terms.Term) -> Shown:
        """Any term."""
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if isinstance(term, Literal):
            return self.literal(term)
        return Shown("[…]" if isinstance(term, BlankNode) else str(term))


def host(iri: str) -> str:
    """The name of the computer in an address, without ``www.``; the address itself if it names none.

    >>> host("https://www.example.org/page")
    'example.org'
    """
    return (urlsplit(iri).hostname or iri).removeprefix("www.")
