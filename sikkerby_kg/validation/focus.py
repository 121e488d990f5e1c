"""The focus nodes of shapes, by themselves: how much each shape looks at (SHACL §2.1.3)."""

from sikkerby_kg.terms import Term, from_rdflib
from sikkerby_kg.validation.compiling import Binding
from sikkerby_kg.validation.data import Data
from sikkerby_kg.validation.found import UnsupportedError
from sikkerby_kg.validation.parameters import Parameters
from sikkerby_kg.validation.querying import Querying
from sikkerby_kg.validation.shapes import Shapes, ShapesPart
from sikkerby_kg.validation.shapes_graph import SH, text
from sikkerby_kg.validation.sparql_constraints import prefixes


class FocusNodes:
    """Finds the focus nodes of the shapes of a part in some data, whichever engine carries them out."""

    def __init__(self, part: ShapesPart, shapes: Shapes, data: Data) -> None:
        self._part = part
        self._shapes = shapes
        self._data = data
        querying = Querying(data.index, data.named(), part.graph)
        self._binding = Binding(part.compiled, data.index, querying)
        if part.over_dataset:
            querying.load_named()

    def of(self, shape: Term) -> set[int]:
        """The focus nodes of a shape with a target, by their numbers, those in the background as well."""
        try:
            return set(self._binding.focus_nodes(self._part.compiled.targets(shape), None))
        except UnsupportedError:
            return set(self._by_reference(shape))

    def _by_reference(self, shape: Term) -> list[int]:
        """The nodes that rdflib finds by the queries of a target which Oxigraph would answer otherwise."""
        from rdflib.term import Variable  # noqa: PLC0415  (slow to import, and seldom needed)

        from sikkerby_kg.validation.graphs import Queries  # noqa: PLC0415  (as above)
        from sikkerby_kg.validation.reference import Reference  # noqa: PLC0415  (as above)

        graph, index = self._part.graph, self._data.index
        dataset = Reference(self._data, self._shapes).layered(Queries(self._shapes.prepared))
        found = []
        for target in graph.objects(shape, SH.target):
            select = graph.value(target, SH.select)
            if select is not None:
                names = prefixes(Parameters(graph, target, is_property_shape=False))
                declared = "".join(f"PREFIX {name}: <{space}>\n" for name, space in names.items())
                answer = dataset.query(declared + text(select))
                found += [index.number(from_rdflib(each[Variable("this")])) for each in answer.bindings]
        return found
