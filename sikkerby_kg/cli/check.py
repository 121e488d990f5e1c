"""``sikkerby-kg check``: hold the ontology and its use against the quality rules in ontology/checks/."""

import contextlib
import re

import click
from click.shell_completion import CompletionItem

from sikkerby_kg.checks import load_checks, run_checks
from sikkerby_kg.cli.mishaps import FAILED, FINE
from sikkerby_kg.cli.skin import Session, command, language, option, say, write
from sikkerby_kg.cli.words import asked_root
from sikkerby_kg.errors import SikkerbyError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.namespaces import shrink
from sikkerby_kg.tables import printable

_IRI = re.compile(r"<([^<>\s]+)>")


def _complete_name(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the checks; nothing where the content cannot be used."""
    with contextlib.suppress(SikkerbyError):
        checks = load_checks(find_folders(asked_root(ctx)))
        return [
            CompletionItem(each.name, help=each.title) for each in checks if each.name.startswith(incomplete)
        ]
    return []


@command("check")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=_complete_name)
@option("--list", "listed", is_flag=True)
def check(session: Session, names: tuple[str, ...], *, listed: bool) -> int:
    """Print one sentence for each violation, and the counts; or only what the checks are."""
    if listed:
        checks = load_checks(find_folders(session.settings.root), names)
        write("".join(f"{each.name}\n    {each.title}\n    {each.why}\n" for each in checks), None)
        return FINE
    graph = session.graph()
    checks = load_checks(graph.folders, names)
    violations = run_checks(graph.store, checks)
    lines = [f"{each.check}: {each.sentence(language())}" for each in violations]
    lines = [_IRI.sub(lambda match: shrink(match[1], graph.prefixes), line) for line in lines]
    lines.append(say("check.summary", count=len(checks), violations=len(violations)))
    write("".join(f"{printable(line)}\n" for line in lines), None)
    return FAILED if violations else FINE
