"""The kinds of a content: its classes that have shapes, and the fields that these give them.

SHACL §2.1.3.1 (targets), §2.3.2 (names), §4 (constraints); a property that shapes say nothing of is a field,
too, if the ontology lets things of the class have it or some of them do.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.authoring.fitting import RESTRICTING, candidates, number_of
from sikkerby_kg.authoring.kinds import Demand, Field, Kind, Kinds, Level, Texts, kebab
from sikkerby_kg.namespaces import OWL, RDF, RDFS, SIK, SKOS, XSD, local_name
from sikkerby_kg.shape_rules import Key, Rule, Shape
from sikkerby_kg.texts import LANGUAGES, has_text, text

_COUNTS = ("minCount", "qualifiedMinCount")
_LITERAL = ("datatype", "languageIn", "minLength", "maxLength", "minInclusive", "maxInclusive")
_BOUNDS = ("minExclusive", "maxExclusive", "lessThan", "lessThanOrEquals", "uniqueLang", "equals")
_KEPT = (*RESTRICTING, *_LITERAL, *_BOUNDS)
_LEVELS = {"Violation": Level.REQUIRED, "Warning": Level.EXPECTED, "Info": Level.WANTED}


def read_kinds(content: Content) -> Kinds:
    """The kinds of a content: every class that is the target of a node shape."""
    targets = dict.fromkeys(iri for shape in content.shapes.shapes.values() for iri in shape.targets)
    counts = Counter(kebab(local_name(iri)) for iri in targets)
    return Kinds((_Reader(content, iri, counts).kind() for iri in targets), content.prefixes)


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
        counts = [
            number_of(rule.values[0]) for each in shapes for rule in each.rules if rule.name == "maxCount"
        ]
        most = min(counts, default=None)
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
        """What must be there, the most wanted first; a path that no single field can fill is left out."""
        found: list[Demand] = []
        for shape in self.shapes:
            keys = tuple(key for key in (shape.path.keys if shape.path else ()) if key in known)
            demand = _demand(shape)
            if demand and keys:
                found.append(Demand(keys, *demand))
        found.sort(key=lambda each: -each.level)
        for each in found:
            alone = [other for other in found if len(other.fields) == 1 and other.level >= each.level]
            if len(each.fields) == 1 or not any(other.fields[0] in each.fields for other in alone):
                yield each

    def ranged(self, iri: str) -> list[Rule]:
        """The classes that the ontology says values are of (OWL 2 §9.2.6)."""
        classes = [each for each in self.content.named_values(iri, RDFS.range) if not _is_datatype(each)]
        return [Rule("class", (NamedNode(each),)) for each in classes]

    def datatype(self, iri: str, rules: list[Rule]) -> str:
        """The datatype of values; empty for things. Shapes tell it, else the ontology, else use."""
        said = self.shaped_datatype(rules)
        if said is not None:
            return said
        ranges = [each for each in self.content.named_values(iri, RDFS.range) if _is_datatype(each)]
        if ranges:
            return XSD.integer if ranges[0].endswith("Integer") else ranges[0]
        declared = self.content.types.get(iri, ())
        if OWL.DatatypeProperty in declared:
            return RDF.langString  # the range that the ontology cannot state
        return "" if OWL.ObjectProperty in declared else self.used_datatype(iri)

    def shaped_datatype(self, rules: list[Rule]) -> str | None:
        """The datatype that shapes ask for; None if they do not say."""
        if any(rule.name in ("languageIn", "uniqueLang") for rule in rules):
            return RDF.langString
        for rule in rules:
            if rule.name == "datatype" and isinstance(rule.values[0], NamedNode):
                return rule.values[0].value
            if rule.name == "class":
                return ""
        return None

    def used_datatype(self, iri: str) -> str:
        """What most values in the content are."""
        kinds = Counter(
            quad.object.datatype.value if isinstance(quad.object, Literal) else ""
            for quad in self.content.using(iri)
        )
        return kinds.most_common(1)[0][0] if kinds else ""

    def others(self) -> list[str]:
        """Properties without a shape that things of this class have, then those that the ontology allows."""
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
        if rule.name in _COUNTS and number_of(rule.values[0]):
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


def _is_datatype(iri: str) -> bool:
    return iri.startswith(str(XSD)) or iri == RDF.langString


def _distinct(fields: list[Field]) -> list[Field]:
    """The fields with names of which no two are alike: later ones are numbered."""
    seen: set[str] = set()
    found = []
    for each in fields:
        name = each.name
        number = 2
        while name in seen:
            name = f"{each.name}-{number}"
            number += 1
        seen.add(name)
        found.append(replace(each, name=name))
    return found


_TELLING = ("class", "node", "or", "and", "xone", "in")
"""Rules that tell which things are meant; others only rule some out."""


def choices(content: Content, each: Field) -> list[str]:
    """The things that a field may have as a value; none for one that allows any."""
    rules = [rule for rule in each.rules if rule.name in RESTRICTING and rule.name != "hasValue"]
    if each.datatype or not any(rule.name in _TELLING for rule in rules):
        return []
    return candidates(content, rules)
