"""``sikkerby-kg template``: an empty sheet for a kind, to be filled in and imported."""

import click

from sikkerby_kg.authoring import as_csv, as_xlsx
from sikkerby_kg.cli.authoring import opened
from sikkerby_kg.cli.output import is_terminal
from sikkerby_kg.cli.skin import OneOf, OutputFile, Session, command, option, say, write


@command("template")
@click.argument("kind_names", metavar="KIND...", nargs=-1, required=True)
@option("--format", "-f", "name_of_format", type=OneOf(("xlsx", "csv")), default="xlsx", metavar="FORMAT")
@option("--output", "-o", type=OutputFile(), metavar="FILE")
def template(session: Session, kind_names: tuple[str, ...], name_of_format: str, output: str | None) -> None:
    """Write the sheet of one kind, or a workbook with a sheet for each of several."""
    _, kinds, maker = opened(session)
    wanted = list({kind.iri: kind for kind in map(kinds.find, kind_names)}.values())
    if name_of_format == "csv":
        if len(wanted) > 1:
            raise click.UsageError(say("template.several"))
        write(as_csv(maker, wanted[0]), output)
        return
    if output in (None, "-") and is_terminal():
        raise click.UsageError(say("output.binary"))
    write(as_xlsx(maker, wanted), output)
