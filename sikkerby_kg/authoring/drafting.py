"""From what is said of one thing to its statements, each in the graph that it belongs in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field as attribute
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.authoring.kinds import Demand, Field, Kind, Kinds, Level
from sikkerby_kg.authoring.minting import mint
from sikkerby_kg.authoring.placing import Places, Target
from sikkerby_kg.authoring.times import Times
from sikkerby_kg.authoring.turtle import Block, Pair
from sikkerby_kg.authoring.values import Others, Reader, Value
from sikkerby_kg.errors import EntryError, SikkerbyError
from sikkerby_kg.namespaces import RDF
from sikkerby_kg.texts import text

Mishap = tuple[object, SikkerbyError]
"""Where something wrong was written, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of a property: a text, its language if that is told apart, and where it stands."""

    field: Field
    text: str
    language: str = ""
    place: object = None


@dataclass(frozen=True, slots=True)
class Addition:
    """A block that goes into a named graph of a file; ``after`` is the graph that a new one follows."""

    path: Path
    graph: str
    block: Block
    after: str = ""

    @property
    def quads(self) -> Iterator[Quad]:
        """The statements of the block."""
        subject, graph = NamedNode(self.block.subject), NamedNode(self.graph)
        return (Quad(subject, NamedNode(name), value, graph) for name, value in self.block.pairs)


@dataclass(frozen=True, slots=True)
class Draft:
    """A thing and what is to be added for it. ``is_known`` says that the content has it already.

    ``lacking`` are the fields that should have a value but need not; ``assumed`` says what was filled in.
    """

    kind: Kind
    iri: str
    additions: tuple[Addition, ...]
    is_known: bool = False
    lacking: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    source: str = ""

    @property
    def quads(self) -> frozenset[Quad]:
        """All statements that are to be added."""
        return frozenset(quad for each in self.additions for quad in each.quads)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a thing is to stand, as somebody said it: source, slug or IRI, file; empty for the usual."""

    source: str = ""
    slug: str = ""
    file: Path | None = None
    source_place: object = None
    slug_place: object = None


NOWHERE = Whereabouts()


class MishapsError(EntryError):
    """What is wrong with one thing, each with its place."""

    def __init__(self, mishaps: Sequence[Mishap]) -> None:
        self.mishaps = tuple(mishaps)
        super().__init__("entry.several", count=len(mishaps))


@dataclass
class Maker:
    """Makes drafts for a content, in words of a language. What was drafted before counts as there."""

    content: Content
    kinds: Kinds
    lang: str
    others: Others = attribute(default_factory=Others)
    taken: set[str] = attribute(default_factory=set)

    @cached_property
    def reader(self) -> Reader:
        """Reads values."""
        return Reader(self.content, self.lang, self.others)

    @cached_property
    def places(self) -> Places:
        """Finds graphs and files."""
        return Places(self.content)

    @cached_property
    def times(self) -> Times:
        """Finds and makes periods."""
        return Times(self.content, self.kinds, self.taken)

    def make(self, kind: Kind, given: Iterable[Given], where: Whereabouts = NOWHERE, iri: str = "") -> Draft:
        """The draft of one thing; ``iri`` is what it is called if that is settled.

        Raises MishapsError with all that is wrong: wrong, missing and too many values, an unknown source,
        an IRI that is taken.
        """
        return _Making(self, kind, list(given), where).draft(iri)

    def known(self, kind: Kind, name: str) -> str:
        """The thing of a kind that has a name already; empty if there is none."""
        if kind.iri not in self._known:
            found = self._known[kind.iri] = {}
            for thing in self.content.direct(kind.iri):
                for said in self.content.values(thing, kind.naming.iri) if kind.naming else ():
                    if isinstance(said, Literal) and said.language == kind.language:
                        found.setdefault(said.value, thing)
        return self._known[kind.iri].get(name, "")

    @cached_property
    def _known(self) -> dict[str, dict[str, str]]:
        return {}

    def usual_value(self, kind: Kind, each: Field) -> Value | None:
        """The one value that a field can have, or that all things of the kind have; None if there is none."""
        if each.fixed:
            return next((value for value in each.fixed if isinstance(value, NamedNode | Literal)), None)
        if each.backwards or each.datatype:
            return None
        allowed = self.reader.allowed(each)
        if allowed is not None and len(allowed) == 1:
            return NamedNode(next(iter(allowed)))
        things = self.content.direct(kind.iri)
        found = {value for thing in things for value in self.content.values(thing, each.iri)}
        only = next(iter(found), None)
        return only if len(found) == 1 and len(things) > 1 and isinstance(only, NamedNode) else None


@dataclass
class _Making:
    """The making of one draft."""

    maker: Maker
    kind: Kind
    given: list[Given]
    where: Whereabouts
    mishaps: list[Mishap] = attribute(default_factory=list)
    values: dict[str, list[Value]] = attribute(default_factory=dict)
    extra: list[Block] = attribute(default_factory=list)
    assumed: list[str] = attribute(default_factory=list)
    lacking: list[str] = attribute(default_factory=list)

    def draft(self, settled: str) -> Draft:
        for each in self.given:
            self.read(each)
        self.fill_in()
        self.count()
        iri = settled or self.iri()
        target = self.target(iri)
        if self.mishaps or target is None:
            raise MishapsError(self.mishaps)
        return Draft(
            self.kind,
            iri,
            tuple(self.additions(iri, target)),
            is_known=bool(settled) and settled in self.maker.content.mentioned,
            lacking=tuple(self.lacking),
            assumed=tuple(self.assumed),
            source=self.maker.places.short_of(target),
        )

    def read(self, given: Given) -> None:
        """Take in one value."""
        each = given.field
        try:
            for value in self.read_value(each, given):
                found = self.values.setdefault(each.name, [])
                if value not in found:
                    found.append(value)
        except SikkerbyError as error:
            self.mishaps.append((given.place or each.name, error))

    def read_value(self, each: Field, given: Given) -> list[Value]:
        reader = self.maker.reader
        if each.datatype:
            language = given.language or self.kind.language
            return [reader.literal(each, given.text, language)]
        if not reader.is_period(each) or self.maker.content.expand(given.text.strip()):
            return [reader.thing(each, given.text)]
        found = self.maker.times.period(given.text, self.kind.language)
        self.extra += [found.block] if found.block else []
        if found.is_assumed:
            precision = self.maker.content.label(found.precision, self.maker.lang)
            self.assumed.append(f"{each.called(self.maker.lang)}: {given.text.strip()} ({precision})")
        return [NamedNode(found.iri)]

    def fill_in(self) -> None:
        """Fill in what can only be one thing, and note what is missing."""
        wrong = {place for place, _ in self.mishaps}
        for demand in self.kind.demands:
            fields = [found for key in demand.fields for found in [self.kind.at(key)] if found]
            told = {name for each in fields for name in (each.name, f"{each.name}@{demand.language}")}
            if not self.is_met(demand, fields) and not told & wrong:
                self.fill(demand, fields)
        for each in self.kind.fields:
            if each.fixed and each.name not in self.values and each.level is Level.REQUIRED:
                self.assume(each)

    def is_met(self, demand: Demand, fields: Iterable[Field]) -> bool:
        values = [value for each in fields for value in self.values.get(each.name, ())]
        if not demand.language:
            return bool(values)
        return any(isinstance(v, Literal) and (v.language or "").startswith(demand.language) for v in values)

    def fill(self, demand: Demand, fields: Sequence[Field]) -> None:
        if demand.level is Level.REQUIRED and len(fields) == 1 and self.assume(fields[0]):
            return
        lang = self.maker.lang
        words = " / ".join(each.called(lang, demand.language) for each in fields)
        if demand.level is Level.REQUIRED:
            option = " / ".join(
                each.name + (f"@{demand.language}" if demand.language else "") for each in fields
            )
            error = EntryError("entry.missing", field=words, option=option)
            self.mishaps.append((fields[0].name + (f"@{demand.language}" if demand.language else ""), error))
        elif words not in self.lacking:
            self.lacking.append(words)

    def assume(self, each: Field) -> bool:
        """Give a field its usual value, if it has one, and say so where that is not a matter of course."""
        value = self.maker.usual_value(self.kind, each)
        if value is None:
            return False
        self.values[each.name] = [value]
        if not each.fixed:
            lang = self.maker.lang
            shown = (
                self.maker.content.label(value.value, lang) if isinstance(value, NamedNode) else value.value
            )
            self.assumed.append(f"{each.called(lang)}: {shown}")
        return True

    def count(self) -> None:
        """Refuse more values than there may be, and two texts in one language."""
        for each in self.kind.fields:
            found = self.values.get(each.name, [])
            if each.most is not None and len(found) > each.most:
                error = EntryError(
                    "entry.too_many", field=each.called(self.maker.lang), most=each.most, count=len(found)
                )
                self.mishaps.append((self.place_of(each), error))
            tags = [value.language for value in found if isinstance(value, Literal) and value.language]
            twice = sorted({tag for tag in tags if tags.count(tag) > 1})
            if twice and any(rule.name == "uniqueLang" for rule in each.rules):
                error = EntryError("entry.twice", field=each.called(self.maker.lang), language=twice[0])
                self.mishaps.append((self.place_of(each), error))

    def place_of(self, each: Field) -> object:
        return next((given.place for given in reversed(self.given) if given.field.name == each.name), None)

    @property
    def name(self) -> str:
        """What the thing is called in the language that names must be in, else in any."""
        naming = self.kind.naming
        names = (
            [value for value in self.values.get(naming.name, ()) if isinstance(value, Literal)]
            if naming
            else []
        )
        best = [value for value in names if value.language == self.kind.language]
        return (best or names)[0].value if names else ""

    def iri(self) -> str:
        """A new IRI; empty if there can be none, which is noted."""
        schemes = self.values.get("in-scheme", ()) if self.kind.has_scheme else ()
        within = f"{schemes[0].value.rstrip('/')}/" if schemes else ""
        maker = self.maker
        is_nameless = self.kind.naming is None
        if not self.name and not self.where.slug and not is_nameless:
            return ""  # the missing name has been noted
        try:
            return mint(
                maker.content,
                self.kind,
                name=self.name,
                wanted=self.where.slug,
                within=within,
                taken=maker.taken,
            )
        except EntryError as error:
            self.mishaps.append((self.where.slug_place or "id", error))
            return ""

    def target(self, iri: str) -> Target | None:
        """The place of the thing; None if there is none, which is noted."""
        maker, where = self.maker, self.where
        try:
            if where.source:
                slug = iri.rstrip("/#").rpartition("/")[2]
                return maker.places.at(where.source, where.file, slug, self.name)
            scheme = next((value.value for value in self.values.get("in-scheme", ())), "")
            if scheme and scheme in maker.content.graphs:
                return maker.places.at(scheme, where.file)
            found = maker.places.beside(self.kind, iri, where.file) or maker.places.usual(
                self.kind, where.file
            )
            if found:
                return found
            raise EntryError("entry.no_source", kind=self.kind.called(maker.lang))
        except SikkerbyError as error:
            self.mishaps.append((where.source_place or "source", error))
            return None

    def additions(self, iri: str, target: Target) -> Iterator[Addition]:
        """Everything that is to be added: new graphs, what leads to the thing, the thing, its periods."""
        for graph, path, block in target.description:
            yield Addition(path, graph, block)
        elsewhere: dict[tuple[Path, str], list[Pair]] = {}
        types = (*self.kind.types, self.kind.iri)
        own: list[Pair] = [(RDF.type, NamedNode(each)) for each in types]
        for each in self.kind.fields:
            for value in self.values.get(each.name, ()):
                if each.backwards:
                    yield Addition(
                        target.path,
                        target.graph,
                        Block(value.value, ((each.iri, NamedNode(iri)),)),
                        target.after,
                    )
                    continue
                language = (value.language or "") if isinstance(value, Literal) else ""
                home = self.maker.places.home(self.kind, each.iri, language, target)
                if home is target:
                    own.append((each.iri, value))
                else:
                    elsewhere.setdefault((home.path, home.graph), []).append((each.iri, value))
        yield Addition(
            target.path, target.graph, Block(iri, tuple(own), tuple(self.comments())), target.after
        )
        for block in self.extra:
            yield Addition(target.path, target.graph, block, target.after)
        for (path, graph), pairs in elsewhere.items():
            yield Addition(path, graph, Block(iri, tuple(pairs)))

    def comments(self) -> Iterator[str]:
        """What was assumed, and what is left to fill in."""
        lang = self.maker.lang
        if self.assumed:
            yield text("authoring.assumed", lang, what="; ".join(self.assumed))
        if self.lacking:
            yield text("authoring.lacking", lang, what="; ".join(self.lacking))
