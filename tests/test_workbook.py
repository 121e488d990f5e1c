"""An answer as an Excel workbook, read back by another program: types, headings, source, and no formula."""

import datetime as dt
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.citations import Citation
from sikkerby_kg.workbook import MOST_CHARACTERS, as_workbook

DATED = "/query/plans-valid-on-date?asOf=2023-07-01&lang=da"
HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "<b>&\"'",
    "_x0041_",
    "{=1}",
    "http://e/",
    "\u202e",
)


def read(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def day(written: str) -> dt.datetime:
    return dt.datetime.fromisoformat(written)


def rows(sheet: Any) -> list[tuple[object, ...]]:
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


def ask(city: KnowledgeGraph, query: str, citation: Citation | None = None) -> Any:
    return read(as_workbook(city.sparql(query), city.labels, "en", citation or Citation()))


def test_cells_have_the_types_of_their_terms(city: KnowledgeGraph) -> None:
    book = ask(
        city,
        """SELECT ?day ?time ?whole ?part ?double ?year ?truth ?text ?spoken ?nothing ?node {
          VALUES (?day ?time ?whole ?part ?double ?year ?truth ?text ?spoken ?nothing) {
            ("1902-03-01"^^xsd:date "1902-03-01T12:30:00"^^xsd:dateTime 7 1.5 2.5e0 "1902"^^xsd:gYear
             true "07" "lygte"@da UNDEF) }
          BIND(BNODE() AS ?node) }""",
    )
    headings, found = rows(book.worksheets[0])
    assert headings[:3] == ("day", "time", "whole")
    assert found == (
        *(day("1902-03-01"), day("1902-03-01T12:30")),
        *(7, 1.5, 2.5, 1902, True, "07", "lygte", None, "[…]"),
    )
    assert book.worksheets[0]["A2"].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize(
    "term",
    [
        '"1850-01-01"^^xsd:date',  # before Excel's days begin
        '"2024-07-01T12:00:00Z"^^xsd:dateTime',  # Excel has no time zones
        "1234567890123456789",  # more digits than Excel keeps
        "0.12345678901234567",
        '"NaN"^^xsd:double',
        '"INF"^^xsd:double',
        '"2023-02-30"^^xsd:date',
        '"maybe"^^xsd:boolean',
        '"P1Y"^^xsd:duration',
    ],
)
def test_what_excel_cannot_hold_exactly_is_text(city: KnowledgeGraph, term: str) -> None:
    book = ask(city, f"SELECT ?x {{ BIND({term} AS ?x) }}")
    cell = book.worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert f'"{cell.value}"' in term or cell.value == term


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_and_never_a_formula(city: KnowledgeGraph, text: str) -> None:
    literal = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\r", "\\r")
    data = as_workbook(
        city.sparql(f'SELECT ?x {{ BIND("{literal}" AS ?x) }}'),
        city.labels,
        "en",
        Citation(question=text, dataset=text, url=text, license=text, sparql=text),
    )
    book = read(data)
    cell = book.worksheets[0]["A2"]
    value = cell.value.replace("_x000D_", "\r")  # as the format writes it (ISO/IEC 29500-1 §22.9.2.19)
    assert (cell.data_type, value, cell.hyperlink) == ("s", text, None)
    assert cell.quotePrefix is (text[0] in "=+-@\t\r")
    for sheet in book:
        assert {cell.data_type for row in sheet for cell in row} <= {"s", "n", "b", "d"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            assert not re.search(rb"<f[ >]|<hyperlink|<externalLink", archive.read(name)), name


def test_a_text_that_is_too_long_is_cut_and_says_so(city: KnowledgeGraph) -> None:
    query = 'SELECT ?x { BIND("%s" AS ?x) }' % ("x" * 40_000)
    value = ask(city, query).worksheets[0]["A2"].value
    assert (len(value), value[-2:]) == (MOST_CHARACTERS, "x…")


def test_characters_that_xml_cannot_hold_do_no_harm(city: KnowledgeGraph) -> None:
    cells = rows(ask(city, 'SELECT ?x { BIND("a\\u0001b\\uFFFEc" AS ?x) }').worksheets[0])
    assert cells[1][0] == "a_x0001_b\ufffdc", "the format writes it so"


def test_rows_that_a_sheet_cannot_hold_are_cut_and_counted(
    city: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sikkerby_kg.workbook.MOST_ROWS", 2)
    answer, source = ask(city, "SELECT ?x { VALUES ?x { 1 2 3 } }").worksheets
    assert rows(answer) == [("x",), (1,), (2,)]
    assert rows(source)[:2] == [("Number of rows", 3, None), ("Cut off after rows", 2, None)]


def test_a_truth_value_is_one_cell(city: KnowledgeGraph) -> None:
    assert rows(ask(city, "ASK {}").worksheets[0]) == [("Answer",), (True,)]


def test_get_query_format_xlsx_has_names_then_iris(client: FlaskClient) -> None:
    response = client.get(DATED + "&format=xlsx")
    assert response.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response.headers["Content-Disposition"] == 'attachment; filename="plans-valid-on-date.xlsx"'
    sheet = read(response.data)["Svar"]
    headings, first, *_ = rows(sheet)
    row = dict(zip(headings, first, strict=True))
    assert row["plan"] == "Handleplan til forebyggelse af ekstremisme 2022-2023"
    assert row["slut"] == day("2023-12-31")
    assert row["sted i teksten"] == "afsnit 3.3, stykke 5, sætning 2"
    assert row["plan (IRI)"] == "https://w3id.org/sikkerby-kg/id/plan/ekstremisme-2022-2023"
    assert headings[-2:] == ("plan (IRI)", "slags (IRI)")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:K4")
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width > 8


def test_get_query_format_xlsx_says_where_it_comes_from(client: FlaskClient) -> None:
    found = rows(read(client.get(DATED + "&format=xlsx").data)["Kilde"])
    said = {row[0]: row[1] for row in found}
    assert said["Spørgsmål"] == "Hvilke planer og strategier gjaldt på en dato?"
    assert said["Dato"] == "1. juli 2023"
    assert (said["Antal rækker"], said["Version"]) == (3, "0.1.0")
    assert isinstance(said["Datasættets dato"], dt.datetime)
    assert said["Licens"] == "https://creativecommons.org/licenses/by/4.0/"
    assert said["Adresse"] == "http://localhost/query/plans-valid-on-date?asOf=2023-07-01&lang=da"
    assert ("vedtaget", "adopted", None) in found
    assert any(row[0] and '"2023-07-01"' in str(row[0]) for row in found), "the query has the value"


def test_get_query_format_xlsx_without_rows_says_why(city_client: FlaskClient) -> None:
    answer, source = read(city_client.get("/query/oil-left?format=xlsx&lang=en").data).worksheets
    assert rows(answer) == [("barrel",)]
    assert ("Why there are no rows", "nobody has written down a barrel", None) in rows(source)


def test_the_same_answer_gives_the_same_bytes(city: KnowledgeGraph) -> None:
    saved = city.queries["plans-on-a-day"]
    made = [
        as_workbook(city.answer(saved, {}, "en"), city.labels, "en", city.cite(saved, {}, "en"))
        for _ in range(2)
    ]
    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(1980, 1, 1)}


def test_accept_chooses_the_workbook(client: FlaskClient) -> None:
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = client.get(DATED, headers={"Accept": media})
    assert response.mimetype == media
    assert response.headers["Content-Location"].endswith("format=xlsx")


def test_a_part_and_an_order_hold_for_the_workbook(client: FlaskClient) -> None:
    book = read(client.get(DATED + "&format=xlsx&sort=-start&limit=1").data)
    assert len(rows(book["Svar"])) == 2
    assert rows(book["Svar"])[1][2] == day("2023-01-01")
