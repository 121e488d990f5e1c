"""Take pictures of pages with a real browser.

    .venv/bin/python tests/browser/screenshots.py FOLDER [PAGE ...]
    .venv/bin/python tests/browser/screenshots.py --readme
    .venv/bin/python tests/browser/screenshots.py --preview

Starts the server on a free port, opens each page (default: one of each kind) at the widths of a phone and
of a desk, light and dark, writes FOLDER/PAGE-WIDTH-SCHEME.png and stops the server. Exits with 1 when a page
is wider than its window. With --readme it takes the README's picture of the home page (home.webp) instead,
with --preview the picture that is shown where a page is shared (web/static/preview.png, from preview.svg).
Needs Chromium (Debian: apt install chromium), no Python package.
"""

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
HIGHEST = 6000
ROOT = Path(__file__).parents[2]
README_PICTURE = Path(__file__).with_name("home.webp")
README_SIZE = (1280, 900)
PREVIEW_DRAWING = Path(__file__).with_name("preview.svg")
PREVIEW_PICTURE = ROOT / "web/static/preview.png"
PREVIEW_SIZE = (1200, 630)

FLAGS = (
    *("--headless", "--hide-scrollbars", "--accept-lang=da", "--no-first-run", "--disable-gpu"),
    # A browser that is only to see our pages calls nobody else.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
)

PAGES = {
    "home": "/",
    "home-english": "/?lang=en",
    "home-as-of": "/?as-of=2023-06-01",
    "timeline": "/timeline",
    "coverage": "/coverage",
    "gaps": "/gaps",
    "gaps-narrowed": "/kind/sik:KnowledgeGap?dct:type=concept/gap-kind/ambiguous",
    "search": "/search?q=handleplan",
    "search-one": "/search?q=barnets+lov+15",
    "search-nothing": "/search?q=xyzzy+plan",
    "search-empty": "/search",
    "everything": "/kind",
    "actors": "/kind/org:Organization",
    "concepts": "/kind/skos:Concept",
    "principle": "/document/principle/lokalomraader",
    "focus-area": "/document/focus-area/digital-adfaerd",
    "strategy": "/document/strategy/sikker-by-2022-2025",
    "plan": "/document/plan/ekstremisme-2024-2026",
    "plan-as-of": "/document/plan/ekstremisme-2024-2026?as-of=2023-06-01",
    "plan-english": "/document/plan/ekstremisme-2024-2026?lang=en",
    "initiative": "/document/initiative/tryghedspartnerskaber",
    "actor": "/document/organization/borgerrepraesentationen",
    "city": "/document/organization/koebenhavns-kommune",
    "collaboration": "/document/organization/sikker-by-samarbejdet",
    "place": "/document/place/christianshavns-torv",
    "proposal": "/document/proposal/migranter",
    "act": "/document/act/barnets-lov-15-3",
    "obligation": "/document/obligation/udarbejde-beredskabsplaner",
    "fund": "/document/fund/sikker-by-akutpulje",
    "budget": "/document/budget/2024",
    "assessment": "/document/assessment/strategien-gaeldende",
    "decision": "/document/decision/strategien-godkendt",
    "scope-change": "/document/scope-change/kvinders-tryghed-udvidet",
    "rationale": "/document/rationale/migranter-fylder-men-er-unaevnt",
    "gap": "/document/gap/natteliv-samlet-vurdering",
    "period": "/document/period/2022-2025",
    "memo": "/document/doc/midtvejsstatus",
    "section": "/document/doc/midtvejsstatus/section/3.3",
    "passage": "/document/doc/midtvejsstatus/p/5/s/2",
    "target-group": "/document/concept/target-group/boern",
    "concept": "/document/concept/origin/asserted",
    "scheme": "/document/concept/proposal-status",
    "ontology": "/document/model",
    "class": "/document/model/FocusArea",
    "property": "/document/model/isBasedOn",
    "shapes": "/document/shape",
    "shape": "/document/shape/Organization",
    "property-shape": "/document/shape/Fund-amount",
    "graph": "/document/dataset/gaps",
    "graph-derived": "/document/dataset/enriched/gang-package-agreement",
    "dataset": "/document/dataset",
    "stored-query": "/document/query/plans-replaced",
    "neighbourhood": "/neighbourhood?iri=https://w3id.org/sikkerby-kg/id/plan/ekstremisme-2024-2026",
    "queries": "/query",
    "query": "/query/plans-valid-on-date?asOf=2023-07-01",
    "query-form": "/query/what-an-actor-does",
    "query-chart": "/query/statements-per-paragraph",
    "query-none": "/query/plans-valid-on-date?asOf=1990-01-01",
    "query-wrong": "/query/plans-valid-on-date?asOf=2023",
    "query-english": "/query/plans-replaced?lang=en",
    "sparql-empty": "/sparql",
    "sparql": "/sparql?query=SELECT+*+WHERE+%7B+%3Fplan+dct:replaces+%3Freplaced+%7D",
    "sparql-wrong": "/sparql?query=SELECT+*+WHERE+%7B%0A++%3Fplan+dct:replaces%0A%7D",
    "downloads": "/downloads",
    "about": "/about",
    "accessibility": "/accessibility",
    "validate": "/validate",
    "api": "/api",
    "not-found": "/document/plan/no-such-plan",
    "refused": "/?as-of=yesterday",
}
"""Name of the picture → page."""


class Browser:
    """Chromium, spoken to over its debugging pipe: JSON messages that end with a zero byte."""

    def __init__(self, profile: str) -> None:
        command = (
            shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        )
        if command is None:
            sys.exit("no browser found; on Debian run 'apt install chromium' as root")
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        flags = [*FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        # Chromium reads descriptor 3 and writes descriptor 4.
        shell = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, command, *flags, *sandbox, "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer = b""
        self._number = 0
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if hasattr(self, "_session"):
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        number = self._number
        answer = next(answer for answer in self._messages() if answer.get("id") == number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def draw(self, drawing: Path, width: int, height: int) -> bytes:
        """What a drawing looks like, as PNG."""
        self._resize(width, height)
        self._go(drawing.as_uri())
        return self.picture()

    def open(self, address: str, width: int, scheme: str) -> int:
        """Open a page in a window of this width and as high as the page; return how wide the page is."""
        self._resize(width, 800)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", features=[feature])
        self._go(address)
        self._resize(width, min(self._measure("scrollHeight"), HIGHEST))
        return self._measure("scrollWidth")

    def picture(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def small_picture(self, width: int, height: int) -> bytes:
        """The top of what the window shows, as WebP: small enough to be committed."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        answer = self.call("Page.captureScreenshot", format="webp", quality=80, clip=clip)
        return base64.b64decode(answer["data"])

    def _go(self, address: str) -> None:
        self.call("Page.navigate", url=address)
        next(event for event in self._messages() if event.get("method") == "Page.loadEventFired")

    def _resize(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def _measure(self, name: str) -> int:
        expression = f"document.documentElement.{name}"
        return int(self.call("Runtime.evaluate", expression=expression)["result"]["value"])

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(timeout=20)
        os.close(self._in)
        os.close(self._out)

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            message, found, rest = self._buffer.partition(b"\0")
            if found:
                self._buffer = rest
                yield json.loads(message)
            elif block := os.read(self._in, 1 << 20):
                self._buffer += block
            else:
                sys.exit("the browser ended unexpectedly")


@contextmanager
def server() -> Iterator[str]:
    """Serve the content of this checkout on a free port; the address is the value."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sikkerby_kg", "serve", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
    finally:
        process.terminate()
        process.wait(timeout=40)
        process.stdout.close()


def take(folder: Path, pages: dict[str, str]) -> int:
    """Take all pictures; return how many pages are wider than their window."""
    folder.mkdir(parents=True, exist_ok=True)
    too_wide = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, server() as address:
        browser = Browser(profile)
        for name, page in pages.items():
            for width, scheme in itertools.product(WIDTHS, SCHEMES):
                needed = browser.open(address.rstrip("/") + page, width, scheme)
                target = folder / f"{name}-{width}-{scheme}.png"
                target.write_bytes(browser.picture())
                too_wide += needed > width
                print(target, f"page is {needed} px wide" if needed > width else "fits")
        browser.close()
    return too_wide


def take_readme_picture() -> None:
    """Take the picture that the README shows: the top of the home page in English."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, server() as address:
        browser = Browser(profile)
        browser.open(address + "?lang=en", README_SIZE[0], "light")
        README_PICTURE.write_bytes(browser.small_picture(*README_SIZE))
        browser.close()


def draw_preview() -> None:
    """Make the picture that is shown where a page is shared."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        PREVIEW_PICTURE.write_bytes(browser.draw(PREVIEW_DRAWING, *PREVIEW_SIZE))
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(__doc__)
    if sys.argv[1:] == ["--readme"]:
        take_readme_picture()
        sys.exit()
    if sys.argv[1:] == ["--preview"]:
        draw_preview()
        sys.exit()
    chosen = {page.strip("/").replace("/", "-") or "home": page for page in sys.argv[2:]}
    sys.exit(1 if take(Path(sys.argv[1]), chosen or PAGES) else 0)
