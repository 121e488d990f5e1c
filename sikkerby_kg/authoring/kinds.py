"""What can be made and what is asked of it: the classes that have shapes, and the fields that these give them.

SHACL §2.1.3.1 (targets), §2.3.2 (names), §4 (constraints); a property that shapes say nothing of is a field,
too, if the ontology lets things of the class have it or some of them do.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.authoring.fitting import RESTRICTING, candidates
from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.folding import fold
from sikkerby_kg.namespaces import OWL, RDF, RDFS, SIK, SKOS, XSD, local_name
from sikkerby_kg.shape_rules import Key, Rule, Shape
from sikkerby_kg.terms import Term
from sikkerby_kg.texts import LANGUAGES, has_text, text

Texts = Mapping[str, str]
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_COUNTS = ("minCount", "qualifiedMinCount")
_LITERAL = ("datatype", "languageIn", "minLength", "maxLength", "minInclusive", "maxInclusive")
_BOUNDS = ("minExclusive", "maxExclusive", "lessThan", "lessThanOrEquals", "uniqueLang", "equals")
_KEPT = (*RESTRICTING, *_LITERAL, *_BOUNDS)


class Level(IntEnum):
    """How much a field is wanted: without it there is a violation, a warning, a known hole, or nothing."""

    OPTIONAL = 0
    WANTED = 1
    EXPECTED = 2
    REQUIRED = 3


_LEVELS = {"Violation": Level.REQUIRED, "Warning": Level.EXPECTED, "Info": Level.WANTED}


@dataclass(frozen=True, slots=True)
class Demand:
    """One of some fields must have a value, in a language if one is named."""

    fields: tuple[Key, ...]
    level: Level
    language: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A property of things of a kind, or, ``backwards``, of other things that have them as a value.

    ``datatype`` is empty where values are things. ``languages`` are those in which a name or text is asked
    for. ``fixed`` is what every thing of the kind has; ``most`` how many values there may be.
    """

    iri: str
    backwards: bool
    name: str
    label: Texts
    level: Level = Level.OPTIONAL
    datatype: str = ""
    most: int | None = None
    rules: tuple[Rule, ...] = ()
    languages: Mapping[str, Level] = field(default_factory=dict)
    names: Mapping[str, Texts] = field(default_factory=dict)
    messages: Texts = field(default_factory=dict)
    fixed: tuple[Term, ...] = ()
    is_shaped: bool = True

    @property
    def key(self) -> Key:
        """The property, and whether it is followed backwards."""
        return (self.iri, self.backwards)

    @property
    def has_languages(self) -> bool:
        """Whether its values are texts in a language."""
        return self.datatype == RDF.langString

    def called(self, lang: str, of: str = "") -> str:
        """What it is called in a language; ``of`` is the language of the text that is meant, if one is."""
        texts = self.names.get(of) or self.label
        return texts.get(lang) or next(iter(texts.values()), self.name)

    def message(self, lang: str) -> str:
        """What the shape says to do."""
        return self.messages.get(lang) or next(iter(self.messages.values()), "")


@dataclass(frozen=True)
class Kind:
    """A class that has a shape: what can be made."""

    iri: str
    name: str
    label: Texts
    lineage: tuple[str, ...]
    fields: tuple[Field, ...]
    demands: tuple[Demand, ...]
    types: tuple[str, ...]
    """Classes that a thing of this kind has besides."""

    def called(self, lang: str) -> str:
        """What it is called in a language."""
        return self.label.get(lang) or next(iter(self.label.values()), self.name)

    def at(self, key: Key) -> Field | None:
        """The field of a property."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> Mapping[Key, Field]:
        return {each.key: each for each in self.fields}

    @cached_property
    def naming(self) -> Field | None:
        """The field with the name of a thing."""
        return self.at((SKOS.prefLabel, False))

    @cached_property
    def language(self) -> str:
        """The language in which a thing of this kind must have a name."""
        levels = self.naming.languages if self.naming else {}
        return next((lang for lang, level in levels.items() if level is Level.REQUIRED), LANGUAGES[0])

    def field(self, written: str, lang: str) -> Field:
        """The field that somebody means: by its name, its CURIE, or what it is called in any language.

        Raises UnknownNameError with close ones.
        """
        wanted = kebab(written)
        found = [each for each in self.fields if wanted in _spellings(each)] or self._partly(wanted)
        if not found:
            known = {spelling: each for each in self.fields for spelling in _spellings(each)}
            close = difflib.get_close_matches(wanted, known, n=3)
            names = list(dict.fromkeys(known[name].name for name in close))
            raise UnknownNameError(
                "entry.field",
                name=written,
                kind=self.called(lang),
                close=", ".join(names) or "–",
                kind_name=self.name,
            )
        exact = [each for each in found if each.name == wanted]
        return (exact or sorted(found, key=lambda each: (not each.is_shaped, each.backwards)))[0]

    def _partly(self, wanted: str) -> "list[Field]":
        """The field whose name ends or begins so, if there is only one such."""
        found = [
            each
            for each in self.fields
            if any(n.endswith(f"-{wanted}") or n.startswith(f"{wanted}-") for n in _spellings(each))
        ]
        shaped = [each for each in found if each.is_shaped]
        return shaped if len(shaped) == 1 else found if len(found) == 1 else []


class Kinds:
    """All kinds of a content, by IRI, in the order of their names."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self.all = tuple(sorted(kinds, key=lambda kind: kind.name))

    def of(self, iri: str) -> Kind | None:
        """The kind of a class."""
        return next((kind for kind in self.all if kind.iri == iri), None)

    def find(self, written: str) -> Kind:
        """The kind that somebody means: by name, label in any language, or an end or beginning of the name.

        Raises UnknownNameError if there is none, or if several are meant.
        """
        wanted = kebab(written)
        spellings = {kind.name: {kind.name, *map(kebab, kind.label.values())} for kind in self.all}
        exact = [kind for kind in self.all if wanted in spellings[kind.name]]
        partly = [
            kind
            for kind in self.all
            if any(name.endswith(f"-{wanted}") or name.startswith(f"{wanted}-") for name in spellings[kind.name])
        ]
        ending = [kind for kind in partly if any(n.endswith(f"-{wanted}") for n in spellings[kind.name])]
        found = exact or (ending if len(ending) == 1 else partly)
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(kind.name for kind in found)
            raise UnknownNameError("entry.kind_ambiguous", name=written, candidates=names)
        known = {name: kind for kind, names in spellings.items() for name in names}
        close = dict.fromkeys(known[name] for name in difflib.get_close_matches(wanted, known, n=3))
        raise UnknownNameError("entry.kind", name=written, close=", ".join(close) or "–")


def kebab(name: str) -> str:
    """A name in small letters with hyphens.

    >>> kebab("ActionPlan"), kebab("rocker- og bandekriminalitet"), kebab("hasFocusArea")
    ('action-plan', 'rocker-og-bandekriminalitet', 'has-focus-area')
    """
    return re.sub(r"[\W_]+", "-", fold(_CAPITAL.sub("-", name))).strip("-")


def _spellings(each: Field) -> set[str]:
    own = {each.name, *map(kebab, each.label.values())}
    local = kebab(local_name(each.iri))
    short = re.sub(r"^(?:has|is)-", "", local)
    return own if each.backwards else own | {local, short}


def read_kinds(content: Content) -> Kinds:
    """The kinds of a content: every class that is the target of a node shape."""
    targets = dict.fromkeys(iri for shape in content.shapes.shapes.values() for iri in shape.targets)
    counts = Counter(kebab(local_name(iri)) for iri in targets)
    return Kinds(_Reader(content, iri, counts).kind() for iri in targets)


class _Reader:
    """Reads one kind."""

    def __init__(self, content: Content, iri: str, counts: Mapping[str, int]) -> None:
        self.content = content
        self.iri = iri
        name = kebab(local_name(iri))
        self.name = name if counts[name] == 1 else kebab(content.short(iri))
        self.lineage = tuple(content.shapes.lineage([iri]))
        self.shapes = [
            each for above in self.lineage for node in content.shapes.about(above) for each in node.properties
        ]

    def kind(self) -> Kind:
        shaped = [self.shaped(key, shapes) for key, shapes in self.gathered().items()]
        known = {each.key for each in shaped}
        others = [self.other(iri) for iri in self.others() if (iri, False) not in known]
        types = [
            value.value
            for shape in self.shapes
            if shape.path and shape.path.keys == ((RDF.type, False),)
            for rule in shape.rules
            if rule.name == "hasValue"
            for value in rule.values
            if isinstance(value, NamedNode)
        ]
        fields = _distinct([*shaped, *others])
        return Kind(
            self.iri,
            self.name,
            self.texts(self.iri),
            self.lineage,
            tuple(fields),
            tuple(self.demands({each.key for each in fields})),
            tuple(dict.fromkeys(types)),
        )

    def gathered(self) -> dict[Key, list[Shape]]:
        """Property → the property shapes about it, those of the nearest class first."""
        found: dict[Key, list[Shape]] = {}
        for shape in self.shapes:
            for key in shape.path.keys if shape.path else ():
                if key[0] != RDF.type:
                    found.setdefault(key, []).append(shape)
        rank = self.content.shapes.groups

        def order(key: Key) -> tuple[bool, float, float]:
            first = min(found[key], key=lambda each: (rank.get(each.group, 0), each.order or 0))
            return (key[0] != SKOS.prefLabel, rank.get(first.group, 0), first.order or 0)

        return {key: found[key] for key in sorted(found, key=order)}

    def shaped(self, key: Key, shapes: list[Shape]) -> Field:
        iri, backwards = key
        rules = [rule for shape in shapes for rule in shape.rules if rule.name in _KEPT]
        rules += [] if backwards else self.ranged(iri)
        counts = [(rule, shape) for shape in shapes for rule in shape.rules if rule.name == "maxCount"]
        most = min((int(rule.values[0].value) for rule, _ in counts if _is_literal(rule)), default=None)
        mine = [shape for shape in shapes if shape.path and shape.path.keys == (key,)]
        demanded = [each for each in map(_demand, mine) if each]
        languages = {lang: level for level, lang in demanded if lang}
        named = {lang: shape.name for shape in mine for level, lang in filter(None, [_demand(shape)]) if lang}
        speaking = [s for s in mine if s not in [x for x in mine if (_demand(x) or (0, ""))[1]]]
        label = speaking[0].name if speaking and not languages else {}
        return Field(
            iri,
            backwards,
            self.field_name(iri, backwards=backwards),
            label or self.property_texts(iri, backwards=backwards),
            max((level for level, _ in demanded), default=Level.OPTIONAL),
            "" if backwards else self.datatype(iri, rules),
            most,
            tuple(rules),
            languages,
            named,
            next((shape.message for shape in mine), {}),
            tuple(value for rule in rules if rule.name == "hasValue" for value in rule.values),
        )

    def other(self, iri: str) -> Field:
        rules = self.ranged(iri)
        return Field(
            iri=iri,
            backwards=False,
            name=self.field_name(iri, backwards=False),
            label=self.property_texts(iri, backwards=False),
            datatype=self.datatype(iri, rules),
            rules=tuple(rules),
            is_shaped=False,
        )

    def demands(self, known: set[Key]) -> Iterator[Demand]:
        """What must be there; a path that no single field can fill is left to the shapes."""
        for shape in self.shapes:
            keys = tuple(key for key in (shape.path.keys if shape.path else ()) if key in known)
            found = _demand(shape)
            if found and keys:
                yield Demand(keys, *found)

    def ranged(self, iri: str) -> list[Rule]:
        """The classes that the ontology says values are of (OWL 2 §9.2.6)."""
        classes = [each for each in self.content.named_values(iri, RDFS.range) if not _is_datatype(each)]
        return [Rule("class", (NamedNode(each),)) for each in classes]

    def datatype(self, iri: str, rules: list[Rule]) -> str:
        """The datatype of values; empty where they are things."""
        if any(rule.name in ("languageIn", "uniqueLang") for rule in rules):
            return str(RDF.langString)
        for rule in rules:
            if rule.name == "datatype" and isinstance(rule.values[0], NamedNode):
                return rule.values[0].value
            if rule.name == "class":
                return ""
        declared = self.content.types.get(iri, ())
        for each in self.content.named_values(iri, RDFS.range):
            if _is_datatype(each):
                return XSD.integer if each.endswith("Integer") else each
        if OWL.ObjectProperty in declared:
            return ""
        if OWL.DatatypeProperty in declared:
            return RDF.langString
        return self.used_datatype(iri)

    def used_datatype(self, iri: str) -> str:
        """What most values in the content are."""
        kinds = Counter(
            quad.object.datatype.value if isinstance(quad.object, Literal) else ""
            for quad in self.content.quads
            if quad.predicate.value == iri
        )
        return kinds.most_common(1)[0][0] if kinds else ""

    def others(self) -> list[str]:
        """Properties without a shape that things of this class have, then those that the ontology lets have."""
        things = self.content.instances(self.iri)
        used = Counter(quad.predicate.value for thing in things for quad in self.content.about(thing))
        declared = sorted(
            iri
            for iri, kinds in self.content.types.items()
            if {OWL.ObjectProperty, OWL.DatatypeProperty} & set(kinds) and self.may_have(iri)
        )
        found = [iri for iri, _ in used.most_common() if iri != RDF.type]
        return list(dict.fromkeys((*found, *declared)))

    def may_have(self, iri: str) -> bool:
        domains = self.content.named_values(iri, RDFS.domain)
        return bool(domains) and all(domain in self.lineage for domain in domains)

    def field_name(self, iri: str, *, backwards: bool) -> str:
        name = kebab(local_name(iri))
        return f"{name}-of" if backwards else name

    def property_texts(self, iri: str, *, backwards: bool) -> Texts:
        if not backwards:
            return self.texts(iri)
        found = {
            value.language or "": value.value
            for value in self.content.values(iri, SIK.inverseLabel)
            if isinstance(value, Literal)
        }
        key = f"inverse.{self.content.short(iri)}"
        return found or ({lang: text(key, lang) for lang in LANGUAGES} if has_text(key) else {})

    def texts(self, iri: str) -> Texts:
        """What a term is called, by language."""
        found = self.content.labels.all(iri)
        return found or {lang: self.content.label(iri, lang) for lang in LANGUAGES}


def _demand(shape: Shape) -> tuple[Level, str] | None:
    """How much a property shape wants a value, and in which language; None if it does without."""
    level = _LEVELS.get(shape.severity, Level.REQUIRED)
    for rule in shape.rules:
        if rule.name in _COUNTS and _is_literal(rule) and rule.values[0].value not in ("0", "00"):
            inner = [
                value.value
                for other in shape.rules
                if other.name == "qualifiedValueShape"
                for nested in other.shapes
                for each in nested.rules
                if each.name == "languageIn"
                for value in each.values
                if isinstance(value, Literal)
            ]
            return level, inner[0] if len(inner) == 1 else ""
        if rule.name == "hasValue":
            return level, ""
    return None


def _is_literal(rule: Rule) -> bool:
    return bool(rule.values) and isinstance(rule.values[0], Literal)


def _is_datatype(iri: str) -> bool:
    return iri.startswith(str(XSD)) or iri == RDF.langString


def _distinct(fields: list[Field]) -> list[Field]:
    """The fields with names of which no two are alike: the later one is named by its prefix, too."""
    seen: set[str] = set()
    found = []
    for each in fields:
        name = each.name
        number = 2
        while name in seen:
            name = f"{each.name}-{number}"
            number += 1
        seen.add(name)
        found.append(each if name == each.name else _renamed(each, name))
    return found


def _renamed(each: Field, name: str) -> Field:
    values = {slot: getattr(each, slot) for slot in Field.__slots__}
    return Field(**{**values, "name": name})


_TELLING = ("class", "node", "or", "and", "xone", "in")
"""Rules that tell which things are meant; others only rule some out."""


def choices(content: Content, each: Field) -> list[str]:
    """The things that a field may have as a value; none for one that allows any."""
    rules = [rule for rule in each.rules if rule.name in RESTRICTING and rule.name != "hasValue"]
    if each.datatype or not any(rule.name in _TELLING for rule in rules):
        return []
    return candidates(content, rules)
