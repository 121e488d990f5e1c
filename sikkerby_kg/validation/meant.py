"""The term of a model that an unknown one is most like."""

import difflib
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.namespaces import PREFIXES, namespace_of
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
    declared = {
        text(data.terms[each])
        for kind in (_CLASSES if is_class else _PROPERTIES)
        for each in data.into(data.type).get(data.ids.get(kind, -1), ())
    }
    found = nearest(text(term), declared, 0)
    return NOTHING if found is None else NamedNode(found)


def nearest(iri: str, known: Iterable[str], likeness: float) -> str | None:
    """The known term of the same namespace that is most like one, if it is at least so much like it (0 to 1).

    >>> nearest("http://e/Shipp", ["http://e/ship", "http://e/crew", "http://other/Shipp"], 0.75)
    'http://e/ship'
    """
    space = namespace_of(iri)
    names = {each[len(space) :].lower(): each for each in sorted(known) if namespace_of(each) == space}
    found = difflib.get_close_matches(iri[len(space) :].lower(), names, n=1, cutoff=likeness)
    return names[found[0]] if found else None
