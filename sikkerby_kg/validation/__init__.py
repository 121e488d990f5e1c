"""Holding content against shapes: what is wrong, where it stands, and what to do about it.

From the bottom up:

- ``report``: results and reports as frozen data
- ``room``: whether there is memory for the files
- ``scope``: which files are validated together, and which of them the answer is about
- ``shapes_graph`` and ``index``: the statements of shapes and of data, every term as it was written
- ``paths`` and ``path_syntax``: property paths, and reading them as SPARQL writes them
- ``steps`` and ``placing``: from results to lines
- ``data``: the statements, and which of them the answer is about
- ``found``: what an engine finds, and what the fast one leaves alone
- ``standard_terms``: the terms of common vocabularies
- ``findings`` and ``vocabularies``: what is found without SHACL
- ``literals`` and ``parameters``: what the constraint components rest on, with ``paths``
- ``constraints`` ``relations`` ``logic``: the components of SHACL Core, each read once and bound to data
- ``sparql_text`` ``querying`` ``sparql_constraints``: the queries of shapes, run on Oxigraph
- ``compiling``: shapes with all of that as closures
- ``sanity`` and ``shapes``: the shapes of a root, once they are found usable
- ``anchors``: what a thing without IRI hangs on
- ``focus``: the focus nodes of shapes by themselves
- ``engine``: the fast engine, for the shapes that it covers whole
- ``graphs`` and ``reference``: pySHACL, for the others, and to compare with
- ``meant``: the term that an unknown one is most like
- ``results``: from what was found to results with messages
- ``validating``: all of it in order
- ``baseline``: results that are known and accepted
- ``mistakes`` ``examples`` ``explanation``: what a shape demands, with what passes and what fails
- ``writers``: the report in every format
- ``blank_names``: what things without IRI are called in two readings of a file
- ``changes``: what a git change has made wrong
- ``shapes_diff``: what other shapes would say
- ``coverage`` and ``shape_use``: what shapes look at at all
"""

from sikkerby_kg.validation.report import Place, Severity, ValidationReport, ValidationResult
from sikkerby_kg.validation.shapes import Shapes, load_shapes, read_shapes
from sikkerby_kg.validation.validating import validate, validate_content

__all__ = [
    "Place",
    "Severity",
    "Shapes",
    "ValidationReport",
    "ValidationResult",
    "load_shapes",
    "read_shapes",
    "validate",
    "validate_content",
]
