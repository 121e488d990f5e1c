"""The workbench and the drawings in a real browser: an editor that helps, and results in place."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed (test extra)")
pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLAN = "/document/plan/ekstremisme-2024-2026?lang=en"
COUNTS = (
    "SELECT ?kind (COUNT(?thing) AS ?count) { ?thing a ?kind } GROUP BY ?kind ORDER BY DESC(?count) LIMIT 5"
)
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
EDITOR = ".editor .cm-content"
UNHEEDED = 200
"""Milliseconds in which the editor takes no key for a choice: the list has only just come up."""


@pytest.fixture
def problems(page: Any) -> list[str]:
    """What the browser complains of, other than that a refused query has an error status."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def require_scripts(page: Any) -> None:
    if page.locator("script[src*='/static/dist/']").count() == 0:
        pytest.skip("web/static/dist is not built; run.py builds it")


def open_editor(page: Any, site: str, query: str = "", lang: str = "en") -> Any:
    page.goto(f"{site.rstrip('/')}/sparql?lang={lang}" + (f"&query={quote(query)}" if query else ""))
    require_scripts(page)
    page.wait_for_selector(EDITOR)
    return page.locator(EDITOR)


def write(page: Any, editor: Any, text: str) -> None:
    """Empty the editor and type."""
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)


def test_terms_are_suggested_by_label_and_their_prefixes_declared(page: Any, site: str) -> None:
    editor = open_editor(page, site, lang="da")
    write(page, editor, "SELECT ?plan ?old WHERE { ?plan a handlep")
    page.wait_for_selector(".cm-tooltip-autocomplete li[aria-selected]")
    page.wait_for_timeout(UNHEEDED)
    assert "sik:ActionPlan" in page.locator(".cm-tooltip-autocomplete li").first.inner_text()
    page.keyboard.press("Enter")
    page.keyboard.type(" ; replac")  # English works on a Danish page
    page.wait_for_selector(".cm-tooltip-autocomplete li:has-text('dct:replaces')")
    page.wait_for_timeout(UNHEEDED)
    page.keyboard.press("Enter")
    page.keyboard.type(" ?old ")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#result table")
    query = parse_qs(urlsplit(page.url).query)["query"][0]
    assert query.startswith("PREFIX sik: <https://w3id.org/sikkerby-kg/model/>\nPREFIX dct: <")
    assert "?plan a sik:ActionPlan ; dct:replaces ?old" in query
    assert page.locator("#result td a").count() >= 2
    assert "sekunder" in page.locator("#status").inner_text()


def test_wrong_query_is_marked_where_it_is_wrong(page: Any, site: str) -> None:
    editor = open_editor(page, site)
    write(page, editor, "SELECT * WHERE { ?plan dct:replaces ")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#result [role=alert]")
    assert page.locator(".editor .cm-line.wrong").count() == 1
    assert editor.get_attribute("aria-invalid") == "true"
    page.keyboard.type("?old ")
    assert editor.get_attribute("aria-invalid") is None


def test_query_is_kept_in_the_address_and_gone_back_to(page: Any, site: str) -> None:
    editor = open_editor(page, site, "ASK { ?a ?b ?c }")
    write(page, editor, "SELECT (1 AS ?one) {")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#result table")
    assert "query=SELECT" in page.url
    assert "query=SELECT" in page.locator(".languages a").get_attribute("href")
    page.go_back()
    page.wait_for_selector("#result .lead")
    assert editor.inner_text() == "ASK { ?a ?b ?c }"
    page.reload()
    page.wait_for_selector("#result .lead")


def test_query_that_takes_long_is_stopped(page: Any, site: str) -> None:
    open_editor(page, site, "ASK {}")
    write(page, page.locator(EDITOR), CROSS)
    page.keyboard.press("Control+Enter")
    stop = page.locator("[data-tool=stop]")
    stop.wait_for(state="visible")
    stop.click()
    stop.wait_for(state="hidden")
    assert "Stopped" in page.locator("#status").inner_text()


def test_result_is_shown_as_bars_and_as_raw_data(page: Any, site: str, problems: list[str]) -> None:
    open_editor(page, site, COUNTS)
    page.locator("[data-view=chart]").click()
    page.wait_for_selector(".bars li")
    assert page.locator(".bars li").count() == 5
    page.locator("[data-view=raw]").click()
    assert '"bindings"' in page.locator("#result pre").inner_text()
    page.locator("[data-view=made]").click()
    assert page.locator("#result table").is_visible()
    assert problems == []


def test_statements_are_drawn(page: Any, site: str, problems: list[str]) -> None:
    open_editor(page, site, "CONSTRUCT WHERE { ?principle sik:hasFocusArea ?area }")
    page.locator("[data-view=graph]").click()
    page.wait_for_selector(".canvas canvas")
    assert problems == []


def test_tab_leaves_the_editor(page: Any, site: str) -> None:
    open_editor(page, site).click()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "format"


def test_neighbourhood_opens_on_the_page_and_lists_what_it_draws(
    page: Any, site: str, problems: list[str]
) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(site.rstrip("/") + PLAN)
    require_scripts(page)
    assert not [url for url in fetched if "graph.js" in url or "workbench.js" in url]
    summary = page.locator("details[data-neighbourhood] > summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("details[data-neighbourhood] canvas")
    assert [url for url in fetched if "graph.js" in url]
    assert all(url.startswith(site.rstrip("/")) for url in fetched)
    page.locator("details[data-neighbourhood] a[data-iri$='ekstremisme-2022-2023']").click()
    page.wait_for_url("**/document/plan/ekstremisme-2022-2023**")
    assert problems == []
