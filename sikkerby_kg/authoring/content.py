"""The content of a root as somebody who adds to it needs it: files, statements, words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph
from pyoxigraph import Literal, NamedNode, Quad

from sikkerby_kg.about import declared_prefixes, read_about
from sikkerby_kg.dataset import content_files, load_file, union
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.labels import LABEL_PROPERTIES, Labels
from sikkerby_kg.local import LocalStore
from sikkerby_kg.namespaces import PREFIXES, RDF, expand
from sikkerby_kg.shape_rules import Shapes, read_shapes
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.scope import shape_files

_DECLARATION = re.compile(
    r"^\s*(?:@prefix|PREFIX)\s+([\w.\-]*):\s*<([^<>\s]*)>", re.MULTILINE | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ContentFile:
    """A file with statements: ``name`` is how messages call it, ``data`` its bytes."""

    path: Path
    name: str
    data: bytes
    quads: tuple[Quad, ...]

    @property
    def graphs(self) -> Counter[str]:
        """How many statements of each named graph stand in it."""
        return Counter(q.graph_name.value for q in self.quads if isinstance(q.graph_name, NamedNode))


class Content:
    """The files of a root and what they state. ``read_authored`` makes it.

    ``borrowed`` holds statements that come with the software, for a root that has no shapes of its own.
    """

    def __init__(self, folders: Folders, files: Iterable[ContentFile], borrowed: Iterable[Quad]) -> None:
        self.folders = folders
        self.files = tuple(files)
        self.own = tuple(quad for file in self.files for quad in file.quads)
        self.quads = (*self.own, *borrowed)
        oxigraph = pyoxigraph.Store()
        oxigraph.bulk_extend(self.quads)
        oxigraph.bulk_extend(union(self.quads))
        self.store = LocalStore(oxigraph, "memory")
        about = pyoxigraph.Store()
        about.bulk_extend(union(self.own))
        self.base = read_about(LocalStore(about, "memory")).base
        self.labels = Labels(self.store, self.prefixes, self.base)

    @cached_property
    def shapes(self) -> Shapes:
        """What the shapes demand."""
        return read_shapes(self.store)

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """Prefix → namespace: the standard ones, those that the content declares, and those of its files."""
        found: Counter[tuple[str, str]] = Counter()
        for file in self.files:
            found.update(_DECLARATION.findall(file.data.decode("utf-8", "replace")))
        of_files: dict[str, str] = {}
        for (prefix, namespace), _ in found.most_common():
            if prefix and namespace not in PREFIXES.values() and namespace not in of_files.values():
                of_files.setdefault(prefix, namespace)
        return {**of_files, **declared_prefixes(self.store), **PREFIXES}

    @cached_property
    def types(self) -> Mapping[str, tuple[str, ...]]:
        """Thing → its classes, as stated."""
        found: dict[str, dict[str, None]] = {}
        for quad in self.quads:
            pair = _named_pair(quad)
            if quad.predicate.value == RDF.type and pair:
                found.setdefault(pair[0], {})[pair[1]] = None
        return {thing: tuple(classes) for thing, classes in found.items()}

    def instances(self, kind: str) -> list[str]:
        """The things of a class or of one below it."""
        if kind not in self._instances:
            self._instances[kind] = [each for each, said in self.types.items() if kind in self._above(said)]
        return list(self._instances[kind])

    def direct(self, kind: str) -> list[str]:
        """The things that are said to be of this very class."""
        return list(self._direct.get(kind, ()))

    @cached_property
    def _direct(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for thing, classes in self.types.items():
            for kind in classes:
                found.setdefault(kind, []).append(thing)
        return found

    def is_a(self, thing: str, kind: str) -> bool:
        """Whether a thing is of a class, or of one below it."""
        return kind in self._above(self.types.get(thing, ()))

    def _above(self, classes: tuple[str, ...]) -> frozenset[str]:
        if classes not in self._lineages:
            self._lineages[classes] = frozenset(self.shapes.lineage(classes))
        return self._lineages[classes]

    @cached_property
    def _instances(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def _lineages(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {}

    @cached_property
    def _about(self) -> Mapping[str, list[Quad]]:
        found: dict[str, list[Quad]] = {}
        for quad in self.quads:
            if isinstance(quad.subject, NamedNode):
                found.setdefault(quad.subject.value, []).append(quad)
        return found

    def about(self, thing: str) -> list[Quad]:
        """What is stated about a thing."""
        return self._about.get(thing, [])

    def using(self, name: str) -> list[Quad]:
        """The statements with a property."""
        return self._using.get(name, [])

    @cached_property
    def _using(self) -> Mapping[str, list[Quad]]:
        found: dict[str, list[Quad]] = {}
        for quad in self.quads:
            found.setdefault(quad.predicate.value, []).append(quad)
        return found

    def values(self, thing: str, name: str) -> list[Term]:
        """The values of a property of a thing, each once."""
        return list(dict.fromkeys(quad.object for quad in self.about(thing) if quad.predicate.value == name))

    def named_values(self, thing: str, name: str) -> list[str]:
        """The values of a property that have an IRI."""
        return [value.value for value in self.values(thing, name) if isinstance(value, NamedNode)]

    def subjects(self, name: str, value: str) -> list[str]:
        """The things that have a thing as a value of a property."""
        return self._backwards.get((name, value), [])

    @cached_property
    def _backwards(self) -> Mapping[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], dict[str, None]] = {}
        for quad in self.quads:
            pair = _named_pair(quad)
            if pair:
                found.setdefault((quad.predicate.value, pair[1]), {})[pair[0]] = None
        return {key: list(subjects) for key, subjects in found.items()}

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Every IRI that the content has, as subject, property, value or graph."""
        return frozenset(
            term.value
            for quad in self.quads
            for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
            if isinstance(term, NamedNode)
        )

    @cached_property
    def names(self) -> Mapping[str, tuple[Literal, ...]]:
        """Thing → all that it is called."""
        found: dict[str, dict[Literal, None]] = {}
        wanted = {*LABEL_PROPERTIES, PREFIXES["skos"] + "altLabel"}
        for quad in self.quads:
            if (
                quad.predicate.value in wanted
                and isinstance(quad.object, Literal)
                and isinstance(quad.subject, NamedNode)
            ):
                found.setdefault(quad.subject.value, {})[quad.object] = None
        return {thing: tuple(names) for thing, names in found.items()}

    @cached_property
    def graphs(self) -> Mapping[str, ContentFile]:
        """Named graph → the file that holds most of it."""
        best: dict[str, tuple[int, ContentFile]] = {}
        for file in self.files:
            for name, count in file.graphs.items():
                if name not in best or count > best[name][0]:
                    best[name] = (count, file)
        return {name: file for name, (_, file) in best.items()}

    @cached_property
    def statements(self) -> frozenset[Quad]:
        """Every statement of the root's own files."""
        return frozenset(self.own)

    def label(self, iri: str, lang: str) -> str:
        """What a thing is called in a language, or the nearest there is."""
        return self.labels.of(iri, lang).text

    def short(self, iri: str) -> str:
        """An IRI as short as it can be understood."""
        return self.labels.short(iri)

    def expand(self, text: str) -> str | None:
        """The IRI that a text is, or is the CURIE of; None if it is neither."""
        bare = text.removeprefix("<").removesuffix(">")
        if re.match(r"(?:https?|urn):\S+$", bare) and not re.search(r"[<>\"{}|\\^`\x00-\x20]", bare):
            return bare
        return expand(bare, self.prefixes)


def _named_pair(quad: Quad) -> tuple[str, str] | None:
    """Subject and value of a statement, if both have an IRI."""
    if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
        return quad.subject.value, quad.object.value
    return None


def read_authored(folders: Folders) -> Content:
    """The content of a root, with the model and the shapes of the software if it has no shapes of its own.

    Raises ContentError for what cannot be used.
    """
    files = [
        ContentFile(path, folders.shown(path), path.read_bytes(), tuple(load_file(path, folders)))
        for path in content_files(folders)
    ]
    if not any(file.quads for file in files):
        raise ContentError("content.empty", path=folders.root)
    return Content(folders, files, _borrowed(folders, {file.path for file in files}))


def _borrowed(folders: Folders, present: set[Path]) -> Iterator[Quad]:
    if all(path in present for path in shape_files(folders)):
        return
    own = own_folders()
    for path in sorted(own.ontology.rglob("*.ttl")):
        yield from load_file(path, own)
