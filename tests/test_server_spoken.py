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


LETTER = re.compile(r"[^\W\d_]")
"""Years and numbers are in every language."""


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
    known = [pair for pair in Spoken(page.text).found if pair[0] in spoken and LETTER.search(pair[0])]
    assert known
    assert [(said, named) for said, named in known if named not in spoken[said]] == []


def test_years_are_in_the_language_of_the_page(client: FlaskClient) -> None:
    """They are written alike in every language, and heard in the page's."""
    page = client.get("/document/period/2022-2025?lang=en", headers={"Accept": "text/html"})
    years = [lang for said, lang in Spoken(page.text).found if said == "2022-2025"]
    assert years
    assert set(years) == {"en"}


@pytest.mark.parametrize(
    ("lang", "own", "foreign"), [("da", "dansk", "engelsk"), ("en", "English", "Danish")]
)
def test_get_document_tells_in_one_language_and_names_in_all(
    client: FlaskClient, graph: KnowledgeGraph, lang: str, own: str, foreign: str
) -> None:
    page = client.get(f"/document/model/FocusArea?lang={lang}", headers={"Accept": "text/html"}).text
    (row,) = graph.sparql("""SELECT ?da ?en { sik:FocusArea skos:definition ?da, ?en
        FILTER(LANG(?da) = "da" && LANG(?en) = "en") }""")
    other = {"da": "en", "en": "da"}[lang]
    assert str(row[lang]) in page
    assert str(row[other]) not in page
    name = {"da": "fokusområde", "en": "focus area"}[other]
    assert f'<span lang="{other}">{name}</span> <span class="type">{foreign}</span>' in page
    assert f'<span class="type">{own}</span>' not in page


def test_title_begins_with_a_capital(client: FlaskClient) -> None:
    for path, title in (("/kind/sik:FocusArea", "Fokusområde"), ("/document/model/FocusArea", "Fokusområde")):
        page = client.get(f"{path}?lang=da", headers={"Accept": "text/html"}).text
        assert f"<title>{title} – " in page
        assert f'<meta property="og:title" content="{title}">' in page
