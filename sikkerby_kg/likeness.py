"""Saved questions that are like a question of a reader: they share words, and rare words count most.

A search finds names that hold every word; who writes a whole sentence seldom hits upon one. Words are the
same if they begin alike, so that *planer* is like *plan* and *foreslået* like *foreslår*.
"""

from collections.abc import Mapping, Set as AbstractSet
from math import log

from sikkerby_kg.folding import words_of

MOST = 4
"""Questions that are given at most."""

_STEM = 4  # letters that two words must begin with alike
_ENDING = 2  # letters of the shorter word that may differ behind them
_PART = 0.5  # of what the best one has in common, the others must have this
_WORDS = 20  # of a reader's question that count


def most_like(asked: str, known: Mapping[str, AbstractSet[str]], most: int = MOST) -> list[str]:
    """The keys of the known questions that are most like what was asked, the best first.

    ``known`` holds each key with the folded words of its text. A word that more than a third of all questions
    share says nothing.

    >>> known = {"a": {"hvem", "foreslaar"}, "b": {"hvem", "goer"}, "c": {"hvor", "naar"}}
    >>> most_like("Hvem har foreslået?", known)
    ['a']
    """
    scores = dict.fromkeys(known, 0.0)
    for word in set(words_of(asked)[:_WORDS]):
        having = [key for key, others in known.items() if _is_among(word, others)]
        if 3 * len(having) <= len(known):
            for key in having:
                scores[key] += log(len(known) / len(having))
    best = max(scores.values(), default=0)
    found = [key for key, score in scores.items() if score and score >= _PART * best]
    return sorted(found, key=lambda key: -scores[key])[:most]


def _is_among(word: str, others: AbstractSet[str]) -> bool:
    return any(_alike(word, other) for other in others)


def _alike(word: str, other: str) -> bool:
    """Whether two words are the same but for their endings."""
    if word == other:
        return True
    length = max(_STEM, min(len(word), len(other)) - _ENDING)
    return min(len(word), len(other)) >= length and word[:length] == other[:length]
