"""What an answer answers and rests on, in words: the question, its values, and the dataset at a version."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.about import About
from sikkerby_kg.labels import Label, Labels
from sikkerby_kg.namespaces import MODEL
from sikkerby_kg.parameters import Parameter
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.shown import heading, value_text
from sikkerby_kg.texts import text
from sikkerby_kg.written import date_text


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a question was asked with: its parameter, its name, and what it is, in words."""

    parameter: str
    name: str
    text: str
    language: str = ""
    is_given: bool = True

    @property
    def label(self) -> Label:
        """What it is, with the language of that."""
        return Label(self.text, self.language)


@dataclass(frozen=True, slots=True)
class Citation:
    """What is needed to cite an answer, and to get it again.

    ``day`` is that of the last change of the dataset; ``license`` and ``url`` are addresses; what is not
    known is empty. ``meanings`` explains columns, by their variables.
    """

    question: str = ""
    description: str = ""
    values: Sequence[Value] = ()
    empty: str = ""
    dataset: str = ""
    version: str = ""
    day: dt.date | None = None
    license: str = ""
    url: str = ""
    sparql: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)

    def words(self, lang: str) -> str:
        """The citation as one line: question, values, dataset, version, day and address."""
        asked = "; ".join(f"{value.name}: {value.text}" for value in self.values)
        version = text("cite.version", lang, version=self.version) if self.version else ""
        dataset = (self.dataset, version, date_text(self.day, lang) if self.day else "")
        parts = [
            self.question + (f" ({asked})" if asked else ""),
            ", ".join(part for part in dataset if part),
        ]
        sentences = (part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)
        return " ".join((*sentences, self.url)).strip()


@dataclass(frozen=True, slots=True)
class Words:
    """A part of a description in words; ``query`` is the saved query that it names, if it does."""

    text: str
    query: str = ""


def of_dataset(citation: Citation, about: About, lang: str) -> Citation:
    """A citation that also names the dataset, as that says of itself."""
    return replace(
        citation,
        dataset=about.in_language(about.title, lang),
        version=about.version or "",
        day=_day(about.modified),
        license=about.license or "",
    )


def described(
    saved: SavedQuery, queries: Mapping[str, SavedQuery], labels: Labels, lang: str
) -> Iterator[Words]:
    """The description of a query: its columns in words, other queries by their titles."""
    names = "|".join(sorted(map(re.escape, saved.columns), key=len, reverse=True))
    pattern = rf"(?<=[»'])({names or '(?!)'})(?=[«'])|([a-z]+(?:-[a-z]+)+)"
    done = 0
    description = saved.description[lang]
    for match in re.finditer(pattern, description):
        column, name = match.groups()
        found = Words(heading(column, labels, lang)) if column else None
        if name in queries and name != saved.name:
            found = Words(queries[name].title[lang], name)
        if found:
            yield Words(description[done : match.start()])
            yield found
            done = match.end()
    yield Words(description[done:])


def values_of(saved: SavedQuery, given: Mapping[str, str], labels: Labels, lang: str) -> list[Value]:
    """The values that a saved query is answered with, given or by default; the language is none of them.

    Raises ParameterError for a value that does not fit its type.
    """
    found = []
    for parameter in saved.parameters:
        value = given.get(parameter.name) or parameter.default
        if parameter.type != "language" and value is not None:
            found.append(_value(parameter, parameter.term(value, labels.prefixes), labels, lang, given))
    return found


def meanings_of(
    saved: SavedQuery, definitions: Mapping[str, Mapping[str, str]], lang: str
) -> Iterator[tuple[str, str]]:
    """What the terms mean that columns have their names from."""
    for column in saved.columns:
        for name in (column, column[:1].upper() + column[1:]):
            meaning = definitions.get(MODEL + name, {}).get(lang)
            if meaning:
                yield column, meaning
                break


def _value(
    parameter: Parameter, term: NamedNode | Literal, labels: Labels, lang: str, given: Mapping[str, str]
) -> Value:
    is_given = bool(given.get(parameter.name))
    name = parameter.label[lang]
    if isinstance(term, NamedNode):
        label = labels.of(term.value, lang)
        return Value(parameter.name, name, label.text, label.language, is_given)
    return Value(parameter.name, name, value_text(term, lang) or term.value, "", is_given)


def _day(written: str | None) -> dt.date | None:
    """The day of a date or of a point in time; None for anything else."""
    try:
        return dt.date.fromisoformat((written or "")[:10])
    except ValueError:
        return None
