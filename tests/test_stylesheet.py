"""The stylesheet is whole: a browser leaves out in silence what follows a bracket that is never closed."""

import re
from pathlib import Path

STYLE = (Path(__file__).parent.parent / "web/static/site.css").read_text(encoding="utf-8")


def test_every_bracket_is_closed_before_the_next_part_begins() -> None:
    depth = 0
    for number, line in enumerate(STYLE.splitlines(), start=1):
        assert depth == 0 or not line.startswith("/* ---"), f"line {number}: a bracket before it is open"
        bare = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", line)
        depth += bare.count("{") - bare.count("}")
        assert 0 <= depth <= 2, f"line {number}"
    assert depth == 0


def test_no_colour_stands_outside_the_tokens() -> None:
    rules = STYLE[STYLE.index("/* --- Elements") :]
    assert (
        re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", re.sub(r"/\*.*?\*/", "", rules, flags=re.DOTALL)) == []
    )
