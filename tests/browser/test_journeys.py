"""What people come for, in a real browser: with a mouse, with the keyboard alone, with JavaScript off."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Page]

OLD = "Handleplan til forebyggelse af ekstremisme 2022-2023"
NEW = "Handleplan til forebyggelse af ekstremisme 2024-2026"
PLACE = "afsnit 3.3, stykke 5, sætning 2"


@pytest.mark.parametrize("java_script", [True, False], ids=["scripts", "no scripts"])
def test_find_the_plan_that_replaced_another_and_its_sentence(open_page: Open, *, java_script: bool) -> None:
    page = open_page("/", java_script_enabled=java_script)
    page.get_by_role("navigation").get_by_role("link", name="Planer").click()
    page.get_by_role("link", name=NEW, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NEW)
    replaced = page.locator("main").get_by_role("link", name=OLD, exact=True).first
    expect(replaced).to_be_visible()
    mark = page.locator("details.source.asserted", has_text=PLACE).first
    mark.locator("summary").click()
    expect(mark).to_contain_text("ny handleplan for perioden 2024-2026")
    mark.get_by_role("link", name=PLACE).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(PLACE, ignore_case=True)


@pytest.mark.parametrize("java_script", [True, False], ids=["scripts", "no scripts"])
def test_ask_a_question_with_a_date_and_take_the_answer_away(open_page: Open, *, java_script: bool) -> None:
    page = open_page("/query", accept_downloads=True, java_script_enabled=java_script)
    page.locator("main a[href*='/query/plans-valid-on-date']").first.click()
    page.locator("input[type=date][name=asOf]").fill("2023-07-01")
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("asOf=2023-07-01"))
    expect(page.locator("main table")).to_contain_text(OLD)
    expect(page.locator("main table")).not_to_contain_text(NEW)
    with page.expect_download() as waiting:
        page.locator("main").get_by_role("link", name=re.compile("^CSV")).first.click()
    rows = list(csv.DictReader(io.StringIO(waiting.value.path().read_text(encoding="utf-8"))))
    assert OLD in {row["planLabel"] for row in rows}
    assert NEW not in {row["planLabel"] for row in rows}


def test_take_an_answer_away_as_a_workbook(open_page: Open) -> None:
    page = open_page("/", accept_downloads=True)
    page.locator("main a[href*='/query/plans-valid-on-date']").first.click()
    page.get_by_label("Dato", exact=True).fill("2023-07-01")
    page.get_by_role("button", name="Find svar").click()
    expect(page.locator("main table")).to_contain_text(OLD)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel-regneark").click()
    assert waiting.value.suggested_filename.endswith(".xlsx")
    book = load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    answer, source = book.worksheets[:2]
    headings = [cell.value for cell in answer[1]]
    row = next(row for row in answer.iter_rows(min_row=2, values_only=True) if OLD in row)
    assert row[headings.index("start")] == dt.datetime(2022, 1, 1)  # noqa: DTZ001  (a cell has no time zone)
    assert "1. juli 2023" in {cell for line in source.iter_rows(values_only=True) for cell in line}
    assert not any(NEW in line for line in answer.iter_rows(values_only=True))


def test_switch_of_language_and_date_keep_the_page(open_page: Open) -> None:
    page = open_page("/document/plan/ekstremisme-2024-2026?as-of=2024-07-01")
    page.get_by_role("link", name="English", exact=True).click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "as-of=2024-07-01" in page.url
    assert "/document/plan/ekstremisme-2024-2026" in page.url
    page.locator("main a[href*='/document/plan/ekstremisme-2022-2023']").first.click()
    assert "as-of=2024-07-01" in page.url
    assert "lang=en" in page.url
    page.get_by_role("link", name="Dansk", exact=True).click()
    assert page.locator("html").get_attribute("lang") == "da"
    assert "as-of=2024-07-01" in page.url


def test_language_is_the_browsers(open_page: Open) -> None:
    assert open_page("/", locale="en-GB").locator("html").get_attribute("lang") == "en"
    assert open_page("/", locale="da-DK").locator("html").get_attribute("lang") == "da"


def test_write_a_query_without_scripts(open_page: Open) -> None:
    page = open_page("/sparql", java_script_enabled=False)
    page.locator("textarea[name=query]").fill("SELECT ?new WHERE { ?new dct:replaces ?old }")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main table").first).to_contain_text(NEW)


def tab_to(page: Page, text: str, most: int = 60) -> None:
    """Press the tabulator until what has the focus says a text."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == text:
            return
    pytest.fail(f"{text} cannot be reached with {most} tabulators")


def test_keyboard_alone_finds_the_sentence(open_page: Open) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    tab_to(page, "Planer")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    tab_to(page, NEW)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, PLACE, 200)
    page.keyboard.press("Enter")
    is_open = page.evaluate("document.activeElement.parentElement.open")
    assert is_open is True
