"""Data and shapes to a ValidationReport."""

import logging
from collections.abc import Iterable, Iterator, Sequence, Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sikkerby_kg.folders import Folders
from sikkerby_kg.validation.report import ValidationReport, ValidationResult, ordered
from sikkerby_kg.validation.scope import Source, scopes
from sikkerby_kg.validation.shapes import Shapes, load_shapes

# rdflib and pySHACL take a third of a second to import, which only a validation need wait for.
# ruff: noqa: PLC0415
if TYPE_CHECKING:
    from rdflib.term import Node

    from sikkerby_kg.validation.data import Data
    from sikkerby_kg.validation.findings import Finding
    from sikkerby_kg.validation.graphs import FlatGraph


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


def validate(
    sources: Iterable[Source], shapes: Shapes, only: "AbstractSet[Node] | None" = None
) -> ValidationReport:
    """The report on statements that are validated together.

    It is about the nodes that the sources which are asked for mention, as focus node, or describe, as value.
    ``only`` are the focus nodes that need to be looked at by shapes that see no named graphs; others may be
    left out. Raises ContentError if the shapes cannot be carried through.
    """
    from sikkerby_kg.validation.data import Data
    from sikkerby_kg.validation.graphs import FlatGraph, Index, LayeredDataset, Queries
    from sikkerby_kg.validation.reference import report_graph
    from sikkerby_kg.validation.results import ResultReader, declared_prefixes, labels

    with _quiet():
        data = Data(sources)
        index = Index((*data.statements(), *shapes.hierarchy))
        flat = FlatGraph(index)
        results: list[ValidationResult] = []
        mentioned: set[Node] = set()
        targets = data.targets if only is None else only & data.targets if data.targets else only
        found = list(_findings(shapes, data, flat))
        for part in shapes.parts:
            queries = Queries(shapes.prepared)
            report = report_graph(
                part,
                LayeredDataset(index, data.named(), queries)
                if part.over_dataset
                else FlatGraph(index, queries, targets),
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
    from sikkerby_kg.validation.findings import CHECKS
    from sikkerby_kg.validation.vocabularies import Vocabularies

    files = list(data.to_validate())
    for statements in files:
        for check in CHECKS:
            yield from check(statements, flat)
    if shapes.known:
        yield from Vocabularies(shapes.known).findings(files, data.statements())


@contextmanager
def _quiet() -> Iterator[None]:
    """No log line for each literal that does not fit its datatype: here that becomes a result."""
    logger = logging.getLogger("rdflib.term")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
