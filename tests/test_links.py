"""Everything can be reached by clicking from the home page, and no link is broken, in both languages."""

import re
from collections import deque
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.server import create_app
from sikkerby_kg.server.security import SCHEMES
from sikkerby_kg.server.urls import Addresses

pytestmark = pytest.mark.slow  # every page is asked for

SITE = "http://localhost"
PAGES = 250
"""Pages of our own content that are read in each language; the city is read to its end."""

DRAFTS = 20
"""Forms with the query of a page in them: they differ in nothing but its text."""

ADDRESSES = ("/api", "/downloads")
"""Pages that list addresses for programs."""


class Links(HTMLParser):
    """The addresses in a page, its ids, and the languages that its elements name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        self.links += [values[name] for name in ("href", "src", "action") if name in values]


def crawl(client: FlaskClient, start: str, limit: int) -> Iterator[tuple[str, Links]]:
    """Every page that can be reached within the site, with its links; every answer is 200 in the end."""
    waiting, seen, drafts = deque([start]), {start}, 0
    while waiting and limit:
        address = waiting.popleft()
        with client.get(
            address, headers={"Accept": "text/html,*/*;q=0.5"}, follow_redirects=True
        ) as response:
            assert response.status_code == 200, address
            body = response.get_data()
        limit -= 1
        if response.mimetype != "text/html":
            continue
        page = Links(body.decode())
        yield address, page
        for link in page.links:
            target, fragment = urldefrag(urljoin(SITE + address, link))
            parts = urlsplit(target)
            assert parts.scheme in SCHEMES, link
            if target == SITE + address and fragment:
                assert fragment in page.ids, (address, fragment)
            local = target.removeprefix(SITE)
            is_draft = local.startswith("/sparql?draft=")
            if parts.netloc == "localhost" and local not in seen and not (is_draft and drafts == DRAFTS):
                drafts += is_draft
                seen.add(local)
                waiting.append(local)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_link_of_the_city_leads_somewhere(city_client: FlaskClient, lang: str) -> None:
    pages = dict(crawl(city_client, f"/?lang={lang}", 10_000))
    assert len(pages) > 40
    assert {urlsplit(address).query.partition("lang=")[2][:2] for address in pages} >= {"da", "en"}


@pytest.mark.parametrize("lang", ["da", "en"])
def test_no_link_of_our_own_content_is_broken(client: FlaskClient, lang: str) -> None:
    pages = dict(crawl(client, f"/?lang={lang}", PAGES))
    for address, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), address


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["da", "en"])
def test_no_link_is_broken_on_another_day_and_every_page_keeps_it(client: FlaskClient, lang: str) -> None:
    """Only the way to the newest, the page itself, and the search, whose form has it, are without."""
    pages = crawl(client, f"/?lang={lang}&as-of=2023-06-01", PAGES)
    dated = {address: page for address, page in pages if "as-of=2023-06-01" in address}
    assert len(dated) > 60
    for address, page in dated.items():
        local = {link for link in page.links if re.match("/(?!static/)", link)}
        undated = {urlsplit(link).path for link in local if "as-of=2023-06-01" not in link}
        if urlsplit(address).path in ADDRESSES:
            continue
        assert undated <= {urlsplit(address).path, "/search"}, address


@pytest.mark.parametrize("content", ["graph", "city"])
def test_everything_described_has_a_page_that_home_leads_to(
    content: str, request: pytest.FixtureRequest
) -> None:
    """Home leads to the kinds, each kind to its things: every IRI that has a class is two clicks away."""
    graph: KnowledgeGraph = request.getfixturevalue(content)
    client = create_app(graph=graph).test_client()
    kinds = {link for link in Links(client.get("/kind").text).links if link.startswith("/kind/")}
    reached = {link for kind in kinds for link in Links(client.get(kind).text).links}
    addresses = Addresses(graph.base)
    query = "SELECT DISTINCT ?thing { ?thing a ?class FILTER(isIRI(?thing)) }"
    with client.application.test_request_context():
        things = {addresses.href(str(row["thing"])) for row in graph.sparql(query)}
    assert len(things) > 15
    assert things <= reached | {link for page in pages_after(client, kinds) for link in page.links}


def pages_after(client: FlaskClient, kinds: set[str]) -> Iterator[Links]:
    """The further pages of lists that have more than one."""
    for kind in kinds:
        for link in Links(client.get(kind).text).links:
            if re.fullmatch(re.escape(kind) + r"\?page=\d+", link):
                yield Links(client.get(link).text)
