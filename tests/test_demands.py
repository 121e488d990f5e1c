"""Each single demand of a shape that makes several is shown by a mistake that breaks it and nothing else.

The mistakes are in ontology/examples/<shape>/demands.diff, as changes of what passes. All are validated at
once, each in a world of its own: its things have other IRIs and other names than those of the rest.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.folders import find_folders
from sikkerby_kg.shape_rules import RULES
from sikkerby_kg.validation import ValidationResult, load_shapes, validate
from sikkerby_kg.validation.mistakes import FILE, Mistake, read_mistakes
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.shapes_graph import SH

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "ontology" / "examples"
SHAPE = "https://w3id.org/sikkerby-kg/shape/"
MADE_UP = ("https://example.org/case/", "https://example.org/world/")
LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
MISTAKES = [
    (path.parent.name, each) for path in sorted(EXAMPLES.glob(f"*/{FILE}")) for each in read_mistakes(path)
]


NUMBER = re.compile(r"example\.org/(?:case|world)/(\d+)/")
DEMANDS = {name.lower(): name for name in RULES}


def said(result: ValidationResult) -> str:
    """The shape and the demand that a result is about, as a file of mistakes names them."""
    component = result.component.rpartition("#")[2].removesuffix("ConstraintComponent")
    return f"{str(result.shape).removeprefix(SHAPE)} sh:{DEMANDS[component.lower()]}"


def prefixes(*paths: Path) -> str:
    lines = {line for path in paths for line in path.read_text(encoding="utf-8").splitlines()}
    return "\n".join(line for line in sorted(lines) if line.startswith("@prefix "))


def changed(folder: str, mistake: Mistake) -> list[Quad]:
    """What passes, with a mistake in it."""
    right, world = EXAMPLES / folder / "pass.trig", EXAMPLES / "world.trig"
    known = prefixes(right, world)

    def read(sign: str) -> list[Quad]:
        return list(parse(f"{known}\n{mistake.statements(sign)}", RdfFormat.TRIG))

    quads = [*parse_file(right), *parse_file(world)]
    out = {each.triple for each in read("-")}
    assert out <= {each.triple for each in quads}, f"{mistake.shape} {mistake.demand}: not in {right}"
    return [*(each for each in quads if each.triple not in out), *read("+")]


def apart(quads: list[Quad], number: int) -> Iterator[Quad]:
    """Statements about things whose IRIs and names have a number in them."""

    def moved(term: object) -> object:
        base = isinstance(term, NamedNode) and next((b for b in MADE_UP if term.value.startswith(b)), None)
        return NamedNode(f"{base}{number}/{term.value.removeprefix(base)}") if base else term

    for each in quads:
        value = moved(each.object)
        if each.predicate == LABEL and isinstance(value, Literal) and value.value.strip() == value.value:
            name = f"{number} {value.value}"
            value = Literal(name, language=value.language) if value.language else Literal(name)
        yield Quad(moved(each.subject), each.predicate, value, moved(each.graph_name))


def test_each_mistake_breaks_its_demand_and_nothing_else() -> None:
    lists = (ROOT / "ontology" / "codelists").glob("*.ttl")
    background = [
        ROOT / "ontology" / "sikkerby.ttl",
        *(path for path in sorted(lists) if path.stem not in ("aim", "challenge", "target-group")),
    ]
    sources = [
        Source(path.name, tuple(parse_file(path)), is_asked_for=False, is_background=True)
        for path in background
    ]
    sources += [
        Source(f"{number}", tuple(apart(changed(folder, each), number)))
        for number, (folder, each) in enumerate(MISTAKES)
    ]
    report = validate(sources, load_shapes(find_folders(ROOT)))
    for f in report.fallbacks: print(f)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for result in report.results:
        (number,) = NUMBER.findall(str(result.focus))
        found[int(number)][said(result)] += 1
    expected = {
        number: Counter([f"{each.shape} sh:{each.demand}", *each.also])
        for number, (_, each) in enumerate(MISTAKES)
    }
    wrong = {
        f"{number} {MISTAKES[number][1].shape} {MISTAKES[number][1].demand}": sorted((found[number] - expected[number]).elements()) + [f"missing {x}" for x in (expected[number]-found[number]).elements()]
        for number in expected
        if found[number] != expected[number]
    }
    for k, v in wrong.items(): print(k,'|', '; '.join(v))
    assert wrong == {}
