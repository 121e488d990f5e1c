"""The made-up world of the examples of shapes, and what passes in it with one mistake each."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.validation.mistakes import FILE, Mistake, read_mistakes
from sikkerby_kg.validation.scope import Source

T = TypeVar("T")

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "ontology" / "examples"
WORLD = EXAMPLES / "world.trig"
_OPEN = ("aim", "challenge", "target-group")
"""Code lists that belong to the content of one city."""
_BASE = re.compile(r"https://example\.org/(?:case|world)/")
_LABEL = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")


def background() -> list[Source]:
    """The ontology and its lists of kinds."""
    lists = sorted((ROOT / "ontology" / "codelists").glob("*.ttl"))
    paths = [ROOT / "ontology" / "sikkerby.ttl", *(each for each in lists if each.stem not in _OPEN)]
    return [
        Source(path.name, tuple(parse_file(path)), is_asked_for=False, is_background=True) for path in paths
    ]


def mistakes() -> list[tuple[str, Mistake]]:
    """All mistakes, each with the folder that it stands in."""
    return [
        (path.parent.name, each)
        for path in sorted(EXAMPLES.glob(f"*/{FILE}"))
        for each in read_mistakes(path, path.name)
    ]


def with_mistake(folder: str, mistake: Mistake) -> list[Quad]:
    """What passes and its world, with a mistake in it. It takes out only what is there."""
    right = EXAMPLES / folder / "pass.trig"
    quads = [*_statements(right), *_statements(WORLD)]
    known = "\n".join(dict.fromkeys([*_prefixes(right), *_prefixes(WORLD)]))

    def read(sign: str) -> list[Quad]:
        return list(parse(f"{known}\n{mistake.statements(sign)}", RdfFormat.TRIG))

    out: set[Triple] = {each.triple for each in read("-")}
    missing = out - {each.triple for each in quads}
    assert not missing, f"{mistake.shape} sh:{mistake.demand}: {missing} is not in {right}"
    return [*(each for each in quads if each.triple not in out), *read("+")]


def apart(quads: Iterable[Quad], number: int) -> Iterator[Quad]:
    """The same statements about other things: their IRIs and names have a number in them."""
    for each in quads:
        value = _moved(each.object, number)
        if each.predicate == _LABEL and isinstance(value, Literal) and value.value == value.value.strip():
            name = f"{number} {value.value}"
            value = Literal(name, language=value.language) if value.language else Literal(name)
        yield Quad(_moved(each.subject, number), each.predicate, value, _moved(each.graph_name, number))


def _moved(term: T, number: int) -> T | NamedNode:
    if isinstance(term, NamedNode) and (base := _BASE.match(term.value)):
        return NamedNode(f"{base[0]}{number}/{term.value[base.end() :]}")
    return term


def number_of(node: object) -> int:
    """The number that is in the IRI of a thing."""
    return int(_BASE.sub("", str(node)).partition("/")[0])


@cache
def _statements(path: Path) -> tuple[Quad, ...]:
    return tuple(parse_file(path))


@cache
def _prefixes(path: Path) -> tuple[str, ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line.startswith("@prefix "))
