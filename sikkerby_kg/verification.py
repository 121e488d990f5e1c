"""Whether a text is the one that was read: the checksum of the whole file and of every passage.

The text itself is not part of the content; its checksums and positions are, so that whoever has the text can
check every reference into it. Positions count Unicode code points, the end being exclusive (Web Annotation
Data Model §4.2.5).
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, Quad

from sikkerby_kg.errors import ContentError
from sikkerby_kg.namespaces import OA, RDF, SIK
from sikkerby_kg.parsing import unreadable
from sikkerby_kg.terms import to_python

_SEARCHED = 100_000
"""Passages are looked for elsewhere in texts of at most this many characters."""
_SPARE = 1_000_000
"""How many bytes a file may have beyond four for each character of the longest source text."""

_CHANGES: tuple[tuple[tuple[str, Callable[[str], str]], ...], ...] = (
    (("bom", lambda text: text.removeprefix("\ufeff")), ("bom", lambda text: "\ufeff" + text)),
    (
        ("line_ends", lambda text: re.sub("\r\n?", "\n", text)),
        ("line_ends", lambda text: re.sub("\r\n?|\n", "\r\n", text)),
    ),
    (
        ("normalisation", lambda text: unicodedata.normalize("NFC", text)),
        ("normalisation", lambda text: unicodedata.normalize("NFD", text)),
    ),
    (("trailing_space", lambda text: re.sub(r"[^\S\r\n]+(?=\r?\n|$)", "", text)),),
    (
        ("end", lambda text: text.rstrip("\r\n")),
        ("end", lambda text: text.rstrip("\r\n") + "\n"),
        ("end", lambda text: text.rstrip()),
        ("end", lambda text: text.rstrip() + "\n"),
    ),
)
"""What programs change in a text without changing its words: of each group at most one is undone."""


@dataclass(frozen=True, slots=True)
class PassageCheck:
    """One passage: ``found_at`` is where its characters stand, or None if they stand nowhere in the text."""

    passage: str
    paragraph: int | None
    sentence: int | None
    start: int
    end: int
    expected: str
    actual: str
    found_at: int | None

    @property
    def matches(self) -> bool:
        """Whether the characters stand where they should."""
        return self.expected == self.actual


@dataclass(frozen=True, slots=True)
class Verification:
    """A file held against one source text of the content; checksums are SHA-256 in hexadecimal digits.

    ``only`` names what makes another version of the text if its words are the same: bom, line_ends,
    normalisation, trailing_space, end.
    """

    file: str
    text: str
    expected: str
    actual: str
    expected_characters: int | None
    characters: int
    passages: tuple[PassageCheck, ...]
    only: tuple[str, ...] = ()

    @property
    def is_same_version(self) -> bool:
        """Whether the file is, byte for byte, the text that was read."""
        return self.expected == self.actual

    @property
    def holds(self) -> bool:
        """Whether the whole file and every passage are as the content says."""
        return self.is_same_version and all(each.matches for each in self.passages)

    @property
    def matching(self) -> int:
        """How many passages stand where they should."""
        return sum(each.matches for each in self.passages)

    @property
    def moved(self) -> int:
        """How many passages stand elsewhere in the text."""
        return sum(not each.matches and each.found_at is not None for each in self.passages)

    @property
    def missing(self) -> int:
        """How many passages stand nowhere in the text."""
        return len(self.passages) - self.matching - self.moved


class _Statements:
    """Values by subject and property."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._values: dict[str, dict[str, list[Any]]] = {}
        for quad in quads:
            values = self._values.setdefault(getattr(quad.subject, "value", ""), {})
            values.setdefault(quad.predicate.value, []).append(
                to_python(quad.object)
                if isinstance(quad.object, Literal)
                else getattr(quad.object, "value", "")
            )

    def of_class(self, kind: str) -> list[str]:
        return sorted(each for each, values in self._values.items() if kind in values.get(RDF.type, ()))

    def one(self, subject: str, predicate: str) -> Any:
        return next(iter(self._values.get(subject, {}).get(predicate, ())), None)


class _Text:
    """A text in which slices of characters are cut from its bytes."""

    def __init__(self, text: str) -> None:
        self.characters = len(text)
        self._bytes = text.encode()
        self._offsets = [0]
        for character in text:
            self._offsets.append(self._offsets[-1] + len(character.encode()))
        self._by_length: dict[int, dict[str, int]] = {}

    def checksum(self, start: int, end: int) -> str:
        last = self.characters
        begin, finish = (self._offsets[min(max(each, 0), last)] for each in (start, end))
        return hashlib.sha256(self._bytes[begin:finish]).hexdigest()

    def find(self, checksum: str, length: int) -> int | None:
        """Where a slice of some length with a checksum begins."""
        if not 0 < length <= self.characters <= _SEARCHED:
            return None
        if length not in self._by_length:
            starts = range(self.characters - length, -1, -1)
            self._by_length[length] = {self.checksum(each, each + length): each for each in starts}
        return self._by_length[length].get(checksum)


def verify(quads: Iterable[Quad], path: Path) -> Verification:
    """A text file held against the source texts of the content.

    With several source texts it is the one that the file is a copy of, else the one of which most passages
    are found. Raises ContentError if the file cannot be read, is not UTF-8 or is far too large, or if there
    is no source text.
    """
    statements = _Statements(quads)
    _require_likely_size(statements, path)
    data, text = _read(path)
    found = list(_verifications(statements, str(path), data, text))
    if not found:
        raise ContentError("verify.no_text")
    return max(found, key=lambda each: (each.is_same_version, bool(each.only), each.matching + each.moved))


def _require_likely_size(statements: _Statements, path: Path) -> None:
    """Refuse a file that is far too large to be any source text, before it is read."""
    counts = [
        _number(statements.one(each, SIK.characterCount)) for each in statements.of_class(SIK.SourceText)
    ]
    size = path.stat().st_size if path.is_file() else 0
    if counts and size > 4 * max(counts) + _SPARE:
        raise ContentError("verify.too_large", path=path, size=size, characters=max(counts))


def _only(text: str, expected: str) -> tuple[str, ...]:
    """What to undo in a text, as little as possible, so that it gets a checksum; empty if nothing helps."""
    if len(text) > 10 * _SEARCHED:
        return ()
    choices = product(*((None, *group) for group in _CHANGES))
    for choice in sorted(choices, key=lambda each: sum(change is not None for change in each)):
        changes = [change for change in choice if change is not None]
        changed = text
        for _, change in changes:
            changed = change(changed)
        if hashlib.sha256(changed.encode()).hexdigest() == expected:
            return tuple(name for name, _ in changes)
    return ()


def _read(path: Path) -> tuple[bytes, str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        return data, data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContentError("verify.not_utf8", path=path, offset=error.start) from error


def _verifications(statements: _Statements, file: str, data: bytes, whole: str) -> Iterator[Verification]:
    text = _Text(whole)
    actual = hashlib.sha256(data).hexdigest()
    for source in statements.of_class(SIK.SourceText):
        expected = str(statements.one(source, SIK.contentSha256))
        yield Verification(
            file=file,
            text=source,
            expected=expected,
            actual=actual,
            expected_characters=statements.one(source, SIK.characterCount),
            characters=text.characters,
            passages=tuple(
                sorted(_passages(statements, source, text), key=lambda each: (each.start, -each.end))
            ),
            only=() if actual == expected else _only(whole, expected),
        )


def _passages(statements: _Statements, source: str, text: _Text) -> Iterator[PassageCheck]:
    for passage in statements.of_class(SIK.Passage):
        if statements.one(passage, OA.hasSource) != source:
            continue
        selector = statements.one(passage, OA.hasSelector)
        start, end = (_number(statements.one(selector, each)) for each in (OA.start, OA.end))
        expected = str(statements.one(passage, SIK.contentSha256))
        actual = text.checksum(start, end)
        yield PassageCheck(
            passage=passage,
            paragraph=statements.one(passage, SIK.paragraphNumber),
            sentence=statements.one(passage, SIK.sentenceNumber),
            start=start,
            end=end,
            expected=expected,
            actual=actual,
            found_at=start if actual == expected else text.find(expected, end - start),
        )


def _number(value: object) -> int:
    """A position; one that is missing or no number is the beginning, which then does not match."""
    return value if isinstance(value, int) else 0
