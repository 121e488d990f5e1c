"""``sikkerby-kg serve``: the web server."""

import click

from sikkerby_kg.cli.skin import Session, command, option, say


@command("serve")
@option("--host", metavar="HOST")
@option("--port", type=click.IntRange(0, 65535), metavar="PORT")
def serve(session: Session, host: str | None, port: int | None) -> None:
    """Serve the graph until SIGTERM or Ctrl-C, then answer what is still running and end."""
    from sikkerby_kg.server import create_app, running, serving  # noqa: PLC0415  (Flask: slow to import)

    settings = session.settings.with_changes(host=host, port=port)
    listening = serving.listen(settings.host, settings.port)
    with listening:
        app = create_app(settings)
        running.start_workers(app)
        serving.serve(app, listening, lambda address: click.echo(say("serve.ready", address=address)))
