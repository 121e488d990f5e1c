"""Dates, periods and numbers in the reader's form, no preciser than they are known."""

from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from hypothesis import given, strategies as st

from sikkerby_kg.texts import LANGUAGES
from sikkerby_kg.written import GROUPED_FROM, LOCALES, date_text, number_text, period_text


def test_every_language_has_a_locale() -> None:
    assert LOCALES.keys() == set(LANGUAGES)


def test_a_language_that_is_not_spoken_gets_the_default() -> None:
    assert date_text(date(2023, 6, 1), "fr") == date_text(date(2023, 6, 1), "da") == "1. juni 2023"


@given(st.integers(-(10**30), 10**30))
def test_no_digit_of_a_whole_number_is_lost(number: int) -> None:
    for lang, mark in (("da", "."), ("en", ",")):
        written = number_text(number, lang)
        assert int(written.replace(mark, "").replace("\N{MINUS SIGN}", "-")) == number
        assert (mark in written) is (abs(number) >= GROUPED_FROM)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_no_digit_of_a_decimal_is_lost(number: Decimal) -> None:
    written = number_text(number, "da").replace(".", "").replace(",", ".").replace("\N{MINUS SIGN}", "-")
    assert Decimal(written) == number


def test_what_is_no_number_is_written_as_it_is() -> None:
    assert [number_text(float(name), "da") for name in ("inf", "nan")] == ["inf", "nan"]


@pytest.mark.parametrize(
    ("start", "end", "precision", "danish", "english"),
    [
        ((2022, 1, 1), (2025, 12, 31), "year", "2022–2025", "2022–2025"),
        ((2022, 1, 1), (2022, 12, 31), "", "2022", "2022"),
        (
            (2022, 1, 1),
            (2022, 12, 31),
            "day",
            "1. januar – 31. december 2022",
            "1 January – 31 December 2022",
        ),
        ((2022, 1, 1), None, "", "fra 2022", "from 2022"),
        (None, (2025, 12, 31), "", "til 2025", "until 2025"),
        ((2023, 6, 1), (2023, 6, 1), "day", "1. juni 2023", "1 June 2023"),
        ((2023, 6, 1), (2024, 6, 1), "", "1. juni 2023 – 1. juni 2024", "1 June 2023 – 1 June 2024"),
        ((2023, 6, 1), (2023, 6, 30), "month", "juni 2023", "June 2023"),
        ((2023, 6, 1), (2023, 8, 31), "month", "juni–august 2023", "June–August 2023"),
        ((2023, 4, 1), (2023, 6, 30), "quarter", "2. kvartal 2023", "2nd quarter 2023"),
        ((2023, 7, 1), (2023, 12, 31), "half-year", "andet halvår 2023", "second half of 2023"),
        ((2023, 3, 1), (2023, 5, 31), "season", "foråret 2023", "spring 2023"),
        ((2023, 12, 1), (2024, 2, 29), "season", "vinteren 2023/24", "winter 2023/24"),
        (None, None, "year", "", ""),
    ],
)
def test_period_is_as_precise_as_it_is_known(
    start: tuple[int, int, int] | None,
    end: tuple[int, int, int] | None,
    precision: str,
    danish: str,
    english: str,
) -> None:
    first, last = (date(*day) if day else None for day in (start, end))
    assert [period_text(first, last, precision, lang) for lang in LANGUAGES] == [danish, english]


def test_pages_write_dates_and_numbers_as_the_language_does(client: FlaskClient) -> None:
    path = "/document/dataset"
    for lang, written in (("da", "23. november 2026"), ("en", "23 November 2026")):
        assert f'<time datetime="2026-11-23">{written}</time>' in client.get(f"{path}?lang={lang}").text
