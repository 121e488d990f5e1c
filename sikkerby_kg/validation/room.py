"""Whether what is to be validated is too much, told before anything is read.

There is a limit that was set, so that nobody waits for an hour by mistake, and the memory that there is.
"""

import math
import sys
from pathlib import Path

from sikkerby_kg.errors import ContentError
from sikkerby_kg.settings import PREFIX

if sys.platform != "win32":
    import resource

_PER_BYTE = 55
"""Bytes of memory for each byte of a file: 20 MB of Turtle with 545,000 statements took 1.07 GB."""
_MEGABYTE = 1_000_000
_MEMINFO = Path("/proc/meminfo")
_STATUS = Path("/proc/self/statm")
_GROUP = Path("/sys/fs/cgroup")


MOST = 100
"""Megabytes that the files of a validation may have together, where nothing else was set."""


def require_room(paths: list[Path], most: int = MOST) -> None:
    """Raises ContentError for files with more megabytes together than ``most`` or than memory that is left.

    Where the system does not tell how much memory that is, only the limit counts.
    """
    sizes = {path: path.stat().st_size for path in paths if path.is_file()}
    size = sum(sizes.values())
    if size > most * _MEGABYTE:
        raise ContentError(
            "validate.too_many_megabytes",
            path=max(sizes, key=lambda path: sizes[path]),
            size=math.ceil(size / _MEGABYTE),
            most=most,
            setting=f"{PREFIX}FILES_MEGABYTES",
        )
    left = memory_left()
    if left is not None and size * _PER_BYTE > left:
        raise ContentError(
            "validate.too_large",
            path=max(sizes, key=lambda path: sizes[path]),
            size=_megabytes(size),
            needed=_megabytes(size * _PER_BYTE),
            left=_megabytes(left),
        )


def memory_left() -> int | None:
    """Bytes that this process may still take: of the machine, its control group and its own limit."""
    found = [each for each in (_of_machine(), _of_group(), _of_process()) if each is not None]
    return max(min(found), 0) if found else None


def _of_machine() -> int | None:
    lines = _read(_MEMINFO).splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _of_group() -> int | None:
    most, used = _read(_GROUP / "memory.max").strip(), _read(_GROUP / "memory.current").strip()
    return int(most) - int(used) if most.isdigit() and used.isdigit() else None


def _of_process() -> int | None:
    if sys.platform == "win32":
        return None
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    used = _read(_STATUS).split()
    if most == resource.RLIM_INFINITY or not used:
        return None
    return most - int(used[0]) * resource.getpagesize()


def _read(path: Path) -> str:
    """What the system says in a file; nothing where it has none."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _megabytes(size: int) -> int:
    return round(size / _MEGABYTE)
