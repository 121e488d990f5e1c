"""The query that gives what a section of a page shows, as the page runs it and as readers may change it."""

from collections.abc import Iterator

from flask import url_for

from sikkerby_kg.namespaces import shrink
from sikkerby_kg.server.layouts import Pick, Section, Through
from sikkerby_kg.server.site import site

COLUMNS = "?relation ?backwards ?via ?it ?graph"


def query_of(section: Section, iri: str, *, whole: bool = True) -> str:
    """The query for a section of the page about a thing; only for what lies a step away if not ``whole``."""
    blocks = [*(_pick(pick, iri) for pick in section.picks if whole)]
    blocks += [block for each in section.through for block in _through(each, iri)]
    body = "\n  UNION\n".join(f"  {{ {block} }}" for block in blocks)
    return f"SELECT DISTINCT {COLUMNS}\nWHERE {{\n{body}\n}}\n"


def draft(query: str) -> str:
    """The address of the form that holds a query; nothing is run yet."""
    return url_for("endpoint.sparql", draft=query)


def name(iri: str) -> str:
    """An IRI as it stands in a query: a CURIE where SPARQL allows it."""
    short = shrink(iri, site().graph.prefixes)
    return f"<{iri}>" if short == iri or "/" in short or short.endswith(".") else short


def names(iris: tuple[str, ...]) -> str:
    """Several IRIs as they stand in a query."""
    return " ".join(map(name, iris))


def _pick(pick: Pick, iri: str) -> str:
    thing, relations = name(iri), f"VALUES ?relation {{ {names(pick.properties)} }}"
    if pick.backwards:
        found = f"{relations} GRAPH ?graph {{ ?it ?relation {thing} }} BIND(true AS ?backwards)"
    else:
        found = f"{relations} GRAPH ?graph {{ {thing} ?relation ?it }}"
    if pick.kinds:
        narrower = tuple(sorted({each for kind in pick.kinds for each in site().kinds.with_subclasses(kind)}))
        found += f" ?it a ?kind . VALUES ?kind {{ {names(narrower)} }}"
    return found


def _through(through: Through, iri: str) -> Iterator[str]:
    step = f"{name(iri)} {through.path} ?via ."
    if through.outgoing:
        yield f"{step} VALUES ?relation {{ {names(through.outgoing)} }} GRAPH ?graph {{ ?via ?relation ?it }}"
    if through.incoming:
        relations = f"VALUES ?relation {{ {names(through.incoming)} }}"
        yield f"{step} {relations} GRAPH ?graph {{ ?it ?relation ?via }} BIND(true AS ?backwards)"
