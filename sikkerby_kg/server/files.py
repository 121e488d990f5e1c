"""Static files: those of the content's own web/ folder first, else the software's."""

from pathlib import Path

from flask import Flask, Response, send_from_directory, url_for
from werkzeug.exceptions import NotFound

from sikkerby_kg.folders import own_folders
from sikkerby_kg.server.site import site

MAX_AGE = 600
SCRIPTS = "dist"
STAMP = "stamp.txt"


def register(app: Flask) -> None:
    """Serve ``/static/…``."""

    @app.get("/static/<path:filename>", endpoint="static")
    def static(filename: str) -> Response:
        """Answer with a file. Browsers ask again, with its ETag, after ten minutes."""
        for folders in (site().graph.folders, own_folders()):
            folder = folders.web / "static"
            if _is_file(folder / filename):
                return send_from_directory(folder, filename, max_age=MAX_AGE)
        raise NotFound


def script(name: str) -> str:
    """The address of a script that was built from web/frontend, other after each build; empty if none was."""
    folder = own_folders().web / "static" / SCRIPTS
    try:
        stamp = (folder / STAMP).read_text(encoding="utf-8")
    except OSError:
        return ""
    return url_for("static", filename=f"{SCRIPTS}/{name}", v=stamp[:12]) if _is_file(folder / name) else ""


def _is_file(path: Path) -> bool:
    """Whether there is such a file; there is none of a name that the system does not take."""
    try:
        return path.is_file()
    except OSError:
        return False
