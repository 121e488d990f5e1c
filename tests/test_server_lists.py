"""The lists of a kind: entries with a telling line, facets as plain links, order, pages."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.namespaces import DCAT, VOID
from sikkerby_kg.server import create_app
from sikkerby_kg.server.facets import LONG, MOST, YEAR, Facet, years
from tests.running import as_read

GAPS = "/kind/sik:KnowledgeGap?lang=en"
PLANS = "/kind/sik:PolicyInstrument?lang=en"


def entries(page: str) -> list[str]:
    """The names in a list."""
    (body,) = re.findall(r'<ul class="entries">(.*?)</ul>', as_read(page), re.DOTALL) or [""]
    return [unescape(name) for name in re.findall(r"<li><a href=[^>]*>([^<]*)</a>", body)]


def facets(page: str) -> dict[str, dict[str, tuple[int, str]]]:
    """Facet → value → how many have it, and the address of the list with it."""
    found = {}
    for name, body in re.findall(r'<h2 id="facet-\d+"[^>]*>([^<]*)</h2>(.*?)</section>', page, re.DOTALL):
        values = re.findall(
            r'<a href="([^"]*)" rel="nofollow"[^>]*>([^<]*)<span class="unseen"> \(([^<]*)\)</span></a>'
            r' <span class="count">(\d+)',
            body,
        )
        assert {called for _, _, called, _ in values} <= {name}, "who hears a value is told what it is of"
        found[name] = {unescape(value): (int(count), unescape(href)) for href, value, _, count in values}
    return found


# --- Facets -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sik:KnowledgeGap", "sik:FocusArea", "org:Organization", "sik:PolicyEvent"])
def test_each_value_of_a_facet_leads_to_as_many_things(client: FlaskClient, kind: str) -> None:
    page = client.get(f"/kind/{kind}?lang=en").text
    found = facets(page)
    assert 0 < len(found) <= MOST
    for values in found.values():
        for count, href in values.values():
            assert len(entries(client.get(href).text)) == count, href


def test_facets_are_what_the_graph_says(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/kind/sik:FocusArea?lang=da").text
    query = """SELECT ?principle (COUNT(DISTINCT ?area) AS ?areas) {
        ?principle sik:hasFocusArea|sik:hasAddedFocusArea ?area } GROUP BY ?principle"""
    expected = {graph.label(str(r["principle"]), "da"): int(str(r["areas"])) for r in graph.sparql(query)}
    assert {name: count for name, (count, _) in facets(page)["fagprincip"].items()} == expected


def test_facets_combine_and_can_be_removed(client: FlaskClient) -> None:
    page = client.get(GAPS).text
    count, href = facets(page)["kind"]["ambiguous"]
    narrowed = client.get(href).text
    assert f"{count} of 82 fit" in narrowed
    about, further = next(
        (value, link) for value, link in facets(narrowed)["is a gap about"].items() if link[0] < count
    )
    both = client.get(further[1]).text
    assert 0 < len(entries(both)) == further[0] < count, about
    removes = re.findall(r'<li><a href="([^"]*)"[^>]*><span class="unseen">Remove', both)
    assert len(removes) == 2
    assert count in [len(entries(client.get(unescape(one)).text)) for one in removes]
    assert f'<a href="{GAPS}">Remove all</a>' in both


def test_a_chosen_value_is_marked_and_others_take_its_place(client: FlaskClient) -> None:
    page = client.get(facets(client.get(GAPS).text)["kind"]["ambiguous"][1]).text
    assert "<strong>ambiguous</strong>" in page
    others = facets(page)["kind"]
    assert others["examples only"][0] == len(entries(client.get(others["examples only"][1]).text))


def test_values_that_exclude_each_other_explain_themselves(client: FlaskClient) -> None:
    response = client.get(f"{PLANS}&year=2018&dct:type=no-such-kind")
    assert response.status_code == 200
    assert "Nothing fits everything that was chosen at once." in response.text
    assert f'<a href="{PLANS}">see all 8.</a>' in response.text
    assert "<span>no-such-kind</span>" in response.text


def test_hostile_values_stay_text(client: FlaskClient) -> None:
    page = client.get("/kind/sik:KnowledgeGap", query_string={"dct:type": '"><script>x</script>'}).text
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_the_year_of_a_plan_is_every_year_of_its_period(client: FlaskClient) -> None:
    years_of = facets(client.get(PLANS).text)["year"]
    assert list(years_of) == sorted(years_of)
    names = entries(client.get(years_of["2023"][1]).text)
    assert "Action plan for the prevention of extremism 2022-2023" in names
    assert "Action plan for the prevention of extremism 2024-2026" not in names


def test_a_short_list_has_no_facets_and_heeds_none(client: FlaskClient) -> None:
    page = client.get("/kind/sik:Principle?lang=en&year=1800").text
    assert len(entries(page)) == 5 < LONG
    assert 'class="facets"' not in page


def test_links_of_facets_keep_language_and_date(client: FlaskClient) -> None:
    page = client.get("/kind/sik:KnowledgeGap?lang=en&as-of=2023-06-01").text
    for values in facets(page).values():
        assert all("lang=en" in href and "as-of=2023-06-01" in href for _, href in values.values())


@pytest.fixture(scope="module")
def boats(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Twelve boats in three harbours, each with its crew, of a city that knows no other facts."""
    root = tmp_path_factory.mktemp("boats")
    for name in ("ontology", "data", "queries", "web"):
        (root / name).mkdir()
    boats = "\n".join(
        f"<http://e/id/boat/{n}> a <http://e/{'Ferry' if n % 3 else 'Boat'}> ;"
        f" <http://e/crew> <http://e/c{n}> ; <http://e/in> <http://e/h{n % 3}> ;"
        f" <http://e/lang> <http://e/l{n // 6}> ;"
        f' rdfs:label "båd {n}"@da .'
        for n in range(12)
    )
    crews = " ".join(f"<http://e/c{n}> a <http://e/{'Crew' if n < 4 else 'Team'}> ." for n in range(6))
    (root / "data/a.trig").write_text(
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> <http://e/g> {"
        f'<http://e/d> a <{DCAT.Dataset}> ; <{VOID.uriSpace}> "http://e/" .'
        f"<http://e/Ferry> rdfs:subClassOf <http://e/Boat> . {boats} {crews} }}",
        encoding="utf-8",
    )
    return create_app(graph=open_graph(root)).test_client()


def test_another_citys_facets_follow_from_its_graph(boats: FlaskClient) -> None:
    page = boats.get("/kind/Boat?lang=en").text
    found = {
        name: {value: count for value, (count, _) in values.items()} for name, values in facets(page).items()
    }
    # Each has a crew of its own, so that only the crews' classes divide the list.
    assert found == {
        "lang": {"l0": 6, "l1": 6},
        "in": {"h0": 4, "h1": 4, "h2": 4},
        "crew": {"Crew": 4, "Team": 2},
    }
    # What is called as a parameter of pages does not take its place.
    spoken = boats.get(facets(page)["lang"]["l1"][1])
    assert (len(entries(spoken.text)), spoken.headers["Content-Language"]) == (6, "en")
    assert entries(page)[:3] == ["båd 0", "båd 1", "båd 2"], "2 before 10"
    assert 'class="kind">Ferry</span>' in page


def test_years_are_counted_where_they_are_known() -> None:
    spans: dict[str, list[tuple[int | None, int | None]]] = {
        "a": [(2020, 2021)],
        "b": [(2021, None)],
        "c": [(None, 2020)],
        "d": [(None, None)],
    }
    facet = years(spans, 4)
    assert facet == Facet(YEAR, {"2020": frozenset({"a", "c"}), "2021": frozenset({"a", "b"})})
    assert years({"d": [(None, None)]}, 4) is None
    assert years({name: [(2020, 2020)] for name in "abcd"}, 4) is None, "all alike is no help"


# --- Order, lines, pages ----------------------------------------------------------------------


def test_a_list_can_be_ordered_by_date(client: FlaskClient) -> None:
    page = client.get(PLANS).text
    (href,) = re.findall(r'<a href="([^"]*)" rel="nofollow">date</a>', page)
    dated = entries(client.get(unescape(href)).text)
    assert sorted(dated) == sorted(entries(page))
    assert dated[0].startswith("Sikker By strategy 2018-2021")
    assert dated.index("Action plan for the prevention of extremism 2022-2023") < dated.index(
        "Action plan for the prevention of extremism 2024-2026"
    )
    _, narrowed = facets(client.get(unescape(href)).text)["year"]["2023"]
    assert "sort=date" in narrowed


def test_entries_have_a_telling_line(client: FlaskClient) -> None:
    page = client.get(GAPS).text
    assert re.search(
        r"Who approved the strategy\?</a>\s*<p class=\"note\">.*?<span class=\"part\">\w+</span>", page
    )
    passages = client.get("/kind/sik:Passage?lang=en").text
    assert '<span class="part phrase" lang="da">“ny handleplan for perioden 2024-2026”</span>' in passages
    concepts = client.get("/kind/sik:Challenge?lang=en").text
    assert concepts.count('<p class="note">') == len(entries(concepts))


def test_the_definition_of_the_kind_stands_on_top(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get(PLANS).text
    term = graph.ontology().term("https://w3id.org/sikkerby-kg/model/PolicyInstrument")
    assert term is not None
    assert page.index(f'<p class="lead">{term.definition["en"]}</p>') < page.index('class="entries"')


def test_a_narrowed_list_has_its_own_pages(make_root: Path) -> None:
    things = "".join(
        f"<http://e/id/x/{n:04}> a <http://e/Thing> ; <http://e/of> <http://e/part{n % 2}> ."
        for n in range(450)
    )
    dataset = f'<http://e/d> a <{DCAT.Dataset}> ; <{VOID.uriSpace}> "http://e/" .'
    (make_root / "data/a.trig").write_text(f"<http://e/g> {{ {things} {dataset} }}", encoding="utf-8")
    client = create_app(graph=open_graph(make_root)).test_client()
    ((count, href),) = [
        value
        for name, value in facets(client.get("/kind/Thing?lang=en").text)["of"].items()
        if name == "part1"
    ]
    assert count == 225
    first, second = client.get(href).text, client.get(f"{href}&page=2").text
    assert (len(entries(first)), len(entries(second))) == (200, 25)
    assert f'href="{href.replace("&", "&amp;")}&amp;page=2"' in first


def test_actors_are_narrowed_by_what_is_said_of_them(client: FlaskClient) -> None:
    page = client.get("/kind/org:Organization?lang=en").text
    facets = page.partition('class="facets"')[2] or page
    assert "has performed" in facets
    assert "is responsible for" in facets
    assert "is performed by" not in facets, "that would be said of the other end"
