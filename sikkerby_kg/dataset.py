"""Files to quads: every statement of the content in its named graph. Nothing else parses RDF files."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse

from sikkerby_kg import parsing, terms
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders
from sikkerby_kg.namespaces import OWL, RDF, SKOS
from sikkerby_kg.positions import BOM, Lines
from sikkerby_kg.turtle_places import UnplacedError, places

if TYPE_CHECKING:
    import rdflib

_FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".rdf": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
}
_TYPE = NamedNode(RDF.type)
_NAMING_TYPES = frozenset({NamedNode(OWL.Ontology), NamedNode(SKOS.ConceptScheme)})
_DEFAULT = DefaultGraph()
_LONGEST = 1 << 24
"""Bytes that a term may have for the parser of Oxigraph."""


@dataclass(frozen=True, slots=True)
class Content:
    """The statements of one root: every quad has a named graph; ``digest`` identifies the files' bytes."""

    quads: tuple[Quad, ...]
    digest: str


def content_files(folders: Folders) -> tuple[Path, ...]:
    """The files that hold statements, in a fixed order: ontology/**/*.ttl, then data/**/*.trig.

    Raises ContentError for what would be left out silently: an RDF file in data/ that is not TriG, a folder
    that cannot be read, a link that leads nowhere.
    """
    ontology, data = folders.files(folders.ontology), folders.files(folders.data)
    for path in data:
        if path.suffix in _FORMATS and path.suffix != ".trig":
            raise ContentError("content.not_trig", path=folders.shown(path))
    found = [path for path in ontology if path.suffix == ".ttl"] + [p for p in data if p.suffix == ".trig"]
    return tuple(sorted(found, key=lambda path: path.as_posix()))


def content_digest(folders: Folders) -> str:
    """The SHA-256 of the names and bytes of all content files, as 64 hexadecimal digits."""
    digest = _Digest()
    for path in content_files(folders):
        digest.add(folders.shown(path), path.read_bytes())
    return digest.value


class _Digest:
    """The digest of content, from one file after the other."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, shown: str, data: bytes) -> None:
        """Take in the name and the bytes of a file."""
        self._digest.update(shown.encode() + b"\0")
        self._digest.update(hashlib.sha256(data).digest())

    @property
    def value(self) -> str:
        """64 hexadecimal digits."""
        return self._digest.hexdigest()


def load_content(folders: Folders) -> Content:
    """All statements under a root.

    A Turtle file in ontology/ goes into the graph named by the ontology or concept scheme that it declares.
    The digest is that of the bytes that were read, whatever happens to the files meanwhile.
    Raises ContentError, with file:line:column where it is known, for anything that cannot be used.
    """
    quads: list[Quad] = []
    digest = _Digest()
    for path in content_files(folders):
        shown = folders.shown(path)
        data = read_bytes(path, shown)
        digest.add(shown, data)
        quads += in_graphs(data, path.suffix, shown)
    if not quads:
        raise ContentError("content.empty", path=folders.root)
    return Content(tuple(quads), digest.value)


def load_file(path: Path, folders: Folders) -> list[Quad]:
    """The statements of one content file, each in its named graph (TriG: as written; Turtle: as declared).

    Raises ContentError for a syntax error, a statement outside any graph, or a Turtle file that does not
    declare exactly one ontology or concept scheme.
    """
    shown = folders.shown(path)
    return in_graphs(read_bytes(path, shown), path.suffix, shown)


def in_graphs(data: bytes, suffix: str, shown: str) -> list[Quad]:
    """The statements in the bytes of a content file, as ``load_file`` gives them."""
    quads = list(parsed(data, suffix, shown))
    if suffix != ".ttl":
        for number, quad in enumerate(quads):
            if quad.graph_name == _DEFAULT:
                line, column = place(data, suffix, number)
                statement = Triple(quad.subject, quad.predicate, quad.object)
                raise ContentError(
                    "content.default_graph", path=shown, line=line, column=column, statement=statement
                )
        return quads
    graph = _declared_graph(quads, shown)
    return [Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads]


def place(data: bytes, suffix: str, number: int) -> tuple[int, int]:
    """Line and column of the subject of a statement, the first one being number 0.

    In a file that has what RDF 1.1 does not, such as triple terms, it is the first place that does.
    """
    data = data.removeprefix(BOM)
    try:
        offset = places(data, suffix).subjects[number]
    except UnplacedError as error:
        offset = error.offset
    return Lines(data).at(offset)


def parse_file(path: Path, shown: str | None = None) -> Iterator[Quad]:
    """The statements of an RDF file as written; the format follows the suffix (Turtle for an unknown one).

    A byte order mark and CR LF line ends are fine; a document type in RDF/XML is refused unread. ``shown`` is
    how errors name the file. Raises ContentError naming file:line:column.
    """
    name = shown or str(path)
    yield from parsed(read_bytes(path, name), path.suffix, name)


def read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a file. Raises ContentError, naming the file, if the system does not hand them over."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise parsing.unreadable(name, error) from error


def parsed(data: bytes, suffix: str, name: str) -> Iterator[Quad]:
    """The statements in the bytes of an RDF file, as ``parse_file`` gives them."""
    data = data.removeprefix(BOM)
    rdf_format = _FORMATS.get(suffix, RdfFormat.TURTLE)
    if rdf_format == RdfFormat.RDF_XML:
        parsing.require_harmless_xml(name, data)
    elif rdf_format == RdfFormat.JSON_LD:
        parsing.require_shallow_json(name, data)
    else:
        parsing.require_shallow(name, data)
    try:
        yield from parse(data, rdf_format, rename_blank_nodes=True)
    except SyntaxError as error:
        raise parsing.syntax_error(name, data, error) from None
    except MemoryError:
        line = _line_of_the_longest(data, rdf_format)
        raise ContentError("content.long_value", path=name, line=line, most=_LONGEST >> 20) from None


def _line_of_the_longest(data: bytes, rdf_format: RdfFormat) -> int:
    """The line of the term that is too long for the parser, which has read as much of it as it can hold."""
    stream = io.BytesIO(data)
    with suppress(MemoryError):
        for _ in parse(stream, rdf_format):
            pass
    start = max(stream.tell() - _LONGEST, 0)
    start += len(data[start : start + _LONGEST]) - len(data[start : start + _LONGEST].lstrip())
    return data.count(b"\n", 0, start) + 1


def _declared_graph(quads: Iterable[Quad], shown: str) -> NamedNode:
    """The name of the graph of a Turtle file: the one ontology or concept scheme that it declares."""
    names = {
        quad.subject
        for quad in quads
        if quad.predicate == _TYPE and quad.object in _NAMING_TYPES and isinstance(quad.subject, NamedNode)
    }
    if len(names) != 1:
        found = ", ".join(sorted(str(name) for name in names)) or "0"
        raise ContentError("content.no_graph_name", path=shown, found=found)
    return names.pop()


def union(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The statements of all graphs in the default graph: the merged view that queries start from.

    What stands in two graphs comes twice; a store keeps it once.
    """
    return (Quad(quad.subject, quad.predicate, quad.object, _DEFAULT) for quad in quads)


def to_rdflib(quads: Iterable[Quad]) -> "rdflib.Dataset":
    """The quads in rdflib's own memory, its default graph being the union of all graphs.

    Keeps lexical forms as written (Oxigraph's store would turn ``4.0`` into ``4``).
    """
    import rdflib  # noqa: PLC0415  (a tenth of a second that most callers need not wait for)

    dataset = rdflib.Dataset(default_union=True)
    graphs: dict[str, rdflib.Graph] = {}
    for quad in quads:
        name = "" if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        if name not in graphs:
            graphs[name] = dataset.graph(rdflib.URIRef(name)) if name else dataset.default_graph
        graphs[name].add(
            (terms.to_rdflib(quad.subject), terms.to_rdflib(quad.predicate), terms.to_rdflib(quad.object))
        )
    return dataset
