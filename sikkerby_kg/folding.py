"""Texts as they are compared when something is searched for, and which part of a text was meant.

Danish letters are the same however they are typed: ``å`` as ``aa`` or ``a``, ``ø`` as ``oe`` or ``o``, ``æ``
as ``ae``; a typed ``å`` is no ``a``.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

WORD = re.compile(r"[^\W_]+")

_REMEMBERED = 8192
"""Words of which it is remembered how they are compared: those of the content come again in every search."""

_DANISH = str.maketrans({"å": "aa", "æ": "ae", "ø": "oe", "ä": "ae", "ö": "oe"})
_TYPED_AS = str.maketrans({"å": "a", "æ": "ae", "ø": "o"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was searched for."""

    text: str
    is_match: bool = False


def fold(text: str) -> str:
    """A text as it is compared: small letters, Danish ones as two, others without their accents.

    >>> fold("Århus, Café")
    'aarhus, cafe'
    """
    small = text.casefold()
    return small if small.isascii() else _without_accents(small.translate(_DANISH))


def typed(text: str) -> str:
    """A text as it is typed where there are no Danish letters.

    >>> typed("Århus, Nørrebro")
    'arhus, norrebro'
    """
    small = unicodedata.normalize("NFC", text).casefold()
    if small.isascii():
        return small.replace("aa", "a")
    return _without_accents(small.translate(_TYPED_AS).replace("aa", "a"))


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared.

    >>> words_of("Rocker- og bandekriminalitet")
    ['rocker', 'og', 'bandekriminalitet']
    """
    return WORD.findall(fold(text))


def indexed(text: str) -> str:
    """The words of a text, and again as they are typed where there are no Danish letters."""
    folded, plain = fold(text), typed(text)
    return folded if plain == folded else f"{folded} {plain}"


def marked(text: str, words: Sequence[str], *, inside: bool = False) -> tuple[Piece, ...]:
    """A text in pieces: the parts that folded words are the beginnings of, and what stands between them.

    With ``inside`` a word may stand anywhere in another one. The pieces put together are the text.

    >>> [piece.text for piece in marked("Østre Anlæg ved Øster Voldgade", ["oest"]) if piece.is_match]
    ['Øst', 'Øst']
    """
    text = unicodedata.normalize("NFC", text)
    words = sorted(words, key=len, reverse=True)
    pieces: list[Piece] = []
    end = 0
    for found in WORD.finditer(text):
        span = _span(found[0], words, inside=inside)
        if span is None:
            continue
        start, stop = found.start() + span[0], found.start() + span[1]
        if start > end:
            pieces.append(Piece(text[end:start]))
        pieces.append(Piece(text[start:stop], is_match=True))
        end = stop
    return (*pieces, Piece(text[end:])) if end < len(text) else tuple(pieces)


def excerpt(text: str, words: Sequence[str], length: int, *, inside: bool = False) -> tuple[Piece, ...]:
    """As ``marked``, of a long text only the stretch about the first match; dots say what was left out.

    >>> "".join(piece.text for piece in excerpt("et langt stykke om by og land og hav", ["by"], 12))
    '… om by og …'
    """
    pieces = marked(text, words, inside=inside)
    text = "".join(piece.text for piece in pieces)
    if len(text) <= length:
        return pieces
    before = 0
    for piece in pieces:
        if piece.is_match:
            break
        before += len(piece.text)
    first = max(min(before - length // 3, len(text) - length), 0) if before < len(text) else 0
    start = text.find(" ", first) + 1 if first else 0
    last = start + length
    stop = len(text) if last >= len(text) else max(text.rfind(" ", start, last), start + 1)
    head, tail = "… " if start else "", " …" if stop < len(text) else ""
    return marked(head + text[start:stop] + tail, words, inside=inside)


def _span(word: str, sought: Sequence[str], *, inside: bool) -> tuple[int, int] | None:
    """Which letters of a word are meant by the first of the folded words that fits; None if none does."""
    folded, plain = _compared(word)
    for one in sought:
        at = folded.find(one) if inside else (0 if folded.startswith(one) else -1)
        if at >= 0:
            return _letters(word, at, at + len(one))
        if plain.startswith(one) or (inside and one in plain):
            return (0, len(word))
    return None


@lru_cache(_REMEMBERED)
def _compared(word: str) -> tuple[str, str]:
    """A word folded, and as it is typed where there are no Danish letters."""
    return fold(word), typed(word)


def _letters(word: str, start: int, stop: int) -> tuple[int, int]:
    """The letters of a word that became those from ``start`` to ``stop`` when it was folded."""
    place, first = 0, 0
    for number, letter in enumerate(word):
        if place <= start:
            first = number
        place += len(fold(letter))
        if place >= stop:
            return first, number + 1
    return first, len(word)


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    # Composed first: what is typed as a letter and a ring is the letter with a ring.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_DANISH))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
