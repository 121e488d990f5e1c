"""What a git change can have made wrong: only that is validated, and what is left out is said.

The content as it stood at a revision is compared with that in the working tree, statement by statement. From
each statement that came or went, all ways by which a shape can see it are walked back (``reach``); the focus
nodes at their beginning are the ones that a change concerns. A change of the rules concerns everything.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from sikkerby_kg import terms
from sikkerby_kg.dataset import content_files, in_graphs, parse_file
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.revisions import Revision, open_revision
from sikkerby_kg.validation.automaton import Row, row
from sikkerby_kg.validation.report import ValidationReport, ValidationResult
from sikkerby_kg.validation.scope import Source, scopes, shape_files
from sikkerby_kg.validation.shapes import Shapes, load_shapes
from sikkerby_kg.validation.validating import validate

# rdflib takes a third of a second to import, which only a validation need wait for.
# ruff: noqa: PLC0415
if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

    from sikkerby_kg.validation.reach import Concerned, Reach

KNOWN_TERMS = "ontology/known-terms.txt"
_RULES = frozenset(
    (PREFIXES["rdfs"] + "subClassOf", PREFIXES["owl"] + "disjointWith", PREFIXES["owl"] + "members")
)
"""Properties of the rules, wherever they are stated."""
_OF_SUBJECT = frozenset(
    f"https://w3id.org/sikkerby-kg/shape/{name}"
    for name in ("ComposedText", "DisjointClasses", "LanguageTag")
)
"""What is found without SHACL and depends on the statements about one thing only."""


class EverythingError(Exception):
    """A change may concern any node; ``reason`` is the key of why, ``file`` what it is about, if known."""

    def __init__(self, reason: str, file: str = "") -> None:
        super().__init__(reason, file)
        self.reason = reason
        self.file = file


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a validation of changes looked at, and what it left out.

    ``files`` are those that changed, named from the root; ``why`` is the reason for a validation of
    everything: the key of a text, and the file that it is about. ``everywhere`` names shapes of which any
    focus node was looked at, because their queries are not bound to what hangs together with it.
    """

    revision: str
    files: tuple[str, ...]
    unchanged: int
    nodes: int
    left_out: int
    why: tuple[str, str] | None = None
    everywhere: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """The focus nodes that changed statements concern, by the shapes that look at them."""

    reaches: "Sequence[Reach]"
    concerned: "Sequence[Concerned]"
    subjects: "frozenset[Node]"
    """What a changed statement is about, and the graphs that it stands in."""

    def targets(self) -> "frozenset[Node] | None":
        """The focus nodes to look at with shapes that see no named graphs; None if that may be any."""
        from rdflib import SH

        found = set(self.subjects)
        for reach, each in zip(self.reaches, self.concerned, strict=True):
            if (None, SH.target, None) in reach.shapes:
                continue  # these are looked for in the whole dataset anyway
            if each.everywhere:
                return None
            found |= {terms.to_rdflib(node) for root in reach.roots for node in each.nodes[root]}
        return frozenset(found)

    @cached_property
    def everywhere(self) -> "tuple[Node, ...]":
        """The shapes with targets of which any focus node may be concerned."""
        return tuple(sorted({shape for each in self.concerned for shape in each.everywhere}, key=str))

    @cached_property
    def _by_shape(self) -> "dict[Node, set[Node]]":
        found: dict[Node, set[Node]] = {}
        for each in self.concerned:
            for shape, nodes in each.nodes.items():
                found.setdefault(shape, set()).update(map(terms.to_rdflib, nodes))
        return found

    def is_concerned(self, result: ValidationResult) -> bool:
        """Whether the change may be the reason of a result."""
        if result.focus in self.subjects:
            return True
        if result.component == str(result.shape):  # found without SHACL
            return str(result.shape) not in _OF_SUBJECT
        if result.focus in self._by_shape.get(result.shape, ()):
            return True
        # A shape without IRI has another name in each reading.
        shape = result.shape if result.shape in self._by_shape else result.node_shape
        if shape not in self._by_shape:
            return True
        return any(
            root in self.everywhere
            or result.focus in self._by_shape[root]
            or (root in reach.deep and bool(self._by_shape[root]))
            for reach in self.reaches
            for root in reach.holding(shape)
        )


def validate_changes(
    folders: Folders, revision: str, environment: Mapping[str, str]
) -> tuple[ValidationReport, Skipped]:
    """The report on what the difference between a revision and the working tree can have made wrong.

    Each result of a validation of everything that the change brought about is among its results, and so is
    each about a thing that a changed statement is about. Raises RevisionError for what git cannot tell, and
    ContentError as a validation of everything does.
    """
    before = open_revision(folders.root, revision, environment)
    changed = changed_files(folders, before)
    if not changed:
        return ValidationReport(()), Skipped(revision, (), len(content_files(folders)), 0, 0)
    shapes = load_shapes(folders)
    (sources,) = scopes(folders)
    nodes = {quad.subject for each in sources if not each.is_background for quad in each.quads}
    unchanged = sum(folders.shown(path) not in changed for path in content_files(folders))
    skipped = Skipped(revision, changed, unchanged, len(nodes), 0)
    try:
        _require_same_rules(before, changed)
        selection = select(sources, before_of(before, changed), changed, reach_of(folders))
    except EverythingError as error:
        why = (error.reason, error.file or ", ".join(changed))
        return validate(sources, shapes), replace(skipped, unchanged=0, why=why)
    report = concerned_report(sources, shapes, selection)
    looked_at = selection.targets()
    left_out = 0 if looked_at is None else sum(terms.to_rdflib(node) not in looked_at for node in nodes)
    names = tuple(str(each) for each in selection.everywhere)
    return report, replace(skipped, left_out=left_out, everywhere=names)


def concerned_report(sources: Iterable[Source], shapes: Shapes, selection: Selection) -> ValidationReport:
    """The report on the focus nodes of a selection."""
    report = validate(sources, shapes, selection.targets())
    return replace(report, results=tuple(filter(selection.is_concerned, report.results)))


def changed_files(folders: Folders, before: Revision) -> tuple[str, ...]:
    """The files of the content and of its rules that are not as they were: changed, new, or gone."""
    paths = {folders.shown(path): path for path in content_files(folders)}
    if (folders.root / KNOWN_TERMS).is_file():
        paths[KNOWN_TERMS] = folders.root / KNOWN_TERMS
    found = {name for name in before.files if _is_content(name) and name not in paths}
    for name, path in paths.items():
        blob = before.files.get(name)
        if blob is None or not blob.is_plain or not blob.is_of(path.read_bytes()):
            found.add(name)
    return tuple(sorted(found))


def _is_content(name: str) -> bool:
    """Whether a file of a root holds content or rules; see ``content_files``."""
    folder, _, _ = name.partition("/")
    return name == KNOWN_TERMS or (folder, name[name.rfind(".") :]) in (
        ("ontology", ".ttl"),
        ("data", ".trig"),
    )


def _require_same_rules(before: Revision, changed: Iterable[str]) -> None:
    """Raise EverythingError if a file of the rules has changed, or one that is no plain file."""
    for name in changed:
        if name.startswith("ontology/"):
            raise EverythingError("rules", name)
        if name in before.files and not before.files[name].is_plain:
            raise EverythingError("link", name)


def before_of(before: Revision, changed: Iterable[str]) -> dict[str, list[Quad]]:
    """File → the statements that it had. Raises EverythingError for one that does not parse."""
    data = before.read(name for name in changed if name in before.files)
    found = {}
    for name, each in data.items():
        try:
            found[name] = in_graphs(each, ".trig", name)
        except ContentError:
            raise EverythingError("unreadable", name) from None
    return found


def shape_graphs(folders: Folders) -> list["Graph"]:
    """The shapes of a root, one graph for those that see named graphs and one for those that do not.

    Raises ContentError for a file that does not parse.
    """
    from rdflib import SH, Graph

    graphs = {each: Graph(bind_namespaces="none") for each in (False, True)}
    for path in shape_files(folders):
        statements = [
            (terms.to_rdflib(quad.subject), terms.to_rdflib(quad.predicate), terms.to_rdflib(quad.object))
            for quad in parse_file(path, folders.shown(path))
        ]
        graph = graphs[any(predicate == SH.target for _, predicate, _ in statements)]
        for statement in statements:
            graph.add(statement)
    return [each for each in graphs.values() if len(each)]


def reach_of(folders: Folders) -> "list[Reach]":
    """What the shapes of a root look at. Raises ContentError for a file that does not parse."""
    from sikkerby_kg.validation.reach import Reach

    return [Reach(each) for each in shape_graphs(folders)]


def select(
    sources: Iterable[Source],
    before: Mapping[str, Sequence[Quad]],
    changed: Iterable[str],
    reaches: "Sequence[Reach]",
) -> Selection:
    """The focus nodes that are concerned by what came to and went from the changed files.

    ``before`` holds file → statements at the revision, ``reaches`` what the shapes look at. Raises
    EverythingError where any node may be concerned.
    """
    names = set(changed)
    now = [quad for each in sources if each.name in names for quad in each.quads]
    then = [quad for quads in before.values() for quad in quads]
    different = difference(then, now)
    if any(isinstance(each[1], NamedNode) and each[1].value in _RULES for each in different):
        raise EverythingError("rules")
    if not all(each.is_bounded for each in reaches):
        raise EverythingError("components")
    everything = {row(quad) for each in sources for quad in each.quads} | {row(quad) for quad in then}
    subjects = {
        term for each in different for term in (each[0], each[3]) if not isinstance(term, DefaultGraph)
    }
    return Selection(
        reaches,
        [each.concerned(different, everything) for each in reaches],
        frozenset(map(terms.to_rdflib, subjects)),
    )


def difference(before: Iterable[Quad], after: Iterable[Quad]) -> list[Row]:
    """The statements that are in only one of two lists, or more often in one.

    A blank node is known by what is said of it, as two readings of a file give it two names.
    """
    rows = [_named(list(quads)) for quads in (before, after)]
    counts = [Counter(name for name, _ in each) for each in rows]
    return [found for each in rows for name, found in each if counts[0][name] != counts[1][name]]


def _named(quads: Sequence[Quad]) -> list[tuple[tuple[str, ...], Row]]:
    """Statements, each with a name that is the same in another reading of the file."""
    about: dict[BlankNode, list[Quad]] = {}
    for quad in quads:
        if isinstance(quad.subject, BlankNode):
            about.setdefault(quad.subject, []).append(quad)
    known: dict[BlankNode, str] = {}

    def name(term: object, above: tuple[object, ...] = ()) -> str:
        if not isinstance(term, BlankNode):
            return str(term)
        if term in above:  # a ring of blank nodes looks different each time, and so as if it had changed
            return str(term)
        if term not in known:
            inside = (*above, term)
            said = sorted(
                f"{quad.predicate} {name(quad.object, inside)} {quad.graph_name}"
                for quad in about.get(term, ())
            )
            known[term] = "_:" + hashlib.sha256("\n".join(said).encode()).hexdigest()
        return known[term]

    return [(tuple(name(term) for term in row(quad)), row(quad)) for quad in quads]
