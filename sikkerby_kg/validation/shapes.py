"""The shapes of a root: read, found usable, and made ready."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.validation.scope import Source, read_source, shape_files

# rdflib and pySHACL take a third of a second to import, which only a validation need wait for.
# ruff: noqa: PLC0415
if TYPE_CHECKING:
    from sikkerby_kg.validation.graphs import FlatGraph, ShapesGraph, Statement

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

    Raises ContentError for a file that does not parse, and ShapesError for shapes that cannot be used.
    """
    from sikkerby_kg.validation.vocabularies import read_terms

    lists = [each.ontology / "known-terms.txt" for each in (own_folders(), folders)]
    return read_shapes({folders.shown(path): path for path in shape_files(folders)}, read_terms(lists))


def read_shapes(files: dict[str, Path], known: frozenset[str] = frozenset()) -> Shapes:
    """The shapes in some files: name for messages → path. Raises as ``load_shapes`` does."""
    from sikkerby_kg.validation.graphs import Converter, FlatGraph, Index, ShapesGraph
    from sikkerby_kg.validation.sanity import require_usable

    converter = Converter()
    sources: dict[str, Source] = {}
    groups: dict[bool, dict[str, list[Statement]]] = {}
    for name, path in files.items():
        source = sources[name] = read_source(path, name)
        statements = [converter.statement(quad) for quad in source.quads]
        by_query = any(str(predicate) == _SH + "target" for _, predicate, _ in statements)
        groups.setdefault(by_query, {})[name] = statements
    parts = []
    for over_dataset, named in sorted(groups.items()):
        everything = [statement for statements in named.values() for statement in statements]
        full = FlatGraph(Index(everything))
        require_usable(full, (sources[name] for name in named))
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
