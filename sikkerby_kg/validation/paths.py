"""Property paths (SHACL §2.3.1): read from a shapes graph, written as SPARQL, and followed through data."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal as OneOf

from pyoxigraph import BlankNode, NamedNode

from sikkerby_kg.namespaces import shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.index import DataIndex
from sikkerby_kg.validation.shapes_graph import FIRST, SH, BrokenListError, TermGraph

Follow = Callable[[int], Collection[int]]
"""From a node to the nodes at the end of a path, each once."""

Repetition = OneOf["*", "+", "?"]
REPEATED: tuple[Repetition, ...] = ("*", "+", "?")
Kind = OneOf["property", "inverse", "sequence", "alternative"] | Repetition


class PathError(ValueError):
    """What stands for a path and is none."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path: ``kind`` says how its ``parts`` are put together; a ``property`` has an IRI and no parts."""

    kind: Kind
    parts: tuple["Path", ...] = ()
    iri: NamedNode | None = None

    @property
    def is_compound(self) -> bool:
        """Whether it needs brackets as a part of a sequence."""
        return self.kind in ("sequence", "alternative")

    def written(self, name: Callable[[NamedNode], str]) -> str:
        """The path as SPARQL writes it (SPARQL 1.1 §9.1), ``name`` writing a property."""
        if self.iri is not None:
            return name(self.iri)
        if self.kind == "alternative":
            return "|".join(each.written(name) for each in self.parts)
        if self.kind == "sequence":
            steps = (
                f"({each.written(name)})" if each.is_compound else each.written(name) for each in self.parts
            )
            return "/".join(steps)
        (inner,) = self.parts
        step = inner.written(name) if inner.iri is not None else f"({inner.written(name)})"
        return "^" + step if self.kind == "inverse" else step + self.kind

    @property
    def sparql(self) -> str:
        """The path with full IRIs; compound ones are in brackets."""
        found = self.written(lambda iri: f"<{iri.value}>")
        return f"({found})" if self.is_compound else found


KINDS: dict[NamedNode, Kind] = {
    SH.inversePath: "inverse",
    SH.alternativePath: "alternative",
    SH.zeroOrMorePath: "*",
    SH.zeroOrOnePath: "?",
    SH.oneOrMorePath: "+",
}
"""All kinds but a sequence, in the order in which pySHACL looks for them, should a node have several."""


def read_path(shapes: TermGraph, node: Term, above: tuple[Term, ...] = ()) -> Path:
    """The path that a node stands for. Raises PathError for anything else, and for a path inside itself."""
    if isinstance(node, NamedNode):
        return Path("property", iri=node)
    if not isinstance(node, BlankNode) or node in above:
        raise PathError(str(node))
    inside = (*above, node)

    def members(start: Term) -> tuple[Path, ...]:
        try:
            found = tuple(read_path(shapes, each, inside) for each in shapes.items(start))
        except BrokenListError as error:
            raise PathError(str(node)) from error
        if len(found) < 2:  # noqa: PLR2004  (SHACL §2.3.1.2: two members at least)
            raise PathError(str(node))
        return found

    if shapes.objects(node, FIRST):
        return Path("sequence", members(node))
    for predicate, kind in KINDS.items():
        inner = shapes.value(node, predicate)
        if inner is not None:
            parts = members(inner) if kind == "alternative" else (read_path(shapes, inner, inside),)
            return Path(kind, parts)
    raise PathError(str(node))


def path_text(shapes: TermGraph, node: Term) -> str:
    """The path that a node stands for as SPARQL writes it, with CURIEs; the node itself if it is no path."""
    try:
        return read_path(shapes, node).written(_short)
    except PathError:
        return node.value if isinstance(node, BlankNode) else str(node)


def _short(iri: NamedNode) -> str:
    curie = shrink(iri.value)
    return f"<{iri.value}>" if curie == iri.value or "/" in curie else curie  # a slash leads on


def follower(path: Path, data: DataIndex, *, backwards: bool = False) -> Follow:
    """The function that follows a path through data, or against its direction."""
    if path.iri is not None:
        number = data.ids.get(path.iri, -1)
        links = data.into(number) if backwards else data.out.get(number, {})
        return lambda node: links.get(node, ())
    if path.kind == "inverse":
        return follower(path.parts[0], data, backwards=not backwards)
    steps = [follower(each, data, backwards=backwards) for each in path.parts]
    if path.kind == "alternative":
        return lambda node: list(dict.fromkeys(end for step in steps for end in step(node)))
    if path.kind == "sequence":
        return _in_sequence(steps[::-1] if backwards else steps)
    if path.kind == "?":
        return lambda node: list(dict.fromkeys((node, *steps[0](node))))
    return _repeated(steps[0], from_zero=path.kind == "*")


def _in_sequence(steps: list[Follow]) -> Follow:
    first, *others = steps

    def follow(node: int) -> Collection[int]:
        found = first(node)
        for step in others:
            found = dict.fromkeys(end for each in found for end in step(each))
        return found

    return follow


def _repeated(step: Follow, *, from_zero: bool) -> Follow:
    def follow(node: int) -> Collection[int]:
        found = dict.fromkeys((node,) if from_zero else step(node))
        waiting = list(found)
        for each in waiting:
            for end in step(each):
                if end not in found:
                    found[end] = None
                    waiting.append(end)
        return found

    return follow
