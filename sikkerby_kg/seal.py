"""A seal on a database on disk: what it was when it was made, so that damage is found before it is served.

RocksDB opens a database whose list of files was cut short, and holds less than it did, without a word.
"""

import contextlib
import hashlib
import json
from pathlib import Path

SEAL = "sikkerby-kg-seal.json"


def seal(database: Path) -> None:
    """Write down the digest of every file of a closed database. Raises OSError."""
    files = {path.name: _digest(path) for path in database.iterdir() if path.name != SEAL}
    (database / SEAL).write_text(json.dumps({"files": files}, indent=1), encoding="utf-8")


def is_whole(database: Path) -> bool:
    """Whether every file of a database is as it was when it was sealed. Raises OSError if one cannot be read.

    Files that were added since do not count: an engine may leave a log.
    """
    try:
        files = dict(json.loads((database / SEAL).read_text(encoding="utf-8"))["files"])
    except (ValueError, TypeError, KeyError, FileNotFoundError, IsADirectoryError):
        return False
    with contextlib.suppress(FileNotFoundError, IsADirectoryError):
        return all(_digest(database / name) == digest for name, digest in files.items())
    return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
