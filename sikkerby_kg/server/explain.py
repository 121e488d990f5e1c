"""The query that gives what a section of a page shows, as the page runs it and as readers may change it."""

from collections.abc import Callable, Iterable, Iterator

from flask import url_for

from sikkerby_kg.server.layouts import Pick, Section, Through
from sikkerby_kg.server.site import site

COLUMNS = "?relation ?backwards ?via ?it ?graph"


def query_of(section: Section, iri: str) -> str:
    """The query for a section of the page about a thing, as readers see it."""
    blocks = [_pick(pick, iri) for pick in section.picks]
    blocks += [block for each in section.through for block in _through(each, iri, name)]
    return _select(blocks)


def query_through(section: Section, iri: str) -> str:
    """The query for what lies a step away in a section, with IRIs in full: no prefix needs to be known."""
    return _select([block for each in section.through for block in _through(each, iri, _in_full)])


def _select(blocks: Iterable[str]) -> str:
    body = "\n  UNION\n".join(f"  {{ {block} }}" for block in blocks)
    return f"SELECT DISTINCT {COLUMNS}\nWHERE {{\n{body}\n}}\n"


def draft(query: str) -> str:
    """The address of the form that holds a query; nothing is run yet."""
    return url_for("endpoint.sparql", draft=query)


def name(iri: str) -> str:
    """An IRI as it stands in a query: a CURIE where SPARQL allows it."""
    short = site().short(iri)
    return f"<{iri}>" if "/" in short or short.endswith(".") else short


def names(iris: Iterable[str], write: Callable[[str], str] = name) -> str:
    """Several IRIs as they stand in a query."""
    return " ".join(map(write, iris))


def _in_full(iri: str) -> str:
    return f"<{iri}>"


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


def _through(through: Through, iri: str, write: Callable[[str], str]) -> Iterator[str]:
    step = f"{write(iri)} {through.path} ?via ."
    if through.outgoing:
        relations = f"VALUES ?relation {{ {names(through.outgoing, write)} }}"
        yield f"{step} {relations} GRAPH ?graph {{ ?via ?relation ?it }}"
    if through.incoming:
        relations = f"VALUES ?relation {{ {names(through.incoming, write)} }}"
        yield f"{step} {relations} GRAPH ?graph {{ ?it ?relation ?via }} BIND(true AS ?backwards)"
