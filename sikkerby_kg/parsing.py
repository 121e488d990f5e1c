"""What keeps the bytes of an RDF file from being read, as errors that say what to do about it.

The parser's own texts are in English and know no remedy, so the usual ones are told in our own words.
"""

import errno
import re
from pathlib import Path

from sikkerby_kg.errors import ContentError

_DOCTYPE = re.compile(rb"<!\s*doctype", re.IGNORECASE)
_CONFLICT = re.compile(rb"^<{7}(?= |\r?$)", re.MULTILINE)
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


def require_harmless_xml(name: str, data: bytes) -> None:
    """Refuse RDF/XML with a document type: its entities can grow without end, or read other files.

    UTF-16 is looked through too. Raises ContentError naming file:line:column.
    """
    plain = data.replace(b"\0", b"")
    found = _DOCTYPE.search(plain)
    if found:
        line, column = _place(plain, found.start())
        raise ContentError("content.doctype", path=name, line=line, column=column)


def syntax_error(name: str, data: bytes, error: SyntaxError) -> ContentError:
    """The error for bytes that the parser refuses, at the place where the mistake begins."""
    problem = str(error.msg).partition(": ")[2] or str(error.msg)
    line, column = error.lineno or 1, error.offset or 1
    conflict = _CONFLICT.search(data)
    if conflict:
        line, column = _place(data, conflict.start())
        return ContentError("content.conflict", path=name, line=line, column=column)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line, column = _place(data, wrong.start)
        return ContentError("content.not_utf8", path=name, line=line, column=column)
    prefix = _PREFIX.search(problem)
    if prefix:
        return ContentError("content.no_prefix", path=name, line=line, column=column, prefix=prefix[1])
    if "LoadDocumentCallback" in problem:
        return ContentError("content.remote_context", path=name)
    if problem == "Unexpected end of file":
        return ContentError("content.unended", path=name, line=line, column=column)
    return ContentError("content.syntax", path=name, line=line, column=column, problem=problem)


def _place(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a byte."""
    before = data[:offset]
    last = before[before.rfind(b"\n") + 1 :]
    return before.count(b"\n") + 1, len(last.decode("utf-8", "replace")) + 1
