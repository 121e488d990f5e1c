"""The result of a query: typed rows, and the standard serialisations by Oxigraph's own writers."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal as OneOf, TypeVar

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
from sikkerby_kg.errors import MissingPackageError, StoreError
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, rdf_format, result_format
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.writing import write_rdf
from sikkerby_kg.xml_text import well_formed

if TYPE_CHECKING:
    import pandas as pd
    import rdflib
    from rdflib.term import Node

Form = OneOf["SELECT", "ASK", "CONSTRUCT"]
OxigraphAnswer = QuerySolutions | QueryBoolean | QueryTriples

_T = TypeVar("_T")
_LINES = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_THREAD = threading.local()


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


class Source:
    """Where a result comes from: the answer to a query, and how to ask again once that has been read.

    An answer may only be read in the thread that asked; another thread asks for itself. ``store`` is how an
    error names where reading failed.
    """

    def __init__(
        self, answer: OxigraphAnswer, again: Callable[[], OxigraphAnswer], store: str = "memory"
    ) -> None:
        self.answer: OxigraphAnswer | None = answer
        self.store = store
        self._again = again
        self._thread = _this_thread()

    def take(self) -> OxigraphAnswer:
        """An answer that nobody has read."""
        answer = self.answer
        if answer is None or (self._thread is not _this_thread()):
            return self._again()
        if not isinstance(answer, QueryBoolean):
            self.answer = None
        return answer


def _this_thread() -> object:
    """What stands for the running thread; unlike its number, it never stands for another one later."""
    found: object = getattr(_THREAD, "token", None)
    if found is None:
        found = _THREAD.token = object()
    return found


class Result:
    """What a query gave: solutions (SELECT), a truth value (ASK) or triples (CONSTRUCT and DESCRIBE).

    ``body`` is the result as SPARQL 1.1 JSON, or as N-Triples for triples: a result can be sent between
    processes and read any number of times. A result of a store in this process is not read before it is
    used, and is then written by the engine in the format asked for.
    """

    def __init__(
        self,
        form: Form,
        variables: tuple[str, ...],
        body: bytes | None = None,
        *,
        source: "Source | None" = None,
    ) -> None:
        self.form: Form = form
        self.variables = variables
        self._body = b"" if body is None and source is None else body
        self._source = source

    @classmethod
    def from_oxigraph(cls, answer: OxigraphAnswer) -> "Result":
        """The result in an answer of Oxigraph, which is read to its end."""
        lazy = cls.from_source(Source(answer, lambda: answer))
        return cls(lazy.form, lazy.variables, lazy.body)

    @classmethod
    def from_source(cls, source: "Source") -> "Result":
        """The result that a source gives, read when it is used."""
        answer = source.answer
        variables: tuple[str, ...] = ()
        form: Form = "CONSTRUCT" if isinstance(answer, QueryTriples) else "ASK"
        if isinstance(answer, QuerySolutions):
            form, variables = "SELECT", tuple(variable.value for variable in answer.variables)
        return cls(form, variables, source=source)

    def __reduce__(self) -> tuple[object, ...]:
        # Rows that have been read need not travel.
        return Result, (self.form, self.variables, self.body)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Result):
            return NotImplemented
        return (self.form, self.variables, self.body) == (other.form, other.variables, other.body)

    def __hash__(self) -> int:
        return hash((self.form, self.variables, self.body))

    def __repr__(self) -> str:
        return f"Result(form={self.form!r}, variables={self.variables!r})"

    @property
    def body(self) -> bytes:
        """The result as SPARQL 1.1 JSON, or as N-Triples for triples."""
        if self._body is None:
            self._body = self._written(QueryResultsFormat.JSON)
        return self._body

    def solutions(self) -> Iterator[QuerySolution]:
        """The solutions of a SELECT with Oxigraph's own terms; nothing for the other forms."""
        answer = self._answer() if self.form == "SELECT" else None
        return self._read(answer) if isinstance(answer, QuerySolutions) else iter(())

    def triples(self) -> Iterator[Triple]:
        """The triples of a CONSTRUCT or DESCRIBE with Oxigraph's own terms; nothing for the other forms."""
        if self.form != "CONSTRUCT":
            return iter(())
        answer = self._answer()
        if isinstance(answer, QueryTriples):
            return self._read(answer)
        return (quad.triple for quad in parse(self.body, RdfFormat.N_TRIPLES))

    def _answer(self) -> OxigraphAnswer | None:
        """The answer to be read once: from the source, else from the body; None for a body of triples."""
        if self._body is None and self._source is not None:
            return self._source.take()
        if self.form == "CONSTRUCT":
            return None
        return parse_query_results(self.body, QueryResultsFormat.JSON)

    def _written(self, wanted: QueryResultsFormat) -> bytes:
        """The result as the engine writes it; triples as N-Triples."""
        try:
            answer = self._answer()
            if isinstance(answer, QueryTriples):
                return answer.serialize(format=RdfFormat.N_TRIPLES) or b""
            return b"" if answer is None else answer.serialize(format=wanted) or b""
        except OSError as error:
            raise self._failed(error) from error

    def _read(self, answer: Iterable[_T]) -> Iterator[_T]:
        try:
            yield from answer
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> StoreError:
        return StoreError("store.read", store=self._source.store if self._source else "–", problem=error)

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
        Triples: ttl, trig, jsonld, nt, nq, rdf. Raises UnknownNameError for another format,
        UnwritableError for what the format cannot hold.
        """
        if self.form == "CONSTRUCT":
            wanted = rdf_format(name)
            if wanted.rdf in _LINES:  # have neither prefixes nor an order
                return self.body
            return write_rdf(self.triples(), wanted, prefixes)
        results = result_format(name).results
        if results is None or results == QueryResultsFormat.JSON:
            return self.body
        written = self._written(results)
        return well_formed(written) if results == QueryResultsFormat.XML else written

    def format_names(self) -> tuple[str, ...]:
        """The formats that this result can be written in."""
        return tuple(f.name for f in (RDF_FORMATS if self.form == "CONSTRUCT" else RESULT_FORMATS))
