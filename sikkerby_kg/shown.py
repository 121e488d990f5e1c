"""Results as people read them: tables with names and places instead of IRIs and numbers.

Three conventions of column names make a table shorter: ``x`` and ``xLabel`` become one column, and so do
``section``, ``paragraph``, ``sentence`` and ``keyPhrase`` (or ``xSection`` …), which say a place in a text.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolution

from sikkerby_kg import terms
from sikkerby_kg.labels import Labels
from sikkerby_kg.namespaces import MODEL, PREFIXES, XSD, local_name
from sikkerby_kg.results import Result
from sikkerby_kg.tables import markdown, markdown_text, table
from sikkerby_kg.texts import has_text, text
from sikkerby_kg.written import date_text, number_text

_BOOLEAN = PREFIXES["xsd"] + "boolean"
PLACE = ("section", "paragraph", "sentence", "keyPhrase")


@dataclass(frozen=True, slots=True)
class Column:
    """A column to show: its header, the variable of its value, and those of its name or of a place."""

    header: str
    variable: str = ""
    label: str = ""
    place: tuple[str, ...] = ()


def is_made_up(iri: str, label: Literal) -> bool:
    """Whether a label is no more than the end of the IRI, as queries put it where the graph has no name."""
    return not label.language and label.value == local_name(iri)


def as_table(result: Result, labels: Labels, lang: str, width: int | None = None) -> str:
    """The solutions as a table for a terminal of a width (none: one line per row), or yes or no.

    A name has the short form of its IRI below it.
    """
    if result.form == "ASK":
        return _truth(lang, is_true=result.boolean) + "\n"
    columns = columns_of(result.variables, lang)
    rows = [
        ["\n".join(_cell(solution, column, labels, lang, bare=width is None)) for column in columns]
        for solution in result.solutions()
    ]
    return table([column.header for column in columns], rows, width)


def as_markdown(result: Result, labels: Labels, lang: str) -> str:
    """The solutions as a Markdown table in which names link to their IRIs, or yes or no."""
    if result.form == "ASK":
        return _truth(lang, is_true=result.boolean) + "\n"
    columns = columns_of(result.variables, lang)
    rows = [
        [_linked(solution, column, labels, lang) for column in columns] for solution in result.solutions()
    ]
    return markdown([markdown_text(heading_of(column, labels, lang)) for column in columns], rows)


def heading(variable: str, labels: Labels, lang: str) -> str:
    """A variable in words: the software's own, the label of a term of that name, or the name pulled apart.

    The same rule for every content; ``planStart`` is at worst *plan start*.
    """
    if has_text(f"web.column.{variable}"):
        return text(f"web.column.{variable}", lang)
    for name in (variable, variable[:1].upper() + variable[1:]):
        if labels.all(MODEL + name):
            return labels.of(MODEL + name, lang).text
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", variable).lower()


def heading_of(column: Column, labels: Labels, lang: str) -> str:
    """The heading of a column in words."""
    if not column.place:
        return heading(column.variable, labels, lang)
    prefix = re.sub("[sS]ection$", "", column.place[0])
    named = text("column.place", lang)
    return f"{heading(prefix, labels, lang)}: {named}" if prefix else named


def value_text(term: terms.Term, lang: str) -> str:
    """A literal that is a truth value, a day or a number in words, as people write it; empty for any other.

    A year is a name, not an amount; NaN, INF and what needs an exponent is left as it is.
    """
    if not isinstance(term, Literal) or term.datatype.value == XSD.gYear:
        return ""
    match terms.to_python(term):
        case bool() as is_true:
            return _truth(lang, is_true=is_true)
        case dt.date() as day if type(day) is dt.date:
            return date_text(day, lang)
        case int() | Decimal() as number:
            return number_text(number, lang)
        case float() as number if re.fullmatch(r"-?[0-9.]+", repr(number)):
            return number_text(number, lang)
        case _:
            return ""


def columns_of(variables: Sequence[str], lang: str) -> list[Column]:
    """The columns to show for the variables of a result."""
    places = {name: place for place in _places(variables) for name in place}
    columns = []
    for name in variables:
        if name.endswith("Label") and name.removesuffix("Label") in variables:
            continue
        if name not in places:
            label = name + "Label"
            columns.append(Column(name, name, label if label in variables else ""))
        elif name == places[name][0]:
            prefix = name.removesuffix("section").removesuffix("Section")
            header = text("column.place", lang)
            columns.append(Column(f"{prefix}: {header}" if prefix else header, place=places[name]))
    return columns


def _places(variables: Sequence[str]) -> list[tuple[str, ...]]:
    """The groups of variables that say a place: those with the same prefix, where there are at least two."""
    found = []
    for name in variables:
        if name.lower().endswith("section"):
            prefix = name[: -len("section")]
            names = [prefix + part[0].upper() + part[1:] if prefix else part for part in PLACE]
            group = tuple(part for part in names if part in variables)
            if len(group) > 1:
                found.append(group)
    return found


def _cell(solution: QuerySolution, column: Column, labels: Labels, lang: str, *, bare: bool) -> list[str]:
    """The lines of a cell; ``bare`` if they will stand on one line."""
    if column.place:
        return _place(solution, column, lang)
    shown = _plain(solution[column.variable], labels, lang)
    named = _named(solution, column, labels, lang)
    if bare and named and shown:
        shown = f"({shown})"
    return [part for part in (named, shown) if part]


def place_of(solution: QuerySolution, column: Column, lang: str) -> tuple[str, str]:
    """A place in words, and the key phrase; either may be empty."""
    numbers = []
    phrase = ""
    for name in column.place:
        value = str(getattr(solution[name], "value", ""))
        kind = next(part for part in PLACE if name.lower().endswith(part.lower()))
        if kind == "keyPhrase":
            phrase = value
        elif value:
            numbers.append(text(f"place.{kind}", lang, number=value))
    return ", ".join(numbers), phrase


def _place(solution: QuerySolution, column: Column, lang: str) -> list[str]:
    """A place in words, and the key phrase in quotation marks."""
    place, phrase = place_of(solution, column, lang)
    return [part for part in (place, text("value.quoted", lang, value=phrase) if phrase else "") if part]


def _named(solution: QuerySolution, column: Column, labels: Labels, lang: str) -> str:
    """The name beside an IRI; a better one than its end, where there is one."""
    term, label = solution[column.variable], solution[column.label] if column.label else None
    if isinstance(term, NamedNode) and isinstance(label, Literal) and is_made_up(term.value, label):
        return labels.of(term.value, lang).text
    return _plain(label, labels, lang)


def _plain(term: terms.Term | None, labels: Labels, lang: str) -> str:
    match term:
        case None:
            return ""
        case NamedNode():
            return labels.short(term.value)
        case BlankNode():
            return "[…]"
        case Literal() if term.datatype.value == _BOOLEAN:
            return value_text(term, lang) or term.value
        case _:
            return str(getattr(term, "value", term))


def _truth(lang: str, *, is_true: bool) -> str:
    return text("value.true" if is_true else "value.false", lang)


def _linked(solution: QuerySolution, column: Column, labels: Labels, lang: str) -> str:
    if column.place:
        return "\n".join(map(markdown_text, _place(solution, column, lang)))
    term = solution[column.variable]
    name = _named(solution, column, labels, lang)
    written = value_text(term, lang) if isinstance(term, Literal) else ""
    shown = markdown_text(name or written or _plain(term, labels, lang))
    if isinstance(term, NamedNode) and term.value.startswith(("http://", "https://")):
        return f"[{shown}](<{term.value}>)"
    return shown
