"""Where in a file a byte stands, as editors count: lines and columns from 1, columns in code points."""

import re
from bisect import bisect_right

BOM = b"\xef\xbb\xbf"
"""The byte order mark, which no editor shows."""
_LINE_END = re.compile(rb"\r\n?|\n")


class Lines:
    r"""The lines of a file without its byte order mark; LF, CR and CR LF end one.

    >>> Lines("a\r\nbøc".encode()).at(6)
    (2, 3)
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(data))]

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of the byte at an offset."""
        line = bisect_right(self._starts, offset)
        before = self._data[self._starts[line - 1] : offset]
        return line, len(before.decode("utf-8", "replace")) + 1

    def offset(self, line: int, column: int) -> int:
        r"""The offset of a line and column; what lies beyond a line or the file is its end.

        >>> Lines("a\r\nbøc".encode()).offset(2, 3)
        6
        """
        start = self._starts[min(line, len(self._starts)) - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._data)
        before = self._data[start:end].decode("utf-8", "replace")[: column - 1]
        return min(start + len(before.encode()), end)
