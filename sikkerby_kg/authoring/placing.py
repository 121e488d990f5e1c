"""The graph and the file that a statement belongs in: those of the sentence, or page, that it was read from.

How the content does it is the rule: a new graph is named, described and placed as its neighbours are.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.authoring.content import Content, ContentFile
from sikkerby_kg.authoring.kinds import Kind
from sikkerby_kg.authoring.minting import slug_of
from sikkerby_kg.authoring.passages import Passage, Passages
from sikkerby_kg.authoring.turtle import Block, Pair
from sikkerby_kg.errors import EntryError
from sikkerby_kg.folding import fold
from sikkerby_kg.namespaces import DCT, PROV, RDF, SIK, SKOS, local_name, namespace_of
from sikkerby_kg.terms import to_python
from sikkerby_kg.texts import LANGUAGES, text

_HALF = 2


@dataclass(frozen=True, slots=True)
class Target:
    """Where statements go: a named graph and its file.

    ``after`` is the graph that a new one follows in the file; ``description`` what is said of a new graph,
    as graph, file and block. ``is_read`` says whether the graph was read from a passage.
    """

    graph: str
    path: Path
    after: str = ""
    description: tuple[tuple[str, Path, Block], ...] = ()
    is_read: bool = False
    language: str = ""


class Places:
    """Finds where statements go in a content."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.passages = Passages(content)
        self._counted: dict[tuple[str, ...], Counter[str]] = {}  # many rows of a sheet ask alike

    # --- what a source means --------------------------------------------------------------------

    def at(self, source: str, path: Path | None = None, slug: str = "", title: str = "") -> Target:
        """The place for what was read from a source.

        ``source`` is a sentence (``s3.3/p5s2``, ``p5s2``, or in words), a heading (``s3.3``), a graph or a
        passage by IRI, CURIE or name, or the address of a page. ``path`` is another file than the usual one;
        ``slug`` and ``title`` name a new graph for a page.
        Raises EntryError, with close ones, for what is none of these.
        """
        wanted = source.strip()
        iri = self.content.expand(wanted)
        for candidate in filter(None, (iri, wanted)):
            if candidate in self.content.graphs or candidate in self._described:
                return self._in_graph(candidate, path)
            if candidate in self.passages.all:
                return self._in_passage(self.passages.all[candidate], path)
        if iri and urlsplit(iri).scheme in ("http", "https") and not iri.startswith(self.content.base):
            return self._at_page(iri, path, slug, title)
        found = self._names.get(fold(wanted), {})
        if len(found) > 1:
            candidates = ", ".join(self.content.short(each) for each in found)
            raise EntryError("entry.source_ambiguous", value=source, candidates=candidates)
        if not found:
            close = difflib.get_close_matches(fold(wanted), self._names, n=4, cutoff=0.5)
            raise EntryError("entry.source", value=source, close=", ".join(close) or "–")
        (name,) = found
        if name in self.passages.all:
            return self._in_passage(self.passages.all[name], path)
        return self._in_graph(name, path)

    def usual(self, kind: Kind, path: Path | None = None) -> Target | None:
        """The place where things of a kind stand if they were read from nothing; None if most were read."""
        counts = self._introductions(kind)
        if not counts:
            return None
        graph, count = counts.most_common(1)[0]
        if count * _HALF < sum(counts.values()) or self.content.named_values(graph, PROV.wasDerivedFrom):
            return None
        return self._in_graph(graph, path)

    def beside(self, kind: Kind, iri: str, path: Path | None = None) -> Target | None:
        """The place of a thing that names a graph of its own, as its like do; None if they do not."""
        things = self.content.direct(kind.iri)
        alone = [thing for thing in things if thing in self.content.graphs and self._has_own_file(thing)]
        if not alone or len(alone) * _HALF < len(things):
            return None
        model = self.content.graphs[min(alone)].path
        return Target(iri, path or model.with_name(local_name(iri) + model.suffix))

    def _has_own_file(self, graph: str) -> bool:
        file = self.content.graphs[graph]
        return set(file.graphs) == {graph} and any(
            quad.subject == NamedNode(graph) and quad.predicate.value == RDF.type for quad in file.quads
        )

    def home(self, kind: Kind, name: str, language: str, target: Target) -> Target:
        """Where a property goes that is not read but added by the editors, as it is for others of the kind.

        That is so if it never stands in a graph that was read, and most of it in one that rests on nothing.
        """
        if not target.is_read:
            return target
        counts = self._homes(kind, name, language)
        if not counts or any(self._is_read(graph) for graph in counts):
            return (
                target if not self._is_foreign(language, target) else self._translations(language) or target
            )
        graph, count = counts.most_common(1)[0]
        is_ours = not self.content.named_values(graph, PROV.wasDerivedFrom)
        if not is_ours or count * _HALF < sum(counts.values()) or graph == self._introducing(kind):
            return target
        return self._in_graph(graph, None)

    def _introductions(self, kind: Kind) -> Counter[str]:
        """Graph → how many things of a kind are said in it to be of that kind."""
        if (kind.iri,) not in self._counted:
            self._counted[(kind.iri,)] = Counter(
                quad.graph_name.value
                for quad in self.content.own
                if quad.predicate.value == RDF.type
                and isinstance(quad.graph_name, NamedNode)
                and quad.object == NamedNode(kind.iri)
            )
        return self._counted[(kind.iri,)]

    def _introducing(self, kind: Kind) -> str:
        """The graph that introduces most things of a kind; empty if there are none."""
        found = self._introductions(kind).most_common(1)
        return found[0][0] if found else ""

    def _homes(self, kind: Kind, name: str, language: str) -> Counter[str]:
        """Graph → how many values of a property things of a kind have in it."""
        key = (kind.iri, name, language)
        if key not in self._counted:
            things = set(self.content.instances(kind.iri))
            self._counted[key] = Counter(
                quad.graph_name.value
                for quad in self.content.own
                if quad.predicate.value == name
                and isinstance(quad.graph_name, NamedNode)
                and to_python(quad.subject) in things
                and (not language or getattr(quad.object, "language", None) == language)
            )
        return self._counted[key]

    def _is_foreign(self, language: str, target: Target) -> bool:
        """Whether a text in a language is a translation of what was read."""
        return bool(language and target.language and not language.startswith(target.language))

    def _translations(self, language: str) -> Target | None:
        """The graph with most names in a language that were not read."""
        counts = Counter(
            quad.graph_name.value
            for quad in self.content.own
            if quad.predicate.value == SKOS.prefLabel
            and isinstance(quad.graph_name, NamedNode)
            and isinstance(quad.object, Literal)
            and quad.object.language == language
            and quad.subject != quad.graph_name
            and quad.graph_name.value in self._described
            and not self.content.named_values(quad.graph_name.value, PROV.wasDerivedFrom)
        )
        return self._in_graph(counts.most_common(1)[0][0], None) if counts else None

    # --- graphs that are there, and new ones ---------------------------------------------------

    def _in_graph(self, graph: str, path: Path | None) -> Target:
        passages = [
            p for p in self.content.named_values(graph, PROV.wasDerivedFrom) if p in self.passages.all
        ]
        if graph not in self.content.graphs and len(passages) == 1:
            return self._in_passage(self.passages.all[passages[0]], path)
        file = self.content.graphs.get(graph)
        if file is None and path is None:
            raise EntryError("entry.graph_without_file", graph=self.content.short(graph))
        language = self.passages.language(passages[0]) if passages else ""
        is_read = self._is_read(graph)
        return Target(graph, path or file.path, is_read=is_read, language=language)  # type: ignore[union-attr]

    def _is_read(self, graph: str) -> bool:
        return graph in self._read

    @cached_property
    def _read(self) -> Mapping[str, str]:
        """Graph that was read from one passage → the passage."""
        found = {}
        for graph in self._described:
            names = self.content.named_values(graph, PROV.wasDerivedFrom)
            if len(names) == 1 and names[0] in self.passages.all:
                found[graph] = names[0]
        origins = Counter(origin for graph in found for origin in self.content.named_values(graph, DCT.type))
        usual = origins.most_common(1)[0][0] if origins else ""
        return {
            g: p for g, p in found.items() if not usual or usual in self.content.named_values(g, DCT.type)
        }

    @cached_property
    def _described(self) -> frozenset[str]:
        return frozenset(self.content.direct(SIK.StatementGraph))

    def _in_passage(self, passage: Passage, path: Path | None) -> Target:
        """The place for what was read from a passage; a graph that is not there yet is described."""
        graph = next((g for g, p in self._read.items() if p == passage.iri), "")
        language = self.passages.language(passage.iri)
        if graph in self.content.graphs:
            return Target(graph, path or self.content.graphs[graph].path, is_read=True, language=language)
        neighbour = self._neighbour(passage)
        if not neighbour:
            raise EntryError("entry.no_neighbour", source=passage.short)
        file = self.content.graphs[neighbour]
        described: tuple[tuple[str, Path, Block], ...] = ()
        if not graph:
            graph = namespace_of(neighbour) + passage.short
            words = passage.words
            names = {lang: text("authoring.read_in", lang, place=words[lang]) for lang in LANGUAGES}
            described = tuple(self._description(graph, passage.iri, neighbour, names))
        return Target(graph, path or file.path, neighbour, described, is_read=True, language=language)

    def _neighbour(self, passage: Passage) -> str:
        """The graph after which that of a passage belongs: of the same section if it has one."""
        graphs = [
            (self.passages.all[p], graph) for graph, p in self._read.items() if graph in self.content.graphs
        ]
        near = [each for each in graphs if each[0].document == passage.document]
        same = [each for each in near if each[0].section == passage.section] or near
        before = [each for each in same if each[0].order <= passage.order]
        chosen = max(before, key=lambda e: e[0].order, default=None) or min(
            same, key=lambda e: e[0].order, default=None
        )
        return chosen[1] if chosen else ""

    def _description(
        self, graph: str, source: str, model: str, names: Mapping[str, str], place: Path | None = None
    ) -> Iterator[tuple[str, Path, Block]]:
        """What is said of a new graph, in the manner of another one, where that is described.

        With a ``place`` the graph describes itself there.
        """
        pairs: list[Pair] = [(RDF.type, NamedNode(SIK.StatementGraph))]
        pairs += [(DCT.type, NamedNode(origin)) for origin in self.content.named_values(model, DCT.type)]
        pairs += [(SKOS.prefLabel, Literal(name, language=lang)) for lang, name in names.items()]
        pairs.append((PROV.wasDerivedFrom, NamedNode(source)))
        authors = self.content.named_values(model, PROV.wasAttributedTo)
        pairs += [(PROV.wasAttributedTo, NamedNode(author)) for author in authors]
        block = Block(graph, tuple(pairs))
        if place is not None:
            yield graph, place, block
            return
        for file in self.content.files:
            for quad in file.quads:
                is_said = quad.subject == NamedNode(model) and to_python(quad.object) == SIK.StatementGraph
                if is_said and isinstance(quad.graph_name, NamedNode):
                    yield quad.graph_name.value, file.path, block
                    return

    def _at_page(self, page: str, path: Path | None, slug: str, title: str) -> Target:
        """The place for what was read on a page elsewhere: its graph, or a new one beside its like."""
        for graph in sorted(self._described):
            if self.content.named_values(graph, PROV.wasDerivedFrom) == [page]:
                return self._in_graph(graph, path)
        models = [
            graph
            for graph in sorted(self._described)
            if graph in self.content.graphs
            and any(
                not source.startswith(self.content.base)
                for source in self.content.named_values(graph, PROV.wasDerivedFrom)
            )
        ]
        if not models:
            raise EntryError("entry.no_page_graph", source=page)
        model = models[0]
        host = (urlsplit(page).hostname or page).removeprefix("www.")
        name = slug or slug_of(host)
        graph = namespace_of(model) + name
        if graph in self.content.mentioned:
            raise EntryError("entry.iri_taken", iri=self.content.short(graph))
        names = {
            lang: text("authoring.according_to", lang, name=title or slug or host, page=host)
            for lang in LANGUAGES
        }
        place = path or self.content.graphs[model].path.with_name(f"{name}.trig")
        return Target(graph, place, description=tuple(self._description(graph, page, model, names, place)))

    @cached_property
    def _names(self) -> Mapping[str, dict[str, None]]:
        """What a source may be called, folded → the passages or graphs that it means."""
        found = {name: dict(places) for name, places in self.passages.spoken.items()}
        for graph in self._described:
            names = [name.value for name in self.content.names.get(graph, ())]
            if graph not in self._read:
                names += [self.content.short(graph), local_name(graph)]
            for name in names:
                found.setdefault(fold(name), {})[self._read.get(graph, graph)] = None
        return found

    @property
    def examples(self) -> list[str]:
        """How sentences that were read may be written, in order."""
        read = sorted((self.passages.all[name] for name in self._read.values()), key=lambda each: each.order)
        return [passage.short for passage in read if passage.sentence is not None]

    def short_of(self, target: Target) -> str:
        """A target as somebody would write it: the place of its passage, else the graph."""
        passage = self._read.get(target.graph)
        return self.passages.all[passage].short if passage else self.content.short(target.graph)


def file_at(content: Content, name: str) -> Path:
    """The file of the content that a name means, which need not exist yet.

    Raises EntryError for one elsewhere.
    """
    for candidate in (content.folders.root / name, content.folders.data / name, Path(name).absolute()):
        resolved = candidate.resolve()
        inside = any(
            resolved.is_relative_to(folder.resolve())
            for folder in (content.folders.data, content.folders.ontology)
        )
        if inside and re.fullmatch(r"\.trig|\.ttl", candidate.suffix) and candidate.parent.is_dir():
            return candidate
    raise EntryError("entry.file", path=name)


def file_of(content: Content, path: Path) -> ContentFile | None:
    """The file of the content at a path."""
    return next((file for file in content.files if file.path == path), None)
