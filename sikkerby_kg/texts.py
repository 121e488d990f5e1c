"""What the software says to people, in Danish and English, from one catalogue file."""

import tomllib
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = ("da", "en")
"""The languages that the software speaks; the first is the default."""

_CATALOGUE = Path(__file__).with_name("texts.toml")


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


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts: key → language → text, where a text may hold ``{placeholders}``."""
    with _CATALOGUE.open("rb") as file:
        return tomllib.load(file)


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
