"""Sentences of the catalogue with links in them, and links to the query behind a figure."""

from flask import url_for
from markupsafe import Markup

from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Shown
from sikkerby_kg.texts import text


def sentence(key: str, **values: Shown | str | int) -> Markup:
    """The text under a key, with what is shown as links and everything else escaped."""
    template = Markup(text(key, language(), **{name: f"{{{name}}}" for name in values}))  # noqa: S704  (ours)
    shown = {name: linked(value) if isinstance(value, Shown) else value for name, value in values.items()}
    return template.format(**shown)


def linked(value: Shown) -> Markup:
    """What is shown, as a link if it leads anywhere, its language marked where it differs."""
    lang = Markup(' lang="{}"').format(value.lang) if value.lang and value.lang != language() else Markup()
    if not value.href:
        return Markup("<span{}>{}</span>").format(lang, value.text)
    outside = Markup(' class="outside" rel="external noreferrer"') if value.outside else Markup()
    return Markup('<a href="{}"{}{}>{}</a>').format(value.href, outside, lang, value.text)


def explained(query: str) -> str:
    """Where a query can be read and run."""
    return url_for("endpoint.sparql", query=query.strip() + "\n")
