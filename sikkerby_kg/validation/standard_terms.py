"""The terms of common vocabularies, from a list beside this module; rdflib, which has them, takes longer."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("standard-terms.txt")


@cache
def standard_terms() -> Mapping[str, frozenset[str]]:
    """Namespace → the IRIs of all terms in it.

    >>> "http://www.w3.org/2004/02/skos/core#prefLabel" in standard_terms()["http://www.w3.org/2004/02/skos/core#"]
    True
    """
    found: dict[str, list[str]] = {}
    names: list[str] = []
    space = ""
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            names += [space + name for name in line.split()]
        elif line and not line.startswith("#"):
            space, names = line, found.setdefault(line, [])
    return {each: frozenset(terms) for each, terms in found.items()}
