"""The files that a report speaks of: where they are, what they are called, and the lines in them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import Folders

_BOM = "\ufeff"


class Files:
    """Finds files by the names that places have. A file that has changed or is gone has other lines, or none.

    ``folders`` are those of the root that was validated; ``start`` is the folder that readers, editors and
    services see names from: the working folder.
    """

    def __init__(self, folders: Folders, start: Path) -> None:
        self._folders = folders
        self._start = start
        self._lines = cache(self._read)
        self._names = cache(self._find)

    def path(self, name: str) -> Path:
        """Where a file is: names are relative to the root, or whole."""
        return self._folders.root / name

    def shown(self, name: str) -> str:
        """The name of a file as it is found from the start: relative if it lies below, else whole.

        A name that leads to no file stays as it is.
        """
        return self._names(name)

    def _find(self, name: str) -> str:
        path = self.path(name)
        for each in (path, path.resolve()):
            for start in (self._start, self._start.resolve()):
                if each.is_relative_to(start):
                    return each.relative_to(start).as_posix()
        return path.as_posix() if path.exists() else name

    def uri(self, name: str) -> tuple[str, bool]:
        """The file as a URI reference (RFC 3986), and whether it is relative to the start."""
        shown = self.shown(name)
        if Path(shown).is_absolute():
            return Path(shown).as_uri(), False
        return Path("/", shown).as_uri().removeprefix("file:///"), True

    def line(self, name: str, number: int) -> str | None:
        """A line of a file without its end; None if there is no such line any more."""
        lines = self._lines(name)
        return lines[number - 1] if 0 < number <= len(lines) else None

    def _read(self, name: str) -> tuple[str, ...]:
        try:
            return _lines(self.path(name).read_bytes())
        except (OSError, ValueError):
            return ()


class HeldFiles(Files):
    """Files whose bytes are at hand, by name: nothing is looked for on disk, and names stay as they are."""

    def __init__(self, held: Mapping[str, bytes]) -> None:
        self._held = held
        self._lines = cache(self._read)

    def path(self, name: str) -> Path:
        """The name as a path, which leads nowhere."""
        return Path(name)

    def shown(self, name: str) -> str:
        """The name as it is."""
        return name

    def uri(self, name: str) -> tuple[str, bool]:
        """The name as a URI reference, and whether it is relative."""
        relative = not PurePosixPath(name).is_absolute()
        return quote(name) if relative else f"file://{quote(name)}", relative

    def _read(self, name: str) -> tuple[str, ...]:
        return _lines(self._held[name]) if name in self._held else ()


def _lines(data: bytes) -> tuple[str, ...]:
    text = data.decode("utf-8", "replace").removeprefix(_BOM)
    return tuple(line.removesuffix("\r") for line in text.split("\n"))


def place_of(error: ContentError, files: Files) -> tuple[str | None, int | None, int | None]:
    """File, line and column that an error about content names; None for what it does not name."""
    name, line, column = (error.values.get(each) for each in ("path", "line", "column"))
    if name is None or not files.path(str(name)).is_file():
        return None, None, None
    return str(name), line if isinstance(line, int) else None, column if isinstance(column, int) else None
