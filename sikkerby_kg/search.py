"""Finding things by the words in their names and definitions: an index in memory (SQLite FTS5).

Words are found by their beginnings, in any order, whatever their case. Danish letters are found however they
are typed: ``å`` as ``aa`` or ``a``, ``ø`` as ``oe`` or ``o``, ``æ`` as ``ae``; a typed ``å`` finds no ``a``.
"""

import re
import sqlite3
import threading
import time
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.labels import LABEL_PROPERTIES, Labels
from sikkerby_kg.namespaces import RDF, SKOS
from sikkerby_kg.stores import Store

PROPERTIES = (*LABEL_PROPERTIES, SKOS.altLabel, SKOS.hiddenLabel, SKOS.definition)
"""The properties whose texts are found, those that weigh most first."""

LIMIT = 20
MOST = 100
"""Hits of one search, if not said otherwise and at most."""

LONGEST = 200
WORDS = 8
"""Characters and words of a search that count; what comes after them is left out."""

PATIENCE = 0.25
"""Seconds after which a search gives what it has found."""

_CANDIDATES = 300
_INDEXED = 6  # letters of the longest beginning that SQLite keeps a list of
_COMPLETIONS = 60  # words tried for a longer beginning
_WORD = re.compile(r"[^\W_]+")
_DANISH = str.maketrans({"å": "aa", "æ": "ae", "ø": "oe", "ä": "ae", "ö": "oe"})
_TYPED_AS = str.maketrans({"å": "a", "æ": "ae", "ø": "o"})
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
_KINDS = f"SELECT ?thing ?kind WHERE {{ ?thing <{RDF.type}> ?kind FILTER(isIRI(?thing) && isIRI(?kind)) }}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found: its name in the reader's language, what it is, and the text that fits."""

    iri: str
    label: str
    kind: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One text about a thing, as it is put into the index."""

    iri: str
    property: int
    lang: str
    text: str


class SearchIndex:
    """The words of many texts. Any number of threads may search."""

    def __init__(self, entries: Iterable[Entry], kinds: dict[str, str]) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._connection.executescript(_TABLES)
        self._seen: set[str] = set()
        self._known: list[str] = []
        self._fill(sorted(entries, key=_weight), kinds)
        self._connection.execute("PRAGMA query_only = ON")

    def _fill(self, entries: Sequence[Entry], kinds: dict[str, str]) -> None:
        """Put the texts in, what weighs most first: the index gives hits in this order."""
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
        execute(
            "INSERT INTO words (rowid, text) VALUES (?, ?)",
            ((i, self._noted(_indexed(entry.text))) for i, entry in enumerate(entries)),
        )
        self._known = sorted(self._seen)
        self._seen.clear()
        self._connection.execute("COMMIT")
        self._connection.execute("INSERT INTO words (words) VALUES ('optimize')")

    def _noted(self, text: str) -> str:
        words = _WORD.findall(text)
        self._seen.update(words)
        return " ".join(words)

    def _beginning(self, word: str) -> str:
        """What finds the words that begin so, written for FTS5.

        A list of the beginnings of many words is kept by SQLite; longer ones would be put together anew for
        each search, so their words are named.
        """
        if len(word) <= _INDEXED:
            return f'"{word}"*'
        start = bisect_left(self._known, word)
        fitting = takewhile(lambda known: known.startswith(word), islice(self._known, start, None))
        known = sorted(islice(fitting, 10 * _COMPLETIONS), key=len)[:_COMPLETIONS] or [word]
        return "(" + " OR ".join(f'"{one}"' for one in known) + ")"

    def search(self, text: str, lang: str, limit: int = LIMIT) -> list[tuple[str, str, str, str]]:
        """IRI, kind, fitting text and its language of the things that fit best, each thing once.

        A thing fits if one of its texts holds words that begin with every word of the search. Anything may be
        searched for: no character has a meaning of its own.
        """
        words = _WORD.findall(fold(text[:LONGEST]))[:WORDS]
        if not words or limit < 1:
            return []
        found = self._rows(" AND ".join(f'"{word}"' for word in words))
        if len({row[0] for row in found}) < min(limit, MOST):
            found += self._rows(" AND ".join(map(self._beginning, words)))
        whole = " ".join(words)
        ranked = sorted(
            found,
            key=lambda row: (
                fold(row[5]) != whole,
                *_rank(row[3], row[4], lang),
                len(row[5]),
                row[5],
                row[1],
            ),
        )
        best: dict[int, tuple[str, str, str, str]] = {}
        for thing, iri, kind, _, found_lang, said in ranked:
            best.setdefault(thing, (iri, kind, said, found_lang))
        return list(best.values())[: min(limit, MOST)]

    def _rows(self, query: str) -> list[tuple[int, str, str, int, str, str]]:
        """The first texts that fit a query of FTS5; what there is when time is up."""
        end = time.monotonic() + PATIENCE
        found: list[tuple[int, str, str, int, str, str]] = []
        with self._lock:
            self._connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
            try:
                found.extend(self._connection.execute(_FOUND, (query, _CANDIDATES)))
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
        return found


def fold(text: str) -> str:
    """A text as it is compared: small letters, Danish ones as two, others without their accents.

    >>> fold("Århus, Café")
    'aarhus, cafe'
    """
    return _without_accents(text.casefold().translate(_DANISH))


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    # Composed first: what is typed as a letter and a ring is the letter with a ring.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_DANISH))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _indexed(text: str) -> str:
    """The words of a text, and again as they are typed where there are no Danish letters."""
    folded = fold(text)
    small = unicodedata.normalize("NFC", text).casefold()
    typed = _without_accents(small.translate(_TYPED_AS).replace("aa", "a"))
    return folded if typed == folded else f"{folded} {typed}"


def _weight(entry: Entry) -> tuple[int, int, str, str]:
    return entry.property >= len(PROPERTIES) - 1, len(entry.text), entry.text, entry.iri


def _rank(number: int, found: str, wanted: str) -> tuple[int, int]:
    """Names before definitions, the reader's language before others."""
    kind = max(number - len(LABEL_PROPERTIES) + 1, 0)
    return kind, 0 if found.partition("-")[0] in (wanted, "") else 1


def build_index(store: Store) -> SearchIndex:
    """The index of all names and definitions in a store."""
    return SearchIndex(_entries(store), _kinds(store))


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
    labels.prefetch(iri for iri, *_ in found)
    return tuple(
        Hit(iri, labels.of(iri, lang).text, kind, said, found_in) for iri, kind, said, found_in in found
    )
