"""Holding content against shapes: what is wrong, where it stands, and what to do about it.

From the bottom up:

- ``report``: results and reports as frozen data
- ``graphs``: rdflib graphs that are quick to validate
- ``scope``: which files are validated together, and which of them the answer is about
- ``data``: the statements, and the file of each
- ``findings`` and ``vocabularies``: what is found without SHACL
- ``sanity`` and ``shapes``: the shapes of a root, once they are found usable
- ``reference``: pySHACL
- ``results``: from the report graph to results with messages
- ``validating``: all of it in order
- ``automaton``, ``sparql_reach`` and ``reach``: what shapes look at, walked backwards from a statement
- ``changes``: what a git change can have made wrong
- ``shapes_diff`` and ``coverage``: what other shapes would say; what shapes look at at all
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
