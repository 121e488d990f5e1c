"""The formats that are read and written: name ↔ media type ↔ suffix, and choosing one by Accept header."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import QueryResultsFormat, RdfFormat

from sikkerby_kg.errors import UnknownNameError


@dataclass(frozen=True, slots=True)
class Format:
    """A serialisation: its name is also the file suffix; ``also`` lists other media types for it."""

    name: str
    media_type: str
    also: tuple[str, ...] = ()
    keeps_graphs: bool = False
    rdf: RdfFormat | None = None
    results: QueryResultsFormat | None = None


RDF_FORMATS: tuple[Format, ...] = (
    Format("ttl", "text/turtle", rdf=RdfFormat.TURTLE),
    Format("trig", "application/trig", keeps_graphs=True, rdf=RdfFormat.TRIG),
    Format("jsonld", "application/ld+json", ("application/json",), keeps_graphs=True, rdf=RdfFormat.JSON_LD),
    Format("nt", "application/n-triples", ("text/plain",), rdf=RdfFormat.N_TRIPLES),
    Format("nq", "application/n-quads", keeps_graphs=True, rdf=RdfFormat.N_QUADS),
    Format("rdf", "application/rdf+xml", ("application/xml", "text/xml"), rdf=RdfFormat.RDF_XML),
)
"""Formats for graphs; the first is the default."""

RESULT_FORMATS: tuple[Format, ...] = (
    Format(
        "json",
        "application/sparql-results+json",
        ("application/json",),
        results=QueryResultsFormat.JSON,
    ),
    Format(
        "xml",
        "application/sparql-results+xml",
        ("application/xml", "text/xml"),
        results=QueryResultsFormat.XML,
    ),
    Format("csv", "text/csv", results=QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", results=QueryResultsFormat.TSV),
)
"""Formats for the solutions of a SELECT and the answer of an ASK; the first is the default."""

_RDF_NAMES = {"xml": "rdf", "turtle": "ttl", "json-ld": "jsonld", "nquads": "nq", "ntriples": "nt"}


def rdf_format(name: str) -> Format:
    """The graph format with a name or suffix; ``xml`` means RDF/XML. Raises UnknownNameError."""
    wanted = name.lower().lstrip(".")
    return _named(_RDF_NAMES.get(wanted, wanted), RDF_FORMATS)


def result_format(name: str) -> Format:
    """The results format with a name or suffix. Raises UnknownNameError."""
    return _named(name.lower().lstrip("."), RESULT_FORMATS)


def _named(name: str, formats: Sequence[Format]) -> Format:
    for candidate in formats:
        if candidate.name == name:
            return candidate
    raise UnknownNameError("unknown.format", name=name, known=", ".join(f.name for f in formats))


def negotiate(accept: str | None, offered: Sequence[Format]) -> Format | None:
    """The offered format that an Accept header likes best, or None if it likes none (RFC 9110 §12.5.1).

    No header, or an empty one, likes everything. Among equals the one offered first wins.

    >>> negotiate("text/html;q=0.5, application/trig", RDF_FORMATS).name
    'trig'
    """
    if accept is None or not accept.strip():
        return offered[0] if offered else None
    ranges = _ranges(accept)
    best: Format | None = None
    best_quality = 0.0
    for candidate in offered:
        named = [q for media_range, q in ranges if media_range in candidate.also]
        quality = max([_quality(candidate.media_type, ranges), *named])
        if quality > best_quality:
            best, best_quality = candidate, quality
    return best


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Media range and quality of each element of an Accept header; other parameters are left out."""
    ranges = []
    for element in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in element.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = _number(value)
        ranges.append((media_range, quality))
    return ranges


def _number(value: str) -> float:
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    """The quality that the most specific matching range gives a media type."""
    kind = media_type.partition("/")[0]
    for wanted in (media_type, f"{kind}/*", "*/*"):
        found = [quality for media_range, quality in ranges if media_range == wanted]
        if found:
            return max(found)
    return 0.0
