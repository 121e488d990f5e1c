"""Files to take home, as of the date in the address: without what came later, and saying so."""

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from sikkerby_kg.namespaces import DCAT, DCT, SKOS, XSD
from sikkerby_kg.server.as_of import as_of
from sikkerby_kg.server.moments import later
from sikkerby_kg.server.site import site
from sikkerby_kg.texts import LANGUAGES, text
from sikkerby_kg.written import date_text

_GRAPHS = "SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ {dataset} a <{kind}> }} }} ORDER BY ?graph"


def as_it_stood(quads: Iterable[Quad]) -> list[Quad]:
    """The statements whose subject and object were there at the date; all of them for the newest state."""
    unknown = later()
    if not unknown:
        return list(quads)
    return [
        quad for quad in quads if _name(quad.subject) not in unknown and _name(quad.object) not in unknown
    ]


def note_of() -> Iterator[Quad]:
    """What a file says of its date: ``dct:valid`` and a note of the dataset, beside its description."""
    day, about = as_of(), site().about
    if day is None or about is None:
        return
    dataset = NamedNode(about.iri)
    query = _GRAPHS.format(dataset=dataset, kind=DCAT.Dataset)
    for (graph,) in site().graph.store.evaluate(query).solutions():
        if isinstance(graph, NamedNode):
            valid = Literal(day.isoformat(), datatype=NamedNode(XSD.date))
            yield Quad(dataset, NamedNode(DCT.valid), valid, graph)
            for lang in LANGUAGES:
                note = text("web.as_of.file", lang, day=date_text(day, lang))
                yield Quad(dataset, NamedNode(SKOS.editorialNote), Literal(note, language=lang), graph)
            return


def dated_name(name: str) -> str:
    """The name of a file, with the date if one is chosen."""
    day = as_of()
    return f"{name}-{day.isoformat()}" if day else name


def _name(term: object) -> str:
    if isinstance(term, BlankNode):
        return str(term)
    return term.value if isinstance(term, NamedNode) else ""
