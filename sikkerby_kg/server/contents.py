"""What a named graph holds, for the pages of graphs and of the passages that they were read from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pyoxigraph import Literal, NamedNode, QuerySolution

from sikkerby_kg import terms
from sikkerby_kg.labels import LABEL_PROPERTIES
from sikkerby_kg.namespaces import DCAT, DCT, RDF
from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import site
from sikkerby_kg.texts import text

ROWS = 300
"""Statements shown of one graph; the page says so when there are more."""

_GRAPHS = """SELECT ?graph ?origin (COUNT(*) AS ?count) WHERE {{
  VALUES ?graph {{ {graphs} }}
  GRAPH ?graph {{ ?s ?p ?o }}
  OPTIONAL {{ ?graph <{type}> ?origin }}
}} GROUP BY ?graph ?origin ORDER BY ?origin ?graph"""
_ROWS = "SELECT ?s ?p ?o WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} ORDER BY ?s ?p ?o LIMIT {limit}"


@dataclass(frozen=True, slots=True)
class Topic:
    """What a graph says about one thing: each property with its values."""

    subject: Shown
    rows: Sequence[tuple[Shown, Sequence[Shown]]]


@dataclass(frozen=True, slots=True)
class Contents:
    """The statements in a graph by subject; ``rest`` more are not shown."""

    graph: Shown
    origin: Shown | None
    topics: Sequence[Topic]
    count: int
    rest: int

    @property
    def caption(self) -> str:
        """How many statements there are."""
        return text("web.statements_counted", language(), count=self.count)


def contents_of(graphs: Sequence[str], show: Show) -> Iterator[Contents]:
    """The statements in each of the graphs that holds any, by origin."""
    store = site().graph.store
    if not graphs:
        return
    names = " ".join(str(NamedNode(graph)) for graph in graphs)
    for row in store.evaluate(_GRAPHS.format(graphs=names, type=DCT.type)).solutions():
        graph, origin, count = map(terms.to_python, row)
        rows = list(store.evaluate(_ROWS.format(graph=graph, limit=ROWS)).solutions())
        show.prefetch(term.value for row in rows for term in row if isinstance(term, NamedNode))
        topics = [
            Topic(show.term(first["s"]), [_row(same, show) for _, same in groupby([first, *rest], _property)])
            for first, *rest in (sorted(group, key=_order) for _, group in groupby(rows, _subject))
        ]
        yield Contents(
            show.iri(graph), show.iri(origin) if origin else None, topics, count, max(count - len(rows), 0)
        )


def _row(solutions: Iterable[QuerySolution], show: Show) -> tuple[Shown, Sequence[Shown]]:
    """A property and its values, what is in the language of the page first."""
    rows = list(solutions)
    name = rows[0]["p"].value
    values = [_value(name, row["o"], show) for row in rows]
    return show.property(name), sorted(values, key=lambda value: value.lang not in ("", language()))


def _value(name: str, term: terms.Term, show: Show) -> Shown:
    """A value; a class leads to all its things, which who hears it is told: a concept may have its name."""
    if isinstance(term, Literal):
        return show.spoken(term)
    shown = show.object(name, term)
    return replace(shown, unseen=text("web.kind_list", language())) if name == RDF.type else shown


def _subject(row: QuerySolution) -> str:
    return str(row["s"])


def _property(row: QuerySolution) -> str:
    return str(row["p"].value)


def _order(row: QuerySolution) -> tuple[int, str]:
    """Class and names first, the start of a period before its end."""
    first = (RDF.type, *LABEL_PROPERTIES, DCAT.startDate, DCAT.endDate)
    name = _property(row)
    return (first.index(name) if name in first else len(first)), name
