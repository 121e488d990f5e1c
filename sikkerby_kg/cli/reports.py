"""Where the reports of a validation go: formats and files in pairs, and files that are never half written."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from sikkerby_kg.cli.output import is_terminal
from sikkerby_kg.cli.skin import Helpful
from sikkerby_kg.cli.words import say
from sikkerby_kg.validation.writers import format_of

_ORDER = "sikkerby_kg.order"
_FLAGS = {"--format": "format", "-f": "format", "--output": "output", "-o": "output"}


@dataclass(frozen=True, slots=True)
class Target:
    """A format, and the file that it goes to; None is standard output."""

    name: str
    file: str | None = None


class Reporting(Helpful):
    """A command that remembers in which order --format and --output were given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words of the command line."""
        ctx.meta[_ORDER] = list(_order(args))
        return super().parse_args(ctx, args)


def _order(args: Sequence[str]) -> Iterator[str]:
    """Whether a format or a file comes next, again and again."""
    for word in args[: args.index("--")] if "--" in args else args:
        flag = word.partition("=")[0] if word.startswith("--") else word[:2]
        if flag in _FLAGS:
            yield _FLAGS[flag]


def targets(ctx: click.Context, formats: Sequence[str], files: Sequence[str]) -> tuple[Target, ...]:
    """What is to be written where: a format goes to the file after it, else to standard output.

    A file without a format before it has the one that its name ends in. Raises UsageError for such a file
    whose end stands for no format, and for two reports that would go to one place.
    """
    found: list[Target] = []
    waiting: str | None = None
    left = {"format": list(formats), "output": list(files)}
    for kind in ctx.meta[_ORDER]:
        if not left[kind]:
            continue
        value = left[kind].pop(0)
        if kind == "format":
            found += [] if waiting is None else [Target(waiting)]
            waiting = value
        else:
            found.append(Target(waiting or _by_suffix(value), None if value == "-" else value))
            waiting = None
    found += [] if waiting is None else [Target(waiting)]
    places = [each.file and os.path.realpath(each.file) for each in found]
    twice = next((each for each, place in zip(found, places, strict=True) if places.count(place) > 1), None)
    if twice is not None:
        raise click.UsageError(say("validate.one_place", file=twice.file or say("validate.stdout")))
    return tuple(found) or (Target("text"),)


def _by_suffix(file: str) -> str:
    if file == "-":
        return "text"
    name = format_of(file)
    if name is None:
        raise click.UsageError(say("validate.no_format", file=file))
    return name


def coloured(target: Target) -> bool:
    """Whether a report is to be in colour: on a terminal that has colours, unless NO_COLOR is set."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return target.file is None and wanted and is_terminal()


def write_whole(file: str | Path, content: str) -> None:
    """Write a file so that whoever reads it finds the old content or the new one, never a part.

    What is no plain file, as a pipe, is written to as it is. Raises OSError with the name of the file.
    """
    path = Path(os.path.realpath(file))
    beside = path.with_name(f".sikkerby-kg.{os.getpid()}")
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            path.write_text(content, encoding="utf-8", newline="")
            return
        try:
            beside.write_text(content, encoding="utf-8", newline="")
            if path.exists():
                beside.chmod(stat.S_IMODE(path.stat().st_mode))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        error.filename = str(file)
        if isinstance(error, FileNotFoundError) and path.parent.is_dir():  # where the system makes the files
            raise PermissionError(error.errno, error.strerror, str(file)) from error
        raise
