"""Answers on pages: words for values, the order of rows, drawings, citations, and what nothing means."""

import csv
import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.server import create_app
from sikkerby_kg.texts import LANGUAGES

HTML = {"Accept": "text/html"}
DATED = "/query/plans-valid-on-date"
HEADER = """\
#+ title: {da: Tal, en: Numbers}
#+ question: {da: Hvilke tal?, en: Which numbers?}
#+ description: {da: Én række for hvert. »x« er navnet., en: One row for each. 'x' is the name.}
#+ tags: [number]
"""
DATASET = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix void: <http://rdfs.org/ns/void#> .
@prefix dct: <http://purl.org/dc/terms/> .
<https://e.example/g> { <https://e.example/> a dcat:Dataset ; void:uriSpace "https://e.example/" ;
  dct:title "<i>Øen</i>"@da . }
"""


@pytest.fixture
def asked(make_root: Path) -> Iterator[Callable[..., str]]:
    """The page of a saved query with this text, over a content of its own."""
    opened: list[KnowledgeGraph] = []

    def page(text: str, header: str = "", address: str = "") -> str:
        (make_root / "data/all.trig").write_text(DATASET, encoding="utf-8")
        (make_root / "queries/numbers.rq").write_text(HEADER + header + "\n" + text, encoding="utf-8")
        opened.append(open_graph(make_root, "memory"))
        app: Flask = create_app(graph=opened[-1])
        response = app.test_client().get(f"/query/numbers?lang=en{address}", headers=HTML)
        assert response.status_code == 200, response.text
        return response.text

    yield page
    for graph in opened:
        graph.close()


def cells(page: str) -> list[list[str]]:
    """The texts of the cells of the table, row by row."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    return [
        [html.unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body)
    ]


# --- Values -----------------------------------------------------------------------------------


def test_values_are_written_as_people_write_them(asked: Callable[..., str]) -> None:
    page = asked(
        """PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        SELECT ?day ?year ?many ?part ?truth ?none { VALUES (?day ?year ?many ?part ?truth ?none) {
        ("1902-03-01"^^xsd:date "1902"^^xsd:gYear 12345 -1234.5 false UNDEF) } }""",
        "#+ columns: [day, year, many, part, truth, none]",
    )
    assert cells(page) == [["1\u00a0March 1902", "1902", "12,345", "-1234.5", "no", "–empty"]]
    assert "A dash is an empty field" in page


def test_get_query_wide_shows_two_days_as_a_period(client: FlaskClient) -> None:
    page = client.get("/query/plans-replaced?lang=en", headers=HTML).text
    headings = re.findall(r'role="columnheader"[^>]*><a [^>]*>(.*?)</a>', page)
    assert len(headings) == 8
    assert (headings[1], headings[3]) == ("period", "period of the replaced")
    assert cells(page)[0][1] == "2022–2025"
    narrow = client.get(f"{DATED}?lang=en", headers=HTML).text
    assert 'sort=end"' in narrow, "there is room for both days"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('"2024-03-01"^^xsd:date "2024-05-31"^^xsd:date', "1\u00a0March – 31\u00a0May 2024"),
        ('"2024-03-01"^^xsd:date UNDEF', "from 1\u00a0March 2024"),
        ("UNDEF UNDEF", "–empty"),
    ],
)
def test_a_period_in_a_wide_table_is_as_precise_as_its_days(
    asked: Callable[..., str], row: str, expected: str
) -> None:
    names = "?a ?b ?c ?d ?e ?f ?g ?start ?end"
    query = f"""PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        SELECT {names} {{ VALUES ({names}) {{ (1 2 3 4 5 6 7 {row}) }} }}"""
    page = asked(query, "#+ columns: [a, b, c, d, e, f, g, start, end]")
    assert cells(page) == [["1", "2", "3", "4", "5", "6", "7", expected]]
    page = asked(query.replace(row, "8 9"), "#+ columns: [a, b, c, d, e, f, g, start, end]")
    assert len(cells(page)[0]) == 9, "no days"


def test_get_query_dates_in_the_language_of_the_page(client: FlaskClient) -> None:
    found = {lang: client.get(f"{DATED}?lang={lang}", headers=HTML).text for lang in LANGUAGES}
    assert "31.\u00a0december 2025" in found["da"]
    assert "31\u00a0December 2025" in found["en"]


def test_hostile_values_are_text_everywhere_on_the_page(asked: Callable[..., str]) -> None:
    page = asked(
        """SELECT ?x ?n { VALUES (?x ?n) { ("<script>alert(1)</script>" 1) ("\\"><img src=x>" 2)
        (<javascript:alert(1)> 3) } }""",
        "#+ columns: [x, n]\n#+ chart: {bar: {label: x, value: n}}",
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in drawing(page)
    assert cells(page)[0][0] == "<script>alert(1)</script>"
    assert not re.search(r'<script(?! (?:type="module" )?src="/static/| type="application/ld\+json")', page)
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert "<i>Øen" not in page


# --- Order ------------------------------------------------------------------------------------

ORDERED = "SELECT ?x ?n { VALUES (?x ?n) { ('b 10' 9) ('Å' 10) ('b 2' 2) ('æ' UNDEF) ('a' 'x') } }"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["b 10", "Å", "b 2", "æ", "a"]),
        ("x", ["a", "b 2", "b 10", "æ", "Å"]),
        ("-x", ["Å", "æ", "b 10", "b 2", "a"]),
        ("n", ["b 2", "b 10", "Å", "a", "æ"]),
        ("-n", ["a", "Å", "b 10", "b 2", "æ"]),
    ],
)
def test_rows_are_ordered_by_alphabet_and_amount_with_the_empty_last(
    asked: Callable[..., str], order: str, expected: list[str]
) -> None:
    page = asked(ORDERED, "#+ columns: [x, n]", f"&sort={order}")
    assert [row[0] for row in cells(page)] == expected


def test_headings_lead_to_their_order_and_back(client: FlaskClient) -> None:
    page = client.get(f"{DATED}?asOf=2023-07-01&lang=en&offset=0", headers=HTML).text
    (href,) = re.findall(r'role="columnheader"[^>]*><a href="([^"]*sort=end)"', page)
    assert parse_qs(urlsplit(html.unescape(href)).query) == {
        "asOf": ["2023-07-01"],
        "lang": ["en"],
        "sort": ["end"],
    }
    page = client.get(html.unescape(href), headers=HTML).text
    ends = [row[3] for row in cells(page)]
    assert ends == ["31\u00a0December 2023", "31\u00a0December 2025", "31\u00a0December 2026"]
    (href,) = re.findall(r'aria-sort="ascending"><a href="([^"]*)" rel="nofollow"', page)
    page = client.get(html.unescape(href), headers=HTML).text
    assert [row[3] for row in cells(page)] == ends[::-1]
    assert 'aria-sort="descending"' in page
    assert 'name="sort" value="-end"' in page, "the form keeps the order"
    assert page.count("sort=-end&amp;format=") == 6, "downloads keep the order"


def test_get_query_sort_by_what_is_no_column_is_a_400(client: FlaskClient) -> None:
    response = client.get(f"{DATED}?sort=planLabel&lang=en", headers={"Accept": "text/csv"})
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["parameter"] == "sort"
    assert response.json["type_expected"].startswith("plan | kind | start | end")


def test_get_query_sort_orders_data(client: FlaskClient) -> None:
    found = csv.DictReader(client.get(f"{DATED}?asOf=2023-07-01&sort=-end&format=csv").text.splitlines())
    assert [row["end"] for row in found] == ["2026-12-31", "2025-12-31", "2023-12-31"]


def test_a_parameter_of_the_name_sort_is_the_query_s_own(asked: Callable[..., str]) -> None:
    page = asked(
        "SELECT ?x { BIND(COALESCE($sort, 2) AS ?x) }",
        "#+ columns: [x]\n"
        "#+ parameters: {sort: {type: integer, default: 2, example: 3, label: {da: S, en: S}}}",
        "&sort=7",
    )
    assert cells(page) == [["7"]]
    assert 'role="columnheader"' in page
    assert "aria-sort" not in page


# --- Drawings ---------------------------------------------------------------------------------


def drawing(page: str) -> str:
    return page.partition('<figure class="chart')[2].partition("</figure>")[0]


def test_bars_are_as_long_as_their_numbers(asked: Callable[..., str]) -> None:
    page = asked(
        """SELECT ?x ?n ?m { VALUES (?x ?n ?m) {
        ('one' 4 1) ('two' 1 UNDEF) ('one' 4 1) ('three' UNDEF UNDEF) } }""",
        "#+ columns: [x, n, m]\n#+ chart: {bar: {label: x, value: [n, m]}}",
    )
    found = re.findall(r'class="series-(\d)" x="0" y="1" width="([^"]*)"', drawing(page))
    assert found == [("0", "100%"), ("1", "25%"), ("0", "25%")]
    assert drawing(page).count("<li>") == 2 + 2, "two series, and two rows with numbers"
    assert "three" not in drawing(page)


@pytest.mark.parametrize(
    "values",
    ["('a' 'many')", "('a' 0)", "('a' -1) ('b' 2)", "('a' 'NaN'^^xsd:double)", "(UNDEF 1)"],
)
def test_what_cannot_be_drawn_as_bars_is_not(asked: Callable[..., str], values: str) -> None:
    page = asked(
        f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ?x ?n {{ VALUES (?x ?n) {{ {values} }} }}",
        "#+ columns: [x, n]\n#+ chart: {bar: {label: x, value: n}}",
    )
    assert "<figure" not in page
    assert cells(page)


def test_more_rows_than_can_be_seen_are_not_drawn(asked: Callable[..., str]) -> None:
    values = " ".join(f"('{number}' {number})" for number in range(61))
    page = asked(
        f"SELECT ?x ?n {{ VALUES (?x ?n) {{ {values} }} }}",
        "#+ columns: [x, n]\n#+ chart: {bar: {label: x, value: n}}",
    )
    assert "<figure" not in page


def test_a_timeline_shows_periods_and_open_ends(asked: Callable[..., str]) -> None:
    page = asked(
        """PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        SELECT ?x ?from ?to { VALUES (?x ?from ?to) {
        ("closed" "1902-01-01"^^xsd:date "1902-12-31"^^xsd:date)
        ("a year" "1903"^^xsd:gYear "1903"^^xsd:gYear)
        ("goes on" "1903-07-01"^^xsd:date UNDEF) ("began once" UNDEF "1902-06-30"^^xsd:date)
        ("unknown" UNDEF UNDEF) ("back to front" "1903-01-01"^^xsd:date "1902-01-01"^^xsd:date) } }""",
        "#+ columns: [x, from, to]\n#+ chart: {timeline: {label: x, start: from, end: to}}",
    )
    drawn = drawing(page)
    said = re.findall(r'class="what">(.*?) <span class="when">(.*?)</span>', drawn)
    assert said == [
        ("closed", "1 January 1902 – 31 December 1902"),
        ("a year", "1 January 1903 – 31 December 1903"),
        ("goes on", "from 1 July 1903"),
        ("began once", "until 30 June 1902"),
    ]
    bars = re.findall(
        r"<rect( class=\"whole\"| fill=\"[^\"]*\") x=\"([^\"]*)%\" y=\"6\" width=\"([^\"]*)%\"", drawn
    )
    kinds = [kind.strip() for kind, _, _ in bars]
    assert kinds == ['class="whole"', 'class="whole"', 'fill="url(#goes-on)"', 'fill="url(#opens)"']
    spans = [(float(start), float(start) + float(length)) for _, start, length in bars]
    assert all(0 <= start < end <= 100.01 for start, end in spans)
    assert spans[0][1] == pytest.approx(spans[1][0], abs=0.05), "one year begins where the other ends"
    assert spans[2][1] == pytest.approx(100, abs=0.05)
    assert spans[3][0] == 0
    assert (
        re.findall(r'<text x="[^"]*" y="14">(\d+)</text>', drawn)
        == ["1902", "1903", "1904"][: drawn.count("<text")]
    )


@pytest.mark.parametrize(
    "days",
    [("0001-01-01", "9999-12-31"), ("9999-01-01", "9999-12-31"), ("0001-01-01", "0001-01-01")],
)
def test_the_first_and_the_last_of_days_can_be_drawn(
    asked: Callable[..., str], days: tuple[str, str]
) -> None:
    rows = f"('x' '{days[0]}'^^xsd:date '{days[1]}'^^xsd:date) ('y' UNDEF '{days[1]}'^^xsd:date)"
    page = asked(
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
        f"SELECT ?x ?from ?to {{ VALUES (?x ?from ?to) {{ {rows} }} }}",
        "#+ columns: [x, from, to]\n#+ chart: {timeline: {label: x, start: from, end: to}}",
    )
    assert drawing(page).count('class="when"') == 2


def test_every_drawing_of_our_own_queries_has_its_table(client: FlaskClient, graph: KnowledgeGraph) -> None:
    drawn = []
    for query in graph.queries.values():
        if query.chart:
            page = client.get(f"/query/{query.name}?lang=da", headers=HTML).text
            assert cells(page), query.name
            drawn += [query.name] if drawing(page) else []
    assert {"plans-valid-on-date", "focus-areas-stated-and-named", "statements-per-paragraph"} <= set(drawn)


# --- Citing, and nothing ----------------------------------------------------------------------


def test_an_answer_is_cited_with_values_dataset_version_and_day(client: FlaskClient) -> None:
    page = client.get(f"{DATED}?asOf=2023-07-01&lang=en", headers=HTML).text
    (cited,) = re.findall(r'<p class="cite">(.*?)</p>', page)
    assert html.unescape(cited).startswith(
        "Which plans and strategies were valid on a date? (Date: 1 July 2023). "
        "Knowledge graph of the Sikker By strategy, version 0.1.0, 23 November 2026. http://localhost/query/"
    )


def test_the_lasting_link_names_every_value_and_gives_the_same_answer(client: FlaskClient) -> None:
    page = client.get(f"{DATED}?lang=en", headers=HTML).text
    (href,) = re.findall(r'<a href="([^"]*)" rel="bookmark nofollow"', page)
    assert html.unescape(href) == "http://localhost/query/plans-valid-on-date?asOf=2024-07-01&lang=en"
    again = client.get(html.unescape(href), headers=HTML).text
    assert cells(again) == cells(page)


def test_links_keep_the_date_of_the_page(client: FlaskClient) -> None:
    page = client.get(f"{DATED}?as-of=2023-06-01&lang=en", headers=HTML).text
    downloads = re.findall(r'href="([^"]*format=[a-z]+)"', page)
    assert len(downloads) == 6
    assert all("as-of=2023-06-01" in href for href in downloads)
    assert 'name="as-of" value="2023-06-01"' in page


def test_the_date_of_the_page_is_that_of_a_question_about_a_date(client: FlaskClient) -> None:
    page = client.get(f"{DATED}?as-of=2023-06-01&lang=en", headers=HTML).text
    assert 'name="asOf" value="2023-06-01"' in page
    assert cells(page) == cells(client.get(f"{DATED}?asOf=2023-06-01&lang=en", headers=HTML).text)
    own = client.get(f"{DATED}?as-of=2023-06-01&asOf=2024-07-01&format=csv")
    assert own.data == client.get(f"{DATED}?asOf=2024-07-01&format=csv").data


def test_the_query_is_shown_with_its_values_and_without_header(client: FlaskClient) -> None:
    page = html.unescape(client.get(f"{DATED}?asOf=2023-07-01&lang=en", headers=HTML).text)
    shown = page.partition('<pre class="code"')[2].partition("</pre>")[0]
    assert '"2023-07-01"^^' in shown
    assert "#+" not in shown


def test_no_rows_say_why_with_what_and_what_to_try(client: FlaskClient) -> None:
    page = client.get(f"{DATED}?asOf=1850-01-01&lang=en", headers=HTML).text
    assert "No rows answer the question." in page
    assert "No plan with a known period was valid on the date." in page
    assert "<strong>1 January 1850</strong>" in page
    (href,) = re.findall(r'<a href="([^"]*)">Ask instead with Date: 1 July 2024</a>', page)
    assert "asOf" not in href
    assert cells(client.get(html.unescape(href), headers=HTML).text)
    assert "<figure" not in page


def test_no_rows_for_a_choice_lead_to_all(city_client: FlaskClient) -> None:
    page = city_client.get(
        "/query/plans-on-a-day?day=1700-01-01&guild=t:harbour-guild&lang=en", headers=HTML
    ).text
    (href,) = re.findall(r'<a href="([^"]*)">Ask without choosing Guild</a>', page)
    assert "guild" not in href
    assert "day=1700-01-01" in href


# --- Forms and the list -----------------------------------------------------------------------


def test_a_thing_may_be_given_by_its_name(client: FlaskClient) -> None:
    name = "Handleplan til forebyggelse af ekstremisme 2024-2026"
    query = {"entity": name, "lang": "da"}
    page = client.get("/query/sources-of-a-statement", query_string=query, headers=HTML)
    assert page.status_code == 200
    assert cells(page.text) == cells(client.get("/query/sources-of-a-statement?lang=da", headers=HTML).text)
    assert f"<strong>{name}</strong>" in page.text
    assert f'name="entity" value="{name}"' in page.text
    assert "Fx Handleplan til forebyggelse af ekstremisme 2022-2023<" in page.text


def test_a_thing_without_a_name_of_its_own_keeps_its_iri(client: FlaskClient) -> None:
    page = client.get("/query/sources-of-a-statement?entity=plan:no-such-plan&lang=en", headers=HTML)
    assert 'name="entity" value="plan:no-such-plan"' in page.text
    assert "The graph says nothing about what was chosen." in page.text


def test_a_needed_field_says_so(city_client: FlaskClient) -> None:
    page = city_client.get("/query/rowed-to-within?lang=en", headers=HTML).text
    assert re.search(
        r'<label for="p-place">Skerry or island <span class="needed">\(required\)</span></label>', page
    )
    assert re.search(r'<input type="text" id="p-place" name="place" value="" [^>]*required>', page)
    wrong = city_client.get("/query/rowed-to-within?place=&lang=en", headers=HTML).text
    assert "Fill in “Skerry or island”" in wrong


def test_what_is_not_on_the_list_is_said_beside_it(client: FlaskClient) -> None:
    page = client.get("/query/what-an-actor-does?actor=nobody&lang=en", headers=HTML).text
    assert re.search(r'<p class="wrong" id="p-actor-error">“nobody” is not on the list', page)


def test_get_list_by_topic(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = client.get("/query?topic=time&lang=en", headers=HTML).text
    shown = set(re.findall(r'<h3><a href="/query/([a-z-]+)\?lang=en">', page))
    assert shown == {query.name for query in graph.queries.values() if "time" in query.tags}
    assert re.search(r'<a href="/query\?topic=time&amp;lang=en" aria-current="true">Time', page)
    assert "Choose: Date" in page


def test_get_list_describes_each_question_in_a_sentence_of_words(client: FlaskClient) -> None:
    page = client.get("/query?lang=da", headers=HTML).text
    notes = re.findall(r'<p class="note">(.*?)</p>', page)
    assert len(notes) == 40
    assert all(note.endswith((".", ":")) and "»adopted«" not in note for note in notes), notes


def test_get_list_by_an_unknown_topic_is_a_404_that_names_the_known_ones(client: FlaskClient) -> None:
    response = client.get("/query?topic=weather&lang=en", headers=HTML)
    assert response.status_code == 404
    assert "plan, proposal" in response.text


def test_properties_of_other_vocabularies_are_called_in_words(client: FlaskClient) -> None:
    """The query can only give the end of their IRIs; the page and the table know better."""
    asked = {"lang": "da", "entity": "plan:ekstremisme-2024-2026"}
    page = client.get("/query/sources-of-a-statement", query_string=asked).text
    table = client.get("/query/sources-of-a-statement", query_string={**asked, "format": "md"}).text
    for said in (page.partition("<tbody")[2].partition("</tbody>")[0], table):
        assert "erstatter" in said
        assert ">replaces<" not in said
        assert "[replaces]" not in said
    data = client.get("/query/sources-of-a-statement", query_string={**asked, "format": "csv"}).text
    assert ",replaces," in data, "data stays what the query gives"


def test_get_query_unknown_names_those_close_to_it_and_no_command(client: FlaskClient) -> None:
    response = client.get("/query/plans-replace?lang=da", headers=HTML)
    assert response.status_code == 404
    assert "Der er intet spørgsmål ved navn »plans-replace«. Ligner: plans-replaced" in response.text
    response = client.get("/query/xyzzy?lang=en", headers=HTML)
    assert "There is no question named &#39;xyzzy&#39;.</p>" in response.text
