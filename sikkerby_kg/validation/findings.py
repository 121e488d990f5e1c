"""What is wrong but no query says in good time: found here, told by the shape of the same name.

A shape without target gives name, message and severity; a root whose shapes lack it does without the check.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from rdflib import DCTERMS, ORG, OWL, PROV, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from sikkerby_kg.namespaces import SIK

_OA = Namespace("http://www.w3.org/ns/oa#")
Statement = tuple[Node, Node, Node]

_RINGLESS = (
    DCTERMS.isPartOf,
    DCTERMS.replaces,
    PROV.wasRevisionOf,
    ORG.unitOf,
    ORG.subOrganizationOf,
    SKOS.broader,
)
"""Properties that never lead back to where they started."""
_SELFLESS = tuple(str(each) for each in (ORG, PROV, SIK))
"""Vocabularies whose properties never connect a thing with itself."""
_SENTENCE_NUMBER = URIRef(SIK.sentenceNumber)
_TAGS = {"dk": "da", "dan": "da", "eng": "en", "gb": "en", "us": "en"}
"""Codes of countries, and long codes, that are taken for language tags (BCP 47 §2.2.1)."""


@dataclass(frozen=True)
class Finding:
    """One mistake: ``shape`` is the local name of its shape, ``row`` fills the message.

    ``term`` is the very term that is wrong, where it is not the value as a whole.
    """

    shape: str
    focus: Node
    path: Node
    value: Node
    row: Mapping[str, Node] = field(default_factory=dict)
    term: Node | None = None


def disjoint_classes(statements: list[Statement], data: Graph) -> Iterator[Finding]:
    """Things of two classes that the ontology declares disjoint (OWL 2 §9.1.3)."""
    apart = _disjoint_pairs(data)
    types: dict[Node, set[Node]] = {}
    for subject, predicate, value in statements:
        if predicate == RDF.type:
            types.setdefault(subject, set()).add(value)
    for subject, classes in types.items():
        if len(classes) < 2 or not apart:  # noqa: PLR2004  (two classes)
            continue
        for first, second in combinations(sorted(classes, key=str), 2):
            pairs = ({a, b} for a in _above(data, first) for b in _above(data, second))
            if any(frozenset(pair) in apart for pair in pairs):
                yield Finding("DisjointClasses", subject, RDF.type, second, {"class": first, "other": second})


def _disjoint_pairs(data: Graph) -> set[frozenset[Node]]:
    pairs = {frozenset(pair) for pair in data.subject_objects(OWL.disjointWith)}
    for axiom in data.subjects(RDF.type, OWL.AllDisjointClasses):
        for members in data.objects(axiom, OWL.members):
            pairs |= {frozenset(pair) for pair in combinations(data.items(members), 2)}
    return pairs


def _above(data: Graph, kind: Node) -> set[Node]:
    return {each for each in data.transitive_objects(kind, RDFS.subClassOf) if each is not None}


def rings(statements: list[Statement], data: Graph) -> Iterator[Finding]:
    """Things that lead to themselves, at once or through others."""
    told: set[tuple[Node, Node]] = set()
    for subject, predicate, value in statements:
        if subject == value:
            if predicate in _RINGLESS or str(predicate).startswith(_SELFLESS):
                yield Finding("Ring", subject, predicate, value, {"ring": Literal(f"{subject} → {value}")})
        elif predicate in _RINGLESS and (subject, predicate) not in told:
            ring = _ring(data, predicate, subject)
            told |= {(each, predicate) for each in ring}
            if ring:
                around = " → ".join(map(str, [*ring, subject]))
                yield Finding("Ring", subject, predicate, ring[1], {"ring": Literal(around)})


def _ring(data: Graph, predicate: Node, start: Node) -> list[Node]:
    """The way from a thing back to itself; empty if there is none."""
    came: dict[Node, Node | None] = {start: None}
    waiting = [start]
    for each in waiting:
        for following in data.objects(each, predicate):
            if following == start and each != start:
                way: list[Node] = []
                step: Node | None = each
                while step is not None:
                    way.insert(0, step)
                    step = came[step]
                return way
            if following not in came:
                came[following] = each
                waiting.append(following)
    return []


def spelling(statements: list[Statement], data: Graph) -> Iterator[Finding]:
    """Texts in decomposed characters (Unicode TR 15), and language tags that are no languages."""
    del data
    for subject, predicate, value in statements:
        if not isinstance(value, Literal):
            continue
        if not value.isascii() and not unicodedata.is_normalized("NFC", value):
            yield Finding("ComposedText", subject, predicate, value)
        meant = _TAGS.get(value.language) if value.language else None
        if meant is not None and value.language is not None:
            row = {"tag": Literal(value.language), "meant": Literal(meant)}
            yield Finding("LanguageTag", subject, predicate, value, row, row["tag"])


def overlaps(statements: list[Statement], data: Graph) -> Iterator[Finding]:
    """Sentences of one text that begin before the one before has ended."""
    here = {subject for subject, predicate, _ in statements if predicate == _SENTENCE_NUMBER}
    if not here:
        return
    places = sorted(
        (str(data.value(each, _OA.hasSource)), start, end, each)
        for each in data.subjects(_SENTENCE_NUMBER)
        for start, end in _position(data, each)
    )
    for (text, start, end, first), (other_text, other_start, _, second) in pairwise(places):
        if text == other_text and start < other_start < end and second in here:
            row = {"start": Literal(other_start), "end": Literal(end), "other": first}
            selector = data.value(second, _OA.hasSelector) or second
            yield Finding("SentenceOverlap", second, _OA.hasSelector, selector, row)


def _position(data: Graph, passage: Node) -> Iterator[tuple[int, int]]:
    """Start and end of a passage, if it has whole numbers for both."""
    for selector in data.objects(passage, _OA.hasSelector):
        start, end = (getattr(data.value(selector, each), "value", None) for each in (_OA.start, _OA.end))
        if isinstance(start, int) and isinstance(end, int):
            yield start, end


Check = Callable[[list[Statement], Graph], Iterable[Finding]]
CHECKS: tuple[Check, ...] = (disjoint_classes, rings, spelling, overlaps)
