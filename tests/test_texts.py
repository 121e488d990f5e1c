"""The catalogue of texts is complete, and the code names only texts that exist."""

import ast
from pathlib import Path

import pytest

from sikkerby_kg.texts import LANGUAGES, catalogue, has_text, placeholders, text

PACKAGE = Path(__file__).parent.parent / "sikkerby_kg"
PREFIXES = {
    "headers.py": "query.",
    "queries.py": "query.",
    "parameters.py": "parameter.",
    "sparql.py": "sparql.",
}


def error_keys(path: Path) -> set[str]:
    """The keys of the errors that a file raises; helper methods put their module's prefix in front."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name.endswith("Error") or name in ("error", "_error", "_error_at"):
            keys = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            for key in keys[:1]:
                owner = getattr(getattr(node.func, "value", None), "id", "")
                prefix = "parameter." if owner == "parameter" else PREFIXES.get(path.name, "")
                found.add(key if "." in key or name.endswith("Error") else prefix + key)
    return found


def test_every_text_is_in_every_language_with_the_same_placeholders() -> None:
    unequal = {
        key: entry
        for key, entry in catalogue().items()
        if set(entry) != set(LANGUAGES)
        or len({frozenset(placeholders(template)) for template in entry.values()}) != 1
        or not all(template.strip() for template in entry.values())
    }
    assert unequal == {}


def test_every_error_raised_has_a_text() -> None:
    keys = {
        f"error.{key}"
        for path in (*PACKAGE.glob("*.py"), *PACKAGE.glob("workers/*.py"))
        for key in error_keys(path)
    }
    assert len(keys) > 40
    assert {key for key in keys if not has_text(key) and " " not in key} == set()


def test_a_language_that_is_not_spoken_gets_the_default() -> None:
    assert text("error.prefix", "fr") == text("error.prefix", "da") == "Fejl"


def test_a_missing_text_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError):
        text("no.such.text", "da")
