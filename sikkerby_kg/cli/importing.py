"""``sikkerby-kg import``: the rows of a filled sheet as statements, all of them or none."""

from pathlib import Path

import click

from sikkerby_kg.authoring import import_file
from sikkerby_kg.cli.authoring import carry_out, opened
from sikkerby_kg.cli.skin import Session, command, language, note, option


@command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@option("--kind", "-k", "kind", metavar="KIND")
@option("--yes", "-y", is_flag=True)
@option("--dry-run", "dry_run", is_flag=True)
def import_rows(session: Session, file: Path, kind: str | None, yes: bool, dry_run: bool) -> None:
    """Read the rows of a file and write what is new in them."""
    content, kinds, _ = opened(session)
    found = import_file(content, kinds, file, language(), kinds.find(kind) if kind else None)
    if not found.drafts:
        note("import.nothing", path=file)
        return
    if found.known:
        note("import.known", count=found.known)
    carry_out(content, found.drafts, yes=yes, dry_run=dry_run)
