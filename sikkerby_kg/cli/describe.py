"""``sikkerby-kg describe``: everything that is stated about one thing, with its sources."""

import contextlib
import json
from typing import Any

import click
from click.shell_completion import CompletionItem

from sikkerby_kg import terms
from sikkerby_kg.cli.skin import OneOf, OutputFile, Session, command, language, option, say, write
from sikkerby_kg.cli.words import asked_root
from sikkerby_kg.description import Description, Statement
from sikkerby_kg.errors import SikkerbyError
from sikkerby_kg.graph import KnowledgeGraph, open_graph
from sikkerby_kg.sources import Passage, Source
from sikkerby_kg.tables import printable
from sikkerby_kg.texts import text

_THINGS = "SELECT DISTINCT ?thing { ?thing a ?class FILTER(isIRI(?thing)) }"


def _complete_thing(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The CURIEs of what the content names, and the ends of its IRIs; nothing where it cannot be used."""
    with contextlib.suppress(SikkerbyError):
        graph = open_graph(asked_root(ctx), "memory")
        iris = [terms.to_python(it) for (it,) in graph.store.evaluate(_THINGS).solutions()]
        names = {graph.labels.short(iri) for iri in iris if iri.startswith(graph.base)} - set(iris)
        slugs = {name.rpartition(":")[2] for name in names} if incomplete and ":" not in incomplete else set()
        return [CompletionItem(name) for name in sorted(names | slugs) if name.startswith(incomplete)]
    return []


@command("describe")
@click.argument("thing", metavar="IRI|CURIE|NAME", shell_complete=_complete_thing)
@option("--format", "-f", "name_of_format", type=OneOf(("text", "json")), default="text", metavar="FORMAT")
@option("--output", "-o", type=OutputFile(), metavar="FILE")
def describe(session: Session, thing: str, name_of_format: str, output: str | None) -> None:
    """Print what is stated about a thing, in both directions, and for each statement where it comes from."""
    graph = session.graph()
    description = graph.describe(thing, language())
    if name_of_format == "json":
        write(json.dumps(_as_json(description), ensure_ascii=False, indent=2) + "\n", output)
    else:
        write(_as_text(graph, description), output)


def _as_text(graph: KnowledgeGraph, description: Description) -> str:
    lines = [description.label.text]
    lines += [
        f"{name} ({lang})" for lang, name in description.labels.items() if lang != description.label.language
    ]
    lines += [", ".join(kind.label.text for kind in description.types)] if description.types else []
    short = graph.labels.short(description.iri)
    lines += [short] if short != description.iri else []
    lines += [description.iri]
    documents = _documents(description)
    for title, sections in documents.items():
        lines += ["", say("document", title=title), *(f"  {section}" for section in sorted(sections))]
    page = _Page(graph, names_documents=len(documents) > 1)
    for key, statements in (("outgoing", description.outgoing), ("incoming", description.incoming)):
        if statements:
            lines += ["", say(key), *page.statements(statements)]
    return "\n".join(map(printable, lines)) + "\n"


def _documents(description: Description) -> dict[str, set[str]]:
    """Title of each document that statements were read from → its sections, with number and title."""
    documents: dict[str, set[str]] = {}
    for statement in (*description.outgoing, *description.incoming):
        for source in statement.sources:
            for passage in source.passages:
                sections = documents.setdefault(
                    passage.document.label.text if passage.document else "–", set()
                )
                if passage.section:
                    place = text("place.section", language(), number=passage.section_number)
                    sections.add(f"{place}: {passage.section.label.text}")
    return documents


class _Page:
    """Statements as lines: the property, its values, and below each value where it comes from."""

    def __init__(self, graph: KnowledgeGraph, *, names_documents: bool) -> None:
        self.graph = graph
        self.names_documents = names_documents

    def statements(self, statements: tuple[Statement, ...], indent: str = "  ") -> list[str]:
        lines = []
        last = ""
        for statement in statements:
            if statement.property.iri != last:
                lines.append(indent + statement.property.label.text)
                last = statement.property.iri
            lines.append(f"{indent}  {self.value(statement)}")
            lines += self.statements(statement.inner, indent + "    ")
            lines += [f"{indent}    ← {self.source(source)}" for source in statement.sources]
        return lines

    def value(self, statement: Statement) -> str:
        value = statement.value
        if value.iri is None:
            language_of = value.label.language
            return f"{value.label.text} ({language_of})" if language_of else value.label.text
        short = self.graph.labels.short(value.iri)
        return short if short == value.label.text else f"{value.label.text} ({short})"

    def source(self, source: Source) -> str:
        if not source.passages:
            return source.words(language())
        return "; ".join(self.place(passage) for passage in source.passages)

    def place(self, passage: Passage) -> str:
        place = passage.words(language())
        if self.names_documents and passage.document:
            place = f"{passage.document.label.text}, {place}"
        if passage.key_phrase is None:
            return place
        return f"{place}: {text('value.quoted', language(), value=passage.key_phrase)}"


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
