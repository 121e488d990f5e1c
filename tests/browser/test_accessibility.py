"""WCAG 2.2 AA in a real browser: axe-core, reflow, focus, motion and print, on one page of each kind."""

from collections.abc import Callable, Iterator
from typing import Literal as OneOf

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.screenshots import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Open = Callable[..., Page]

_OPTIONS = {
    "resultTypes": ["violations"],
    "selectors": False,  # half of the time goes into naming what is right
    "preload": False,  # no page has sound, which is all that it is for
    "iframes": False,
}
RULES = {
    **_OPTIONS,
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
OF_COLOURS = {**_OPTIONS, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
VIEWS: tuple[tuple[int, OneOf["light", "dark"], bool], ...] = (
    (360, "dark", True),
    (1280, "dark", False),
    (1280, "light", True),
    (360, "light", False),
)
"""The widths and schemes that every page is looked at in, and whether by all rules.

Each width and each scheme is looked at by all of them. At its other width, a scheme can differ only in
colours, and in these only where something has a colour, a ground or a size of letters that is new.
"""

_VIOLATIONS = """options => axe.run(document, options)
  .then(found => found.violations.map(rule => [rule.id, rule.nodes[0].html.slice(0, 200)]))"""

_LOOK_FOR_NEW_COLOURS = """scheme => {
  const seen = (window.seenColours ??= {})[scheme] ??= new Set();
  window.unseen = [];
  const grounds = new Map();
  const groundOf = element => {
    if (!element) return '';
    if (!grounds.has(element)) {
      const {backgroundColor, backgroundImage, opacity} = getComputedStyle(element);
      const own = `${backgroundColor} ${backgroundImage} ${opacity}`;
      grounds.set(element, `${own}|${groundOf(element.parentElement)}`);
    }
    return grounds.get(element);
  };
  for (const element of document.body.querySelectorAll('*')) {
    const isText = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!isText && !element.matches('input, select, textarea')) continue;
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    const {color, fontSize, fontWeight, textDecorationLine} = getComputedStyle(element);
    const around = getComputedStyle(element.parentElement).color;
    const look = [color, fontSize, fontWeight, textDecorationLine, element.matches('a') && around];
    const key = [...look, groundOf(element)].join('|');
    if (!seen.has(key)) window.unseen.push(element);
    seen.add(key);
  }
}"""

_VIOLATIONS_IN_NEW_COLOURS = """options => window.unseen.length === 0 ? [] :
  axe.run({include: window.unseen}, options)
  .then(found => found.violations.map(rule => [rule.id, rule.nodes[0].html.slice(0, 200)]))"""

FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"

_FOCUS_IS_HIDDEN = """(selector) => {
  const found = [];
  for (const element of document.querySelectorAll(selector)) {
    const isClosed = element.closest('details:not([open])') && !element.matches('summary');
    if (isClosed || !element.checkVisibility({visibilityProperty: true})) continue;
    element.focus({preventScroll: true});
    const style = getComputedStyle(element);
    const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    if (document.activeElement !== element || !isOutlined) found.push(element.outerHTML.slice(0, 90));
  }
  return found;
}"""

_IN_TEXT = "p, li, td, dt, dd, th, h1, h2, h3, pre, .skip"
_TOO_SMALL = """([selector, inText]) => [...document.querySelectorAll(selector)]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest(inText))
  .map(e => [e.getBoundingClientRect(), e.outerHTML.slice(0, 90)])
  .filter(([box]) => box.width > 0 && (box.width < 24 || box.height < 24))
  .map(([, html]) => html)"""


def violations(page: Page) -> Iterator[tuple[object, ...]]:
    """What axe-core finds in a page, with the width and the scheme that it finds it in."""
    page.evaluate(Axe().axe_script)
    for width, scheme, by_all_rules in VIEWS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        page.evaluate(_LOOK_FOR_NEW_COLOURS, scheme)
        found = (
            page.evaluate(_VIOLATIONS, RULES)
            if by_all_rules
            else page.evaluate(_VIOLATIONS_IN_NEW_COLOURS, OF_COLOURS)
        )
        yield from ((width, scheme, *each) for each in found)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(open_page: Open, name: str) -> None:
    """axe-core finds nothing; a page fits, its targets are large enough, and focus shows.

    It fits 320 pixels, which a window of 1280 is at 400 % (WCAG 1.4.10). A target measures 24 by 24 pixels,
    save in running text (2.5.8).
    """
    page = open_page(PAGES[name])
    for mark in page.locator("details > summary:visible").all()[:2]:
        mark.click()
    assert list(violations(page)) == []
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(_TOO_SMALL, [FOCUSABLE, _IN_TEXT]) == []
    page.keyboard.press("Tab")  # from now on the browser shows focus
    assert page.evaluate(_FOCUS_IS_HIDDEN, FOCUSABLE) == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_faint_text_is_found_though_it_shows_in_one_view_only(
    open_page: Open, width: int, scheme: str
) -> None:
    """The look at a page can fail, in each of its views."""
    page = open_page("/no-such-page")
    page.evaluate(
        """([width, scheme]) => {
          document.querySelector('main').insertAdjacentElement('beforeend', document.createElement('s'));
          document.querySelector('main s').textContent = 'faint';
          const style = new CSSStyleSheet();
          style.replaceSync(`main s { display: none }
            @media (width: ${width}px) and (prefers-color-scheme: ${scheme}) {
              main s { display: block; color: rgb(128 128 128); background: rgb(120 120 120) }
            }`);
          document.adoptedStyleSheets.push(style);
        }""",
        [width, scheme],
    )
    assert [each[:3] for each in violations(page)] == [(width, scheme, "color-contrast")]


def test_report_on_a_pasted_file_is_accessible(open_page: Open) -> None:
    """So is the report on the content, which is there once a file has been judged."""
    page = open_page("/validate")
    page.fill("textarea", '[] a <https://w3id.org/sikkerby-kg/model/ActionPlan> ;\n  <http://e/p> "x" .')
    page.locator("form.workbench button").first.click()
    page.wait_for_selector(".source mark")
    for path in ("", "/validation"):
        if path:
            page = open_page(path)
            page.wait_for_selector("#shapes")
        assert list(violations(page)) == []
        page.set_viewport_size({"width": 320, "height": 256})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate(_TOO_SMALL, [FOCUSABLE, _IN_TEXT]) == []


@pytest.mark.parametrize("name", ["home", "plan", "query", "sparql-empty"])
def test_tabulator_reaches_everything(open_page: Open, name: str) -> None:
    """What can have the focus gets it from the tabulator alone, and nothing keeps it."""
    page = open_page(PAGES[name])
    shown = """(selector) => {
      window.waiting = new Set([...document.querySelectorAll(selector)].filter(e =>
        e.checkVisibility({visibilityProperty: true})
        && (!e.closest('details:not([open])') || e.matches('summary'))));
      return window.waiting.size;
    }"""
    for _ in range(page.evaluate(shown, FOCUSABLE) + 20):
        page.keyboard.press("Tab")
        page.evaluate("window.waiting.delete(document.activeElement)")
    assert page.evaluate("[...window.waiting].map(e => e.outerHTML.slice(0, 90))") == []


def test_nothing_moves_for_those_who_want_no_motion(open_page: Open) -> None:
    page = open_page("/", reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll('*')].filter(e => {
      const s = getComputedStyle(e);
      const durations = [...s.transitionDuration.split(','), ...s.animationDuration.split(',')];
      return durations.some(d => parseFloat(d) > 0);
    }).map(e => e.outerHTML.slice(0, 90))"""
    assert page.evaluate(moving) == []
    assert open_page("/", reduced_motion="no-preference").evaluate(moving) != []


def test_print_leaves_out_what_paper_cannot_do(open_page: Open) -> None:
    page = open_page(PAGES["query"])
    page.emulate_media(media="print")
    for selector in ("header.top", "main form", ".trail", "footer .links"):
        assert not page.locator(selector).first.is_visible(), selector
    for selector in ("h1", "main table", "footer .notice"):
        assert page.locator(selector).first.is_visible(), selector
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_print_has_dark_ink_in_a_dark_scheme(open_page: Open) -> None:
    page = open_page(PAGES["plan"], color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    faint = """() => [...document.querySelectorAll('main *')].filter(e => {
      const [r, g, b] = getComputedStyle(e).color.match(/\\d+/g).map(Number);
      return e.checkVisibility() && e.childNodes.length
        && r * 0.3 + g * 0.59 + b * 0.11 > 120;
    }).map(e => e.outerHTML.slice(0, 90))"""
    assert page.evaluate(faint) == []
