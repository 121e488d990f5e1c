"""What the software says to people, in Danish and English, from one catalogue file."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = ("da", "en")
"""The languages that the software speaks; the first is the default."""

_CATALOGUE = Path(__file__).with_name("texts.toml")
_KEY = re.compile(r'^\["([^"]+)"\]$', re.MULTILINE)
"""The line that begins the texts of a key, and no other (a test reads the whole file as TOML, too)."""


class _Quoting(Formatter):
    """Fills in a text; a value of a reader (``{value!r}``) stands in the quotation marks of a language."""

    def __init__(self, marks: str) -> None:
        self._marks = marks

    def convert_field(self, value: Any, conversion: Any) -> Any:
        """A value as its placeholder wants it."""
        if conversion == "r" and isinstance(value, str):
            return self._marks.format(repr(value)[1:-1])
        return super().convert_field(value, conversion)


_QUOTING = {"da": _Quoting("»{}«")}
"""Language → what fills in its texts, where it quotes otherwise than Python does."""


class _Catalogue(Mapping[str, Mapping[str, str]]):
    """The texts of a catalogue by key, each read when it is asked for: all take a tenth of a second."""

    def __init__(self, content: str) -> None:
        parts = _KEY.split(content)
        self._unread = dict(zip(parts[1::2], parts[2::2], strict=True))
        self._read: dict[str, Mapping[str, str]] = {}

    def __getitem__(self, key: str) -> Mapping[str, str]:
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = tomllib.loads(self._unread[key])
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._unread

    def __iter__(self) -> Iterator[str]:
        return iter(self._unread)

    def __len__(self) -> int:
        return len(self._unread)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All texts: key → language → text, where a text may hold ``{placeholders}``."""
    return _Catalogue(_CATALOGUE.read_text(encoding="utf-8"))


def text(key: str, lang: str, /, **values: object) -> str:
    """The text under a key in a language, with its placeholders filled in.

    A language that the software does not speak gets the default one.
    Raises KeyError if the key, or the value of a placeholder, is missing: both are mistakes in the code.

    >>> text("error.prefix", "en")
    'Error'
    """
    entry = catalogue()[key]
    lang = lang if lang in entry else LANGUAGES[0]
    template = entry[lang]
    if lang in _QUOTING and "!r}" in template:
        return _QUOTING[lang].vformat(template, (), values)
    return template.format(**values)


def has_text(key: str) -> bool:
    """Whether the catalogue has a text under this key."""
    return key in catalogue()


def placeholders(template: str) -> set[str]:
    """The names of the placeholders of a text.

    >>> sorted(placeholders("{path}:{line}: {problem}"))
    ['line', 'path', 'problem']
    """
    return {name for _, name, _, _ in Formatter().parse(template) if name}
