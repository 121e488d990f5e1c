"""The formats that are read and written: name ↔ media type ↔ suffix, and choosing one by Accept header."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import QueryResultsFormat, RdfFormat

from sikkerby_kg.errors import UnknownNameError


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """A serialisation: its name is also the file suffix; ``also`` lists other media types for it.

    There is one object for each, so that they are compared by identity.
    """

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
    wanted = str(name).lower().lstrip(".")
    return _named(_RDF_NAMES.get(wanted, wanted), RDF_FORMATS)


def result_format(name: str) -> Format:
    """The results format with a name or suffix. Raises UnknownNameError."""
    return _named(name.lower().lstrip("."), RESULT_FORMATS)


def _named(name: str, formats: Sequence[Format]) -> Format:
    for candidate in formats:
        if candidate.name == name:
            return candidate
    raise UnknownNameError(
        "unknown.format",
        name=name,
        known=", ".join("rdf (xml)" if f.name == "rdf" else f.name for f in formats),
    )


def negotiate(accept: str | None, offered: Sequence[Format]) -> Format | None:
    """The offered format that an Accept header likes best, or None if it likes none (RFC 9110 §12.5.1).

    No header, or an empty one, likes everything. Among equals the one offered first wins.

    >>> negotiate("text/html;q=0.5, application/trig", RDF_FORMATS).name
    'trig'
    """
    if accept is None or not accept.strip():
        return offered[0] if offered else None
    choose = _kept_best if len(accept) <= _USUAL else _best
    return choose(accept, tuple(offered))


def _best(accept: str, offered: tuple[Format, ...]) -> Format | None:
    best: Format | None = None
    best_quality = 0.0
    for candidate in offered:
        quality = quality_of(candidate, accept)
        if quality > best_quality:
            best, best_quality = candidate, quality
    return best


def quality_of(candidate: Format, accept: str, *, by_name: bool = False) -> float:
    """How much an Accept header likes a format, from 0 to 1; ``by_name``: wildcards do not count."""
    ranges = media_ranges(accept)
    named = [quality for media_range, quality in ranges if media_range in candidate.also]
    return max([_quality(candidate.media_type, ranges, by_name=by_name), *named])


def media_ranges(accept: str) -> tuple[tuple[str, float], ...]:
    """Media range and quality of each element of an Accept header (RFC 9110 §12.5.1).

    Parameters that ask for what is never written, such as another encoding than UTF-8, make an element
    nothing; others are hints that are left out.
    """
    return _kept_ranges(accept) if len(accept) <= _USUAL else _ranges(accept)


def _ranges(accept: str) -> tuple[tuple[str, float], ...]:
    ranges = []
    for element in filter(None, _split(accept, ",")):
        media_range, *parameters = (part.strip().lower() for part in _split(element, ";"))
        media_range = "*/*" if media_range == "*" else media_range  # Java's own client, too
        quality = 1.0
        for parameter in parameters:
            name, _, value = (part.strip() for part in parameter.partition("="))
            if name == "q":
                quality = _number(value)
                break  # what follows the weight is no parameter of the media type
            if name in _WRITTEN and value.strip('"') not in _WRITTEN[name]:
                media_range = ""
        if media_range:
            ranges.append((media_range, quality))
    return tuple(ranges)


_kept_ranges = lru_cache(maxsize=512)(_ranges)
_kept_best = lru_cache(maxsize=512)(_best)
_USUAL = 500  # characters: a longer header is not worth its memory

_WRITTEN = {"charset": ("utf-8", "utf8"), "header": ("present",)}
"""Parameters of media types, and which of their values are true of what is written."""


def _split(text: str, separator: str) -> list[str]:
    """The parts of a header between separators that are not in a quoted string.

    >>> _split('a;p="x,y", b', ",")
    ['a;p="x,y"', ' b']
    """
    parts = []
    start = 0
    for match in _QUOTED_OR_SEPARATOR[separator].finditer(text):
        if match[0] == separator:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


_QUOTED_OR_SEPARATOR = {
    separator: re.compile(rf'{separator}|"(?:[^"\\]|\\.)*+"?', re.DOTALL) for separator in ",;"
}
"""What splits a header, and the quoted strings in which nothing does; one that never ends takes the rest."""


def _number(value: str) -> float:
    """A weight (RFC 9110 §12.4.2); what is none counts as 0."""
    return float(value) if _WEIGHT.fullmatch(value) else 0.0


_WEIGHT = re.compile(r"0?\.[0-9]{1,3}|0\.?|1(?:\.0{0,3})?")  # Java's own client writes .2


def _quality(media_type: str, ranges: Sequence[tuple[str, float]], *, by_name: bool = False) -> float:
    """The quality that the most specific matching range gives a media type."""
    kind = media_type.partition("/")[0]
    for wanted in (media_type,) if by_name else (media_type, f"{kind}/*", "*/*"):
        found = [quality for media_range, quality in ranges if media_range == wanted]
        if found:
            return max(found)
    return 0.0
