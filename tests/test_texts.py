"""The catalogue of texts is complete, all of it is used, and nothing is said without it."""

import ast
import builtins
import errno
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sikkerby_kg import errors
from sikkerby_kg.namespaces import PREFIXES
from sikkerby_kg.texts import LANGUAGES, catalogue, has_text, placeholders, text

PACKAGE = Path(__file__).parent.parent / "sikkerby_kg"
OF_MODULE = {
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
        if (name.endswith("Error") and hasattr(errors, name)) or name in ("error", "_error", "_error_at"):
            keys = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            for key in keys[:1]:
                owner = getattr(getattr(node.func, "value", None), "id", "")
                prefix = "parameter." if owner == "parameter" else OF_MODULE.get(path.name, "")
                found.add(key if "." in key or name.endswith("Error") else prefix + key)
    return found


def test_the_catalogue_is_what_toml_makes_of_its_file() -> None:
    assert dict(catalogue()) == tomllib.loads((PACKAGE / "texts.toml").read_text(encoding="utf-8"))


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
        for pattern in ("*.py", "workers/*.py", "validation/**/*.py")
        for path in PACKAGE.glob(pattern)
        for key in error_keys(path)
    }
    assert len(keys) > 40
    keys.remove("error.shapes.problems")  # made of the texts of its problems
    assert {key for key in keys if not has_text(key) and " " not in key} == set()


def test_a_language_that_is_not_spoken_gets_the_default() -> None:
    assert text("error.prefix", "fr") == text("error.prefix", "da") == "Fejl"


def test_a_missing_text_is_a_mistake_in_the_code() -> None:
    with pytest.raises(KeyError):
        text("no.such.text", "da")


# --- What the catalogue holds, and what is used of it -----------------------------------------

TEMPLATES = sorted((PACKAGE.parent / "web" / "templates").glob("*.html"))
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_folders" not in path.parts)
SAYING = {"text", "_text", "has_text", "t"}
"""The functions that take the key of a text."""

IN_TEMPLATES = re.compile(r"\b(?:t|sentence)\(\s*(['\"])(.*?)\1\s*(~)?")
"""A text in a template; what is joined to the key by ~ is the rest of it."""

NAMES = {"SPARQL", "lang"}
"""What stands in templates as it is: the same in every language, or an attribute that a macro writes."""

NODE_KINDS = {"BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRI", "IRIOrLiteral", "Literal"}
"""The values of sh:nodeKind that shapes may have (SHACL §4.1.3)."""


@cache
def trees() -> tuple[ast.Module, ...]:
    """Every module of the package, parsed."""
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in MODULES)


def strings(node: ast.AST) -> Iterator[str]:
    """The strings in a piece of code."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def pattern_of(joined: ast.JoinedStr) -> str:
    """The keys that an f-string can make, as a pattern."""
    parts = (part.value if isinstance(part, ast.Constant) else None for part in joined.values)
    return "".join(".+" if part is None else re.escape(str(part)) for part in parts)


def begins_a_key(joined: ast.JoinedStr) -> bool:
    """Whether an f-string begins as keys do."""
    first = joined.values[0]
    start = str(first.value) if isinstance(first, ast.Constant) else ""
    return "." in start and any(key.startswith(start) for key in catalogue())


@cache
def used() -> tuple[frozenset[str], frozenset[str]]:
    """The keys that are asked for by name, and the patterns of those that are put together."""
    named, patterns = set[str](), set[str]()
    for node in (node for tree in trees() for node in ast.walk(tree)):
        if isinstance(node, ast.JoinedStr) and begins_a_key(node):
            patterns.add(pattern_of(node))
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SAYING and not isinstance(node.args[0], ast.JoinedStr):
                named |= {key for key in strings(node.args[0]) if "." in key and key == key.strip(".")}
    for path in TEMPLATES:
        for _, key, joined in IN_TEMPLATES.findall(path.read_text(encoding="utf-8")):
            (patterns if joined else named).add(re.escape(key) + ".+" if joined else key)
    return frozenset(named), frozenset(patterns)


def test_every_text_that_is_asked_for_is_there() -> None:
    named, patterns = used()
    assert len(named) > 150
    assert {key for key in named if not has_text(key)} == set()
    assert {found for found in patterns if not any(re.match(found, key) for key in catalogue())} == set()


def test_every_text_is_used() -> None:
    """A key stands in the code as a whole, or its end does and the code puts a part before it."""
    named, patterns = used()
    said = {string for tree in trees() for string in strings(tree)}
    ends = {name for string in said for name in (string, string.lower())} | asked_by_content()
    known = named | said
    unused = {
        key
        for key in (re.sub(r"\.(alone|one)$", "", key) for key in catalogue() if not is_curie(key))
        if key not in known
        and key.removeprefix("error.") not in said
        and not any(
            key.startswith(start) and re.fullmatch(pattern, key) and is_made(key.removeprefix(start), ends)
            for pattern in patterns | {r"error\..+"}
            for start in [re.sub(r"\\(.)", r"\1", pattern.partition(".+")[0])]
        )
    }
    assert unused == set()


def is_curie(key: str) -> bool:
    """Whether a key is that of the name of a term of another vocabulary, which any content may use."""
    return key.removeprefix("term.").removeprefix("inverse.").partition(":")[0] in PREFIXES


def is_made(rest: str, ends: set[str]) -> bool:
    """Whether code or content has the rest of a key, or its end where the middle comes from elsewhere."""
    parts = rest.split(".")
    return any(".".join(parts[start:]) in ends for start in range(len(parts))) or parts[-1].isdigit()


def asked_by_content() -> set[str]:
    """The names that come from elsewhere: variables and tags of saved queries, settings, options, terms."""
    found = {*dir(builtins), *errno.errorcode.values(), *NODE_KINDS}
    for path in (PACKAGE.parent / "queries").glob("*.rq"):
        query = path.read_text(encoding="utf-8")
        found |= {name.removesuffix("Section") for name in re.findall(r"[?$](\w+)", query)}
        found |= {re.sub("Start$", "Period", name) for name in re.findall(r"[?$](\w+)", query)}
        found |= {
            tag
            for tags in re.findall(r"^#\+ tags: \[(.*)\]", query, re.MULTILINE)
            for tag in tags.split(", ")
        }
    for tree in trees():
        functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.arg | ast.ClassDef))
        for node in functions:
            found.add(node.arg if isinstance(node, ast.arg) else node.name)
            found.add((node.arg if isinstance(node, ast.arg) else node.name).replace("_", "-"))
    return found


def bare(template: str) -> str:
    """A template without what Jinja replaces, its comments, and its tags."""
    template = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", template, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", template)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.name))
def test_no_template_has_words_of_its_own(path: Path) -> None:
    template = path.read_text(encoding="utf-8")
    assert set(re.findall(r"[^\W\d_]{2,}", bare(template))) - NAMES == set()
    spoken = re.findall(r"\b(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"", template)
    assert [words for words in spoken if re.search(r"[^\W\d_]{2,}", bare(words))] == []


def test_what_a_reader_wrote_is_quoted_as_the_language_quotes() -> None:
    values = {"name": "x", "type": "date", "example": "y", "value": "it's\n"}
    assert "kan ikke være »it's\\n«:" in text("error.parameter.value", "da", **values)
    assert 'cannot be "it\'s\\n":' in text("error.parameter.value", "en", **values)
    assert "være 7:" in text("error.parameter.value", "da", **{**values, "value": 7})


def test_danish_texts_quote_as_danish_does() -> None:
    """Straight marks are left for what is typed with them: JSON, and text that a shell would take apart."""
    straight = {
        key: said["da"] for key, said in catalogue().items() if re.search(r'(?<![=:])"\{\w+\}"', said["da"])
    }
    assert straight == {}
