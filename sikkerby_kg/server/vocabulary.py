"""What an editor of queries suggests: the classes, properties and things of the graph with their names."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, make_response
from pyoxigraph import NamedNode

from sikkerby_kg.labels import LABEL_PROPERTIES
from sikkerby_kg.namespaces import RDF, SH, SKOS, shrink
from sikkerby_kg.server.kinds import SOURCE_CLASSES
from sikkerby_kg.server.site import site
from sikkerby_kg.texts import LANGUAGES

blueprint = Blueprint("vocabulary", __name__)

MOST = 1_500
"""Things with a name that are listed; where there are more, ``/search`` finds the others."""

_PROPERTIES = "SELECT DISTINCT ?name WHERE { ?thing ?name ?value }"
_THINGS = f"""SELECT DISTINCT ?thing WHERE {{{{
  VALUES ?label {{{{ {{labels}} }}}}
  ?thing a ?kind ; ?label ?name .
  FILTER(isIRI(?thing) && ?kind NOT IN ({{sources}}) && !STRSTARTS(STR(?kind), "{SH}"))
  FILTER NOT EXISTS {{{{ ?thing a <{SKOS.ConceptScheme}> }}}}
}}}} ORDER BY ?thing LIMIT {MOST + 1}"""

Entry = dict[str, Any]


@blueprint.get("/vocab.json")
def vocabulary() -> Response:
    """Answer with prefixes and terms: each with its name in a query, its kind, and its labels by language.

    ``complete`` is false where the graph has more named things than are listed.
    """
    things = _things()
    listed = [
        *_entries("class", sorted({*_declared("class"), *site().kinds.direct})),
        *_entries("property", sorted({*_declared("property"), *_used_properties()})),
    ]
    known = {entry["iri"] for entry in listed}
    listed += _entries("thing", [iri for iri in things[:MOST] if iri not in known])
    found = {
        "prefixes": dict(sorted(site().graph.prefixes.items())),
        "terms": listed,
        "complete": len(things) <= MOST,
    }
    response = make_response(json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n")
    response.content_type = "application/json"
    return response


def _declared(kind: str) -> list[str]:
    """The classes or properties that the content declares and has not retired."""
    return [term.iri for term in site().terms.values() if term.kind == kind and not term.deprecated]


def _used_properties() -> list[str]:
    found = site().graph.store.evaluate(_PROPERTIES).solutions()
    return [name.value for (name,) in found if isinstance(name, NamedNode)]


def _things() -> list[str]:
    """The things that have a name; passages and the graphs of statements are found by their place."""
    query = _THINGS.format(
        labels=" ".join(f"<{name}>" for name in LABEL_PROPERTIES),
        sources=", ".join(f"<{name}>" for name in sorted(SOURCE_CLASSES)),
    )
    found = site().graph.store.evaluate(query).solutions()
    return [thing.value for (thing,) in found if isinstance(thing, NamedNode)]


def _entries(kind: str, iris: Sequence[str]) -> Iterator[Entry]:
    """The entries of some IRIs; what a label does not say in a language is left out."""
    labels, prefixes = site().graph.labels, site().graph.prefixes
    labels.prefetch(iris)
    for iri in iris:
        if iri == RDF.type:  # written as "a"
            continue
        names = {lang: labels.of(iri, lang) for lang in LANGUAGES}
        entry: Entry = {"iri": iri, "kind": kind}
        short = shrink(iri, prefixes)
        if short != iri and "/" not in short:
            entry["name"] = short
        said = {lang: name.text for lang, name in names.items() if name.language in (lang, "")}
        entry["labels"] = said or {name.language: name.text for name in names.values()}
        yield entry
