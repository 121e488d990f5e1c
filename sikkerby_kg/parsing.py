"""What keeps the bytes of an RDF file from being read, as errors that say what to do about it.

The parser's own texts are in English and know no remedy, so the usual ones are told in our own words.
"""

import errno
import re
from pathlib import Path
from xml.parsers import expat

from sikkerby_kg.errors import ContentError
from sikkerby_kg.nesting import MOST, MOST_ELEMENTS, too_deep_json, too_deep_triples, too_deep_xml
from sikkerby_kg.positions import BOM, Lines
from sikkerby_kg.syntax import slip

_DOCTYPE = re.compile(rb"<!\s*doctype", re.IGNORECASE)
_XML_SPACE = b" \t\r\n"
_CONFLICT = re.compile(rb"^<{7}(?= |\r?$)", re.MULTILINE)
_REMOTE = re.compile(rb'"@context"\s*:\s*(?:\[\s*)?("(?:[^"\\]|\\.)*+")|"(?:[^"\\]|\\.)*+"')
"""A JSON-LD context that is an address, or the first of several; or else any other string."""
_PREFIX = re.compile(r"The prefix (\S*:) has not been declared")


def unreadable(path: Path | str, error: OSError) -> ContentError:
    """The error for a file that the system does not hand over."""
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return ContentError("content.missing", path=path)
        case errno.EISDIR:
            return ContentError("content.folder", path=path)
        case errno.EACCES | errno.EPERM:
            return ContentError("content.forbidden", path=path)
    return ContentError("content.unreadable", path=path, problem=error.strerror or error)


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, without a byte order mark.

    Raises ContentError for one that the system does not hand over, and for another encoding, with its place.
    """
    try:
        data = path.read_bytes().removeprefix(BOM)
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = Lines(data).at(error.start)
        raise ContentError("content.not_utf8", path=path, line=line, column=column) from None


def require_harmless_xml(name: str, data: bytes) -> None:
    """Refuse RDF/XML that is too deep, or has a document type: its entities grow without end or read files.

    UTF-16 is looked through too. Raises ContentError naming file:line:column.
    """
    plain = data.replace(b"\0", b"")
    found = _DOCTYPE.search(plain)
    if found:
        line, column = Lines(plain).at(found.start())
        raise ContentError("content.doctype", path=name, line=line, column=column)
    deep = too_deep_xml(data)
    if deep is not None:
        raise ContentError("content.nested_xml", path=name, line=deep[0], column=deep[1], most=MOST_ELEMENTS)


def require_shallow(name: str, data: bytes) -> None:
    """Refuse quoted triples that are nested too deep, at the place where they become so.

    Raises ContentError naming file:line:column.
    """
    offset = too_deep_triples(data)
    if offset is not None:
        line, column = Lines(data).at(offset)
        raise ContentError("content.nested", path=name, line=line, column=column)


def require_shallow_json(name: str, data: bytes) -> None:
    """Refuse JSON-LD that is nested too deep, where it becomes so: the memory that it takes has no bound.

    Raises ContentError naming file:line:column.
    """
    offset = too_deep_json(data)
    if offset is not None:
        line, column = Lines(data).at(offset)
        raise ContentError("content.nested_json", path=name, line=line, column=column, most=MOST)


def syntax_error(name: str, data: bytes, error: SyntaxError) -> ContentError:
    """The error for bytes that the parser refuses, at the place where the mistake begins."""
    problem = str(error.msg).partition(": ")[2] or str(error.msg)
    place = (error.lineno, error.offset) if error.lineno and error.offset else _xml_place(data)
    line, column = place or (1, 1)
    conflict = _CONFLICT.search(data)
    if conflict:
        line, column = Lines(data).at(conflict.start())
        return ContentError("content.conflict", path=name, line=line, column=column)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line, column = Lines(data).at(wrong.start)
        return ContentError("content.not_utf8", path=name, line=line, column=column)
    return _told(name, data, problem, (line, column) if place else None)


def _told(name: str, data: bytes, problem: str, place: tuple[int, int] | None) -> ContentError:
    """The error for what the parser says of bytes that are text, at a place or of the file as a whole."""
    line, column = place or (1, 1)
    prefix = _PREFIX.search(problem)
    if prefix:
        return ContentError("content.no_prefix", path=name, line=line, column=column, prefix=prefix[1])
    if "LoadDocumentCallback" in problem:
        remote = next((match.start(1) for match in _REMOTE.finditer(data) if match[1]), 0)
        line, column = Lines(data).at(remote)
        return ContentError("content.remote_context", path=name, line=line, column=column)
    if problem == "Unexpected end of file":
        return ContentError("content.unended", path=name, line=line, column=column)
    if place is None:
        return ContentError("content.meaning", path=name, problem=problem)
    lines = Lines(data)
    usual = slip(problem, data, lines.offset(line, column))
    if usual is None:
        return ContentError("content.syntax", path=name, problem=problem, line=line, column=column)
    line, column = lines.at(usual.offset)
    return ContentError(f"content.syntax.{usual.key}", path=name, line=line, column=column, **usual.values)


def _xml_place(data: bytes) -> tuple[int, int] | None:
    """Where XML is not well-formed, which the RDF/XML parser does not tell; None if it is, or is none.

    It has no document type, as ``require_harmless_xml`` has seen.
    """
    if not data.lstrip(_XML_SPACE).startswith(b"<"):
        return None
    parser = expat.ParserCreate()
    try:
        parser.Parse(data, True)  # noqa: FBT003  (the C function takes no name)
    except expat.ExpatError as error:
        return error.lineno, error.offset + 1
    return None
