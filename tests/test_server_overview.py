"""The pages that give the whole at once: home, timeline, coverage, gaps; for our content and any other."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.server import create_app
from sikkerby_kg.server.drawing import NARROW

EN = {"lang": "en"}
PAGES = ("/", "/timeline", "/coverage", "/gaps")


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def rows_of(page: str) -> dict[str, str]:
    """Name of the thing → the row, of all tables of a page."""
    found = re.findall(r'<tr role="row">\s*<th role="rowheader"[^>]*>(.*?)</th>(.*?)</tr>', page, re.DOTALL)
    return {re.sub("<[^>]+>", "", name).strip(): row for name, row in found}


def numbers(element: str) -> list[float]:
    """The percentages of a bar: where it begins, and how wide it is."""
    return [float(value) for value in re.findall(r'(?:x|width)="([\d.]+)%"', element)]


def bar_of(row: str, shape: str) -> str:
    match = re.search(rf'<rect class="{shape}"[^>]*>', row)
    assert match, row
    return match[0]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("as_of", ["", "1700-01-01", "2023-06-01", "2999-12-31"])
def test_get_page_at_any_date_of_any_content(
    client: FlaskClient, city_client: FlaskClient, path: str, as_of: str
) -> None:
    for each in (client, city_client):
        response = each.get(path, query_string={**EN, "as-of": as_of})
        assert response.status_code == 200
        assert "<h1" in response.text
        assert response.headers.get("X-Sikkerby-As-Of") == (as_of or None)
        assert ("As it stood on" in response.text) is bool(as_of)


@pytest.mark.parametrize("path", PAGES)
def test_get_page_of_content_without_dates(make_root: Path, path: str) -> None:
    (make_root / "data/a.trig").write_text("<http://e/g> { <http://e/x> a <http://e/T> }", encoding="utf-8")
    client = create_app(graph=open_graph(make_root)).test_client()
    assert client.get(path).status_code == 200
    assert client.get(path, query_string={"as-of": "2023-06-01"}).status_code == 200


# --- Timeline ---------------------------------------------------------------------------------


def test_timeline_shows_a_year_as_a_bar_and_a_day_as_a_point(client: FlaskClient) -> None:
    rows = rows_of(client.get("/timeline", query_string=EN).text)
    plan = numbers(bar_of(rows["Action plan for the prevention of extremism 2022-2023"], "period"))
    strategy = numbers(bar_of(rows["Sikker By strategy 2022-2025 (Safe City)"], "period"))
    assert plan[0] == strategy[0], "both begin with 2022"
    assert strategy[1] / plan[1] == pytest.approx(2, abs=0.01), "four years beside two"
    adopted = rows["adoption of the Sikker By strategy 2018-2021"]
    assert '<circle class="day"' in adopted
    assert "<rect" not in adopted


def test_timeline_shows_a_window_as_a_frame_and_an_open_end_fading(client: FlaskClient) -> None:
    page = client.get("/timeline", query_string=EN).text
    rows = rows_of(page)
    assert numbers(bar_of(rows["gang package 4 is introduced"], "window"))[1] > 5, "some time in 2024"
    assert 'fill="url(#fade-end)"' in bar_of(rows["Focus on the prevention of extremism"], "period")
    assert 'id="fade-end"' in page


def test_timeline_of_a_plan_without_an_end(city_client: FlaskClient) -> None:
    rows = rows_of(city_client.get("/timeline", query_string=EN).text)
    assert 'fill="url(#fade-end)"' in bar_of(rows["the beacon plan"], "period")
    assert "1 March 1902 – 29 February 1904" in rows["the lantern plan"]
    assert "ended" in rows["the lantern plan"]


def test_timeline_rows_lead_to_what_they_show_and_say_how_it_stands(client: FlaskClient) -> None:
    page = client.get("/timeline", query_string={**EN, "as-of": "2023-06-01"}).text
    rows = rows_of(page)
    assert "in force" in rows["Action plan for the prevention of extremism 2022-2023"]
    assert "adoption uncertain" in rows["Action plan against racism, ethnic discrimination and hate crimes"]
    assert "Action plan for the prevention of extremism 2024-2026" not in rows
    assert re.search(r"Came only after 1 June 2023 and are left out: \d+\.", page)
    assert re.search(r'href="/document/plan/ekstremisme-2022-2023\?[^"]*as-of=2023-06-01', page)
    assert '<line class="now"' in page


def test_timeline_names_what_has_no_date(client: FlaskClient) -> None:
    undated = client.get("/timeline", query_string=EN).text.partition('id="undated"')[2]
    assert 'href="/document/plan/bandepakke-4?lang=en"' in undated
    assert "during corona" in undated, "in the language of the page"
    undated = client.get("/timeline", query_string={"lang": "da"}).text.partition('id="undated"')[2]
    assert "under corona" in undated, "as the source says it"


def test_timeline_is_one_drawing_that_names_plans_and_counts_the_rest(client: FlaskClient) -> None:
    page = client.get("/timeline", query_string=EN).text
    drawing = page.partition('<figure class="glance">')[2].partition("</figure>")[0]
    title, said = re.findall(r"<(?:title|desc) id=[^>]*>([^<]+)<", drawing)
    assert title == "The timeline at a glance, 2018–2026"
    assert re.search(r"\b\d+ in all, of \d+ kinds", said)
    names = re.findall(r'<text class="wide"[^>]*><tspan [^>]*>([^<]+)<', drawing)
    assert "Action plan for the prevention of extremism 2022-2023" in names
    marks = re.findall(r"<g><title>([^<]+)</title>(.*?)</g>", drawing)
    counts = [int(found[1]) if (found := re.search(r"× (\d+)", mark)) else 1 for _, mark in marks]
    assert f"{sum(counts)} in all" in said, "what lies in one place is counted"
    assert any(
        said.startswith("adoption of the Sikker By strategy 2018-2021: 1 March 2018") for said, _ in marks
    )
    assert "<a " not in drawing, "the tables lead on"


def test_names_in_the_drawing_lie_within_it(client: FlaskClient) -> None:
    page = client.get("/timeline").text
    found = re.findall(r'<text class="narrow"[^>]*text-anchor="(\w+)"[^>]*>(.*?)</text>', page, re.DOTALL)
    assert found
    for anchor, text in found:
        x = float(re.findall(r'x="([\d.]+)%"', text)[0])
        width = NARROW * max(len(unescape(line)) for line in re.findall(r">([^<]+)</tspan>", text))
        assert (x + width <= 100) if anchor == "start" else (x - width >= 0), text


# --- Coverage and home ------------------------------------------------------------------------


def test_coverage_has_a_row_for_each_principle(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/coverage", query_string=EN).text
    principles = [str(row["p"]) for row in graph.sparql("SELECT DISTINCT ?p { [] sik:hasPrinciple ?p }")]
    assert len(rows_of(page)) == len(principles) == 5
    extremism = next(row for name, row in rows_of(page).items() if "extremism" in name)
    assert re.search(r"2022-2023</span></a>\s*<span class=\"state ended\">", extremism)
    assert re.search(r"2024-2026</span></a>\s*<span class=\"state in-force\">", extremism), (
        "it replaced the other"
    )
    assert "not assessed as a whole" in extremism


def test_coverage_leaves_out_what_came_later(client: FlaskClient) -> None:
    now = client.get("/coverage", query_string=EN).text
    then = client.get("/coverage", query_string={**EN, "as-of": "2023-06-01"}).text
    assert now.count('<span class="tag">added</span>') == 2
    assert "focus-area/migranter" in now
    assert "focus-area/migranter" not in then
    assert then.count("not assessed as a whole") == 5
    assert "ekstremisme-2024-2026" not in main_of(then)


def test_coverage_before_everything_says_so_of_the_date(client: FlaskClient) -> None:
    page = client.get("/coverage", query_string={**EN, "as-of": "1900-01-01"}).text
    assert "<p>No strategy with principles had begun on 1 January 1900.</p>" in page
    assert "The content has no strategy" not in page


def test_coverage_names_no_actor_of_the_dataset_itself(client: FlaskClient) -> None:
    """A principle is the example of the dataset, whose publisher has no part in it."""
    assert "organization/sikkerby-kg" not in main_of(client.get("/coverage", query_string=EN).text)


def test_home_says_what_has_changed_by_a_date(client: FlaskClient) -> None:
    now = main_of(client.get("/", query_string=EN).text)
    then = main_of(client.get("/", query_string={**EN, "as-of": "2023-06-01"}).text)
    assert re.search(
        r"2024-2026</span></a> <span class=\"note\">replaces <a [^>]*>[^<]*<span[^>]*>2022-2023", now
    )
    assert "/proposal/migranter" in now
    assert "/proposal/migranter" not in then


def test_home_explains_its_numbers(client: FlaskClient) -> None:
    """The query behind a number gives the number."""
    page = client.get("/", query_string=EN).text
    found = re.findall(
        r'<strong>(\d+)</strong>.*?<a class="explain" href="([^"]*)"',
        page.partition("</ul>\n<section")[0],
        re.DOTALL,
    )
    assert len(found) == 5
    for number, href in found:
        answer = client.get(unescape(href), headers={"Accept": "text/csv"}).text
        assert answer.split() == ["count", number]


# --- Gaps -------------------------------------------------------------------------------------


def test_gaps_hold_every_recorded_gap(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/gaps", query_string=EN).text
    gaps = {
        str(row["g"]).rpartition("/")[2]
        for row in graph.sparql("SELECT DISTINCT ?g { ?g a sik:KnowledgeGap }")
    }
    assert set(re.findall(r'href="/document/gap/([^"?]*)', page)) == gaps
    assert "leaves the value open" in page, "why: what the kind is defined as"


def test_gaps_say_what_has_expired_and_what_rests_on_it(client: FlaskClient) -> None:
    page = re.sub("<[^>]+>", "", client.get("/gaps", query_string=EN).text)
    assert "extremism 2022-2023 ended on 31 December 2023 and was replaced by Action plan" in page
    assert re.search(r"rests on Action plan [^,]*2022-2023, which ended on 31 December 2023", page)
    then = re.sub("<[^>]+>", "", client.get("/gaps", query_string={**EN, "as-of": "2023-06-01"}).text)
    assert "Resting on what has expired" not in then


def test_gaps_of_a_city_that_recorded_none(city_client: FlaskClient) -> None:
    page = re.sub("<[^>]+>", "", city_client.get("/gaps", query_string=EN).text)
    assert "the lantern plan ended on 29 February 1904 and was replaced by the beacon plan." in page
    assert "the beacon plan: nobody responsible is named." in page


def test_gaps_lead_to_queries_that_run(client: FlaskClient) -> None:
    page = client.get("/gaps", query_string=EN).text
    groups = re.findall(r'<span class="kicker">(\d+)</span></h2>.*?<a href="(/sparql[^"]*)"', page, re.DOTALL)
    assert len(groups) >= 10
    for count, href in groups:
        response = client.get(unescape(href), headers={"Accept": "text/csv"})
        assert response.status_code == 200
        assert len(response.text.splitlines()) - 1 >= int(count)


def test_gaps_under_a_principle_are_those_of_its_row(client: FlaskClient) -> None:
    row = next(
        r for n, r in rows_of(client.get("/coverage", query_string=EN).text).items() if "local areas" in n
    )
    match = re.search(r'<a href="(/gaps[^"]*)">(\d+) knowledge gaps', row)
    assert match
    page = client.get(unescape(match[1])).text
    assert len(set(re.findall(r'href="/document/gap/([^"?]*)', page))) == int(match[2])
    assert "Only what concerns" in page


def test_get_gaps_under_what_is_not_there_is_404(client: FlaskClient) -> None:
    assert client.get("/gaps?under=plan/no-such").status_code == 404
    assert client.get("/gaps?under=%3C%3E").status_code == 404


TELLING = (
    *(
        "/gaps",
        "/coverage",
        "/timeline",
        "/document/doc/midtvejsstatus",
        "/document/plan/ekstremisme-2024-2026",
    ),
    *("/document/strategy/sikker-by-2022-2025", "/document/doc/midtvejsstatus/section/3.3/heading"),
    "/kind/org:Organization",
)


@pytest.mark.parametrize("path", TELLING)
@pytest.mark.parametrize("lang", ["da", "en"])
def test_get_page_whose_links_make_sense_alone(client: FlaskClient, path: str, lang: str) -> None:
    """WCAG 2.2, 2.4.9: the same words never lead to two places."""
    answer = client.get(path, query_string={"lang": lang}, headers={"Accept": "text/html"})
    page = main_of(answer.text)
    places: dict[str, set[str]] = {}
    for attributes, words in re.findall(r"<a ([^>]*)>(.*?)</a>", page, re.DOTALL):
        name = re.search(r'aria-label="([^"]*)"', attributes)
        href = re.search(r'href="([^"]*)"', attributes)
        said = " ".join(unescape(name[1] if name else re.sub("<[^>]+>", "", words)).split())
        assert href
        places.setdefault(said, set()).add(href[1])
    assert {said: found for said, found in places.items() if len(found) > 1} == {}
