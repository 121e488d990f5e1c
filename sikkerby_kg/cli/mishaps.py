"""Errors become sentences and exit codes; only ``--debug`` shows where in the code they come from."""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from sikkerby_kg.cli.words import language, program, say
from sikkerby_kg.errors import ShapesError, SikkerbyError, SparqlSyntaxError
from sikkerby_kg.tables import display_width, printable
from sikkerby_kg.texts import has_text, text

FINE, FAILED, UNUSABLE, INTERRUPTED, BUG = 0, 1, 2, 130, 70
"""Exit codes: done; violations, or it does not hold; wrong use or input; stopped by a person; our mistake."""


_SEEN = 100  # characters before and after a mistake


def guarded(run: Callable[[], object], words: Sequence[str]) -> int:
    """Run something and give its exit code; ``words`` are those of the command line."""
    output = sys.stdout
    try:
        code = run()
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit:
        if sys.stdout is output:  # a completion script has been answered
            raise
        _forget_output()  # click put another in its place: the reader has seen enough
        return FINE
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.EPIPE:  # the reader has seen enough
            _forget_output()
            return FINE
        if "--debug" in words and not isinstance(error, click.ClickException):
            raise
        return told(error)
    return code if isinstance(code, int) else FINE


def told(error: Exception) -> int:
    """Tell the reader of an error, with the lines that were noted with it; the exit code that it has."""
    match error:
        case SikkerbyError():
            several = error.problems if isinstance(error, ShapesError) else (error,)
            return [_complain(each.text(language()), each) for each in several][-1]
        case click.ClickException():
            return _complain(_in_language(error))
        case FileNotFoundError() | IsADirectoryError() | PermissionError():
            return _complain(say(f"file.{type(error).__name__}", path=error.filename))
        case OSError() if error.filename and error.errno is not None:
            return _complain(say("file.problem", path=error.filename, problem=_problem(error)))
        case OSError():
            return _complain(str(error))
        case _:
            _complain(say("bug", kind=type(error).__name__, problem=error))
            return BUG


def _problem(error: OSError) -> str:
    """What the system says about a file, in the reader's language where it is one of the usual things."""
    key = f"file.{errno.errorcode.get(error.errno or 0, '')}"
    return say(key) if has_text(f"cli.{key}") else str(error.strerror)


def _complain(message: str, error: SikkerbyError | None = None) -> int:
    """Print an error, and its line with a mark under the place, if it is known."""
    lines = [f"{text('error.prefix', language())}: {message}", *getattr(error, "__notes__", ())]
    if isinstance(error, SparqlSyntaxError) and error.source.strip():
        start = max(error.column - _SEEN, 0)  # of what is shown of a long line
        before = error.source[start : error.column - 1]
        shown = error.source[start : error.column + _SEEN]
        lines += ["", f"  {shown.expandtabs(1)}", "  " + " " * display_width(before) + "^"]
    click.echo("\n".join(printable(line) for line in lines), err=True)
    return UNUSABLE


def _in_language(error: click.ClickException) -> str:
    """The message of one of click's own errors, and where to find help."""
    message = error.format_message()
    match error:
        case click.NoSuchOption():
            message = _with_close("no_option", error.option_name, error.possibilities)
        case click.NoSuchCommand():
            message = _with_close("no_command", error.command_name, error.possibilities)
        case click.MissingParameter():
            message = say("missing", name=_named(error))
        case click.BadParameter():
            message = say("bad_value", name=_named(error), problem=error.message.removesuffix("."))
        case click.BadOptionUsage():
            message = say("option_usage", name=error.option_name)
        case click.UsageError() if "extra argument" in message:
            message = say("extra", words=message.partition("(")[2].rstrip(")"))
    return message + " " + say("see_help", program=program(getattr(error, "ctx", None)))


def _with_close(key: str, name: str, close: Sequence[str] | None) -> str:
    """That there is nothing of a name, and what is like it, if anything is."""
    return say(key, name=name, close=", ".join(close)) if close else say(f"{key}.alone", name=name)


def _named(error: click.BadParameter) -> str:
    """What an option or argument is called on the command line."""
    if isinstance(error.param, click.Argument):
        return error.param.metavar or str(error.param.name)
    return "/".join(error.param.opts) if error.param else ""


def _forget_output() -> None:
    """Let nothing complain that the output is closed when the process ends."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        try:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        except (OSError, ValueError):
            return
