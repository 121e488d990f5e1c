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
