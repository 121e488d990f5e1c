"""The result of a query: typed rows, and the standard serialisations by Oxigraph's own writers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal as OneOf

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolution,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from sikkerby_kg import terms
from sikkerby_kg.errors import MissingPackageError
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, rdf_format, result_format
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.writing import write_rdf

if TYPE_CHECKING:
    import pandas as pd
    import rdflib
    from rdflib.term import Node

Form = OneOf["SELECT", "ASK", "CONSTRUCT"]


class Row(Mapping[str, "Node | None"]):
    """One solution: variable name → rdflib term, or None where the variable is not bound."""

    __slots__ = ("_solution", "_variables")

    def __init__(self, solution: QuerySolution, variables: tuple[str, ...]) -> None:
        self._solution = solution
        self._variables = variables

    def __getitem__(self, variable: str) -> "Node | None":
        if variable not in self._variables:
            raise KeyError(variable)
        term = self._solution[variable]
        return None if term is None else terms.to_rdflib(term)

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"Row({self.python()!r})"

    def python(self) -> dict[str, Any]:
        """Variable name → plain Python value: str, int, Decimal, float, bool, date, datetime or None."""
        return {name: terms.to_python(self._solution[name]) for name in self._variables}


@dataclass(frozen=True)
class Result:
    """What a query gave: solutions (SELECT), a truth value (ASK) or triples (CONSTRUCT and DESCRIBE).

    ``body`` is the result as SPARQL 1.1 JSON, or as N-Triples for triples: a result can be sent between
    processes and read any number of times.
    """

    form: Form
    variables: tuple[str, ...]
    body: bytes = field(repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        # Rows that have been read need not travel.
        return Result, (self.form, self.variables, self.body)

    @classmethod
    def from_oxigraph(cls, answer: QuerySolutions | QueryBoolean | QueryTriples) -> "Result":
        """The result in an answer of Oxigraph, which is read to its end."""
        if isinstance(answer, QueryTriples):
            return cls("CONSTRUCT", (), answer.serialize(format=RdfFormat.N_TRIPLES) or b"")
        body = answer.serialize(format=QueryResultsFormat.JSON) or b""
        if isinstance(answer, QueryBoolean):
            return cls("ASK", (), body)
        return cls("SELECT", tuple(variable.value for variable in answer.variables), body)

    def solutions(self) -> Iterator[QuerySolution]:
        """The solutions of a SELECT with Oxigraph's own terms; nothing for the other forms."""
        answer = self._answer()
        return iter(answer) if isinstance(answer, QuerySolutions) else iter(())

    def triples(self) -> Iterator[Triple]:
        """The triples of a CONSTRUCT or DESCRIBE with Oxigraph's own terms; nothing for the other forms."""
        if self.form != "CONSTRUCT":
            return iter(())
        return (quad.triple for quad in parse(self.body, RdfFormat.N_TRIPLES))

    def _answer(self) -> QuerySolutions | QueryBoolean | None:
        if self.form == "CONSTRUCT":
            return None
        return parse_query_results(self.body, QueryResultsFormat.JSON)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The solutions of a SELECT as typed rows."""
        return tuple(Row(solution, self.variables) for solution in self.solutions())

    @cached_property
    def boolean(self) -> bool:
        """The answer of an ASK; for the other forms, whether there is anything in the result."""
        answer = self._answer()
        if isinstance(answer, QueryBoolean):
            return bool(answer)
        return len(self) > 0

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        """The number of solutions, or of triples; 1 for the answer of an ASK."""
        if self.form == "ASK":
            return 1
        return len(self.rows) if self.form == "SELECT" else sum(1 for _ in self.triples())

    def __bool__(self) -> bool:
        return self.boolean

    def python(self) -> list[dict[str, Any]]:
        """All rows as plain Python values."""
        return [row.python() for row in self.rows]

    def to_rdflib(self) -> "rdflib.Graph":
        """The triples of a CONSTRUCT or DESCRIBE as an rdflib graph."""
        import rdflib  # noqa: PLC0415  (slow to import, seldom needed)

        graph = rdflib.Graph()
        for triple in self.triples():
            graph.add(
                (
                    terms.to_rdflib(triple.subject),
                    terms.to_rdflib(triple.predicate),
                    terms.to_rdflib(triple.object),
                )
            )
        return graph

    def to_pandas(self) -> "pd.DataFrame":
        """The rows as a pandas frame with one column per variable, in plain Python values.

        Raises MissingPackageError if pandas is not installed.
        """
        try:
            import pandas as pd  # noqa: PLC0415  (optional, slow to import)
        except ImportError as error:
            raise MissingPackageError("missing_package", package="pandas") from error
        return pd.DataFrame(self.python(), columns=list(self.variables), dtype=object)

    def serialize(self, name: str = "json", prefixes: Mapping[str, str] = PREFIXES) -> bytes:
        """The result in a format, written by Oxigraph as the standards say.

        Solutions and truth values: json, xml, csv, tsv (SPARQL 1.1 Query Results).
        Triples: ttl, trig, jsonld, nt, nq, rdf. Raises UnknownNameError for another format.
        """
        if self.form == "CONSTRUCT":
            return write_rdf(self.triples(), rdf_format(name), prefixes)
        wanted = result_format(name).results
        answer = self._answer()
        if wanted == QueryResultsFormat.JSON or answer is None:
            return self.body
        return answer.serialize(format=wanted) or b""

    def format_names(self) -> tuple[str, ...]:
        """The formats that this result can be written in."""
        return tuple(f.name for f in (RDF_FORMATS if self.form == "CONSTRUCT" else RESULT_FORMATS))
