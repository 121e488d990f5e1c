"""Every kind of page in a real browser, in both languages: nothing is refused, and drawings are drawn."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from sikkerby_kg.texts import LANGUAGES
from tests.browser.conftest import complaints_of
from tests.browser.screenshots import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Page]

_LISTEN = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""
"""Remembers what the content security policy of a page refuses, Trusted Types too (CSP 3 section 5.3)."""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_page_wants_what_its_policy_refuses(open_page: Open, lang: str) -> None:
    """The fixture also fails the test for what any page complains of, or asks of another server."""
    page = open_page("/about")
    page.add_init_script(_LISTEN)
    site = page.url.removesuffix("/about")
    for name, path in PAGES.items():
        address = path if "lang=" in path else f"{path}{'&' if '?' in path else '?'}lang={lang}"
        page.goto(site + address)
        for mark in page.locator("main details > summary:visible").all()[:3]:
            mark.click()
        assert page.evaluate("window.refused") == [], name


def test_what_is_refused_is_heard(browser: Browser, site: str) -> None:
    """The check above can fail: a style in a page is refused and complained of."""
    page = browser.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.extend(complaints_of(message, site + "/about")))
    page.add_init_script(_LISTEN)
    page.goto(site + "/about")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('style'), {textContent: 'p {}'}))"
    )
    page.wait_for_timeout(300)
    assert "style-src" in page.evaluate("window.refused[0]")
    assert "Content Security Policy" in heard[0]
    page.close()


def test_bars_are_as_long_as_their_numbers(open_page: Open) -> None:
    page = open_page(PAGES["query-chart"])
    bars = page.locator(".chart .bar").evaluate_all(
        """bars => bars.map(bar => [
          bar.querySelector("rect").getBoundingClientRect().width,
          Number(bar.querySelector(".value").textContent),
        ])"""
    )
    widest, most = max(bars)
    assert widest > 300, bars
    for width, number in bars:
        assert width / widest == pytest.approx(number / most, abs=0.01), bars
