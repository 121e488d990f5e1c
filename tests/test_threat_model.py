"""THREAT_MODEL.md: every promise names a test, and every test that it names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "THREAT_MODEL.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/\w+\.py)::(\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name.startswith("test_")


def test_every_promise_names_a_test() -> None:
    tables = re.findall(r"^\| Promise \| Shown by \|\n\|---\|---\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    assert len(tables) > 5
    for row in "".join(tables).splitlines():
        _, promise, shown, _ = row.split("|")
        assert promise.strip().endswith(".")
        assert re.fullmatch(r"(?: `tests/\w+\.py::\w+`)+ ", shown), row


def test_the_readme_leads_to_it() -> None:
    assert "[`THREAT_MODEL.md`](THREAT_MODEL.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
