"""Whether anything notices a mistake in our content: at once where it was made, else in everything.

A validation of everything takes a third of a second, and there are eleven thousand mistakes. Most are
noticed at the very thing that they were made in, or beside it, and a result there is one that a validation
of everything gives, too. Only what is not noticed there is looked for everywhere.
"""

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, serialize

from sikkerby_kg.checks import Check, load_checks, run_checks
from sikkerby_kg.dataset import in_graphs, union
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.local import LocalStore
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.terms import Term
from sikkerby_kg.validation import Shapes, ValidationResult, load_shapes, validate
from sikkerby_kg.validation.compiling import Binding, Targets
from sikkerby_kg.validation.data import Data
from sikkerby_kg.validation.findings import CHECKS
from sikkerby_kg.validation.found import UnsupportedError
from sikkerby_kg.validation.index import BLANK, IRI, DataIndex, Numbered, Rows
from sikkerby_kg.validation.querying import Querying
from sikkerby_kg.validation.results import ResultWriter
from sikkerby_kg.validation.scope import Source, scopes
from sikkerby_kg.validation.shapes import ShapesPart
from sikkerby_kg.validation.sparql_text import QueryText
from sikkerby_kg.validation.validating import _quiet
from sikkerby_kg.validation.vocabularies import Vocabularies
from tests.mutants import Mutant, World

Key = tuple[object, ...]
Triple = tuple[Term, Term, Term]
_MOST_NEIGHBOURS = 40
_KEPT = (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString", PREFIXES["xsd"] + "anyURI")
"""Datatypes whose literals no store rewrites."""


def _key(result: ValidationResult) -> Key:
    """What makes a result another one; not where it stands."""
    return (result.focus, result.path, result.value, result.shape, result.component, result.messages)


def _triple(quad: Quad) -> Triple:
    return quad.subject, quad.predicate, quad.object


class Judge:
    """Tells whether anything notices a mistake: a shape, a check of the ontology, or the reader of files."""

    def __init__(self, root: Path) -> None:
        folders = find_folders(root)
        (sources,) = scopes(folders)
        self.world = World([Source(each.name, each.quads) for each in sources])  # lines are not asked for
        self.shapes: Shapes = load_shapes(folders)
        self.checks: Sequence[Check] = load_checks(folders)
        self.results = self.results_of(self.world.sources)
        self._violations = set(self._broken(self.world.sources, self.checks))
        self.content = Content(self.world.sources, self.shapes, frozenset(self.results))

    def results_of(self, sources: Sequence[Source]) -> Counter[Key]:
        """The results of a validation of everything."""
        return Counter(map(_key, validate(sources, self.shapes).results))

    def notices(self, mutant: Mutant) -> bool:
        """Whether anything is told of a mistake that is made alone."""
        with _quiet():
            if any(map(is_rewritten, mutant.come)):
                if self.results_of(self.world.spoilt(mutant)) - self.results:
                    return True
            elif self.content.tells(mutant) or self.content.tells(mutant, everywhere=True):
                return True
        return self._breaks_a_rule(mutant) or self._is_unreadable(mutant)

    def _breaks_a_rule(self, mutant: Mutant) -> bool:
        """Whether a check of the ontology tells something new."""
        touched = {each.predicate.value for each in (*mutant.gone, *mutant.come)}
        checks = [each for each in self.checks if self._asks(each, touched)]
        return not self._violations.issuperset(self._broken(self.world.spoilt(mutant), checks))

    @staticmethod
    def _broken(sources: Sequence[Source], checks: Iterable[Check]) -> Iterator[object]:
        """What breaks the rules of the ontology."""
        store = Store()
        store.bulk_extend(union(quad for each in sources for quad in each.quads))
        yield from run_checks(LocalStore(store, "memory"), checks)

    @cached_property
    def _names(self) -> dict[str, frozenset[str] | None]:
        """The IRIs that each check names; None for one that may ask for any property."""
        found: dict[str, frozenset[str] | None] = {}
        for check in self.checks:
            try:
                found[check.name] = QueryText(check.text, {}, is_bound=False).names
            except UnsupportedError:
                found[check.name] = None
        return found

    def _asks(self, check: Check, properties: set[str]) -> bool:
        """Whether the answer to a check may change with the statements of some properties."""
        names = self._names[check.name]
        return names is None or not names.isdisjoint(properties)

    def _is_unreadable(self, mutant: Mutant) -> bool:
        """Whether the file, written as text, can no longer be read as a file of the content."""
        (file,) = (each for each in self.world.sources if each.name == mutant.file)
        text = serialize(self.world.spoilt_file(mutant, file).quads, format=RdfFormat.TRIG)
        assert text is not None
        try:
            in_graphs(text, ".trig", mutant.file)
        except ContentError:
            return True
        return False


class Content:
    """The content as shapes see it, in which a mistake is made, looked at and taken back."""

    def __init__(self, sources: Sequence[Source], shapes: Shapes, known: frozenset[Key]) -> None:
        self._shapes = shapes
        self._known = known
        self._data = Data(sources, shapes.hierarchy)
        self._vocabularies = Vocabularies(shapes.known)
        quads = [quad for each in sources for quad in each.quads]
        self._quads = Counter(quads)
        self._said = Counter(map(_triple, self._quads))
        self._said.update(shapes.hierarchy)
        self._store = Store()
        self._store.bulk_extend(Quad(*each, DefaultGraph()) for each in self._said)  # type: ignore[arg-type]  # as parsed
        self._store.bulk_extend(quads)
        self._targets = {
            part.over_dataset: {node: part.compiled.targets(node) for node in part.compiled.with_target}
            for part in shapes.parts
        }
        self._beside: dict[int, dict[int, None]] = {}
        kinds = self._data.index.kinds
        for subject, _, value in self._data.index.statements():
            if kinds[value] in (IRI, BLANK):
                self._beside.setdefault(subject, {})[value] = None
                self._beside.setdefault(value, {})[subject] = None

    def tells(self, mutant: Mutant, *, everywhere: bool = False) -> bool:
        """Whether there is a new result about what the mistake was made in or beside it, or anywhere."""
        gone, come = self._changes(mutant)
        for quad in gone:
            self._store.remove(quad)
        for quad in come:
            self._store.add(quad)
        try:
            index = self._spoilt(gone, come)
            if everywhere:
                return self._is_new_anywhere(index)
            near = [index.number(each) for quad in (*mutant.gone, *mutant.come) for each in _nodes(quad)]
            return self._is_new(index, list(dict.fromkeys(near)))
        finally:
            for quad in come:
                self._store.remove(quad)
            for quad in gone:
                self._store.add(quad)

    def _changes(self, mutant: Mutant) -> tuple[list[Quad], list[Quad]]:
        """What goes from a store and what comes, in named graphs and in all of them together."""
        gone = [each for each in mutant.gone if self._quads[each] == 1]
        come = [each for each in mutant.come if not self._quads[each]]
        changed = Counter(map(_triple, come))
        changed.subtract(Counter(map(_triple, gone)))
        for triple, count in changed.items():
            quad = Quad(*triple, DefaultGraph())  # type: ignore[arg-type]  # as parsed
            before = self._said[triple]
            if before and before + count == 0:
                gone.append(quad)
            elif not before and count > 0:
                come.append(quad)
        return gone, come

    def _spoilt(self, gone: Iterable[Quad], come: Iterable[Quad]) -> DataIndex:
        """The index with a mistake; what has not changed is shared."""
        index = copy.copy(self._data.index)
        index.out = dict(index.out)
        changed = set()
        for quads, is_gone in ((gone, True), (come, False)):
            for quad in quads:
                if not isinstance(quad.graph_name, DefaultGraph):
                    continue
                subject, predicate, value = map(index.number, _triple(quad))
                if predicate not in changed:
                    changed.add(predicate)
                    index.out[predicate] = dict(index.out.get(predicate, {}))
                links = index.out[predicate]
                values = [each for each in links.pop(subject, []) if each != value]
                if not is_gone:
                    values.append(value)
                if values:
                    links[subject] = values
        index._into = {each: found for each, found in index._into.items() if each not in changed}
        index._below = {} if index._subclass in changed else index._below
        return index

    def _is_new(self, index: DataIndex, near: Sequence[int]) -> bool:
        near = [each for each in near if len(self._beside.get(each, ())) <= _MOST_NEIGHBOURS]
        beside = dict.fromkeys(each for node in near for each in self._beside.get(node, ()))
        parts = sorted(self._shapes.parts, key=lambda each: each.over_dataset)
        bound = [(part, self._binding(part, index)) for part in parts]
        if any(self._is_told(part, binding, each) for part, binding in bound for each in near):
            return True
        if near and self._is_found(index, _about(index, near[0])):
            return True
        few = [each for each in beside if each not in near and len(self._beside[each]) <= _MOST_NEIGHBOURS]
        return any(self._is_told(*bound[0], each) for each in few[:_MOST_NEIGHBOURS])

    def _is_new_anywhere(self, index: DataIndex) -> bool:
        for part in self._shapes.parts:
            binding, writer = self._binding(part, index), ResultWriter(part.graph, index)
            for node, targets in self._targets[part.over_dataset].items():
                for focus in binding.focus_nodes(targets, None):
                    found = binding.evaluate(node)(focus)
                    if any(_key(writer.result(each)) not in self._known for each in found):
                        return True
        return self._is_found(index, index.statements())

    def _binding(self, part: ShapesPart, index: DataIndex) -> Binding:
        querying = Querying(index, (), part.graph)
        querying._store, querying._missing, querying._has_named = self._store, set(), True
        querying.__dict__["_rewritten"] = set()
        return Binding(part.compiled, index, querying)

    def _is_told(self, part: ShapesPart, binding: Binding, focus: int) -> bool:
        writer = None
        for node, targets in self._targets[part.over_dataset].items():
            if not (targets.queries or _is_target(targets, focus, binding.data)):
                continue
            found = binding.evaluate(node)(focus)
            if found:
                writer = writer or ResultWriter(part.graph, binding.data)
                new = any(_key(writer.result(each)) not in self._known for each in found)
                if new and (not targets.queries or focus in binding.focus_nodes(targets, None)):
                    return True
        return False

    def _is_found(self, index: DataIndex, statements: Iterable[Numbered]) -> bool:
        """Whether something is found without SHACL in some statements."""
        rows = Rows()
        for subject, predicate, value in statements:
            rows.subjects.append(subject)
            rows.predicates.append(predicate)
            rows.objects.append(value)
        found = (finding for check in CHECKS for finding in check(rows, index))
        return any(True for _ in found) or any(True for _ in self._vocabularies.findings([rows], index))


def _about(index: DataIndex, subject: int) -> Iterator[Numbered]:
    """The statements about a thing."""
    for predicate, links in index.out.items():
        for value in links.get(subject, ()):
            yield subject, predicate, value


def is_rewritten(quad: Quad) -> bool:
    """Whether a store might keep the value otherwise than it is written."""
    value = quad.object
    if not isinstance(value, Literal) or value.datatype.value in _KEPT:
        return False
    store, node = Store(), NamedNode("urn:x")
    store.add(Quad(node, node, value))
    return all(each.object != value for each in store)


def _nodes(quad: Quad) -> Iterator[Term]:
    for each in (quad.subject, quad.object, quad.graph_name):
        if isinstance(each, NamedNode | BlankNode):
            yield each


def _is_target(targets: Targets, focus: int, data: DataIndex) -> bool:
    """Whether a node is a focus node of a shape, going by its classes and links (SHACL §2.1.3)."""
    ids = data.ids

    def numbers(terms: Iterable[Term]) -> Iterator[int]:
        return (ids[each] for each in terms if each in ids)

    return (
        focus in numbers(targets.nodes)
        or any(data.is_instance(focus, kind) for kind in numbers(targets.classes))
        or any(focus in data.out.get(each, ()) for each in numbers(targets.subjects_of))
        or any(focus in data.into(each) for each in numbers(targets.objects_of))
    )
