"""Data and shapes to a ValidationReport. The only module that imports pySHACL."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.validation import ValidationReport, ValidationResult, ordered
from sikkerby_kg.validation_scope import Source, scopes, shape_files

# rdflib and pySHACL take a third of a second to import, which only a validation need wait for.
# ruff: noqa: PLC0415
if TYPE_CHECKING:
    from rdflib.term import Node

    from sikkerby_kg.validation_files import Data
    from sikkerby_kg.validation_findings import Finding
    from sikkerby_kg.validation_graphs import FlatGraph, LayeredDataset, ShapesGraph, Statement

_SH = "http://www.w3.org/ns/shacl#"
_FOR_PEOPLE = frozenset(_SH + name for name in ("description", "group", "message", "name", "order"))
_NO_MESSAGE = "urn:sikkerby-kg:no-message"
_SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"


@dataclass(frozen=True)
class ShapesPart:
    """Shapes that are validated in one go.

    ``full`` holds everything, ``lean`` what pySHACL needs. ``over_dataset`` says whether they see named
    graphs and find their focus nodes by queries (SHACL Advanced Features §3).
    """

    names: tuple[str, ...]
    full: "FlatGraph"
    lean: "ShapesGraph"
    over_dataset: bool


@dataclass(frozen=True)
class Shapes:
    """The shapes of a root, ready to be used many times; queries are parsed when they are first needed."""

    parts: tuple[ShapesPart, ...]
    hierarchy: tuple["Statement", ...]
    """The class hierarchy of reused vocabularies that the shapes rest on."""
    known: frozenset[str] = frozenset()
    """Terms of reused vocabularies that exist; if none is given, terms are not looked up."""
    prepared: dict[str, Any] = field(default_factory=dict)


def load_shapes(folders: Folders) -> Shapes:
    """The shapes of a root: ontology/shapes*.ttl, or the software's own if it has none; and the known terms.

    Raises ContentError for a file that does not parse or that holds shapes which cannot be used.
    """
    from sikkerby_kg.validation_terms import read_terms

    lists = [each.ontology / "known-terms.txt" for each in (own_folders(), folders)]
    return read_shapes({folders.shown(path): path for path in shape_files(folders)}, read_terms(lists))


def read_shapes(files: dict[str, Path], known: frozenset[str] = frozenset()) -> Shapes:
    """The shapes in some files: name for messages → path. Raises ContentError as ``load_shapes`` does."""
    from sikkerby_kg.validation_graphs import Converter, FlatGraph, Index, ShapesGraph
    from sikkerby_kg.validation_sanity import first_problem

    converter = Converter()
    groups: dict[bool, dict[str, list[Statement]]] = {}
    for name, path in files.items():
        statements = [converter.statement(quad) for quad in parse_file(path, name)]
        by_query = any(str(predicate) == _SH + "target" for _, predicate, _ in statements)
        groups.setdefault(by_query, {})[name] = statements
    parts = []
    for over_dataset, named in sorted(groups.items()):
        everything = [statement for statements in named.values() for statement in statements]
        full = FlatGraph(Index(everything))
        problem = first_problem(full)
        if problem:
            raise ContentError("shapes.unusable", path=", ".join(named), problem=problem)
        parts.append(ShapesPart(tuple(named), full, ShapesGraph(Index(_lean(everything))), over_dataset))
    hierarchy = [each for part in parts for each in part.full if str(each[1]) == _SUBCLASS]
    return Shapes(tuple(parts), tuple(hierarchy), known)


def _lean(shapes: "list[Statement]") -> "Iterator[Statement]":
    """Shapes without what is only for people.

    Messages are filled in by us. The stand-in keeps pySHACL from doing it: it would write a text of its own,
    which fails for a value without IRI, or read a backslash in a value as the beginning of an escape.
    """
    from rdflib import URIRef

    with_query = {subject for subject, predicate, _ in shapes if str(predicate) == _SH + "select"}
    for subject in {subject for subject, _, _ in shapes} - with_query:
        yield (subject, URIRef(_SH + "message"), URIRef(_NO_MESSAGE))
    yield from (each for each in shapes if str(each[1]) not in _FOR_PEOPLE)


def validate_content(folders: Folders, paths: Sequence[Path] = ()) -> ValidationReport:
    """The report on the content of a root or, if paths are given, on those files and folders.

    A file of the content is validated within the whole content, and the report is about the nodes that the
    file mentions; any other file stands alone with the ontology of the root.
    Raises ContentError for what cannot be found, parsed or used.
    """
    shapes = load_shapes(folders)
    reports = [validate(sources, shapes) for sources in scopes(folders, paths)]
    return ValidationReport(
        ordered(result for report in reports for result in report.results),
        {node: texts for report in reports for node, texts in report.labels.items()},
        {prefix: name for report in reports for prefix, name in report.prefixes.items()},
        tuple(sorted({name for report in reports for name in report.files})),
    )


def validate(sources: Iterable[Source], shapes: Shapes) -> ValidationReport:
    """The report on statements that are validated together.

    It is about the nodes that the sources which are asked for mention, as focus node, or describe, as value.
    Raises ContentError if the shapes cannot be carried through.
    """
    from sikkerby_kg.validation_files import Data
    from sikkerby_kg.validation_graphs import FlatGraph, Index, LayeredDataset, Queries
    from sikkerby_kg.validation_results import ResultReader, declared_prefixes, labels

    with _quiet():
        data = Data(sources)
        index = Index((*data.statements(), *shapes.hierarchy))
        flat = FlatGraph(index)
        results: list[ValidationResult] = []
        mentioned: set[Node] = set()
        found = list(_findings(shapes, data, flat))
        for part in shapes.parts:
            queries = Queries(shapes.prepared)
            report = _run(
                part,
                LayeredDataset(index, data.named(), queries)
                if part.over_dataset
                else FlatGraph(index, queries, data.targets),
            )
            reader = ResultReader(part.full, flat, queries)
            results += [data.placed(each) for each in reader.read(report) if data.is_asked_for(each)]
            results += [data.placed(each) for each in reader.told(found) if data.is_asked_for(each)]
            mentioned |= reader.mentioned
        return ValidationReport(
            ordered(results),
            {str(node): labels(flat, node) for node in mentioned},
            declared_prefixes(flat),
            data.asked_for,
        )


def _findings(shapes: Shapes, data: "Data", flat: "FlatGraph") -> "Iterator[Finding]":
    """What is found without SHACL in the statements that need to be validated."""
    from sikkerby_kg.validation_findings import CHECKS
    from sikkerby_kg.validation_terms import Vocabularies

    files = list(data.to_validate())
    for statements in files:
        for check in CHECKS:
            yield from check(statements, flat)
    if shapes.known:
        yield from Vocabularies(shapes.known).findings(files, data.statements())


def _run(part: ShapesPart, graph: "FlatGraph | LayeredDataset") -> Any:
    """The report graph that pySHACL makes."""
    from pyshacl import Validator
    from pyshacl.graph_abstraction import DataGraph

    silent = logging.getLogger(f"{__name__}.pyshacl")
    silent.disabled = True  # what it would log comes as an exception too
    options = {"inplace": True, "advanced": part.over_dataset, "logger": silent}
    try:
        validator: Any = Validator(DataGraph.from_rdflib(graph), shacl_graph=part.lean, options=options)
        return validator.run()[1]
    except Exception as error:
        # pySHACL and rdflib's SPARQL engine tell of unusable shapes by some ten unrelated classes.
        problem = str(getattr(error, "message", error)) or type(error).__name__
        raise ContentError("shapes.unusable", path=", ".join(part.names), problem=problem) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """No log line for each literal that does not fit its datatype: here that becomes a result."""
    logger = logging.getLogger("rdflib.term")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
