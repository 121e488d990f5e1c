"""What the shapes of the content demand, as objects: pages say it in words and arrange statements by it.

SHACL §2 (shapes and targets), §2.3.1 (paths), §2.3.2 (names, descriptions, order, group), §4 (constraints).
Content without shapes gives none.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from sikkerby_kg import terms
from sikkerby_kg.namespaces import OWL, RDF, RDFS, SH, local_name
from sikkerby_kg.stores import Store

_QUERY = f"""SELECT DISTINCT ?s ?p ?o WHERE {{
  {{ SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?shape <{SH.path}> ?path }} }} }}
  GRAPH ?graph {{ ?s ?p ?o }}
}}"""
_PARENTS = (
    f"SELECT DISTINCT ?class ?parent WHERE {{ ?class <{RDFS.subClassOf}> ?parent . FILTER(isIRI(?parent)) }}"
)

RULES = (
    *("class", "datatype", "nodeKind", "minCount", "maxCount", "minExclusive", "minInclusive"),
    *("maxExclusive", "maxInclusive", "minLength", "maxLength", "pattern", "languageIn", "uniqueLang"),
    *("equals", "disjoint", "lessThan", "lessThanOrEquals", "hasValue", "in", "closed", "sparql"),
    *("node", "not", "and", "or", "xone", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShape"),
)
"""The constraints of SHACL core and SPARQL, by local name, in the order in which they are told."""

_PATHS = {"inversePath": "inverse", "alternativePath": "alternative", "zeroOrMorePath": "zero_or_more",
          "oneOrMorePath": "one_or_more", "zeroOrOnePath": "zero_or_one"}  # fmt: skip
_DEEPEST = 12

Texts = Mapping[str, str]
Key = tuple[str, bool]
"""A property, and whether it is followed backwards."""


@dataclass(frozen=True, slots=True)
class Path:
    """A property path: ``kind`` is ``property`` for an IRI, else how the parts are put together."""

    kind: str
    iri: str = ""
    parts: tuple["Path", ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """The single properties that it may lead along; a path of several steps has none."""
        if self.kind == "property":
            return ((self.iri, False),)
        if self.kind == "inverse":
            return tuple((iri, not backwards) for part in self.parts for iri, backwards in part.keys)
        if self.kind == "alternative":
            return tuple(key for part in self.parts for key in part.keys)
        return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One constraint: the local name of its parameter, its values, and the shapes that stand in it."""

    name: str
    values: tuple[terms.Term, ...] = ()
    shapes: tuple["Shape", ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape: what it is about, what it demands and what is said if it is not met. Texts are by language.

    ``path`` is None for a node shape; ``severity`` is a local name, such as ``Violation``.
    """

    iri: str
    path: Path | None = None
    targets: tuple[str, ...] = ()
    name: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    message: Texts = field(default_factory=dict)
    severity: str = "Violation"
    group: str = ""
    order: float | None = None
    rules: tuple[Rule, ...] = ()
    properties: tuple["Shape", ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page shows a property: in which group, how far up in it, and under which name if it has one."""

    group: str
    rank: tuple[float, float]
    name: Texts


class Shapes:
    """The shapes of one content. ``read_shapes`` makes it."""

    def __init__(
        self, shapes: Mapping[str, Shape], groups: Mapping[str, float], parents: Mapping[str, Sequence[str]]
    ) -> None:
        self.shapes = shapes
        self.groups = groups
        self._parents = parents

    def lineage(self, classes: Sequence[str]) -> list[str]:
        """Classes and everything above them, the nearest first."""
        found = list(dict.fromkeys(classes))
        for iri in found:  # grows while it is read
            found += [parent for parent in self._parents.get(iri, ()) if parent not in found]
        return found

    def about(self, iri: str) -> list[Shape]:
        """The node shapes that a class is the target of, by IRI."""
        return [shape for shape in self.shapes.values() if iri in shape.targets]

    def along(self, iri: str) -> list[tuple[Shape, Shape]]:
        """Pairs of node shape and property shape that demand something of a property, in either direction."""
        return [
            (node, each)
            for node in self.shapes.values()
            for each in node.properties
            if each.path and any(name == iri for name, _ in each.path.keys)
        ]

    def places(self, classes: Sequence[str]) -> dict[Key, Place]:
        """Where the properties of a thing of some classes belong; the shape of the nearest class decides."""
        found: dict[Key, Place] = {}
        for iri in self.lineage(classes):
            for key, place in self._places.get(iri, {}).items():
                found.setdefault(key, place)
        return found

    @cached_property
    def _places(self) -> Mapping[str, Mapping[Key, Place]]:
        places: dict[str, dict[Key, Place]] = {}
        for node in self.shapes.values():
            for shape in node.properties:
                place = self._place(shape)
                for key in shape.path.keys if shape.path else ():
                    for target in node.targets:
                        known = places.setdefault(target, {}).setdefault(key, place)
                        if place.rank < known.rank:
                            places[target][key] = place
        return places

    def _place(self, shape: Shape) -> Place:
        last = float("inf")
        order = last if shape.order is None else shape.order
        return Place(shape.group, (self.groups.get(shape.group, last), order), shape.name)


def read_shapes(store: Store) -> Shapes:
    """The shapes in a store, those that are switched off left out. Raises StoreError."""
    statements: dict[terms.Term, dict[str, list[terms.Term]]] = {}
    for subject, name, value in store.evaluate(_QUERY).solutions():
        statements.setdefault(subject, {}).setdefault(name.value, []).append(value)
    reader = _Reader(statements)
    shapes = Rules(statements)
    parents: dict[str, list[str]] = {}
    for child, parent in store.evaluate(_PARENTS).solutions():
        parents.setdefault(terms.to_python(child), []).append(terms.to_python(parent))
    groups = {
        subject.value: reader.number(subject, SH.order)
        for subject in statements
        if isinstance(subject, NamedNode) and NamedNode(SH.PropertyGroup) in reader.all(subject, RDF.type)
    }
    last = float("inf")
    return Shapes(
        dict(shapes),
        {iri: last if order is None else order for iri, order in groups.items()},
        {child: sorted(found) for child, found in sorted(parents.items())},
    )


class Rules(Mapping[str, Shape]):
    """IRI → shape, in the order of IRIs, from statements by subject and property; each is read late."""

    def __init__(self, statements: Mapping[terms.Term, Mapping[str, Sequence[terms.Term]]]) -> None:
        self._reader = _Reader(statements)
        self._nodes = {each.value: each for each in sorted(self._reader.named(), key=lambda node: node.value)}
        self._read: dict[str, Shape] = {}

    @classmethod
    def of(cls, quads: Iterable[Quad]) -> "Rules":
        """The shapes in some statements, whichever graph they stand in."""
        statements: dict[terms.Term, dict[str, list[terms.Term]]] = {}
        for quad in quads:
            values = statements.setdefault(quad.subject, {}).setdefault(quad.predicate.value, [])
            if quad.object not in values:
                values.append(quad.object)
        return cls(statements)

    def __getitem__(self, iri: str) -> Shape:
        found = self._read.get(iri)
        if found is None:
            found = self._read[iri] = self._reader.shape(self._nodes[iri])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


class _Reader:
    """Makes shapes from statements by subject and property."""

    def __init__(self, statements: Mapping[terms.Term, Mapping[str, Sequence[terms.Term]]]) -> None:
        self._statements = statements

    def all(self, subject: terms.Term, name: str) -> Sequence[terms.Term]:
        return self._statements.get(subject, {}).get(name, ())

    def texts(self, subject: terms.Term, name: str) -> dict[str, str]:
        found = [value for value in self.all(subject, name) if isinstance(value, Literal)]
        return {value.language or "": value.value for value in sorted(found, key=lambda value: value.value)}

    def number(self, subject: terms.Term, name: str) -> float | None:
        for value in self.all(subject, name):
            number = terms.to_python(value) if isinstance(value, Literal) else None
            if isinstance(number, int | float | Decimal):
                return float(number)
        return None

    def named(self) -> Iterator[NamedNode]:
        """The shapes that have an IRI and are not switched off."""
        for subject, properties in self._statements.items():
            is_shape = SH.path in properties or NamedNode(SH.NodeShape) in properties.get(RDF.type, ())
            if is_shape and isinstance(subject, NamedNode) and not self._is_off(subject):
                yield subject

    def _is_off(self, subject: terms.Term) -> bool:
        return any(terms.to_python(value) is True for value in self.all(subject, SH.deactivated))

    def shape(self, subject: terms.Term, depth: int = 0) -> Shape:
        path = next(iter(self.all(subject, SH.path)), None)
        group = next(
            (value.value for value in self.all(subject, SH.group) if isinstance(value, NamedNode)), ""
        )
        severity = next(
            (value for value in self.all(subject, SH.severity) if isinstance(value, NamedNode)), None
        )
        properties = (
            [self.shape(each, depth + 1) for each in self._properties(subject)] if depth < _DEEPEST else []
        )
        return Shape(
            iri=subject.value if isinstance(subject, NamedNode) else "",
            path=None if path is None else self.path(path),
            targets=tuple(sorted(self._targets(subject))),
            name=self.texts(subject, SH.name),
            description=self.texts(subject, SH.description),
            message=self.texts(subject, SH.message),
            severity=local_name(severity.value) if severity else "Violation",
            group=group,
            order=self.number(subject, SH.order),
            rules=tuple(self._rules(subject, depth)),
            properties=tuple(sorted(properties, key=self._order)),
        )

    def _order(self, shape: Shape) -> tuple[float, float, str]:
        last = float("inf")
        group = self.number(NamedNode(shape.group), SH.order) if shape.group else None
        return (last if group is None else group, last if shape.order is None else shape.order, shape.iri)

    def _properties(self, subject: terms.Term) -> list[terms.Term]:
        return [each for each in self.all(subject, SH.property) if not self._is_off(each)]

    def _targets(self, subject: terms.Term) -> set[str]:
        found = {each.value for each in self.all(subject, SH.targetClass) if isinstance(each, NamedNode)}
        types = {each.value for each in self.all(subject, RDF.type) if isinstance(each, NamedNode)}
        is_class = types & {OWL.Class, RDFS.Class} and isinstance(subject, NamedNode)  # SHACL §2.1.3.3
        return found | {subject.value} if is_class and isinstance(subject, NamedNode) else found

    def _rules(self, subject: terms.Term, depth: int) -> Iterator[Rule]:
        if depth > _DEEPEST:
            return
        for name in RULES:
            values = self.all(subject, f"{SH}{name}")
            if name in ("languageIn", "in"):
                values = [each for value in values for each in self.list(value)]
            if not values:
                continue
            if name in ("node", "not", "qualifiedValueShape"):
                yield Rule(name, tuple(values), tuple(self.shape(each, depth + 1) for each in values))
            elif name in ("and", "or", "xone"):
                members = [each for value in values for each in self.list(value)]
                yield Rule(name, tuple(members), tuple(self.shape(each, depth + 1) for each in members))
            else:
                yield Rule(name, tuple(values))

    def path(self, term: terms.Term, depth: int = 0) -> Path:
        """The path that a term stands for (SHACL §2.3.1)."""
        if isinstance(term, NamedNode):
            return Path("property", term.value)
        if depth > _DEEPEST or not isinstance(term, BlankNode):
            return Path("sequence")
        for name, kind in _PATHS.items():
            for inner in self.all(term, f"{SH}{name}"):
                members = self.list(inner) if kind == "alternative" else [inner]
                return Path(kind, parts=tuple(self.path(each, depth + 1) for each in members))
        return Path("sequence", parts=tuple(self.path(each, depth + 1) for each in self.list(term)))

    def list(self, head: terms.Term) -> list[terms.Term]:
        """The members of an RDF list; one that bites its own tail ends there."""
        members: list[terms.Term] = []
        seen: set[terms.Term] = set()
        node: terms.Term | None = head
        while node is not None and node not in seen:
            seen.add(node)
            members += self.all(node, RDF.first)
            node = next(iter(self.all(node, RDF.rest)), None)
        return members
