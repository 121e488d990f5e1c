"""Holding content against shapes: what is wrong, where it stands, and what to do about it.

From the bottom up:

- ``report``: results and reports as frozen data
- ``graphs``: rdflib graphs that are quick to validate
- ``room``: whether there is memory for them
- ``scope``: which files are validated together, and which of them the answer is about
- ``steps`` and ``placing``: from results to lines
- ``data``: the statements, and which of them the answer is about
- ``findings`` and ``vocabularies``: what is found without SHACL
- ``sanity`` and ``shapes``: the shapes of a root, once they are found usable
- ``reference``: pySHACL
- ``results``: from the report graph to results with messages
- ``validating``: all of it in order
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
