"""Judges are processes: what they say is what the command says, and they can do nothing else."""

import gc
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sikkerby_kg.errors import (
    ContentError,
    QueryCancelledError,
    QueryMemoryError,
    QueryTimeoutError,
    WorkerLostError,
)
from sikkerby_kg.folders import find_folders
from sikkerby_kg.judging import Document, Judgement, Judges, judges as judging, limits_of
from sikkerby_kg.judging.bench import Bench, told
from sikkerby_kg.judging.judgement import read, written
from sikkerby_kg.settings import Settings
from sikkerby_kg.validation import ValidationReport, validate_content
from sikkerby_kg.validation.writers import Document as Written, HeldFiles, written as written_report
from sikkerby_kg.workers import MEGABYTE
from tests.running import slowness, wait_for

pytestmark = [
    pytest.mark.slow,  # processes are started and waited for
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork"),
]
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

EXAMPLES = sorted((Path(__file__).parents[1] / "ontology/examples").glob("*/fail.trig"))
LIMITS = replace(limits_of(Settings()), seconds=60.0)
PLAN = b"<http://e/x> a <https://w3id.org/sikkerby-kg/model/ActionPlan> .\n"
UNUSUAL = b"""
@prefix : <http://e/> . @prefix s: <https://w3id.org/sikkerby-kg/model/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:period a dct:PeriodOfTime ; dcat:startDate "2024-01-01Z"^^xsd:date ; dcat:endDate "2022-01-01Z"^^xsd:date .
:plan a s:ActionPlan ; s:validityPeriod :period ; dct:replaces :plan .
:principle a s:Principle ; s:position "01"^^xsd:integer .
"""
MANY = (
    "@prefix : <http://e/> . @prefix s: <https://w3id.org/sikkerby-kg/model/> .\n"
    + "".join(f":{n} a s:ActionPlan.\n" for n in range(42_000))
).encode()
"""A megabyte with three mistakes on each line: more than any engine tells of in a second."""


@pytest.fixture(scope="module")
def judges(city_root: Path) -> Iterator[Judges]:
    """Judges of the made-up city, who have judged its content."""
    found = Judges(city_root, LIMITS, 10 * MEGABYTE)
    assert found.content(120) is not None
    yield found
    found.close()


def document(data: bytes, suffix: str = ".ttl") -> Document:
    return Document("a" + suffix, suffix, data)


def test_the_content_is_judged_as_the_command_does(judges: Judges, city_root: Path) -> None:
    report = validate_content(find_folders(city_root))
    found = judges.content()
    assert found is not None
    assert (found.findings, found.counts) == (told(report).findings, told(report).counts)
    assert not found.conforms
    assert found.counts["Violation"] > 10
    assert found.files == report.files


def judged_alike(judges: Judges, city_root: Path, data: bytes, folder: Path) -> ValidationReport:
    """The report of the command on a file, a judge having given the same."""
    (folder / "a.trig").write_bytes(data)
    report = validate_content(find_folders(city_root), [folder / "a.trig"])
    found = judges.report("json", "da", document(data, ".trig"))
    assert found.conforms == report.conforms
    said = [
        {(each["rule"], each["focus"]["value"], each["path"], each["message"]) for each in content["results"]}
        for content in (
            json.loads(found.body),
            json.loads(written_report("json", Written(report, "da", HeldFiles({})))),
        )
    ]
    anonymous = re.compile(r"b\d+")
    left = [each for each in said[0] ^ said[1] if not anonymous.fullmatch(each[1])]
    assert left == [], "but for nodes without IRI, whose numbers are another's"
    assert len(json.loads(found.body)["results"]) == len(report.results)
    return report


def test_a_file_is_judged_as_the_command_does(judges: Judges, city_root: Path, tmp_path: Path) -> None:
    """Its numbers and dates are written so that shapes with queries fall back on pySHACL."""
    report = judged_alike(judges, city_root, UNUSUAL, tmp_path)
    assert len(report.results) > 10
    assert len(report.fallbacks) == 5


@pytest.mark.slow
@pytest.mark.parametrize("unusual", [False, True])
def test_a_file_that_breaks_every_shape_is_judged_as_the_command_does(
    judges: Judges, city_root: Path, tmp_path: Path, *, unusual: bool
) -> None:
    data = "\n".join(path.read_text(encoding="utf-8") for path in EXAMPLES)
    if unusual:
        data = re.sub(r'"([\d-]{10})"\^\^xsd:date', r'"\1+00:00"^^xsd:date', data)
        data = re.sub(r"(?<=\s)(\d+)(?= ?[;.]\n)", r'"0\1"^^xsd:integer', data)
    report = judged_alike(judges, city_root, data.encode(), tmp_path)
    assert len({each.shape for each in report.results}) > 140
    assert len(report.fallbacks) > (10 if unusual else 4)


BY_REFERENCE = """
import sys
from sikkerby_kg.judging.bench import Bench
from sikkerby_kg.settings import Settings
from sikkerby_kg.judging import limits_of
from sikkerby_kg.validation import validate
from sikkerby_kg.validation.scope import source_of
from sikkerby_kg.workers.confinement import confine
data = sys.stdin.buffer.read()
bench = Bench(sys.argv[1])
confine(limits_of(Settings()), files=False)
try:
    open(sys.argv[0] or sys.executable)
except OSError:
    sources = [source_of("a.trig", data, ".trig"), *bench._background]
    reports = [validate(sources, bench._shapes, by_reference=each) for each in (False, True)]
    print(len(reports[0].results), len(reports[1].results))
"""


@linux
@pytest.mark.slow
def test_pyshacl_needs_no_file_to_carry_out_every_shape(city_root: Path) -> None:
    """Whatever it imports late is in memory before a judge gives up its files."""
    data = b"\n".join(path.read_bytes() for path in EXAMPLES)
    command = [sys.executable, "-c", BY_REFERENCE, str(city_root)]
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    ours, theirs = done.stdout.split()
    assert int(ours) > 400
    assert ours == theirs


def test_how_many_nodes_each_shape_looked_at_is_counted(judges: Judges) -> None:
    content = judges.content()
    assert content is not None
    looked = {each.iri.rpartition("/")[2]: each for each in content.shapes}
    assert looked["ActionPlan"].focus == 2
    assert looked["Act"].focus == 0
    assert looked["Ring"].focus is None
    assert looked["DescribedGraph"].by_query
    assert {"da", "en"} <= looked["Act"].names.keys()


def test_a_file_that_cannot_be_read_is_refused_with_its_place(judges: Judges) -> None:
    with pytest.raises(ContentError, match=r"^a\.ttl:2:"):
        judges.judge(document(b"# a comment\n<http://e/a> <http://e/b"))


def test_nothing_is_kept_of_a_file(judges: Judges) -> None:
    labelled = b'<http://e/x> <http://www.w3.org/2004/02/skos/core#prefLabel> "Secret"@da .\n'
    assert judges.judge(document(PLAN + labelled)).findings[0].label
    assert not any(each.label for each in judges.judge(document(PLAN)).findings)


@linux
def test_a_judge_has_no_files_and_no_environment(judges: Judges) -> None:
    judges.judge(document(PLAN))
    pool = judges.pool
    assert pool is not None
    assert wait_for(lambda: pool.status().idle == 1)
    (worker,) = pool._idle
    folder = Path(f"/proc/{worker.pid}")
    assert wait_for(lambda: "NoNewPrivs:\t1" in (folder / "status").read_text())
    assert (folder / "environ").read_bytes() == b""
    opened = [str(path.readlink()) for path in (folder / "fd").iterdir()]
    assert {name.partition(":")[0] for name in opened} == {"/dev/null", "socket"}


@linux
def test_a_file_that_takes_too_long_or_too_much_is_given_up(city_root: Path) -> None:
    quick = Judges(city_root, replace(LIMITS, seconds=slowness()), 10 * MEGABYTE)
    small = Judges(city_root, replace(LIMITS, memory=8 * MEGABYTE), 10 * MEGABYTE)
    try:
        quick.begin()
        small.begin()
        assert quick.content(120)
        with pytest.raises(QueryTimeoutError):
            quick.judge(document(MANY))
        assert quick.judge(document(b"<http://e/a> <http://e/b> 1 .")).conforms
        assert small.content(120)
        with pytest.raises(QueryMemoryError):
            small.judge(document(MANY))
    finally:
        quick.close()
        small.close()


def test_a_reader_who_has_gone_ends_the_judgement(judges: Judges) -> None:
    with pytest.raises(QueryCancelledError):
        judges.judge(document(MANY), lambda: True)


@linux
def test_judges_that_were_killed_are_replaced(judges: Judges) -> None:
    pool = judges.pool
    assert pool is not None
    before = pool._nursery
    os.kill(before.pid, 9)  # type: ignore[attr-defined]
    time.sleep(0.1)
    assert judges.judge(document(PLAN)).findings
    assert pool._nursery is not before


def test_content_that_cannot_be_used_is_told_and_tried_again(
    make_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (make_root / "data/a.trig").write_text("<http://e/g> { <http://e/a> ", encoding="utf-8")
    found = Judges(make_root, LIMITS, MEGABYTE)
    try:
        with pytest.raises(ContentError, match=r"data/a\.trig:1:"):
            found.content(60)
        (make_root / "data/a.trig").write_text(
            "<http://e/g> { <http://e/a> <http://e/b> <http://e/c> }", encoding="utf-8"
        )
        with pytest.raises(ContentError):
            found.content(60)
        monkeypatch.setattr(judging, "AGAIN", 0.0)
        content = found.content(60)
        assert content is not None
        assert content.files == ("data/a.trig",)
    finally:
        found.close()


@linux
def test_no_process_is_left(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        "<http://e/g> { <http://e/a> <http://e/b> <http://e/c> }", encoding="utf-8"
    )
    for patience in (0, 60):  # while it loads, and when it is ready
        found = Judges(make_root, LIMITS, MEGABYTE)
        found.content(patience)
        assert found.pool is not None
        pid = found.pool._nursery.pid  # type: ignore[attr-defined]
        start = time.monotonic()
        if patience:
            found.close()
        else:
            del found
            gc.collect()
        process = Path(f"/proc/{pid}")
        while process.exists():
            assert time.monotonic() - start < 10 * slowness()
            time.sleep(0.05)
        assert time.monotonic() - start < 3 * slowness()
    with pytest.raises(WorkerLostError):
        found.content()


# --- What crosses the border ------------------------------------------------------------------


def test_a_judgement_crosses_the_border_unchanged(city_root: Path) -> None:
    bench = Bench(str(city_root))
    for each in (bench.content, told(bench.judge(document(PLAN)))):
        assert read(written(each)) == each


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        json.dumps({"findings": [{}], "counts": {}, "files": [], "shapes": []}).encode(),
    ],
    ids=str,
)
def test_what_is_no_judgement_is_not_believed(wrong: bytes) -> None:
    with pytest.raises(WorkerLostError):
        read(wrong)


def test_a_severity_that_there_is_not_is_not_believed() -> None:
    empty = json.loads(written(Judgement((), {"Violation": 0, "Warning": 0, "Info": 0}, ())))
    assert read(json.dumps(empty).encode()).conforms
    names = ("focus", "path", "value", "shape", "owner")
    finding = {"severity": "<b>", **dict.fromkeys(names, ""), "label": {}, "names": {}, "messages": {}}
    with pytest.raises(WorkerLostError):
        read(json.dumps({**empty, "findings": [{**finding, "spots": []}]}).encode())
