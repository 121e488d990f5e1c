"""Which statements are validated together, and which of them the answer is about.

The content of a root is validated as a whole, because its files refer to each other. A file that belongs to
it is therefore validated where it lies, and only what is said about the nodes that it mentions is shown. A
file from elsewhere stands alone, with the ontology of the root for classes and code lists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Quad

from sikkerby_kg.dataset import content_files, load_file, parse_bytes, parse_file
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.formats import RDF_FORMATS
from sikkerby_kg.namespaces import PREFIXES, RDF

_IMPORTS = PREFIXES["owl"] + "imports"
SUFFIXES = tuple(f".{each.name}" for each in RDF_FORMATS)
"""The suffixes of the files that can be validated."""


@dataclass(frozen=True, slots=True)
class Source:
    """The statements of one file.

    ``is_asked_for`` says whether results about its nodes are wanted; ``is_background`` that it only lends its
    classes and code lists, so that nothing in it needs to be validated.
    """

    name: str
    quads: tuple[Quad, ...]
    is_asked_for: bool = True
    is_background: bool = False


def shape_files(folders: Folders) -> tuple[Path, ...]:
    """The files with shapes: ontology/shapes*.ttl of the root, or the software's own if the root has none."""
    return _own_shapes(folders) or _own_shapes(own_folders())


def _own_shapes(folders: Folders) -> tuple[Path, ...]:
    return tuple(sorted(folders.ontology.glob("shapes*.ttl")))


def scopes(folders: Folders, paths: Sequence[Path] = ()) -> list[list[Source]]:
    """What is to be validated: each list by itself. Without paths: the content of the root.

    Raises ContentError for a path that is empty or does not exist, a file with an unknown suffix, a folder
    without RDF files, a file without statements, and anything that does not parse.
    """
    asked = _files(paths)
    content = {path.resolve(): path for path in _content(folders)}
    inside = {path for path in asked if path in content}
    found = []
    if inside or not paths:
        found.append(_whole(folders, content, inside or set(content)))
    outside = [path for path in asked if path not in content]
    if outside:
        found.append([*_read(outside), *_ontology(folders)])
    return found


def _content(folders: Folders) -> list[Path]:
    return [path for path in content_files(folders) if path not in _own_shapes(folders)]


def _whole(folders: Folders, content: dict[Path, Path], asked: Iterable[Path]) -> list[Source]:
    """All content, the files asked for being marked, and the model if the root does not bring it."""
    wanted = set(asked)
    sources = [
        Source(
            folders.shown(path), _filled(folders.shown(path), load_file(path, folders)), resolved in wanted
        )
        for resolved, path in content.items()
    ]
    return [*sources, *_model(folders)]


def _ontology(folders: Folders) -> list[Source]:
    """The ontology and the code lists of a root, as background."""
    own = [
        Source(folders.shown(path), tuple(load_file(path, folders)), is_asked_for=False, is_background=True)
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
    return Source(name, _filled(name, parse_bytes(data, suffix, name)))


def _model(folders: Folders) -> list[Source]:
    """The model that comes with the software, for a root that uses the software's shapes."""
    if _own_shapes(folders):
        return []
    own = own_folders()
    return [
        Source(str(path), tuple(load_file(path, own)), is_asked_for=False, is_background=True)
        for path in sorted(own.ontology.rglob("*.ttl"))
        if path not in _own_shapes(own)
    ]


def _read(paths: Iterable[Path]) -> list[Source]:
    return [Source(str(path), _filled(str(path), parse_file(path))) for path in paths]


def _filled(name: str, quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """The statements of a file, which is not empty by mistake. Raises ContentError if it says nothing."""
    found = tuple(quads)
    if not found:
        raise ContentError("validate.empty_file", path=name)
    imports = [str(quad.object) for quad in found if quad.predicate.value == _IMPORTS]
    if imports and all(quad.predicate.value in (_IMPORTS, RDF.type) for quad in found):
        raise ContentError("validate.only_imports", path=name, imports=", ".join(imports))
    return found


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
        elif path.suffix not in SUFFIXES:
            raise ContentError("validate.suffix", path=path, suffixes=", ".join(SUFFIXES))
        else:
            found[path.resolve()] = None
    return list(found)


def _is_rdf(path: Path, top: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(top).parts)
    return path.suffix in SUFFIXES and path.is_file() and not hidden
