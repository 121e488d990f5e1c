"""Sentences of the catalogue with links in them, and links to the query behind a figure."""

import re
from functools import lru_cache
from typing import Protocol

from flask import url_for
from markupsafe import Markup, escape

from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Shown
from sikkerby_kg.texts import text

REMEMBERED = 4096
"""Terms of which it is remembered how they are shown."""


def sentence(key: str, **values: Shown | str | int) -> Markup:
    """The text under a key, with what is shown as links and everything else escaped."""
    shown = {
        name: linked(value) if isinstance(value, Shown) else escape(value) for name, value in values.items()
    }
    return Markup(text(key, language(), **shown))  # noqa: S704  (the text is ours, the values are escaped)


def linked(value: Shown) -> Markup:
    """What is shown, as a link if it leads anywhere, its language marked where it differs."""
    return _linked(value, language())


def _linked(value: Shown, page: str) -> Markup:
    """The same on a page in a language."""
    lang = _marked(value.lang, page, value.text)
    if not value.href:
        return Markup(f"<span{lang}>{unbroken(value.text)}</span>")  # noqa: S704  (escaped)
    outside = ' class="outside" rel="external noreferrer"' if value.outside else ""
    unseen = f'<span class="unseen"> ({escape(value.unseen)})</span>' if value.unseen else ""
    said = unbroken(value.text) + Markup(unseen)  # noqa: S704  (escaped)
    return Markup(f'<a href="{escape(value.href)}"{outside}{lang}>{said}</a>')  # noqa: S704  (escaped)


def unbroken(said: str) -> Markup:
    """A text, escaped, in which years with a hyphen between them stay on one line."""
    escaped = escape(said)
    if "-" not in said:
        return escaped
    return Markup(_YEARS.sub(_ON_ONE_LINE, str(escaped)))  # noqa: S704  (escaped)


def term_markup(shown: Shown) -> Markup:
    """A term as people read it: as ``linked``, a day as machines read it too, with its type and its note.

    Pages have hundreds of them, and many have the same, so this is no macro and remembers some.
    """
    return _term_markup(shown, language())


@lru_cache(REMEMBERED)
def _term_markup(shown: Shown, page: str) -> Markup:
    if shown.href or (not shown.when and _marked(shown.lang, page, shown.text)):
        said = _linked(shown, page)
    elif shown.when:
        said = Markup(f'<time datetime="{escape(shown.when)}">{escape(shown.text)}</time>')  # noqa: S704  (escaped)
    else:
        said = unbroken(shown.text)
    if shown.type:
        said += Markup(' <span class="type">{}</span>').format(shown.type)
    if shown.note:
        phrase = text("web.quoted", page, phrase=shown.note.text)
        said += Markup(' <span class="phrase"{}>{}</span>').format(
            _marked(shown.note.lang, page, phrase), phrase
        )
    return said


class Worded(Protocol):
    """Anything that says something in a language."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def language(self) -> str:
        """The tag of its language, empty for none."""


def other_lang(shown: Shown | Worded) -> Markup:
    """The attribute for a text in another language than the page's."""
    return _marked(shown.lang if isinstance(shown, Shown) else shown.language, language(), shown.text)


def _marked(found: str, page: str, said: str) -> Markup:
    """Years and numbers are in every language: what holds no letter is read as the rest of the page."""
    if not found or found == page or not any(map(str.isalpha, said)):
        return _NOTHING
    return Markup(f' lang="{escape(found)}"')  # noqa: S704  (escaped)


_NOTHING = Markup()
_YEARS = re.compile(r"(?<![\w-])[0-9]{4}-[0-9]{2,4}(?![\w-])")
_ON_ONE_LINE = r'<span class="nowrap">\g<0></span>'


def explained(query: str) -> str:
    """Where a query can be read and run."""
    return url_for("endpoint.sparql", query=query.strip() + "\n")
