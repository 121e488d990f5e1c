"""The parameters of one shape, read with care: what is not as SHACL wants it is left to pySHACL to judge."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import Literal

from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.found import UnsupportedError
from sikkerby_kg.validation.shapes_graph import SH, BrokenListError, TermGraph

_XSD = PREFIXES["xsd"]
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is said of a shape, or of a constraint, in a shapes graph; names are SHACL's without prefix.

    Every method raises UnsupportedError for what the fast engine does not take.
    """

    graph: TermGraph
    node: Term
    is_property_shape: bool

    def all(self, name: str) -> list[Term]:
        """All values."""
        return self.graph.objects(self.node, SH[name])

    def one(self, name: str) -> Term:
        """The only value."""
        found = self.all(name)
        if len(found) != 1:
            raise UnsupportedError(f"{len(found)} × sh:{name}")
        return found[0]

    def literal(self, name: str) -> Literal:
        """The only value, which is a literal."""
        found = self.one(name)
        if not isinstance(found, Literal):
            raise UnsupportedError(f"sh:{name} {found}")
        return found

    def count(self, name: str) -> int:
        """The only value, which is a whole number from 0."""
        found = self.literal(name)
        if found.datatype.value != _XSD + "integer" or not _COUNT.fullmatch(found.value):
            raise UnsupportedError(f"sh:{name} {found}")
        return int(found.value)

    def boolean(self, name: str) -> bool:
        """The only value, which is a boolean; False if there is none."""
        if not self.all(name):
            return False
        found = self.literal(name)
        if found.datatype.value != _XSD + "boolean" or found.value not in _BOOLEANS:
            raise UnsupportedError(f"sh:{name} {found}")
        return _BOOLEANS[found.value]

    def items(self, name: str) -> list[Term]:
        """The members of the list that is the only value."""
        return self.members(name, self.one(name))

    def members(self, name: str, start: Term) -> list[Term]:
        """The members of a list that is one of the values."""
        try:
            return self.graph.items(start)
        except BrokenListError:
            raise UnsupportedError(f"sh:{name} ( …") from None

    def properties(self, name: str) -> Sequence[Term]:
        """All values, which are properties; only a property shape compares them."""
        self.require_property_shape(name)
        return self.all(name)

    def require_property_shape(self, name: str) -> None:
        """Raise UnsupportedError unless the shape is a property shape."""
        if not self.is_property_shape:
            raise UnsupportedError(f"sh:NodeShape, sh:{name}")
