"""Where in a file a byte stands, as editors count: lines and columns from 1, columns in code points."""

import re
from array import array
from bisect import bisect_right

BOM = b"\xef\xbb\xbf"
"""The byte order mark, which no editor shows."""
_STEP = 4096
"""So many bytes of a line are looked through to find a column."""
_WITHIN = bytes(range(0x80, 0xC0))
"""The bytes that go on with a character (RFC 3629 §3)."""
_LINE_END = re.compile(rb"\r\n?|\n")


class Lines:
    r"""The lines of a file without its byte order mark; LF, CR and CR LF end one.

    >>> Lines("a\r\nbøc".encode()).at(6)
    (2, 3)
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._known: dict[int, array[int]] = {}
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(data))]

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of the byte at an offset."""
        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        if offset - start <= _STEP:
            return line, len(self._data[start:offset].decode("utf-8", "replace")) + 1
        steps = (offset - start) // _STEP
        before = self._in_steps(line)[steps]
        return line, before + _characters(self._data[start + steps * _STEP : offset]) + 1

    def _in_steps(self, line: int) -> "array[int]":
        """How many characters of a long line stand before every so many bytes of it."""
        found = self._known.get(line)
        if found is None:
            start = self._starts[line - 1]
            end = self._starts[line] if line < len(self._starts) else len(self._data)
            found = self._known[line] = array("q", [0])
            for at in range(start, end, _STEP):
                found.append(found[-1] + _characters(self._data[at : at + _STEP]))
        return found

    def offset(self, line: int, column: int) -> int:
        r"""The offset of a line and column; what lies beyond a line or the file is its end.

        >>> Lines("a\r\nbøc".encode()).offset(2, 3)
        6
        """
        start = self._starts[min(line, len(self._starts)) - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._data)
        before = self._data[start:end].decode("utf-8", "replace")[: column - 1]
        return min(start + len(before.encode()), end)


def _characters(data: bytes) -> int:
    """How many characters begin in some bytes of UTF-8."""
    return len(data.translate(None, _WITHIN))
