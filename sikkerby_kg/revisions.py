"""Files as they stood at a revision of git, read so that nothing of the repository is run.

Only ``rev-parse``, ``ls-tree`` and ``cat-file`` are called: none of them looks at the working tree or the
index, so that no hook, no filter, no file watcher and no text conversion that a repository configures is
started. What is in the working tree is read and hashed here.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sikkerby_kg.errors import SikkerbyError

_SECONDS = 60
_FILES = ("100644", "100755", "100664")
_SAFE = (
    "--no-pager",
    "--no-replace-objects",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "protocol.allow=never",
)
"""Belt and braces: what is called starts none of these anyway."""
_VERIFY = ("rev-parse", "--verify", "--quiet", "--end-of-options")
_SHA1_DIGITS = 40


class RevisionError(SikkerbyError):
    """What git cannot tell: there is no git, no repository, no such revision, or no such folder in it."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file in a revision. ``oid`` names its bytes; ``is_plain`` tells it from links and modules."""

    oid: str
    is_plain: bool

    def is_of(self, data: bytes) -> bool:
        """Whether the file has exactly these bytes."""
        kind = hashlib.sha1 if len(self.oid) == _SHA1_DIGITS else hashlib.sha256
        return kind(b"blob %d\0" % len(data) + data).hexdigest() == self.oid


@dataclass(frozen=True)
class Revision:
    """The files of a folder as they stood at a commit: path below the folder, with ``/`` → blob."""

    name: str
    folder: Path
    commit: str
    files: Mapping[str, Blob]
    environment: Mapping[str, str]

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The bytes of some files. Raises RevisionError for what the repository lacks, and KeyError."""
        wanted = {path: self.files[path].oid for path in paths}
        if not wanted:
            return {}
        asked = "".join(f"{oid}\n" for oid in wanted.values()).encode()
        answer = _git(self.folder, self.environment, "cat-file", "--batch", given=asked)
        found: dict[str, bytes] = {}
        for path in wanted:
            head, _, answer = answer.partition(b"\n")
            words = head.split()
            if len(words) != 3 or words[1] != b"blob":  # noqa: PLR2004  (name, kind, size)
                raise RevisionError("revision.incomplete", rev=self.name, path=path)
            size = int(words[2])
            found[path], answer = answer[:size], answer[size + 1 :]
        return found


def open_revision(folder: Path, name: str, environment: Mapping[str, str]) -> Revision:
    """The files below a folder at a revision, which is named as git names them (gitrevisions(7)).

    ``environment`` holds the variables of the process: where git is, and whose settings say which
    repositories are safe. Raises RevisionError, saying what to do, without git, outside a repository, for a
    name that stands for no commit, also because the clone is shallow, and for a commit that has
    nothing of the folder.
    """
    prefix = os.fsdecode(_git(folder, environment, "rev-parse", "--show-prefix").rstrip(b"\n"))
    commit = _commit(folder, name, environment)
    # Without a colon at its end the name of a folder that is not there is an error of git's.
    tree = f"{commit}:{prefix.rstrip('/')}"
    try:
        listing = _git(folder, environment, "ls-tree", "-r", "-z", "--full-tree", tree)
    except _GitFailedError:
        listing = b""
    files: dict[str, Blob] = {}
    for line in listing.split(b"\0"):
        head, _, path = line.partition(b"\t")
        if path:
            mode, _, oid = os.fsdecode(head).split()
            files[os.fsdecode(path)] = Blob(oid, mode in _FILES)
    if not files:
        raise RevisionError("revision.nothing", rev=name, path=folder)
    return Revision(name, folder, commit, files, environment)


class _GitFailedError(RevisionError):
    """Git ended with an error."""


def _commit(folder: Path, name: str, environment: Mapping[str, str]) -> str:
    """The commit that a name stands for."""
    try:
        found = (
            b""
            if not name.strip() or "\0" in name
            else _git(folder, environment, *_VERIFY, f"{name}^{{commit}}")
        )
    except _GitFailedError:
        shallow = _git(folder, environment, "rev-parse", "--is-shallow-repository").strip() == b"true"
        key = "revision.shallow" if shallow else "revision.unknown"
        raise RevisionError(key, rev=name) from None
    if not found:
        raise RevisionError("revision.unknown", rev=name)
    return os.fsdecode(found.strip())


def _git(folder: Path, environment: Mapping[str, str], *words: str, given: bytes = b"") -> bytes:
    """What git answers.

    Variables that would point it elsewhere are left out, so that a hook which calls us gets the answer about
    the root; it never asks a person, nor fetches what a partial clone lacks.
    """
    clean = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
    clean |= {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *_SAFE, "-C", str(folder), *words],
            input=given,
            capture_output=True,
            env=clean,
            check=False,
            timeout=_SECONDS,
        )
    except FileNotFoundError:
        raise RevisionError("revision.no_git") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RevisionError("revision.failed", problem=error) from error
    if done.returncode == 0:
        return done.stdout
    problem = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ").partition("\n")[0]
    if "not a git repository" in problem:
        raise RevisionError("revision.no_repository", path=folder)
    raise _GitFailedError("revision.failed", problem=problem or done.returncode)
