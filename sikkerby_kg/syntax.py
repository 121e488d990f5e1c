"""What the parser of RDF files stumbled over, told as what people do wrong.

The parser says what it expected; here the usual slips behind that are known by its words and by what stands
at the place: quotation marks, what ends a statement, brackets, names without a prefix.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_CURLY = "“”„‟«»‘’‚′″"
_NOT_AT_NAME = re.compile(r"'(.)' is not allowed at the beginning of a prefix name", re.DOTALL)
_UNFINISHED = re.compile(r"(?:A '}' or a '\.'|A dot) is expected at the end of")
_MISPLACED = re.compile(r"(.+) is not a valid (?:RDF )?(subject|predicate|object)", re.DOTALL)
_WRONG_IRI = re.compile(r"Invalid IRI code point '(.)'", re.DOTALL)
_WRONG_ESCAPE = re.compile(r"Unexpected escape character '(.+)'", re.DOTALL)
_MISPLACED_SIGNS = {
    ("{", "predicate"): "graph_open",
    ("}", "subject"): "graph_closed",
    **{(sign, "object"): "no_value" for sign in ".;,)]}"},
}
_NEAR = 500
"""Bytes before the place that are looked at."""
_DATE_REST = re.compile(r"-[0-9]{2}")
_TEXT_BEFORE = re.compile(r"[\"'][ \t]*$")
_GOES_ON = re.compile(rb"(;)[ \t]*(?:#[^\r\n]*)?(?:\r?\n\s*)+([^\s;]+)\s+(?:[^\s;]+\s+)?$")
"""A semicolon at the end of a line, then a property of the thing before, and perhaps a value."""
_LINE_BREAK = re.compile(rb"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Slip:
    """The key of a message below ``error.content.syntax``, its values, and where the slip begins."""

    key: str
    offset: int
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Stumble:
    """The words of the parser, the bytes, and where it stopped in them."""

    problem: str
    data: bytes
    offset: int

    @property
    def before(self) -> bytes:
        """What stands on the line before the place."""
        start = max(self.data.rfind(b"\n", 0, self.offset), self.data.rfind(b"\r", 0, self.offset)) + 1
        return self.data[start : self.offset]

    def slip(self, key: str, **values: object) -> Slip:
        """A slip at this very place."""
        return Slip(key, self.offset, values)


def slip(problem: str, data: bytes, offset: int) -> Slip | None:
    r"""What is likely wrong where the parser stopped; None if it is none of the usual slips.

    >>> slip("A dot is expected at the end of statements", b"<a:s> <a:p> 1\n<a:t> <a:p> 2 .", 14)
    Slip(key='unfinished', offset=14, values={'before': 1})
    """
    stumble = _Stumble(problem, data, offset)
    return next((found for rule in _RULES if (found := rule(stumble)) is not None), None)


def _unclosed_text(found: _Stumble) -> Slip | None:
    """A text that goes on over the end of its line: the mark that opens it is the last one on the line."""
    if not found.problem.startswith("Line jumps are not allowed"):
        return None
    start = found.before.rfind(b'"')
    if start < 0:
        start = found.before.rfind(b"'")
    return Slip("unclosed", found.offset - len(found.before) + max(start, 0))


def _wrong_character(found: _Stumble) -> Slip | None:
    match = _NOT_AT_NAME.match(found.problem)
    if match is None:
        return None
    if match[1] in _CURLY:
        return found.slip("quotes", found=match[1])
    if match[1].isspace() or not match[1].isprintable():
        return found.slip("invisible", code=f"U+{ord(match[1]):04X}")
    return found.slip("slash") if match[1] == "/" else None


def _goes_on(found: _Stumble) -> Slip | None:
    """A new thing after a semicolon, which makes it a property of the thing before: ``a`` is then its value.

    Without ``a`` the next property is taken for the value, and what follows it makes the parser stumble.
    """
    match = _MISPLACED.match(found.problem)
    word, role = match.groups() if match else ("", "")
    is_class = (word, role) == ("a", "object")
    if not is_class and not _UNFINISHED.match(found.problem) and role != "subject":
        return None
    place = _GOES_ON.search(found.data, max(0, found.offset - _NEAR), found.offset)
    if place is None or not (is_class or _ends_line(found.data, place.end(2))):
        return None
    thing = place[2].decode("utf-8", "replace")
    return Slip("goes_on", place.start(1), {"found": thing, "below": _line_before(found.data, place.end(2))})


def _ends_line(data: bytes, offset: int) -> bool:
    """Whether the line ends here."""
    return data[offset : offset + 1] in (b"\r", b"\n")


def _unfinished(found: _Stumble) -> Slip | None:
    """Something new begins before what stands before it has ended."""
    if not _UNFINISHED.match(found.problem):
        return None
    return found.slip("unfinished", before=_line_before(found.data, found.offset))


def _undotted(found: _Stumble) -> Slip | None:
    """A line of N-Triples or N-Quads that does not end with a full stop; told where it ends."""
    if not found.problem.startswith("Quads must be followed by a dot"):
        return None
    return Slip("undotted", len(found.data[: found.offset].rstrip()))


def _misplaced(found: _Stumble) -> Slip | None:
    """Something stands where the parser wants a thing, a property or a value."""
    match = _MISPLACED.match(found.problem)
    if match is None:
        return None
    word, role = match.groups()
    known = _MISPLACED_SIGNS.get((word, role))
    if known is None and _DATE_REST.fullmatch(word):
        known = "date"
    if known is None and role == "subject" and _TEXT_BEFORE.search(found.before.decode("utf-8", "replace")):
        known = "after_text"
    return found.slip(known or role, found=word)


def _in_iri(found: _Stumble) -> Slip | None:
    match = _WRONG_IRI.match(found.problem)
    if match and found.data.startswith(b"<!--", found.offset):
        return found.slip("comment")
    return found.slip("iri", found=match[1]) if match else None


def _relative(found: _Stumble) -> Slip | None:
    return found.slip("relative") if found.problem.startswith("No scheme found") else None


def _escape(found: _Stumble) -> Slip | None:
    match = _WRONG_ESCAPE.match(found.problem)
    return found.slip("escape", found=match[1]) if match else None


def _bracket(found: _Stumble) -> Slip | None:
    return found.slip("bracket") if "lists should end with a ']'" in found.problem else None


def _end(found: _Stumble) -> Slip | None:
    """Nothing is left, and a graph or a statement is still open."""
    return found.slip("end") if found.problem == "Unexpected end" else None


_RULES: tuple[Callable[[_Stumble], Slip | None], ...] = (
    _unclosed_text,
    _wrong_character,
    _goes_on,
    _unfinished,
    _undotted,
    _misplaced,
    _in_iri,
    _relative,
    _escape,
    _bracket,
    _end,
)


def _line_before(data: bytes, offset: int) -> int:
    """The number of the last line before an offset that says something: not blank, not only a comment."""
    lines = _LINE_BREAK.split(data[:offset])
    for number in range(len(lines), 0, -1):
        text = lines[number - 1].strip()
        if text and not text.startswith(b"#"):
            return number
    return 1
