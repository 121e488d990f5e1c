"""Running a SPARQL 1.1 query: checked first, then evaluated, with errors that say where and what to do."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

import pyoxigraph

from sikkerby_kg.errors import SparqlRefusedError, SparqlSyntaxError
from sikkerby_kg.graphs import Graphs, clauses
from sikkerby_kg.lexer import Tokens, place, with_code_points
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.results import Result
from sikkerby_kg.services import Services, inlined, without_calls
from sikkerby_kg.stores import Store

UPDATES = frozenset(("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"))
MAX_LENGTH = 100_000
MAX_TOKENS = 5_000
MAX_DEPTH = 100
"""Beyond these an engine may run out of stack, which would end the process."""

_BOM = "\ufeff"
_GAP = 60  # more than the longest keyword: a place that the parser reports lies in the gap after its token
_REPORTED = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
_FUNCTION = re.compile(r"<[^<>]*>")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MEANT_AS_IRI = re.compile(
    r"(?:\bBASE\s+|\bPREFIX\s+[^\s:]*:\s*|\^\^|(?=<[a-z][a-z0-9+.-]*:))(?P<iri><[^<>\n]*>)", re.IGNORECASE
)
"""An IRI, or what the writer took for one, as far as one can tell."""
_IN_NO_IRI = re.compile(r"[\s\"{}|^`\\]")
_OF_IRI = re.compile(r"IRI parsing failed|\\u escape", re.IGNORECASE)
_MEANINGS = {
    "The SELECT contains a variable that is unbound": "ungrouped",
    "SELECT * is not authorized with GROUP BY": "star",
    "Duplicated variable name in SELECT": "twice",
}
"""What the engine says of queries that parse and yet mean nothing."""
_SENTENCE = re.compile(r"(?:one of |, |^)((?:The |Duplicated |SELECT \* )[\w *]+)")


def evaluate(
    store: Store,
    text: str,
    prefixes: Mapping[str, str] | None = None,
    graphs: Graphs | None = None,
    base: str = "",
    answers: Sequence[str] = (),
) -> Result:
    """The result of a query in a store.

    ``prefixes`` may be used in the query without being declared in it. The dataset is ``graphs``, else what
    FROM and FROM NAMED say, else everything. Relative IRIs are errors, unless there is a ``base`` for them.
    ``answers`` are those of the services that it calls, as ``called`` gives them.
    Raises SparqlSyntaxError with line and column, SparqlRefusedError, or StoreError.
    """
    text = text.removeprefix(_BOM)
    check(text, services=bool(answers))
    complete = with_prefixes(text, prefixes or {})
    require_syntax(text, complete, base)
    if answers:
        complete = inlined(complete, answers)
    return store.evaluate(complete, graphs or clauses(complete, base) or None, base)


def called(
    text: str, services: Services | None, prefixes: Mapping[str, str] | None = None, base: str = ""
) -> tuple[str, ...]:
    """What the services that a query calls have answered; nothing for a query that calls none, or may not.

    The query is checked first: nobody is called for one that is not run.
    Raises SparqlSyntaxError, and what ``Services.answers`` raises.
    """
    text = text.removeprefix(_BOM)
    if not services or "SERVICE" not in text.upper():
        return ()
    check(text, services=True)
    complete = with_prefixes(text, prefixes or {})
    require_syntax(text, complete, base)
    return services.answers(complete, base)


def check(text: str, *, services: bool = False) -> None:
    """Refuse what is never run, without parsing: updates, calls to other services, endless nesting.

    With ``services``, calls may be in the query, if they can be seen without reading escapes.
    Raises SparqlRefusedError, or SparqlSyntaxError for half a surrogate pair, which is no character.
    """
    half = _SURROGATE.search(text)
    if half:
        shown = text.encode(errors="replace").decode()
        raise _error_at(shown, half.start(), "syntax", found=half[0])
    if len(text) > MAX_LENGTH:
        raise SparqlRefusedError("sparql.long", length=len(text), limit=MAX_LENGTH)
    for version in {text, with_code_points(text)}:
        tokens = Tokens(version)
        if len(tokens) > MAX_TOKENS:
            raise SparqlRefusedError("sparql.tokens", count=len(tokens), limit=MAX_TOKENS)
        if tokens.depth > MAX_DEPTH:
            raise SparqlRefusedError("sparql.depth", depth=tokens.depth, limit=MAX_DEPTH)
        if tokens.first_keyword in UPDATES:
            raise SparqlRefusedError("sparql.update", keyword=tokens.first_keyword)
        for token in tokens if not services or version != text else ():
            if token.keyword == "SERVICE":
                line, column = place(version, token.start)
                raise SparqlRefusedError("sparql.service", line=line, column=column)


def with_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    """The query with declarations, on its first line, of the prefixes that it uses but does not declare."""
    tokens = Tokens(text)
    missing = sorted(tokens.used_prefixes - tokens.prefixes.keys())
    return "".join(f"PREFIX {name}: <{prefixes[name]}> " for name in missing if name in prefixes) + text


def require_syntax(text: str, complete: str | None = None, base: str = "") -> None:
    """Make sure that a query parses. ``complete`` is the query with prefixes, if it needs any.

    Raises SparqlSyntaxError with line and column in ``text``, SparqlRefusedError for an unknown function.
    """
    complete = without_calls(complete or text)
    try:
        _empty_store().query(complete, base_iri=base or None)
    except SyntaxError as error:
        raise syntax_error(text, complete, str(error)) from None
    except RuntimeError as error:
        raise unknown_function(error) from None


def unknown_function(error: RuntimeError) -> SparqlRefusedError:
    """The error for a function that Oxigraph lacks (§17.6), which it tells when it starts to evaluate."""
    function = _FUNCTION.search(str(error))
    return SparqlRefusedError("sparql.function", function=function[0] if function else error)


@cache
def _empty_store() -> pyoxigraph.Store:
    return pyoxigraph.Store()


def syntax_error(text: str, complete: str, reported: str) -> SparqlSyntaxError:
    """The error for a query that Oxigraph's parser refuses: where, which line, and what may be wrong."""
    wrong = _wrong_token(text, complete, reported)
    if wrong:
        return wrong
    offset = _failing_offset(complete, reported) - len(complete) + len(text)
    meant = _SENTENCE.search(reported)
    if meant:
        return _error_at(text, offset, _MEANINGS.get(meant[1], "meaning"), problem=meant[1])
    rest = Tokens(text[offset:])
    if not rest:
        return _error_at(text, len(text.rstrip()), "end")
    if rest[0].kind == "iri" and ":" not in rest[0].text:
        return _error_at(text, offset, "relative", found=rest[0].text)
    return _error_at(text, offset, "syntax", found=rest[0].text[:40])


def _wrong_token(text: str, complete: str, reported: str) -> SparqlSyntaxError | None:
    """The error for something that no query may have, wherever the parser stopped; None if there is none."""
    shift = len(complete) - len(text)
    tokens = Tokens(complete)
    starts = {token.start for token in tokens} if _OF_IRI.search(reported) else set()
    for meant in _MEANT_AS_IRI.finditer(complete, shift):
        if meant.start("iri") in starts and _is_no_iri(meant["iri"][1:-1]):
            return _error_at(text, meant.start("iri") - shift, "iri", found=meant["iri"])
    for token in tokens:
        name = token.text.partition(":")[0]
        if token.kind == "name" and name not in tokens.prefixes:
            declaration = f"PREFIX {name}: <{PREFIXES.get(name, '…')}>"
            return _error_at(text, token.start - shift, "prefix", name=name, declaration=declaration)
        if token.text in ("'", '"'):
            return _error_at(text, token.start - shift, "string")
    return None


def _is_no_iri(written: str) -> bool:
    """Whether what stands between angle brackets can be no IRI, neither whole nor relative."""
    iri = with_code_points(written)
    try:
        pyoxigraph.NamedNode(iri)
    except ValueError:
        return ":" in iri or bool(_IN_NO_IRI.search(iri))
    return False


def _error_at(text: str, offset: int, key: str, **values: object) -> SparqlSyntaxError:
    line, column = place(text, max(offset, 0))
    source = text.split("\n")[line - 1].rstrip("\r")
    return SparqlSyntaxError(f"sparql.{key}", line=line, column=column, source=source, **values)


def _failing_offset(text: str, reported: str) -> int:
    """Where the token starts at which parsing stopped.

    The parser reports the end of the longest keyword that it tried, which may lie far behind that token. So
    the query is parsed again with wide gaps between its tokens: then the report falls into the gap.
    """
    tokens = Tokens(text)
    spread = "".join(token.text.replace("\n", " ") + " " * _GAP for token in tokens)
    try:
        _empty_store().query(spread)
    except SyntaxError as error:
        reported = str(error)
    else:
        return _plain_offset(text, reported)
    match = _REPORTED.match(reported)
    column = int(match[2]) - 1 if match else 0
    start = 0
    for token in tokens:
        width = len(token.text) + _GAP
        if column < start + width:
            return token.start
        start += width
    return len(text)


def _plain_offset(text: str, reported: str) -> int:
    match = _REPORTED.match(reported)
    if match is None:
        return 0
    lines = text.splitlines(keepends=True)
    return sum(len(line) for line in lines[: int(match[1]) - 1]) + int(match[2]) - 1
