"""Places in a text: the way down to one, what stands before and after it, its words and its parts."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from sikkerby_kg import terms
from sikkerby_kg.held_text import Extract
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import DCT, OA, PROV, RDF, SIK
from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.server.statements import extract_of
from sikkerby_kg.sources import Passage, find_passages
from sikkerby_kg.texts import text

TYPES = frozenset({SIK.Passage, SIK.Section, SIK.SourceText, SIK.SourceDocument})

# The path stands alone, the classes in OPTIONAL: engines then follow it from the thing, not from every class.
_ABOVE = f"""SELECT DISTINCT ?part ?type WHERE {{{{
  {{thing}} (<{DCT.isPartOf}>|^<{DCT.hasPart}>|<{PROV.specializationOf}>)+ ?part .
  OPTIONAL {{{{ ?part <{RDF.type}> ?type }}}}
}}}}"""
_BELOW = f"""SELECT DISTINCT ?part ?type WHERE {{{{
  {{thing}} (^<{DCT.isPartOf}>|<{DCT.hasPart}>|^<{PROV.specializationOf}>)+ ?part .
  OPTIONAL {{{{ ?part <{RDF.type}> ?type }}}}
}}}}"""
_BESIDE = f"""SELECT DISTINCT ?it WHERE {{{{
  {{{{ {{thing}} <{OA.hasSource}> ?whole . ?it <{OA.hasSource}> ?whole }}}}
  UNION {{{{ {{thing}} <{DCT.isPartOf}> ?whole . ?it <{DCT.isPartOf}> ?whole }}}}
  ?it a <{SIK.Passage}> .
}}}}"""


@dataclass(frozen=True, slots=True)
class LineView:
    """A line in the outline of a text; ``depth`` 0 is a section, 1 a paragraph, 2 a sentence.

    ``number`` is that of a section that has one.
    """

    place: Shown
    phrase: Shown | None
    depth: int
    number: str = ""


@dataclass(frozen=True, slots=True)
class PassageView:
    """A place in a text. ``look_up`` says how to find it where its words are not held.

    ``like`` is something of the same text, in the language that the words are in.
    """

    trail: Sequence[Shown]
    previous: Shown | None
    next: Shown | None
    extract: Extract | None
    like: Shown | None
    look_up: str
    outline: Sequence[LineView]


def passage_view(iri: str, types: Sequence[str], show: Show) -> PassageView | None:
    """The view of a passage, a section or a text; None for anything else."""
    if not TYPES & set(types):
        return None
    graph, lang = site().graph, language()
    above = _above(iri)
    below = {part: kinds for part, kinds in _parts(_BELOW, iri).items() if kinds & {SIK.Passage, SIK.Section}}
    beside = {iri} if SIK.Passage not in types else _beside(iri)
    show.prefetch({*above, *below, *beside})
    passages = find_passages(graph.store, graph.labels, {iri, *below, *beside}, lang)
    own = passages.get(iri)
    previous, following = _neighbours(iri, [passages[each] for each in beside if each in passages])
    return PassageView(
        trail=[_step(each, kinds, show) for each, kinds in above.items()],
        previous=show.iri(previous) if previous else None,
        next=show.iri(following) if following else None,
        extract=extract_of(own) if own else None,
        like=next((phrase for each in (own, *passages.values()) if each and (phrase := _phrase(each))), None),
        look_up=_look_up(own) if own else "",
        outline=list(_outline(below, passages, show)),
    )


def _step(iri: str, kinds: set[str], show: Show) -> Shown:
    """A part on the way down; a section is told from the thing that it is about and called after."""
    shown = show.iri(iri)
    return replace(shown, unseen=show.label(SIK.Section).text) if SIK.Section in kinds else shown


def _above(iri: str) -> dict[str, set[str]]:
    """What a place is part of, with its classes: the document, then its sections, then the paragraph."""
    found = _parts(_ABOVE, iri)
    ranks = {SIK.SourceDocument: 0, SIK.Section: 1, SIK.Passage: 2}
    ranked = {
        part: min((ranks[each] for each in kinds if each in ranks), default=None)
        for part, kinds in found.items()
    }
    numbered = [(rank, len(part), part) for part, rank in ranked.items() if rank is not None]
    return {part: found[part] for _, _, part in sorted(numbered)}


def _parts(query: str, iri: str) -> dict[str, set[str]]:
    """Part → its classes."""
    parts: dict[str, set[str]] = {}
    for part, kind in site().graph.store.evaluate(query.format(thing=NamedNode(iri))).solutions():
        if isinstance(part, NamedNode):
            parts.setdefault(part.value, set()).add(terms.to_python(kind))
    return parts


def _beside(iri: str) -> set[str]:
    found = site().graph.store.evaluate(_BESIDE.format(thing=NamedNode(iri))).solutions()
    return {iri, *(terms.to_python(it) for (it,) in found)}


def _neighbours(iri: str, passages: Iterable[Passage]) -> tuple[str | None, str | None]:
    """The passages of the same kind (sentence or paragraph) before and after one."""
    found = {passage.iri: passage for passage in passages}
    if iri not in found:
        return None, None
    level = _level(found[iri])
    order = [p.iri for p in sorted(found.values(), key=_place) if _level(p) == level]
    at = order.index(iri)
    return (order[at - 1] if at else None), (order[at + 1] if at + 1 < len(order) else None)


def _level(passage: Passage) -> int:
    """0 for a title or heading, 1 for a paragraph, 2 for a sentence."""
    return (passage.paragraph is not None) + (passage.sentence is not None)


def _place(passage: Passage) -> tuple[float, float, float, str]:
    """Where a passage stands in the text."""
    start = math.inf if passage.start is None else passage.start
    return start, passage.paragraph or 0, passage.sentence or 0, passage.iri


def _outline(below: dict[str, set[str]], passages: dict[str, Passage], show: Show) -> Iterable[LineView]:
    """Sections, paragraphs and sentences in the order of the text."""
    starts: dict[str, tuple[float, float, float, str]] = {}
    numbers: dict[str, str] = {}
    for passage in passages.values():
        if passage.iri in below and passage.section:
            section = passage.section.iri
            starts[section] = min(starts.get(section, _place(passage)), _place(passage))
            numbers[section] = passage.section_number or ""
    lines = []
    for part, kinds in below.items():
        found = passages.get(part)
        if found is not None and _level(found):
            line = LineView(_place_in(found, show), _phrase(found), _level(found))
            lines.append((_place(found), line))
        elif SIK.Section in kinds and part in starts:
            start = (starts[part][0] - 0.5, *starts[part][1:])
            lines.append((start, LineView(show.iri(part), None, 0, numbers[part])))
    return [line for _, line in sorted(lines, key=lambda pair: (pair[0], pair[1].depth))]


def _phrase(passage: Passage) -> Shown | None:
    """The key phrase in quotation marks."""
    if not passage.key_phrase:
        return None
    return Shown(text("web.quoted", language(), phrase=passage.key_phrase), passage.key_phrase_language)


def _place_in(passage: Passage, show: Show) -> Shown:
    """A passage by its last number: within an outline the others are seen, and told to who hears it."""
    lang = language()
    paragraph = text("place.paragraph", lang, number=passage.paragraph)
    if passage.sentence is None:
        return show.iri(passage.iri, Label(paragraph, lang))
    sentence = Label(text("place.sentence", lang, number=passage.sentence), lang)
    return replace(show.iri(passage.iri, sentence), unseen=paragraph)


def _look_up(passage: Passage) -> str:
    """How to find a passage in the document itself."""
    lang = language()
    document = passage.document.label.text if passage.document else "–"
    return text("web.look_up", lang, document=document, place=passage.words(lang))
