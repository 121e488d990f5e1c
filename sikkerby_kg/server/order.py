"""The order in which people expect names: Danish letters last, and 2 before 10."""

import re

_DIGITS = re.compile(r"(\d+)")
_DANISH = str.maketrans({"æ": "\ue000", "ä": "\ue000", "ø": "\ue001", "ö": "\ue001", "å": "\ue002"})

Key = tuple[tuple[int, str], ...]


def alphabetical(name: str) -> Key:
    """A key to sort names by.

    >>> sorted(["Å", "Ø", "b 10", "B 2", "a", "Æ"], key=alphabetical)
    ['a', 'B 2', 'b 10', 'Æ', 'Ø', 'Å']
    """
    parts = _DIGITS.split(name.casefold().translate(_DANISH))
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
