"""The command line ``sikkerby-kg``: one module per command, all over one ``KnowledgeGraph``."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import click

from sikkerby_kg.cli import skin
from sikkerby_kg.cli.words import PROGRAM
from sikkerby_kg.version import package_version

COMMANDS = {
    "query": "query:query",
    "describe": "describe:describe",
    "sparql": "sparql:sparql",
    "dump": "dump:dump",
    "serve": "serve:serve",
    "validate": "validate:validate",
    "check": "check:check",
    "verify": "verify:verify",
    "new": "new:new",
    "template": "template:template",
    "import": "importing:import_rows",
    "completion": "completion:completion",
}
"""Name of a command → its module and function, in the order of the help. A new one is one line here."""


class Commands(MutableMapping[str, click.Command]):
    """Commands by name, each imported when it is first asked for: one does not wait for what others need."""

    def __init__(self, places: dict[str, str]) -> None:
        self._places = places
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module, _, function = self._places[name].partition(":")
            self._loaded[name] = getattr(import_module(f"{__name__}.{module}"), function)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._places[name] = name
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@click.group(PROGRAM, cls=skin.Skin, invoke_without_command=True, commands=Commands(dict(COMMANDS)))
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
