"""Sheets: the template of a kind, filled in, becomes statements; what is wrong is told cell by cell."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, strategies as st

from sikkerby_kg.authoring import rows
from sikkerby_kg.authoring.rows import read_sheets
from sikkerby_kg.errors import EntryError
from tests.authoring import Run, files, runner, town


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return town(tmp_path)


@pytest.fixture
def run(root: Path) -> Run:
    return runner(root)


def template(run: Run, path: Path, *kinds: str, lang: str = "da") -> openpyxl.Workbook:
    assert run("template", *kinds, "-o", str(path), "--lang", lang).exit_code == 0
    return openpyxl.load_workbook(path)


def fill(sheet: object, row: int, **cells: object) -> None:
    """Fill cells by their headings; a space in one is a _ here."""
    headings = {str(cell.value).removesuffix(" *"): cell.column for cell in sheet[1]}  # type: ignore[index]
    for heading, value in cells.items():
        sheet.cell(row, headings[heading.replace("_", " ")], value)  # type: ignore[attr-defined]


# --- Templates ----------------------------------------------------------------------------------


def test_a_workbook_has_a_column_for_each_field_lists_to_choose_from_and_an_explanation(
    run: Run, tmp_path: Path
) -> None:
    book = template(run, tmp_path / "t.xlsx", "plan", lang="en")
    assert book.sheetnames == ["action plan", "Explanation", "Lists"]
    sheet = book["action plan"]
    assert [cell.value for cell in sheet[1]] == [
        "Danish name *",
        "English name",
        "kind *",
        "replaces",
        "validity period",
        "amount",
        "open",
        "alternative name (Danish)",
        "alternative name (English)",
        "is based on",
        "condition (Danish)",
        "condition (English)",
        "source *",
        "id",
    ]
    assert sheet.freeze_panes == "A2"
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["C2:C1001"].formula1 == "'Lists'!$A$2:$A$3"
    assert [cell.value for cell in book["Lists"]["A"]] == [
        "kind *".removesuffix(" *"),
        "harbour plan",
        "mill plan",
    ]
    explained = {
        row[0].value: [cell.value for cell in row[1:]] for row in book["Explanation"].iter_rows(min_row=2)
    }
    assert explained["kind"] == [
        "required",
        "name, CURIE or IRI",
        "harbour plan, mill plan",
        "harbour plan",
        "Give the plan exactly one kind.",
    ]


def test_a_csv_template_explains_itself_in_its_second_row(run: Run) -> None:
    result = run("template", "plan", "--format", "csv", "--lang", "en")
    assert result.stdout_bytes.startswith(b"\xef\xbb\xbf")
    header, said = csv.reader(io.StringIO(result.stdout_bytes.decode("utf-8-sig")), delimiter=";")
    assert (header[0], said[0].split(":")[0]) == ("Danish name *", "# action-plan")
    assert said[header.index("kind *")] == "required; name, CURIE or IRI; (harbour plan, mill plan)"


def test_no_text_of_a_template_is_a_formula(run: Run, root: Path, tmp_path: Path) -> None:
    path = root / "ontology" / "codelists" / "plan-kind.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace('"mølleplan"@da', '"=1+1"@da'), encoding="utf-8")
    book = template(run, tmp_path / "t.xlsx", "plan")
    assert [(cell.value, cell.data_type) for cell in book["Lister"]["A"]][1] == ("=1+1", "s")
    path = root / "ontology" / "shapes.ttl"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"erstatter"@da', '"=cmd()"@da'), encoding="utf-8"
    )
    assert ";'=cmd();" in run("template", "plan", "--format", "csv").stdout


def test_templates_are_the_same_bytes_each_time(run: Run, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        template(run, tmp_path / name, "plan", "focus-area")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_csv_holds_one_kind(run: Run) -> None:
    result = run("template", "plan", "gap", "--format", "csv", "--lang", "en")
    assert (result.exit_code, "CSV can only have one kind" in result.stderr) == (2, True)


# --- There and back -----------------------------------------------------------------------------


def test_a_filled_template_becomes_statements_once(run: Run, root: Path, tmp_path: Path) -> None:
    book = template(run, tmp_path / "t.xlsx", "plan", "focus-area")
    plans, areas = book["handleplan"], book["fokusområde"]
    fill(
        plans,
        2,
        dansk_navn="Åplan",
        engelsk_navn="Creek plan",
        art="mølleplan",
        gyldighedsperiode=2021,
        kilde="p1s1",
    )
    fill(
        plans,
        3,
        dansk_navn="Søplan",
        art="havneplan",
        erstatter="Åplan | Havneplan 2020",
        beløb=12.5,
        kilde="p1s3",
    )
    fill(
        plans,
        4,
        dansk_navn="Kajplan",
        art="havneplan",
        gyldighedsperiode=dt.date(2024, 3, 1),
        kilde="p1s3",
        åben="ja",
    )
    fill(areas, 2, dansk_navn="Rene åer", er_fokusområde_under="Rent vand", rækkefølge=1, kilde="p1s3")
    book.save(tmp_path / "t.xlsx")
    result = run("import", str(tmp_path / "t.xlsx"))
    assert (result.exit_code, result.stderr.splitlines()[-1][:9]) == (0, "Skrevet: ")
    read = (root / "data" / "read.trig").read_text(encoding="utf-8")
    for line in (
        "dct:replaces plan:aaplan ;",
        "dct:replaces plan:havneplan-2020 ;",
        "sik:allocatedAmount 12.5 .",
        "sik:validityPeriod period:2024-03-01 ;",
        "sik:amendsStrategy true .",
        "sik:position 1 .",
    ):
        assert line in read
    assert 'skos:prefLabel "Creek plan"@en' in (root / "data" / "names.trig").read_text(encoding="utf-8")
    assert run("validate").exit_code == 0
    before = files(root)
    again = run("import", str(tmp_path / "t.xlsx"), "--lang", "en")
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr.endswith("is in the content already; there is nothing to write.\n")
    assert files(root) == before
    fill(plans, 5, dansk_navn="Broplan", art="havneplan", kilde="p1s3")
    book.save(tmp_path / "t.xlsx")
    more = run("import", str(tmp_path / "t.xlsx"), "--lang", "en")
    assert more.stderr.splitlines()[0] == "Rows that are in the content already: 4."
    assert "plan:broplan" in more.stdout
    assert "plan:kajplan" not in more.stdout.replace(" ", "\n").split("\n+")[0]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_csv_is_read_as_spreadsheets_write_it(run: Run, tmp_path: Path, delimiter: str, start: str) -> None:
    lines = [
        ["Danish name", "kind", "source", "condition (Danish)"],
        ["# action-plan: required", "", "", ""],
        ['Åplan; den store, og "lange"', "harbour plan", "p1s1", "'-5 grader"],
        ["", "", "", ""],
    ]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(lines)
    path = tmp_path / "rows.csv"
    path.write_bytes((start + file.getvalue()).encode())
    result = run("import", str(path), "--lang", "en")
    assert result.exit_code == 0, result.stderr
    assert '+        skos:prefLabel "Åplan; den store, og \\"lange\\""@da ;' in result.stdout
    assert '+        sik:updateCondition "-5 grader"@da .' in result.stdout


def test_the_kind_may_be_said_on_the_command_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("label,type,source\nÅplan,havneplan,p1s1\n", encoding="utf-8")
    assert "does not say what its rows are" in run("import", str(path), "--lang", "en").stderr
    assert run("import", str(path), "--kind", "plan").exit_code == 0


@pytest.mark.parametrize("name", ["plan.csv", "Handleplan (2).csv", "plan_2027-01.csv"])
def test_the_kind_may_be_the_name_of_a_csv_file(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("label,type,source\nÅplan,havneplan,p1s1\n", encoding="utf-8")
    result = run("import", str(path))
    assert (result.exit_code, "plan:aaplan" in result.stdout) == (0, True)


def test_a_csv_file_that_does_not_say_its_kind_is_told_how_to(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("label,type,source\nÅplan,havneplan,p1s1\n", encoding="utf-8")
    result = run("import", str(path), "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    for said in ('no kind named "rows"', "--kind", "action-plan.csv", 'begin with "# action-plan:"'):
        assert said in result.stderr


def test_a_thing_of_another_kind_in_the_same_file_is_refused_at_its_cell(run: Run, tmp_path: Path) -> None:
    book = template(run, tmp_path / "t.xlsx", "plan", "principle")
    fill(book["handleplan"], 2, dansk_navn="Åplan", art="havneplan", erstatter="Rolige nætter", kilde="p1s1")
    fill(book["fagprincip"], 2, dansk_navn="Rolige nætter", kilde="p1s1")
    book.save(tmp_path / "t.xlsx")
    result = run("import", str(tmp_path / "t.xlsx"), "--lang", "en")
    assert result.exit_code == 2
    assert "handleplan, row 2, column D (erstatter): principle:rolige-naetter is of the kind principle" in (
        result.stderr
    )


def test_a_row_about_a_thing_that_is_there_and_says_more_is_refused(
    run: Run, root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("# x\n", encoding="utf-8")
    path.write_text("label,type,source,beløb\nHavneplan 2020,havneplan,p1s1,5\n", encoding="utf-8")
    before = files(root)
    result = run("import", str(path), "--kind", "plan", "--lang", "en")
    assert result.exit_code == 2
    assert (
        "plan.csv, row 2: plan:havneplan-2020 exists already, but the row says something else: "
        in result.stderr
    )
    assert files(root) == before


# --- What is wrong, cell by cell ----------------------------------------------------------------


def test_every_wrong_cell_is_named_and_nothing_is_written(run: Run, root: Path, tmp_path: Path) -> None:
    book = template(run, tmp_path / "t.xlsx", "plan", lang="en")
    sheet = book["action plan"]
    fill(sheet, 2, Danish_name="Åplan", kind="harbor plan", replaces="Rent vand", amount=-1, source="p9")
    fill(
        sheet, 3, Danish_name="=A1", kind="mill plan", validity_period="2024-13", open="måske", source="p1s1"
    )
    fill(sheet, 4, English_name="only English", source="p1s1")
    fill(sheet, 5, Danish_name="Åplan", kind="mill plan", source="p1s1")
    fill(
        sheet,
        6,
        Danish_name="Kl. 12",
        kind="#N/A",
        validity_period=dt.datetime.combine(dt.date(2024, 1, 1), dt.time(12)),
        source="p1s1",
    )
    sheet["C6"].data_type = "e"
    sheet["O1"], sheet["O2"], sheet["P2"] = "colour", "blue", "nothing"
    book.save(tmp_path / "t.xlsx")
    before = files(root)
    result = run("import", str(tmp_path / "t.xlsx"), "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    places = [line.strip().split("): ")[0] + ")" for line in lines[1:]]
    assert places == [
        "action plan, row 1, column O (colour)",
        "action plan, row 2, column P (–)",
        "action plan, row 5, column A (Danish name)",
        "action plan, row 2, column C (kind)",
        "action plan, row 2, column D (replaces)",
        "action plan, row 2, column F (amount)",
        "action plan, row 2, column M (source)",
        "action plan, row 3, column A (Danish name)",
        "action plan, row 3, column E (validity period)",
        "action plan, row 3, column G (open)",
        "action plan, row 4, column A (Danish name)",
        "action plan, row 4, column C (kind)",
        "action plan, row 6, column C (kind)",
        "action plan, row 6, column E (validity period)",
    ]
    assert lines[0] == f"Error: {len(places)} things need to be put right, and nothing was written:"
    assert "Similar: harbour plan (plan-kind:havneplan)" in lines[4]
    assert "formula =A1. Write the value" in lines[8]
    assert files(root) == before


def test_what_the_shapes_refuse_of_a_sheet_is_not_written(run: Run, root: Path, tmp_path: Path) -> None:
    path = tmp_path / "focus-area.csv"
    lines = [f"Å{number},Rent vand,p1s1" for number in range(4)]
    path.write_text("\n".join(["label,has-focus-area-of,source", *lines]), encoding="utf-8")
    before = files(root)
    result = run("import", str(path))
    assert (result.exit_code, "Højst tre fokusområder" in result.stderr) == (2, True)
    assert files(root) == before


# --- Files that are not what they seem ----------------------------------------------------------


def workbook(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A small workbook whose parts were changed."""
    book = openpyxl.Workbook()
    book.active.append(["label"])
    book.active.append(["x"])
    book.save(path)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def replaced(old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[SHEET]
        parts[SHEET] = parts[SHEET].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda parts: parts.update({"xl/big.bin": b"\0" * 31_000_000}), "too large"),
        (lambda parts: parts.update({f"xl/{n}.xml": b"" for n in range(1001)}), "too large"),
        (lambda parts: parts.update({"xl/vbaProject.bin": b"x"}), "has macros"),
        (replaced(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'), "document type"),
        (
            replaced(
                b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
            ),
            "Sheet: The cells A1:XFD1048576 are merged",
        ),
        (replaced(b"<sheetData>", b"<sheetData><oops"), "cannot be read as xlsx"),
        (replaced(b'r="A2"', b'r="A1048576"'), "too large: 1048576 rows"),
        (replaced(b'r="A2"', b'r="XFD2"'), "too large: 16384 columns"),
        (lambda parts: parts.pop("xl/workbook.xml"), "cannot be read as xlsx"),
        (lambda parts: parts.pop("[Content_Types].xml"), "cannot be read as xlsx"),
    ],
)
def test_a_workbook_that_could_do_harm_is_refused(
    run: Run, tmp_path: Path, change: Callable[[dict[str, bytes]], None], message: str
) -> None:
    path = workbook(tmp_path / "x.xlsx", change)
    result = run("import", str(path), "--kind", "plan", "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.xlsx", b"\xd0\xcf\x11\xe0 old", "protected by a password or in an older format"),
        ("x.xlsx", b"label\n", "no .xlsx file"),
        ("x.xlsx", b"PK\x03\x04 not really", "cannot be read as xlsx"),
        ("x.xlsm", b"PK", "has macros"),
        ("x.ods", b"PK", "neither .csv nor .xlsx"),
        ("x.csv", "label\nå\n".encode("latin-1"), "is not UTF-8"),
        ("x.csv", "label\nå\n".encode("utf-16"), "is not UTF-8"),
        ("x.csv", b"", "no rows"),
        ("x.csv", b"label,type,source\n", "no rows"),
        ("x.csv", b'label\n"open', "cannot be read as CSV"),
        ("x.csv", b"label\n" + b"x\n" * 20_001, "too large: 20002 rows"),
        ("x.csv", b"a," * 501, "too large: 502 columns"),
        ("x.csv", b"label,type\n=1+1,havneplan\n", "The cell is the formula =1+1"),
        ("x.csv", b"label,label\na,b\n", "stands there twice"),
        ("x.csv", b"label,type\na,b,c\n", "more fields than there are headings"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(
    run: Run, tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    result = run("import", str(tmp_path / name), "--kind", "plan", "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    result = run("import", str(tmp_path / "none.csv"), "--lang", "en")
    assert (result.exit_code, "none.csv" in result.stderr, "Traceback" in result.stderr) == (2, True, False)


def test_a_file_larger_than_may_be_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_BYTES", 3)
    (tmp_path / "x.csv").write_text("label\n", encoding="utf-8")
    with pytest.raises(EntryError, match="too large"):
        read_sheets(tmp_path / "x.csv")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_sheet_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    for name in ("x.csv", "x.xlsx"):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes((b"PK\x03\x04" if name == "x.xlsx" else b"") + data)
        try:
            sheets = read_sheets(path)
        except EntryError:
            continue
        assert all(cell.row >= 1 for sheet in sheets for cell in sheet.header)
