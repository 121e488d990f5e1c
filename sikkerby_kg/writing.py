"""Writing statements with the prefixes that they use, in an order that is the same in every process."""

import re
from collections.abc import Iterable, Mapping
from io import BytesIO

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from sikkerby_kg.errors import UnwritableError
from sikkerby_kg.formats import Format
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.xml_text import well_formed_rdf

_TURTLE_PREFIXES = re.compile(rb"\A(?:@prefix [^\n]*\n)+")
_XML_PREFIXES = re.compile(rb'(?<=<rdf:RDF)(?: xmlns:[\w.-]+="[^"]*")+')


def write_rdf(
    statements: Iterable[Quad] | Iterable[Triple], wanted: Format, prefixes: Mapping[str, str] = PREFIXES
) -> bytes:
    """The statements in a format, sorted; only the prefixes that they use are declared.

    Quads in a format without graphs lose their graphs. Raises UnwritableError for what it cannot hold.
    """
    ordered = sorted(statements, key=_order)
    used = _used(ordered, prefixes)
    if not wanted.keeps_graphs:
        ordered = [quad.triple if isinstance(quad, Quad) else quad for quad in ordered]
    written = serialized(ordered, wanted, used)
    # Oxigraph writes prefixes in the order of a hash table, another one in every process.
    written = _TURTLE_PREFIXES.sub(
        lambda m: b"".join(sorted(m[0].splitlines(keepends=True))), written, count=1
    )
    if wanted.rdf != RdfFormat.RDF_XML:
        return written
    return _XML_PREFIXES.sub(lambda m: b" " + b" ".join(sorted(m[0].split())), written, count=1)


def serialized(
    statements: Iterable[Quad] | Iterable[Triple],
    wanted: Format,
    prefixes: dict[str, str],
    output: BytesIO | None = None,
) -> bytes:
    """The statements in a format as the engine writes them, in turn; by way of ``output`` if one is given.

    Raises UnwritableError for what the format cannot hold.
    """
    try:
        written = serialize(statements, output, format=wanted.rdf, prefixes=prefixes)
    except OSError as error:
        if wanted.rdf == RdfFormat.JSON_LD and "RDF 1.2" in str(error):
            raise UnwritableError("unwritable.triple") from error
        raise
    written = output.getvalue() if output else written or b""
    return well_formed_rdf(written) if wanted.rdf == RdfFormat.RDF_XML else written


def _order(statement: Quad | Triple) -> tuple[str, ...]:
    graph = str(statement.graph_name) if isinstance(statement, Quad) else ""
    return graph, str(statement.subject), str(statement.predicate), str(statement.object)


def _used(statements: Iterable[Quad | Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Those of the prefixes in whose namespace something is."""
    iris = set()
    for statement in statements:
        graph = statement.graph_name if isinstance(statement, Quad) else None
        for term in (statement.subject, statement.predicate, statement.object, graph):
            if isinstance(term, NamedNode):
                iris.add(term.value)
            elif isinstance(term, Literal):
                iris.add(term.datatype.value)
    return {name: ns for name, ns in prefixes.items() if any(iri.startswith(ns) for iri in iris)}
