"""Writing a report: one module for each format, each a pure function from a document to text."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from sikkerby_kg.validation.writers.document import Document, Problem, in_order, problems_of
from sikkerby_kg.validation.writers.files import Files, HeldFiles

__all__ = [
    "FORMATS",
    "Document",
    "Files",
    "Format",
    "HeldFiles",
    "Problem",
    "format_of",
    "in_order",
    "problems_of",
    "written",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of reports: its name, the ends of file names that stand for it, and its writer's place."""

    name: str
    suffixes: tuple[str, ...]
    module: str
    function: str


FORMATS = (
    Format("text", (".txt",), "text_report", "as_text"),
    Format("github", (), "github_report", "as_github"),
    Format("sarif", (".sarif", ".sarif.json"), "sarif_report", "as_sarif"),
    Format("codequality", (), "codequality_report", "as_codequality"),
    Format("junit", (".xml",), "junit_report", "as_junit"),
    Format("json", (".json",), "json_report", "as_json"),
    Format("html", (".html", ".htm"), "html_report", "as_html"),
    Format("turtle", (".ttl",), "turtle_report", "as_turtle"),
)
"""Every format. A new one is one line here and one module beside the others."""


def format_of(file: str) -> str | None:
    """The format that the name of a file stands for, the longest end first; None if it stands for none.

    >>> format_of("a.sarif.json"), format_of("a.xlsx")
    ('sarif', None)
    """
    ends = {suffix: each.name for each in FORMATS for suffix in each.suffixes}
    longest_first = sorted(ends, key=len, reverse=True)
    return next((ends[suffix] for suffix in longest_first if file.lower().endswith(suffix)), None)


def written(name: str, document: Document) -> str:
    """A document in a format, whose module is loaded when it is first used. Raises KeyError for no format."""
    found = {each.name: each for each in FORMATS}[name]
    write: Callable[[Document], str] = getattr(import_module(f"{__name__}.{found.module}"), found.function)
    return write(document)
