"""What pages tell search engines: one address for each page and language, and data that parse."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.namespaces import DCAT, RDFS, VOID
from sikkerby_kg.server import create_app
from sikkerby_kg.server.meta import LONGEST, shortened
from sikkerby_kg.texts import LANGUAGES

HTML = {"Accept": "text/html"}
PLAN = "/document/plan/ekstremisme-2024-2026"
PAGES = [
    "/",
    "/kind",
    "/kind/sik:Principle",
    "/query",
    "/query/plans-replaced",
    "/sparql",
    "/downloads",
    "/api",
]
PAGES += ["/about", "/accessibility", PLAN, "/document/model/FocusArea", "/document/concept/origin/asserted"]


class Head(HTMLParser):
    """The meta data of a page: name → content, relation → links, and its structured data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, list[dict[str, str]]] = {}
        self.feed(page.partition("</head>")[0])
        (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page) or ["{}"]
        self.data: dict[str, Any] = json.loads(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta" and "content" in values:
            self.meta.setdefault(values.get("name") or values["property"], values["content"])
        if tag == "link":
            self.links.setdefault(values["rel"], []).append(values)

    def nodes(self, kind: str) -> list[dict[str, Any]]:
        """The nodes of the structured data that have a type."""
        return [node for node in self.data.get("@graph", []) if node["@type"] == kind]


def head(client: FlaskClient, path: str, lang: str = "en") -> Head:
    response = client.get(path, query_string={"lang": lang} if "?" not in path else None, headers=HTML)
    assert response.status_code == 200, path
    return Head(response.text)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_page_has_one_address_per_language(client: FlaskClient, path: str, lang: str) -> None:
    found = head(client, path, lang)
    here = f"http://localhost{path}"
    assert [link["href"] for link in found.links["canonical"]] == [f"{here}?lang={lang}"]
    alternates = {link["hreflang"]: link["href"] for link in found.links["alternate"] if "hreflang" in link}
    assert alternates == {"x-default": here, **{code: f"{here}?lang={code}" for code in LANGUAGES}}
    assert found.meta["og:url"] == f"{here}?lang={lang}"
    for code, address in alternates.items():
        spoken = client.get(address.removeprefix("http://localhost"), headers=HTML)
        if code != "x-default":
            assert spoken.headers["Content-Language"] == code
            assert Head(spoken.text).links["canonical"][0]["href"] == address


def test_titles_are_different_and_descriptions_fit(client: FlaskClient) -> None:
    for lang in LANGUAGES:
        titles = set()
        for path in PAGES:
            page = client.get(path, query_string={"lang": lang}, headers=HTML).text
            titles.add(re.findall("<title>(.*?)</title>", page)[0])
            described = Head(page).meta["description"]
            assert 20 <= len(described) <= LONGEST + 2, path
            assert Head(page).meta["og:description"] == described
        assert len(titles) == len(PAGES)


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        (f"{PLAN}.html?lang=da", f"{PLAN}?lang=da"),
        ("/document/id/plan/ekstremisme-2024-2026?lang=da", f"{PLAN}?lang=da"),
        (f"{PLAN}?as-of=2023-06-01&lang=da", f"{PLAN}?lang=da"),
        ("/query/plans-valid-on-date?asOf=2023-07-01&lang=en", "/query/plans-valid-on-date?lang=en"),
        ("/kind/sik:Principle?page=1&lang=da", "/kind/sik:Principle?page=1&lang=da"),
    ],
)
def test_other_views_of_a_page_name_the_one_to_remember(
    client: FlaskClient, path: str, canonical: str
) -> None:
    found = head(client, path)
    assert found.links["canonical"][0]["href"] == "http://localhost" + canonical
    is_same = "?lang" in path or "page=" in path
    assert (found.meta.get("robots") == "noindex") is not is_same


def test_public_address_is_the_one_that_is_told(graph: KnowledgeGraph) -> None:
    here = KnowledgeGraph(graph.folders, graph.store, Settings(public_url="https://graf.example/by"))
    client = create_app(graph=here).test_client()
    found = head(client, "/kind")
    assert found.links["canonical"][0]["href"] == "https://graf.example/by/kind?lang=en"
    assert found.meta["og:image"] == "https://graf.example/by/static/preview.png"


def test_preview_picture_is_there_and_as_large_as_told(client: FlaskClient) -> None:
    found = head(client, "/")
    with client.get(found.meta["og:image"].removeprefix("http://localhost")) as response:
        picture = response.data
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    size = int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])
    assert size == (int(found.meta["og:image:width"]), int(found.meta["og:image:height"]))
    assert len(picture) < 100_000


def test_error_page_is_not_to_be_indexed(client: FlaskClient) -> None:
    found = Head(client.get("/document/plan/no-such", headers=HTML).text)
    assert found.meta["robots"] == "noindex"
    assert "canonical" not in found.links
    assert found.data == {}


# --- Structured data --------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/"])
def test_way_to_a_page_is_shown_and_told(client: FlaskClient, path: str) -> None:
    page = client.get(path, query_string={"lang": "en"}, headers=HTML).text
    (trail,) = Head(page).nodes("BreadcrumbList")
    items = trail["itemListElement"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    assert items[0]["item"] == "http://localhost/?lang=en"
    assert items[-1]["item"] == Head(page).links["canonical"][0]["href"]
    shown = re.findall(r'<nav class="trail" aria-label="Breadcrumb">(.*?)</nav>', page, re.DOTALL)
    assert len(shown) == 1
    for item in items[:-1]:
        assert item["name"] in unescape(shown[0])


@pytest.mark.parametrize("path", ["/", "/about", "/document/dataset"])
def test_dataset_is_described_with_its_downloads(client: FlaskClient, path: str) -> None:
    (dataset,) = head(client, path).nodes("Dataset")
    about = client.application.extensions["sikkerby_kg"].graph.about
    assert (dataset["@id"], dataset["license"], dataset["version"]) == (
        about.iri,
        about.license,
        about.version,
    )
    assert dataset["name"] == about.title["en"]
    assert len(dataset["description"]) >= 50
    for download in dataset["distribution"]:
        with client.head(download["contentUrl"].removeprefix("http://localhost")) as response:
            assert response.mimetype == download["encodingFormat"]


def test_home_says_how_to_search(client: FlaskClient) -> None:
    (site,) = head(client, "/").nodes("WebSite")
    template = site["potentialAction"]["target"]["urlTemplate"]
    address = template.replace("{search_term_string}", "plan").removeprefix("http://localhost")
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (PLAN, "CreativeWork"),
        ("/document/organization/borgerrepraesentationen", "Organization"),
        ("/document/concept/origin/asserted", "DefinedTerm"),
        ("/document/model/FocusArea", "DefinedTerm"),
        ("/document/doc/midtvejsstatus", "DigitalDocument"),
    ],
)
def test_thing_has_the_type_that_the_alignments_give_it(client: FlaskClient, path: str, kind: str) -> None:
    (thing,) = head(client, path).nodes(kind)
    assert thing["@id"].startswith("https://w3id.org/sikkerby-kg/")
    assert all(name.startswith("http") for name in thing["additionalType"])
    assert thing["mainEntityOfPage"]["@id"] == f"http://localhost{path}?lang=en"


def test_a_city_without_alignments_has_structured_data_too(city_client: FlaskClient) -> None:
    (thing,) = head(city_client, "/document/ting/beacon-plan").nodes("CreativeWork")
    assert thing["name"]
    assert head(city_client, "/document/ting/rowing-watch").nodes("Thing") != []


def test_no_name_ends_the_script(make_root: Path) -> None:
    evil = "</script><b>&"
    (make_root / "data/a.trig").write_text(
        f'<http://e/g> {{ <http://e/d> a <{DCAT.Dataset}> ; <{VOID.uriSpace}> "http://e/" . '
        f'<http://e/id/x/1> a <http://e/T> ; <{RDFS.label}> "{evil}"@en }}',
        encoding="utf-8",
    )
    with open_graph(make_root) as graph:
        page = create_app(graph=graph).test_client().get("/document/x/1?lang=en").text
    assert "<b>" not in page
    assert Head(page).nodes("Thing")[0]["name"] == evil


def test_long_description_is_cut_between_words() -> None:
    assert shortened("a  b\nc") == "a b c"
    cut = shortened("word " * 100)
    assert cut.endswith("word …")
    assert len(cut) <= LONGEST + 2
