"""The shapes of a root: read, found usable, and compiled."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.validation.scope import KNOWN_TERMS, Source, read_source, shape_files
from sikkerby_kg.validation.shapes_graph import SH, Statement, TermGraph, text

# What reads shapes closely is imported when a validation begins: other commands need not wait for it.
# ruff: noqa: PLC0415
if TYPE_CHECKING:
    from sikkerby_kg.validation.compiling import CompiledShapes

_SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"


@dataclass(frozen=True)
class ShapesPart:
    """Shapes that are validated in one go.

    ``over_dataset`` says whether they see named graphs and find their focus nodes by queries (SHACL Advanced
    Features §3). ``sources`` are the files that they were read from.
    """

    names: tuple[str, ...]
    graph: TermGraph
    over_dataset: bool
    sources: tuple[Source, ...] = field(default=(), repr=False)

    @cached_property
    def compiled(self) -> "CompiledShapes":
        """The shapes as the fast engine has them."""
        from sikkerby_kg.validation.compiling import CompiledShapes

        return CompiledShapes(self.graph, over_dataset=self.over_dataset)


@dataclass(frozen=True)
class Shapes:
    """The shapes of a root, ready to be used many times; queries are parsed when they are first needed."""

    parts: tuple[ShapesPart, ...]
    hierarchy: tuple[Statement, ...]
    """The class hierarchy of reused vocabularies that the shapes rest on."""
    known: frozenset[str] = frozenset()
    """Terms of reused vocabularies that exist; if none is given, terms are not looked up."""
    prepared: dict[str, Any] = field(default_factory=dict)
    """The queries that pySHACL has run, parsed."""


def load_shapes(folders: Folders) -> Shapes:
    """The shapes of a root: ontology/shapes*.ttl, or the software's own if it has none; and the known terms.

    Raises ContentError for a file that does not parse, and ShapesError for shapes that cannot be used.
    """
    from sikkerby_kg.validation.vocabularies import read_terms

    lists = [each.ontology / KNOWN_TERMS for each in (own_folders(), folders)]
    return read_shapes({folders.shown(path): path for path in shape_files(folders)}, read_terms(lists))


def read_shapes(files: dict[str, Path], known: frozenset[str] = frozenset()) -> Shapes:
    """The shapes in some files: name for messages → path. Raises as ``load_shapes`` does."""
    from sikkerby_kg.validation.sanity import require_usable

    groups: dict[bool, tuple[list[Source], TermGraph]] = {}
    for name, path in files.items():
        source = read_source(path, name)
        by_query = any(quad.predicate == SH.target for quad in source.quads)
        sources, graph = groups.setdefault(by_query, ([], TermGraph()))
        sources.append(source)
        for quad in source.quads:
            graph.add(quad.subject, quad.predicate, quad.object)
    parts = []
    for over_dataset, (sources, graph) in sorted(groups.items()):
        require_usable(graph, sources)
        parts.append(ShapesPart(tuple(each.name for each in sources), graph, over_dataset, tuple(sources)))
    hierarchy = [each for part in parts for each in part.graph if text(each[1]) == _SUBCLASS]
    return Shapes(tuple(parts), tuple(hierarchy), known)
