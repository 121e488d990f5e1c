"""Statements as Turtle or TriG text in the manner of a file (RDF 1.1 TriG §2, Turtle §2.4 to 2.5).

New text is only ever put in: what a file holds, its line ends and a byte order mark stay as they are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.lexer import Token, Tokens
from sikkerby_kg.namespaces import RDF, XSD, namespace_of

_LOCAL = re.compile(r"(?:[A-Za-z_0-9](?:[\w.\-]*[\w\-])?)?", re.ASCII)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_BARE = {
    XSD.integer: re.compile(r"[+-]?[0-9]+"),
    XSD.decimal: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD.boolean: re.compile(r"true|false"),
}
_BOM = "\ufeff"
_INDENT = "    "

Pair = tuple[str, NamedNode | Literal]


@dataclass(frozen=True, slots=True)
class Block:
    """Statements about one subject, in the order in which they are written, with comments above them."""

    subject: str
    pairs: tuple[Pair, ...]
    comments: tuple[str, ...] = ()


class Names:
    """IRIs as a file writes them: by the prefixes that it declares, or that the content knows."""

    def __init__(self, declared: Mapping[str, str], known: Mapping[str, str]) -> None:
        self.declared = dict(declared)
        self.known = {name: iri for name, iri in known.items() if name not in declared}
        self.new: dict[str, str] = {}
        """Prefixes that were used and need to be declared."""
        both = {**self.known, **self.declared}
        self._longest = sorted(both.items(), key=lambda pair: (-len(pair[1]), pair[0] not in self.declared))

    def name(self, iri: str) -> str:
        """An IRI as a prefixed name where a prefix fits, else in angle brackets."""
        for prefix, namespace in self._longest:
            if namespace and iri != namespace and iri.startswith(namespace):
                local = iri[len(namespace) :]
                if _LOCAL.fullmatch(local):
                    if prefix not in self.declared:
                        self.new[prefix] = namespace
                    return f"{prefix}:{local}"
        return str(NamedNode(iri))

    def term(self, term: NamedNode | Literal) -> str:
        """A term as Turtle writes it; a text never ends its own quotes or its line."""
        if isinstance(term, NamedNode):
            return self.name(term.value)
        datatype = term.datatype.value
        if datatype in _BARE and _BARE[datatype].fullmatch(term.value):
            return term.value
        quoted = '"' + "".join(_ESCAPES.get(character, character) for character in term.value) + '"'
        quoted = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04X}", quoted)
        if term.language:
            return f"{quoted}@{term.language}"
        return quoted if datatype == XSD.string else f"{quoted}^^{self.name(datatype)}"

    def block(self, block: Block, indent: str, step: str = _INDENT) -> str:
        """A subject with its statements, one value a line, ended by a line end."""
        lines = [f"{indent}# {_CONTROL.sub(' ', comment)}" for comment in block.comments]
        lines.append(indent + self.name(block.subject))
        last = len(block.pairs) - 1
        for place, (name, value) in enumerate(block.pairs):
            verb = "a" if name == RDF.type else self.name(name)
            lines.append(f"{indent}{step}{verb} {self.term(value)} {'.' if place == last else ';'}")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Graph:
    """Where a named graph stands in a text: its name, and the offsets of its brackets."""

    name: str
    opening: int
    closing: int
    last: str
    indent: str


class Document:
    """The text of a Turtle or TriG file, and what is to be put into it; a new one begins with its title."""

    def __init__(self, data: bytes, known: Mapping[str, str], *, has_graphs: bool, title: str = "") -> None:
        text = data.decode("utf-8") if data else _titled(title)
        self._bom = _BOM if text.startswith(_BOM) else ""
        self._text = text.removeprefix(_BOM)
        self._newline = "\r\n" if "\r\n" in self._text else "\n"
        self._tokens = Tokens(self._text)
        self._has_graphs = has_graphs
        self._declarations = list(_declarations(self._tokens))
        self.names = Names({name: iri for name, iri, _, _ in self._declarations}, known)
        self._additions: list[tuple[int, str]] = []

    def add(self, graph: str, blocks: Sequence[Block], after: str = "") -> None:
        """Put statements at the end of a named graph, or in a new one: behind the graph ``after``, if given.

        In Turtle they stand where the alphabet has them.
        """
        if not self._has_graphs:
            for block in blocks:
                self._add_term(block)
            return
        graphs = self._graphs()
        found = [each for each in graphs if each.name == graph]
        if found:
            self._add_inside(found[-1], blocks)
            return
        inside = "\n".join(self.names.block(block, _INDENT) for block in blocks)
        text = f"{self.names.name(graph)} {{\n{inside}}}\n"
        before = [each for each in graphs if each.name == after]
        place = self._line_end(before[-1].closing + 1) if before else len(self._text)
        is_apart = not self._text[:place].strip() or self._text[:place].endswith("\n\n")
        self._insert(place, ("" if is_apart else "\n") + text)

    def _add_inside(self, graph: _Graph, blocks: Sequence[Block]) -> None:
        indent = graph.indent or _INDENT
        text = "\n".join(self.names.block(block, indent, indent) for block in blocks)
        end = "" if graph.last in ("{", ".") else " ."
        start = self._text.rfind("\n", 0, graph.closing) + 1
        is_alone = not self._text[start : graph.closing].strip()
        gap = "" if graph.last == "{" else "\n"
        if end:  # the last statement of a graph need not end with a full stop
            self._insert(self._last_token_end(graph.closing), end)
        if is_alone:
            self._insert(start, gap + text)
        else:
            self._insert(graph.closing, "\n" + gap + text)

    def _add_term(self, block: Block) -> None:
        """Put a block before the first one of its namespace that the alphabet has behind it."""
        namespace = namespace_of(block.subject)
        text = self.names.block(block, "")
        alike = [(iri, start) for iri, start in self._subjects() if iri.startswith(namespace)]
        later = [start for iri, start in alike if iri > block.subject]
        if later and [iri for iri, _ in alike] == sorted(iri for iri, _ in alike):
            self._insert(self._with_comments(later[0]), text + "\n")
        else:
            ended = not self._text or self._text.endswith("\n")
            self._insert(len(self._text), ("" if ended else "\n") + ("\n" if self._text else "") + text)

    @property
    def data(self) -> bytes:
        """The bytes of the file with everything put in, new prefixes declared."""
        inserted = sorted((*self._declared(), *self._additions), key=lambda each: each[0])
        pieces, done = [self._bom], 0
        for place, text in inserted:
            pieces += [self._text[done:place], text.replace("\n", self._newline)]
            done = place
        return "".join((*pieces, self._text[done:])).encode()

    def _insert(self, place: int, text: str) -> None:
        self._additions.append((place, text))

    def _declared(self) -> Iterator[tuple[int, str]]:
        """Declarations of new prefixes in the manner of the file: in the alphabet, if it keeps to it."""
        in_sparql = any(word.upper() == "PREFIX" for _, _, word, _ in self._declarations)
        names = [name for name, _, _, _ in self._declarations]
        lines = {
            prefix: f"PREFIX {prefix}: <{iri}>\n" if in_sparql else f"@prefix {prefix}: <{iri}> .\n"
            for prefix, iri in sorted(self.names.new.items())
        }
        if not names:
            if lines:
                yield self._first_line(), "".join(lines.values()) + "\n"
            return
        for prefix, line in lines.items():
            following = [token for name, _, _, token in self._declarations if name > prefix]
            if names == sorted(names) and following:
                yield self._text.rfind("\n", 0, following[0].start) + 1, line
            else:
                yield self._behind_declarations(), line

    def _behind_declarations(self) -> int:
        """The line after the last declaration; the first declaration itself if more stands on that line."""
        last = max(token.start for _, _, _, token in self._declarations)
        end = self._line_end(last)
        is_alone = all(token.start > end or token.start < last for token in self._tokens if token.text == "{")
        return end if is_alone else self._declarations[0][3].start

    def _first_line(self) -> int:
        """Behind the comments that a file begins with."""
        return self._tokens[0].start if len(self._tokens) else len(self._text)

    def _line_end(self, place: int) -> int:
        end = self._text.find("\n", place)
        return len(self._text) if end < 0 else end + 1

    def _last_token_end(self, before: int) -> int:
        return max(token.end for token in self._tokens if token.end <= before)

    def _with_comments(self, place: int) -> int:
        """The start of a line, or of the comments right above it."""
        start = self._text.rfind("\n", 0, place) + 1
        while start:
            above = self._text.rfind("\n", 0, start - 1) + 1
            if not self._text[above:start].lstrip().startswith("#"):
                break
            start = above
        return start

    def _iri(self, token: Token) -> str:
        """The IRI that a token stands for; empty if it is none, or a relative one."""
        if token.kind == "iri":
            return token.text[1:-1]
        prefix, _, local = token.text.partition(":")
        namespace = self.names.declared.get(prefix)
        return "" if namespace is None or token.kind != "name" else namespace + local.replace("\\", "")

    def _graphs(self) -> list[_Graph]:
        """The named graphs of a TriG text, in order."""
        found = []
        opening, depth = -1, 0
        for place, token in enumerate(self._tokens):
            if token.kind != "mark":
                continue
            if token.text == "{":
                depth += 1
                opening = place if depth == 1 else opening
            elif token.text == "}":
                depth -= 1
                if depth == 0 and opening > 0:
                    found.append(self._graph(opening, place))
        return found

    def _graph(self, opening: int, closing: int) -> _Graph:
        first = self._tokens[opening + 1]
        line = self._text.rfind("\n", 0, first.start) + 1
        before = self._text[line : first.start]
        return _Graph(
            self._iri(self._tokens[opening - 1]),
            self._tokens[opening].start,
            self._tokens[closing].start,
            self._tokens[closing - 1].text,
            before if not before.strip() and closing > opening + 1 else "",
        )

    def _subjects(self) -> list[tuple[str, int]]:
        """The subjects of a Turtle text and where they stand."""
        found = []
        depth, is_start, passed = 0, True, 0
        for place, token in enumerate(self._tokens):
            if place < passed:
                continue
            if is_start and token.keyword in ("PREFIX", "BASE"):  # these end without a full stop
                passed = place + (3 if token.keyword == "PREFIX" else 2)
                continue
            if is_start and not token.text.startswith("@"):
                found.append((self._iri(token), token.start))
            is_start = False
            if token.kind == "mark":
                depth += (token.text in "[(") - (token.text in ")]")
                is_start = token.text == "." and depth == 0
        return [(iri, start) for iri, start in found if iri]


def _titled(title: str) -> str:
    return f"# {_CONTROL.sub(' ', title)}\n\n" if title else ""


def _declarations(tokens: Tokens) -> Iterable[tuple[str, str, str, Token]]:
    """Prefix, namespace, the word that declares it, and where that stands."""
    for (place, token), (_, following) in pairwise(enumerate(tokens)):
        if (
            token.text.upper() in ("@PREFIX", "PREFIX")
            and following.kind == "name"
            and place + 2 < len(tokens)
        ):
            yield following.text[:-1], tokens[place + 2].text[1:-1], token.text, token
