"""The columns of the sheet of a kind: one for each field, with what may stand in it.

Templates have them, and imported sheets are read by them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from babel import Locale
from pyoxigraph import Literal, NamedNode

from sikkerby_kg.authoring.drafting import Maker
from sikkerby_kg.authoring.kinds import Field, Kind, Level, kebab
from sikkerby_kg.folding import fold
from sikkerby_kg.namespaces import SIK, XSD
from sikkerby_kg.terms import to_python
from sikkerby_kg.texts import LANGUAGES, text

SOURCE, ID = "source", "id"
"""Columns that every sheet has besides the fields."""

BETWEEN = "|"
"""What stands between several values in a cell; a line end does as well."""

_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_LONGEST_SHEET_NAME = 31
_TYPES = {
    XSD.integer: "number",
    XSD.decimal: "number",
    XSD.boolean: "truth",
    XSD.date: "date",
    XSD.anyURI: "address",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and what the explanation says of it; ``field`` is None for source and id."""

    name: str
    header: str
    field: Field | None
    language: str
    need: str
    level: Level
    type: str
    choices: tuple[str, ...]
    example: str
    why: str

    @property
    def is_single(self) -> bool:
        """Whether a cell holds one value."""
        return self.field is None or self.field.most == 1 or bool(self.field.datatype)


def columns(maker: Maker, kind: Kind, lang: str) -> list[Column]:
    """The columns of a kind in a language: the name, the other fields, where it was read, and the id."""
    found = [
        column for each in kind.fields if not each.fixed for column in _of_field(maker, kind, each, lang)
    ]
    usual = maker.places.usual(kind) is not None
    needs_source = not usual and not kind.has_scheme
    example = next(iter(maker.places.examples), "")
    found.append(_extra(SOURCE, Level.REQUIRED if needs_source else Level.OPTIONAL, example, lang))
    needs_id = kind.naming is None
    identity = _extra(ID, Level.REQUIRED if needs_id else Level.OPTIONAL, f"{kind.name}-1", lang)
    if needs_id:
        identity = replace(identity, type=text("authoring.column.id.nameless", lang))
    return _distinct([identity, *found] if needs_id else [*found, identity])


def _extra(name: str, level: Level, example: str, lang: str) -> Column:
    return Column(
        name,
        text(f"authoring.column.{name}", lang),
        None,
        "",
        text(f"authoring.level.{level.name.lower()}", lang),
        level,
        text(f"authoring.column.{name}.help", lang),
        (),
        example,
        "",
    )


def _of_field(maker: Maker, kind: Kind, each: Field, lang: str) -> Iterator[Column]:
    languages: Sequence[str] = [""]
    if each.has_languages:
        languages = list(dict.fromkeys((*each.languages, kind.language, *LANGUAGES)))
    for of in languages:
        level = each.languages.get(of, Level.OPTIONAL) if each.languages else each.level
        if of and not each.languages and of != kind.language:
            level = Level.OPTIONAL
        name = each.name + (f"@{of}" if of else "")
        yield Column(
            name,
            _header(each, lang, of),
            each,
            of,
            need_of(kind, each, level, lang),
            level,
            type_of(maker, each, lang, of),
            tuple(label for _, label in maker.reader.choices(each))
            if not maker.reader.is_period(each)
            else (),
            _example(maker, kind, each, of),
            each.message(lang),
        )


def need_of(kind: Kind, each: Field, level: Level, lang: str) -> str:
    """How much a field is wanted, in words: alone, or one of several."""
    for demand in kind.demands:
        if len(demand.fields) > 1 and each.key in demand.fields and demand.level is Level.REQUIRED:
            others = [found.called(lang) for key in demand.fields for found in [kind.at(key)] if found]
            if level is not Level.REQUIRED and len(others) > 1:
                return text("authoring.level.one_of", lang, fields=", ".join(others))
    return text(f"authoring.level.{level.name.lower()}", lang)


def type_of(maker: Maker, each: Field, lang: str, of: str = "", *, separator: str = BETWEEN) -> str:
    """What may stand in a field, in words."""
    if maker.reader.is_period(each):
        return text("authoring.type.period", lang)
    if not each.datatype:
        said = text("authoring.type.thing", lang)
        if each.most == 1:
            return said
        key = "several" if separator else "repeated"
        return text(f"authoring.type.{key}", lang, type=said, separator=separator)
    if of:
        return text("authoring.type.text_in", lang, language=_language_name(of, lang))
    return text(f"authoring.type.{_TYPES.get(each.datatype, 'text')}", lang)


def _language_name(of: str, lang: str) -> str:
    return str(Locale.parse(lang).languages.get(of, of))


def _header(each: Field, lang: str, of: str) -> str:
    said = each.called(lang, of)
    return f"{said} ({_language_name(of, lang)})" if of and of not in each.names else said


def _example(maker: Maker, kind: Kind, each: Field, of: str) -> str:
    """A value that a thing of the kind has; for a period its words."""
    content = maker.content
    for thing in sorted(content.direct(kind.iri)):
        values = (
            [NamedNode(subject) for subject in content.subjects(each.iri, thing)]
            if each.backwards
            else content.values(thing, each.iri)
        )
        for value in values:
            if isinstance(value, NamedNode):
                if maker.reader.is_period(each):
                    words = content.values(value.value, SIK.dateAsStated)
                    return str(to_python(words[0])) if words else "2024"
                return content.label(value.value, maker.lang)
            if isinstance(value, Literal) and (not of or value.language == of):
                return value.value
    return next((label for _, label in maker.reader.choices(each)), "")


def _distinct(found: list[Column]) -> list[Column]:
    """Columns of which no two are called alike."""
    headers = [fold(column.header) for column in found]
    return [
        column
        if headers.count(fold(column.header)) == 1
        else replace(column, header=f"{column.header} ({column.name})")
        for column in found
    ]


def matching(maker: Maker, kind: Kind) -> dict[str, Column]:
    """What a heading may say, folded → the column: the heading in any language, or the name of the field."""
    found: dict[str, Column] = {}
    for lang in (maker.lang, *LANGUAGES):
        for column in columns(maker, kind, lang):
            found.setdefault(fold(column.header), column)
            found.setdefault(fold(column.name), column)
            if column.field and not column.language:
                found.setdefault(kebab(column.name), column)
    return found


def sheet_name(kind: Kind, lang: str) -> str:
    """The name of a sheet for a kind, which tells it again."""
    label = kind.called(lang)
    fits = len(label) <= _LONGEST_SHEET_NAME and not _FORBIDDEN_IN_SHEET_NAME.search(label)
    return label if fits else kind.name[:_LONGEST_SHEET_NAME]
