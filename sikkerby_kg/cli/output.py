"""Writing to a file or to standard output, and what shows it there."""

import io
import shutil
import sys
from pathlib import Path

import click

from sikkerby_kg.cli.words import say


class Closed(io.TextIOWrapper):
    """Stands for a standard output that is closed."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")


def write(content: str | bytes, output: str | None) -> None:
    """Write to a file, or to standard output if there is none or it is ``-``."""
    data = content.encode() if isinstance(content, str) else content
    if output is None or output == "-":
        if isinstance(sys.stdout, Closed):
            raise click.UsageError(say("output.closed"))
        click.echo(data, nl=False)
    else:
        try:
            Path(output).write_bytes(data)
        except OSError as error:
            error.filename = error.filename or output  # which a full disk does not say
            raise


def is_terminal() -> bool:
    """Whether a terminal shows what is written to standard output."""
    return sys.stdout.isatty()


def terminal_width(output: str | None) -> int | None:
    """How wide a table may be: that of the terminal, or None where no terminal shows it."""
    if output in (None, "-") and is_terminal():
        return shutil.get_terminal_size().columns
    return None
