"""A reader's own file is validated: as a form and as a body, within limits, and none of it does any harm."""

import http.client
import json
import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from html import unescape
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.compare import isomorphic
from werkzeug.test import TestResponse

from sikkerby_kg.cli import main
from sikkerby_kg.judging import Spot
from sikkerby_kg.server.site import EXTENSION, Site
from sikkerby_kg.server.source_lines import SourceText
from tests.running import Served, served, slowness, wait_for

HTML = {"Accept": "text/html"}
PREFIXES = (
    "@prefix sik: <https://w3id.org/sikkerby-kg/model/> .\n"
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
)
PLAN = PREFIXES + '<http://e/x> a sik:ActionPlan ; skos:prefLabel "Plan"@da .\n'
FINE = "<http://e/a> <http://e/b> 1 .\n"
MANY = "@prefix : <http://e/> . @prefix s: <https://w3id.org/sikkerby-kg/model/> .\n" + "".join(
    f":{n} a s:ActionPlan.\n" for n in range(42_000)
)
"""A megabyte with three mistakes on each line: more than any engine tells of in a second."""
SECONDS = 1.0

XML = (
    '<?xml version="1.0"?><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><s:ActionPlan '
    'xmlns:s="https://w3id.org/sikkerby-kg/model/" r:about="http://e/x"/></r:RDF>'
)


@pytest.fixture(scope="module")
def ready(city_app: Flask) -> FlaskClient:
    """A client of the made-up city, whose shapes are loaded."""
    site: Site = city_app.extensions[EXTENSION]
    assert site.judges.content(180) is not None
    return city_app.test_client()


def paste(client: FlaskClient, text: str, query: str = "lang=en", **fields: object) -> TestResponse:
    return client.post(f"/validate?{query}", data={"text": text, **fields}, headers=HTML)


def send(client: FlaskClient, data: bytes, kind: str = "text/turtle", query: str = "lang=en") -> TestResponse:
    return client.post(f"/validate?{query}", data=data, headers={"Content-Type": kind})


def pasted(page: str) -> str:
    """The text in the form."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    return unescape(found[1])


# --- The form -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["da", "en"])
def test_get_validate_shows_a_form_with_its_limits(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/validate?lang={lang}", headers=HTML).text
    assert 'enctype="multipart/form-data"' in page
    assert ("Højst 2 MB og 30 sekunder" if lang == "da" else "At most 2 MB and 30 seconds") in page


@pytest.mark.parametrize("lang", ["da", "en"])
def test_post_validate_form_gives_the_report_and_keeps_the_text(ready: FlaskClient, lang: str) -> None:
    answer = paste(ready, PLAN, f"lang={lang}")
    assert answer.status_code == 200
    assert answer.headers["X-Sikkerby-Conforms"] == "false"
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("overholder ikke" if lang == "da" else "does not conform") in answer.text
    assert ("netop én art" if lang == "da" else "exactly one kind") in answer.text
    assert pasted(answer.text) == PLAN
    assert 'id="violation"' in answer.text


def test_post_validate_form_of_what_is_fine_says_so(ready: FlaskClient) -> None:
    answer = paste(ready, FINE)
    assert (answer.status_code, answer.headers["X-Sikkerby-Conforms"]) == (200, "true")
    assert "conforms to the shapes. Violations: 0" in answer.text


def test_post_validate_form_with_a_file_validates_the_file(ready: FlaskClient) -> None:
    answer = paste(ready, "nonsense", file=(BytesIO(PLAN.encode()), "data/my plan.ttl"))
    assert answer.status_code == 200
    assert "<strong>my plan.ttl</strong>: does not conform" in answer.text


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        (PLAN, ""),
        (PLAN, "ttl"),
        ("<http://e/g> { " + PLAN.removeprefix(PREFIXES) + "}", "trig"),
        ('{"@id": "http://e/x", "@type": "https://w3id.org/sikkerby-kg/model/ActionPlan"}', ""),
        ('[{"@id": "http://e/x", "@type": "https://w3id.org/sikkerby-kg/model/ActionPlan"}]', "jsonld"),
        (XML, ""),
    ],
    ids=["turtle", "ttl", "trig", "json", "jsonld", "xml"],
)  # fmt: skip
def test_post_validate_form_reads_every_format(ready: FlaskClient, text: str, syntax: str) -> None:
    text = PREFIXES + text if syntax == "trig" else text
    answer = paste(ready, text, syntax=syntax)
    assert answer.status_code == 200, answer.text
    assert "exactly one kind" in answer.text


def test_post_validate_form_with_line_ends_of_a_form_keeps_literals(ready: FlaskClient) -> None:
    """A browser sends CR LF for every end of a line; the line of a mistake is the same."""
    answer = paste(ready, (PLAN + "<http://e/y> <").replace("\n", "\r\n"))
    assert answer.status_code == 400
    assert "the text:4:" in answer.text


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_post_validate_form_without_a_text_is_a_400_that_says_so(ready: FlaskClient, text: str) -> None:
    answer = paste(ready, text)
    assert answer.status_code == 400
    assert "There is nothing to validate" in answer.text


# --- A body -------------------------------------------------------------------------------------


def test_post_validate_body_is_answered_with_data(ready: FlaskClient) -> None:
    answer = send(ready, PLAN.encode())
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    report = json.loads(answer.text)
    assert report["counts"]["violation"] == len(
        [each for each in report["results"] if each["severity"] == "violation"]
    )
    assert {each["focus"]["value"] for each in report["results"]} == {"http://e/x"}
    assert report["results"][0]["places"][0]["line"] == 3
    assert send(ready, PLAN.encode(), query="format=html&lang=en").mimetype == "text/html"


@pytest.mark.parametrize("lang", ["da", "en"])
def test_post_validate_as_turtle_is_what_the_command_writes(
    ready: FlaskClient, city_root: Path, tmp_path: Path, lang: str
) -> None:
    text = PLAN + '<http://e/y> skos:prefLabel "a"@da, "b"@da . [] a sik:Principle .\n'
    (tmp_path / "a.ttl").write_text(text, encoding="utf-8")
    command = ["--root", str(city_root), "validate", "-f", "turtle", str(tmp_path / "a.ttl")]
    wanted = CliRunner().invoke(main, command).output
    answer = send(ready, text.encode(), query=f"format=turtle&lang={lang}")
    assert (answer.mimetype, answer.headers["X-Sikkerby-Conforms"]) == ("text/turtle", "false")
    found, other = (Graph().parse(data=each, format="turtle") for each in (answer.text, wanted))
    assert isomorphic(found, other)
    assert len(found) > 50


@pytest.mark.parametrize(
    ("accept", "kind", "words"),
    [
        ("*/*", "application/json", '"value": "http://e/x"'),
        ("text/turtle", "text/turtle", "<http://e/x>"),
        ("application/sarif+json", "application/sarif+json", '"uri": "the%20text"'),
        ("text/xml", "application/xml", '<testsuite name="the text"'),
        ("text/plain, application/json;q=0.9", "text/plain", "the text:3:"),
        ("text/*;q=0.1, text/html", "text/html", "<strong>the text</strong>"),
        ("image/png", "application/problem+json", "turtle (text/turtle)"),
        ("application/sarif+json;q=0", "application/problem+json", "turtle (text/turtle)"),
    ],
)
def test_post_validate_by_accept_answers_in_that_format(
    ready: FlaskClient, accept: str, kind: str, words: str
) -> None:
    headers = {"Content-Type": "text/turtle", "Accept": accept}
    answer = ready.post("/validate?lang=en", data=PLAN.encode(), headers=headers)
    assert answer.mimetype == kind
    assert answer.status_code == (406 if kind == "application/problem+json" else 200)
    assert "Accept" in answer.headers["Vary"]
    if answer.status_code == 200:
        assert answer.headers["Cache-Control"] == "no-store"
    assert words in answer.text


@pytest.mark.parametrize("name", ["json", "turtle", "sarif", "junit", "text", "codequality", "html-file"])
def test_post_validate_form_gives_every_report_as_a_file(ready: FlaskClient, name: str) -> None:
    """The buttons of the form lead to them; what was pasted is shown in the words of its own lines."""
    page = ready.get("/validate?lang=en", headers=HTML).text
    (href,) = re.findall(rf'formaction="([^"]*format={name}[^"]*)"', page)
    answer = ready.post(unescape(href), data={"text": PLAN}, headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="validation.')
    if name in ("text", "html-file"):
        assert "sik:ActionPlan ; skos:prefLabel" in unescape(re.sub(r"</?mark>", "", answer.text))


def test_post_validate_form_shows_places_near_each_other_together(ready: FlaskClient) -> None:
    text = PREFIXES + (
        '<http://e/x> a sik:Initiative ;\n    skos:prefLabel "a"@da, "b"@da ;\n    skos:prefLabel "c"@da .\n'
        + "# a comment\n" * 5
        + '<http://e/x> skos:prefLabel "d"@da .\n'
    )
    page = paste(ready, text).text.partition(">spelling of the name</span>")[2]
    (first, second) = re.findall(r'<pre class="code source"[^>]*>(.*?)</pre>', page, re.DOTALL)[:2]
    marked = [re.findall(r"<mark>(.*?)</mark>", unescape(each)) for each in (first, second)]
    assert marked == [['"a"@da', '"b"@da', '"c"@da'], ['"d"@da']]
    assert "the text:4:20, the text:4:28, the text:5:20, the text:11:29" in page


@pytest.mark.parametrize(
    "kind",
    [
        "text/turtle",
        "application/trig",
        "application/n-triples",
        "application/n-quads",
        "text/turtle; charset=UTF-8",
    ],
)
def test_post_validate_body_of_every_media_type_is_read(ready: FlaskClient, kind: str) -> None:
    assert send(ready, b'<http://e/a> <http://e/b> "1" .\n', kind).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/sparql-query"}, 415),
        ({"Content-Type": "text/turtle", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "text/turtle; charset=utf-16"}, 400),
        ({"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}, 400),
        ({"Content-Type": "multipart/form-data", "Accept": "application/json"}, 400),
        ({"Content-Type": "text/turtle", "Accept": "image/png"}, 406),
        ({}, 415),
    ],
)
def test_post_validate_of_what_is_not_read_is_refused(
    ready: FlaskClient, headers: Mapping[str, str], status: int
) -> None:
    answer = ready.post("/validate?lang=en", data=FINE.encode(), headers={"Accept": "*/*", **headers})
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_post_validate_of_an_unknown_format_is_a_400(ready: FlaskClient) -> None:
    assert send(ready, FINE.encode(), query="format=xlsx").status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_validate_takes_no_other_method(ready: FlaskClient, method: str) -> None:
    assert ready.open("/validate", method=method).status_code == 405


# --- What cannot be read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind", "line", "words"),
    [
        (b"<http://e/a> <http://e/b>\n<http://e/c> ] .", "text/turtle", 2, ""),
        ("<http://e/a> <http://e/b> 'ø'.\n".encode("latin-1"), "text/turtle", 1, "UTF-8"),
        (b"<http://e/a> <http://e/b> 'a\x00\nb' .", "text/turtle", 1, ""),
        (b"ex:a ex:b ex:c .", "text/turtle", 1, "ex:"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "application/rdf+xml", 1, "DOCTYPE"),
        (b'{"@context": "http://127.0.0.1:9/context", "name": "x"}', "application/ld+json", 1, "context"),
        (b"{", "application/ld+json", 1, ""),
        (b"<http://e/a> <http://www.w3.org/2002/07/owl#imports> <http://e/b> .", "text/turtle", 0, "imports"),
    ],
    ids=["syntax", "latin-1", "null", "prefix", "doctype", "context", "json", "imports"],
)
def test_post_validate_of_what_cannot_be_read_is_a_400_with_its_place(
    ready: FlaskClient, data: bytes, kind: str, line: int, words: str
) -> None:
    answer = send(ready, data, kind)
    problem = json.loads(answer.text)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert problem.get("line", 0) == line
    assert words in problem["detail"]


def test_post_validate_form_marks_the_place_of_a_mistake(ready: FlaskClient) -> None:
    answer = paste(ready, FINE + "<http://e/a> ex:b 1 .")
    assert answer.status_code == 400
    assert '<span class="number">1</span>' in answer.text
    assert re.search(r'<span class="number">2</span>[^\n]*<mark>', answer.text)
    assert pasted(answer.text) == FINE + "<http://e/a> ex:b 1 ."


@pytest.mark.parametrize(
    "text",
    [
        '<http://e/"><script>alert(1)</script> <',
        PREFIXES
        + '<http://e/x> a sik:ActionPlan ; skos:prefLabel "</textarea><script>alert(1)</script>"@da .',
        PREFIXES + '<http://e/x> a sik:ActionPlan ; sik:no "<img src=x onerror=alert(1)>" .',
        "@prefix e: <javascript:alert(1)//> . e:x a <https://w3id.org/sikkerby-kg/model/ActionPlan> .",
        "{{7*7}}<script>alert(1)</script>",
    ],
)
def test_post_validate_of_hostile_text_stays_text(ready: FlaskClient, text: str) -> None:
    for answer in (paste(ready, text), paste(ready, "", file=(BytesIO(text.encode()), "<script>x.ttl"))):
        assert not re.search(
            r'<script(?! (?:type="module" )?src="/static/| type="application/ld\+json")', answer.text
        )
        assert "<img src=x" not in answer.text
        assert 'href="javascript:' not in answer.text
        assert not re.search(r"\b49\b", answer.text)


# --- Limits -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def limited() -> Iterator[Served]:
    """A real server with narrow limits, which is ready."""
    seconds = f"{SECONDS * slowness():.1f}"
    with served("--validate-megabytes", "1", "--validate-seconds", seconds, "--validations", "1") as server:
        assert wait_for(lambda: b'id="shapes"' in server.get("/validation", "Accept: text/html\r\n"), 120)
        yield server


def post(
    server: Served, data: bytes, kind: str = "text/turtle", accept: str = "*/*"
) -> tuple[int, str, Mapping[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("POST", "/validate?lang=en", data, {"Content-Type": kind, "Accept": accept})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()}
    finally:
        connection.close()


def test_post_validate_of_too_much_is_a_413_in_words(limited: Served) -> None:
    for size in (1_000_001, 1_200_000):
        status, body, _ = post(limited, b"#" * size)
        assert (status, "at most 1 MB" in json.loads(body)["detail"]) == (413, True)
    form = b'--a\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"#" * 1_050_000 + b"\r\n--a--\r\n"
    status, page, _ = post(limited, form, "multipart/form-data; boundary=a", "text/html")
    assert (status, "at most 1 MB" in page) == (413, True)
    assert post(limited, b"# fine\n" + b"#" * 999_000 + b"\n" + FINE.encode())[0] == 200


@pytest.mark.parametrize("way", ["whole", "chunked"])
def test_post_validate_of_far_too_much_is_told_to_a_reader_who_sends_all_of_it(
    limited: Served, way: str
) -> None:
    """The rest is taken and dropped: a connection closed at once would be reset, and the answer lost."""
    parts = [b"#" * 1_000_000] * 20
    connection = http.client.HTTPConnection("127.0.0.1", limited.port, timeout=30)
    try:
        headers = {"Content-Type": "text/turtle", "Accept-Language": "en"}
        connection.request("POST", "/validate", iter(parts) if way == "chunked" else b"".join(parts), headers)
        answer = connection.getresponse()
        told = json.load(answer)["detail"]
    finally:
        connection.close()
    assert (answer.status, "at most 1 MB" in told) == (413, True)
    assert post(limited, FINE.encode())[0] == 200


def test_post_validate_of_a_form_far_too_large_is_the_form_with_the_reason(limited: Served) -> None:
    form = b'--a\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"#" * 9_000_000 + b"\r\n--a--\r\n"
    status, page, _ = post(limited, form, "multipart/form-data; boundary=a", "text/html")
    assert (status, "at most 1 MB" in page, "<textarea" in page) == (413, True, True)


def test_post_validate_of_deep_json_is_a_400_at_its_place(ready: FlaskClient) -> None:
    """The parser's memory grows with the square of the depth."""
    deep = b'{"@id":"http://e/a","http://e/b":' * 20_000 + b"1" + b"}" * 20_000
    answer = send(ready, deep, "application/ld+json")
    assert (answer.status_code, answer.get_json()["line"]) == (400, 1)
    assert "more than 64 levels" in answer.get_json()["detail"]


def test_post_validate_of_ten_megabytes_is_refused_unread(limited: Served) -> None:
    head = b"POST /validate HTTP/1.1\r\nHost: h\r\nContent-Type: text/turtle\r\nConnection: close\r\n"
    answer = limited.raw(head + b"Content-Length: 10000000\r\n\r\n" + b"#" * 100_000)
    assert answer.split(b" ", 2)[1] == b"413"


def test_post_validate_that_takes_too_long_is_a_504_in_words(limited: Served) -> None:
    start = time.monotonic()
    status, body, _ = post(limited, MANY.encode())
    assert (status, "was ended" in json.loads(body)["detail"]) == (504, True)
    assert time.monotonic() - start < 5 * SECONDS * slowness()
    status, page, _ = post(
        limited,
        urlencode({"text": MANY[: MANY.index(":25000 ")]}).encode(),
        "application/x-www-form-urlencoded",
        "text/html",
    )
    assert status == 504
    assert pasted(page).startswith("@prefix : <http://e/>")
    assert post(limited, FINE.encode())[0] == 200


def test_post_validate_beyond_what_there_is_room_for_is_a_503(limited: Served) -> None:
    """One runs, one waits, and the third is told to come back; pages are answered all the while."""
    got: list[tuple[int, str, Mapping[str, str]]] = []
    threads = [threading.Thread(target=lambda: got.append(post(limited, MANY.encode()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert limited.status("/about") == 200
    for thread in threads:
        thread.join()
    refused = [each for each in got if each[0] == 503]
    assert refused
    assert all(headers["retry-after"] == "5" for _, _, headers in refused)
    assert all("Try again in 5 seconds" in json.loads(body)["detail"] for _, body, _ in refused)
    assert {each[0] for each in got} <= {503, 504}


HOSTILE = {
    "brackets": b"<http://e/a> <http://e/b> " + b"[ <http://e/c> " * 60_000,
    "closed brackets": b"<http://e/a> <http://e/b> "
    + b"[ <http://e/c> " * 30_000
    + b"1"
    + b" ]" * 30_000
    + b" .",
    "lists": b"<http://e/a> <http://e/b> " + b"(" * 400_000,
    "quoted": b"<< " * 300_000,
    "arrays": b"[" * 900_000,
    "objects": b'{"@id": "http://e/a", "http://e/b": ' * 20_000 + b"1" + b"}" * 20_000,
    "prefixes": b"".join(b"@prefix a%d: <http://e/%d/> .\n" % (n, n) for n in range(28_000)) + FINE.encode(),
    "laughs": b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 900_000 + b'">]><a>&b;&b;</a>',
    "elements": b"<a>" * 250_000,
    "null": b"\0" * 900_000,
    "high": b"\xff" * 900_000,
    "one line": b'<http://e/a> <http://e/b> "' + b"x" * 900_000 + b'" .',
    "number": b"<http://e/a> <http://e/b> " + b"9" * 900_000 + b" .",
}
KINDS = {"arrays": "application/ld+json", "objects": "application/ld+json", "laughs": "application/rdf+xml",
         "elements": "application/rdf+xml"}  # fmt: skip


QUICK = ("brackets", "quoted", "laughs", "null")
"""Those that the default run sends."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in HOSTILE]
)
def test_post_validate_of_anything_hostile_is_answered_in_time(limited: Served, name: str) -> None:
    start = time.monotonic()
    status, body, _ = post(limited, HOSTILE[name], KINDS.get(name, "text/turtle"))
    assert status in (200, 400, 503, 504), body[:300]
    assert len(body) < 20_000, "what was sent is not sent back"
    assert time.monotonic() - start < 5 * SECONDS * slowness()
    assert wait_for(lambda: post(limited, FINE.encode())[0] == 200, 30), "the next one is judged"


def test_post_validate_writes_no_file(tmp_path: Path) -> None:
    """A long upload waits in memory: the server may not write more than half a kilobyte to any file."""
    with served(TMPDIR=str(tmp_path), disk=1) as server:
        form = b'--a\r\nContent-Disposition: form-data; name="file"; filename="x.ttl"\r\n\r\n'
        form += b"#" * 1_500_000 + b"\n" + FINE.encode() + b"\r\n--a--\r\n"
        assert wait_for(lambda: post(server, form, "multipart/form-data; boundary=a")[0] == 200, 120)
        assert list(tmp_path.iterdir()) == []


def test_post_validate_logs_nothing_of_the_file(ready: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for text in (PLAN, PLAN + "<canary", "canary" * 1_000_000):
            paste(ready, text.replace("Plan", "canary"))
    assert "canary" not in caplog.text


# --- The lines that are shown --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spots", "shown"),
    [
        ("a\nbcd\ne\nf", [Spot("", 2, 2, 2, 3)], [["1 a", "2 b[c]d", "3 e"]]),
        ("a\r\nbcd\re", [Spot("", 2, 2)], [["1 a", "2 b[c]d", "3 e"]]),
        ("ab\ncd", [Spot("", 1, 2, 2, 2)], [["1 a[b]", "2 [c]d"]]),
        ("a (\n  b\n\n  c)", [Spot("", 1, 3, 4, 5)], [["1 a [(]", "2   [b]", "3 ", "4   [c)]"]]),
        ("ab", [Spot("", 1, 3)], [["1 ab[ ]"]]),
        ("ab", [Spot("", 1)], [["1 ab"]]),
        ("ab", [Spot("")], []),
        ("ab", [Spot("", 9, 1)], []),
        ("x" * 300, [Spot("", 1, 151, 1, 152)], [[f"1 …{'x' * 100}[x]{'x' * 100}…"]]),
        ("a b c", [Spot("", 1, 5, 1, 6), Spot("", 1, 1, 1, 2)], [["1 [a] b [c]"]]),
        ("a b", [Spot("", 1, 1, 1, 4), Spot("", 1, 3, 1, 4)], [["1 [a b]"]]),
        ("a\nb\nc\nd", [Spot("", 1, 1), Spot("", 4, 1)], [["1 [a]", "2 b", "3 c", "4 [d]"]]),
        ("a\nb\nc\nd\ne", [Spot("", 5, 1), Spot("", 1, 1)], [["1 [a]", "2 b"], ["4 d", "5 [e]"]]),
        ("a\n" * 9, [Spot("", 1, 1, 9, 2)], [[f"{n} [a]" for n in range(1, 7)] + ["7 [a]"]]),
    ],
)
def test_the_lines_around_places_have_them_marked(
    text: str, spots: list[Spot], shown: list[list[str]]
) -> None:
    blocks = SourceText(text.encode()).blocks(spots)
    assert [
        [
            f"{line.number} "
            + "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in line.pieces)
            for line in block
        ]
        for block in blocks
    ] == shown
