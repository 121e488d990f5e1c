"""Static files: those of the content's own web/ folder first, else the software's."""

from pathlib import Path

from flask import Flask, Response, send_from_directory
from werkzeug.exceptions import NotFound

from sikkerby_kg.folders import own_folders
from sikkerby_kg.server.site import site

MAX_AGE = 600


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


def _is_file(path: Path) -> bool:
    """Whether there is such a file; there is none of a name that the system does not take."""
    try:
        return path.is_file()
    except OSError:
        return False
