"""What stands inside a demand is shown by an example: without it, something else is said of the examples.

That is one of the alternatives of ``sh:or``, what ``sh:not`` excludes, another shape without a name, and each
demand of such a shape. It is taken out of the shapes, and the examples of its shape are validated with what
is left. The other demands are seen to by test_demands and test_shapes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from pyoxigraph import BlankNode, NamedNode

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.folders import find_folders
from sikkerby_kg.namespaces import PREFIXES, shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation import Shapes, validate
from sikkerby_kg.validation.scope import Source, shape_files
from sikkerby_kg.validation.shapes import ShapesPart
from sikkerby_kg.validation.shapes_graph import FIRST, REST, SH, TYPE, Statement, TermGraph, text
from tests.made_up import EXAMPLES, ROOT, WORLD, apart, background, mistakes, with_mistake

pytestmark = pytest.mark.slow  # each branch is validated by itself

SHAPE = "https://w3id.org/sikkerby-kg/shape/"
NO_DEMAND = {
    SH[name]
    for name in (
        *(
            "path",
            "severity",
            "flags",
            "name",
            "description",
            "message",
            "order",
            "group",
            "prefixes",
            "select",
        ),
        *("targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf", "target", "declare", "prefix"),
        *("namespace", "inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"),
        *("qualifiedValueShape", "ignoredProperties", "defaultValue"),
    )
}
COUNTS = (SH.qualifiedMinCount, SH.qualifiedMaxCount)
SHARED = ("label-",)
"""Beginnings of the names of property shapes that have examples of their own …"""
SHARED_ROOT = NamedNode(f"{SHAPE}Budget")
"""… and what those examples are of."""


@dataclass(frozen=True)
class Part:
    """A statement of a shape that is taken out, or a member of the list of its alternatives.

    ``root`` is the shape with a target and ``folder`` that of its fixtures.
    """

    root: Term
    folder: str
    where: str
    out: Statement

    def __str__(self) -> str:
        return f"{self.folder}: {self.where}"


def files() -> dict[bool, TermGraph]:
    """The shapes, those that look for their focus nodes by queries apart."""
    found: dict[bool, TermGraph] = {}
    for path in shape_files(find_folders(ROOT)):
        quads = tuple(parse_file(path))
        graph = found.setdefault(any(quad.predicate == SH.target for quad in quads), TermGraph())
        for quad in quads:
            graph.add(quad.subject, quad.predicate, quad.object)
    return found


GRAPHS = files()


def parts(graph: TermGraph) -> Iterator[Part]:
    """What can be taken out, each once, told at the first shape that has it."""
    seen: set[Term] = set()
    roots = graph.subjects(TYPE, SH.NodeShape)
    targeted = [each for each in roots if any(p in TARGETS for p in graph.predicates(each))]
    for root in sorted(targeted, key=text):
        name = text(root).removeprefix(SHAPE)
        yield from _inside(graph, (root, name), root, name, seen)


TARGETS = {SH[f"target{name}"] for name in ("", "Class", "Node", "ObjectsOf", "SubjectsOf")}


def _inside(
    graph: TermGraph, of: tuple[Term, str], node: Term, where: str, seen: set[Term]
) -> Iterator[Part]:
    """What can be taken out of a shape; ``of`` is the shape with a target and the folder of its examples."""
    if node in seen:
        return
    seen.add(node)
    if text(node).removeprefix(SHAPE).startswith(SHARED):
        of = (SHARED_ROOT, "label")
    for predicate in graph.predicates(node):
        short = shrink(text(predicate))
        if not short.startswith("sh:"):
            continue
        for value in graph.objects(node, predicate):
            here = f"{where} → {short}"
            if predicate not in NO_DEMAND:
                yield Part(*of, f"{here} {shrink(text(value))[:60]}", (node, predicate, value))
            if predicate in (SH.property, SH.node, SH.not_, SH.qualifiedValueShape):
                inner = text(value).removeprefix(SHAPE) if isinstance(value, NamedNode) else here
                yield from _inside(graph, of, value, inner, seen)
            elif predicate in (SH.or_, SH.and_, SH.xone):
                cell = value
                for number, member in enumerate(graph.items(value), 1):
                    yield Part(*of, f"{here} {number}", (cell, FIRST, member))
                    yield from _inside(graph, of, member, f"{here} {number}", seen)
                    cell = graph.objects(cell, REST)[0]


def without(graph: TermGraph, part: Part) -> TermGraph:
    """What the shape of a part needs of the shapes, without the part."""
    cell = part.out[0] if part.out[1] == FIRST else None
    rest = None if cell is None else graph.objects(cell, REST)[0]
    node, predicate, _ = part.out
    out = {part.out}
    if predicate in COUNTS and not all(graph.objects(node, each) for each in COUNTS):
        out |= {(node, SH.qualifiedValueShape, each) for each in graph.objects(node, SH.qualifiedValueShape)}
    found = TermGraph()
    waiting = [
        part.root,
        *graph.subjects(TYPE, NamedNode(PREFIXES["owl"] + "Ontology")),
    ]
    for subject in waiting:
        for predicate in graph.predicates(subject):
            for value in graph.objects(subject, predicate):
                if subject == cell or (subject, predicate, value) in out:
                    continue
                kept = rest if value == cell and rest is not None else value
                found.add(subject, predicate, kept)
                if kept not in waiting and kept in graph:
                    waiting.append(kept)
    return found


WHOLE = NamedNode("urn:nothing")


@pytest.fixture(scope="module")
def world() -> list[Source]:
    """What the examples are validated with, as in test_shapes."""
    quads = tuple(parse_file(WORLD))
    return [*background(), Source(WORLD.name, quads, is_asked_for=False, is_background=True)]


class Said:
    """What is said of the fixtures of a shape."""

    def __init__(self, world: list[Source]) -> None:
        self._world = world
        self._sources: dict[str, list[Source]] = {}
        self._whole: dict[tuple[Term, str], list[frozenset[object]]] = {}
        self._hierarchy = tuple(
            each for graph in GRAPHS.values() for each in graph if text(each[1]).endswith("#subClassOf")
        )

    def is_another(self, graph: TermGraph, part: Part, *, is_wide: bool) -> bool:
        """Whether anything else is said without a part."""
        key = (part.root, part.folder)
        if key not in self._whole:
            whole = Part(part.root, part.folder, "", (WHOLE, WHOLE, WHOLE))
            self._whole[key] = list(self._of(without(graph, whole), part, is_wide=is_wide))
        now = self._of(without(graph, part), part, is_wide=is_wide)
        return any(was != each for was, each in zip(self._whole[key], now, strict=True))

    def _of(self, graph: TermGraph, part: Part, *, is_wide: bool) -> Iterator[frozenset[object]]:
        shapes = Shapes((ShapesPart(("shapes.ttl",), graph, is_wide),), self._hierarchy)
        for source in self._of_folder(part.folder):
            report = validate([source, *self._world], shapes, {part.root})
            yield frozenset((each.focus, each.value, each.shape, each.component) for each in report.results)

    def _of_folder(self, folder: str) -> list[Source]:
        """What passes, what fails, and all that passes but for a mistake."""
        if folder not in self._sources:
            paths = sorted((EXAMPLES / folder).glob("*.trig"))
            found = [Source(path.name, tuple(parse_file(path))) for path in paths]
            wrong = [each for its, each in mistakes() if its == folder]
            quads = [q for n, each in enumerate(wrong) for q in apart(with_mistake(folder, each), n)]
            self._sources[folder] = [*found, Source("demands.diff", tuple(quads))]
        return self._sources[folder]


PARTS = [(each, is_wide) for is_wide, graph in GRAPHS.items() for each in parts(graph)]


def is_inside(part: Part) -> bool:
    """Whether a part is an alternative, an exclusion, a shape without a name, or a demand of one."""
    subject, predicate, value = part.out
    inner = predicate in (SH.property, SH.node) and isinstance(value, BlankNode)
    return isinstance(subject, BlankNode) or inner or predicate in (SH.not_, SH.or_, SH.and_, SH.xone)


def test_what_is_inside_a_demand_is_shown_by_an_example(world: list[Source]) -> None:
    """What is a shape of its own inside a shape; those with a name are seen to by test_shapes."""
    said = Said(world)
    inside = [(each, is_wide) for each, is_wide in PARTS if is_inside(each)]
    assert len(inside) > 120
    assert [str(each) for each, wide in inside if not said.is_another(GRAPHS[wide], each, is_wide=wide)] == []
