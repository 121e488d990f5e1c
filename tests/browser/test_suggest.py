"""Suggestions while a search is typed, in a real browser: by keyboard alone, and without the script."""

import importlib.util
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SPEC = importlib.util.spec_from_file_location("screenshots", Path(__file__).with_name("screenshots.py"))
assert SPEC is not None
assert SPEC.loader is not None
SCREENSHOTS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(SCREENSHOTS)

HAS_BROWSER = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not HAS_BROWSER and not os.environ.get("CI"), reason="no Chromium; on Debian: apt install chromium"
    ),
]

SELECTED = "document.querySelector('[role=option][aria-selected=true]')"
KEYS = {"ArrowDown": 40, "ArrowUp": 38, "Enter": 13, "Escape": 27, "Tab": 9}


class Reader:
    """Someone before a browser who has only a keyboard."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address.rstrip("/")

    def open(self, path: str) -> None:
        self.browser.open(self.address + path, 1280, "light")

    def ask(self, expression: str) -> Any:
        answer = self.browser.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until something is true."""
        end = time.monotonic() + 10
        while not self.ask(f"Boolean({expression})"):
            assert time.monotonic() < end, expression
            time.sleep(0.02)

    def type(self, text: str) -> None:
        self.browser.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        extra = {"text": "\r"} if key == "Enter" else {}
        self.browser.call("Input.dispatchKeyEvent", type="keyDown", **code, **extra)
        self.browser.call("Input.dispatchKeyEvent", type="keyUp", **code)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    profile = tmp_path_factory.mktemp("profile")
    with SCREENSHOTS.server() as address:
        browser = SCREENSHOTS.Browser(str(profile))
        yield Reader(browser, address)
        browser.close()


def typed(reader: Reader, text: str, path: str = "/") -> None:
    """Open a page, go to its field, and type until there are suggestions."""
    reader.open(path)
    reader.ask("document.getElementById('find').focus()")
    reader.type(text)
    reader.wait("document.querySelector('[role=option]')")


def test_suggestions_are_a_combobox(reader: Reader) -> None:
    typed(reader, "ekstr")
    field = "document.getElementById('find')"
    assert reader.ask(f"{field}.getAttribute('role')") == "combobox"
    assert reader.ask(f"{field}.getAttribute('aria-expanded')") == "true"
    assert reader.ask(f"document.getElementById({field}.getAttribute('aria-controls')).role") == "listbox"
    names = json.loads(
        reader.ask(
            "JSON.stringify([...document.querySelectorAll('[role=option] span')].map(o => o.textContent))"
        )
    )
    assert names[0] == "ekstremisme"
    assert reader.ask("document.querySelector('[role=status]').textContent") == f"Forslag: {len(names)}"


def test_arrows_choose_and_enter_opens(reader: Reader) -> None:
    typed(reader, "ekstr", "/?lang=en&as-of=2023-06-01")
    field = "document.getElementById('find')"
    reader.press("ArrowDown")
    assert reader.ask(f"{SELECTED}.id === {field}.getAttribute('aria-activedescendant')")
    first = reader.ask(f"{SELECTED}.textContent")
    reader.press("ArrowDown")
    assert reader.ask(f"{SELECTED}.textContent") != first
    reader.press("ArrowUp")
    assert reader.ask(f"{SELECTED}.textContent") == first
    reader.press("ArrowUp")
    assert reader.ask(f"{SELECTED}") is None, "back in the field"
    reader.press("ArrowUp")
    assert reader.ask(f"{SELECTED} === document.querySelector('[role=option]:last-child')")
    reader.press("ArrowDown")
    reader.press("ArrowDown")
    reader.press("Enter")
    reader.wait("location.pathname.startsWith('/document/') && document.readyState === 'complete'")
    assert reader.ask("location.search") == "?lang=en&as-of=2023-06-01"


def test_escape_closes_and_keeps_the_text(reader: Reader) -> None:
    typed(reader, "plan")
    reader.press("Escape")
    assert reader.ask("document.querySelector('[role=listbox]').hidden")
    assert reader.ask("document.getElementById('find').value") == "plan"
    assert reader.ask("document.getElementById('find').getAttribute('aria-expanded')") == "false"
    reader.press("ArrowDown")  # opens it again
    reader.wait("!document.querySelector('[role=listbox]').hidden")


def test_enter_without_a_choice_searches(reader: Reader) -> None:
    typed(reader, "handleplan")
    reader.press("Enter")
    reader.wait("location.pathname === '/search' && document.readyState === 'complete'")
    assert reader.ask("document.querySelector('h1').textContent") == "Søgning efter »handleplan«"


def test_the_field_works_without_the_script(reader: Reader) -> None:
    reader.browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        reader.open("/")
        reader.ask("document.getElementById('find').focus()")
        reader.type("handleplan")
        reader.press("Enter")
        reader.wait("location.pathname === '/search' && document.readyState === 'complete'")
        assert reader.ask("document.querySelectorAll('.group').length") > 3
        assert reader.ask("document.querySelector('[role=combobox]')") is None
    finally:
        reader.browser.call("Emulation.setScriptExecutionDisabled", value=False)
