"""The skin of every command: options that all have, and help in the reader's language.

A command is made of a function, ``@command("name")`` and ``@option(…)``; its first argument is the
``Session``, and it returns its exit code, or None for 0. Its help stands in ``texts.toml`` as ``cli.name``,
that of an option as ``cli.name.option`` or, for one that several commands share, ``cli.option``.
"""

import functools
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sikkerby_kg.cli.interruption import ending_at_once
from sikkerby_kg.cli.mishaps import FAILED, FINE, UNUSABLE, guarded
from sikkerby_kg.cli.output import Closed, write
from sikkerby_kg.cli.words import PROGRAM, asked_language, language, note, program, say, spoken
from sikkerby_kg.settings import PREFIX, Settings
from sikkerby_kg.texts import LANGUAGES, has_text

if TYPE_CHECKING:
    from sikkerby_kg.graph import KnowledgeGraph

__all__ = [
    "FAILED",
    "FINE",
    "UNUSABLE",
    "Helpful",
    "OneOf",
    "Option",
    "OutputFile",
    "Session",
    "Skin",
    "command",
    "language",
    "note",
    "option",
    "say",
    "write",
]
"""What the module of a command needs."""

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Session:
    """What every command gets: the settings from options and environment, and the graph they lead to.

    ``lang`` is the language that was asked for in so many words, if any was.
    """

    settings: Settings
    lang: str | None

    def graph(self) -> "KnowledgeGraph":
        """The knowledge graph of the settings. Raises SikkerbyError."""
        from sikkerby_kg.graph import open_graph  # noqa: PLC0415  (a third of a second that not every command needs)

        return open_graph(settings=self.settings)


class OneOf(click.Choice[str]):
    """A choice whose refusal speaks the reader's language."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The value, if it is one of the choices."""
        if value not in self.choices:
            self.fail(say("not_one_of", value=value, known=", ".join(self.choices)), param, ctx)
        return str(value)


class OutputFile(click.Path):
    """A file that can be written, or ``-``; what cannot is refused before anything is computed."""

    def __init__(self) -> None:
        super().__init__(allow_dash=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The path, if there can be a file."""
        name = str(value)
        path = Path(name)
        if not name:
            self.fail(say("output.empty"), param, ctx)
        if name != "-" and path.is_dir():
            self.fail(say("output.folder", path=name), param, ctx)
        if name != "-" and not path.parent.is_dir():
            self.fail(say("output.no_folder", path=path.parent), param, ctx)
        return name


class Option(click.Option):
    """An option whose help is a key of the texts."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its help, in the reader's language."""
        record = super().get_help_record(ctx)
        for key in (f"{ctx.command.name}.{self.help}", str(self.help)):
            if record is not None and has_text(f"cli.{key}"):
                return record[0], say(key)
        return record


def option(*names: str, **attributes: Any) -> Decorator:
    """An option of a command; its help is found by its long name."""
    long = next(name for name in names if name.startswith("--"))
    return click.option(*names, cls=Option, help=long[2:].replace("-", "_"), **attributes)


COMMON_NAMES = ("root", "store", "lang", "debug")
COMMON: tuple[Decorator, ...] = (
    option("--root", metavar="DIR"),
    option("--store", metavar="STORE"),
    option("--lang", type=OneOf(LANGUAGES)),
    option("--debug", is_flag=True, default=None),
)
"""Options that may stand before or after the command."""


class Helpful(click.Command):
    """A command whose help is in the reader's language."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The line that shows how the command is called."""
        words = {"[OPTIONS]": say("usage.options"), "[COMMAND] [ARGS]...": say("usage.command")}
        pieces = [words.get(piece, piece) for piece in self.collect_usage_pieces(ctx)]
        formatter.write_usage(program(ctx), " ".join(pieces), prefix=say("usage") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """What the command does."""
        with formatter.indentation():
            for paragraph in say(self.name or "").split("\n\n"):
                formatter.write_paragraph()
                formatter.write_text(paragraph)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002
        """The first paragraph of what the command does."""
        return _first_paragraph(self.name or "")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option --help."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = say("help")
        return found

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of options."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        ordered = sorted(options, key=lambda param: ["", *COMMON_NAMES, "help"].index(_common_name(param)))
        records = [param.get_help_record(ctx) for param in ordered]
        with formatter.section(say("options")):
            formatter.write_dl([record for record in records if record is not None])


def _first_paragraph(name: str) -> str:
    """The first paragraph of what a command does."""
    return say(name).partition("\n\n")[0]


def _common_name(param: click.Option) -> str:
    """The name of an option that all commands have, or nothing for an option of its own."""
    name = max(param.opts, key=len).lstrip("-")
    return name if name in (*COMMON_NAMES, "help") else ""


def command(name: str, kind: type[Helpful] = Helpful) -> Callable[[Callable[..., int | None]], Helpful]:
    """Make a command of a function whose first argument is a Session; the common options are added."""

    def make(function: Callable[..., int | None]) -> Helpful:
        @functools.wraps(function)
        def run(**values: Any) -> None:
            ctx = click.get_current_context()
            code = function(_session(ctx.obj or {}, values), **values)
            sys.stdout.flush()
            ctx.exit(code or 0)

        decorated: Callable[..., Any] = run
        for add in reversed(COMMON):
            decorated = add(decorated)
        return click.command(name, cls=kind)(decorated)

    return make


def _session(before: dict[str, Any], values: dict[str, Any]) -> Session:
    """The session of a command: its own common options, taken out of its values, or else those before it."""
    after = {name: values.pop(name) for name in COMMON_NAMES}
    given = {name: before.get(name) if value is None else value for name, value in after.items()}
    settings = Settings.from_environment(os.environ)
    lang = given["lang"] or (settings.lang if os.environ.get(PREFIX + "LANG", "").strip() else None)
    return Session(settings.with_changes(root=given["root"], store=given["store"], lang=given["lang"]), lang)


class Skin(click.Group, Helpful):
    """The command line as a whole."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, in the order in which they were registered."""
        with formatter.section(say("commands")):
            formatter.write_dl([(name, _first_paragraph(name)) for name in self.commands])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands first, then the options."""
        self.format_commands(ctx, formatter)
        Helpful.format_options(self, ctx, formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of the commands in the order of registration."""
        return list(self.commands)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT002  (click's signature)
        **extra: Any,
    ) -> Any:
        """Run the command line and end the process with its exit code."""
        words = list(sys.argv[1:] if args is None else args)
        start = functools.partial(
            super().main, words, prog_name or PROGRAM, complete_var, standalone_mode=False, **extra
        )
        if sys.stdout is None:  # whoever started us has closed it
            sys.stdout = Closed()
        for stream in (sys.stdout, sys.stderr):  # what cannot show a letter shows another one instead
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        token = spoken.set(asked_language(words))
        try:
            with ending_at_once():
                code = guarded(start, words)
        finally:
            spoken.reset(token)
        if standalone_mode:
            sys.exit(code)
        return code
