"""Errors say the value, the place and the next step, in two languages, and survive a process border."""

import inspect
import pickle

from sikkerby_kg import errors
from sikkerby_kg.errors import (
    ParameterError,
    SavedQueryError,
    SikkerbyError,
    SparqlSyntaxError,
    UnknownNameError,
)

FAMILY = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SikkerbyError)]


def test_the_family_is_drawn_in_the_docstring() -> None:
    assert errors.__doc__ is not None
    assert [kind.__name__ for kind in FAMILY if kind.__name__ not in errors.__doc__] == []


def test_an_error_speaks_english_and_danish() -> None:
    error = ParameterError("parameter.value", name="asOf", value="x", type="date", example="2024-07-01")
    assert str(error) == "The parameter asOf cannot be 'x': it must be of the type date, such as 2024-07-01."
    assert error.text("da").startswith("Parameteren asOf kan ikke være »x«")


def test_an_error_can_be_sent_to_another_process() -> None:
    error = SparqlSyntaxError("sparql.syntax", line=2, column=3, source="}", found="}")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  (our own bytes)
    assert type(copy) is SparqlSyntaxError
    assert str(copy) == str(error)
    assert (copy.line, copy.column, copy.source) == (2, 3, "}")


def test_an_unknown_name_is_a_key_error_too() -> None:
    assert issubclass(UnknownNameError, KeyError)
    assert str(UnknownNameError("unknown.format", name="x", known="y")).startswith("There is no format")


def test_an_error_within_an_error_speaks_the_same_language() -> None:
    inner = SparqlSyntaxError("sparql.syntax", line=1, column=2, source="}", found="}")
    outer = SavedQueryError("query.sparql", path="queries/a.rq", line=3, column=4, problem=inner)
    assert "Syntaksfejl i linje 1" in outer.text("da")
    assert "Syntax error in line 1" in outer.text("en")
