"""Which statements are validated together, and which of them the answer is about.

The content of a root is validated as a whole, because its files refer to each other. A file that belongs to
it is therefore validated where it lies, and only what is said about the nodes that it mentions is shown. A
file from elsewhere stands alone, with the ontology of the root for classes and code lists.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyoxigraph import Quad, Triple

from sikkerby_kg.dataset import content_files, in_graphs, parsed, place, read_bytes
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.formats import RDF_FORMATS
from sikkerby_kg.namespaces import PREFIXES, RDF
from sikkerby_kg.validation.room import MOST, require_room

_IMPORTS = PREFIXES["owl"] + "imports"
_RDF_1_2 = (b"<<", b"{|", b"~")
"""What a statement about a statement cannot be written without."""
KNOWN_TERMS = "known-terms.txt"
"""The file of ontology/ that lists terms of reused vocabularies."""
SUFFIXES = tuple(f".{each.name}" for each in RDF_FORMATS)
"""The suffixes of the files that can be validated."""


@dataclass(frozen=True, slots=True)
class Source:
    """The statements of one file, in its order.

    ``is_asked_for`` says whether results about its nodes are wanted; ``is_background`` that it only lends its
    classes and code lists, so that nothing in it needs to be validated. ``data`` holds the bytes that the
    statements were read from and ``suffix`` says in which format, so that each can be placed; without them
    only the file is known.
    """

    name: str
    quads: tuple[Quad, ...]
    is_asked_for: bool = True
    is_background: bool = False
    data: bytes = field(default=b"", repr=False)
    suffix: str = ""


def shape_files(folders: Folders) -> tuple[Path, ...]:
    """The files with shapes: ontology/shapes*.ttl of the root, or the software's own if the root has none."""
    return _own_shapes(folders) or _own_shapes(own_folders())


def _own_shapes(folders: Folders) -> tuple[Path, ...]:
    return tuple(sorted(folders.ontology.glob("shapes*.ttl")))


def scopes(folders: Folders, paths: Sequence[Path] = (), most: int = MOST) -> list[list[Source]]:
    """What is to be validated: each list by itself. Without paths: the content of the root.

    Raises ContentError for a path that is empty or does not exist, a file with an unknown suffix, a folder
    without RDF files, a file without statements, anything that does not parse, and more than ``most``
    megabytes or than fits in memory.
    """
    asked = _files(paths)
    content = {path.resolve(): path for path in _content(folders)}
    inside = {path for path in asked if path in content}
    require_room([*content.values(), *(path for path in asked if path not in content)], most)
    found = []
    if inside or not paths:
        found.append(_whole(folders, content, inside or set(content)))
    outside = [path for path in asked if path not in content]
    if outside:
        found.append([*_read(outside), *_ontology(folders)])
    return found


def files_to_watch(folders: Folders, paths: Sequence[Path] = ()) -> list[Path]:
    """The files that a report depends on: the content, the shapes, the known terms, and those of the paths.

    What is missing or cannot be used for now is left out, without an error.
    """
    found = [*shape_files(folders), folders.ontology / KNOWN_TERMS]
    for part in (lambda: content_files(folders), lambda: _files(paths)):
        with suppress(ContentError):
            found += part()
    return list(dict.fromkeys(each.resolve() for each in found))


def unread(folders: Folders) -> list[str]:
    """The files in data/ and ontology/ that look like content and are none, named from the root.

    In data/ that is whatever does not end in ``.trig``, but for documentation and what is hidden; in
    ontology/ it is what has ``.ttl`` in its name and does not end in it.
    """
    found = []
    for path in sorted([*folders.data.rglob("*"), *folders.ontology.rglob("*")]):
        name = folders.shown(path)
        if path.is_dir() or any(part.startswith(".") for part in path.relative_to(folders.root).parts):
            continue
        if path.is_relative_to(folders.data):
            is_content, may_be = path.suffix == ".trig" and path.is_file(), path.suffix != ".md"
        else:
            is_content, may_be = path.suffix == ".ttl" and path.is_file(), ".ttl" in path.name.lower()
        if may_be and not is_content:
            found.append(name)
    return found


def _content(folders: Folders) -> list[Path]:
    return [path for path in content_files(folders) if path not in _own_shapes(folders)]


def _whole(folders: Folders, content: dict[Path, Path], asked: Iterable[Path]) -> list[Source]:
    """All content, the files asked for being marked, and the model if the root does not bring it."""
    wanted = set(asked)
    sources = []
    for resolved, path in content.items():
        source = _content_source(path, folders)
        _require_statements(source)
        sources.append(replace(source, is_asked_for=resolved in wanted))
    return [*sources, *_model(folders)]


def _ontology(folders: Folders) -> list[Source]:
    """The ontology and the code lists of a root, as background."""
    own = [
        _content_source(path, folders, is_background=True)
        for path in _content(folders)
        if path.is_relative_to(folders.ontology)
    ]
    return [*own, *_model(folders)]


def background(folders: Folders) -> list[Source]:
    """What a file from elsewhere is validated with. Raises ContentError for what does not parse."""
    return _ontology(folders)


def source_of(name: str, data: bytes, suffix: str) -> Source:
    """A file from elsewhere that does not lie on disk.

    Raises ContentError if it does not parse or says nothing.
    """
    source = _source(name, data, suffix)
    _require_statements(source)
    return source


def _model(folders: Folders) -> list[Source]:
    """The software's model for a root that uses the software's shapes."""
    return [] if _own_shapes(folders) else own_model()


def own_model() -> list[Source]:
    """The ontology and code lists that come with the software."""
    own = own_folders()
    return [
        replace(_content_source(path, own, is_background=True), name=str(path))
        for path in sorted(own.ontology.rglob("*.ttl"))
        if path not in _own_shapes(own)
    ]


def _content_source(path: Path, folders: Folders, *, is_background: bool = False) -> Source:
    """A file of the content, its statements in their graphs; as background, nobody asks for it."""
    name = folders.shown(path)
    data = read_bytes(path, name)
    quads = tuple(in_graphs(data, path.suffix, name))
    _require_rdf_1_1(name, data, path.suffix, quads)
    return Source(name, quads, not is_background, is_background, data, path.suffix)


def read_source(path: Path, name: str | None = None) -> Source:
    """A file by itself, its statements as written. Raises ContentError as ``dataset.parse_file`` does."""
    name = name or str(path)
    return _source(name, read_bytes(path, name), path.suffix)


def _source(name: str, data: bytes, suffix: str) -> Source:
    quads = tuple(parsed(data, suffix, name))
    _require_rdf_1_1(name, data, suffix, quads)
    return Source(name, quads, data=data, suffix=suffix)


def _require_rdf_1_1(name: str, data: bytes, suffix: str, quads: tuple[Quad, ...]) -> None:
    """Raises ContentError, with the place, for a statement about a statement (RDF 1.2)."""
    if suffix not in (".ttl", ".trig", ".nt", ".nq") or not any(mark in data for mark in _RDF_1_2):
        return
    for number, quad in enumerate(quads):
        if isinstance(quad.object, Triple):
            line, column = place(data, suffix, number)
            statement = quad.triple
            raise ContentError("validate.triple", path=name, line=line, column=column, statement=statement)


def _read(paths: Iterable[Path]) -> list[Source]:
    sources = [read_source(path) for path in paths]
    for source in sources:
        _require_statements(source)
    return sources


def _require_statements(source: Source) -> None:
    """Raises ContentError for a file that says nothing, which it does by mistake."""
    if not source.quads:
        raise ContentError("validate.empty_file", path=source.name)
    imports = [str(quad.object) for quad in source.quads if quad.predicate.value == _IMPORTS]
    if imports and all(quad.predicate.value in (_IMPORTS, RDF.type) for quad in source.quads):
        raise ContentError("validate.only_imports", path=source.name, imports=", ".join(imports))


def _files(paths: Iterable[Path]) -> list[Path]:
    """The files that paths stand for, each once, folders being searched; hidden folders are left out."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = [each for each in sorted(path.rglob("*")) if _is_rdf(each, path)]
            if not inside:
                raise ContentError("validate.empty_folder", path=path, suffixes=", ".join(SUFFIXES))
            found |= dict.fromkeys(each.resolve() for each in inside)
        elif not path.exists():
            raise ContentError("validate.missing", path=path)
        elif not path.is_file():
            raise ContentError("validate.special", path=path)
        elif path.suffix not in SUFFIXES:
            raise ContentError("validate.suffix", path=path, suffixes=", ".join(SUFFIXES))
        else:
            found[path.resolve()] = None
    return list(found)


def _is_rdf(path: Path, top: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(top).parts)
    return path.suffix in SUFFIXES and path.is_file() and not hidden
