"""Data and shapes to a ValidationReport."""

from collections.abc import Iterable, Iterator, Sequence, Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING

from sikkerby_kg.folders import Folders
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.report import Fallback, ValidationReport, ValidationResult, ordered, quiet
from sikkerby_kg.validation.room import MOST
from sikkerby_kg.validation.scope import Source, scopes
from sikkerby_kg.validation.shapes import Shapes, ShapesPart, load_shapes
from sikkerby_kg.validation.shapes_graph import text

# rdflib and pySHACL take a third of a second to import, which only a validation need wait for.
# ruff: noqa: PLC0415
if TYPE_CHECKING:
    from sikkerby_kg.validation.data import Data
    from sikkerby_kg.validation.findings import Finding
    from sikkerby_kg.validation.found import Found


def validate_content(folders: Folders, paths: Sequence[Path] = (), most: int = MOST) -> ValidationReport:
    """The report on the content of a root or, if paths are given, on those files and folders.

    A file of the content is validated within the whole content, and the report is about the nodes that the
    file mentions; any other file stands alone with the ontology of the root.
    Raises ContentError for what cannot be found, parsed or used, and for more than ``most`` megabytes.
    """
    from sikkerby_kg.validation.model_terms import require_known_terms

    shapes = load_shapes(folders)
    all_sources = scopes(folders, paths, most)
    for sources in all_sources:
        require_known_terms(shapes, sources)
    reports = [with_causes_of(sources, shapes) for sources in all_sources]
    return ValidationReport(
        reports[0].results
        if len(reports) == 1
        else ordered(result for report in reports for result in report.results),
        {node: texts for report in reports for node, texts in report.labels.items()},
        {prefix: name for report in reports for prefix, name in report.prefixes.items()},
        tuple(sorted({name for report in reports for name in report.files})),
        {node: anchor for report in reports for node, anchor in report.anchors.items()},
        tuple(dict.fromkeys(each for report in reports for each in report.fallbacks)),
        causes={result: causes for report in reports for result, causes in report.causes.items()},
    )


def with_causes_of(sources: Sequence[Source], shapes: Shapes) -> ValidationReport:
    """The report on statements that are validated together, with what follows from what.

    Raises ContentError as ``validate`` does.
    """
    report = validate(sources, shapes)
    if not report.results:
        return report
    from sikkerby_kg.validation.causes import with_causes

    return with_causes(report, sources, shapes, validate)


def validate(
    sources: Iterable[Source],
    shapes: Shapes,
    wanted: AbstractSet[Term] | None = None,
    *,
    by_reference: bool = False,
) -> ValidationReport:
    """The report on statements that are validated together.

    It is about the nodes that the sources which are asked for mention, as focus node, or describe, as value.
    ``wanted`` are the shapes with a target, and those that tell what is found without SHACL, whose results
    are asked for; the others may be left out. With ``by_reference`` pySHACL carries out every shape, else
    only those that the report names as fallbacks. Raises ContentError if shapes cannot be carried through.
    """
    from sikkerby_kg.validation.anchors import anchors
    from sikkerby_kg.validation.data import Data
    from sikkerby_kg.validation.placing import placed
    from sikkerby_kg.validation.results import ResultWriter, declared_prefixes, labels

    with quiet():
        sources = tuple(sources)
        data = Data(sources, shapes.hierarchy)
        results: list[ValidationResult] = []
        mentioned: set[Term] = set()
        findings = list(_findings(shapes, data)) if _is_told(shapes, wanted) else []
        found, fallbacks = _found(shapes, data, wanted, by_reference=by_reference)
        for part, faults in found:
            writer = ResultWriter(part.graph, data.index)
            told = [*map(writer.result, faults), *writer.told(findings)]
            results += [each for each in told if data.is_asked_for(each)]
            mentioned |= writer.mentioned
        return ValidationReport(
            ordered(placed(sources, results)),
            {text(node): labels(data.index, node) for node in mentioned},
            declared_prefixes(data.index),
            data.asked_for,
            anchors(data.index, mentioned),
            fallbacks,
            tuple(dict.fromkeys(slip for each in findings for slip in each.slips)),
        )


def _is_told(shapes: Shapes, wanted: AbstractSet[Term] | None) -> bool:
    """Whether a shape without a target is wanted: one that tells what is found without SHACL."""
    with_target = {each for part in shapes.parts for each in part.compiled.with_target}
    return wanted is None or not wanted <= with_target


def _found(
    shapes: Shapes, data: "Data", wanted: AbstractSet[Term] | None, *, by_reference: bool
) -> "tuple[list[tuple[ShapesPart, list[Found]]], tuple[Fallback, ...]]":
    """What the shapes find, part by part, and which of them fell back on pySHACL."""
    from sikkerby_kg.validation.engine import Run, run
    from sikkerby_kg.validation.querying import Querying

    reference = None
    found, fallbacks = [], []
    for part in shapes.parts:
        if by_reference:
            roots = part.compiled.with_target
            done = Run(left={each: "" for each in roots if wanted is None or each in wanted})
        else:
            done = run(part, data, Querying(data.index, data.named(), part.graph), wanted)
            fallbacks += [Fallback(text(shape), reason) for shape, reason in done.left.items()]
        if done.left:
            from sikkerby_kg.validation.reference import Reference

            reference = reference or Reference(data, shapes)
            done.found.extend(reference.found(part, done.left))
        found.append((part, done.found))
    return found, tuple(fallbacks)


def _findings(shapes: Shapes, data: "Data") -> "Iterator[Finding]":
    """What is found without SHACL in the statements that need to be validated."""
    from sikkerby_kg.validation.findings import CHECKS

    files = list(data.to_validate())
    for rows in files:
        for check in CHECKS:
            yield from check(rows, data.index)
    if shapes.known:
        from sikkerby_kg.validation.vocabularies import Vocabularies, misplaced

        yield from Vocabularies(shapes.known).findings(files, data.index)
        yield from misplaced(files, data.index)
