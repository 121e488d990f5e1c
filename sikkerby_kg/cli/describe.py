"""``sikkerby-kg describe``: everything that is stated about one thing, with its sources."""

import json
from typing import Any

import click

from sikkerby_kg.cli.skin import OneOf, Session, command, language, option, say, write
from sikkerby_kg.description import Description, Statement
from sikkerby_kg.graph import KnowledgeGraph
from sikkerby_kg.sources import Source
from sikkerby_kg.tables import printable
from sikkerby_kg.texts import text


@command("describe")
@click.argument("thing", metavar="IRI|CURIE|NAME")
@option("--format", "-f", "name_of_format", type=OneOf(("text", "json")), default="text", metavar="FORMAT")
@option("--output", "-o", type=click.Path(dir_okay=False, allow_dash=True), metavar="FILE")
def describe(session: Session, thing: str, name_of_format: str, output: str | None) -> None:
    """Print what is stated about a thing, in both directions, and for each statement where it comes from."""
    graph = session.graph()
    description = graph.describe(thing, language())
    if name_of_format == "json":
        write(json.dumps(_as_json(description), ensure_ascii=False, indent=2) + "\n", output)
    else:
        write(_as_text(graph, description), output)


def _as_text(graph: KnowledgeGraph, description: Description) -> str:
    kinds = ", ".join(kind.label.text for kind in description.types)
    lines = [description.label.text]
    lines += [
        f"{name} ({lang})" for lang, name in description.labels.items() if lang != description.label.language
    ]
    lines += [kinds] if kinds else []
    short = graph.labels.short(description.iri)
    lines += [short] if short != description.iri else []
    lines += [description.iri]
    for key, statements in (("outgoing", description.outgoing), ("incoming", description.incoming)):
        if statements:
            lines += ["", say(key), *_statements(graph, statements)]
    return "\n".join(map(printable, lines)) + "\n"


def _statements(graph: KnowledgeGraph, statements: tuple[Statement, ...], indent: str = "  ") -> list[str]:
    """A line for each property, then its values with their sources."""
    lines = []
    last = ""
    for statement in statements:
        if statement.property.iri != last:
            lines.append(indent + statement.property.label.text)
            last = statement.property.iri
        lines.append(f"{indent}  {_value(graph, statement)}")
        lines += _statements(graph, statement.inner, indent + "    ")
        lines += [f"{indent}    ← {_source(source)}" for source in statement.sources]
    return lines


def _value(graph: KnowledgeGraph, statement: Statement) -> str:
    value = statement.value
    if value.iri is None:
        return f"{value.label.text} ({value.label.language})" if value.label.language else value.label.text
    short = graph.labels.short(value.iri)
    return short if short == value.label.text else f"{value.label.text} ({short})"


def _source(source: Source) -> str:
    """A source in words, with key phrases and the document."""
    lang = language()
    if not source.passages:
        return source.words(lang)
    places = []
    for passage in source.passages:
        parts = [passage.document.label.text] if passage.document else []
        parts.append(passage.words(lang))
        place = ", ".join(parts)
        places.append(
            f"{place}: {text('value.quoted', lang, value=passage.key_phrase)}"
            if passage.key_phrase
            else place
        )
    return "; ".join(places)


def _as_json(description: Description) -> dict[str, Any]:
    return {
        "iri": description.iri,
        "labels": dict(description.labels),
        "types": [kind.iri for kind in description.types],
        "outgoing": [_statement_json(statement) for statement in description.outgoing],
        "incoming": [_statement_json(statement) for statement in description.incoming],
    }


def _statement_json(statement: Statement) -> dict[str, Any]:
    term = statement.value.term
    value: dict[str, Any] = {"value": str(term), "label": statement.value.label.text}
    for name in ("language", "datatype"):
        if getattr(term, name, None):
            value[name] = str(getattr(term, name))
    value["type"] = {"URIRef": "iri", "BNode": "blank"}.get(type(term).__name__, "literal")
    found: dict[str, Any] = {"property": statement.property.iri, "value": value}
    if statement.inner:
        found["inner"] = [_statement_json(inner) for inner in statement.inner]
    if statement.sources:
        found["sources"] = [_source_json(source) for source in statement.sources]
    return found


def _source_json(source: Source) -> dict[str, Any]:
    return {
        "graph": source.graph.iri,
        "origin": source.origin.iri if source.origin else None,
        "attributedTo": source.attributed_to.iri if source.attributed_to else None,
        "pages": [page.iri for page in source.pages],
        "passages": [
            {
                "iri": passage.iri,
                "document": passage.document.iri if passage.document else None,
                "section": passage.section_number,
                "sectionTitle": passage.section.label.text if passage.section else None,
                "paragraph": passage.paragraph,
                "sentence": passage.sentence,
                "keyPhrase": passage.key_phrase,
                "start": passage.start,
                "end": passage.end,
            }
            for passage in source.passages
        ],
    }
