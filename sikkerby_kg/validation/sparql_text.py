"""What a query of a shape needs, told from its tokens: whether the fast engine can run it, and how.

A focus node is bound before a query is run (SHACL appendix A). Where that gives the same as asking for all
nodes at once and sorting the answers by ``$this``, one run serves all focus nodes.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sikkerby_kg.lexer import Token, Tokens
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.validation.found import UnsupportedError

_REFUSED = ("MINUS", "VALUES", "SERVICE")
"""What a query with bound variables must not have (SHACL appendix A); pySHACL says so."""
SHAPES_GRAPH = "urn:sikkerby-kg:shapes"
"""The name under which a query finds the shapes (SHACL §5.3.1)."""
_LOOKING = re.compile(r"\(\?[=!<]|\\[1-9]")
"""What a regular expression of Oxigraph cannot do."""
_CANONICAL = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)
"""Whole numbers that are kept as they are written."""
_AS_WRITTEN = frozenset(PREFIXES["xsd"] + name for name in ("string", "anyURI", "date"))
"""Datatypes whose literals are."""
_COMPARING = frozenset(
    {
        *("<=", ">=", "!=", "=", "+", "-", "IN", "DATATYPE", "LANG", "LANGMATCHES", "SAMETERM", "ISNUMERIC"),
        *("SUM", "AVG", "MIN", "MAX", "ORDER", "ABS", "CEIL", "FLOOR", "ROUND", "IF", "COALESCE"),
        *("YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS", "TZ", "TIMEZONE"),
    }
)
"""What looks at the value or the type of a literal, not at the term or its text alone."""
_ENDS = (".", "}", ")", ";", ",", "{", "GRAPH", "FILTER", "OPTIONAL", "UNION", "BIND", "GROUP", "HAVING")
"""What follows a variable that is no property."""
_PATTERN_ENDS = (".", ";", "{", "}")
_RDF_TYPE = (PREFIXES["rdf"] + "type",)
_REPEATING = {"*", "?", "+"}
"""What makes a path one that may lead nowhere (SPARQL 1.1 §9.3)."""
_AGGREGATES = frozenset(("COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"))


@dataclass
class _Group:
    """A group in braces: what introduced it, and how it uses ``$this``."""

    keyword: str
    above: "_Group | None"
    binds: bool = False
    """A pattern of its own gives ``$this`` a value."""
    early: bool = False
    """``$this`` is used before it has a value here."""
    in_pattern: bool = False
    in_expression: bool = False
    inner: list["_Group"] = field(default_factory=list)


class QueryText:
    """The SELECT query of a constraint or target.

    Raises UnsupportedError for what Oxigraph would do otherwise than rdflib.
    """

    def __init__(
        self,
        text: str,
        prefixes: Mapping[str, str],
        *,
        is_bound: bool,
        instead: Mapping[str, str] | None = None,
    ) -> None:
        tokens = Tokens(text)
        if is_bound:
            text = _filled(tokens, instead or {})
            tokens = Tokens(text)
        self.text = text
        self.prefixes = {**prefixes, **tokens.prefixes}
        self._tokens = tokens
        self._words = [tokens.text_at(i) for i in range(len(tokens))]
        if tokens.first_keyword != "SELECT":
            raise UnsupportedError(f"sh:select {tokens.first_keyword}")
        self._refuse_functions()
        self._refuse_constants()
        for i in range(len(self._words) - 2):
            if self._words[i] == "GRAPH" and tokens[i + 1].variable and "{" in self._inside(i + 2):
                raise UnsupportedError("sh:select … GRAPH ?… { { … } }")  # Oxigraph binds it too late
        if is_bound:
            self._refuse_bound()
            self._refuse_selects()

    def _refuse_functions(self) -> None:
        """Functions that Oxigraph does not have, or has otherwise."""
        for i, token in enumerate(self._tokens):
            called = token.kind in ("name", "iri") and self._tokens.text_at(i + 1) == "("
            if called and not self._iri(token).startswith(PREFIXES["xsd"]):
                raise UnsupportedError(f"sh:select … {token.text}()")
            if token.kind == "string" and _LOOKING.search(token.text) and self._has(("REGEX", "REPLACE")):
                raise UnsupportedError(f"sh:select … REGEX(…, {token.text})")

    def _refuse_constants(self) -> None:
        """Literals in patterns that Oxigraph would look for in another form than they are written in."""
        brackets: list[str] = []
        for i, token in enumerate(self._tokens):
            word = self._words[i]
            if word in "({":
                brackets.append(word)
            elif word in ")}" and brackets:
                brackets.pop()
            elif not brackets or brackets[-1] == "(":
                continue
            elif token.kind == "number" and not _CANONICAL.fullmatch(word):
                raise UnsupportedError(f"sh:select … {word}")
            elif word == "^^" and self._iri(self._tokens[i + 1]) not in _AS_WRITTEN:
                raise UnsupportedError(f"sh:select … {self._words[i - 1]}^^{self._words[i + 1]}")

    def _iri(self, token: Token) -> str:
        """The IRI that an IRI or a prefixed name stands for."""
        if token.kind == "iri":
            return token.text[1:-1]
        prefix, _, local = token.text.partition(":")
        return self.prefixes.get(prefix, "") + local

    def _refuse_bound(self) -> None:
        """What SHACL forbids where variables are bound beforehand, and what Oxigraph gets wrong then."""
        for word in _REFUSED:
            if word in self._words:
                raise UnsupportedError(f"sh:select … {word}")
        names = [token.variable for token in self._tokens]
        for name in ("shapesGraph", "currentShape", "failure", "PATH"):
            if name in names:
                raise UnsupportedError(f"sh:select … ${name}")
        for i, word in enumerate(self._words):
            if word == "AS" and names[i + 1 : i + 2] == ["this"]:
                raise UnsupportedError("sh:select … AS $this")

    def _refuse_selects(self) -> None:
        """Queries that do not hand on the focus node."""
        for start in self._selects[1:]:
            if "this" not in self._projected(start):
                raise UnsupportedError("sh:select … { SELECT 0 × $this }")
        if "this" not in self._projected(self._selects[0]):
            raise UnsupportedError("sh:select 0 × $this")

    @cached_property
    def _selects(self) -> list[int]:
        return [i for i, word in enumerate(self._words) if word == "SELECT"]

    def _projected(self, start: int) -> list[str]:
        """The variables that a SELECT names by themselves; with ``*`` only the outermost one has ``this``."""
        found, depth = [], 0
        for i in range(start + 1, len(self._words)):
            word = self._words[i]
            if word in ("{", "WHERE", "FROM"):
                break
            depth += (word == "(") - (word == ")")
            if depth == 0 and self._tokens[i].variable:
                found.append(self._tokens[i].variable)
            if word == "*" and depth == 0 and start == self._selects[0]:
                found.append("this")
        return found

    def _has(self, words: Collection[str]) -> bool:
        return any(word in words for word in self._words)

    @property
    def asks_shapes(self) -> bool:
        """Whether it asks the graph of the shapes."""
        return f"<{SHAPES_GRAPH}>" in self._words

    @property
    def uses_graphs(self) -> bool:
        """Whether it asks for named graphs of the data, or chooses among graphs."""
        asked = {self._words[i + 1] for i, word in enumerate(self._words[:-1]) if word == "GRAPH"}
        return "FROM" in self._words or not asked <= {f"<{SHAPES_GRAPH}>"}

    @property
    def compares(self) -> bool:
        """Whether it looks at values or types of literals."""
        return any(
            word in _COMPARING or (word in ("<", ">", "*", "/") and self._is_operator(i))
            for i, word in enumerate(self._words)
        )

    def _is_operator(self, index: int) -> bool:
        """Whether a sign stands between two values and is no part of a path."""
        return any(
            self._tokens[i].kind in ("variable", "number", "string") or self._words[i] in "()"
            for i in (index - 1, index + 1)
            if 0 <= i < len(self._tokens)
        )

    @cached_property
    def names(self) -> frozenset[str] | None:
        """The IRIs in it, its properties among them; None if it may touch any property.

        That is so if a variable stands where a property does, or a path may have no steps or is negated.
        """
        start = self._words.index("{")
        end = len(self._words) - 1 - self._words[::-1].index("}")
        for i in range(start + 1, end):
            before = self._tokens[i - 1]
            after_node = before.kind in ("variable", "name", "iri", "blank") or before.text in ("]", ";")
            if self._tokens[i].variable and after_node and self._words[i + 1] not in _ENDS:
                return None
            if self._words[i] in ("*", "?") or self._is_negated_path(i):
                return None
        return frozenset(_RDF_TYPE) | frozenset(
            self._iri(token) for token in self._tokens if token.kind in ("name", "iri")
        )

    def _is_negated_path(self, index: int) -> bool:
        """Whether a path of all properties but some begins here (SPARQL 1.1 §9.1); perhaps an expression."""
        after = self._words[index + 1 :]
        first = index + 1 + (after[:1] == ["("])
        named = self._words[first] in ("^", "A") or self._tokens[first].kind in ("name", "iri")
        return self._words[index] == "!" and named

    @cached_property
    def serves_all(self) -> bool:
        """Whether one run without a bound ``$this`` gives the answers of all focus nodes."""
        top = self._groups()
        if top is None or len(self._selects) != 1 or self._has(("LIMIT", "OFFSET", "FROM")):
            return False
        if self._has(_AGGREGATES) and "this" not in self._grouped():
            return False
        return top.binds and not top.early and all(map(_is_independent, top.inner))

    def _grouped(self) -> list[str]:
        """The variables after GROUP BY."""
        found: list[str] = []
        for i, word in enumerate(self._words[:-1]):
            if word == "GROUP" and self._words[i + 1] == "BY":
                for token in list(self._tokens)[i + 2 :]:
                    if not token.variable:
                        break
                    found.append(token.variable)
        return found

    @property
    def joins_in_exists(self) -> bool:
        """Whether an EXISTS holds several patterns, which Oxigraph runs anew for every row."""
        for i, word in enumerate(self._words):
            if word == "EXISTS":
                inside = list(self._inside(i + 1))
                if any(each in inside for each in (".", "/", ";", "*", "+", "{")):
                    return True
        return False

    def _inside(self, start: int) -> Iterator[str]:
        depth = 0
        for word in self._words[start:]:
            depth += (word == "{") - (word == "}")
            if depth == 0:
                return
            if not (depth == 1 and word == "{"):
                yield word

    def _groups(self) -> _Group | None:
        """The outermost group with all inside it; None if there is none."""
        group: _Group | None = None
        brackets: list[str] = []
        for i, word in enumerate(self._words):
            if word == "{":
                made = _Group(self._tokens.text_at(i - 1), group)
                if group is not None:
                    group.inner.append(made)
                group = made
                brackets.append("{")
            elif word == "(":
                brackets.append("BIND" if i and self._words[i - 1] == "BIND" else "(")
            elif word in (")", "}"):
                if brackets:
                    brackets.pop()
                if word == "}" and group is not None:
                    if group.above is None:
                        return group
                    group = group.above
            elif group is not None and self._tokens[i].variable == "this":
                self._note(group, i, brackets)
        return None

    def _note(self, group: _Group, index: int, brackets: list[str]) -> None:
        """Write down how a group uses ``$this`` at one place."""
        innermost = brackets[len(brackets) - brackets[::-1].index("{") :]
        if innermost:
            group.in_expression = True
            group.early |= "BIND" in innermost and not group.binds
        else:
            group.in_pattern = True
            group.binds |= not _REPEATING & set(self._pattern(index))
        if group.keyword == "OPTIONAL" and group.above is not None:
            group.early |= not group.above.binds

    def _pattern(self, index: int) -> Iterator[str]:
        """The tokens of the triple pattern around a place."""
        for step in (-1, 1):
            i = index + step
            while 0 <= i < len(self._words) and not self._ends_pattern(i):
                yield self._words[i]
                i += step

    def _ends_pattern(self, index: int) -> bool:
        """Whether a triple pattern ends here: at a mark, or at a keyword but for ``a``."""
        word = self._words[index]
        return word in _PATTERN_ENDS or (
            self._tokens[index].kind == "word" and word not in ("A", "TRUE", "FALSE")
        )


def _is_independent(group: _Group) -> bool:
    """Whether a group inside gives the same whether ``$this`` is bound before it or joined after it."""
    if group.early or not all(map(_is_independent, group.inner)):
        return False
    if group.keyword == "OPTIONAL":  # its filters see what stands before it
        return group.binds or not group.in_pattern
    if group.in_expression or (group.in_pattern and group.keyword != "EXISTS"):
        return group.binds
    return not group.in_pattern or (group.above is not None and group.above.binds)


def _filled(tokens: Tokens, instead: Mapping[str, str]) -> str:
    """The text with other variables than ``$this`` replaced, all of them being bound beforehand.

    Where ``$this`` stands alone in BIND or BOUND, Oxigraph takes it for unbound. Raises UnsupportedError for
    the former.
    """
    bound = {"this", *instead}
    cuts: dict[int, tuple[int, str]] = {}
    for i, token in enumerate(tokens):
        if token.variable in bound and tokens.text_at(i - 1) == "(":
            keyword, end = tokens.text_at(i - 2), tokens.text_at(i + 1)
            if keyword == "BOUND" and end == ")":
                cuts[tokens[i - 2].start] = (tokens[i + 1].end, "(true)")
            elif keyword == "BIND" and end == "AS" and token.variable == "this":
                raise UnsupportedError(f"sh:select … BIND({token.text} …)")
        cuts.setdefault(token.start, (token.end, instead.get(token.variable, token.text)))
    found, here = [], 0
    for start in sorted(cuts):
        if start >= here:
            found.append(tokens.text[here:start] + cuts[start][1])
            here = cuts[start][0]
    return "".join(found) + tokens.text[here:]
