"""What the commands that make things share: the content, the change shown, and the question before it."""

import sys
from collections.abc import Sequence

import click

from sikkerby_kg.authoring import Content, Draft, Kinds, Maker, Plan, plan, read_authored, read_kinds, write
from sikkerby_kg.authoring.journal import finish
from sikkerby_kg.cli.output import write as put
from sikkerby_kg.cli.skin import Session
from sikkerby_kg.cli.words import language, note, say
from sikkerby_kg.errors import EntryError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.namespaces import IRI_IN_TEXT
from sikkerby_kg.tables import printable
from sikkerby_kg.validation import ValidationResult
from sikkerby_kg.validation.shapes_graph import text


def opened(session: Session) -> tuple[Content, Kinds, Maker]:
    """The content of a session, what can be made in it, and what makes it. Raises SikkerbyError."""
    folders = find_folders(session.settings.root)
    finished = () if folders.is_installed else finish(folders)
    if finished:
        note("authoring.finished", files=", ".join(finished))
    content = read_authored(folders)
    kinds = read_kinds(content)
    return content, kinds, Maker(content, kinds, language())


def is_conversation() -> bool:
    """Whether a person can be asked: standard input and error are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def carry_out(content: Content, drafts: Sequence[Draft], *, yes: bool, dry_run: bool) -> bool:
    """Show what drafts change, ask where a person can be asked, and write it; whether it was written.

    Raises EntryError if the shapes find something wrong with it; then nothing is written.
    """
    found = plan(content, drafts)
    if found.refusals:
        results = [_line(found, content, result) for result in found.refusals]
        put(_shown(found), None)
        sys.stdout.flush()
        raise EntryError("entry.refused", count=len(results), results="\n  ".join(dict.fromkeys(results)))
    put(_shown(found), None)
    sys.stdout.flush()
    if found.remarks:
        note("authoring.remarks")
        for line in dict.fromkeys(_line(found, content, result) for result in found.remarks):
            click.echo(printable(f"  {line}"), err=True)
    if dry_run or not (yes or _is_agreed()):
        note("authoring.not_written")
        return False
    if content.folders.is_installed:
        raise EntryError("entry.installed", path=content.folders.root)
    write(found.changes, content.folders)
    things = ", ".join(content.short(draft.iri) for draft in drafts)
    note("authoring.written", files=", ".join(change.name for change in found.changes), things=things)
    return True


def _shown(found: Plan) -> str:
    """The change, without anything that controls a terminal."""
    return "\n".join(printable(line) for line in found.diff.replace("\r\n", "\n").split("\n"))


def _is_agreed() -> bool:
    """Whether the change may be written: yes in a script; a person is asked."""
    if not is_conversation():
        return True
    said = click.prompt(say("authoring.confirm"), default="", show_default=False, prompt_suffix=" ", err=True)
    return str(said).strip().casefold() in say("authoring.yes_words").split()


def _line(found: Plan, content: Content, result: ValidationResult) -> str:
    """A result in a line: the thing, the path in words, the message."""
    lang = language()
    focus = text(result.focus_term)
    label = found.report.label(result.focus_term, lang)
    thing = f"{label} ({content.short(focus)})" if label else content.short(focus)
    message = IRI_IN_TEXT.sub(lambda match: content.short(match[0]), result.message(lang))
    return say("authoring.result", thing=thing, path=result.name(lang), message=message).replace("\n", " ")
