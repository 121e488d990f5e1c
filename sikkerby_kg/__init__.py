"""Sikkerby KG: a sourced, validated knowledge graph of a city's safety strategy, from Python.

>>> from sikkerby_kg import open_graph
>>> with open_graph() as graph:
...     bool(graph.sparql("ASK { ?s ?p ?o }"))
True
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_HOMES = {
    "KnowledgeGraph": "graph",
    "Result": "results",
    "Row": "results",
    "Settings": "settings",
    "Severity": "validation",
    "SikkerbyError": "errors",
    "ValidationReport": "validation",
    "ValidationResult": "validation",
    "Verification": "verification",
    "open_graph": "graph",
}


def __getattr__(name: str) -> object:
    """What the package offers, imported when it is first asked for (PEP 562). Raises AttributeError."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
