"""Asking a person for what a new thing still needs, one field after the other."""

from collections.abc import Sequence
from dataclasses import replace

import click
from pyoxigraph import NamedNode

from sikkerby_kg.authoring import Field, Given, Kind, Level, Maker
from sikkerby_kg.authoring.columns import need_of, type_of
from sikkerby_kg.authoring.drafting import Whereabouts
from sikkerby_kg.authoring.kinds import Demand
from sikkerby_kg.authoring.minting import mint
from sikkerby_kg.authoring.periods import read_span
from sikkerby_kg.authoring.values import require_plain
from sikkerby_kg.cli.words import language, note, say
from sikkerby_kg.errors import EntryError, SikkerbyError
from sikkerby_kg.namespaces import OWL
from sikkerby_kg.tables import printable
from sikkerby_kg.texts import text

_FEW = 12


class Asking:
    """Asks for the fields of a kind: what is required first, then what is expected, then the rest."""

    def __init__(self, maker: Maker, kind: Kind, *, everything: bool) -> None:
        self.maker, self.kind, self.everything, self.lang = maker, kind, everything, language()
        self.doubted: set[str] = set()

    def complete(self, given: list[Given], where: Whereabouts) -> tuple[list[Given], Whereabouts]:
        """What was said, and what a person adds to it."""
        said = list(given)
        demands = sorted(self.kind.demands, key=self.rank)
        for demand in demands:
            if demand.level > Level.OPTIONAL:
                said += self.demanded(demand, said)
        if self.everything:
            for each in self.kind.fields:
                if not any(one.field is each for one in said) and not each.fixed:
                    said += self.ask(each, Level.OPTIONAL, "")
        if not where.source and self.needs_source():
            where = replace(where, source=self.source())
        if self.kind.naming is None and not where.slug:
            where = replace(where, slug=self.slug())
        return said, where

    def rank(self, demand: Demand) -> tuple[int, int]:
        """The name first, then by how much it is wanted."""
        is_name = self.kind.naming is not None and demand.fields[0] == self.kind.naming.key
        return (-demand.level, 0 if is_name else 1)

    @property
    def required(self) -> str:
        """The word for what must be there."""
        return text("authoring.level.required", self.lang)

    def demanded(self, demand: Demand, said: Sequence[Given]) -> list[Given]:
        """Values that meet a demand; none if it is met already, or if nobody need meet it."""
        fields = [each for key in demand.fields for each in [self.kind.at(key)] if each]
        here = [one for one in said if any(one.field is each for each in fields)]
        if any(self.speaks(one, demand.language) for one in here) or any(each.fixed for each in fields):
            return []
        if (
            demand.level is Level.REQUIRED
            and len(fields) == 1
            and self.maker.usual_value(self.kind, fields[0])
        ):
            return []
        is_first = True
        while True:
            for each in fields:
                level = demand.level if len(fields) == 1 else Level.OPTIONAL
                found = self.ask(each, level, demand.language, shown=is_first)
                if found:
                    return found
            if demand.level is not Level.REQUIRED:
                return []
            note("authoring.needed")
            is_first = False

    def speaks(self, one: Given, wanted: str) -> bool:
        """Whether a value is in the language that a demand is about."""
        tail = one.text.rpartition("@")[2].strip() if "@" in one.text else ""
        return not wanted or (one.language or tail or self.kind.language) == wanted

    def ask(self, each: Field, level: Level, of: str, *, shown: bool = True) -> list[Given]:
        """The values that a person gives a field; none where it may be left out and is.

        ``shown`` says that the choices are to be shown before the question.
        """
        need = need_of(self.kind, each, level, self.lang)
        choices = [] if self.maker.reader.is_period(each) else self.maker.reader.choices(each)
        if shown:
            self.show(each, choices, of)
        found: list[Given] = []
        while True:
            words = say("authoring.ask_more", field=each.called(self.lang, of)) if found else ""
            said = self.line(words or each.called(self.lang, of), "" if words else need, "")
            if said == "?":
                self.list(choices)
                continue
            if not said:
                if found or level is not Level.REQUIRED:
                    return found
                note("authoring.needed")
                continue
            one = Given(each, self.chosen(said, choices), of)
            if not self.is_fine(one):
                continue
            found.append(one)
            if each.most == 1 or each.datatype:
                return found

    def show(self, each: Field, choices: Sequence[tuple[str, str]], of: str) -> None:
        """What may stand in a field, and the choices where they are few."""
        click.echo(printable(f"\n{type_of(self.maker, each, self.lang, of, separator='')}"), err=True)
        if 0 < len(choices) <= _FEW:
            self.list(choices)
        elif choices:
            note("authoring.all_choices", count=len(choices))

    def list(self, choices: Sequence[tuple[str, str]]) -> None:
        """Show choices with their numbers."""
        for number, (_, name) in enumerate(choices, 1):
            click.echo(printable(f"  {number:>3}  {name}"), err=True)

    def chosen(self, said: str, choices: Sequence[tuple[str, str]]) -> str:
        """The choice of a number, else what was said."""
        is_number = said.isdecimal() and 0 < int(said) <= len(choices)
        return choices[int(said) - 1][0] if is_number else said

    def is_fine(self, one: Given) -> bool:
        """Whether a value can be read; why not is said."""
        reader = self.maker.reader
        try:
            if one.field.datatype:
                reader.literal(one.field, one.text, one.language or self.kind.language)
            elif reader.is_period(one.field) and not self.maker.content.expand(one.text):
                require_plain(one.text)
                read_span(one.text)
            else:
                self.require_described(one.field, reader.thing(one.field, one.text))
        except SikkerbyError as error:
            click.echo(printable(f"  {error.text(self.lang)}"), err=True)
            return False
        return True

    def require_described(self, each: Field, thing: NamedNode) -> None:
        """Doubt a thing of which nothing is stated, once: who writes it again may mean it.

        Of terms of others nothing is doubted: they may well lead to pages. Raises EntryError.
        """
        content, iri = self.maker.content, thing.value
        is_own = OWL.ObjectProperty in content.types.get(each.iri, ())
        if not is_own or content.about(iri) or iri in self.doubted:
            return
        self.doubted.add(iri)
        raise EntryError("entry.described_nowhere", value=content.short(iri))

    def needs_source(self) -> bool:
        """Whether it has to be said where a thing was read."""
        return self.maker.places.usual(self.kind) is None and not self.kind.has_scheme

    def source(self) -> str:
        """The place where the thing was read."""
        click.echo(printable(f"\n{text('authoring.column.source.help', self.lang)}"), err=True)
        while True:
            said = self.line(text("authoring.column.source", self.lang), self.required, "")
            try:
                if said:
                    self.maker.places.at(said)
                    return said
                note("authoring.needed")
            except SikkerbyError as error:
                click.echo(printable(f"  {error.text(self.lang)}"), err=True)

    def slug(self) -> str:
        """The end of the IRI of a thing that has no name."""
        click.echo(err=True)
        while True:
            said = self.line(text("authoring.column.id", self.lang), self.required, "")
            try:
                mint(self.maker.content, self.kind, name="", wanted=said, taken=self.maker.taken)
            except SikkerbyError as error:
                click.echo(printable(f"  {error.text(self.lang)}"), err=True)
            else:
                return said

    def line(self, field: str, need: str, default: str) -> str:
        """What a person types, without spaces at the ends."""
        words = say("authoring.ask", field=field, need=need) if need else field
        said = click.prompt(
            printable(words), default=default, show_default=False, prompt_suffix=": ", err=True
        )
        return str(said).strip()
