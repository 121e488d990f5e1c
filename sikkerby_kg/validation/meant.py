"""The term of a model that an unknown one is most like."""

import difflib

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.index import DataIndex
from sikkerby_kg.validation.shapes_graph import text

_CLASSES = tuple(NamedNode(PREFIXES[prefix] + "Class") for prefix in ("owl", "rdfs"))
_PROPERTIES = (
    NamedNode(PREFIXES["rdf"] + "Property"),
    *(NamedNode(PREFIXES["owl"] + kind + "Property") for kind in ("Object", "Datatype", "Annotation")),
)
NOTHING = Literal("–")
"""What is told where no term is like another."""


def closest(term: Term, data: DataIndex, *, is_class: bool) -> Term:
    """The class or property of the same namespace that is most like a term; a dash if there is none."""
    iri = text(term)
    space = iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
    declared = {
        text(data.terms[each])
        for kind in (_CLASSES if is_class else _PROPERTIES)
        for each in data.into(data.type).get(data.ids.get(kind, -1), ())
    }
    names = {each[len(space) :].lower(): each for each in sorted(declared) if each.startswith(space)}
    found = difflib.get_close_matches(iri[len(space) :].lower(), names, n=1, cutoff=0.0)
    return NamedNode(names[found[0]]) if found else NOTHING
