"""``sikkerby-kg dump``: write every statement."""

from pathlib import Path

from sikkerby_kg.cli.skin import OneOf, OutputFile, Session, command, note, option, write
from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.formats import RDF_FORMATS, rdf_format

NAMES = ("trig", "nq", "ttl", "jsonld", "nt", "xml")


@command("dump")
@option("--format", "-f", "name", type=OneOf(NAMES), metavar="FORMAT")
@option("--output", "-o", type=OutputFile(), metavar="FILE")
def dump(session: Session, name: str | None, output: str | None) -> None:
    """Write all statements; say what a format without named graphs loses."""
    chosen = rdf_format(name or _by_suffix(output))
    graph = session.graph()
    write(graph.dump(chosen.name), output)
    if not chosen.keeps_graphs:
        quads = list(graph.store.quads())
        note(
            "dump.loses",
            format=name or chosen.name,
            graphs=len({quad.graph_name for quad in quads}),
            statements=len({quad.triple for quad in quads}),
            repeated=len(quads) - len({quad.triple for quad in quads}),
            kept=", ".join(f.name for f in RDF_FORMATS if f.keeps_graphs),
        )


def _by_suffix(output: str | None) -> str:
    """The format that the name of the output file asks for, else TriG."""
    suffix = Path(output or "").suffix
    try:
        return rdf_format(suffix).name if suffix else "trig"
    except UnknownNameError:
        return "trig"
