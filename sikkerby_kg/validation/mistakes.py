"""Mistakes that show the single demands of shapes: what passes, changed in one respect.

``ontology/examples/<shape>/demands.diff`` holds one part for each of them. A part begins with
``@@ Rationale-text sh:maxLength @@``: the shape and the parameter of its constraint component (SHACL §4).
Lines that begin with ``-`` are statements in TriG that are taken out of ``pass.trig``, those with ``+`` are
put in; prefixes are those of ``pass.trig`` and of ``world.trig``. Comments may stand anywhere;
``# also: ValueClass sh:sparql`` names what else is broken by the same mistake, several with ``; `` between.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sikkerby_kg.dataset import read_bytes
from sikkerby_kg.errors import ContentError

FILE = "demands.diff"
_PART = re.compile(r"@@ (\S+) sh:(\w+) @@")
_ALSO = "# also: "


@dataclass(frozen=True, slots=True)
class Mistake:
    """A change of what passes that breaks one demand.

    ``shape`` is the last part of the IRI of a shape, ``demand`` the local name of a parameter, such as
    ``maxLength``; ``lines`` are the changed lines, signs included, and ``also`` what else it breaks.
    """

    shape: str
    demand: str
    lines: tuple[str, ...]
    also: tuple[str, ...] = ()

    def statements(self, sign: str) -> str:
        """The statements that ``-`` takes out or ``+`` puts in, in TriG without prefixes."""
        return "\n".join(line[1:] for line in self.lines if line.startswith(sign))


def read_mistakes(path: Path, name: str) -> tuple[Mistake, ...]:
    """The mistakes in a file, in its order; none if there is no such file. ``name`` is what messages call it.

    Raises ContentError for a file that cannot be read, or for a line of another form.
    """
    if not path.is_file():
        return ()
    try:
        return tuple(_parts(read_bytes(path, name).decode("utf-8"), name))
    except UnicodeDecodeError as error:
        raise ContentError("content.not_utf8", path=name, line=1, column=error.start + 1) from error


def _parts(written: str, name: str) -> Iterator[Mistake]:
    found: Mistake | None = None
    for number, line in enumerate(written.splitlines(), 1):
        if head := _PART.fullmatch(line):
            if found:
                yield found
            found = Mistake(head[1], head[2], ())
        elif found and line.startswith(_ALSO):
            found = replace(found, also=tuple(line.removeprefix(_ALSO).split("; ")))
        elif found and line.startswith(("- ", "+ ")):
            found = replace(found, lines=(*found.lines, line))
        elif line.strip() and not line.startswith("#"):
            raise ContentError("content.mistake", path=name, line=number, text=line)
    if found:
        yield found
