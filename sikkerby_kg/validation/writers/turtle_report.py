"""A report as SHACL has it (§3.6): a graph, in Turtle, with every result and every message."""

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from sikkerby_kg.namespaces import PREFIXES, RDF
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.path_syntax import read_written
from sikkerby_kg.validation.report import ValidationResult
from sikkerby_kg.validation.writers.document import Document, numbered
from sikkerby_kg.validation.writers.paths import Node as PathNode, PathWriter, counted

_SH = "http://www.w3.org/ns/shacl#"
_TYPE = NamedNode(f"{RDF}type")
_XSD_BOOLEAN = NamedNode(PREFIXES["xsd"] + "boolean")


def as_turtle(document: Document) -> str:
    """The validation report; it conforms if there is no result at all (SHACL §3.6.1.1).

    What a baseline accepts is in it, too: it tells of the data. Blank nodes of data and shapes are numbered.
    """
    graph = _Graph(document)
    prefixes = {**PREFIXES, **document.report.prefixes}
    content = "\n".join(map(str, graph.triples))
    used = {prefix: name for prefix, name in sorted(prefixes.items()) if f"<{name}" in content}
    return (serialize(graph.triples, format=RdfFormat.TURTLE, prefixes=used) or b"").decode()


class _Graph:
    """The statements of a report, in the order of its results.

    Shapes and constraints without IRI are blank nodes; what they say is in the shapes graph, and not copied.
    """

    def __init__(self, document: Document) -> None:
        results = document.report.results
        self._numbers = numbered(results)
        self._paths = PathWriter(counted("path"))
        self._new_result = counted("result")
        self._new_constraint = counted("constraint")
        self._path_nodes: dict[tuple[Term, str], PathNode | None] = {}
        self._constraints: dict[tuple[Term, str], BlankNode] = {}
        self.triples: list[Triple] = []
        report = BlankNode("report")
        self._add(report, _TYPE, _sh("ValidationReport"))
        conforms = Literal("false" if results else "true", datatype=_XSD_BOOLEAN)
        self._add(report, _sh("conforms"), conforms)
        nodes = [self._new_result() for _ in results]
        for node in nodes:
            self._add(report, _sh("result"), node)
        for node, result in zip(nodes, results, strict=True):
            self._result(node, result)

    def _add(self, subject: BlankNode, name: NamedNode, value: Term) -> None:
        self.triples.append(Triple(subject, name, value))

    def _result(self, node: BlankNode, result: ValidationResult) -> None:
        """The statements about a result (SHACL §3.6.2)."""
        self._add(node, _TYPE, _sh("ValidationResult"))
        self._add(node, _sh("focusNode"), self._term(result.focus_term))
        path, structure = self._path(result)
        if path is not None:
            self._add(node, _sh("resultPath"), path)
        if result.value_term is not None:
            self._add(node, _sh("value"), self._term(result.value_term))
        self._add(node, _sh("resultSeverity"), NamedNode(result.severity.value))
        for language, words in result.messages:
            self._add(node, _sh("resultMessage"), Literal(words, language=language or None))
        self._add(node, _sh("sourceConstraintComponent"), NamedNode(result.component))
        self._add(node, _sh("sourceShape"), self._term(result.shape_term))
        details = [self._new_result() for _ in result.detail]
        for each in details:
            self._add(node, _sh("detail"), each)
        if result.constraint is not None:
            self._constraint(node, result.shape_term, result.constraint)
        self.triples += structure
        for each, inner in zip(details, result.detail, strict=True):
            self._result(each, inner)

    def _path(self, result: ValidationResult) -> tuple[PathNode | None, list[Triple]]:
        """The node of a path, and the statements about it unless they stand there already.

        The results of a shape share its path, as they do in the report of pySHACL.
        """
        if result.path is None:
            return None, []
        if result.path_iri:
            return NamedNode(result.path_iri), []
        key = (result.shape_term, result.path)
        if key in self._path_nodes:
            return self._path_nodes[key], []
        path = read_written(result.path)
        node, made = (None, []) if path is None else self._paths.written(path)
        self._path_nodes[key] = node
        return node, made

    def _constraint(self, node: BlankNode, shape: Term, select: str) -> None:
        """The SPARQL-based constraint that was not met: its query (SHACL §5.3.2)."""
        found = self._constraints.get((shape, select))
        constraint = found or self._new_constraint()
        self._add(node, _sh("sourceConstraint"), constraint)
        if found is None:
            self._constraints[shape, select] = constraint
            self._add(constraint, _sh("select"), Literal(select))

    def _term(self, term: Term) -> Term:
        if isinstance(term, BlankNode):
            return BlankNode(f"b{self._numbers.setdefault(term.value, len(self._numbers) + 1)}")
        return term


def _sh(name: str) -> NamedNode:
    return NamedNode(_SH + name)
