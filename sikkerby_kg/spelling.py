"""The words of an index: those that begin so, those that hold a part, and those that are spelled nearly so.

A word of four to seven letters is near another one that one slip makes of it, a longer one two slips: a
letter left out, put in, or taken for another one, or two neighbours that changed places. Words with digits
are near none: another year is no slip.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice

SHORTEST = 4
"""Letters of the shortest word that may hold a slip, or be a part of another one."""

_TWO_SLIPS = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OF_ONE_BEGINNING = 400  # words looked at that begin alike
_FEW = 20


class Vocabulary:
    """Many folded words, in order."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(set(words))
        self._backward = sorted(word[::-1] for word in self._words)
        self._text = "\n".join(("", *self._words, ""))

    def __contains__(self, word: str) -> bool:
        place = bisect_left(self._words, word)
        return place < len(self._words) and self._words[place] == word

    def beginning(self, word: str, limit: int) -> list[str]:
        """Words that begin so, the shortest first; of very many those that come first."""
        return sorted(islice(_beginning(self._words, word), 10 * limit), key=len)[:limit]

    def holding(self, word: str, limit: int) -> list[str]:
        """Words with this part anywhere in them; none for a part that is too short to mean much."""
        found: dict[str, None] = {}
        place = self._text.find(word) if len(word) >= SHORTEST else -1
        while place >= 0 and len(found) < limit:
            end = self._text.index("\n", place)
            found[self._text[self._text.rindex("\n", 0, place) + 1 : end]] = None
            place = self._text.find(word, end)
        return list(found)

    def near(self, word: str) -> list[str]:
        """The words nearest to one with a slip in it; if there are none, those that begin nearly so."""
        if len(word) < SHORTEST or any(letter.isdigit() for letter in word):
            return []
        if len(word) < _TWO_SLIPS:
            found = {variant: 1 for variant in _slips(word) if variant in self}
        else:
            measured = {one: _distance(word, one, 2) for one in self._alike(word)}
            found = {one: slips for one, slips in measured.items() if slips <= 2}  # noqa: PLR2004
        nearest = min(found.values(), default=0)
        return sorted(one for one, slips in found.items() if slips == nearest)[:_FEW] or self._begun(word)

    def _begun(self, word: str) -> list[str]:
        """Words whose beginning is one slip away. The last letter stands: it may be followed by anything."""
        if len(word) <= SHORTEST:
            return []
        begun = {one for slip in _slips(word[:-1]) for one in self.beginning(slip + word[-1], _FEW)}
        return sorted(begun, key=lambda one: (len(one), one))[:_FEW]

    def _alike(self, word: str) -> set[str]:
        """Words that may be two slips away: then one half of the word holds at most one of them."""
        middle = len(word) // 2
        letters = set(word)
        forward = _of_half(self._words, word[:middle], len(word))
        backward = (one[::-1] for one in _of_half(self._backward, word[middle:][::-1], len(word)))
        # Two slips change at most four of the letters that a word is made of.
        return {one for each in (forward, backward) for one in each if len(letters ^ set(one)) <= 4}  # noqa: PLR2004


def _beginning(words: list[str], beginning: str) -> Iterator[str]:
    place = bisect_left(words, beginning)
    while place < len(words) and words[place].startswith(beginning):
        yield words[place]
        place += 1


def _of_half(words: list[str], half: str, length: int) -> Iterator[str]:
    """The words of about a length whose beginning is a half with at most one slip."""
    for beginning in {half, *_slips(half)}:
        for one in islice(_beginning(words, beginning), _OF_ONE_BEGINNING):
            if abs(len(one) - length) <= 2:  # noqa: PLR2004
                yield one


def _slips(word: str) -> set[str]:
    """Everything that one slip makes of a word."""
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    without = {head + tail[1:] for head, tail in parts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in parts if len(tail) > 1}
    other = {head + letter + tail[1:] for head, tail in parts if tail for letter in _LETTERS}
    more = {head + letter + tail for head, tail in parts for letter in _LETTERS}
    return (without | swapped | other | more) - {word}


def _distance(one: str, other: str, most: int) -> int:
    """How many slips lie between two words (optimal string alignment); more than ``most`` is ``most + 1``."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, last, row = row, before, [number]
        for place, found in enumerate(other, 1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != found))
            if number > 1 and place > 1 and letter == other[place - 2] and one[number - 2] == found:
                cost = min(cost, last[place - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
