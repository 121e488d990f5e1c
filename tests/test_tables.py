"""Tables fit the terminal, lose nothing, and cannot control it."""

import pytest
from hypothesis import given, strategies as st

from sikkerby_kg.tables import display_width, markdown, markdown_text, printable, table

HEADERS = ["plan", "from", "number"]
ROWS = [["The plan of the lanterns on the pier", "1902-03-01", "7"], ["bavne", "", "12"]]


def test_without_a_width_every_row_is_one_line() -> None:
    assert (
        table(HEADERS, [["a\nb", "c", "1"]]) == "plan  from  number\n────  ────  ──────\na b   c          1\n"
    )


def test_what_fits_is_not_wrapped_and_numbers_stand_to_the_right() -> None:
    assert table(HEADERS, ROWS, 80).splitlines() == [
        "plan                                  from        number",
        "────────────────────────────────────  ──────────  ──────",
        "The plan of the lanterns on the pier  1902-03-01       7",
        "bavne                                                 12",
    ]


def test_the_widest_column_gives_way_first() -> None:
    assert table(HEADERS, ROWS, 40).splitlines() == [
        "plan                  from        number",
        "────────────────────  ──────────  ──────",
        "The plan of the       1902-03-01       7",
        "lanterns on the pier",
        "",
        "bavne                                 12",
    ]


def test_a_terminal_too_narrow_for_words_gets_blocks() -> None:
    assert table(HEADERS, ROWS, 26).splitlines() == [
        "── 1 ─────────────────────",
        "plan    The plan of the",
        "        lanterns on the",
        "        pier",
        "from    1902-03-01",
        "number  7",
        "── 2 ─────────────────────",
        "plan    bavne",
        "from    –",
        "number  12",
    ]


@pytest.mark.parametrize("width", [None, 40])
def test_no_rows_leave_the_headers(width: int | None) -> None:
    assert table(["a", "bb"], [], width) == "a  bb\n─  ──\n"


def test_lines_of_a_cell_stay_lines() -> None:
    assert table(["x"], [["name\nshort:name"]], 40).splitlines()[2:] == ["name", "short:name"]


def test_letters_are_counted_as_they_are_shown() -> None:
    lines = table(["島", "b"], [["e\u0301", "x"], ["島島", "y"]]).splitlines()
    assert len({display_width(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\tb\rc", "a\\tb\\rc"),
        ("\u202egnp", "\\u202egnp"),
        ("\x9b", "\\x9b"),
        ("æøå\n😀", "æøå\n😀"),
    ],
)
def test_a_value_cannot_control_the_terminal(text: str, expected: str) -> None:
    assert printable(text) == expected
    assert expected.replace("\n", " ") in table(["x"], [[text]])


@given(
    st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40)), max_size=4),
    st.integers(30, 120) | st.none(),
)
def test_nothing_is_cut_off(rows: list[tuple[str, str, str]], width: int | None) -> None:
    shown = table(HEADERS, rows, width)
    letters = {letter for row in rows for cell in row for letter in printable(cell) if not letter.isspace()}
    assert letters <= set(shown)
    if width is not None:
        assert max(map(display_width, shown.splitlines())) <= width


def test_markdown_cells_cannot_break_the_table() -> None:
    assert markdown(["a|b"], [["x|y\nz"]]) == "| a\\|b |\n| --- |\n| x\\|y<br>z |\n"
    assert markdown_text("[a](b) `c` <d>") == "\\[a\\](b) \\`c\\` \\<d\\>"
