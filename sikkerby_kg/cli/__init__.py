"""The command line ``sikkerby-kg``: one module per command, all over one ``KnowledgeGraph``."""

from typing import Any

import click

from sikkerby_kg.cli import (
    check,
    completion,
    describe,
    dump,
    importing,
    new,
    query,
    serve,
    skin,
    sparql,
    template,
    validate,
    verify,
)
from sikkerby_kg.cli.words import PROGRAM
from sikkerby_kg.version import package_version

COMMANDS: tuple[click.Command, ...] = (
    query.query,
    describe.describe,
    sparql.sparql,
    dump.dump,
    serve.serve,
    validate.validate,
    check.check,
    verify.verify,
    new.new,
    template.template,
    importing.import_rows,
    completion.completion,
)
"""Every command, in the order of the help. A new one is one line here and one import above."""


@click.group(PROGRAM, cls=skin.Skin, invoke_without_command=True)
@skin.option("--version", "-V", is_flag=True)
def main(*, version: bool, **common: Any) -> None:
    """Everything that the graph can be asked, from a terminal."""
    ctx = click.get_current_context()
    ctx.obj = common
    if version:
        click.echo(f"{PROGRAM} {package_version()}")
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for add in reversed(skin.COMMON):
    add(main)
for each in COMMANDS:
    main.add_command(each)
