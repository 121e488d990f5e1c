"""What an engine finds, before it is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sikkerby_kg.terms import Term


class UnsupportedError(Exception):
    """What the fast engine does not carry out itself.

    The text names it in the notation of SHACL and SPARQL, which needs no translation.
    """


@dataclass(frozen=True, slots=True)
class Found:
    """One result (SHACL §3.6.2), in Oxigraph's terms.

    ``path`` is given where it is not the shape's own. ``constraint`` is the node of a SPARQL-based constraint
    and ``row`` the solution that made the result. ``details`` are the results inside a nested shape.
    """

    shape: Term
    component: str
    focus: Term
    value: Term | None = None
    path: Term | None = None
    constraint: Term | None = None
    row: Mapping[str, Term] = field(default_factory=dict)
    details: tuple["Found", ...] = ()
