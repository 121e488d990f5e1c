"""``sikkerby-kg serve``: the web server. Its options are the settings, from their one table."""

import queue
from collections.abc import Callable
from typing import Any

import click

from sikkerby_kg.cli.skin import COMMON_NAMES, Decorator, Option, Session, command, say
from sikkerby_kg.settings import SETTINGS
from sikkerby_kg.texts import has_text

LOOKS = 2.0
"""Seconds between two looks at the content where ``--reload`` says nothing else."""

OWN = tuple(row for row in SETTINGS if row[0] not in (*COMMON_NAMES, "files_megabytes"))
"""The settings that are options of this command, not of all or of `validate`."""


class SettingOption(Option):
    """An option whose help is the meaning of a setting, and its default."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its help, in the reader's language."""
        record = super().get_help_record(ctx) or ("", "")
        name, default, meaning = next(row for row in OWN if row[0] == self.name)
        said = record[1] if has_text(f"cli.serve.{name}") else meaning
        return record[0], f"{said} ({default})" if str(default) else said


def settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for every setting of the server."""
    for name, _, _ in reversed(OWN):
        extra: dict[str, Any] = {"is_flag": False, "flag_value": str(LOOKS)} if name == "reload" else {}
        add: Decorator = click.option(
            f"--{name.replace('_', '-')}",
            cls=SettingOption,
            metavar=name.rpartition("_")[2].upper(),
            help=name,
            **extra,
        )
        function = add(function)
    return function


@command("serve")
@settings
def serve(session: Session, **given: Any) -> None:
    """Serve the graph until SIGTERM or Ctrl-C, then answer what is still running and end."""
    from sikkerby_kg.server import create_app, logs, reload, running, serving  # noqa: PLC0415  (Flask: slow to import)

    settings = session.settings.with_options(**given)
    if settings.access_log == "json":
        logs.as_json()
    hangups: reload.Hangups = queue.SimpleQueue()
    with reload.at_hangup(hangups), serving.listen(settings.host, settings.port) as listening:
        app = create_app(settings)
        running.start_workers(app)
        with reload.Reloader(app, hangups, settings.reload):
            serving.serve(app, listening, lambda address: click.echo(say("serve.ready", address=address)))
