"""How long a search among many names takes, and how long it takes to put the index together."""

import random
import statistics
import time

from benchmarks.content import SEED
from sikkerby_kg.search import Entry, SearchIndex

_PARTS = [
    "tryg",
    "hed",
    "plan",
    "by",
    "børn",
    "ung",
    "kom",
    "mune",
    "sik",
    "ker",
    "for",
    "ebyg",
    "gel",
    "sats",
    "år",
    "skole",
    "nør",
    "re",
    "bro",
    "vold",
    "lys",
    "bad",
]
_SEARCHES = 200


def measure_search(labels: int) -> dict[str, float]:
    """Seconds to make the index; median and worst milliseconds of searches for the beginnings of words."""
    chance = random.Random(SEED)  # noqa: S311  (the same names every time)
    words = ["".join(chance.choices(_PARTS, k=chance.randint(1, 4))) for _ in range(20_000)]
    entries = [
        Entry(f"https://municipalities.example/{n}", 0, "da", " ".join(_some(words, chance)))
        for n in range(labels)
    ]
    start = time.perf_counter()
    index = SearchIndex(entries, {})
    made = time.perf_counter() - start
    times = []
    for number in range(_SEARCHES):
        text = " ".join(
            word[: chance.randint(1, len(word))] for word in _some(words, chance)[: 1 + number % 2]
        )
        before = time.perf_counter()
        index.search(text, "da")
        times.append((time.perf_counter() - before) * 1e3)
    ordered = sorted(times)
    return {
        "labels": labels,
        "made in seconds": made,
        "p50": statistics.median(ordered),
        "p99": ordered[int(_SEARCHES * 0.99)],
    }


def _some(words: list[str], chance: random.Random) -> list[str]:
    """A few words, common ones more often, as in any language."""
    return [words[int(chance.paretovariate(0.7)) % len(words)] for _ in range(chance.randint(2, 6))]
