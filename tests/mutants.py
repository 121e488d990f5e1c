"""Mistakes made in our own content, one at a time: what a slip of the hand does to a statement."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode, Quad

from sikkerby_kg import terms
from sikkerby_kg.namespaces import PREFIXES, shrink
from sikkerby_kg.validation.scope import Source

TYPE = NamedNode(PREFIXES["rdf"] + "type")
LABEL = NamedNode(PREFIXES["skos"] + "prefLabel")
XSD = PREFIXES["xsd"]
MODEL = PREFIXES["sik"]


@dataclass(frozen=True)
class Mutant:
    """A mistake: the operator that makes it, what it is made in, and what goes and comes, in which file."""

    operator: str
    name: str
    file: str
    gone: tuple[Quad, ...]
    come: tuple[Quad, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Operator and property (or class, or origin): what the list of unnoticed mistakes is about."""
        return self.operator, self.name


class World:
    """The content that is to be spoilt."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self.data = [
            (each.name, quad) for each in sources if each.name.startswith("data/") for quad in each.quads
        ]
        self.quads = [quad for _, quad in self.data]
        self.about: dict[object, list[Quad]] = {}
        self.to: dict[object, list[Quad]] = {}
        for quad in self.quads:
            self.about.setdefault(quad.subject, []).append(quad)
            self.to.setdefault(quad.object, []).append(quad)
        self.by_property: dict[object, list[Quad]] = {}
        for quad in self.quads:
            self.by_property.setdefault(quad.predicate, []).append(quad)
        self.graphs = sorted({quad.graph_name for quad in self.quads}, key=str)
        self.classes = sorted(
            {quad.object for quad in self.by_property[TYPE] if str(quad.object).startswith(f"<{MODEL}")},
            key=str,
        )

    def spoilt(self, mutant: Mutant) -> list[Source]:
        """The content with a mistake in it."""
        return [self.spoilt_file(mutant, each) if each.name == mutant.file else each for each in self.sources]

    @staticmethod
    def spoilt_file(mutant: Mutant, file: Source) -> Source:
        """The file that has a mistake."""
        return replace(file, quads=(*(q for q in file.quads if q not in mutant.gone), *mutant.come))


Operator = Callable[[World, Quad], Quad | None]


def _drop(world: World, quad: Quad) -> Quad | None:
    """Nothing; a statement that another graph makes, too, stays, as it would not be missing."""
    same = [each for each in world.about[quad.subject] if each.predicate == quad.predicate]
    return quad if sum(each.object == quad.object for each in same) > 1 else None


def _other_language(world: World, quad: Quad) -> Quad | None:
    del world
    value = quad.object
    if isinstance(value, Literal) and value.language in ("da", "en"):
        return _with(quad, Literal(value.value, language="en" if value.language == "da" else "da"))
    return quad


def _untagged(world: World, quad: Quad) -> Quad | None:
    del world
    value = quad.object
    return _with(quad, Literal(value.value)) if isinstance(value, Literal) and value.language else quad


def _moved_date(world: World, quad: Quad) -> Quad | None:
    """A beginning thirty years later, an end thirty years earlier, any other day thirty years later."""
    del world
    value = quad.object
    if not isinstance(value, Literal) or value.datatype.value != XSD + "date":
        return quad
    years = -30 if quad.predicate.value.endswith("endDate") else 30
    day = dt.date.fromisoformat(value.value)
    return _with(quad, Literal(str(day.replace(year=day.year + years)), datatype=value.datatype))


def _same_name(world: World, quad: Quad) -> Quad | None:
    """The name of another thing of the same class."""
    if quad.predicate != LABEL or not isinstance(quad.object, Literal):
        return quad
    kinds = {each.object for each in world.about[quad.subject] if each.predicate == TYPE}
    for other in world.by_property[LABEL]:
        value = other.object
        if other.subject == quad.subject or not isinstance(value, Literal):
            continue
        same = {each.object for each in world.about[other.subject] if each.predicate == TYPE}
        if kinds & same and value.language == quad.object.language and value != quad.object:
            return _with(quad, value)
    return quad


def _misspelt(world: World, quad: Quad) -> Quad | None:
    del world
    if quad.predicate == TYPE or not isinstance(quad.object, NamedNode):
        return quad
    return _with(quad, NamedNode(quad.object.value + "x"))


def _wrong_type(world: World, quad: Quad) -> Quad | None:
    del world
    value = quad.object
    if not isinstance(value, Literal) or value.language:
        return quad
    is_text = value.datatype.value == XSD + "string"
    return _with(quad, Literal(value.value, datatype=NamedNode(XSD + ("integer" if is_text else "string"))))


def _wrong_class(world: World, quad: Quad) -> Quad | None:
    if quad.predicate != TYPE or quad.object not in world.classes:
        return quad
    following = world.classes[(world.classes.index(quad.object) + 1) % len(world.classes)]
    return _with(quad, following)


def _elsewhere(world: World, quad: Quad) -> Quad | None:
    """In the next graph of all."""
    following = world.graphs[(world.graphs.index(quad.graph_name) + 1) % len(world.graphs)]
    return Quad(quad.subject, quad.predicate, quad.object, following)


def _with(quad: Quad, value: terms.Term) -> Quad:
    return Quad(quad.subject, quad.predicate, value, quad.graph_name)


OPERATORS: dict[str, Operator] = {
    "drop": _drop,
    "language": _other_language,
    "untagged": _untagged,
    "date": _moved_date,
    "same-name": _same_name,
    "misspelt": _misspelt,
    "datatype": _wrong_type,
    "class": _wrong_class,
    "graph": _elsewhere,
}
"""What becomes of a statement: another one, none, or itself where the operator does not suit it."""


def mutants(world: World) -> dict[tuple[str, str], list[Mutant]]:
    """Mistakes of every kind: for each operator and property all that can be made, in the files' order."""
    found: dict[tuple[str, str], list[Mutant]] = {}
    for each in _all(world):
        found.setdefault(each.key, []).append(each)
    return {key: found[key] for key in sorted(found)}


def _all(world: World) -> Iterator[Mutant]:
    for file, quad in world.data:
        name = shrink(quad.predicate.value)
        for operator, act in OPERATORS.items():
            new = act(world, quad)
            if new != quad:
                kind = shrink(str(quad.object)[1:-1]) if quad.predicate == TYPE else name
                kind = "" if operator == "graph" else kind  # no property has a graph of its own
                yield Mutant(operator, kind, file, (quad,), () if new is None else (new,))
        second = _second(world, quad)
        if second is not None:
            yield Mutant("second", name, file, (), (second,))
    for graph in world.graphs:
        about = tuple(world.about.get(graph, ()))
        files = {file for file, quad in world.data if quad.subject == graph}
        if about and len(files) == 1:
            yield Mutant("undescribed", "", files.pop(), about, ())


def _second(world: World, quad: Quad) -> Quad | None:
    """A second value of a property that has one, taken from another thing."""
    values = [each for each in world.about[quad.subject] if each.predicate == quad.predicate]
    if len(values) > 1 or quad.predicate == TYPE:
        return None
    kind = type(quad.object)
    for other in world.by_property[quad.predicate]:
        value = other.object
        same_language = not isinstance(value, Literal) or value.language == getattr(
            quad.object, "language", None
        )
        if (
            value != quad.object
            and other.subject != quad.subject
            and isinstance(value, kind)
            and same_language
        ):
            return _with(quad, value)
    return None


TEXT_OPERATORS: dict[str, tuple[str, str]] = {
    "full stop left out": (r" \.(?=\n\n? +[a-z-]+:)", ""),
    "semicolon left out": (r" ;(?=\n)", ""),
    "quotation mark left out": (r'"(?=@da)', ""),
    "opening brace left out": (r"(?<=\S) \{(?=\n)", ""),
    "closing brace left out": (r"(?<=\n)\}(?=\n)", ""),
    "end of an IRI left out": (r"(?<=[/#])> \.(?=\n)", " ."),
    "space in an IRI": (r"(?<=<https://)", " "),
    "keyword misspelt": (r"^@prefix", "@prefx"),
    "prefix never declared": (r"(?<= )sik:(?=[a-z])", "sikk:"),
    "end of a prefix left out": (r"(?<= a sik):(?=[A-Z])", ""),
    "datatype without carets": (r"\^\^(?=xsd:)", ""),
    "language tag without a language": (r"(?<=\"@)da", ""),
}
"""What is written otherwise: a pattern, and what stands in its place."""


def slips(operator: str, text: str) -> Iterator[tuple[int, str]]:
    """A text with a slip at the first place that suits it, after its line; nothing where there is none."""
    pattern, instead = TEXT_OPERATORS[operator]
    place = re.search(pattern, text, re.MULTILINE)
    if place is not None:
        yield text.count("\n", 0, place.start()) + 1, text[: place.start()] + instead + text[place.end() :]
