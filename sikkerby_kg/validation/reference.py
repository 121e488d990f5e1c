"""The results as pySHACL finds them: the reference. The only module that imports pySHACL."""

import logging
from typing import TYPE_CHECKING, Any

from pyshacl import Validator
from pyshacl.graph_abstraction import DataGraph

from sikkerby_kg.errors import ContentError

if TYPE_CHECKING:
    from rdflib import Graph

    from sikkerby_kg.validation.graphs import FlatGraph, LayeredDataset
    from sikkerby_kg.validation.shapes import ShapesPart


def report_graph(part: "ShapesPart", graph: "FlatGraph | LayeredDataset") -> "Graph":
    """The report graph (SHACL §3.6). Raises ContentError if the shapes cannot be carried through."""
    silent = logging.getLogger(f"{__name__}.pyshacl")
    silent.disabled = True  # what it would log comes as an exception too
    options = {"inplace": True, "advanced": part.over_dataset, "logger": silent}
    try:
        validator: Any = Validator(DataGraph.from_rdflib(graph), shacl_graph=part.lean, options=options)
        report: Graph = validator.run()[1]
    except Exception as error:
        # pySHACL and rdflib's SPARQL engine tell of unusable shapes by some ten unrelated classes.
        problem = str(getattr(error, "message", error)) or type(error).__name__
        raise ContentError("shapes.unusable", path=", ".join(part.names), problem=problem) from error
    return report
