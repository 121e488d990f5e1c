"""SPARQL-based constraints (SHACL §5.1 to §5.3) and SPARQL-based targets (SHACL Advanced Features §3.1)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.constraints import Check
from sikkerby_kg.validation.found import Found, UnsupportedError
from sikkerby_kg.validation.parameters import Parameters
from sikkerby_kg.validation.paths import PathError, read_path
from sikkerby_kg.validation.querying import Answers, Querying, Row
from sikkerby_kg.validation.shapes_graph import SH, TYPE, TermGraph, text
from sikkerby_kg.validation.sparql_text import SHAPES_GRAPH, QueryText

_ONTOLOGY = NamedNode(PREFIXES["owl"] + "Ontology")
_IMPORTS = NamedNode(PREFIXES["owl"] + "imports")
_ALWAYS = {name: PREFIXES[name] for name in ("rdf", "rdfs", "owl")}
"""Prefixes that pySHACL declares for every query."""
COMPONENT = SH.SPARQLConstraintComponent.value


def sparql(given: Parameters, *, sees_graphs: bool) -> list["SparqlConstraint"]:
    """``sh:sparql`` of a shape (§5.1), without what is deactivated. Raises UnsupportedError."""
    instead = {"shapesGraph": f"<{SHAPES_GRAPH}>"}
    if isinstance(given.node, NamedNode):
        instead["currentShape"] = str(given.node)
    if given.is_property_shape:
        try:
            instead["PATH"] = read_path(given.graph, given.one("path")).sparql
        except PathError:
            raise UnsupportedError("sh:path …") from None
    found = []
    for node in given.all("sparql"):
        own = Parameters(given.graph, node, is_property_shape=False)
        if not own.boolean("deactivated"):
            query = QueryText(own.literal("select").value, prefixes(own), is_bound=True, instead=instead)
            if query.uses_graphs and not sees_graphs:
                raise UnsupportedError("sh:select … GRAPH")
            found.append(SparqlConstraint(given, node, query))
    return found


class SparqlConstraint:
    """One SPARQL-based constraint: each solution of its query is a result (§5.3.2)."""

    def __init__(self, given: Parameters, node: Term, query: QueryText) -> None:
        self._shape = given.node
        self._is_property_shape = given.is_property_shape
        self._node = node
        self._query = query

    def bind(self, terms: Sequence[Term], querying: Querying) -> Check:
        """The check on data whose terms by number are given."""
        answers: list[Answers] = []  # made when the first focus node is looked at

        def check(focus: int, values: Collection[int]) -> Sequence[Found]:
            del values  # the query finds its own
            if not answers:
                answers.append(Answers(self._query, querying))
            rows = answers[0].of(terms[focus])
            return list(self._results(terms[focus], rows)) if rows else ()

        return check

    def _results(self, focus: Term, rows: Iterable[Row]) -> Iterator[Found]:
        seen: list[Row] = []
        for row in rows:
            if row in seen:
                continue
            seen.append(row)
            value = row.get("value")
            if value is None and not self._is_property_shape:
                value = focus
            yield Found(
                self._shape,
                COMPONENT,
                row.get("this", focus),
                value,
                row.get("path"),
                self._node,
                row,
            )


def target_query(graph: TermGraph, node: Term) -> QueryText:
    """The query of a SPARQL-based target. Raises UnsupportedError for a target of another kind."""
    own = Parameters(graph, node, is_property_shape=False)
    if graph.objects(node, TYPE) not in ([], [SH.SPARQLTarget]) or not own.all("select"):
        raise UnsupportedError("sh:target …")
    return QueryText(own.literal("select").value, prefixes(own), is_bound=False)


def prefixes(given: Parameters) -> Mapping[str, str]:
    """The prefixes that a constraint or target declares by ``sh:prefixes`` (§5.2.1), also by ``owl:imports``.

    As pySHACL has it: an ontology that declares none lends those of all ontologies in the graph.
    """
    graph = given.graph
    found = dict(_ALWAYS)
    owners = list(given.all("prefixes"))
    for owner in owners:
        declared = graph.objects(owner, SH.declare)
        if not declared or _ONTOLOGY not in graph.objects(owner, TYPE):
            ontologies = graph.subjects(TYPE, _ONTOLOGY)
            declared = [*(each for one in ontologies for each in graph.objects(one, SH.declare)), *declared]
        for each in declared:
            prefix, namespace = graph.objects(each, SH.prefix), graph.objects(each, SH.namespace)
            if len(prefix) != 1 or len(namespace) != 1 or not isinstance(namespace[0], Literal):
                raise UnsupportedError(
                    f"sh:declare {len(prefix)} × sh:prefix, {len(namespace)} × sh:namespace"
                )
            found[text(prefix[0])] = text(namespace[0])
        owners += [each for each in graph.objects(owner, _IMPORTS) if each not in owners]
    return found
