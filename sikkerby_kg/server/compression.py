"""Compression where a client asks for it: gzip, of whole bodies and of bodies that are still being made."""

import gzip
import zlib
from collections.abc import Iterable, Iterator

from flask import Response
from werkzeug.wsgi import ClosingIterator

GZIP = "gzip"
SMALLEST = 1_000
"""Bytes under which compressing costs more than it saves: such a body travels in one packet anyway."""

_LEVEL = 6
_FAST_LEVEL = 1
_LARGE = 200_000
_WINDOW = 31  # zlib's word for: with the header and trailer of gzip
_KINDS = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/n-quads",
        "application/n-triples",
        "application/trig",
        "application/xml",
        "image/svg+xml",
    }
)


def accepted(header: str | None) -> str:
    """The coding for an Accept-Encoding header: ``gzip``, or empty for none (RFC 9110 §12.5.3).

    >>> accepted("br;q=1.0, gzip;q=0.8, *;q=0.1"), accepted("gzip;q=0"), accepted("identity, gzip;q=0.5")
    ('gzip', '', '')
    """
    qualities: dict[str, float] = {}
    for element in (header or "").lower().split(","):
        name, *parameters = (part.strip() for part in element.split(";"))
        qualities[GZIP if name == "x-gzip" else name] = _quality(parameters)
    wanted = qualities.get(GZIP, qualities.get("*", 0.0))
    return GZIP if wanted > 0 and wanted >= qualities.get("identity", 0.0) else ""


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def is_compressible(response: Response) -> bool:
    """Whether a body is text of some length, or of a length not known yet, and not compressed already."""
    if "Content-Encoding" in response.headers or "Content-Range" in response.headers:
        return False
    length = response.calculate_content_length() if response.is_sequence else response.content_length
    return pays(response.mimetype or "", length)


def pays(kind: str, length: int | None) -> bool:
    """Whether compressing pays for a media type and a length in bytes, None for one not known yet."""
    is_text = kind.startswith("text/") or kind in _KINDS or kind.endswith(("+json", "+xml"))
    return is_text and (length is None or length >= SMALLEST)


def level_of(length: int) -> int:
    """How hard so many bytes are compressed: large bodies quickly."""
    return _LEVEL if length < _LARGE else _FAST_LEVEL


def compress(response: Response) -> None:
    """Compress the body of a response; one that is still being made stays so, piece by piece."""
    if response.is_sequence:
        body = response.get_data()
        response.set_data(gzip.compress(body, level_of(len(body)), mtime=0))
    else:
        body_pieces = response.response
        close = getattr(body_pieces, "close", None)
        response.response = ClosingIterator(_compressed(response.iter_encoded()), [close] if close else [])
        response.headers.pop("Content-Length", None)
    response.headers["Content-Encoding"] = GZIP


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces compressed; each can be read by the client as soon as it is sent."""
    compressor = zlib.compressobj(_FAST_LEVEL, wbits=_WINDOW)
    for piece in pieces:
        yield compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH)
    yield compressor.flush()
