"""From pySHACL's report graph to ValidationResults: messages filled in per language, paths in words."""

import re
from collections.abc import Iterable, Iterator, Mapping

from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node, Variable

from sikkerby_kg.namespaces import DCT, SKOS, shrink
from sikkerby_kg.validation.findings import Finding
from sikkerby_kg.validation.graphs import Queries, Row
from sikkerby_kg.validation.report import Severity, Texts, ValidationResult

_SHAPE = "https://w3id.org/sikkerby-kg/shape/"
_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_SUFFIXES = ((SH.zeroOrMorePath, "*"), (SH.oneOrMorePath, "+"), (SH.zeroOrOnePath, "?"))
_LABELS = (URIRef(SKOS.prefLabel), URIRef(DCT.title), RDFS.label)


class ResultReader:
    """Reads reports about one data graph and one shapes graph; ``mentioned`` gathers the nodes they name."""

    def __init__(self, shapes: Graph, data: Graph, queries: Queries) -> None:
        self._shapes = shapes
        self._data = data
        self._rows = {
            (text, focus): list(rows)
            for text, by_focus in queries.found.items()
            for focus, rows in by_focus.items()
        }
        self.mentioned: set[Node] = set()

    def read(self, report: Graph) -> Iterator[ValidationResult]:
        """The results of a report, in no particular order."""
        inner = set(report.objects(None, SH.detail))
        for node in report.objects(None, SH.result):
            if node not in inner:
                yield self._result(report, node)

    def _result(self, report: Graph, node: Node) -> ValidationResult:
        def one(predicate: URIRef) -> Node | None:
            return report.value(node, predicate)

        focus, shape = one(SH.focusNode), one(SH.sourceShape)
        value, path, constraint = one(SH.value), one(SH.resultPath), one(SH.sourceConstraint)
        assert focus is not None  # noqa: S101  (SHACL §3.6.2.1: every result has one)
        assert shape is not None  # noqa: S101  (as above)
        select = None if constraint is None else self._shapes.value(constraint, SH.select)
        row = self._row(select, focus, value, path)
        self.mentioned |= {focus, *row.values()} | ({value} if value is not None else set())
        severity, component = str(one(SH.resultSeverity)), str(one(SH.sourceConstraintComponent))
        return ValidationResult(
            severity=next((each for each in Severity if each.value == severity), Severity.VIOLATION),
            focus=focus,
            path=None if path is None else path_text(self._shapes, path),
            path_iri=str(path) if isinstance(path, URIRef) else None,
            value=value,
            messages=self._messages(shape, constraint, row) or (("", shrink(component)),),
            names=self._names(shape, path),
            shape=shape,
            node_shape=self._node_shape(shape, focus),
            component=component,
            constraint=None if select is None else str(select),
            detail=tuple(self._result(report, each) for each in report.objects(node, SH.detail)),
        )

    def told(self, findings: Iterable[Finding]) -> Iterator[ValidationResult]:
        """Findings as results of the shapes that tell of them; none where the shapes lack such a shape."""
        for finding in findings:
            shape = URIRef(_SHAPE + finding.shape)
            severity = self._shapes.value(shape, SH.severity)
            if severity is None:
                continue
            self.mentioned |= {finding.focus, finding.value}
            yield ValidationResult(
                severity=Severity(str(severity)),
                focus=finding.focus,
                path=path_text(self._shapes, finding.path),
                path_iri=str(finding.path),
                value=finding.value,
                messages=_texts(self._shapes.objects(shape, SH.message), _named(finding.row)),
                names=labels(self._data, finding.path) or _texts(self._shapes.objects(shape, SH.name)),
                shape=shape,
                node_shape=shape,
                component=str(shape),
                term=finding.term,
            )

    def _row(
        self,
        select: Node | None,
        focus: Node,
        value: Node | None,
        path: Node | None,
    ) -> Row:
        """The variables of the solution that a result was made from; each solution makes one result."""
        known = {Variable("this"): focus, Variable("value"): value, Variable("path"): path}
        here = {name: term for name, term in known.items() if term is not None}
        if select is None:
            return here
        for (text, asked), rows in self._rows.items():
            if asked == focus and text.endswith(str(select)):
                for row in rows:
                    if row.get(Variable("value"), value) == value and row.get(Variable("path"), path) == path:
                        rows.remove(row)
                        return {**here, **row}
        return here

    def _messages(self, shape: Node, constraint: Node | None, row: Row) -> Texts:
        """The messages of a constraint, else those of its shape (SHACL §5.2.1)."""
        own = () if constraint is None else _texts(self._shapes.objects(constraint, SH.message), row)
        return own or _texts(self._shapes.objects(shape, SH.message), row)

    def _names(self, shape: Node, path: Node | None) -> Texts:
        """The name of a property shape, else of the property itself, else of the shape."""
        names = _texts(self._shapes.objects(shape, SH.name))
        if isinstance(path, URIRef) and self._shapes.value(shape, SH.path) is None:
            return labels(self._data, path) or names
        return names

    def _node_shape(self, shape: Node, focus: Node) -> Node | None:
        """The shape with a target that a shape belongs to: the one that has the focus node in its target."""
        seen: list[Node] = [shape]
        for each in seen:
            for predicate in (SH.property, SH.node):
                seen += [above for above in self._shapes.subjects(predicate, each) if above not in seen]
        having = sorted(each for each in seen if isinstance(each, URIRef) and self._has_target(each))
        return next((each for each in having if self._is_target(each, focus)), having[0] if having else None)

    def _has_target(self, shape: Node) -> bool:
        targets = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf, SH.target)
        return any(self._shapes.value(shape, target) is not None for target in targets)

    def _is_target(self, shape: Node, focus: Node) -> bool:
        data, shapes = self._data, self._shapes
        classes = {
            above
            for kind in data.objects(focus, RDF.type)
            for above in data.transitive_objects(kind, RDFS.subClassOf)
        }
        return (
            not classes.isdisjoint(shapes.objects(shape, SH.targetClass))
            or focus in shapes.objects(shape, SH.targetNode)
            or any((focus, each, None) in data for each in shapes.objects(shape, SH.targetSubjectsOf))
            or any((None, each, focus) in data for each in shapes.objects(shape, SH.targetObjectsOf))
            or (shape, SH.target, None) in shapes
        )


def _named(row: Mapping[str, Node]) -> Row:
    return {Variable(name): term for name, term in row.items()}


def _texts(literals: Iterable[Node], row: Row | None = None) -> Texts:
    """Language and text of literals, in the order of the language tags, with placeholders filled in."""

    def filled(text: str) -> str:
        def term(match: re.Match[str]) -> str:
            found = (row or {}).get(Variable(match[1]))
            return match[0] if found is None else str(found)

        return _PLACEHOLDER.sub(term, text)

    found = [(each.language or "", filled(str(each))) for each in literals if isinstance(each, Literal)]
    return tuple(sorted(found))


def labels(data: Graph, node: Node) -> Texts:
    """What a node is called, by language; a node without IRI is called after what it hangs on."""
    for predicate in _LABELS:
        found = _texts(data.objects(node, predicate))
        if found:
            return found
    if isinstance(node, BNode):
        for subject, link in data.subject_predicates(node):
            if not isinstance(subject, BNode):
                above = labels(data, subject) or (("", shrink(str(subject))),)
                return tuple((lang, f"{text} → {shrink(str(link))}") for lang, text in above)
    return ()


def declared_prefixes(data: Graph) -> dict[str, str]:
    """Prefix → namespace as the data declares them (SHACL §5.2.1)."""
    return {
        str(data.value(each, SH.prefix)): str(data.value(each, SH.namespace))
        for each in data.objects(None, SH.declare)
    }


def path_text(shapes: Graph, path: Node) -> str:
    """A SHACL property path as SPARQL writes it, with CURIEs (SHACL §2.3.1)."""
    if isinstance(path, URIRef):
        curie = shrink(str(path))
        return f"<{path}>" if curie == str(path) else curie
    if (path, RDF.first, None) in shapes:
        return "/".join(_step(shapes, each) for each in shapes.items(path))
    alternatives = shapes.value(path, SH.alternativePath)
    if alternatives is not None:
        return "|".join(path_text(shapes, each) for each in shapes.items(alternatives))
    inverse = shapes.value(path, SH.inversePath)
    if inverse is not None:
        return "^" + _step(shapes, inverse)
    for predicate, suffix in _SUFFIXES:
        inner = shapes.value(path, predicate)
        if inner is not None:
            return _step(shapes, inner) + suffix
    return str(path)


def _step(shapes: Graph, path: Node) -> str:
    """A path as a part of another: a sequence and a choice need brackets."""
    text = path_text(shapes, path)
    several = (path, RDF.first, None) in shapes or (path, SH.alternativePath, None) in shapes
    return f"({text})" if several else text
