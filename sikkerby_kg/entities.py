"""Finding the thing that somebody means: by IRI, CURIE, the end of an IRI, or name."""

import difflib
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from sikkerby_kg import terms
from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.labels import LABEL_PROPERTIES, Labels
from sikkerby_kg.namespaces import expand
from sikkerby_kg.stores import Store

_SUBJECTS = "SELECT DISTINCT ?thing WHERE { ?thing ?property ?value . FILTER(isIRI(?thing)) }"
_NAMED = """SELECT DISTINCT ?thing WHERE {{
  VALUES ?property {{ {properties} }}
  ?thing ?property ?label .
  FILTER(isIRI(?thing) && LCASE(STR(?label)) = LCASE({label}))
}}"""
_MENTIONED = "ASK {{ {{ {thing} ?p ?o }} UNION {{ ?s ?p {thing} }} UNION {{ ?s {thing} ?o }} }}"
_SHOWN = 8


def resolve(store: Store, labels: Labels, text: str, prefixes: Mapping[str, str], base: str) -> str:
    """The IRI that a text means: an IRI, a CURIE, the end of an IRI under the base, or a name.

    Raises UnknownNameError if the graph states nothing about it, or if it may mean several things.
    """
    wanted = str(getattr(text, "value", text)).strip()  # of a term, too
    iri = wanted.removeprefix("<").removesuffix(">")
    iri = expand(iri, prefixes) or iri
    if _is_mentioned(store, iri):
        return iri
    subjects = [terms.to_python(thing) for (thing,) in store.evaluate(_SUBJECTS).solutions()]
    found = _ending(subjects, wanted, base) or _named(store, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        candidates = ", ".join(labels.short(candidate) for candidate in sorted(found)[:_SHOWN])
        raise UnknownNameError("unknown.ambiguous", name=wanted, candidates=candidates)
    slugs = {_slug(subject): subject for subject in subjects if subject.startswith(base)}
    close = difflib.get_close_matches(_slug(iri), slugs, n=3)
    raise UnknownNameError(
        "unknown.entity", name=wanted, close=", ".join(labels.short(slugs[slug]) for slug in close) or "–"
    )


def _is_mentioned(store: Store, iri: str) -> bool:
    try:
        thing = NamedNode(iri)
    except ValueError:
        return False
    return store.evaluate(_MENTIONED.format(thing=thing)).boolean


def _ending(subjects: list[str], text: str, base: str) -> list[str]:
    """The IRIs under the base that end with a text; things (…/id/…) before graphs, concepts and the like."""
    if not text or not base:
        return []
    found = [iri for iri in subjects if iri.startswith(base) and iri.endswith((f"/{text}", f"#{text}"))]
    things = [iri for iri in found if iri.startswith(f"{base}id/")]
    return things or found


def _named(store: Store, text: str) -> list[str]:
    properties = " ".join(f"<{name}>" for name in LABEL_PROPERTIES)
    query = _NAMED.format(properties=properties, label=terms.to_sparql(Literal(text)))
    return [terms.to_python(thing) for (thing,) in store.evaluate(query).solutions()]


def _slug(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
