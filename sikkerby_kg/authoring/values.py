"""A text that somebody wrote to the values of a field: things by label, CURIE or IRI, and typed literals."""

import datetime as dt
import difflib
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field as attribute
from decimal import Decimal, InvalidOperation
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.authoring.fitting import matches
from sikkerby_kg.authoring.kinds import Field, Kind, kebab
from sikkerby_kg.authoring.periods import read_span
from sikkerby_kg.authoring.reading import choices
from sikkerby_kg.errors import EntryError
from sikkerby_kg.folding import fold
from sikkerby_kg.namespaces import DCT, RDF, XSD, local_name
from sikkerby_kg.shape_rules import Rule
from sikkerby_kg.terms import Term, to_python

_TAGGED = re.compile(r"(.*\S)\s*@([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)", re.DOTALL)
_TRUE, _FALSE = ("true", "1", "ja", "yes", "sand", "sandt"), ("false", "0", "nej", "no", "falsk", "falskt")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_SHOWN = 6

Value = NamedNode | Literal


@dataclass(frozen=True)
class Others:
    """Things that are made at the same time: what they are called, folded → IRIs, and the lineage of each."""

    names: Mapping[str, frozenset[str]] = attribute(default_factory=dict)
    lineages: Mapping[str, tuple[str, ...]] = attribute(default_factory=dict)


@dataclass(frozen=True)
class Reader:
    """Reads texts as values for the content, in words of a language."""

    content: Content
    lang: str
    others: Others = attribute(default_factory=Others)

    def is_period(self, each: Field) -> bool:
        """Whether the values of a field are periods, which are written as times."""
        return not each.datatype and _classes(each.rules) == [DCT.PeriodOfTime]

    def literal(self, each: Field, written: str, language: str) -> Literal:
        """A text as a literal of the datatype of a field; a text for people may end with a language tag.

        Raises EntryError if it cannot be one, or breaks a rule of the shape.
        """
        text = written.strip()
        if not text:
            raise EntryError("entry.empty", field=each.called(self.lang))
        require_plain(text)
        found = _literal(text, each.datatype, language, self.content)
        if found is None:
            kind = local_name(each.datatype)
            is_told = kind in _EXAMPLES
            words = EntryError(f"entry.type.{kind}") if is_told else EntryError("entry.type", kind=kind)
            raise EntryError("entry.datatype", value=text, datatype=words, example=_EXAMPLES.get(kind, "…"))
        for rule in each.rules:
            self._require(each, found, rule)
        return found

    def _require(self, each: Field, found: Literal, rule: Rule) -> None:
        """Refuse a literal that breaks a rule. Raises EntryError."""
        wanted = rule.values[0] if rule.values else None
        limit = to_python(wanted) if isinstance(wanted, Literal) else None
        number = to_python(found)
        length = len(found.value)
        match rule.name:
            case "maxLength" if isinstance(limit, int) and length > limit:
                raise EntryError("entry.long", value=found.value, most=limit, length=length)
            case "minLength" if isinstance(limit, int) and length < limit:
                raise EntryError("entry.short", value=found.value, least=limit, length=length)
            case "pattern" if not matches(found.value, rule.values[0]):
                raise EntryError("entry.pattern", value=found.value, message=each.message(self.lang))
            case "minInclusive" if _is_number(number) and number < limit:
                raise EntryError("entry.small", value=found.value, least=limit)
            case "maxInclusive" if _is_number(number) and number > limit:
                raise EntryError("entry.large", value=found.value, most=limit)
            case "in" if found not in rule.values:
                known = ", ".join(str(to_python(value)) for value in rule.values)
                raise EntryError("entry.not_one_of", value=found.value, known=known)

    def thing(self, each: Field, written: str) -> NamedNode:
        """The thing that a text means: by IRI, CURIE, label or the end of its IRI.

        Raises EntryError, with close ones, if there is none, if several are meant, or if the shape does not
        allow it.
        """
        text = written.strip()
        if not text:
            raise EntryError("entry.empty", field=each.called(self.lang))
        allowed = self.allowed(each)
        iri = self.content.expand(text)
        if iri is not None:
            return self._by_iri(each, text, iri, allowed)
        found = self._named(text, allowed if allowed is not None else self.content.names)
        if not found and allowed is not None:
            elsewhere = self._named(text, self.content.names)
            if elsewhere:
                raise self._wrong_kind(each, min(elsewhere))
        if len(found) == 1:
            return NamedNode(found.pop())
        if found:
            names = ", ".join(self.content.short(iri) for iri in sorted(found)[:_SHOWN])
            raise EntryError("entry.ambiguous", value=text, candidates=names)
        raise self._unknown(each, text, allowed)

    def _by_iri(self, each: Field, text: str, iri: str, allowed: "frozenset[str] | None") -> NamedNode:
        is_new = iri in self.others.lineages
        if not is_new and iri not in self.content.mentioned and iri.startswith(self.content.base):
            raise self._unknown(each, text, allowed)
        if allowed is not None and iri not in allowed:
            if iri not in self.content.mentioned:
                raise self._unknown(each, text, allowed)
            raise self._wrong_kind(each, iri)
        try:
            return NamedNode(iri)
        except ValueError:
            raise EntryError("entry.iri", value=text) from None

    def allowed(self, each: Field) -> frozenset[str] | None:
        """The things that a field allows, those made at the same time as well; None if it allows any."""
        key = (id(each), len(self.others.lineages))  # fields hold mappings, which no dictionary takes as keys
        if key not in self._allowed:
            found = choices(self.content, each)
            classes = set(_classes(each.rules))
            new = {iri for iri, above in self.others.lineages.items() if not classes.isdisjoint(above)}
            is_open = (
                not found
                and not classes
                and not any(rule.name in ("node", "or", "in") for rule in each.rules)
            )
            self._allowed[key] = None if is_open else frozenset(found) | new
        return self._allowed[key]

    @cached_property
    def _allowed(self) -> dict[tuple[int, int], frozenset[str] | None]:
        return {}

    def choices(self, each: Field) -> list[tuple[str, str]]:
        """IRI and what to write for it, of everything that a field allows, in the order of the words."""
        found = self.allowed(each) or frozenset()
        names = {iri: self.content.label(iri, self.lang) for iri in found}
        twice = {name for name in names.values() if list(names.values()).count(name) > 1}
        shown = [
            (iri, f"{name} ({self.content.short(iri)})" if name in twice else name)
            for iri, name in names.items()
        ]
        return sorted(shown, key=lambda pair: (fold(pair[1]), pair[0]))

    def _named(self, text: str, among: Container[str]) -> set[str]:
        """The things that are called so, else those whose IRI ends so."""
        bracket = re.fullmatch(r".*\(([^()\s]+)\)", text)
        if bracket:
            iri = self.content.expand(bracket[1]) or self.content.base + bracket[1]
            if iri in among:
                return {iri}
        wanted = fold(text)
        is_any = among is self.content.names
        called = {iri for iri in self._called.get(wanted, ()) if iri in among}
        called |= {iri for iri in self.others.names.get(wanted, ()) if is_any or iri in among}
        slug = kebab(text)
        is_telling = slug and not (is_any and slug.isdecimal())  # among all things, 1 is the end of too many
        return called or {iri for iri in self._ends.get(slug, ()) if is_telling and iri in among}

    @cached_property
    def _ends(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for iri in self.content.mentioned:
            found.setdefault(_end(iri), []).append(iri)
        return found

    @cached_property
    def _called(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for iri, names in self.content.names.items():
            for name in names:
                found.setdefault(fold(name.value), []).append(iri)
        return found

    def _unknown(self, each: Field, text: str, allowed: "frozenset[str] | None") -> EntryError:
        pool = self.content.types if allowed is None else allowed
        known: dict[str, str] = {}
        for iri in pool:
            for name in (_end(iri), *(fold(label.value) for label in self.content.names.get(iri, ()))):
                known.setdefault(name, iri)
        wanted = _end(text) if self.content.expand(text) else fold(text)
        close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
        names = [self._shown(iri) for iri in dict.fromkeys(known[name] for name in close)]
        if not names and allowed is not None and len(allowed) <= _SHOWN:
            names = [self._shown(iri) for iri in sorted(allowed)]
        return EntryError(
            "entry.unknown", value=text, field=each.called(self.lang), close=", ".join(names) or "–"
        )

    def _shown(self, iri: str) -> str:
        short, name = self.content.short(iri), self.content.label(iri, self.lang)
        return short if name == short else f"{name} ({short})"

    def _wrong_kind(self, each: Field, iri: str) -> EntryError:
        types = self.content.types.get(iri) or self.others.lineages.get(iri, ())[:1]
        kinds = [self.content.label(kind, self.lang) for kind in types]
        allowed = [self._shown(one) for one in sorted(self.allowed(each) or ())[:_SHOWN]]
        return EntryError(
            "entry.wrong_kind",
            value=self._shown(iri),
            kinds=", ".join(kinds) or "–",
            field=each.called(self.lang),
            allowed=", ".join(allowed) or "–",
        )

    def is_a(self, iri: str, kind: Kind) -> bool:
        """Whether a thing, which may be made at the same time, is of a kind."""
        return kind.iri in self.others.lineages.get(iri, ()) or self.content.is_a(iri, kind.iri)


_EXAMPLES = {
    "date": "2024-03-01",
    "integer": "3",
    "decimal": "12.5",
    "boolean": "ja, nej, true, false",
    "anyURI": "https://example.org/",
    "gYear": "2024",
    "dateTime": "2024-03-01T12:00:00",
}


def _classes(rules: Iterable[Rule]) -> list[str]:
    """The classes of which values may be, as far as rules name them."""
    found = []
    for rule in rules:
        if rule.name == "class":
            found += [value.value for value in rule.values if isinstance(value, NamedNode)]
        elif rule.name == "or":
            found += [iri for shape in rule.shapes for iri in _classes(shape.rules)]
    return list(dict.fromkeys(found))


def _literal(text: str, datatype: str, language: str, content: Content) -> Literal | None:  # noqa: PLR0911
    """A text as a literal; None if it does not fit."""
    match datatype:
        case RDF.langString:
            tagged = _TAGGED.fullmatch(text)
            return (
                Literal(tagged[1], language=tagged[2].lower()) if tagged else Literal(text, language=language)
            )
        case XSD.string | "":
            return Literal(text)
        case XSD.integer:
            return (
                _typed(text.removeprefix("+"), datatype) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None
            )
        case XSD.decimal:
            return _decimal(text)
        case XSD.boolean:
            folded = fold(text)
            value = "true" if folded in _TRUE else "false" if folded in _FALSE else None
            return _typed(value, datatype) if value else None
        case XSD.date:
            return _date(text)
        case XSD.anyURI:
            iri = content.expand(text)
            return _typed(iri, datatype) if iri else None
    return _typed(text, datatype) if not isinstance(to_python(_typed(text, datatype)), str) else None


def _typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(datatype))


def _decimal(text: str) -> Literal | None:
    plain = re.sub(r"(?<=\d)\.(?=\d{3}(?:\D|$))", "", text).replace(",", ".") if "," in text else text
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > 18:  # noqa: PLR2004  (more is no amount)
        return None
    written = f"{number:f}"
    return _typed(written if "." in written else written + ".0", XSD.decimal)


def _date(text: str) -> Literal | None:
    try:
        span = read_span(text)
    except EntryError:
        return None
    is_day = isinstance(span.start, dt.date) and span.start == span.end
    return _typed(str(span.start), XSD.date) if is_day else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _end(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2].rpartition(":")[2].lower()


def require_plain(text: str) -> None:
    """Refuse a text that would control a terminal or cannot be written. Raises EntryError."""
    if _FORBIDDEN.search(text):
        raise EntryError("entry.control", value=_visible(text))


def _visible(text: str) -> str:
    return _FORBIDDEN.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def plain(term: Term) -> str:
    """The text of a term, for people."""
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
