"""Saved queries: one question per file in queries/, checked when it is read, run with typed parameters."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal as OneOf, get_args

import pyoxigraph
from pyoxigraph import Literal, NamedNode, QuerySolutions

from sikkerby_kg import binding, sparql
from sikkerby_kg.errors import (
    ParameterError,
    SavedQueryError,
    SparqlError,
    SparqlSyntaxError,
    UnknownNameError,
)
from sikkerby_kg.folders import Folders
from sikkerby_kg.headers import MARK, Chart, Header, read_header
from sikkerby_kg.lexer import Token, Tokens, place
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.parameters import Parameter
from sikkerby_kg.terms import to_sparql

QueryForm = OneOf["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A question with its name, its texts by language, its typed parameters and its SPARQL text.

    ``text`` is the whole file: it runs as it stands in any SPARQL 1.1 engine.
    """

    name: str
    path: Path
    text: str = field(repr=False)
    header: Header = field(repr=False)
    form: QueryForm

    @property
    def number(self) -> int | None:
        """The number of the competency question that it answers, if it has one."""
        return self.header.number

    @property
    def title(self) -> Mapping[str, str]:
        """A short title, by language."""
        return self.header.title

    @property
    def question(self) -> Mapping[str, str]:
        """The question in plain words, by language."""
        return self.header.question

    @property
    def description(self) -> Mapping[str, str]:
        """What the answer shows and how to read it, by language."""
        return self.header.description

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, in the order of the header."""
        return self.header.parameters

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables of the answer."""
        return self.header.columns

    @property
    def tags(self) -> tuple[str, ...]:
        """What it is about; the first tag is the group that it is listed under."""
        return self.header.tags

    @property
    def empty(self) -> Mapping[str, str] | None:
        """Why no rows can be the right answer, if so, by language."""
        return self.header.empty

    @property
    def chart(self) -> Chart | None:
        """How the answer is drawn, if it is."""
        return self.header.chart

    @property
    def bare_text(self) -> str:
        """The SPARQL without the header: what one would type."""
        return without_header(self.text)

    def parameter(self, name: str) -> Parameter:
        """The parameter with a name. Raises ParameterError."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = ", ".join(parameter.name for parameter in self.parameters) or "–"
        raise ParameterError("parameter.unknown", name=name, query=self.name, known=known)

    def bind(
        self, values: Mapping[str, object], prefixes: Mapping[str, str] = PREFIXES, lang: str | None = None
    ) -> str:
        """The SPARQL text with terms in the place of the parameters.

        A value of None counts as not given; ``lang`` is for the parameter of type language, if there is
        one and it is not given. Raises ParameterError for an unknown, missing or wrong value.
        """
        given = {name: value for name, value in values.items() if value is not None}
        for name in given:
            self.parameter(name)
        bound: dict[str, NamedNode | Literal] = {}
        for parameter in self.parameters:
            value = given.get(parameter.name, parameter.default)
            if parameter.type == "language" and lang and parameter.name not in given:
                value = lang
            if value is not None:
                bound[parameter.name] = parameter.term(value, prefixes)
            elif parameter.required:
                raise parameter.error("missing", query=self.name)
        return binding.bind(_tokens(self.text), bound)


@lru_cache(32)
def _tokens(text: str) -> Tokens:
    """The tokens of a saved query: its answer and the citation of that need the same ones."""
    return Tokens(text)


def without_header(text: str) -> str:
    """The text of a saved query without the header of its file."""
    return "\n".join(line for line in text.split("\n") if not line.startswith(MARK)).strip() + "\n"


class Queries(Mapping[str, SavedQuery]):
    """The saved queries of a root, by name; a file is read and checked when its query is first asked for."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._read: dict[str, SavedQuery] = {}
        self._paths = {path.stem: path for path in sorted(folders.queries.glob("*.rq"))}

    def __getitem__(self, name: str) -> SavedQuery:
        if name not in self._paths:
            name = str(name)
            close = difflib.get_close_matches(name, self._paths, n=3, cutoff=0.4)
            close += [n for n in self._paths if name and name in n and n not in close][:3]
            raise UnknownNameError("unknown.query", name=name, close=", ".join(close) or "–")
        if name not in self._read:
            self._read[name] = read_query(self._paths[name], self._folders.shown(self._paths[name]))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def by_tag(self) -> dict[str, list[SavedQuery]]:
        """First tag → its queries, tags by name, queries by number and name."""
        groups: dict[str, list[SavedQuery]] = {}
        for query in sorted(self.values(), key=lambda q: (q.tags[0], q.number or 10**6, q.name)):
            groups.setdefault(query.tags[0], []).append(query)
        return groups


def read_query(path: Path, shown: str) -> SavedQuery:
    """The saved query in a file, checked in every way that needs no data.

    Raises SavedQueryError with file:line:column for a mistake in name, header or text.
    """
    try:
        text = path.read_bytes().decode().removeprefix(_BOM)
    except (OSError, UnicodeDecodeError) as error:
        raise SavedQueryError("query.unreadable", path=shown, line=1, column=1, problem=error) from None
    checker = _Checker(shown, text)
    checker.check_name(path.stem)
    checker.check_runnable()
    header = read_header(text, shown, checker.tokens.prefixes)
    form = checker.form()
    query = SavedQuery(path.stem, path, text, header, form)
    checker.check_parameters(query)
    checker.check_columns(query)
    return query


class _Checker:
    """The checks of one saved query; every error names its place in the file."""

    def __init__(self, shown: str, text: str) -> None:
        self.shown = shown
        self.tokens = Tokens(text)

    def error(self, key: str, start: int = 0, **values: object) -> SavedQueryError:
        line, column = place(self.tokens.text, start)
        return SavedQueryError(f"query.{key}", path=self.shown, line=line, column=column, **values)

    def check_name(self, stem: str) -> None:
        if not _NAME.fullmatch(stem):
            raise self.error("name", name=stem)

    def check_runnable(self) -> None:
        header_ended = False
        for token in self.tokens.everything:
            header_ended = header_ended or token.kind not in ("space", "comment")
            if header_ended and token.kind == "comment" and token.text.startswith(MARK):
                raise self.error("late_header", token.start)
        try:
            sparql.check(self.tokens.text)
            sparql.require_syntax(self.tokens.text)
        except SparqlSyntaxError as error:
            raise SavedQueryError(
                "query.sparql", path=self.shown, line=error.line, column=error.column, problem=error
            ) from None
        except SparqlError as error:
            raise self.error("sparql", problem=error) from None

    def form(self) -> QueryForm:
        keyword = self.tokens.first_keyword
        for form in get_args(QueryForm):
            if form == keyword:
                return form  # type: ignore[no-any-return]  # one of the literals
        raise self.error("form")

    def check_parameters(self, query: SavedQuery) -> None:
        declared = {parameter.name for parameter in query.parameters}
        for token in self.tokens:
            if token.text[0] == "$" and token.variable and token.variable not in declared:
                raise self.error("undeclared", token.start, name=token.variable)
        for token in binding.hidden_in_iris(self.tokens, declared):
            raise self.error("hidden", token.start, found=token.text)
        used = set()
        for use in binding.uses(self.tokens, declared):
            used.add(use.token.variable)
            if use.role == "assigned":
                raise self.error("assigned", use.start, name=use.token.variable)
        for parameter in query.parameters:
            if parameter.name not in used:
                raise self.error("unused", name=parameter.name)
            self.check_default(parameter)

    def check_default(self, parameter: Parameter) -> None:
        """The default of the header is what the text falls back on: ``COALESCE($name, default)``."""
        fallbacks = list(self.fallbacks(parameter.name))
        if parameter.default is None:
            for token, _ in fallbacks:
                raise self.error("default_unsaid", token.start, name=parameter.name)
            return
        if not fallbacks:
            raise self.error("default_unused", name=parameter.name)
        term = to_sparql(parameter.term(parameter.default))
        prologue = "".join(f"PREFIX {name}: <{iri}> " for name, iri in self.tokens.prefixes.items())
        for token, constant in fallbacks:
            if not bool(pyoxigraph.Store().query(f"{prologue} ASK {{ FILTER({term} = {constant}) }}")):
                raise self.error(
                    "default_differs",
                    token.start,
                    name=parameter.name,
                    text=constant,
                    header=parameter.default,
                )

    def fallbacks(self, name: str) -> Iterator[tuple[Token, str]]:
        """The constants in ``COALESCE($name, constant)``, each with the token that it starts at."""
        tokens = self.tokens
        for index, token in enumerate(tokens):
            before = [tokens.text_at(i) for i in (index - 2, index - 1, index + 1)]
            if token.variable != name or before != ["COALESCE", "(", ","]:
                continue
            end = index + 2
            while tokens.text_at(end) not in (")", "", ","):
                end += 1
            if not any(tokens[i].variable for i in range(index + 2, end)):
                first = tokens[index + 2]
                yield first, tokens.text[first.start : tokens[end - 1].end]

    def check_columns(self, query: SavedQuery) -> None:
        values = {p.name: p.default if p.default is not None else p.example for p in query.parameters}
        try:
            answer = pyoxigraph.Store().query(query.bind(values))
        except SyntaxError as error:
            problem = sparql.syntax_error(query.bind(values), query.bind(values), str(error))
            raise self.error("bound", problem=problem) from None
        found = tuple(v.value for v in answer.variables) if isinstance(answer, QuerySolutions) else ()
        if found != query.columns:
            raise self.error("columns", found=", ".join(found) or "–", header=", ".join(query.columns) or "–")
