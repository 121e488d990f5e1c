"""From what an engine finds to ValidationResults: messages filled in per language, paths in words."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pyoxigraph import BlankNode, Literal, NamedNode

from sikkerby_kg.namespaces import DCT, SIK, SKOS, shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.anchors import anchors
from sikkerby_kg.validation.findings import Finding
from sikkerby_kg.validation.found import Found
from sikkerby_kg.validation.index import BLANK, DataIndex
from sikkerby_kg.validation.meant import NOTHING, closest
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
_MOST_MEANT = 200
"""Unknown terms for which a likely one is looked for: each takes some milliseconds."""
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf, SH.target)
_SEVERITIES = {each.value: each for each in Severity}


@dataclass(frozen=True, slots=True)
class _Form:
    """What all results of one constraint and path have alike; ``templates`` are language and text."""

    severity: Severity
    path: Term | None
    path_text: str | None
    names: Texts
    select: str | None
    templates: tuple[tuple[str, "_Template"], ...]
    is_about_path: bool
    asks_what_is_meant: bool


class ResultWriter:
    """Writes results about one index and one shapes graph; ``mentioned`` gathers the nodes they name."""

    def __init__(self, shapes: TermGraph, data: DataIndex) -> None:
        self._shapes = shapes
        self._data = data
        self._forms: dict[tuple[Term, Term | None, Term | None], _Form] = {}
        self._above: dict[Term, tuple[tuple[Term, _IsTarget], ...]] = {}
        self._meant: dict[tuple[Term, bool], Term] = {}
        self.mentioned: set[Term] = set()

    def result(self, found: Found) -> ValidationResult:
        """What was found, as a result."""
        shape, key = found.shape, (found.shape, found.constraint, found.path)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = self._form(*key)
        path = form.path
        known = {"this": found.focus, "value": found.value, "path": path}
        row = {**{name: term for name, term in known.items() if term is not None}, **found.row}
        if form.asks_what_is_meant and "close" not in row:
            unknown = found.value if path == TYPE else path
            if unknown is not None:
                row["close"] = self._closest(unknown, is_class=path == TYPE)
        self.mentioned.update(row.values())
        messages = tuple(sorted((lang, each.filled(row, self._data)) for lang, each in form.templates))
        return ValidationResult(
            severity=form.severity,
            focus_term=found.focus,
            path=form.path_text,
            path_iri=path.value if isinstance(path, NamedNode) else None,
            value_term=found.value,
            messages=messages or (("", shrink(found.component)),),
            names=form.names,
            shape_term=shape,
            node_shape_term=self._node_shape(shape, found.focus),
            component=found.component,
            constraint=form.select,
            detail=tuple(sorted(map(self.result, found.details), key=_order)) if found.details else (),
            wrong_term=path if form.is_about_path and "path" in found.row else None,
        )

    def _closest(self, unknown: Term, *, is_class: bool) -> Term:
        """The term that an unknown class or property is most like; a dash if many have been looked for."""
        known = self._meant.get((unknown, is_class))
        if known is None:
            if len(self._meant) >= _MOST_MEANT:
                return NOTHING
            known = self._meant[unknown, is_class] = closest(unknown, self._data, is_class=is_class)
        return known

    def _form(self, shape: Term, constraint: Term | None, found_path: Term | None) -> _Form:
        shapes = self._shapes
        path = found_path or shapes.value(shape, SH.path)
        select = None if constraint is None else shapes.value(constraint, SH.select)
        own = [] if constraint is None else shapes.objects(constraint, SH.message)
        templates = _templates(own) or _templates(shapes.objects(shape, SH.message))
        messages = map(text, own or shapes.objects(shape, SH.message))
        return _Form(
            _SEVERITIES.get(text(shapes.value(shape, SH.severity)), Severity.VIOLATION),
            path,
            None if path is None else path_text(shapes, path),
            self._names(shape, path),
            None if select is None else text(select),
            templates,
            # the property is wrong, not its value: the message names the path that the query found
            path is not None
            and constraint is not None
            and any("{?path}" in each or "{$path}" in each for each in messages),
            any("{?close}" in text(each) for each in shapes.objects(shape, SH.message)),
        )

    def told(self, findings: Iterable[Finding]) -> Iterator[ValidationResult]:
        """Findings as results of the shapes that tell of them; none where the shapes lack such a shape."""

        @cache
        def form(shape: NamedNode, path: Term) -> tuple[Severity | None, str, Texts]:
            severity = self._shapes.value(shape, SH.severity)
            names = labels(self._data, path) or _texts(self._shapes.objects(shape, SH.name))
            kind = None if severity is None else Severity(text(severity))
            return kind, path_text(self._shapes, path), names

        for finding in findings:
            shape = NamedNode(_SHAPE + finding.shape)
            severity, path, names = form(shape, finding.path)
            if severity is None:
                continue
            self.mentioned |= {finding.focus, finding.value}
            yield ValidationResult(
                severity=severity,
                focus_term=finding.focus,
                path=path,
                path_iri=text(finding.path),
                value_term=finding.value,
                messages=_texts(self._shapes.objects(shape, SH.message), finding.row),
                names=names,
                shape_term=shape,
                node_shape_term=shape,
                component=shape.value,
                wrong_term=finding.term,
            )

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
            having = self._above[shape] = tuple(
                (each, self._is_target(each)) for each in self._with_target(shape)
            )
        if len(having) < 2:  # noqa: PLR2004  (two to choose from)
            return having[0][0] if having else None
        fitting = (each for each, is_target in having if is_target(focus))
        return next(fitting, having[0][0])

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

    def _is_target(self, shape: Term) -> "_IsTarget":
        """The function that tells whether a node is in the target of a shape."""
        data, shapes = self._data, self._shapes

        def numbers(predicate: NamedNode) -> Iterator[int]:
            return (data.ids[each] for each in shapes.objects(shape, predicate) if each in data.ids)

        if shapes.objects(shape, SH.target):
            return lambda _: True
        kinds = frozenset(kind for each in numbers(SH.targetClass) for kind in data.below(each))
        nodes = frozenset(shapes.objects(shape, SH.targetNode))
        links = [
            *(data.out.get(each, {}) for each in numbers(SH.targetSubjectsOf)),
            *(data.into(each) for each in numbers(SH.targetObjectsOf)),
        ]
        types = data.out.get(data.type, {})

        def is_target(focus: Term) -> bool:
            number = data.ids.get(focus, -1)
            return (
                not kinds.isdisjoint(types.get(number, ()))
                or focus in nodes
                or any(number in each for each in links)
            )

        return is_target


_IsTarget = Callable[[Term], bool]


class _Template:
    """A message whose placeholders (SHACL §5.2.1) were found beforehand."""

    def __init__(self, message: str) -> None:
        matches = list(_PLACEHOLDER.finditer(message))
        ends = [0, *(each.end() for each in matches)]
        self._before = [message[end : each.start()] for end, each in zip(ends, matches, strict=False)]
        self._gaps = [(each[1], each[0]) for each in matches]
        self._rest = message[ends[-1] :]

    def filled(self, row: Mapping[str, Term], data: DataIndex) -> str:
        """The message; things without IRI are called after what they hang on."""
        if not self._gaps:
            return self._rest
        parts: list[str] = []
        for before, (name, written) in zip(self._before, self._gaps, strict=True):
            term = row.get(name)
            parts += (before, written if term is None else _named(term, data))
        return "".join((*parts, self._rest))


def _named(term: Term, data: DataIndex) -> str:
    if isinstance(term, BlankNode):
        return _BRACKETED.sub(r"\1", anchors(data, [term])[term.value])
    return text(term)


def _templates(literals: Iterable[Term]) -> tuple[tuple[str, _Template], ...]:
    return tuple(
        (each.language or "", _Template(each.value)) for each in literals if isinstance(each, Literal)
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
