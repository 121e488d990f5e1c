"""What the command line says, in the reader's language."""

import os
from collections.abc import Sequence
from contextvars import ContextVar

import click

from sikkerby_kg.settings import PREFIX
from sikkerby_kg.tables import printable
from sikkerby_kg.texts import LANGUAGES, text

PROGRAM = "sikkerby-kg"

spoken: ContextVar[str] = ContextVar("spoken", default=LANGUAGES[0])
"""The reader's language while the command line runs."""


def language() -> str:
    """The reader's language: ``--lang``, else SIKKERBY_LANG, else Danish."""
    return spoken.get()


def say(key: str, **values: object) -> str:
    """A text of the command line."""
    return text(f"cli.{key}", language(), **values)


def note(key: str, **values: object) -> None:
    """Tell the reader something on standard error, beside the answer."""
    click.echo(printable(say(key, **values)), err=True)


def asked_language(words: Sequence[str]) -> str:
    """The language that the words of the command line, or the environment, ask for; the last word wins."""
    asked = os.environ.get(PREFIX + "LANG", "").strip()
    for index, word in enumerate(words):
        if word == "--lang":
            asked = words[index + 1] if index + 1 < len(words) else asked
        elif word.startswith("--lang="):
            asked = word.partition("=")[2]
    return asked if asked in LANGUAGES else LANGUAGES[0]


def asked_root(ctx: click.Context) -> str | None:
    """The content folder that the words before the one that a shell completes ask for, if they do."""
    for each in (ctx, ctx.parent):
        if each is not None and each.params.get("root"):
            return str(each.params["root"])
    return None


def program(ctx: click.Context | None) -> str:
    """The words that call a command, without the options between them."""
    if ctx is None:
        return PROGRAM
    return f"{program(ctx.parent)} {ctx.info_name}" if ctx.parent else str(ctx.info_name)
