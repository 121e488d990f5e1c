"""Answers in memory, by key: the least recently used are forgotten when they take too many bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

_OVERHEAD = 1_000  # bytes that an entry takes beside its body, its headers and its key
_SHARE = 8  # no answer takes more than this part of the memory


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was sent; the route and the saved query that made it, for whoever counts."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    route: str = ""
    query: str = ""


class Cache:
    """Answers by key, the least recently used of them forgotten when they take more than ``limit`` bytes.

    Any number of threads may use it.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.hits = 0
        self.misses = 0
        self._kept: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> Kept | None:
        """The answer that was put under a key, if it is still kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, kept: Kept) -> None:
        """Keep an answer, unless it takes too large a share."""
        said = sum(len(name) + len(value) for name, value in kept.headers)
        size = len(kept.body) + said + len(repr(key)) + _OVERHEAD
        if size > self.limit // _SHARE:
            return
        with self._lock:
            self.size += size - self._kept.pop(key, (kept, 0))[1]
            self._kept[key] = (kept, size)
            while self.size > self.limit:
                self.size -= self._kept.popitem(last=False)[1][1]
