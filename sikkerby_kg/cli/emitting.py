"""Writing the result of a query in the format that was asked for."""

import sys

import click

from sikkerby_kg.citations import Citation
from sikkerby_kg.cli.output import is_terminal, terminal_width, write
from sikkerby_kg.cli.words import language, note, say
from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS
from sikkerby_kg.graph import KnowledgeGraph
from sikkerby_kg.results import Result
from sikkerby_kg.shown import as_markdown, as_table
from sikkerby_kg.workbook import as_workbook

FORMATS = ("table", *(f.name for f in RESULT_FORMATS), "md", "xlsx")
"""Formats of solutions: for people (table, md, xlsx) and for programs."""

GRAPH_FORMATS = tuple(f.name for f in RDF_FORMATS)


def emit(
    graph: KnowledgeGraph,
    result: Result,
    name: str,
    output: str | None,
    *,
    heading: str = "",
    empty: str | None = None,
    citation: Citation | None = None,
) -> None:
    """Write a result. A table has its heading above; that it is empty, and why, is said beside it.

    ``citation`` is what a workbook says of where the answer comes from; without one it names the dataset.
    Triples are written as Turtle where a table was asked for. Raises UnknownNameError for a format that the
    result cannot have.
    """
    if result.form == "CONSTRUCT":
        write(result.serialize("ttl" if name == "table" else name, graph.prefixes), output)
        return
    if name == "table":
        content: str | bytes = heading + as_table(result, graph.labels, language(), terminal_width(output))
    elif name == "md":
        content = as_markdown(result, graph.labels, language())
    elif name == "xlsx":
        if output in (None, "-") and is_terminal():
            raise click.UsageError(say("output.binary"))
        content = as_workbook(result, graph.labels, language(), citation or graph.cited(Citation()))
    elif name in FORMATS:
        content = result.serialize(name)
    else:
        raise UnknownNameError("unknown.format", name=name, known=", ".join(FORMATS))
    if name == "table" and result.form == "SELECT":
        _count(result, content if len(result) else heading, output, empty)
        return
    write(content, output)


def _count(result: Result, content: str | bytes, output: str | None, empty: str | None) -> None:
    """Write a table, and say beside it how many rows it has."""
    write(content, output)
    sys.stdout.flush()
    if len(result) == 0:
        note("no_rows")
        if empty:
            note("empty_because", reason=empty)
    else:
        note("one_row" if len(result) == 1 else "rows", count=len(result))
