"""Statements as a page shows them: the value, what is told of it in passing, and the mark of each source."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from flask import current_app
from markupsafe import Markup
from pyoxigraph import BlankNode, Literal, NamedNode

from sikkerby_kg.description import Statement, Value
from sikkerby_kg.held_text import Extract
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import RDF, SIK, local_name
from sikkerby_kg.server.language import language
from sikkerby_kg.server.memory import Memory
from sikkerby_kg.server.neighbours import NOTES, TIMES, Neighbour, named, neighbours_of
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.shown import Show, Shown, host
from sikkerby_kg.server.site import Site, site
from sikkerby_kg.shape_rules import Key
from sikkerby_kg.sources import Passage, Source
from sikkerby_kg.texts import text

VALUES = 100
"""Values shown of one property; the page says so when there are more."""

AROUND = 160
"""Characters shown on each side of a sentence in the mark of a source."""

ORIGINS = ("asserted", "editorial", "derived", "enriched", "gaps", "provenance")
_QUOTED = frozenset({SIK.rationaleText, SIK.keyPhrase})


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A passage that a statement was read from: its section, its place in words, its key phrase, its text.

    ``extract`` is None where the operator does not hold the text.
    """

    section: Shown | None
    place: Shown
    phrase: Shown | None
    extract: Extract | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """The mark of a source, and what it opens to.

    ``iri`` is its graph, ``style`` says what kind of origin it is.
    """

    iri: str
    style: str
    mark: Shown
    graph: Shown
    origin: Shown | None
    places: Sequence[PlaceView]
    pages: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class NoteView:
    """Something that is told in passing; ``label`` is missing where the value speaks for itself."""

    label: Shown | None
    value: Shown
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class StatementView:
    """One value, or what is stated about a node without a name, with its sources and its position."""

    value: Shown
    sources: Sequence[SourceView]
    nested: "Sequence[GroupView]" = ()
    notes: Sequence[NoteView] = ()
    position: float = math.inf
    start: str = ""


@dataclass(frozen=True, slots=True)
class GroupView:
    """The statements with one property; ``rest`` more are not shown.

    ``shared`` are the sources of all of them, where they are the same. ``backwards`` is for a property that
    has no name in the other direction.
    """

    property: Shown
    statements: Sequence[StatementView]
    shared: Sequence[SourceView] = ()
    rest: int = 0
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A statement in a group: the key of its property, and what leads to it if not the thing itself."""

    key: Key
    statement: Statement
    via: tuple[str, ...] = ()


_SOURCES: WeakKeyDictionary[Site, Memory[SourceView]] = WeakKeyDictionary()
_MARKS: WeakKeyDictionary[Site, Memory[Markup]] = WeakKeyDictionary()
"""The marks of sources, and what they look like, made once for each site, language and date."""


class Statements:
    """Makes views of statements for one page; ``told`` is what is known in passing of other things."""

    def __init__(self, show: Show, iri: str, told: dict[str, Neighbour]) -> None:
        self.show = show
        self.iri = iri
        self.lang = language()
        self._told = told
        self._sources = _SOURCES.setdefault(site(), Memory()).here()
        self.styles: set[str] = set()

    def types_of(self, iri: str | None) -> set[str]:
        """The classes of another thing."""
        return self._told[iri].types if iri in self._told else set()

    def look_up(self, iris: Iterable[str]) -> None:
        """Find out what is told of more things, and what they are called."""
        new = set(iris) - self._told.keys()
        self._told |= (found := neighbours_of(new))
        self.show.prefetch((*new, *named(found.values())))

    def groups(
        self, rows: Iterable[Row], *, by_time: bool = False, names: Mapping[Key, Shown] | None = None
    ) -> list[GroupView]:
        """Rows by property in the order of their coming, values in the page's language and by name first.

        ``names`` has better names for some properties than their labels.
        """
        found: dict[Key, list[Row]] = {}
        for row in rows:
            found.setdefault(row.key, []).append(row)
        return [self._group(key, members, by_time, names or {}) for key, members in found.items()]

    def _group(self, key: Key, rows: list[Row], by_time: bool, names: Mapping[Key, Shown]) -> GroupView:  # noqa: FBT001  (private)
        iri, backwards = key
        views = [self._statement(row) for row in rows]
        views.sort(key=lambda view: self._order(view, by_time=by_time))
        called = names.get(key) or (self.show.inverse(iri) if backwards else self.show.property(iri))
        shared: Sequence[SourceView] = ()
        if len(views) > 1 and views[0].sources and all(v.sources == views[0].sources for v in views):
            shared = views[0].sources
            views = [replace(view, sources=()) for view in views]
        return GroupView(
            property=called or self.show.property(iri),
            statements=views[:VALUES],
            shared=shared,
            rest=max(len(views) - VALUES, 0),
            backwards=called is None,
        )

    def _order(self, view: StatementView, *, by_time: bool) -> tuple[object, ...]:
        when = (not view.start, view.start) if by_time else (False, "")
        foreign = view.value.lang not in ("", self.lang)
        return (*when, foreign, view.position, alphabetical(view.value.when or view.value.text))

    def _statement(self, row: Row) -> StatementView:
        statement, (name, backwards) = row.statement, row.key
        iri = statement.value.iri
        is_class = name == RDF.type and not backwards
        told = self._told.get(iri or "", Neighbour())
        notes = [] if is_class else list(self._notes(told))
        for number, via in enumerate(row.via):
            label = None if number else Shown(text("web.via", self.lang))
            notes.append(NoteView(label, self.show.iri(via)))
        return StatementView(
            value=self.kind(iri) if is_class and iri else self._told_apart(statement.value, told),
            sources=[self.source(one) for one in statement.sources],
            nested=self.groups(Row((each.property.iri, False), each) for each in statement.inner),
            notes=notes,
            position=math.inf if statement.value.position is None else statement.value.position,
            start=told.start,
        )

    def _notes(self, told: Neighbour) -> Iterable[NoteView]:
        for name in NOTES:
            values = [
                value
                for value in told.values.get(name, ())
                if not isinstance(value, BlankNode) and getattr(value, "value", "") != self.iri
            ]
            own = [value for value in values if getattr(value, "language", None) == self.lang]
            values = own or values
            shown = sorted(
                (self.show.term(value) for value in values), key=lambda one: alphabetical(one.text)
            )
            for value in shown:
                if name in _QUOTED:
                    quoted = replace(value, text=text("web.quoted", self.lang, phrase=value.text))
                    yield NoteView(None, quoted, quoted=True)
                else:
                    yield NoteView(None if name in TIMES else self.show.property(name), value)

    def kind(self, iri: str) -> Shown:
        """A class, leading to all its things; who hears it is told, as a concept may have its name."""
        return replace(self.show.kind(iri), unseen=text("web.kind_list", self.lang))

    def value(self, value: Value) -> Shown:
        """The other end of a statement."""
        if value.iri:
            return self.show.iri(value.iri)
        language_tag = getattr(value.term, "language", None)
        datatype = getattr(value.term, "datatype", None)
        if type(value.term).__name__ == "BNode":
            return Shown("[…]")
        if language_tag:
            return self.show.spoken(Literal(str(value.term), language=language_tag))
        if datatype:
            return self.show.literal(Literal(str(value.term), datatype=NamedNode(str(datatype))))
        return Shown(str(value.term))

    def _told_apart(self, value: Value, told: Neighbour) -> Shown:
        """A value; a section of a text is told from what it is about and called after."""
        shown = self.value(value)
        if SIK.Section not in told.types:
            return shown
        return replace(shown, unseen=self.show.label(SIK.Section).text)

    def source(self, source: Source) -> SourceView:
        """The view of a source, made once."""
        view = self._sources.get(source.graph.iri)
        if view is None:
            view = self._sources[source.graph.iri] = self._source(source)
        self.styles.add(view.style)
        return view

    def _source(self, source: Source) -> SourceView:
        return SourceView(
            iri=source.graph.iri,
            style=_style(source),
            mark=self._mark(source),
            graph=self.show.iri(source.graph.iri),
            origin=self._origin(source.origin.iri, source.origin.label) if source.origin else None,
            places=[self._place(passage) for passage in source.passages],
            pages=[self.show.iri(page.iri) for page in source.pages],
        )

    def _origin(self, iri: str, label: Label) -> Shown:
        """The kind of origin; a graph may have the same name, so who hears it is told which it is."""
        return replace(self.show.iri(iri, label), unseen=text("web.origin", self.lang))

    def _mark(self, source: Source) -> Shown:
        """What the closed mark says: the place, or the kind of origin and whose page it rests on."""
        places = [passage.words(self.lang) for passage in source.passages]
        if _style(source) == "asserted" and places:
            return Shown("; ".join(places), self.lang)
        name = source.origin.label if source.origin else source.graph.label
        if len(places) > 1:
            places = [text("web.places", self.lang, count=len(places))]
        where = ", ".join(places or sorted({host(page.iri) for page in source.pages}))
        return Shown(f"{name.text}: {where}" if where else name.text, name.language)

    def _place(self, passage: Passage) -> PlaceView:
        place = self.show.iri(passage.iri, Label(passage.words(self.lang), self.lang))
        phrase = Shown(passage.key_phrase, passage.key_phrase_language) if passage.key_phrase else None
        extract = extract_of(passage, most=AROUND)
        if passage.section is None:
            return PlaceView(None, place, phrase, extract)
        section = self.show.iri(passage.section.iri)
        said = text("web.section", self.lang, number=passage.section_number or "–", title=section.text)
        return PlaceView(replace(section, text=said), place, phrase, extract)


def source_mark(one: SourceView) -> Markup:
    """The mark of a source as a page holds it; pages have dozens of them, and many have the same."""

    def make() -> Markup:
        marks = current_app.jinja_env.get_template("_statements.html").module
        return Markup(marks.source(one))  # type: ignore[attr-defined] # noqa: S704  (a macro escapes)

    return _MARKS.setdefault(site(), Memory()).get(one.iri, make)


def extract_of(passage: Passage, around: Passage | None = None, most: int = 0) -> Extract | None:
    """A passage in the words of the text, within its paragraph; None if the operator does not hold it."""
    held = site().held
    return held.extract(passage, around or passage.around, most) if held else None


def _style(source: Source) -> str:
    """The kind of origin: by the name of its concept if the model has that name, else by what is known."""
    name = local_name(source.origin.iri) if source.origin else ""
    if name in ORIGINS:
        return name
    if source.passages:
        return "asserted"
    return "enriched" if source.pages else "other"
