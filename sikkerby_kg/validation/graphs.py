"""Read-only rdflib graphs that are quick to validate: indexed once, queries parsed once, answers remembered.

pySHACL asks a graph for a few statements many thousand times, counts the whole graph for every result, and
parses the text of a SPARQL constraint anew for every focus node. Nothing of it is changed here: the graphs
that it gets answer faster. A test proves that the results are those of plain rdflib graphs.
"""

from collections.abc import Callable, Container, Generator, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from pyoxigraph import DefaultGraph, Quad
from rdflib import RDF, SH, Dataset, Graph, URIRef
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.plugins.sparql.evaluate import evalQuery
from rdflib.plugins.sparql.processor import SPARQLResult, prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.plugins.stores.memory import SimpleMemory
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Identifier, Node, Variable

from sikkerby_kg import terms

Statement = tuple[Node, Node, Node]
Row = Mapping[Variable, Node]


class Converter:
    """Turns Oxigraph's terms into rdflib's, each one once; lexical forms stay as written."""

    def __init__(self) -> None:
        self._known: dict[terms.Term, Node] = {}

    def term(self, term: terms.Term) -> Node:
        """The same term as rdflib has it."""
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = terms.to_rdflib(term)
        return found

    def statement(self, quad: Quad) -> Statement:
        """Subject, predicate and object of a quad."""
        return (self.term(quad.subject), self.term(quad.predicate), self.term(quad.object))

    def graph_name(self, quad: Quad) -> Node | None:
        """The name of the graph of a quad; None for the default graph."""
        return None if isinstance(quad.graph_name, DefaultGraph) else self.term(quad.graph_name)


class Queries:
    """Runs the SELECT queries of constraints: each text is parsed once, each row that was found is kept.

    ``prepared`` may be shared between validations; ``found`` holds text → focus node → rows of this one.
    """

    def __init__(self, prepared: MutableMapping[str, Query]) -> None:
        self._prepared = prepared
        self.found: dict[str, dict[Node, list[Row]]] = {}

    def run(self, graph: Graph, text: str, bindings: Mapping[str, Identifier] | None) -> Result:
        """The answer of a graph to a query, some variables being bound beforehand."""
        query = self._prepared.get(text)
        if query is None:
            query = self._prepared[text] = prepareQuery(text)
        result = SPARQLResult(evalQuery(graph, query, bindings))
        focus = (bindings or {}).get("this")
        if focus is not None and result.type == "SELECT" and result.bindings:
            self.found.setdefault(text, {})[focus] = list(result.bindings)
        return result


class Index(SimpleMemory):
    """rdflib's fastest memory; it counts what is put in and may stand behind a Dataset.

    A statement that is put in twice counts twice: only emptiness is ever asked for.
    """

    context_aware = True
    graph_aware = True

    def __init__(self, statements: Iterable[Statement] = ()) -> None:
        super().__init__()
        self._size = 0
        for statement in statements:
            self.put(statement)

    def put(self, statement: Statement) -> None:
        """Put a statement in."""
        self.add(statement, None)  # type: ignore[arg-type]  # it does not look at the context
        self._size += 1

    def __len__(self, context: Graph | None = None) -> int:
        return self._size

    def add_graph(self, graph: Graph) -> None:
        """Nothing to do: there is one graph."""


class FlatGraph(Graph):
    """Statements without their graphs, for shapes that do not ask for named graphs.

    With ``only``, an instance of a class is found as a target only if it is among these nodes: a report about
    one file need not go through all others.
    """

    def __init__(
        self, index: Index, queries: Queries | None = None, only: Container[Node] | None = None
    ) -> None:
        self._queries = queries or Queries({})
        self._only = only
        super().__init__(store=index)

    def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Iterator[Any]:  # type: ignore[override]  # noqa: A002, FBT001, FBT002  (rdflib's own signature)
        """The subjects that have a property with a value; pySHACL finds the targets of a class by this."""
        found = super().subjects(predicate, object, unique)
        if self._only is None or predicate != RDF.type:
            return found
        return (each for each in found if each in self._only)

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        """The answer to a query; see ``Queries``."""
        return _answer(super().query, self._queries, self, query_object, args, kwargs)


class ShapesGraph(FlatGraph):
    """Shapes as pySHACL reads them: what a shape demands is looked up once, not once per focus node.

    For each focus node pySHACL goes through all that is said of a shape in search of constraint parameters,
    so what cannot be one is left out of that answer, and property shapes, which it fetches by themselves, are
    named once.
    """

    _NO_PARAMETERS = frozenset(
        (RDF.type, SH.message, SH.path, SH.severity, SH.targetClass, SH.targetSubjectsOf, SH.target)
    )

    def __init__(self, index: Index) -> None:
        super().__init__(index)
        self._known: dict[Any, list[Any]] = {}

    def predicate_objects(self, subject: Any = None, unique: bool = False) -> Generator[Any, None, None]:  # noqa: FBT001, FBT002  (rdflib's own signature)
        """The predicates and objects of a subject that may be constraint parameters."""
        if subject not in self._known:
            found = super().predicate_objects(subject, unique)
            few = [each for each in found if each[0] not in self._NO_PARAMETERS]
            properties = [each for each in few if each[0] == SH.property]
            self._known[subject] = [*properties[:1], *(each for each in few if each[0] != SH.property)]
        yield from self._known[subject]


class _LayeredStore(Store):
    """An index of everything, and one of each named graph."""

    context_aware = True
    graph_aware = True

    def __init__(self, everything: Index, named: Iterable[tuple[Node, Statement]]) -> None:
        super().__init__()
        self._everything = everything
        self._named: dict[Node, Index] = {}
        for name, statement in named:
            self._named.setdefault(name, Index()).put(statement)

    def triples(self, triple_pattern: Any, context: Graph | None = None) -> Iterator[Any]:
        """The statements that match, of one graph or, without a context, of all."""
        index: Index | None = self._everything
        if context is not None and context.identifier != DATASET_DEFAULT_GRAPH_ID:
            index = self._named.get(context.identifier)
        return iter(()) if index is None else index.triples(triple_pattern)

    def contexts(self, triple: Any = None) -> Generator[Graph, None, None]:
        """The named graphs, whichever statement is asked for."""
        del triple
        for name in self._named:
            yield Graph(store=self, identifier=URIRef(str(name)), bind_namespaces="none")

    def __len__(self, context: Graph | None = None) -> int:
        return len(self._everything)

    def add_graph(self, graph: Graph) -> None:
        """Nothing to do: the graphs are those that hold statements."""

    def bind(self, prefix: str, namespace: URIRef, override: bool = True) -> None:  # noqa: FBT001, FBT002  (as above)
        """Prefixes are of no use here."""

    def namespaces(self) -> Iterator[tuple[str, URIRef]]:
        """No prefixes."""
        return iter(())

    def namespace(self, prefix: str) -> URIRef | None:
        """No prefixes."""

    def prefix(self, namespace: URIRef) -> str | None:
        """No prefixes."""


class LayeredDataset(Dataset):
    """The same statements with their graphs; the default graph is the union of all."""

    # rdflib's SPARQL engine uses two names that its Dataset warns of as outdated.
    default_context = Dataset.default_graph

    def contexts(self, triple: Any = None) -> Generator[Graph, None, None]:
        """The named graphs."""
        return self.store.contexts(triple)

    def __init__(self, everything: Index, named: Iterable[tuple[Node, Statement]], queries: Queries) -> None:
        self._queries = queries
        super().__init__(store=_LayeredStore(everything, named), default_union=True)

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        """The answer to a query; see ``Queries``."""
        return _answer(super().query, self._queries, self, query_object, args, kwargs)


def _answer(
    plain: Callable[..., Result],
    queries: Queries,
    graph: Graph,
    query: str | Query,
    args: tuple[Any, ...],
    options: Mapping[str, Any],
) -> Result:
    """Run a query text with nothing but bindings through ``queries``; leave any other call to rdflib."""
    names = ("processor", "result", "initNs", "initBindings", "use_store_provided")
    given = {**dict(zip(names, args, strict=False)), **options}
    usual = given.get("processor", "sparql") == given.get("result", "sparql") == "sparql"
    if isinstance(query, str) and usual and not given.get("initNs") and set(given) <= set(names):
        return queries.run(graph, query, given.get("initBindings"))
    return plain(query, *args, **options)
