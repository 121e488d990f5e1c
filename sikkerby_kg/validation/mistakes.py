"""Mistakes that show the single demands of shapes: what passes, changed in one respect.

``ontology/examples/<shape>/demands.diff`` holds one part for each of them. A part begins with
``@@ Rationale-text sh:maxLength @@``: the shape and the parameter of its constraint component (SHACL §4).
Lines that begin with ``-`` are statements in TriG that are taken out of ``pass.trig``, those with ``+`` are put
in; prefixes are those of ``pass.trig`` and of ``world.trig``. Empty lines and comments may stand anywhere;
``# also: ValueClass`` names other shapes that find the same mistake.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
    ``maxLength``; ``lines`` are the changed lines, signs included, and ``also`` other shapes that find it.
    """

    shape: str
    demand: str
    lines: tuple[str, ...]
    also: tuple[str, ...] = ()

    def statements(self, sign: str) -> str:
        """The statements that ``-`` takes out or ``+`` puts in, in TriG without prefixes."""
        return "\n".join(line[1:] for line in self.lines if line.startswith(sign))


def read_mistakes(path: Path) -> tuple[Mistake, ...]:
    """The mistakes in a file, in its order; none if there is no such file.

    Raises ContentError for a file that cannot be read, or for a line of another form.
    """
    return tuple(_parts(path)) if path.is_file() else ()


def _parts(path: Path) -> Iterator[Mistake]:
    found: Mistake | None = None
    for number, line in enumerate(read_bytes(path, str(path)).decode("utf-8").splitlines(), 1):
        if head := _PART.fullmatch(line):
            if found:
                yield found
            found = Mistake(head[1], head[2], ())
        elif found and line.startswith(_ALSO):
            found = Mistake(found.shape, found.demand, found.lines, tuple(line.removeprefix(_ALSO).split("; ")))
        elif found and line.startswith(("- ", "+ ")):
            found = Mistake(found.shape, found.demand, (*found.lines, line), found.also)
        elif line.strip() and not line.startswith("#"):
            raise ContentError("content.mistake", path=str(path), line=number, text=line)
    if found:
        yield found
