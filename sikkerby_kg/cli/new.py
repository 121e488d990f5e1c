"""``sikkerby-kg new``: make one thing, asking for what is missing where somebody can be asked."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import click

from sikkerby_kg.authoring import Content, Field, Given, Kind, Kinds, Level, Maker
from sikkerby_kg.authoring.columns import columns, need_of, type_of
from sikkerby_kg.authoring.drafting import Draft, MishapsError, Whereabouts
from sikkerby_kg.authoring.placing import file_at
from sikkerby_kg.cli.asking import Asking
from sikkerby_kg.cli.authoring import carry_out, is_conversation, opened
from sikkerby_kg.cli.output import terminal_width
from sikkerby_kg.cli.skin import Session, command, language, note, option, say, write
from sikkerby_kg.cli.words import PROGRAM
from sikkerby_kg.errors import EntriesError, EntryError, SikkerbyError
from sikkerby_kg.namespaces import DCT, ORG
from sikkerby_kg.tables import printable, table
from sikkerby_kg.texts import text

_SOME = 8


@dataclass(frozen=True, slots=True)
class _Said:
    """The options of a call."""

    label: tuple[str, ...]
    kind: str | None
    period: str | None
    values: tuple[str, ...]


@command("new")
@click.argument("kind_name", metavar="[KIND]", required=False, default="")
@option("--label", "-l", multiple=True, metavar="TEXT")
@option("--kind", "-k", "kind", metavar="CONCEPT")
@option("--period", "-p", metavar="TIME")
@option("--set", "-s", "values", multiple=True, metavar="FIELD=VALUE")
@option("--source", metavar="PLACE")
@option("--id", "slug", metavar="SLUG")
@option("--file", "file", metavar="FILE")
@option("--all", "everything", is_flag=True)
@option("--yes", "-y", is_flag=True)
@option("--dry-run", "dry_run", is_flag=True)
@option("--list", "listed", is_flag=True)
@option("--fields", "fields", is_flag=True)
def new(session: Session, kind_name: str, **options: Any) -> None:
    """Write one thing into the content, or say what can be written."""
    content, kinds, maker = opened(session)
    if options["listed"]:
        write(_kinds(kinds), None)
        return
    if not kind_name:
        example = next((each.name for each in kinds.all), "")
        raise EntryError("entry.which_kind", example=f"{PROGRAM} new {example}")
    wanted = kinds.find(kind_name)
    if options["fields"]:
        write(_fields(maker, wanted), None)
        return
    place = file_at(content, options["file"]) if options["file"] else None
    where = Whereabouts(options["source"] or "", options["slug"] or "", place)
    given = _given(wanted, _Said(*(options[name] for name in ("label", "kind", "period", "values"))))
    if not is_conversation():
        draft = _made(content, maker, wanted, given, where)
        carry_out(content, [draft], yes=options["yes"], dry_run=options["dry_run"])
        return
    try:
        given, where = Asking(maker, wanted, everything=options["everything"]).complete(given, where)
    except click.Abort:
        click.echo(err=True)  # the line of the question is still open
        note("authoring.not_written")
        raise
    try:
        draft = _made(content, maker, wanted, given, where)
        is_done = carry_out(content, [draft], yes=options["yes"], dry_run=options["dry_run"])
    except (SikkerbyError, click.Abort):
        _tell_again(session, wanted, given, where)
        raise
    if not is_done:
        _tell_again(session, wanted, given, where)


def _tell_again(session: Session, kind: Kind, given: Sequence[Given], where: Whereabouts) -> None:
    """The call that says what a person has answered, so that nobody need answer twice."""
    root = session.settings.root
    words = [PROGRAM, "new", kind.name, *(["--root", root] if root else [])]
    for each in given:
        tag = f"@{each.language}" if each.language else ""
        words += ["--set", f"{each.field.name}{tag}={each.text}"]
    for name, said in (("--source", where.source), ("--id", where.slug), ("--file", where.file)):
        words += [name, str(said)] if said else []
    note("new.again", command=shlex.join(words))


def _given(kind: Kind, said: _Said) -> list[Given]:
    """The values that the options give. Raises EntriesError with all that the kind has no field for."""
    asked = [(partial(_naming, kind), each, "") for each in said.label]
    asked += [(partial(_classifying, kind), said.kind, "")] if said.kind is not None else []
    asked += [(partial(_timing, kind), said.period, "")] if said.period is not None else []
    for each in said.values:
        name, _, value = each.partition("=")
        asked.append((partial(_set, kind, each), value, name.partition("@")[2].strip()))
    found: list[Given] = []
    problems: list[SikkerbyError] = []
    for field_of, value, tag in asked:
        try:
            found.append(Given(field_of(), value, tag))
        except SikkerbyError as error:
            problems.append(error)
    if problems:
        raise EntriesError(problems)
    return found


def _set(kind: Kind, said: str) -> Field:
    """The field that ``name@language=value`` is about. Raises EntryError or UnknownNameError."""
    name, separator, _ = said.partition("=")
    if not separator or not name.strip():
        raise EntryError("entry.set", value=said, example=f"{kind.fields[0].name}=…")
    return kind.field(name.partition("@")[0].strip(), language())


def _naming(kind: Kind) -> Field:
    """The field that names a thing. Raises EntryError."""
    if kind.naming is None:
        raise EntryError(
            "entry.no_such_shortcut", kind=kind.called(language()), option="--label", kind_name=kind.name
        )
    return kind.naming


def _classifying(kind: Kind) -> Field:
    """The field that says of which kind a thing is. Raises EntryError."""
    found = kind.at((DCT.type, False)) or kind.at((ORG.classification, False))
    if found is None:
        raise EntryError(
            "entry.no_such_shortcut", kind=kind.called(language()), option="--kind", kind_name=kind.name
        )
    return found


def _timing(kind: Kind) -> Field:
    """The field that says when. Raises EntryError if there is none, or more than one that shapes speak of."""
    found = [
        each
        for each in kind.fields
        if not each.backwards
        and any(str(value) == f"<{DCT.PeriodOfTime}>" for rule in each.rules for value in rule.values)
    ]
    best = [each for each in found if each.is_shaped] or found
    if len(best) != 1:
        raise EntryError(
            "entry.no_such_shortcut", kind=kind.called(language()), option="--period", kind_name=kind.name
        )
    return best[0]


def _made(content: Content, maker: Maker, kind: Kind, given: Sequence[Given], where: Whereabouts) -> Draft:
    """The draft of what was said. Raises EntryError naming everything that is wrong or missing."""
    lang = language()
    names = [
        each.text
        for each in given
        if kind.naming and each.field is kind.naming and each.language in ("", kind.language)
    ]
    known = maker.known(kind, names[0].strip()) if names and not where.slug else ""
    if known:
        raise EntryError(
            "entry.exists", kind=kind.called(lang), name=names[0].strip(), iri=content.short(known)
        )
    try:
        return maker.make(kind, given, where)
    except MishapsError as wrong:
        problems = [error for _, error in wrong.mishaps]
        if any(error.key in ("entry.missing", "entry.no_source") for error in problems):
            raise EntryError(
                "entry.incomplete", problems=EntriesError(problems), example=_example(maker, kind)
            ) from None
        raise EntriesError(problems) from None


def _example(maker: Maker, kind: Kind) -> str:
    """A call that makes a thing of the kind, with values that are there."""
    words = [PROGRAM, "new", kind.name]
    told: set[object] = set()
    for column in columns(maker, kind, language()):
        if column.level is not Level.REQUIRED and not _is_first_of_several(kind, column.field, told):
            continue
        told.add(column.field.key if column.field else ())
        if column.field is None:
            words += [f"--{column.name}", column.example or "…"]
        elif column.field is kind.naming and column.language == kind.language:
            words += ["--label", "…"]
        else:
            value = column.choices[0] if column.choices else column.example or "…"
            words += ["--set", f"{column.name}={value}"]
    if "--source" not in words and maker.places.usual(kind) is None:
        words += ["--source", next(iter(maker.places.examples), "…")]
    return " ".join(word if word == "…" else shlex.quote(word) for word in words)


def _is_first_of_several(kind: Kind, each: Field | None, told: set[object]) -> bool:
    """Whether a field is the first of those of which one must be there."""
    return each is not None and any(
        demand.level is Level.REQUIRED
        and len(demand.fields) > 1
        and each.key == demand.fields[0]
        and not told & set(demand.fields)
        for demand in kind.demands
    )


def _kinds(kinds: Kinds) -> str:
    lang = language()
    rows = [(each.name, each.called(lang)) for each in kinds.all]
    return table([say("new.column.name"), say("new.column.label")], rows)


def _fields(maker: Maker, kind: Kind) -> str:
    lang = language()
    rows = []
    for each in kind.fields:
        if each.fixed:
            continue
        wanted = ", ".join(
            f"@{tag}: {text(f'authoring.level.{level.name.lower()}', lang)}"
            for tag, level in each.languages.items()
        )
        choices = [] if maker.reader.is_period(each) else [name for _, name in maker.reader.choices(each)]
        shown = ", ".join(choices[:_SOME])
        if len(choices) > _SOME:
            shown = text("authoring.choices.more", lang, some=shown, count=len(choices) - _SOME)
        rows.append((each.name, each.called(lang), wanted or need_of(kind, each, each.level, lang),
                     type_of(maker, each, lang, separator=""), shown))  # fmt: skip
    names = ("name", "label", "need", "type", "choices")
    return printable(table([say(f"new.column.{name}") for name in names], rows, terminal_width(None)))
