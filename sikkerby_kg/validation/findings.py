"""What is wrong but no query says in good time: found here, told by the shape of the same name.

A shape without target gives name, message and severity; a root whose shapes lack it does without the check.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.namespaces import PREFIXES, SIK
from sikkerby_kg.terms import Term, to_python
from sikkerby_kg.validation.index import LITERAL, DataIndex, Numbered, Rows
from sikkerby_kg.validation.literals import fits
from sikkerby_kg.validation.report import Slip
from sikkerby_kg.validation.shapes_graph import FIRST, NIL, REST, text

_RINGLESS = tuple(
    NamedNode(PREFIXES[prefix] + name)
    for prefix, name in (
        ("dct", "isPartOf"),
        ("dct", "replaces"),
        ("prov", "wasRevisionOf"),
        ("org", "unitOf"),
        ("org", "subOrganizationOf"),
        ("skos", "broader"),
    )
)
"""Properties that never lead back to where they started."""
_SELFLESS = (PREFIXES["org"], PREFIXES["prov"], str(SIK))
"""Vocabularies whose properties never connect a thing with itself."""
_SENTENCE_NUMBER = NamedNode(SIK.sentenceNumber)
_DISJOINT, _ALL_DISJOINT, _MEMBERS = (
    NamedNode(PREFIXES["owl"] + name) for name in ("disjointWith", "AllDisjointClasses", "members")
)
_SOURCE, _SELECTOR, _START, _END = (
    NamedNode(PREFIXES["oa"] + name) for name in ("hasSource", "hasSelector", "start", "end")
)
_TAGS = {"dk": "da", "dan": "da", "eng": "en", "gb": "en", "us": "en"}
"""Codes of countries, and long codes, that are taken for language tags (BCP 47 §2.2.1)."""
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_EUROPEAN = re.compile(r"[\u00a0-\u017f\u2010-\u203a\u20ac]+")
"""Latin letters with accents, dashes, quotation marks and the euro sign."""
_EXAMPLES = {
    f"{PREFIXES['xsd']}{name}": example
    for name, example in {
        "boolean": "true",
        "date": "2024-12-31",
        "dateTime": "2024-12-31T23:59:00",
        "decimal": "12.5",
        "double": "1.25E1",
        "duration": "P1Y6M",
        "float": "1.25E1",
        "gYear": "2024",
        "gYearMonth": "2024-12",
        "integer": "12",
        "nonNegativeInteger": "0",
        "positiveInteger": "1",
        "time": "23:59:00",
    }.items()
}
"""Datatype → a value as it has to be written (XML Schema 1.1 part 2 §3.3 and §3.4)."""
_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_SHOWN = 60  # letters of a wrong value in a message
_SLIPS = {
    "KnownNamespace": ("namespace", "namespace", "close"),
    "KnownTerm": ("term", "term", "close"),
    "LanguageTag": ("language", "tag", "meant"),
}
"""Shape → what kind of slip it tells of, and what holds the wrong and the right one."""


@dataclass(frozen=True)
class Finding:
    """One mistake: ``shape`` is the local name of its shape, ``row`` fills the message.

    ``term`` is the very term that is wrong, where it is not the value as a whole.
    """

    shape: str
    focus: Term
    path: Term
    value: Term
    row: Mapping[str, Term] = field(default_factory=dict)
    term: Term | None = None

    @property
    def slips(self) -> Iterator[Slip]:
        """The slip, if it is one that says what was meant."""
        names = _SLIPS.get(self.shape)
        if names is not None:
            kind, wrong, right = names
            yield Slip(kind, text(self.row[wrong]), text(self.row[right]))


def _finding(
    shape: str, data: DataIndex, statement: Numbered, row: Mapping[str, Term] | None = None
) -> Finding:
    subject, predicate, value = (data.terms[each] for each in statement)
    return Finding(shape, subject, predicate, value, row or {})


def disjoint_classes(rows: Rows, data: DataIndex) -> Iterator[Finding]:
    """Things of two classes that the ontology declares disjoint (OWL 2 §9.1.3)."""
    apart = _disjoint_pairs(data)
    if not apart:
        return
    types: dict[int, set[int]] = {}
    for subject, predicate, value in rows:
        if predicate == data.type:
            types.setdefault(subject, set()).add(value)
    for subject, classes in types.items():
        if len(classes) < 2:  # noqa: PLR2004  (two classes)
            continue
        for first, second in combinations(sorted(classes, key=lambda each: text(data.terms[each])), 2):
            pairs = ({a, b} for a in data.above(first) for b in data.above(second))
            if any(frozenset(pair) in apart for pair in pairs):
                row = {"class": data.terms[first], "other": data.terms[second]}
                yield _finding("DisjointClasses", data, (subject, data.type, second), row)


def _disjoint_pairs(data: DataIndex) -> set[frozenset[int]]:
    """The pairs of classes that are declared disjoint."""
    pairs = {
        frozenset((subject, value))
        for subject, values in data.out.get(data.ids.get(_DISJOINT, -1), {}).items()
        for value in values
    }
    for axiom in data.into(data.type).get(data.ids.get(_ALL_DISJOINT, -1), ()):
        for members in data.objects(axiom, data.ids.get(_MEMBERS, -1)):
            pairs |= {frozenset(pair) for pair in combinations(_items(data, members), 2)}
    return pairs


def _items(data: DataIndex, start: int) -> list[int]:
    """The members of an RDF list, up to where it breaks off or comes back to itself."""
    first, rest, end = (data.ids.get(each, -1) for each in (FIRST, REST, NIL))
    found: list[int] = []
    seen: set[int] = set()
    node = start
    while node != end and node not in seen:
        seen.add(node)
        found += data.objects(node, first)
        node = next(iter(data.objects(node, rest)), end)
    return found


def rings(rows: Rows, data: DataIndex) -> Iterator[Finding]:
    """Things that lead to themselves, at once or through others."""
    ringless = {data.ids[each] for each in _RINGLESS if each in data.ids}
    selfless = {each for each in set(rows.predicates) if text(data.terms[each]).startswith(_SELFLESS)}
    told: set[tuple[int, int]] = set()
    for subject, predicate, value in rows:
        if subject == value:
            if predicate in ringless or predicate in selfless:
                name = text(data.terms[subject])
                row = {"ring": Literal(f"{name} → {name}")}
                yield _finding("Ring", data, (subject, predicate, value), row)
        elif predicate in ringless and (subject, predicate) not in told:
            ring = _ring(data, predicate, subject)
            told |= {(each, predicate) for each in ring}
            if ring:
                around = " → ".join(text(data.terms[each]) for each in [*ring, subject])
                yield _finding("Ring", data, (subject, predicate, ring[1]), {"ring": Literal(around)})


def _ring(data: DataIndex, predicate: int, start: int) -> list[int]:
    """The way from a thing back to itself; empty if there is none."""
    links = data.out.get(predicate, {})
    came: dict[int, int | None] = {start: None}
    waiting = [start]
    for each in waiting:
        for following in links.get(each, ()):
            if following == start and each != start:
                way: list[int] = []
                step: int | None = each
                while step is not None:
                    way.append(step)
                    step = came[step]
                return way[::-1]
            if following not in came:
                came[following] = each
                waiting.append(following)
    return []


def spelling(rows: Rows, data: DataIndex) -> Iterator[Finding]:
    """Texts in decomposed characters (Unicode TR 15) or a wrong encoding, and tags that are no languages."""
    wrong = {
        number
        for number in set(rows.objects)
        if data.kinds[number] == LITERAL
        and (_is_decomposed(data.terms[number]) or _legible(data.terms[number]) or _meant(data.terms[number]))
    }
    if not wrong:
        return
    for subject, predicate, value in rows:
        if value in wrong:
            statement, term = (subject, predicate, value), data.terms[value]
            if _is_decomposed(term):
                yield _finding("ComposedText", data, statement)
            legible = _legible(term)
            if legible is not None:
                yield _finding("GarbledText", data, statement, {"meant": Literal(legible)})
            meant = _meant(term)
            if meant is not None:
                tag = Literal(getattr(term, "language", ""))
                row: dict[str, Term] = {"tag": tag, "meant": Literal(meant)}
                yield replace(_finding("LanguageTag", data, statement, row), term=tag)


def _is_decomposed(term: Term) -> bool:
    lexical = text(term)
    return not lexical.isascii() and not unicodedata.is_normalized("NFC", lexical)


def _legible(term: Term) -> str | None:
    """A text whose UTF-8 was read as Windows-1252, as in ``udlÃ¸bet``, put right; None for any other."""
    lexical = text(term)
    if lexical.isascii():
        return None
    found = _FOREIGN.sub(_decoded, lexical)
    return None if found == lexical else found


def _decoded(garbled: re.Match[str]) -> str:
    """What a run of letters stands for, where its bytes are UTF-8 of letters that are written in Europe."""
    try:
        found = garbled[0].encode("cp1252").decode("utf-8")
    except UnicodeError:
        return garbled[0]
    return found if _EUROPEAN.fullmatch(found) else garbled[0]


def _meant(term: Term) -> str | None:
    """The language tag that the tag of a literal is a slip for."""
    return _TAGS.get(getattr(term, "language", None) or "")


def written_values(rows: Rows, data: DataIndex) -> Iterator[Finding]:
    """Literals whose text is none of their datatype: a month 13, a number in words (RDF 1.1 §5.2)."""
    wrong = {
        number: each
        for number in set(rows.objects)
        if isinstance(each := data.terms[number], Literal) and _is_ill_typed(each)
    }
    for subject, predicate, value in rows if wrong else ():
        term = wrong.get(value)
        if term is not None:
            row: dict[str, Term] = {
                "written": Literal(_shown(term.value)),
                "datatype": term.datatype,
                "example": Literal(_EXAMPLES[term.datatype.value]),
            }
            yield _finding("WrittenValue", data, (subject, predicate, value), row)


def _shown(written: str) -> str:
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def _is_ill_typed(term: Literal) -> bool:
    if term.datatype.value not in _EXAMPLES:
        return False
    is_number = _NUMBER.fullmatch(term.value) and term.datatype.value.endswith(("integer", "decimal"))
    return not is_number and not fits(term, term.datatype.value)  # which takes no very long number


def overlaps(rows: Rows, data: DataIndex) -> Iterator[Finding]:
    """Sentences of one text that begin before the one before has ended."""
    number = data.ids.get(_SENTENCE_NUMBER, -1)
    here = {subject for subject, predicate, _ in rows if predicate == number}
    if not here:
        return
    source, selectors = data.ids.get(_SOURCE, -1), data.ids.get(_SELECTOR, -1)
    places = sorted(
        (text(data.terms[of]), start, end, text(data.terms[each]), each)
        for each in data.out.get(number, {})
        for of in (*data.objects(each, source), each)[:1]
        for start, end in _position(data, each)
    )
    for (one, start, end, _, first), (other, other_start, _, _, second) in pairwise(places):
        if one == other and start < other_start < end and second in here:
            row = {"start": _whole(other_start), "end": _whole(end), "other": data.terms[first]}
            selector = next(iter(data.objects(second, selectors)), second)
            yield Finding("SentenceOverlap", data.terms[second], _SELECTOR, data.terms[selector], row)


def _position(data: DataIndex, passage: int) -> Iterator[tuple[int, int]]:
    """Start and end of a passage, if it has whole numbers for both."""
    selectors, bounds = data.ids.get(_SELECTOR, -1), [data.ids.get(each, -1) for each in (_START, _END)]
    for selector in data.objects(passage, selectors):
        start, end = (
            to_python(data.terms[values[0]]) if (values := data.objects(selector, each)) else None
            for each in bounds
        )
        if isinstance(start, int) and isinstance(end, int):
            yield start, end


def _whole(number: int) -> Literal:
    return Literal(number)


Check = Callable[[Rows, DataIndex], Iterable[Finding]]
CHECKS: tuple[Check, ...] = (disjoint_classes, rings, spelling, written_values, overlaps)
