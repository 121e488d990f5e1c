"""Where statements come from: the graph they stand in, and the passage of the text they were read from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from pyoxigraph import NamedNode

from sikkerby_kg import terms
from sikkerby_kg.labels import Label, Labels
from sikkerby_kg.namespaces import DCT, OA, PROV, RDF, SIK, local_name
from sikkerby_kg.stores import Store
from sikkerby_kg.texts import text

_GRAPHS = """SELECT DISTINCT ?graph ?property ?value WHERE {{
  VALUES ?graph {{ {graphs} }}
  VALUES ?property {{ <{type}> <{derived}> <{attributed}> }}
  ?graph ?property ?value .
}}"""
_PASSAGES = """SELECT DISTINCT ?passage ?part ?property ?value WHERE {{
  VALUES ?passage {{ {passages} }}
  ?passage a <{Passage}> ; <{isPartOf}>* ?part .
  ?part ?property ?value .
}}"""
_POSITIONS = """SELECT DISTINCT ?passage ?start ?end WHERE {{
  VALUES ?passage {{ {passages} }}
  ?passage <{hasSelector}> ?selector .
  ?selector <{start}> ?start ; <{end}> ?end .
}}"""

Found = dict[str, dict[str, list[Any]]]
Positions = dict[str, tuple[int | None, int | None]]
_NOWHERE = (None, None)


@dataclass(frozen=True, slots=True)
class Reference:
    """An IRI and what it is called."""

    iri: str
    label: Label


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a text: where it is, by numbers and by code points (Web Annotation §4.2.6), in which text.

    ``source_text`` is the version of the text that the code points count in; ``around`` is the passage that
    this one is a part of, such as its paragraph. What is not known is None.
    """

    iri: str
    section: Reference | None = None
    section_number: str | None = None
    paragraph: int | None = None
    sentence: int | None = None
    key_phrase: str | None = None
    key_phrase_language: str = ""
    start: int | None = None
    end: int | None = None
    document: Reference | None = None
    source_text: str | None = None
    around: "Passage | None" = None

    def words(self, lang: str) -> str:
        """The place in words, such as ``afsnit 3.3, stykke 5, sætning 2``."""
        parts = {"section": self.section_number, "paragraph": self.paragraph, "sentence": self.sentence}
        said = [text(f"place.{key}", lang, number=value) for key, value in parts.items() if value is not None]
        last = local_name(self.iri)
        if self.paragraph is None:
            said.append(text(f"place.{last}", lang) if last in ("title", "heading") else last)
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class Source:
    """The graph of a statement: its origin, who answers for it, and the passages or pages it comes from."""

    graph: Reference
    origin: Reference | None = None
    attributed_to: Reference | None = None
    passages: tuple[Passage, ...] = ()
    pages: tuple[Reference, ...] = ()

    def words(self, lang: str) -> str:
        """The source in words: the places that it was read from, or else what kind of statement it is."""
        places = [passage.words(lang) for passage in self.passages] or [page.iri for page in self.pages]
        origin = [self.origin.label.text] if self.origin and not self.passages else []
        return "; ".join((*origin, *places)) or self.graph.label.text


class _Memory:
    """What was found once, by IRI and language; as labels do, it remembers. None: it is no passage."""

    def __init__(self) -> None:
        self.sources: dict[tuple[str, str], Source] = {}
        self.passages: dict[tuple[str, str], Passage | None] = {}


_MEMORIES: WeakKeyDictionary[Labels, _Memory] = WeakKeyDictionary()
_MOST = 50_000
"""Sources or passages that are remembered; then it is begun anew."""


def find_sources(store: Store, labels: Labels, graphs: Iterable[str], lang: str) -> dict[str, Source]:
    """Graph IRI → what is known of it; labels are in the wanted language where there are any."""
    names = set(graphs)
    known = _MEMORIES.setdefault(labels, _Memory()).sources
    new = [name for name in sorted(names) if (name, lang) not in known]
    if new:
        if len(known) > _MOST:
            known.clear()
            new = sorted(names)
        known.update({(name, lang): source for name, source in _sources(store, labels, new, lang).items()})
    return {name: known[name, lang] for name in sorted(names)}


def _sources(store: Store, labels: Labels, names: list[str], lang: str) -> dict[str, Source]:
    query = _GRAPHS.format(
        graphs=_iris(names), type=DCT.type, derived=PROV.wasDerivedFrom, attributed=PROV.wasAttributedTo
    )
    found = _collect(store, query, "graph")
    derived = {iri for properties in found.values() for iri in properties.get(PROV.wasDerivedFrom, [])}
    passages = find_passages(store, labels, derived, lang)
    labels.prefetch(names)

    def reference(values: list[Any] | None) -> Reference | None:
        return Reference(values[0], labels.of(values[0], lang)) if values else None

    sources = {}
    for name in names:
        properties = found.get(name, {})
        read_from = properties.get(PROV.wasDerivedFrom, [])
        sources[name] = Source(
            graph=Reference(name, labels.of(name, lang)),
            origin=reference(properties.get(DCT.type)),
            attributed_to=reference(properties.get(PROV.wasAttributedTo)),
            passages=tuple(passages[iri] for iri in read_from if iri in passages),
            pages=tuple(Reference(iri, labels.of(iri, lang)) for iri in read_from if iri not in passages),
        )
    return sources


def _iris(iris: Iterable[str]) -> str:
    return " ".join(f"<{iri}>" for iri in sorted(iris))


def _collect(store: Store, query: str, subject: str) -> Found:
    """Subject → property → its values, sorted."""
    found: Found = {}
    for solution in store.evaluate(query).solutions():
        name, value = solution["property"], solution["value"]
        if isinstance(name, NamedNode) and isinstance(value, NamedNode):
            found.setdefault(terms.to_python(solution[subject]), {}).setdefault(name.value, []).append(
                value.value
            )
    for properties in found.values():
        for values in properties.values():
            values.sort()
    return found


def find_passages(store: Store, labels: Labels, iris: set[str], lang: str) -> dict[str, Passage]:
    """Those of the IRIs that are passages, each with what is known of it and of what it is part of."""
    known = _MEMORIES.setdefault(labels, _Memory()).passages
    if any((iri, lang) not in known for iri in iris):
        if len(known) > _MOST:
            known.clear()
        new = {iri for iri in iris if (iri, lang) not in known}
        found = _find_passages(store, labels, new, lang)
        known.update({(iri, lang): found.get(iri) for iri in new})
    passages = {iri: known[iri, lang] for iri in sorted(iris)}
    return {iri: passage for iri, passage in passages.items() if passage}


def _find_passages(store: Store, labels: Labels, iris: set[str], lang: str) -> dict[str, Passage]:
    query = _PASSAGES.format(passages=_iris(iris), Passage=SIK.Passage, isPartOf=DCT.isPartOf)
    chains: dict[str, Found] = {}
    languages: dict[str, str] = {}
    for solution in store.evaluate(query).solutions():
        passage, part, name = (terms.to_python(solution[key]) for key in ("passage", "part", "property"))
        values = chains.setdefault(passage, {}).setdefault(part, {}).setdefault(name, [])
        values.append(terms.to_python(solution["value"]))
        if name == SIK.keyPhrase:
            languages[part] = getattr(solution["value"], "language", None) or ""
    positions: Positions = {}
    every = {part for parts in chains.values() for part in parts}
    query = _POSITIONS.format(passages=_iris(every), hasSelector=OA.hasSelector, start=OA.start, end=OA.end)
    for solution in store.evaluate(query).solutions():
        positions[terms.to_python(solution["passage"])] = tuple(
            terms.to_python(solution[key]) for key in ("start", "end")
        )
    return {
        iri: replace(
            _passage(iri, parts, positions, labels, lang),
            key_phrase_language=languages.get(iri, ""),
        )
        for iri, parts in chains.items()
    }


def _passage(iri: str, parts: Found, positions: Positions, labels: Labels, lang: str) -> Passage:
    chain = _chain(iri, parts)
    around = next((part for part in chain[1:] if SIK.Passage in parts[part].get(RDF.type, [])), None)

    def nearest(name: str) -> tuple[str, Any]:
        """The first part, from the passage upwards, that has a property, and its value."""
        return next(((part, parts[part][name][0]) for part in chain if name in parts[part]), ("", None))

    section, number = nearest(SIK.sectionNumber)
    text_iri, document = nearest(PROV.specializationOf)
    whole = (
        document
        or text_iri
        or next((part for part in chain if SIK.SourceDocument in parts[part].get(RDF.type, [])), None)
    )
    return Passage(
        iri=iri,
        section=Reference(section, labels.of(section, lang)) if section else None,
        section_number=number,
        paragraph=nearest(SIK.paragraphNumber)[1],
        sentence=nearest(SIK.sentenceNumber)[1],
        key_phrase=parts[iri].get(SIK.keyPhrase, [None])[0],
        start=positions.get(iri, _NOWHERE)[0],
        end=positions.get(iri, _NOWHERE)[1],
        document=Reference(whole, labels.of(whole, lang)) if whole else None,
        source_text=parts[iri].get(OA.hasSource, [None])[0],
        around=_placed(around, parts, positions) if around else None,
    )


def _placed(iri: str, parts: Found, positions: Positions) -> Passage:
    """A passage of which no more is needed than where it stands."""
    start, end = positions.get(iri, _NOWHERE)
    source_text = parts[iri].get(OA.hasSource, [None])[0]
    return Passage(iri, start=start, end=end, source_text=source_text)


def _chain(iri: str, parts: Found) -> list[str]:
    """The passage, what it is part of, and so on upwards."""
    chain: list[str] = []
    waiting = [iri]
    while waiting:
        part = waiting.pop(0)
        if part in parts and part not in chain:
            chain.append(part)
            waiting += sorted(parts[part].get(DCT.isPartOf, []))
    return chain
