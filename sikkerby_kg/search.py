"""Finding things by the words in their names and definitions: an index in memory (SQLite FTS5).

Words are found by their beginnings, in any order, whatever their case and however Danish letters are typed.
Where that finds little, words are found that hold the typed ones, and where it finds nothing, words that are
spelled nearly so.
"""

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal as OneOf, NamedTuple

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.folding import WORD, fold, indexed, words_of
from sikkerby_kg.labels import LABEL_PROPERTIES, Labels
from sikkerby_kg.namespaces import DCT, RDF, SIK, SKOS
from sikkerby_kg.spelling import Vocabulary
from sikkerby_kg.stores import Store

NAMES = (*LABEL_PROPERTIES, SKOS.altLabel, SKOS.hiddenLabel)
PROPERTIES = (*NAMES, SKOS.definition, DCT.description, SIK.keyPhrase)
"""The properties whose texts are found, those that weigh most first."""

LIMIT = 20
MOST = 100
"""Hits of one search, if not said otherwise and at most."""

LONGEST = 200
WORDS = 8
"""Characters and words of a search that count; what comes after them is left out."""

PATIENCE = 0.25
"""Seconds after which a search gives what it has found."""

How = OneOf["words", "inside", "near"]
"""How a thing was found: by the beginnings of words, by parts of words, or by words spelled nearly so."""

_LITTLE = 5  # hits by beginnings that are enough
_CANDIDATES = 300
_SHRINKS = 4  # times that a text is longer than it is compared as, at most: letters lose their accents
_INDEXED = 6  # letters of the longest beginning that SQLite keeps a list of
_COMPLETIONS = 60  # words tried for a longer beginning
_STEPS = 2_000  # of SQLite's machine between two looks at the clock
_TABLES = """
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, thing INTEGER NOT NULL, property INTEGER NOT NULL, lang TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5(
    text, content='', detail=none, prefix='1 2 3 4 5 6', tokenize="unicode61 remove_diacritics 0"
);
"""
_FOUND = """
SELECT entry.thing, thing.iri, thing.kind, entry.property, entry.lang, entry.text
FROM words JOIN entry ON entry.id = words.rowid JOIN thing ON thing.id = entry.thing
WHERE words MATCH ? LIMIT ?
"""
_TEXTS = """SELECT ?thing ?property ?text WHERE {{
  VALUES ?property {{ {properties} }} ?thing ?property ?text FILTER(isIRI(?thing) && isLiteral(?text))
}}"""
_Row = tuple[int, str, str, int, str, str]
_KINDS = f"SELECT ?thing ?kind WHERE {{ ?thing <{RDF.type}> ?kind FILTER(isIRI(?thing) && isIRI(?kind)) }}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found: its name in the reader's language, what it is, and the text that fits.

    ``property`` is what the text is to the thing; ``words`` are those that fit, folded, and ``how`` they do.
    """

    iri: str
    label: str
    kind: str
    text: str
    lang: str
    property: str = ""
    how: How = "words"
    words: tuple[str, ...] = ()


class Found(NamedTuple):
    """A hit of the index: as ``Hit``, with the number of the property and without a label."""

    iri: str
    kind: str
    text: str
    lang: str
    property: int
    how: How
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One text about a thing, as it is put into the index."""

    iri: str
    property: int
    lang: str
    text: str


class SearchIndex:
    """The words of many texts. Any number of threads may search."""

    def __init__(self, entries: Iterable[Entry], kinds: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._connection.executescript(_TABLES)
        self._vocabulary = Vocabulary(self._fill(sorted(entries, key=_weight), kinds))
        self._connection.execute("PRAGMA query_only = ON")

    def _fill(self, entries: Sequence[Entry], kinds: Mapping[str, str]) -> set[str]:
        """Put the texts in, what weighs most first: the index gives hits in this order. Gives their words."""
        numbers: dict[str, int] = {}
        for entry in entries:
            numbers.setdefault(entry.iri, len(numbers))
        execute = self._connection.executemany
        self._connection.execute("BEGIN")
        execute(
            "INSERT INTO thing VALUES (?, ?, ?)", ((n, iri, kinds.get(iri, "")) for iri, n in numbers.items())
        )
        execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
            ((i, numbers[e.iri], e.property, e.lang, e.text) for i, e in enumerate(entries)),
        )
        seen: set[str] = set()

        def noted(text: str) -> str:
            words = WORD.findall(indexed(text))
            seen.update(words)
            return " ".join(words)

        execute(
            "INSERT INTO words (rowid, text) VALUES (?, ?)",
            ((i, noted(entry.text)) for i, entry in enumerate(entries)),
        )
        self._connection.execute("COMMIT")
        self._connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        return seen

    def search(self, text: str, lang: str, limit: int = LIMIT) -> list[Found]:
        """The things that fit best, each thing once, with the text that fits.

        A thing fits if one of its texts holds words that begin with every word of the search; if few do, also
        if they hold it elsewhere; if none do, if they are spelled nearly so. Anything may be searched for: no
        character has a meaning of its own.
        """
        words = tuple(words_of(text[:LONGEST])[:WORDS])
        if not words or limit < 1:
            return []
        best: dict[int, Found] = {}
        self._add(best, self._rows(" AND ".join(map(_quoted, words))), words, lang)
        if len(best) < min(limit, MOST):
            self._add(best, self._rows(_all(self._beginning(word) for word in words)), words, lang)
        if len(best) < min(limit, _LITTLE):
            self._add(best, self._rows(_all(map(self._inside, words))), words, lang, "inside")
        if not best:
            near = {word: self.near(word) for word in words}
            if any(near.values()):
                parts = (" OR ".join(map(_quoted, near[word])) or self._beginning(word) for word in words)
                meant = tuple(one for word in words for one in near[word] or [word])
                self._add(best, self._rows(_all(parts)), meant, lang, "near")
        return list(best.values())[: min(limit, MOST)]

    def near(self, word: str) -> list[str]:
        """The words of the index that are spelled nearly as a folded word; none where words begin with it."""
        return [] if self._vocabulary.beginning(word, 1) else self._vocabulary.near(word)

    def _add(
        self,
        best: dict[int, Found],
        rows: Iterable[_Row],
        words: tuple[str, ...],
        lang: str,
        how: How = "words",
    ) -> None:
        """Put what was found behind what has been found before, the best first."""
        whole = " ".join(words)
        longest = _SHRINKS * len(whole)

        def rank(row: _Row) -> tuple[object, ...]:
            return (
                len(row[5]) > longest or fold(row[5]) != whole,
                *_rank(row[3], row[4], lang),
                len(row[5]),
                row[5],
                row[1],
            )

        for thing, iri, kind, number, found_lang, said in sorted(rows, key=rank):
            best.setdefault(thing, Found(iri, kind, said, found_lang, number, how, words))

    def _beginning(self, word: str) -> str:
        """What finds the words that begin so, written for FTS5.

        A list of the beginnings of many words is kept by SQLite; longer ones would be put together anew for
        each search, so their words are named.
        """
        if len(word) <= _INDEXED:
            return f'"{word}"*'
        return " OR ".join(map(_quoted, self._vocabulary.beginning(word, _COMPLETIONS) or [word]))

    def _inside(self, word: str) -> str:
        """What finds the words that begin so or hold it elsewhere, written for FTS5."""
        return " OR ".join(
            (self._beginning(word), *map(_quoted, self._vocabulary.holding(word, _COMPLETIONS)))
        )

    def _rows(self, query: str) -> list[_Row]:
        """The first texts that fit a query of FTS5; what there is when time is up."""
        end = time.monotonic() + PATIENCE
        found: list[_Row] = []
        with self._lock:
            self._connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
            try:
                found.extend(self._connection.execute(_FOUND, (query, _CANDIDATES)))
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
        return found


def _quoted(word: str) -> str:
    return f'"{word}"'


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(f"({part})" for part in parts)


def _weight(entry: Entry) -> tuple[int, int, str, str]:
    return entry.property >= len(NAMES), len(entry.text), entry.text, entry.iri


def _rank(number: int, found: str, wanted: str) -> tuple[int, int]:
    """Names before definitions, the reader's language before others."""
    kind = max(number - len(LABEL_PROPERTIES) + 1, 0)
    return kind, 0 if found.partition("-")[0] in (wanted, "") else 1


def build_index(
    store: Store, others: Iterable[Entry] = (), kinds: Mapping[str, str] | None = None
) -> SearchIndex:
    """The index of all names and definitions in a store, and of other texts about things of known kinds."""
    return SearchIndex((*_entries(store), *others), {**_kinds(store), **(kinds or {})})


def _entries(store: Store) -> Iterator[Entry]:
    numbers = {iri: number for number, iri in enumerate(PROPERTIES)}
    query = _TEXTS.format(properties=" ".join(f"<{iri}>" for iri in PROPERTIES))
    for thing, name, said in store.evaluate(query).solutions():
        if isinstance(thing, NamedNode) and isinstance(name, NamedNode) and isinstance(said, Literal):
            yield Entry(thing.value, numbers[name.value], (said.language or "").lower(), said.value)


def _kinds(store: Store) -> dict[str, str]:
    """What each thing is: of several classes one that no standard vocabulary made, else the first by IRI."""
    found: dict[str, str] = {}
    for thing, kind in store.evaluate(_KINDS).solutions():
        if isinstance(thing, NamedNode) and isinstance(kind, NamedNode):
            known = found.get(thing.value)
            if known is None or _commonness(kind.value) < _commonness(known):
                found[thing.value] = kind.value
    return found


def _commonness(kind: str) -> tuple[bool, str]:
    return kind.startswith(("http://www.w3.org/", "http://purl.org/", "http://xmlns.com/")), kind


def search(index: SearchIndex, labels: Labels, text: str, lang: str, limit: int = LIMIT) -> tuple[Hit, ...]:
    """The things that fit a text best, with their labels in a language."""
    found = index.search(text, lang, limit)
    labels.prefetch(hit.iri for hit in found)
    return tuple(
        Hit(
            *(hit.iri, labels.of(hit.iri, lang).text, hit.kind, hit.text, hit.lang),
            *(PROPERTIES[hit.property], hit.how, hit.words),
        )
        for hit in found
    )
