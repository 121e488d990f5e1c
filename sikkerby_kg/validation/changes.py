"""What a git change has made wrong: the content is validated as it is and as it was, and compared.

Shown is every result that was not there before, wherever it stands, and every result about a thing that a
changed statement is about. What was there before is left out, and said. After a change of the rules, all is
shown.

Comparing is complete by its nature: it needs no knowledge of what shapes look at. Only the shapes whose
results may be left out are carried out on the former content.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, DefaultGraph, Quad

from sikkerby_kg import terms
from sikkerby_kg.dataset import content_files, in_graphs
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders
from sikkerby_kg.revisions import Revision, open_revision
from sikkerby_kg.validation.blank_names import Names, Row, row
from sikkerby_kg.validation.model_terms import require_known_terms
from sikkerby_kg.validation.report import ValidationReport, ValidationResult
from sikkerby_kg.validation.room import MOST
from sikkerby_kg.validation.scope import Source, scopes
from sikkerby_kg.validation.shapes import Shapes, load_shapes
from sikkerby_kg.validation.validating import validate, with_causes_of

KNOWN_TERMS = "ontology/known-terms.txt"


class EverythingError(Exception):
    """A change may concern any node; ``reason`` is the key of why, ``file`` what it is about."""

    def __init__(self, reason: str, file: str) -> None:
        super().__init__(reason, file)
        self.reason = reason
        self.file = file


@dataclass(frozen=True, slots=True)
class Skipped:
    """What a validation of changes left out.

    ``files`` are those that changed, named from the root, ``unchanged`` counts the others and ``known`` the
    results that were there before; ``why`` is the reason for showing everything: the key of a text, and the
    file that it is about.
    """

    revision: str
    files: tuple[str, ...]
    unchanged: int
    known: int = 0
    why: tuple[str, str] | None = None


def validate_changes(
    folders: Folders, revision: str, environment: Mapping[str, str], most: int = MOST
) -> tuple[ValidationReport, Skipped]:
    """The report on what the difference between a revision and the working tree has made wrong.

    Each result of a validation of everything that the change brought about is among its results, and so is
    each about a thing that a changed statement is about. Raises RevisionError for what git cannot tell, and
    ContentError as a validation of everything does.
    """
    before = open_revision(folders.root, revision, environment)
    changed = changed_files(folders, before)
    if not changed:
        return ValidationReport(()), Skipped(revision, (), len(content_files(folders)))
    shapes = load_shapes(folders)
    (sources,) = scopes(folders, most=most)
    require_known_terms(shapes, sources)
    unchanged = sum(folders.shown(path) not in changed for path in content_files(folders))
    skipped = Skipped(revision, changed, unchanged)
    try:
        _require_same_rules(before, changed)
        former = as_before(sources, before_of(before, changed), changed)
    except EverythingError as error:
        return with_causes_of(sources, shapes), replace(skipped, unchanged=0, why=(error.reason, error.file))
    whole = with_causes_of(sources, shapes)
    report = brought_about(whole, sources, former, shapes)
    return report, replace(skipped, known=len(whole.results) - len(report.results))


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


def is_rule(name: str) -> bool:
    """Whether a file of a root holds shapes or known terms: what content is held to."""
    is_shapes = name.startswith("ontology/shapes") and name.endswith(".ttl") and name.count("/") == 1
    return name == KNOWN_TERMS or is_shapes


def _require_same_rules(before: Revision, changed: Iterable[str]) -> None:
    """Raise EverythingError if a file of the rules has changed, or one that is no plain file."""
    for name in changed:
        if is_rule(name):
            raise EverythingError("rules", name)
        if name in before.files and not before.files[name].is_plain:
            raise EverythingError("link", name)


def before_of(before: Revision, changed: Iterable[str]) -> dict[str, list[Quad]]:
    """File → the statements that it had. Raises EverythingError for one that does not parse."""
    data = before.read(name for name in changed if name in before.files)
    found = {}
    for name, each in data.items():
        try:
            found[name] = in_graphs(each, name[name.rfind(".") :], name)
        except ContentError:
            raise EverythingError("unreadable", name) from None
    return found


def as_before(
    sources: Iterable[Source], before: Mapping[str, Sequence[Quad]], changed: Iterable[str]
) -> list[Source]:
    """The content as it was: the changed files with the statements that they had, new ones left out."""
    names = set(changed)
    same = [each for each in sources if each.name not in names]
    return [*same, *(Source(name, tuple(quads)) for name, quads in before.items())]


def brought_about(
    report: ValidationReport, sources: Sequence[Source], former: Sequence[Source], shapes: Shapes
) -> ValidationReport:
    """A report without what the same shapes found in the former statements and no change is about."""
    now, then = _apart(sources, former)
    about = frozenset(
        term
        for each in difference(then, now)
        for term in (each[0], each[2], each[3])
        if not isinstance(term, DefaultGraph) and (term is not each[2] or isinstance(term, BlankNode))
    )
    rest = [each for each in report.results if each.focus_term not in about]
    if not rest:
        return report
    roots = [each.node_shape_term for each in rest]
    wanted = {each for each in roots if each is not None}
    names = Names(quad for each in sources for quad in each.quads)
    names_then = Names(quad for each in former for quad in each.quads)
    known = Counter(
        _key(each, names_then) for each in validate(former, shapes, None if None in roots else wanted).results
    )
    old: set[int] = set()
    for each in rest:
        key = _key(each, names)
        if known[key] > 0:
            known[key] -= 1
            old.add(id(each))
    return replace(report, results=tuple(each for each in report.results if id(each) not in old))


def _apart(sources: Sequence[Source], former: Sequence[Source]) -> tuple[list[Quad], list[Quad]]:
    """The statements of the files that are not the same now and then."""
    shared = {id(each) for each in sources} & {id(each) for each in former}
    now, then = (
        [q for each in side if id(each) not in shared for q in each.quads] for side in (sources, former)
    )
    return now, then


def _key(result: ValidationResult, names: Names) -> tuple[object, ...]:
    """What a result says, wherever it stands; things without IRI are called by names that stay."""

    def named(node: terms.Term | None) -> str:
        return "" if node is None else names.of(node)

    return (
        *(named(each) for each in (result.focus_term, result.value_term, result.wrong_term)),
        *(result.path, result.shape_term, result.component, result.constraint, result.severity),
        tuple((lang, names.within(text)) for lang, text in result.messages),
    )


def difference(before: Iterable[Quad], after: Iterable[Quad]) -> list[Row]:
    """The statements that are in only one of two lists, or more often in one.

    A blank node is known by what is said of it, as two readings of a file give it two names.
    """
    sides = [(quads, Names(quads)) for quads in (list(before), list(after))]
    rows = [[(names.row(quad), row(quad)) for quad in quads] for quads, names in sides]
    counts = [Counter(name for name, _ in each) for each in rows]
    return [found for each in rows for name, found in each if counts[0][name] != counts[1][name]]
