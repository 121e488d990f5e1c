"""The W3C test suite for SHACL: its cases, and how the engines do. As a program it prints the table.

python -m tests.conformance.shacl …/data-shapes [--fails]
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from sikkerby_kg.errors import ContentError
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.data import Data
from sikkerby_kg.validation.engine import run
from sikkerby_kg.validation.found import Found
from sikkerby_kg.validation.paths import PathError, read_path
from sikkerby_kg.validation.querying import Querying
from sikkerby_kg.validation.reference import Reference
from sikkerby_kg.validation.scope import Source
from sikkerby_kg.validation.shapes import Shapes, ShapesPart
from sikkerby_kg.validation.shapes_graph import SH, TYPE, TermGraph

FOLDER = "data-shapes-test-suite/tests"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
BASE = "https://w3c.github.io/data-shapes/"
_SUBCLASS = NamedNode(PREFIXES["rdfs"] + "subClassOf")
_SUITES = ("core", "sparql")

Outcome = tuple[str, ...]
"""A result as it is compared: focus node, path, value, severity, component, shape, constraint."""


@dataclass(frozen=True)
class Case:
    """One test: a graph that holds what it is about, the shapes and the expected report."""

    suite: str
    name: str
    path: Path
    graph: TermGraph
    node: Term

    def _action(self, name: str) -> tuple[Quad, ...]:
        action = self.graph.value(self.node, NamedNode(MF + "action"))
        assert action is not None
        file = self.graph.value(action, NamedNode(SHT + name))
        assert isinstance(file, NamedNode)
        return _read(_file(self.path, file))

    @property
    def data(self) -> tuple[Quad, ...]:
        """The statements to validate."""
        return self._action("dataGraph")

    @property
    def shapes(self) -> tuple[Quad, ...]:
        """The statements of the shapes."""
        return self._action("shapesGraph")

    @property
    def expected(self) -> Counter[Outcome] | None:
        """The results; None where the shapes have to be refused."""
        report = self.graph.value(self.node, NamedNode(MF + "result"))
        if report == NamedNode(SHT + "Failure"):
            return None
        assert report is not None
        return Counter(self._outcome(each) for each in self.graph.objects(report, SH.result))

    def _outcome(self, result: Term) -> Outcome:
        def one(name: str) -> Term | None:
            return self.graph.value(result, SH[name])

        path, severity = one("resultPath"), one("resultSeverity")
        assert isinstance(severity, NamedNode)
        return (
            str(one("focusNode")),
            _path(self.graph, path),
            _shown(one("value")),
            severity.value,
            str(getattr(one("sourceConstraintComponent"), "value", "")),
            str(one("sourceShape")),
            str(one("sourceConstraint")),
        )


def cases(checkout: Path) -> Iterator[Case]:
    """The tests of SHACL Core and SHACL-SPARQL in a checkout of w3c/data-shapes."""
    for suite in _SUITES:
        for path in sorted((checkout / FOLDER / suite).rglob("*.ttl")):
            graph = TermGraph(_read(path))
            for node in graph.subjects(TYPE, NamedNode(SHT + "Validate")):
                yield Case(suite, path.stem, path, graph, node)


def _address(path: Path) -> str:
    return BASE + path.as_posix().rpartition(f"{FOLDER}/")[2]


def _file(beside: Path, iri: NamedNode) -> Path:
    top = Path(beside.as_posix().rpartition(f"{FOLDER}/")[0]) / FOLDER
    return top / iri.value.removeprefix(BASE)


def _read(path: Path) -> tuple[Quad, ...]:
    """The statements of a file; a blank node has the same name each time."""
    return tuple(parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=_address(path)))


def _path(graph: TermGraph, node: Term | None) -> str:
    if node is None:
        return ""
    try:
        return read_path(graph, node).sparql
    except PathError:
        return str(node)


def _shown(value: Term | None) -> str:
    return "" if value is None else repr(value) if isinstance(value, Literal) else str(value)


def outcomes(case: Case, *, by_reference: bool = False) -> tuple[Counter[Outcome] | None, list[str]]:
    """The results of an engine, None if the shapes are refused; and why pySHACL was needed, if it was."""
    graph = TermGraph(case.shapes)
    part = ShapesPart((case.name,), graph, over_dataset=False)
    shapes = Shapes((part,), tuple(each for each in graph if each[1] == _SUBCLASS))
    data = Data([Source(case.name, case.data)])
    found: list[Found] = []
    left: dict[Term, str] = dict.fromkeys(part.compiled.with_target, "")
    if not by_reference:
        done = run(part, data, Querying(data.index, shapes=graph))
        found, left = done.found, done.left
    if left:
        try:
            found = [*found, *Reference(data, shapes).found(part, left)]
        except ContentError:
            return None, list(left.values())
    return Counter(_of(each, graph) for each in found), list(left.values())


def _of(found: Found, graph: TermGraph) -> Outcome:
    severity: Any = graph.value(found.shape, SH.severity) or SH.Violation
    return (
        str(found.focus),
        _path(graph, found.path or graph.value(found.shape, SH.path)),
        _shown(found.value),
        severity.value,
        found.component,
        str(found.shape),
        str(found.constraint),
    )


def _main(arguments: list[str]) -> None:
    """Print how many tests each engine passes, and with ``--fails`` which it does not."""
    counts: dict[str, Counter[str]] = {suite: Counter() for suite in _SUITES}
    for case in cases(Path(arguments[0]).resolve()):
        ours, left = outcomes(case)
        theirs, _ = outcomes(case, by_reference=True)
        count = counts[case.suite]
        count["tests"] += 1
        count["ours"] += ours == case.expected
        count["by pySHACL"] += bool(left)
        count["pySHACL"] += theirs == case.expected
        if "--fails" in arguments and (left or not ours == theirs == case.expected):
            sys.stdout.write(
                f"{case.suite} {case.name}: ours {ours == case.expected}, pySHACL {theirs == case.expected}, "
                f"equal {ours == theirs}, left {left}\n"
            )
    for suite, count in counts.items():
        sys.stdout.write(f"{suite}: {dict(count)}\n")


if __name__ == "__main__":
    _main(sys.argv[1:])
