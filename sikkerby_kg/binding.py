"""Putting terms in the place of parameters in the text of a query, token by token.

A parameter is a variable. Strings, IRIs and comments are tokens of their own, so nothing in them is replaced,
and a term is written so that nothing in its value can end it: a value stays a value.
"""

from collections.abc import Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.lexer import Token, Tokens
from sikkerby_kg.terms import to_sparql

Role = OneOf["term", "bound", "projected", "nested", "grouped", "ordered", "assigned"]
"""How a parameter is used: as a term; in BOUND(…); bare in the SELECT clause of the query or of a sub-query;
bare in GROUP BY or ORDER BY; or given a value by AS or VALUES, which no parameter may be."""

_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a parameter is used: the token, its role, and the stretch of text to replace."""

    token: Token
    role: Role
    start: int
    end: int


def uses(tokens: Tokens, names: AbstractSet[str]) -> Iterator[Use]:
    """Every use of the named variables, in the order of the text."""
    clauses = [""]  # the clause that each open bracket, and the query itself, is in
    for index, token in enumerate(tokens):
        if token.variable in names:
            yield _use(tokens, index, clauses)
        elif token.text[-1] in _OPENING and token.kind == "mark":
            if token.text == "{":
                clauses[-1] = ""
            clauses.append("VALUES" if clauses[-1] == "VALUES" and token.text == "(" else "")
        elif token.text[0] in _CLOSING and token.kind == "mark":
            if len(clauses) > 1:
                clauses.pop()
        elif token.keyword in ("SELECT", "VALUES", "GROUP", "ORDER"):
            clauses[-1] = token.keyword
        elif token.keyword in ("WHERE", "FROM", "HAVING", "LIMIT", "OFFSET"):
            clauses[-1] = ""


def _use(tokens: Tokens, index: int, clauses: list[str]) -> Use:
    token = tokens[index]
    around = [tokens.text_at(i) for i in (index - 2, index - 1, index + 1)]
    if around == ["BOUND", "(", ")"]:
        return Use(token, "bound", tokens[index - 2].start, tokens[index + 1].end)
    role: Role = "term"
    if tokens.text_at(index - 1) == "AS" or clauses[-1] == "VALUES":
        role = "assigned"
    elif clauses[-1] == "SELECT":
        role = "projected" if len(clauses) == 1 else "nested"
    elif clauses[-1] in ("GROUP", "ORDER"):
        role = "grouped" if clauses[-1] == "GROUP" else "ordered"
    return Use(token, role, token.start, token.end)


def bind(tokens: Tokens, values: Mapping[str, NamedNode | Literal]) -> str:
    """The text of the query with the named variables replaced by terms.

    ``BOUND($p)`` becomes ``true``; a bare ``$p`` in the SELECT clause becomes ``(term AS ?p)``. Variables
    without a value stay as they are.
    """
    parts = []
    done = 0
    for number, use in enumerate(uses(tokens, values.keys())):
        parts += [tokens.text[done : use.start], _replacement(use, values[use.token.variable], number)]
        done = use.end
    return "".join((*parts, tokens.text[done:]))


def _replacement(use: Use, value: NamedNode | Literal, number: int) -> str:
    term = to_sparql(value)
    name = use.token.variable
    match use.role:
        case "bound":
            return " true "
        case "projected":
            return f" ({term} AS ?{name}) "
        case "nested" | "grouped":  # under another name: the parameter itself is replaced everywhere
            return f" ({term} AS ?{name}__{number}) "
        case "ordered":
            return f" ({term}) "
        case _:
            return f" {term} "


def hidden_in_iris(tokens: Tokens, names: AbstractSet[str]) -> Iterator[Token]:
    """Tokens that read as an IRI but hold a parameter: ``?a<$b&&?c>$d`` written without spaces."""
    for token in tokens:
        if token.kind == "iri" and any(part.variable in names for part in Tokens(token.text[1:-1])):
            yield token
