"""A real browser on the real server, for the tests in this folder.

Without a browser they are skipped with the reason, and fail where everything is to run (CI is set).
"""

import os
import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.conftest import ROOT
from tests.running import served

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-quic"),
)
SECONDS = 20

Open = Callable[..., Page]


def program() -> str:
    """The browser of this machine. Skips the test without one, or fails it if CI is set."""
    found = next((path for path in map(shutil.which, PROGRAMS) if path), None)
    if found is None:
        reason = "no browser found; on Debian run 'apt install chromium' as root"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return str(found)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    path = program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the server over the real content, without a slash at its end."""
    with served("--workers", "2", root=ROOT) as server:
        yield f"http://127.0.0.1:{server.port}"


def complaints_of(message: ConsoleMessage, address: str) -> Iterator[str]:
    """What the browser complains of, save that an answer, of the page itself or to a script, is an error."""
    is_status = message.text.startswith("Failed to load resource: the server responded with a status of ")
    is_foreseen = is_status and (message.location.get("url") == address or " of 4" in message.text)
    if message.type == "error" and not is_foreseen:
        yield message.text


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """Opens a window of its own for each page: ``open_page("/about", width=320, color_scheme="dark")``.

    Whatever a page asked for elsewhere, and whatever its browser complained about, fails the test.
    """
    contexts, outside, complaints = [], set[str](), list[str]()

    def opened(path: str, *, width: int = 1280, height: int = 800, **options: object) -> Page:
        wishes = {"locale": "da", **options}
        context = browser.new_context(viewport={"width": width, "height": height}, **wishes)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(SECONDS * 1000)
        page = context.new_page()
        page.on("request", lambda request: outside.add(urlsplit(request.url).netloc))
        page.on("console", lambda message: complaints.extend(complaints_of(message, site + path)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert outside <= {urlsplit(site).netloc}, "a request left the server"
    assert complaints == []


@pytest.fixture
def page(open_page: Open) -> Page:
    """The home page, in Danish."""
    return open_page("/")
