"""Doing something again whenever files change, which shows in their times and sizes."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

PAUSE = 0.5
"""Seconds between two looks."""

State = dict[Path, tuple[int, int]]
"""File → when it was changed, in nanoseconds, and its size."""


def state_of(paths: Iterable[Path]) -> State:
    """How files are now; one that is gone meanwhile is left out."""
    found = {}
    for path in paths:
        try:
            seen = path.stat()
        except OSError:
            continue
        found[path] = (seen.st_mtime_ns, seen.st_size)
    return found


def changed(before: State, now: State) -> list[Path]:
    """The files that are new, gone or other than before, in alphabetical order."""
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def watch(files: Callable[[], Iterable[Path]], act: Callable[[list[Path]], None]) -> None:
    """Act once with no files, then each time with those that have changed. Ends by KeyboardInterrupt only.

    Files that change while acting are seen afterwards; while an editor is still writing, one waits.
    """
    before = state_of(files())
    act([])
    while True:
        time.sleep(PAUSE)
        now = state_of(files())
        found = changed(before, now)
        if found and now == _settled(files, now):
            before = now
            act(found)


def _settled(files: Callable[[], Iterable[Path]], now: State) -> State:
    """How the files are a moment later."""
    time.sleep(PAUSE / 5)
    return state_of(files()) if now else now
