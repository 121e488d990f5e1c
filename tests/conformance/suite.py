"""Reading the W3C test suite for SPARQL: its manifests, test data and expected results."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

BASE = "https://w3c.github.io/rdf-tests/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"

GROUPS = {
    "SPARQL 1.0 evaluation": ("sparql/sparql10/manifest-evaluation.ttl",),
    "SPARQL 1.0 syntax": ("sparql/sparql10/manifest-syntax.ttl",),
    "SPARQL 1.1 query": ("sparql/sparql11/manifest-sparql11-query.ttl",),
    "SPARQL 1.1 result formats": ("sparql/sparql11/manifest-sparql11-results.ttl",),
    "SPARQL 1.1 protocol": ("sparql/sparql11/protocol/manifest.ttl",),
    "SPARQL 1.1 service description": ("sparql/sparql11/service-description/manifest.ttl",),
    "SPARQL 1.2": ("sparql/sparql12/manifest.ttl",),
}
"""Name of a group of tests → its manifests, as paths in the checkout."""

_FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".rdf": RdfFormat.RDF_XML,
    ".nt": RdfFormat.N_TRIPLES,
    ".trig": RdfFormat.TRIG,
    ".nq": RdfFormat.N_QUADS,
}
RESULTS = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".tsv": QueryResultsFormat.TSV,
    ".csv": QueryResultsFormat.CSV,
}

Node = NamedNode | BlankNode
Term = object
Row = dict[str, Term]


@dataclass(frozen=True)
class Solutions:
    """A table of solutions; the order counts if ``ordered``."""

    rows: Sequence[Row]
    ordered: bool = False


Expected = Solutions | bool | frozenset[Quad]


@dataclass(frozen=True)
class Case:
    """One test: the group and manifest it stands in, its kind, and where its parts are."""

    group: str
    iri: str
    name: str
    kind: str
    manifest: "Manifest"
    node: Node

    @property
    def id(self) -> str:
        """A name for people: folder and end of the IRI."""
        return f"{self.manifest.path.parent.name}/{self.iri.rpartition('#')[2].rpartition('/')[2]}"

    @cached_property
    def action(self) -> Node:
        """What is to be done."""
        found = self.manifest.one(self.node, MF + "action")
        assert isinstance(found, NamedNode | BlankNode)
        return found

    @property
    def query_file(self) -> Path:
        """The file of the query."""
        found = self.manifest.one(self.action, QT + "query") or self.action
        return self.manifest.file(found)

    @property
    def query_base(self) -> str:
        """The IRI of the query, against which its relative IRIs are resolved."""
        return self.manifest.address(self.query_file)

    def data(self) -> Iterator[Quad]:
        """The data of the test, in the default graph and in named graphs."""
        for found in self.manifest.all(self.action, QT + "data"):
            yield from read(self.manifest.file(found), self.manifest.address(self.manifest.file(found)))
        for found in self.manifest.all(self.action, QT + "graphData"):
            graph = self.manifest.one(found, QT + "graph") if isinstance(found, BlankNode) else found
            label = self.manifest.one(found, RDFS + "label")
            path = self.manifest.file(graph)
            name = label.value if isinstance(label, Literal) else self.manifest.address(path)
            for quad in read(path, self.manifest.address(path)):
                yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(name))

    @property
    def result_file(self) -> Path | None:
        """The file with the expected result."""
        found = self.manifest.one(self.node, MF + "result")
        return self.manifest.file(found) if found else None

    @property
    def lax(self) -> bool:
        """Whether duplicates may be left out."""
        return self.manifest.one(self.node, MF + "resultCardinality") is not None


class Manifest:
    """A manifest of a checkout."""

    def __init__(self, root: Path, path: Path) -> None:
        self.root = root
        self.path = path
        self.store = store_of(read(path, self.address(path)))

    def address(self, path: Path) -> str:
        """The IRI of a file."""
        return BASE + path.relative_to(self.root).as_posix()

    def file(self, node: Term) -> Path:
        """The file of an IRI."""
        assert isinstance(node, NamedNode), node
        return self.root / node.value.removeprefix(BASE)

    def all(self, subject: Term, name: str) -> list[Term]:
        """The values of a property."""
        assert isinstance(subject, NamedNode | BlankNode)
        return [q.object for q in self.store.quads_for_pattern(subject, NamedNode(name), None, None)]

    def one(self, subject: Term, name: str) -> Term | None:
        """The value of a property, or None."""
        return next(iter(self.all(subject, name)), None)

    def list(self, node: Term | None) -> Iterator[Term]:
        """The members of an RDF list."""
        while node is not None and node != NamedNode(RDF + "nil"):
            yield self.one(node, RDF + "first")
            node = self.one(node, RDF + "rest")

    def cases(self, group: str) -> Iterator[Case]:
        """The tests of this manifest and of those that it includes."""
        for quad in self.store.quads_for_pattern(None, NamedNode(MF + "include"), None, None):
            for included in self.list(quad.object):
                yield from Manifest(self.root, self.file(included)).cases(group)
        for quad in self.store.quads_for_pattern(None, NamedNode(MF + "entries"), None, None):
            for node in self.list(quad.object):
                assert isinstance(node, NamedNode | BlankNode)
                kind, name = self.one(node, RDF + "type"), self.one(node, MF + "name")
                assert isinstance(kind, NamedNode)
                iri = node.value
                said = name.value if isinstance(name, Literal) else iri
                yield Case(group, iri, said, kind.value.removeprefix(MF), self, node)


def cases(root: Path) -> Iterator[Case]:
    """Every query test of a checkout; tests of updates and of the graph store are about other services."""
    for group, manifests in GROUPS.items():
        for path in manifests:
            for case in Manifest(root, root / path).cases(group):
                if "Update" not in case.kind and case.kind != "GraphStoreProtocolTest":
                    yield case


def store_of(quads: Iterable[Quad]) -> Store:
    """A store with some statements."""
    store = Store()
    store.extend(quads)
    return store


def read(path: Path, base: str) -> list[Quad]:
    """The statements of a file."""
    return list(parse(path.read_bytes(), _FORMATS[path.suffix], base_iri=base, rename_blank_nodes=True))


def expected(case: Case) -> Expected:
    """The result that a test expects; not for CSV, which loses the terms."""
    path = case.result_file
    assert path is not None
    if path.suffix in RESULTS:
        return solutions(path.read_bytes(), RESULTS[path.suffix])
    quads = read(path, case.manifest.address(path))
    store = store_of(quads)
    found = next(
        store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(RS + "ResultSet"), None), None
    )
    if found is None:
        return frozenset(store)
    truth = _one(store, found.subject, RS + "boolean")
    if isinstance(truth, Literal):
        return truth.value == "true"
    return _result_set(store, found.subject)


def _result_set(store: Store, node: Term) -> Solutions:
    """Solutions written as RDF (the vocabulary of the first working group)."""
    rows: list[tuple[int, Row]] = []
    for solution in _all(store, node, RS + "solution"):
        row: Row = {}
        for binding in _all(store, solution, RS + "binding"):
            name = _one(store, binding, RS + "variable")
            assert isinstance(name, Literal)
            row[name.value] = _one(store, binding, RS + "value")
        index = _one(store, solution, RS + "index")
        rows.append((int(index.value) if isinstance(index, Literal) else 0, row))
    return Solutions(
        [row for _, row in sorted(rows, key=lambda pair: pair[0])], ordered=any(index for index, _ in rows)
    )


def _all(store: Store, subject: Term, name: str) -> list[Term]:
    assert isinstance(subject, NamedNode | BlankNode)
    return [quad.object for quad in store.quads_for_pattern(subject, NamedNode(name), None, None)]


def _one(store: Store, subject: Term, name: str) -> Term | None:
    return next(iter(_all(store, subject, name)), None)


def solutions(body: bytes, written: QueryResultsFormat) -> Solutions | bool:
    """The result in a standard format."""
    answer = parse_query_results(body, written)
    if isinstance(answer, QueryBoolean):
        return bool(answer)
    names = [variable.value for variable in answer.variables]
    return Solutions([{n: row[n] for n in names if row[n] is not None} for row in answer])


def graph(body: bytes) -> frozenset[Quad]:
    """The statements in N-Triples."""
    return frozenset(parse(body, RdfFormat.N_TRIPLES))


def normal(term: Term) -> Term:
    """A term as the engine keeps it: it writes numbers in their canonical form."""
    if not isinstance(term, Literal):
        return term
    here = NamedNode("x:")
    kept = next(iter(store_of([Quad(here, here, term, DefaultGraph())])))
    return kept.object
