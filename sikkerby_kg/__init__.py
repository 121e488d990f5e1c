"""Sikkerby KG: a sourced, validated knowledge graph of a city's safety strategy, from Python.

>>> from sikkerby_kg import open_graph
>>> with open_graph() as graph:
...     bool(graph.sparql("ASK { ?s ?p ?o }"))
True
"""

from sikkerby_kg.errors import SikkerbyError
from sikkerby_kg.graph import KnowledgeGraph, open_graph
from sikkerby_kg.results import Result, Row
from sikkerby_kg.settings import Settings
from sikkerby_kg.validation import Severity, ValidationReport, ValidationResult
from sikkerby_kg.verification import Verification

__all__ = [
    "KnowledgeGraph",
    "Result",
    "Row",
    "Settings",
    "Severity",
    "SikkerbyError",
    "ValidationReport",
    "ValidationResult",
    "Verification",
    "open_graph",
]
