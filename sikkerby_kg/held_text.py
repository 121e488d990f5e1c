"""The text that was read, where whoever runs the software holds it: passages cut from it for showing.

The text is no part of the content. It is shown only if it is, byte for byte, the version that the positions
of the passages count in. Positions count Unicode code points (Web Annotation Data Model §4.2.5).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Quad

from sikkerby_kg.errors import ContentError
from sikkerby_kg.parsing import unreadable
from sikkerby_kg.sources import Passage
from sikkerby_kg.verification import verify


@dataclass(frozen=True, slots=True)
class Extract:
    """A passage in its surroundings: what stands before it, itself, and what stands after it."""

    before: str
    passage: str
    after: str


@dataclass(frozen=True, slots=True)
class HeldText:
    """One source text of the content, in the words of its file."""

    source: str
    digest: str
    text: str = field(repr=False)

    def extract(self, passage: Passage, around: Passage | None = None, most: int = 0) -> Extract | None:
        """A passage within the one around it, at most so many characters on each side if ``most`` is given.

        None if the passage has no position in this text.
        """
        start, end = self._span(passage)
        if start is None or end is None:
            return None
        first, last = self._span(around) if around else (start, end)
        before = self.text[start if first is None else min(first, start) : start]
        after = self.text[end : end if last is None else max(last, end)]
        return Extract(_ending(before, most), self.text[start:end], _beginning(after, most))

    def _span(self, passage: Passage) -> tuple[int | None, int | None]:
        if passage.source_text != self.source:
            return None, None
        return passage.start, passage.end


def hold_text(quads: Iterable[Quad], path: Path) -> HeldText:
    """The text in a file.

    Raises ContentError if the file cannot be read, if the content describes no text, or if the file is not
    the version that was read; ``verification`` says what is held against what.
    """
    found = verify(quads, path)
    if not found.holds:
        values = {"path": path, "expected": found.expected, "actual": found.actual, "text": found.text}
        raise ContentError("text.other", **values)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    actual = hashlib.sha256(data).hexdigest()
    if actual != found.expected:  # written between the two looks at it
        raise ContentError("text.other", path=path, expected=found.expected, actual=actual, text=found.text)
    return HeldText(found.text, actual, data.decode())


def _ending(words: str, most: int) -> str:
    """The end of a text, from the beginning of a word on."""
    if not most or len(words) <= most:
        return words
    return "… " + words[-most:].partition(" ")[2]


def _beginning(words: str, most: int) -> str:
    """The beginning of a text, to the end of a word."""
    if not most or len(words) <= most:
        return words
    return words[:most].rpartition(" ")[0] + " …"
