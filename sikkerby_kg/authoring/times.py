"""The period that a time in words means: one that the content has, or a new one beside what it is about."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.authoring.kinds import Kinds
from sikkerby_kg.authoring.minting import mint, slug_of
from sikkerby_kg.authoring.periods import NAMED, Span, read_span
from sikkerby_kg.authoring.turtle import Block, Pair
from sikkerby_kg.authoring.values import Reader
from sikkerby_kg.errors import EntryError
from sikkerby_kg.folding import fold
from sikkerby_kg.namespaces import DCAT, DCT, RDF, SIK, XSD, local_name
from sikkerby_kg.terms import to_python


@dataclass(frozen=True, slots=True)
class Period:
    """The period that a time means: its IRI, how precise it is, and its statements if it is new.

    ``is_assumed`` says that how precise it is was not said.
    """

    iri: str
    precision: str = ""
    block: Block | None = None
    is_assumed: bool = False


@dataclass
class Times:
    """The periods of a content, and those that were made meanwhile; ``taken`` gathers new IRIs."""

    content: Content
    kinds: Kinds
    taken: set[str]
    _made: dict[Span, str] = field(default_factory=dict)
    _precisions: dict[str, str] = field(default_factory=dict)

    def period(self, written: str, language: str) -> Period:
        """The period that a text means.

        Raises EntryError for numbers that are no date, and for words that are too long.
        """
        span = read_span(written)
        found = self._made.get(span) or self._known(span)
        if found:
            return Period(found)
        kind = self.kinds.of(DCT.PeriodOfTime)
        if kind is None:
            raise EntryError("entry.no_periods", value=written)
        iri = mint(self.content, kind, name=slug_of(span.words) or span.slug, taken=self.taken)
        pairs = list(self._pairs(span, language))
        self.taken.add(iri)
        self._made[span] = iri
        precision = self._precision(span.precision)
        return Period(iri, precision, Block(iri, tuple(pairs)), is_assumed=span.is_assumed)

    def _pairs(self, span: Span, language: str) -> Iterator[Pair]:
        yield RDF.type, NamedNode(DCT.PeriodOfTime)
        for name, day in ((DCAT.startDate, span.start), (DCAT.endDate, span.end)):
            if day:
                yield name, Literal(day.isoformat(), datatype=NamedNode(XSD.date))
        yield SIK.datePrecision, NamedNode(self._precision(span.precision))
        if span.words:
            kind = self.kinds.of(DCT.PeriodOfTime)
            stated = kind.at((SIK.dateAsStated, False)) if kind else None
            if stated:
                yield SIK.dateAsStated, Reader(self.content, language).literal(stated, span.words, language)
            else:
                yield SIK.dateAsStated, Literal(span.words, language=language)

    def _precision(self, name: str) -> str:
        """The concept for how precise a time is. Raises EntryError if there is none."""
        if name not in self._precisions:
            self._precisions[name] = self._find_precision(name)
        return self._precisions[name]

    def _find_precision(self, name: str) -> str:
        kind = self.kinds.of(DCT.PeriodOfTime)
        each = kind.at((SIK.datePrecision, False)) if kind else None
        allowed = Reader(self.content, "").allowed(each) if each else None
        for iri in sorted(allowed or ()):
            if local_name(iri) == name:
                return iri
        raise EntryError("entry.no_precision", name=name)

    def _known(self, span: Span) -> str:
        """The period of the content that is the same; empty if none is."""
        fitting = [iri for iri, known in self._periods if _is_same(span, known)]
        return min(fitting, key=len) if fitting else ""

    @cached_property
    def _periods(self) -> list[tuple[str, Span]]:
        return [(iri, self._span(iri)) for iri in self.content.instances(DCT.PeriodOfTime)]

    def _span(self, iri: str) -> Span:
        def day(name: str) -> dt.date | None:
            found = [to_python(value) for value in self.content.values(iri, name)]
            return next((each for each in found if type(each) is dt.date), None)

        precisions = self.content.named_values(iri, SIK.datePrecision)
        words = [str(to_python(value)) for value in self.content.values(iri, SIK.dateAsStated)]
        precision = local_name(precisions[0]) if precisions else ""
        return Span(day(DCAT.startDate), day(DCAT.endDate), precision, words[0] if words else "")


def _is_same(asked: Span, known: Span) -> bool:
    """Whether a known period is what was asked for: the same words, or without any the same dates."""
    if asked.words and fold(asked.words) != fold(known.words):
        return False
    if asked.precision == NAMED:
        return known.precision == NAMED
    return (asked.start, asked.end, asked.precision) == (known.start, known.end, known.precision)
