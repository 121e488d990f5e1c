"""Text on a page in another language than the page names it: a screen reader pronounces it accordingly."""

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.texts import LANGUAGES

EMPTY = frozenset(
    {"meta", "link", "img", "input", "br", "hr", "wbr", "source", "path", "circle", "rect", "line"}
)
PAGES = [
    "/",
    "/kind",
    "/kind/sik:ActionPlan",
    "/kind/org:Organization",
    "/query",
    "/query/plans-replaced",
    "/about",
]
PAGES += [
    "/document/plan/ekstremisme-2024-2026",
    "/document/principle/lokalomraader",
    "/document/model/FocusArea",
]
PAGES += [
    "/document/doc/midtvejsstatus/p/5/s/2",
    "/document/dataset/gaps",
    "/document/concept/origin",
    "/downloads",
]


class Spoken(HTMLParser):
    """The texts of a page, each with the language that its nearest element names."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._languages: list[str] = [""]
        self.feed(re.sub('<span class="nowrap">([^<]*)</span>', r"\1", page))  # years belong to their text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            self._languages.append(dict(attrs).get("lang") or self._languages[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY:
            self._languages.pop()

    def handle_data(self, data: str) -> None:
        said = " ".join(data.split()).strip("“”»«")
        if said:
            self.found.append((said, self._languages[-1]))


@pytest.fixture(scope="module")
def spoken(graph: KnowledgeGraph) -> dict[str, set[str]]:
    """Text of the content → the languages that it is in; names that are alike in both are in both."""
    found: dict[str, set[str]] = {}
    query = "SELECT DISTINCT ?text (LANG(?text) AS ?lang) { ?s ?p ?text FILTER(LANG(?text) != '') }"
    for row in graph.sparql(query):
        found.setdefault(" ".join(str(row["text"]).split()), set()).add(str(row["lang"]))
    return found


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_text_in_another_language_names_it(
    client: FlaskClient, spoken: dict[str, set[str]], path: str, lang: str
) -> None:
    page = client.get(path, query_string={"lang": lang}, headers={"Accept": "text/html"})
    known = [
        (said, named)
        for said, named in Spoken(page.text).found
        if said in spoken and re.search(r"[^\W\d_]", said)
    ]
    assert known
    assert [(said, named) for said, named in known if named not in spoken[said]] == []
