"""What other shapes would say: the content, validated with the shapes of a revision and with today's."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode

from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.revisions import Revision, open_revision
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.changes import KNOWN_TERMS, is_rule
from sikkerby_kg.validation.report import Severity, ValidationReport, ValidationResult, ordered
from sikkerby_kg.validation.room import MOST
from sikkerby_kg.validation.scope import scopes, shape_files
from sikkerby_kg.validation.shapes import Shapes, load_shapes, read_shapes
from sikkerby_kg.validation.validating import validate
from sikkerby_kg.validation.vocabularies import read_terms

_Key = tuple[object, ...]


@dataclass(frozen=True)
class ShapesDiff:
    """The results that appear and disappear with today's shapes, and those that only read differently.

    ``changed`` holds pairs, the former result first. ``before`` and ``after`` are the two reports, for
    labels; they are None where the shapes are equal, because then nothing was validated.
    """

    revision: str
    appeared: tuple[ValidationResult, ...] = ()
    gone: tuple[ValidationResult, ...] = ()
    changed: tuple[tuple[ValidationResult, ValidationResult], ...] = ()
    before: ValidationReport | None = None
    after: ValidationReport | None = None

    @property
    def is_equal(self) -> bool:
        """Whether the shapes are the same, byte for byte."""
        return self.after is None

    def reaches(self, threshold: Severity) -> bool:
        """Whether a result appears, or becomes, as bad as a severity or worse."""
        worse = [new for old, new in self.changed if new.severity.rank < old.severity.rank]
        return any(each.severity.rank <= threshold.rank for each in (*self.appeared, *worse))


def compare_shapes(
    folders: Folders, revision: str, environment: Mapping[str, str], most: int = MOST
) -> ShapesDiff:
    """What today's shapes say of the present content that those of a revision do not, and the reverse.

    Raises RevisionError for what git cannot tell; ContentError, with ``REVISION:file:line:column``, for
    shapes that do not parse or cannot be used, for a root or a revision without shapes, and as a validation
    does.
    """
    before = open_revision(folders.root, revision, environment)
    files = shape_files(folders)
    if not all(path.is_relative_to(folders.root) for path in files):
        raise ContentError("validate.no_shapes", path=folders.root)
    now = {folders.shown(path): path for path in files}
    known = folders.root / KNOWN_TERMS
    if known.is_file():
        now[KNOWN_TERMS] = known
    then = sorted(name for name in before.files if is_rule(name))
    if not any(name != KNOWN_TERMS for name in then):
        raise ContentError("validate.no_shapes", path=f"{revision}:ontology/")
    if then == sorted(now) and all(before.files[name].is_of(path.read_bytes()) for name, path in now.items()):
        return ShapesDiff(revision)
    former = _shapes_of(before, then, folders)
    (sources,) = scopes(folders, most=most)
    return compared(revision, validate(sources, former), validate(sources, load_shapes(folders)))


def _shapes_of(before: Revision, names: Iterable[str], folders: Folders) -> Shapes:
    """The shapes and known terms of a revision."""
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, Path] = {}
        for number, (name, data) in enumerate(before.read(names).items()):
            files[name] = Path(folder) / f"{number}{Path(name).suffix}"
            files[name].write_bytes(data)
        own = own_folders()
        lists = [] if own.root == folders.root else [own.ontology / Path(KNOWN_TERMS).name]
        terms = read_terms([*lists, *(path for name, path in files.items() if name == KNOWN_TERMS)])
        shapes = {f"{before.name}:{name}": path for name, path in files.items() if name != KNOWN_TERMS}
        return read_shapes(shapes, terms)


def compared(revision: str, before: ValidationReport, after: ValidationReport) -> ShapesDiff:
    """The difference between two reports on the same statements."""
    old, new = _grouped(before), _grouped(after)
    appeared: list[ValidationResult] = []
    gone: list[ValidationResult] = []
    changed: list[tuple[ValidationResult, ValidationResult]] = []
    for key in {**old, **new}:
        former, present = old.get(key, []), new.get(key, [])
        said = {_said(each) for each in former} & {_said(each) for each in present}
        former = [each for each in former if _said(each) not in said]
        present = [each for each in present if _said(each) not in said]
        both = min(len(former), len(present))
        changed += zip(former[:both], present[:both], strict=True)
        gone += former[both:]
        appeared += present[both:]
    pairs = {new: (old, new) for old, new in changed}
    return ShapesDiff(
        revision,
        ordered(appeared),
        ordered(gone),
        tuple(pairs[each] for each in ordered(pairs)),
        before,
        after,
    )


def _grouped(report: ValidationReport) -> dict[_Key, list[ValidationResult]]:
    """The results by what they find fault with."""
    found: dict[_Key, list[ValidationResult]] = {}
    for each in report.results:
        shape = _named(each.shape_term) or _named(each.node_shape_term)
        key = (each.focus_term, each.path, each.value_term, shape, each.component)
        found.setdefault(key, []).append(each)
    return {key: sorted(each, key=lambda one: one.messages) for key, each in found.items()}


def _named(shape: Term | None) -> str | None:
    """The IRI of a shape; None for one without, whose name is another each time it is read."""
    return shape.value if isinstance(shape, NamedNode) else None


def _said(result: ValidationResult) -> tuple[object, ...]:
    return (result.severity, result.messages)
