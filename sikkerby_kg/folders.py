"""Where the content folders are: ontology/, data/, queries/ and web/ of one root."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sikkerby_kg.errors import ContentError, FoldersNotFoundError

FOLDERS = ("ontology", "data", "queries", "web")
"""The four folders that make a root; another city brings the same four."""

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Folders:
    """The four content folders under one root folder."""

    root: Path

    @property
    def ontology(self) -> Path:
        """Terms, code lists, shapes and checks."""
        return self.root / "ontology"

    @property
    def data(self) -> Path:
        """The statements, in TriG."""
        return self.root / "data"

    @property
    def queries(self) -> Path:
        """Saved queries."""
        return self.root / "queries"

    @property
    def web(self) -> Path:
        """Templates and static files."""
        return self.root / "web"

    @property
    def is_installed(self) -> bool:
        """Whether they are a part of the installed package, which the next version of it replaces."""
        return self.root.resolve() == _PACKAGE / "_folders"

    def files(self, folder: Path) -> list[Path]:
        """All files below one of the folders, in a fixed order; links are followed.

        Raises ContentError for a folder that cannot be read, and a link that leads nowhere or in a circle:
        what is in them would be left out silently.
        """
        found: list[Path] = []
        walked: set[str] = set()

        def refuse(error: OSError) -> None:
            raise ContentError(
                "content.unreadable", path=self.shown(Path(error.filename)), problem=error.strerror
            )

        for name, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
            place = os.path.realpath(name)
            if place in walked:
                raise ContentError("content.circle", path=self.shown(Path(name)))
            walked.add(place)
            folders.sort()
            found += (Path(name, file) for file in files)
        for path in found:
            is_lock = path.name.startswith(".#")  # an editor's
            if path.is_symlink() and not path.exists() and not is_lock:
                raise ContentError("content.dangling", path=self.shown(path), target=path.readlink())
        return sorted((path for path in found if path.is_file()), key=lambda path: path.as_posix())

    def shown(self, path: Path) -> str:
        """A path as people should read it: relative to the root if it lies there."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def own_folders() -> Folders:
    """The folders that come with the software: inside the installed package, or beside it in a checkout.

    Inside first, because beside an installed package lies a folder that belongs to everybody.
    Raises FoldersNotFoundError if neither place has them.
    """
    return _folders_of(_PACKAGE)


@cache
def _folders_of(package: Path) -> Folders:
    for candidate in (package / "_folders", package.parent):
        if not _missing(candidate):
            return Folders(candidate)
    raise FoldersNotFoundError("folders.own", path=package.parent, folders=_listed(FOLDERS))


def find_folders(root: str | Path | None = None) -> Folders:
    """The folders under a given root, or the software's own when no root is given.

    Raises FoldersNotFoundError, naming what is missing, if the root is no folder with the four sub-folders.
    """
    if root is None or str(root) == "":
        return own_folders()
    path = Path(root).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise FoldersNotFoundError("folders.file", path=path, folders=_listed(FOLDERS))
    if not path.is_dir():
        raise FoldersNotFoundError("folders.no_root", path=path, folders=_listed(FOLDERS))
    missing = _missing(path)
    if missing:
        raise FoldersNotFoundError(
            "folders.missing", path=path, missing=_listed(missing), folders=_listed(FOLDERS)
        )
    return Folders(path)


def _missing(root: Path) -> tuple[str, ...]:
    return tuple(name for name in FOLDERS if not (root / name).is_dir())


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name}/" for name in names)
