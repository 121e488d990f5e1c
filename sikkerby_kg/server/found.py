"""What was found by a search, as people read it: by kind, with the words marked that fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from weakref import WeakKeyDictionary

from flask import url_for

from sikkerby_kg.folding import Piece, excerpt, words_of
from sikkerby_kg.labels import LABEL_PROPERTIES, Label
from sikkerby_kg.likeness import most_like
from sikkerby_kg.namespaces import SH, SIK, SKOS
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.search import LONGEST, MOST, Hit
from sikkerby_kg.server.kinds import group_of
from sikkerby_kg.server.language import language
from sikkerby_kg.server.lines import Line, lines_of
from sikkerby_kg.server.memory import Memory
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import Site, site
from sikkerby_kg.texts import text

SHOWN = 6
"""Hits of one kind that are shown until a reader asks for all of that kind, or one more if that is all."""

EXCERPT = 180
"""Letters of a long text that are shown about the words that fit."""

QUESTION = "question"
TERM = "term"
"""The groups that are not of one class: saved questions, and the words of the model."""

_QUESTIONS: WeakKeyDictionary[Site, Memory[str]] = WeakKeyDictionary()
"""The addresses of saved questions, made once for each site, language and date."""

_SAID: WeakKeyDictionary[Site, Memory[frozenset[str]]] = WeakKeyDictionary()
"""The words of saved questions, found once for each site and language."""

_OTHER_NAMES = {SKOS.altLabel: "also_called", SKOS.hiddenLabel: "written"}


@dataclass(frozen=True, slots=True)
class Fitting:
    """A text in which the words that fit are marked, its language, and what stands before and after it."""

    pieces: Sequence[Piece]
    lang: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class HitView:
    """A thing that was found. ``kind`` is given where it says more than the group that the thing is in."""

    name: Fitting
    href: str
    kind: Label | None
    note: Fitting | None
    line: Line


@dataclass(frozen=True, slots=True)
class GroupView:
    """What was found of one kind; ``href`` leads to all of it, ``is_whole`` says whether all is shown."""

    key: str
    name: Label
    href: str
    count: int
    hits: Sequence[HitView]

    @property
    def is_whole(self) -> bool:
        """Whether all that was found of the kind is shown."""
        return len(self.hits) == self.count


@dataclass(frozen=True, slots=True)
class WordView:
    """A word that may be searched for by itself, and how much it finds."""

    word: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What the template of a search gets."""

    query: str
    count: int = 0
    is_cut: bool = False
    is_near: bool = False
    first: HitView | None = None
    groups: Sequence[GroupView] = ()
    kinds: Sequence[GroupView] = ()
    chosen: GroupView | None = None
    all_href: str = ""
    words: Sequence[WordView] = ()
    questions: Sequence[Shown] = ()


def search_page(query: str, kind: str = "") -> SearchPage:
    """The page of a search; ``kind`` is the key of the only group to show, if it is one that was found."""
    if not query:
        return SearchPage(query)
    hits = site().graph.search(query, language(), MOST)
    if not hits:
        return SearchPage(query, words=list(_words(query)), questions=_questions_like(query))
    show = Show()
    show.prefetch(iri for hit in hits for iri in (hit.iri, hit.kind) if iri)
    groups = _groups(hits)
    chosen = kind if kind in groups else ""
    first = None if chosen else _named_so(query, hits)
    listed = {
        key: found if key == chosen else _few([hit for hit in found if hit is not first])
        for key, found in groups.items()
        if key == chosen or not chosen
    }
    shown = [hit for found in listed.values() for hit in found] + ([first] if first else [])
    lines = lines_of([hit.iri for hit in shown if hit.iri not in site().graph.questions], show)
    views = {
        key: GroupView(
            key=key,
            name=_group_name(key, show),
            href=url_for("search.search", q=query, kind=key),
            count=len(found) - (first in found and not chosen),
            hits=[_view(hit, key, lines.get(hit.iri, Line()), show) for hit in listed.get(key, ())],
        )
        for key, found in groups.items()
    }
    return SearchPage(
        query=query,
        count=len(hits),
        is_cut=len(hits) == MOST,
        is_near=hits[0].how == "near",
        first=_view(first, "", lines.get(first.iri, Line()), show) if first else None,
        groups=[views[key] for key, found in listed.items() if found],
        kinds=list(views.values()),
        chosen=views.get(chosen),
        all_href=url_for("search.search", q=query),
        questions=_questions_like(query) if hits[0].how != "words" else (),
    )


def _few(hits: Sequence[Hit]) -> Sequence[Hit]:
    """The first hits of a kind; a link to all would take the place of a single one more."""
    return hits if len(hits) == SHOWN + 1 else hits[:SHOWN]


def suggestions(query: str, limit: int) -> list[dict[str, str]]:
    """The names to suggest while a search is typed, as data: label and its language, what it is, address."""
    hits = site().graph.search(query, language(), limit)
    show = Show()
    show.prefetch(iri for hit in hits for iri in (hit.iri, hit.kind) if iri)
    return [
        {
            "label": name.text,
            "lang": name.language,
            "kind": _kind_name(hit, show).text,
            "text": hit.text if hit.property in (*LABEL_PROPERTIES, *_OTHER_NAMES) else "",
            "href": href_of(hit.iri),
        }
        for hit in hits
        for name in (_name(hit, show),)
    ]


def href_of(iri: str) -> str:
    """The address of what was found: a saved question leads to its answer, a thing to its page."""
    question = site().graph.questions.get(iri)
    if question is None:
        return site().addresses.href(iri)
    name = question.name
    return _QUESTIONS.setdefault(site(), Memory()).get(iri, lambda: url_for("saved.query", name=name))


def _named_so(query: str, hits: Sequence[Hit]) -> Hit | None:
    """The first hit if it is called just what was searched for."""
    words = words_of(query)
    names = (*LABEL_PROPERTIES, *_OTHER_NAMES)
    fits = hits[0].property in names and words_of(hits[0].text) == words
    return hits[0] if fits and len(hits) > 1 else None


def _groups(hits: Sequence[Hit]) -> dict[str, list[Hit]]:
    """Key → what was found of that group, the groups with the best hits first, the model's words last."""
    found: dict[str, list[Hit]] = {}
    for hit in hits:
        found.setdefault(_group(hit), []).append(hit)
    return dict(sorted(found.items(), key=lambda item: _weight(item[0])))


def _weight(key: str) -> int:
    if key == TERM:
        return 2
    kind = site().kind_of_name(key) if key != QUESTION else None
    return int(kind is not None and group_of(kind) == "source" and kind != SIK.Passage)


def _group(hit: Hit) -> str:
    """The key of the group that a hit is in: the widest class of the content above what it is."""
    if hit.kind == SH.SPARQLExecutable:
        return QUESTION
    if group_of(hit.kind) == "model" and hit.kind not in (SKOS.Concept, SKOS.ConceptScheme):
        return TERM
    return site().kind_name(site().kinds.widest(hit.kind))


def _group_name(key: str, show: Show) -> Label:
    if key in (QUESTION, TERM):
        return Label(text(f"web.search.{key}", language()), language())
    return show.label(site().kind_of_name(key) or key)


def _name(hit: Hit, show: Show) -> Label:
    question = site().graph.questions.get(hit.iri)
    if question:
        return Label(question.question[language()], language())
    return show.label(hit.iri)


def _kind_name(hit: Hit, show: Show) -> Label:
    return _group_name(QUESTION, show) if _group(hit) == QUESTION else show.label(hit.kind)


def _view(hit: Hit, group: str, line: Line, show: Show) -> HitView:
    name = _name(hit, show)
    inside = hit.how == "inside"
    label = Fitting(excerpt(name.text, hit.words, 10 * EXCERPT, inside=inside), name.language)
    is_told = not hit.kind or group in (QUESTION, site().kind_name(hit.kind))
    kind = None if is_told else _kind_name(hit, show)
    return HitView(
        name=label,
        href=href_of(hit.iri),
        kind=kind,
        note=_note(hit, name),
        line=line.beside(name.text, kind.text if kind else ""),
    )


def _note(hit: Hit, name: Label) -> Fitting | None:
    """The text that fits, if it is not the name of the thing, and what it is to the thing."""
    if hit.text == name.text:
        return None
    pieces = excerpt(hit.text, hit.words, EXCERPT, inside=hit.how == "inside")
    if hit.property in _OTHER_NAMES:
        key = f"web.search.{_OTHER_NAMES[hit.property]}"
    elif hit.property in LABEL_PROPERTIES:
        key = "web.search.in_other_language" if hit.lang != name.language else "web.search.also_called"
    elif hit.property == SIK.keyPhrase:
        key = "web.search.phrase"
    else:
        key = "web.search.text"
    before, _, after = text(key, language(), text="\0").partition("\0")
    return Fitting(pieces, hit.lang, before, after)


def _questions_like(query: str) -> list[Shown]:
    """The saved questions that are most like a search of several words, as links."""
    questions = site().graph.questions
    if len(words_of(query[:LONGEST])) < 2:  # noqa: PLR2004  (one word is no question)
        return []
    said = _SAID.setdefault(site(), Memory())
    known = {iri: said.get(iri, partial(_words_of, one)) for iri, one in questions.items()}
    found = most_like(query[:LONGEST], known)
    return [Shown(questions[iri].question[language()], href=href_of(iri)) for iri in found]


def _words_of(question: SavedQuery) -> frozenset[str]:
    """The words that a saved question is written in, as they are compared."""
    texts = (question.question, question.title, question.description)
    return frozenset(word for each in texts for word in words_of(each[language()]))


def _words(query: str) -> Iterator[WordView]:
    """The words of a search that find something by themselves, and less than everything."""
    words = list(dict.fromkeys(query[:LONGEST].split()))
    for word in words if len(words) > 1 else ():
        count = len(site().graph.search(word, language(), MOST))
        if 0 < count < MOST:
            yield WordView(word, count, url_for("search.search", q=word))
