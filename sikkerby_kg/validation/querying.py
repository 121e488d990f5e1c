"""The queries of shapes on Oxigraph, with every term as it was written.

Oxigraph's store keeps numbers, booleans and times by their value: ``04`` becomes ``4``. A literal that it
would rewrite is therefore kept under a datatype of its own and put back in the answers. A query that looks
into such a literal is refused, and with it its shape: pySHACL carries that out.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store, Variable

from sikkerby_kg.namespaces import PREFIXES, shrink
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.found import UnsupportedError
from sikkerby_kg.validation.index import LITERAL, DataIndex
from sikkerby_kg.validation.shapes_graph import Statement
from sikkerby_kg.validation.sparql_text import SHAPES_GRAPH, QueryText

_AS_WRITTEN = "urn:sikkerby-kg:as-written:"
_NEVER_REWRITTEN = frozenset(
    (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString", PREFIXES["xsd"] + "anyURI")
)
_SHAPES = NamedNode(SHAPES_GRAPH)
_THIS = Variable("this")
_MANY = 8
"""So many focus nodes are asked about one by one before all are asked about at once."""

Row = Mapping[str, Term]


class Querying:
    """Answers queries over an index, the quads in named graphs and the shapes.

    Nothing is loaded before it is needed.
    """

    def __init__(self, data: DataIndex, named: Iterable[Quad] = (), shapes: Iterable[Statement] = ()) -> None:
        self._data = data
        self._named = named
        self._shapes = shapes
        self._has_named = self._has_shapes = False
        self._store = Store()
        self._missing = set(data.out)

    def _load(self, names: frozenset[str] | None) -> None:
        """Load the statements of the properties that a query names; of all that are left if it names none."""
        data, terms, default = self._data, self._data.terms, DefaultGraph()
        wanted = {
            each for each in self._missing if names is None or getattr(terms[each], "value", "") in names
        }
        if not wanted:
            return
        self._missing -= wanted
        kept = {number: _kept(terms[number]) for number in self._rewritten}
        self._store.bulk_extend(
            Quad(terms[subject], terms[each], kept.get(value) or terms[value], default)  # type: ignore[arg-type]  # as parsed
            for each in wanted
            for subject, values in data.out[each].items()
            for value in values
        )

    @cached_property
    def _rewritten(self) -> set[int]:
        """The literals that a store would not give back as they were written."""
        data = self._data
        asked = {
            term: number
            for number, term in enumerate(data.terms)
            if data.kinds[number] == LITERAL
            and isinstance(term, Literal)
            and term.datatype.value not in _NEVER_REWRITTEN
        }
        scratch, node = Store(), NamedNode(_AS_WRITTEN)
        scratch.bulk_extend(Quad(node, node, term) for term in asked)
        same = {quad.object for quad in scratch}
        return {number for term, number in asked.items() if term not in same}

    @cached_property
    def _properties_of_rewritten(self) -> set[str]:
        data, rewritten = self._data, self._rewritten
        return {
            str(getattr(data.terms[predicate], "value", ""))
            for predicate, links in data.out.items()
            if rewritten and any(not rewritten.isdisjoint(values) for values in links.values())
        }

    def require_faithful(self, query: QueryText) -> None:
        """Raise UnsupportedError if a query would look into a literal that a store keeps otherwise."""
        touched = self._properties_of_rewritten
        if touched and query.names is not None:
            touched = touched & query.names
        if touched and query.compares:
            raise UnsupportedError(f'sh:select … {shrink(min(touched))} "…"^^…')

    def load_named(self) -> None:
        """Load the named graphs for queries that ask for them; the default graph holds everything anyway."""
        if not self._has_named:
            self._has_named = True
            self._load(None)
            number, rewritten = self._data.number, self._rewritten
            self._store.bulk_extend(
                Quad(q.subject, q.predicate, _kept(q.object), q.graph_name)
                if rewritten and number(q.object) in rewritten
                else q
                for q in self._named
            )

    def rows(self, query: QueryText, this: Term | None = None) -> Iterator[Row]:
        """The solutions of a query, ``$this`` being bound beforehand if it is given (SHACL §5.3.1)."""
        self._load(query.names)
        if query.asks_shapes:
            self._load_shapes()
        given = {} if this is None else {_THIS: _kept(this) if self._is_rewritten(this) else this}
        try:
            found = self._store.query(query.text, prefixes=dict(query.prefixes), substitutions=given)
            assert isinstance(found, QuerySolutions)  # noqa: S101  (QueryText lets only SELECT through)
            variables = [(each.value, each) for each in found.variables]
            for solution in found:
                row = {
                    name: _written(term)
                    for name, variable in variables
                    if (term := solution[variable]) is not None
                }
                yield row
        except SyntaxError as error:
            raise UnsupportedError(f"sh:select {error.msg}") from error

    def _load_shapes(self) -> None:
        """Load the shapes for queries that ask their graph."""
        if not self._has_shapes:
            self._has_shapes = True
            self._store.bulk_extend(Quad(s, p, o, _SHAPES) for s, p, o in self._shapes)  # type: ignore[arg-type]  # as parsed

    def _is_rewritten(self, term: Term) -> bool:
        """Whether a store would keep a term of the data otherwise."""
        return bool(self._rewritten) and self._data.ids.get(term, -1) in self._rewritten


class Answers:
    """The answers to the query of one constraint, by focus node."""

    def __init__(self, query: QueryText, querying: Querying) -> None:
        querying.require_faithful(query)
        self._query = query
        self._querying = querying
        self._asked = 0
        self._all: dict[Term, list[Row]] | None = None

    def of(self, focus: Term) -> Iterable[Row]:
        """The solutions for a focus node."""
        if self._all is not None:
            return self._all.get(focus, ())
        self._asked += 1
        if self._asked > _MANY and self._query.serves_all and not self._query.joins_in_exists:
            self._all = {}
            for row in self._querying.rows(self._query):
                self._all.setdefault(row["this"], []).append(row)
            return self._all.get(focus, ())
        return self._querying.rows(self._query, focus)


def _kept(term: Term) -> Term:
    """A literal under a datatype that a store leaves alone."""
    assert isinstance(term, Literal)  # noqa: S101  (only literals are rewritten)
    return Literal(term.value, datatype=NamedNode(_AS_WRITTEN + term.datatype.value))


def _written(term: Term) -> Term:
    """A term as it was written."""
    if isinstance(term, Literal) and term.datatype.value.startswith(_AS_WRITTEN):
        return Literal(term.value, datatype=NamedNode(term.datatype.value.removeprefix(_AS_WRITTEN)))
    return term
