"""The kinds of things in the graph: which classes have instances, how many, and what lies under what."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from sikkerby_kg import terms
from sikkerby_kg.graph import KnowledgeGraph
from sikkerby_kg.namespaces import ORG, PREFIXES, RDFS, SIK

SUBCLASSES: Mapping[str, str] = MappingProxyType(
    {
        SIK.ActionPlan: SIK.PolicyInstrument,
        SIK.Strategy: SIK.PolicyInstrument,
        ORG.FormalOrganization: ORG.Organization,
        ORG.OrganizationalCollaboration: ORG.Organization,
        ORG.OrganizationalUnit: ORG.Organization,
    }
)
"""Class → super-class where the pages need it and the content may leave it to the vocabulary to say."""

SOURCE_CLASSES = frozenset({SIK.Passage, SIK.Section, SIK.SourceDocument, SIK.SourceText, SIK.StatementGraph})
SOURCE_PREFIXES = ("dcat", "oa", "prov", "sd", "void")
MODEL_PREFIXES = ("adms", "owl", "rdf", "rdfs", "sh", "skos", "vann")

MANY = 1_000_000
"""More instances of a class than any content has."""

_COUNTS = "SELECT ?class (COUNT(DISTINCT ?thing) AS ?count) WHERE { ?thing a ?class } GROUP BY ?class"
_PARENTS = (
    f"SELECT DISTINCT ?class ?parent WHERE {{ ?class <{RDFS.subClassOf}> ?parent . FILTER(isIRI(?parent)) }}"
)
_COUNT = "SELECT (COUNT(DISTINCT ?thing) AS ?count) WHERE {{ VALUES ?class {{ {classes} }} ?thing a ?class }}"
_INSTANCES = """SELECT DISTINCT ?thing WHERE {{
  VALUES ?class {{ {classes} }}
  ?thing a ?class . FILTER(isIRI(?thing))
}} ORDER BY ?thing LIMIT {limit} OFFSET {offset}"""


class Kinds:
    """The classes of a graph that has been loaded and does not change."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._counted: dict[str, int] = {}
        self._every: dict[str, tuple[str, ...]] = {}
        self._narrower: dict[str, tuple[str, ...]] = {}
        self._widest: dict[str, str] = {}

    @cached_property
    def direct(self) -> Mapping[str, int]:
        """Class → how many things are said to belong to it."""
        found = self._graph.store.evaluate(_COUNTS).solutions()
        return {kind.value: terms.to_python(count) for kind, count in found if hasattr(kind, "value")}

    @cached_property
    def _children(self) -> Mapping[str, set[str]]:
        children: dict[str, set[str]] = {}
        for child, parent in SUBCLASSES.items():
            children.setdefault(parent, set()).add(child)
        for child, parent in self._graph.store.evaluate(_PARENTS).solutions():
            children.setdefault(terms.to_python(parent), set()).add(terms.to_python(child))
        return children

    @property
    def above(self) -> frozenset[str]:
        """The classes that have others under them, and those that the pages always list."""
        return frozenset(self._children) | {SIK.KnowledgeGap, SIK.Initiative, SIK.Proposal}

    def with_subclasses(self, kind: str) -> Sequence[str]:
        """A class and every class under it; looked up once."""
        if kind not in self._narrower:
            self._narrower[kind] = self._with_subclasses(kind)
        return self._narrower[kind]

    def _with_subclasses(self, kind: str) -> tuple[str, ...]:
        found = {kind}
        waiting = [kind]
        while waiting:
            new = self._children.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return tuple(sorted(found))

    def widest(self, kind: str) -> str:
        """The widest class of the content that a class lies under; itself if it lies under none."""
        if kind not in self._widest:
            self._widest[kind] = self._find_widest(kind)
        return self._widest[kind]

    def _find_widest(self, kind: str) -> str:
        seen = {kind}
        while above := [
            parent
            for parent, children in self._children.items()
            if kind in children and parent not in seen and group_of(parent) == "content"
        ]:
            kind = min(above)
            seen.add(kind)
        return kind

    def count(self, kind: str) -> int:
        """How many things belong to a class or to one under it."""
        if kind not in self._counted:
            classes = [name for name in self.with_subclasses(kind) if name in self.direct]
            if len(classes) > 1:
                solutions = self._graph.store.evaluate(_COUNT.format(classes=_iris(classes))).solutions()
                self._counted[kind] = terms.to_python(next(solutions)[0])
            else:
                self._counted[kind] = sum(self.direct[name] for name in classes)
        return self._counted[kind]

    def every(self, kind: str) -> tuple[str, ...]:
        """The IRIs of all things of a class or one under it, by IRI; looked up once."""
        if kind not in self._every:
            self._every[kind] = tuple(self.instances(kind, MANY))
        return self._every[kind]

    def instances(self, kind: str, limit: int, offset: int = 0) -> list[str]:
        """The IRIs of things of a class or one under it, by IRI; those without an IRI are left out."""
        classes = [name for name in self.with_subclasses(kind) if name in self.direct]
        if not classes:
            return []
        query = _INSTANCES.format(classes=_iris(classes), limit=limit, offset=offset)
        return [terms.to_python(thing) for (thing,) in self._graph.store.evaluate(query).solutions()]


def _iris(iris: list[str]) -> str:
    return " ".join(f"<{iri}>" for iri in iris)


def group_of(kind: str) -> str:
    """Where a class is listed: ``content``, ``source`` or ``model``.

    >>> group_of("http://www.w3.org/2004/02/skos/core#Concept")
    'model'
    """
    if kind in SOURCE_CLASSES or kind.startswith(tuple(PREFIXES[name] for name in SOURCE_PREFIXES)):
        return "source"
    is_model = kind.startswith(tuple(PREFIXES[name] for name in MODEL_PREFIXES))
    return "model" if is_model else "content"
