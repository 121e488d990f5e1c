"""What the software says to people, in Danish and English, from one catalogue file."""

import tomllib
from functools import cache
from pathlib import Path
from string import Formatter

LANGUAGES = ("da", "en")
"""The languages that the software speaks; the first is the default."""

_CATALOGUE = Path(__file__).with_name("texts.toml")


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
    return entry[lang if lang in entry else LANGUAGES[0]].format(**values)


def has_text(key: str) -> bool:
    """Whether the catalogue has a text under this key."""
    return key in catalogue()


def placeholders(template: str) -> set[str]:
    """The names of the placeholders of a text.

    >>> sorted(placeholders("{path}:{line}: {problem}"))
    ['line', 'path', 'problem']
    """
    return {name for _, name, _, _ in Formatter().parse(template) if name}
