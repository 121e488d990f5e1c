"""``sikkerby-kg sparql``: answer a query of one's own."""

import sys
from pathlib import Path

import click

from sikkerby_kg.citations import Citation
from sikkerby_kg.cli.emitting import FORMATS, GRAPH_FORMATS, emit
from sikkerby_kg.cli.skin import OneOf, OutputFile, Session, command, language, option
from sikkerby_kg.errors import ContentError


@command("sparql")
@click.argument("file", metavar="FILE|-")
@option(
    "--format",
    "-f",
    "name_of_format",
    type=OneOf((*FORMATS, *GRAPH_FORMATS)),
    default="table",
    metavar="FORMAT",
)
@option("--output", "-o", type=OutputFile(), metavar="FILE")
def sparql(session: Session, file: str, name_of_format: str, output: str | None) -> None:
    """Answer the SPARQL 1.1 query in a file, or on standard input."""
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ContentError("content.unreadable", path=file, problem=error) from error
    graph = session.graph()
    citation = graph.cited(Citation(sparql=text), language())
    emit(graph, graph.sparql(text), name_of_format, output, citation=citation)
