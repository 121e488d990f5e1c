"""Pages for people: home, lists, and everything about one thing with the sentence that says it."""

import itertools
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.namespaces import DCAT, VOID
from sikkerby_kg.server import create_app
from sikkerby_kg.server.sentences import unbroken
from sikkerby_kg.server.site import Site
from sikkerby_kg.settings import Settings

ROOT = Path(__file__).parent.parent
PLAN = "/document/plan/ekstremisme-2024-2026?lang=en"
SIK = "https://w3id.org/sikkerby-kg/model/"


def rows(page: str) -> dict[str, str]:
    """Property → the HTML of its statements, of the first list of statements in a page."""
    pattern = r'<div class="property">\s*<dt[^>]*>(.*?)</dt>(.*?)</div>\s*(?=<div class="prop|</dl>)'
    found = re.findall(pattern, page, re.DOTALL)
    return {re.sub("<[^>]+>", "", name).strip(): body for name, body in reversed(found)}


def main_of(page: str) -> str:
    """A page without header and footer."""
    return page.partition("<main")[2].partition("</main>")[0]


# --- Home -------------------------------------------------------------------------------------


def test_home_shows_the_principles_in_order(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/?lang=da").text
    query = "SELECT ?p { [] sik:hasPrinciple ?p . ?p sik:position ?n } ORDER BY ?n"
    expected = [graph.label(str(row["p"]), "da") for row in graph.sparql(query)]
    assert re.findall(r'<h3><a [^>]*href="[^"]*/principle/[^"]*"[^>]*>([^<]*)</a>', page) == expected


def test_home_counts_stated_and_named_focus_areas(client: FlaskClient, graph: KnowledgeGraph) -> None:
    cards = re.findall(r'<li class="card">(.*?)</dl>\s*</li>', client.get("/?lang=en").text, re.DOTALL)
    text = " ".join(cards)
    query = """SELECT ?p (MAX(?n) AS ?stated) (COUNT(DISTINCT ?a) AS ?named) {
        ?p sik:statedFocusAreaCount ?n OPTIONAL { ?p sik:hasFocusArea ?a } } GROUP BY ?p"""
    found = graph.sparql(query).python()
    assert len(found) >= 4
    for row in found:
        assert f"{row['stated']} focus areas stated, {row['named']}\N{NO-BREAK SPACE}named" in text
        if row["stated"] > row["named"]:
            assert f"{row['stated'] - row['named']} unnamed" in text


@pytest.mark.parametrize("path", ["/", "/document/principle/natteliv"])
def test_focus_areas_stand_in_the_order_of_their_numbers(
    client: FlaskClient, graph: KnowledgeGraph, path: str
) -> None:
    query = """SELECT ?a { ?p sik:hasFocusArea ?a . ?a sik:position ?n
        FILTER(STRENDS(STR(?p), "/principle/natteliv")) } ORDER BY ?n"""
    expected = [str(row["a"]).rpartition("/")[2] for row in graph.sparql(query)]
    assert len(expected) == 3
    for lang in ("da", "en"):
        found = re.findall(
            r'href="[^"]*/focus-area/([^"?]*)', client.get(path, query_string={"lang": lang}).text
        )
        assert list(dict.fromkeys(slug for slug in found if slug in expected)) == expected


def test_home_marks_added_focus_areas(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/?lang=da").text
    added = graph.sparql("SELECT DISTINCT ?a { ?p sik:hasAddedFocusArea ?a }")
    assert page.count('<span class="tag">tilføjet</span>') == len(added) > 0


def test_home_counts_lead_to_what_was_counted(client: FlaskClient) -> None:
    page = client.get("/?lang=en").text
    numbers = re.findall(r'<a href="(/kind/[^"]*)"><strong>(\d+)</strong>', page)
    assert len(numbers) == 5
    for href, number in numbers:
        assert main_of(client.get(href).text).count('<li><a href="/document/') == int(number)


def test_home_has_the_notice_and_the_questions(client: FlaskClient) -> None:
    page = client.get("/?lang=en").text
    assert "Not an official site." in page
    assert "reserved, not registered" in page
    assert 'href="/query/plans-replaced?lang=en"' in page


def test_home_of_a_city_without_strategy(city_client: FlaskClient) -> None:
    page = city_client.get("/?lang=en").text
    assert "<h1>The watches of Ravnsholm</h1>" in page
    assert "A made-up island and its harbour book." in page
    assert "Which plans held on the day?" in page
    assert "Not an official site." in page
    assert "Plans</a>" in page
    assert "Gaps</a>" not in page, "there are none"


def test_nothing_about_our_city_stands_in_code_or_templates() -> None:
    words = re.compile("københavn|copenhagen|sikker by|ekstremisme|barnets", re.IGNORECASE)
    for folder in ("sikkerby_kg/server", "web"):
        for path in (ROOT / folder).rglob("*.*"):
            if path.suffix in (".py", ".html", ".css", ".svg"):
                assert not words.search(path.read_text(encoding="utf-8")), path


# --- Lists ------------------------------------------------------------------------------------


def test_kinds_lists_every_class_that_has_instances(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = main_of(client.get("/kind?lang=en").text)
    classes = graph.sparql("SELECT DISTINCT ?c { ?x a ?c }")
    assert len(re.findall(r'<li><a href="/kind/', page)) == len(classes)


def test_kind_holds_those_of_narrower_kinds(client: FlaskClient) -> None:
    page = client.get("/kind/sik:PolicyInstrument").text
    for path in ("/document/plan/ekstremisme-2024-2026", "/document/strategy/sikker-by-2022-2025"):
        assert f'href="{path}"' in page


def test_kind_of_a_city_by_the_model_alone(city_client: FlaskClient) -> None:
    """The city does not say that an action plan is a policy instrument; the model does."""
    assert 'href="/document/ting/beacon-plan"' in city_client.get("/kind/sik:PolicyInstrument").text
    assert 'href="/document/ting/rowing-watch"' in city_client.get("/kind/ord/RowingWatch").text
    assert 'href="/document/ting/rowing-watch"' in city_client.get("/kind/sik:Initiative").text


def test_kind_is_in_danish_order(client: FlaskClient) -> None:
    page = main_of(client.get("/kind/org:Organization?lang=da").text)
    names = re.findall(r'<li><a href="/document/[^"]*"[^>]*>([^<]*)</a>', page)
    assert names[-1] == "Økonomiudvalget"
    assert names.index("infohuset") < names.index("kommunerne") < names.index("Københavns Politi")


def test_kind_of_many_things_has_pages(make_root: Path) -> None:
    statements = "".join(f"<http://e/id/x/{n:04}> a <http://e/Thing> ." for n in range(450))
    dataset = f'<http://e/d> a <{DCAT.Dataset}> ; <{VOID.uriSpace}> "http://e/" .'
    (make_root / "data/a.trig").write_text(f"<http://e/g> {{ {statements} {dataset} }}", encoding="utf-8")
    client = create_app(graph=open_graph(make_root)).test_client()
    seen: set[str] = set()
    for number in (1, 2, 3):
        page = client.get(f"/kind/Thing?page={number}").text
        assert f'<strong aria-current="page">{number}</strong>' in page
        seen |= set(re.findall(r'"(/document/x/\d+)"', page))
    assert len(seen) == 450
    assert client.get("/kind/Thing?page=99").text == client.get("/kind/Thing?page=3").text.replace(
        "page=3", "page=99"
    )
    assert client.get("/kind/Thing?page=x").status_code == 200


# --- One thing --------------------------------------------------------------------------------


def test_thing_has_its_label_and_kind(client: FlaskClient) -> None:
    page = client.get(PLAN).text
    heading = 'Action plan for the prevention of extremism <span class="nowrap">2024-2026</span>'
    assert f"<h1>{heading}</h1>" in page
    assert re.search(
        r'href="/kind/sik:ActionPlan\?lang=en">action plan<span class="unseen"> \(all\)</span></a>', page
    )


def test_statement_shows_the_sentence_that_says_it(client: FlaskClient, graph: KnowledgeGraph) -> None:
    """The question of the README: which plan was replaced, and which sentence says so."""
    replaces = rows(client.get(PLAN).text)["replaces"]
    assert 'href="/document/plan/ekstremisme-2022-2023?lang=en"' in replaces
    assert '<details class="source asserted">' in replaces
    assert "<summary>section 3.3, paragraph 5, sentence 2</summary>" in replaces
    assert 'href="/document/doc/midtvejsstatus/p/5/s/2?lang=en"' in replaces
    title = graph.label("https://w3id.org/sikkerby-kg/id/doc/midtvejsstatus/section/3.3", "en")
    assert f"Section 3.3: {title}" in replaces
    assert re.search(r'<p class="phrase" lang="da">“[^”]+”</p>', replaces)


def test_property_leads_to_its_definition(client: FlaskClient) -> None:
    page = client.get(PLAN).text
    assert 'href="/document/model/hasTargetGroup?lang=en">has target group</a>' in page
    assert "<dt>replaces</dt>" in page, "a property of another vocabulary has a name but no page"


def test_incoming_statements_are_shown(client: FlaskClient) -> None:
    found = rows(client.get("/document/plan/ekstremisme-2022-2023?lang=en").text)
    assert 'href="/document/plan/ekstremisme-2024-2026?lang=en"' in found["is replaced by"]


@pytest.mark.parametrize(
    ("path", "style", "mark"),
    [
        ("plan/ekstremisme-2024-2026", "editorial", "editorial"),
        ("plan/bandepakke-4", "enriched", "enriched: eu.dk"),
        ("plan/bandepakke-4", "gaps", "gaps"),
        ("principle/lokalomraader", "derived", "derived: "),
        ("doc/midtvejsstatus/p/5/s/2", "provenance", "provenance"),
    ],
)
def test_origin_is_visible_and_differs(client: FlaskClient, path: str, style: str, mark: str) -> None:
    page = client.get(f"/document/{path}?lang=en").text
    found = re.findall(rf'<details class="source {style}">\s*<summary[^>]*>([^<]*)</summary>', page)
    assert any(text.startswith(mark) for text in found)
    css = client.get("/static/site.css")
    with css:
        assert f".{style} > summary" in css.text


def test_enriched_statement_leads_to_its_outside_source(client: FlaskClient) -> None:
    page = client.get("/document/plan/bandepakke-4?lang=en").text
    assert re.search(r'href="https://www.eu.dk/[^"]*" class="outside" rel="external noreferrer"', page)


def test_passage_shows_what_was_read_in_it(client: FlaskClient) -> None:
    page = client.get("/document/doc/midtvejsstatus/p/5/s/2?lang=en").text
    assert "<h1>section 3.3, paragraph 5, sentence 2</h1>" in page
    contents = page.partition('id="contents"')[2].partition('id="outgoing"')[0]
    assert "Statements read in this passage" in contents
    assert re.search(r"<dt>replaces</dt><dd><a [^>]*plan/ekstremisme-2022-2023", contents)


def test_graph_shows_what_it_holds(client: FlaskClient) -> None:
    page = client.get("/document/dataset/statements/midtvejsstatus/p5s2?lang=en").text
    assert "Statements in this graph" in page
    assert re.search(r"<dt>replaces</dt><dd><a [^>]*plan/ekstremisme-2022-2023", page)


def test_graph_with_more_statements_than_a_page_shows_says_so(client: FlaskClient) -> None:
    assert re.search(r"… and \d+ more\.", client.get("/document/model?lang=en").text)


def test_thing_with_many_statements_says_that_not_all_are_shown(make_root: Path) -> None:
    statements = "".join(f"<http://e/id/x/{n}> <http://e/of> <http://e/id/hub/1> ." for n in range(130))
    (make_root / "data/a.trig").write_text(f"<http://e/g> {{ {statements} }}", encoding="utf-8")
    client = create_app(graph=open_graph(make_root)).test_client()
    page = client.get("/resource?iri=http://e/id/hub/1&lang=en").text
    assert "… and 30 more." in page
    assert len(re.findall(r'href="http://e/id/x/\d+"', page)) == 100


@pytest.mark.parametrize(
    "path",
    ["model/FocusArea", "model/hasFocusArea", "concept/origin/asserted", "concept/origin", "dataset", "model",
     "period/2024-2026", "doc/midtvejsstatus", "doc/midtvejsstatus/text", "doc/midtvejsstatus/section/3.3",
     "doc/midtvejsstatus/p/5", "doc/midtvejsstatus/p/5/s/2/position", "dataset/gaps", "dataset/provenance"],
)  # fmt: skip
def test_every_kind_of_thing_has_a_page(client: FlaskClient, path: str) -> None:
    response = client.get(f"/document/{path}")
    assert response.status_code == 200
    assert response.text.count("<h1") == 1


def test_definition_leads_the_page_of_a_term(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/document/model/FocusArea?lang=en").text
    term = graph.ontology().term(SIK + "FocusArea")
    assert term is not None
    assert f'<p class="lead">{term.definition["en"]}</p>' in page
    assert 'href="/kind/sik:FocusArea?lang=en"' in page


def test_class_page_lists_instances_as_things_not_as_classes(city_client: FlaskClient) -> None:
    page = city_client.get("/document/ord/RowingWatch").text
    assert 'href="/document/ting/rowing-watch"' in page


# --- Every page -------------------------------------------------------------------------------

AROUND = "/neighbourhood?iri=https://w3id.org/sikkerby-kg/id/plan/ekstremisme-2024-2026"
PAGES = [
    "/",
    AROUND,
    "/kind",
    "/kind/sik:Principle",
    "/query",
    "/query/plans-replaced",
    "/sparql",
    PLAN,
    "/nothing",
]
PAGES += ["/about", "/accessibility", "/downloads", "/api"]


@pytest.mark.parametrize("path", PAGES)
def test_page_has_landmarks_and_headings_in_order(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html"}).text
    for once in ("<header", "<main", "<footer", "<h1", "<title>", 'class="skip" href="#content"'):
        assert page.count(once) == 1, once
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert page.count("<table") == page.count("<caption")
    assert not re.search(r'<script(?! (?:type="module" )?src="/static/| type="application/ld\+json")', page)
    assert "style=" not in page
    assert not re.search(r"<(img|input|select|textarea)(?![^>]*(alt=|id=|type=\"hidden\"))", page)


@pytest.mark.parametrize("path", PAGES)
def test_page_marks_where_the_reader_is(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html"}).text
    in_menu = path in ("/query", "/sparql")
    assert page.count('aria-current="page"') == in_menu


@pytest.mark.parametrize(("max_age", "asked"), [(60, 1), (0, 2)])
def test_overview_of_a_store_that_may_change_is_as_old_as_a_page_may_be(
    make_root: Path, monkeypatch: pytest.MonkeyPatch, max_age: int, asked: int
) -> None:
    """What never changes is asked for once; of anything else an answer is used no longer than a page."""
    (make_root / "data/a.trig").write_text("<http://e/g> { <http://e/a> <http://e/b> 1 }", encoding="utf-8")
    graph = open_graph(make_root, settings=Settings(max_age=max_age))
    for edition, expected in ((None, asked), ("1", 1)):
        site = Site(graph)
        site.edition = edition
        queries: list[str] = []
        monkeypatch.setattr(
            site, "ask", lambda query, into=queries: (into.append(query), graph.sparql(query))[1]
        )
        found = [site.overview("SELECT ?s { ?s ?p ?o }") for _ in range(2)]
        assert found[0] == found[1]
        assert len(queries) == expected


def test_years_stay_on_one_line_and_are_escaped_once(client: FlaskClient) -> None:
    page = client.get(PLAN).text
    assert 'extremism <span class="nowrap">2022-2023</span></a>' in page
    assert "&lt;span" not in page
    assert str(unbroken("<b> 2022-2023, 1-2, 2022-2023-x")) == (
        '&lt;b&gt; <span class="nowrap">2022-2023</span>, 1-2, 2022-2023-x'
    )


def test_the_mark_of_a_source_is_the_same_each_time(client: FlaskClient) -> None:
    first, second = (client.get(PLAN).text for _ in range(2))
    assert first == second
    assert len(re.findall('<details class="source asserted">', first)) > 5
    danish = client.get(PLAN.replace("lang=en", "lang=da")).text
    assert "afsnit 3.3, stykke 5, sætning 2</summary>" in danish
    assert "section 3.3, paragraph 5, sentence 2</summary>" in first


@pytest.mark.parametrize(
    ("kind", "da", "en"),
    [("sik:PolicyInstrument", "Planer", "Plans"), ("org:Organization", "Aktører", "Actors")],
)
def test_get_kind_is_called_what_the_menu_calls_it(client: FlaskClient, kind: str, da: str, en: str) -> None:
    for lang, called in (("da", da), ("en", en)):
        page = client.get(f"/kind/{kind}?lang={lang}", headers={"Accept": "text/html"}).text
        assert f'aria-current="page">{called}</a>' in page
        assert f"<h1>{called} <" in page
        assert f"<title>{called} – " in page
