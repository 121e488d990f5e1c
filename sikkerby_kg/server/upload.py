"""A file that a reader sends to be validated: pasted, uploaded with a form, or as the body of a request.

It is kept in memory and nowhere else.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import IO

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from sikkerby_kg.formats import RDF_FORMATS, Format
from sikkerby_kg.judging import Document
from sikkerby_kg.server.language import language
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.texts import text
from sikkerby_kg.workers import MEGABYTE
from sikkerby_kg.written import number_text

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
TEXT, FILE, SYNTAX = "text", "file", "syntax"
"""The fields of the form."""

KNOWN = ", ".join((*FORMS, *(each.media_type for each in RDF_FORMATS)))
ROOM = 100_000
"""Bytes that a form may have beside the file."""

_LONGEST_NAME = 80
_MOST_FIELDS = 20
_XML = re.compile(rb"\s*<(?:\?xml|!DOCTYPE|rdf:RDF)", re.IGNORECASE)
_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*\{)")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent. ``pasted`` is the text of the form, ``syntax`` the name of a format that was chosen."""

    document: Document
    is_form: bool = False
    pasted: str = ""
    syntax: str = ""


def uploaded(longest: int) -> Upload:
    """The file in this request, of at most ``longest`` bytes.

    Raises ProblemError: 400 if there is none, or no UTF-8 is promised; 413 if it is too long; 415 for a body
    of another kind.
    """
    request.max_content_length = longest + ROOM
    _require_plain()
    try:
        found = _form() if request.mimetype in FORMS else _body()
    except RequestEntityTooLarge:
        raise too_long(longest) from None
    if len(found.document.data) > longest:
        raise too_long(longest)
    if not found.document.data.strip():
        raise ProblemError(HTTPStatus.BAD_REQUEST, text("web.validate.nothing", language()))
    return found


def too_long(longest: int) -> ProblemError:
    """The problem with a file that is too long."""
    lang = language()
    megabytes = number_text(longest / MEGABYTE, lang)
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text("web.validate.too_long", lang, megabytes=megabytes)
    )


def _require_plain() -> None:
    """Make sure that the body is of a kind that is read, not compressed, and in UTF-8."""
    lang = language()
    if request.mimetype not in FORMS and _format_of(request.mimetype) is None:
        detail = text("web.validate.media_type", lang, known=KNOWN, found=request.mimetype or "–")
        raise ProblemError(415, detail, headers={"Accept-Post": KNOWN})
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        detail = text("web.validate.compressed", lang, found=encoding)
        raise ProblemError(415, detail, headers={"Accept-Encoding": "identity"})
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise ProblemError(400, text("web.validate.encoding", lang))


def _format_of(media_type: str) -> Format | None:
    return next((each for each in RDF_FORMATS if media_type in (each.media_type, *each.also)), None)


def _body() -> Upload:
    found = _format_of(request.mimetype)
    assert found is not None  # noqa: S101  (it has been looked at)
    return Upload(Document(_called(""), f".{found.name}", request.get_data(cache=False)))


def _form() -> Upload:
    form, files = _fields()
    syntax = form.get(SYNTAX, "")
    if syntax not in ("", *(each.name for each in RDF_FORMATS)):
        syntax = ""
    given = files.get(FILE)
    data = given.stream.read() if given else b""
    if given and data:
        name = given.filename or ""
        return Upload(Document(_called(name), _suffix(syntax, name, data), data), is_form=True, syntax=syntax)
    pasted = form.get(TEXT, "").replace("\r\n", "\n")  # a form sends every end of a line so (HTML §4.10.22)
    data = pasted.encode("utf-8", "surrogatepass")
    return Upload(
        Document(_called(""), _suffix(syntax, "", data), data), is_form=True, pasted=pasted, syntax=syntax
    )


def _fields() -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """The fields of the form, all in memory: Flask itself would put a long file on the disk."""

    def in_memory(*_: object, **__: object) -> IO[bytes]:
        return BytesIO()

    parser = FormDataParser(
        in_memory,
        max_form_memory_size=request.max_content_length,
        max_content_length=request.max_content_length,
        max_form_parts=_MOST_FIELDS,
    )
    _, form, files = parser.parse(
        request.stream, request.mimetype, request.content_length, dict(request.mimetype_params)
    )
    return form, files


def _called(name: str) -> str:
    """How messages call the file: by the end of its name, else in words."""
    last = "".join(c for c in re.split(r"[/\\]", name)[-1] if c.isprintable())
    return last[-_LONGEST_NAME:] or text("web.validate.pasted", language())


def _suffix(syntax: str, name: str, data: bytes) -> str:
    """The suffix that says the format: the chosen one, else that of the name, else what it looks like."""
    ends = name.lower().rpartition(".")[2] if "." in name else ""
    known = {each.name for each in RDF_FORMATS}
    if syntax or ends in known:
        return f".{syntax or ends}"
    start = data.removeprefix(_BOM)
    if _XML.match(start):
        return ".rdf"
    return ".jsonld" if _JSON.match(start) else ".trig"  # TriG holds all of Turtle
