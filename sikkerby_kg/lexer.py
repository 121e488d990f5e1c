"""SPARQL text to tokens (SPARQL 1.1 §19.8), enough to find variables, keywords and places safely.

Strings, IRIs and comments are single tokens, so that nothing in them is mistaken for a variable or keyword.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal as OneOf

Kind = OneOf[
    "space", "comment", "iri", "string", "lang", "variable", "blank", "name", "number", "word", "mark"
]

_ASCII = "A-Za-z"
_LETTER = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_MORE = r"\u00B7\u0300-\u036F\u203F-\u2040"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_OPENING, _CLOSING = ("(", "[", "{", "<<"), (")", "]", "}", ">>")
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_LAST_CODE_POINT = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Token:
    """A token: what kind it is, its text, and where it starts in the query (code points from 0)."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where the next token starts."""
        return self.start + len(self.text)

    @property
    def variable(self) -> str:
        """The name of a variable without ``?`` or ``$``; empty for any other token."""
        return self.text[1:] if self.kind == "variable" else ""

    @property
    def keyword(self) -> str:
        """A word in capitals, as the grammar compares keywords; empty for any other token."""
        return self.text.upper() if self.kind == "word" else ""


class Tokens(Sequence[Token]):
    """The tokens of a text without spaces and comments; ``everything`` has those too."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.everything = tuple(_tokens(text))
        self._tokens = tuple(t for t in self.everything if t.kind not in ("space", "comment"))

    def __getitem__(self, index: int) -> Token:  # type: ignore[override]  # no slices: nobody needs them
        return self._tokens[index]

    def __len__(self) -> int:
        return len(self._tokens)

    def __iter__(self) -> Iterator[Token]:
        return iter(self._tokens)

    def text_at(self, index: int) -> str:
        """The text of a token, keywords in capitals; empty outside the query."""
        if not 0 <= index < len(self._tokens):
            return ""
        token = self._tokens[index]
        return token.keyword or token.text

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Prefix → namespace as the PREFIX declarations of the text say."""
        return {
            self[i + 1].text[:-1]: self[i + 2].text[1:-1]
            for i in range(len(self) - 2)
            if self.text_at(i) == "PREFIX" and self[i + 1].kind == "name" and self[i + 2].kind == "iri"
        }

    @cached_property
    def used_prefixes(self) -> set[str]:
        """The prefixes of the names in the text, declared or not."""
        return {token.text.partition(":")[0] for token in self if token.kind == "name"}

    @cached_property
    def depth(self) -> int:
        """How deep brackets are nested, those of quoted triples among them: each of them doubles the work."""
        deepest = depth = 0
        for token in self:
            if token.kind == "mark":
                depth += token.text.startswith(_OPENING) - token.text.endswith(_CLOSING)
                deepest = max(deepest, depth)
        return deepest

    @cached_property
    def first_keyword(self) -> str:
        """The keyword after the prologue: SELECT, ASK, … or that of an update; empty if there is none."""
        index = 0
        while self.text_at(index) in ("PREFIX", "BASE", "VERSION"):
            index += 3 if self.text_at(index) == "PREFIX" else 2
        return self[index].keyword if index < len(self) else ""


@cache
def _token(*, is_ascii: bool) -> re.Pattern[str]:
    """A token of a text; that of ASCII alone reads such texts the same, and is compiled in no time."""
    letter = _ASCII if is_ascii else _LETTER
    name = f"{letter}_0-9" + ("" if is_ascii else _MORE)
    prefix = rf"(?:[{letter}](?:[{name}\-.]{{0,255}}[{name}\-])?)?"  # bounded: a.a.a.a… would take for ever
    local = rf"(?:[{name}:]|{_ESCAPED})(?:(?:[{name}\-.:]|{_ESCAPED})*(?:[{name}\-:]|{_ESCAPED}))?"
    return re.compile(
        "|".join(
            (
                r"(?P<space>\s+)",
                r"(?P<comment>\#[^\r\n]*)",
                r"(?P<iri><[^<>\"{}|^`\\\x00-\x20]*>)",
                r'(?P<string>(?<!\\)(?:"""(?:"{0,2}(?:[^"\\]|\\.))*+"""|\'\'\'(?:\'{0,2}(?:[^\'\\]|\\.))*+\'\'\'',
                r'"(?:[^"\\\r\n]|\\.)*+"|\'(?:[^\'\\\r\n]|\\.)*+\'))',  # none after \: "\"\"… took seconds
                r"(?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)",
                rf"(?P<variable>[?$][{letter}_0-9][{name}]*)",
                rf"(?P<blank>_:[{name}](?:[{name}\-.]*[{name}\-])?)",
                rf"(?P<name>{prefix}:(?:{local})?)",
                r"(?P<number>[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)(?:[eE][+-]?[0-9]+)?)",
                r"(?P<word>[A-Za-z][A-Za-z0-9_]*)",
                r"(?P<mark><<\(|\)>>|<<|>>|\{\||\|\}|\^\^|\|\||&&|<=|>=|!=|.)",
            )
        ),
        re.DOTALL,
    )


def _tokens(text: str) -> Iterable[Token]:
    for match in _token(is_ascii=text.isascii()).finditer(text):
        kind: Kind = match.lastgroup  # type: ignore[assignment]  # the groups are named by kind
        yield Token(kind, match.group(), match.start())


def place(text: str, offset: int) -> tuple[int, int]:
    r"""The line and column, both from 1, of an offset in a text.

    >>> place("SELECT *\n{ }", 10)
    (2, 2)
    """
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def with_code_points(text: str) -> str:
    r"""The text with ``\uXXXX`` and ``\UXXXXXXXX`` replaced everywhere, as §19.2 has engines read it.

    >>> with_code_points(r"SERV\u0049CE")
    'SERVICE'
    """

    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code <= _LAST_CODE_POINT else match[0]

    return _CODE_POINT.sub(character, text)
