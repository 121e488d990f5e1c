"""What can be made and what is asked of it: a class with a shape is a kind, each property of it a field."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.folding import fold
from sikkerby_kg.namespaces import DCT, RDF, SKOS, local_name
from sikkerby_kg.shape_rules import Key, Rule
from sikkerby_kg.terms import Term
from sikkerby_kg.texts import LANGUAGES

Texts = Mapping[str, str]
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Level(IntEnum):
    """How much a field is wanted: without it there is a violation, a warning, a known hole, or nothing."""

    OPTIONAL = 0
    WANTED = 1
    EXPECTED = 2
    REQUIRED = 3


@dataclass(frozen=True, slots=True)
class Demand:
    """One of some fields must have a value, in a language if one is named."""

    fields: tuple[Key, ...]
    level: Level
    language: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A property of things of a kind, or, ``backwards``, of other things that have them as a value.

    ``datatype`` is empty where values are things. ``languages`` are those in which a name or text is asked
    for. ``fixed`` is what every thing of the kind has; ``most`` how many values there may be.
    """

    iri: str
    backwards: bool
    name: str
    label: Texts
    level: Level = Level.OPTIONAL
    datatype: str = ""
    most: int | None = None
    rules: tuple[Rule, ...] = ()
    languages: Mapping[str, Level] = field(default_factory=dict)
    names: Mapping[str, Texts] = field(default_factory=dict)
    messages: Texts = field(default_factory=dict)
    fixed: tuple[Term, ...] = ()
    is_shaped: bool = True

    @property
    def key(self) -> Key:
        """The property, and whether it is followed backwards."""
        return (self.iri, self.backwards)

    @property
    def has_languages(self) -> bool:
        """Whether its values are texts in a language."""
        return self.datatype == RDF.langString

    def called(self, lang: str, of: str = "") -> str:
        """What it is called in a language; ``of`` is the language of the text that is meant, if one is."""
        texts = self.names.get(of) or self.label
        return texts.get(lang) or next(iter(texts.values()), self.name)

    def message(self, lang: str) -> str:
        """What the shape says to do."""
        return self.messages.get(lang) or next(iter(self.messages.values()), "")


@dataclass(frozen=True)
class Kind:
    """A class that has a shape: what can be made."""

    iri: str
    name: str
    label: Texts
    lineage: tuple[str, ...]
    fields: tuple[Field, ...]
    demands: tuple[Demand, ...]
    types: tuple[str, ...]
    """Classes that a thing of this kind has besides."""

    def called(self, lang: str) -> str:
        """What it is called in a language."""
        return self.label.get(lang) or next(iter(self.label.values()), self.name)

    def at(self, key: Key) -> Field | None:
        """The field of a property."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> Mapping[Key, Field]:
        return {each.key: each for each in self.fields}

    @cached_property
    def naming(self) -> Field | None:
        """The field with the name of a thing: what shapes say of its label, else of its title."""
        found = (self.at((name, False)) for name in (SKOS.prefLabel, DCT.title))
        return next((each for each in found if each and each.is_shaped), None)

    @property
    def has_scheme(self) -> bool:
        """Whether a thing of this kind is a concept of a code list, which tells where it stands."""
        return self.at((SKOS.inScheme, False)) is not None

    @cached_property
    def language(self) -> str:
        """The language in which a thing of this kind must have a name."""
        levels = self.naming.languages if self.naming else {}
        return next((lang for lang, level in levels.items() if level is Level.REQUIRED), LANGUAGES[0])

    def field(self, written: str, lang: str) -> Field:
        """The field that somebody means: by its name, its CURIE, or what it is called in any language.

        Raises UnknownNameError with close ones.
        """
        wanted = kebab(written)
        found = [each for each in self.fields if wanted in _spellings(each)] or self._partly(wanted)
        if not found:
            known = {spelling: each for each in self.fields for spelling in _spellings(each)}
            close = difflib.get_close_matches(wanted, known, n=3)
            names = list(dict.fromkeys(known[name].name for name in close))
            raise UnknownNameError(
                "entry.field",
                name=written,
                kind=self.called(lang),
                close=", ".join(names) or "–",
                kind_name=self.name,
            )
        exact = [each for each in found if each.name == wanted]
        return (exact or sorted(found, key=lambda each: (not each.is_shaped, each.backwards)))[0]

    def _partly(self, wanted: str) -> "list[Field]":
        """The field whose name ends or begins so, if there is only one such."""
        found = [
            each
            for each in self.fields
            if any(n.endswith(f"-{wanted}") or n.startswith(f"{wanted}-") for n in _spellings(each))
        ]
        shaped = [each for each in found if each.is_shaped]
        return shaped if len(shaped) == 1 else found if len(found) == 1 else []


class Kinds:
    """All kinds of a content, by IRI, in the order of their names.

    ``prefixes`` are those of the content: one whose namespace ends in the name of a kind stands for it.
    """

    def __init__(self, kinds: Iterable[Kind], prefixes: Mapping[str, str] | None = None) -> None:
        self.all = tuple(sorted(kinds, key=lambda kind: kind.name))
        ends = {iri.rstrip("/#"): prefix for prefix, iri in (prefixes or {}).items()}
        self._nicknames = {kebab(prefix): kebab(local_name(end)) for end, prefix in ends.items()}

    def of(self, iri: str) -> Kind | None:
        """The kind of a class."""
        return next((kind for kind in self.all if kind.iri == iri), None)

    def find(self, written: str) -> Kind:
        """The kind that somebody means: by name, label, an end or beginning of the name, or prefix.

        Raises UnknownNameError if there is none, or if several are meant.
        """
        wanted = kebab(written)
        spellings = {kind.name: {kind.name, *map(kebab, kind.label.values())} for kind in self.all}
        exact = [kind for kind in self.all if wanted in spellings[kind.name]]
        partly = [
            kind
            for kind in self.all
            if any(
                name.endswith(f"-{wanted}") or name.startswith(f"{wanted}-") for name in spellings[kind.name]
            )
        ]
        ending = [kind for kind in partly if any(n.endswith(f"-{wanted}") for n in spellings[kind.name])]
        found = exact or (ending if len(ending) == 1 else partly)
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(kind.name for kind in found)
            raise UnknownNameError("entry.kind_ambiguous", name=written, candidates=names)
        nickname = self._nicknames.get(wanted)
        if nickname is not None and any(kind.name == nickname for kind in self.all):
            return self.find(nickname)
        known = {
            "-".join(name.split("-")[start:]): kind
            for kind, names in spellings.items()
            for name in sorted(names)
            for start in range(name.count("-") + 1)
        }
        close = dict.fromkeys(known[name] for name in difflib.get_close_matches(wanted, known, n=3))
        raise UnknownNameError("entry.kind", name=written, close=", ".join(close) or "–")


def kebab(name: str) -> str:
    """A name in small letters with hyphens.

    >>> kebab("ActionPlan"), kebab("rocker- og bandekriminalitet"), kebab("hasFocusArea")
    ('action-plan', 'rocker-og-bandekriminalitet', 'has-focus-area')
    """
    return re.sub(r"[\W_]+", "-", fold(_CAPITAL.sub("-", name))).strip("-")


def _spellings(each: Field) -> set[str]:
    own = {each.name, *map(kebab, each.label.values())}
    local = kebab(local_name(each.iri))
    short = re.sub(r"^(?:has|is)-", "", local)
    return own if each.backwards else own | {local, short}
