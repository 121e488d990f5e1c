"""Examples of shapes: what passes and what fails, from the files that the tests run, too.

``ontology/examples/<shape>/pass.trig`` and ``fail.trig`` belong to a node shape, called by the last part of
its IRI. In ``fail.trig`` the thing ``ex:period`` or ``ex:period-…`` breaks the shape ``<shape>-period``, and
``ex:self`` the node shape itself. ``demands.diff`` holds mistakes, each of which breaks one demand.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.validation.mistakes import FILE, Mistake, read_mistakes

FOLDER = "examples"
_MOST = 30
"""Lines of an example that are shown."""

_BLOCK = re.compile(r"\n\s*\n(?=\S)")
_PREFIX = re.compile(r"^@?prefix\s", re.IGNORECASE)
_SUBJECT = re.compile(r"^ *ex:([\w\-]+)(?: \{)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of a file that passes or fails, as it stands there."""

    file: Path
    text: str


def examples_of(
    folders: Folders, shape: str, properties: Sequence[str] = (), parts: Sequence[str] = ()
) -> dict[str, Example]:
    """``pass`` and ``fail`` → the example of a shape, by the last part of its IRI; without those it lacks.

    ``properties`` are names that the passing example should show, such as ``dct:valid``; ``parts`` are the
    shapes of properties, one of which the failing example may break instead. A root without a folder of
    examples has the software's own.
    """
    found = {}
    folder = _folder(folders, shape)
    if folder is None:
        return {}
    wanted = [each.removeprefix(folder.name).removeprefix("-") for each in (shape, *parts)]
    for kind in ("pass", "fail"):
        for path in sorted(folder.glob(f"{kind}.*"))[:1]:
            blocks = list(_blocks(path.read_text(encoding="utf-8")))
            chosen = _failing(blocks, wanted) if kind == "fail" else _passing(blocks, properties)
            if chosen:
                found[kind] = Example(path, chosen)
    return found


def mistakes_of(folders: Folders, shape: str) -> tuple[Mistake, ...]:
    """The mistakes that break the single demands of a shape, by the last part of its IRI.

    Raises ContentError for a file of mistakes that cannot be read.
    """
    folder = _folder(folders, shape)
    if folder is None:
        return ()
    path = folder / FILE
    return tuple(each for each in read_mistakes(path, folders.shown(path)) if each.shape == shape)


def _has(folders: Folders) -> bool:
    return (folders.ontology / FOLDER).is_dir()


def _folder(folders: Folders, shape: str) -> Path | None:
    """The folder of a shape: that of its own name, else of the longest that its name begins with."""
    top = next((each.ontology / FOLDER for each in (folders, own_folders()) if _has(each)), None)
    names = [] if top is None else [each for each in top.iterdir() if each.is_dir()]
    fitting = [each for each in names if f"{shape}-".startswith(f"{each.name}-")]
    return max(fitting, key=lambda each: len(each.name), default=None)


def _blocks(text: str) -> Iterator[str]:
    """The parts of a file between empty lines, without prefixes and comments, each within its graph."""
    for block in _BLOCK.split(text):
        lines = [line for line in block.splitlines() if not _PREFIX.match(line) and not line.startswith("#")]
        whole = "\n".join(lines).strip("\n")
        first, _, rest = whole.partition("\n")
        if first.endswith("{") and rest.endswith("\n}"):
            for part in re.split(r"\n\s*\n", rest.removesuffix("\n}")):
                yield f"{first}\n{part}\n}}"
        elif whole.strip():
            yield whole


def _failing(blocks: Sequence[str], wanted: Sequence[str]) -> str:
    """The block about the thing that breaks a shape: the one called after it, or after one of its parts."""
    for each in wanted:
        name = each or "self"
        for fits in (rf"{re.escape(name)}", rf"{re.escape(name)}-.*"):
            for block in blocks:
                if any(re.fullmatch(fits, found) for found in _SUBJECT.findall(block)):
                    return _clipped(block)
    return ""


def _passing(blocks: Sequence[str], properties: Sequence[str]) -> str:
    """The first block that has one of the properties, else the first."""
    having = (each for each in blocks if any(f" {name} " in each for name in properties))
    return _clipped(next(having, blocks[0] if blocks else ""))


def _clipped(block: str) -> str:
    lines = block.splitlines()
    return "\n".join(lines[:_MOST] + (["…"] if len(lines) > _MOST else []))
