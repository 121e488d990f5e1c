"""From what an engine finds to ValidationResults: messages filled in per language, paths in words."""

import re
from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode

from sikkerby_kg.namespaces import DCT, SIK, SKOS, shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.anchors import anchors
from sikkerby_kg.validation.findings import Finding
from sikkerby_kg.validation.found import Found
from sikkerby_kg.validation.index import BLANK, DataIndex
from sikkerby_kg.validation.meant import closest
from sikkerby_kg.validation.paths import path_text
from sikkerby_kg.validation.report import Severity, Texts, ValidationResult
from sikkerby_kg.validation.shapes_graph import SH, TYPE, TermGraph, text

_SHAPE = "https://w3id.org/sikkerby-kg/shape/"
_BRACKETED = re.compile(r"<([^<>]*)>")
_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")
_LABELS = (
    NamedNode(SKOS.prefLabel),
    NamedNode(DCT.title),
    NamedNode("http://www.w3.org/2000/01/rdf-schema#label"),
    NamedNode(SIK.dateAsStated),
)
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf, SH.target)
_SEVERITIES = {each.value: each for each in Severity}


class ResultWriter:
    """Writes results about one index and one shapes graph; ``mentioned`` gathers the nodes they name."""

    def __init__(self, shapes: TermGraph, data: DataIndex) -> None:
        self._shapes = shapes
        self._data = data
        self._above: dict[Term, list[Term]] = {}
        self.mentioned: set[Term] = set()

    def result(self, found: Found) -> ValidationResult:
        """What was found, as a result."""
        shapes, shape = self._shapes, found.shape
        path = found.path or shapes.value(shape, SH.path)
        known = {"this": found.focus, "value": found.value, "path": path}
        row = {**{name: term for name, term in known.items() if term is not None}, **found.row}
        if self._asks_what_is_meant(found):
            is_class = path == TYPE
            unknown = found.value if is_class else path
            if unknown is not None:
                row["close"] = closest(unknown, self._data, is_class=is_class)
        self.mentioned |= set(row.values())
        severity = text(shapes.value(shape, SH.severity))
        select = None if found.constraint is None else shapes.value(found.constraint, SH.select)
        return ValidationResult(
            severity=_SEVERITIES.get(severity, Severity.VIOLATION),
            focus_term=found.focus,
            path=None if path is None else path_text(shapes, path),
            path_iri=path.value if isinstance(path, NamedNode) else None,
            value_term=found.value,
            messages=self._messages(shape, found.constraint, row) or (("", shrink(found.component)),),
            names=self._names(shape, path),
            shape_term=shape,
            node_shape_term=self._node_shape(shape, found.focus),
            component=found.component,
            constraint=None if select is None else text(select),
            detail=tuple(sorted(map(self.result, found.details), key=_order)),
            wrong_term=path if path is not None and self._is_about_path(shape, found) else None,
        )

    def told(self, findings: Iterable[Finding]) -> Iterator[ValidationResult]:
        """Findings as results of the shapes that tell of them; none where the shapes lack such a shape."""
        for finding in findings:
            shape = NamedNode(_SHAPE + finding.shape)
            severity = self._shapes.value(shape, SH.severity)
            if severity is None:
                continue
            self.mentioned |= {finding.focus, finding.value}
            yield ValidationResult(
                severity=Severity(text(severity)),
                focus_term=finding.focus,
                path=path_text(self._shapes, finding.path),
                path_iri=text(finding.path),
                value_term=finding.value,
                messages=_texts(self._shapes.objects(shape, SH.message), finding.row),
                names=labels(self._data, finding.path) or _texts(self._shapes.objects(shape, SH.name)),
                shape_term=shape,
                node_shape_term=shape,
                component=shape.value,
                wrong_term=finding.term,
            )

    def _named(self, row: Mapping[str, Term]) -> Mapping[str, Term]:
        """What fills a message, with things without IRI called after what they hang on."""
        names = anchors(self._data, row.values())
        return {
            key: Literal(_BRACKETED.sub(r"\1", names[term.value])) if isinstance(term, BlankNode) else term
            for key, term in row.items()
        }

    def _messages(self, shape: Term, constraint: Term | None, row: Mapping[str, Term]) -> Texts:
        """The messages of a constraint, else those of its shape (SHACL §5.2.1)."""
        row = self._named(row)
        own = () if constraint is None else _texts(self._shapes.objects(constraint, SH.message), row)
        return own or _texts(self._shapes.objects(shape, SH.message), row)

    def _asks_what_is_meant(self, found: Found) -> bool:
        """Whether the message names the term that an unknown class or property is most like."""
        messages = self._shapes.objects(found.shape, SH.message)
        return "close" not in found.row and any("{?close}" in text(each) for each in messages)

    def _is_about_path(self, shape: Term, found: Found) -> bool:
        """Whether the property is wrong, not its value: the message names the path that the query found."""
        if "path" not in found.row or found.constraint is None:
            return False
        own = self._shapes.objects(found.constraint, SH.message) or self._shapes.objects(shape, SH.message)
        return any("{?path}" in text(each) or "{$path}" in text(each) for each in own)

    def _names(self, shape: Term, path: Term | None) -> Texts:
        """The name of a property shape, else of the property itself, else of the shape."""
        names = _texts(self._shapes.objects(shape, SH.name))
        if isinstance(path, NamedNode) and self._shapes.value(shape, SH.path) is None:
            return labels(self._data, path) or names
        return names

    def _node_shape(self, shape: Term, focus: Term) -> Term | None:
        """The shape with a target that a shape belongs to: the one that has the focus node in its target."""
        having = self._above.get(shape)
        if having is None:
            having = self._above[shape] = self._with_target(shape)
        fitting = (each for each in having if self._is_target(each, focus))
        return next(fitting, having[0] if having else None)

    def _with_target(self, shape: Term) -> list[Term]:
        """The shapes with a target that a shape belongs to, by name."""
        seen: list[Term] = [shape]
        for each in seen:
            for predicate in (SH.property, SH.node):
                seen += [above for above in self._shapes.subjects(predicate, each) if above not in seen]
        named = [each for each in seen if isinstance(each, NamedNode) and self._has_target(each)]
        return sorted(named, key=text)

    def _has_target(self, shape: Term) -> bool:
        return any(self._shapes.objects(shape, target) for target in _TARGETS)

    def _is_target(self, shape: Term, focus: Term) -> bool:
        data, shapes = self._data, self._shapes
        number = data.ids.get(focus, -1)

        def numbers(predicate: NamedNode) -> Iterator[int]:
            return (data.ids[each] for each in shapes.objects(shape, predicate) if each in data.ids)

        return (
            any(data.is_instance(number, kind) for kind in numbers(SH.targetClass))
            or focus in shapes.objects(shape, SH.targetNode)
            or any(number in data.out.get(each, ()) for each in numbers(SH.targetSubjectsOf))
            or any(number in data.into(each) for each in numbers(SH.targetObjectsOf))
            or bool(shapes.objects(shape, SH.target))
        )


def _order(result: ValidationResult) -> tuple[str, ...]:
    """What the results inside a nested shape are sorted by."""
    terms = (result.focus_term, result.value_term, result.shape_term)
    focus, value, shape = map(text, terms)
    return focus, result.path or "", value, shape, result.component


def _texts(literals: Iterable[Term], row: Mapping[str, Term] | None = None) -> Texts:
    """Language and text of literals, in the order of the language tags, with placeholders filled in."""

    def filled(message: str) -> str:
        def term(match: re.Match[str]) -> str:
            found = (row or {}).get(match[1])
            return match[0] if found is None else text(found)

        return _PLACEHOLDER.sub(term, message)

    found = [(each.language or "", filled(each.value)) for each in literals if isinstance(each, Literal)]
    return tuple(sorted(found))


def labels(data: DataIndex, node: Term) -> Texts:
    """What a node is called, by language; a node without IRI is called after what it hangs on."""
    number = data.ids.get(node, -1)
    for predicate in _LABELS:
        values = data.objects(number, data.ids.get(predicate, -1))
        found = _texts(data.terms[each] for each in values)
        if found:
            return found
    if isinstance(node, BlankNode):
        for link in data.out:
            for subject in data.into(link).get(number, ()):
                if data.kinds[subject] != BLANK:
                    name = data.terms[subject]
                    above = labels(data, name) or (("", shrink(text(name))),)
                    return tuple((lang, f"{what} → {shrink(text(data.terms[link]))}") for lang, what in above)
    return ()


def declared_prefixes(data: DataIndex) -> dict[str, str]:
    """Prefix → namespace as the data declares them (SHACL §5.2.1); half a declaration declares nothing."""
    prefix, namespace = (data.ids.get(each, -1) for each in (SH.prefix, SH.namespace))
    found = {}
    for each in data.into(data.ids.get(SH.declare, -1)):
        names, spaces = data.objects(each, prefix), data.objects(each, namespace)
        if names and spaces:
            found[text(data.terms[names[0]])] = text(data.terms[spaces[0]])
    return found
