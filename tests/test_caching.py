"""What is sent or made twice: validators, 304, Cache-Control, Vary, compression, answers kept in memory."""

import gzip
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.server import compression, create_app
from sikkerby_kg.server.caching import Layer
from sikkerby_kg.server.kept import Cache, Kept

CITY_PLACES = [
    "/",
    "/kind",
    "/query",
    "/query/things?format=csv",
    "/document/ting/oil",
    "/document/ting/oil.ttl",
    "/document/ting/oil.jsonld",
    "/sparql?query=ASK{}",
]


@pytest.fixture(scope="module")
def places(city: KnowledgeGraph) -> list[str]:
    """Addresses of every kind of answer of the made-up city."""
    name = next(q.name for q in city.queries.values() if not any(p.required for p in q.parameters))
    places = [place.replace("/query/things", f"/query/{name}") for place in CITY_PLACES]
    return [*places, f"/query/{name}", f"/query/{name}?format=json"]


def layer_of(app: Flask) -> Layer:
    """The layer around the routes of an app."""
    layers = [getattr(after, "__self__", None) for after in app.after_request_funcs[None]]
    return next(layer for layer in layers if isinstance(layer, Layer))


def get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_every_representation_has_validators_and_a_lifetime(
    city_client: FlaskClient, places: list[str]
) -> None:
    for place in places:
        response = get(city_client, place)
        assert (response.status_code, place) == (200, place)
        assert response.headers["ETag"].startswith('W/"')
        assert response.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("form", ["{tag}", '"x", {tag}', '{tag} , W/"y"', "*", "{strong}"])
def test_get_with_the_tag_in_any_form_answers_304(
    city_client: FlaskClient, places: list[str], form: str
) -> None:
    for place in places:
        tag = get(city_client, place).headers["ETag"]
        response = get(city_client, place, If_None_Match=form.format(tag=tag, strong=tag.removeprefix("W/")))
        assert (response.status_code, response.data, response.headers["ETag"]) == (304, b"", tag)
        assert "Cache-Control" in response.headers
        assert "Content-Type" not in response.headers


def test_head_answers_304_as_get_does(city_client: FlaskClient) -> None:
    tag = get(city_client, "/").headers["ETag"]
    assert city_client.head("/", headers={"If-None-Match": tag}).status_code == 304
    assert city_client.head("/").headers["ETag"] == tag


def test_get_with_another_tag_answers_with_the_body(city_client: FlaskClient) -> None:
    response = get(city_client, "/", If_None_Match='"something", W/"else"')
    assert response.status_code == 200
    assert response.data


def test_each_format_language_and_coding_has_its_own_tag(city_client: FlaskClient) -> None:
    tags = [
        get(city_client, "/document/ting/oil", Accept=accept, Accept_Encoding=coding, Accept_Language=lang)
        for accept in ("text/html", "text/turtle", "application/trig")
        for coding in ("gzip", "identity")
        for lang in ("da", "en")
    ]
    by_tag = {(response.headers["ETag"], response.data) for response in tags}
    assert len({tag for tag, _ in by_tag}) == len(by_tag)
    assert len({tag for tag, _ in by_tag}) >= 6


def test_a_tag_of_data_does_not_depend_on_the_language_of_the_reader(city_client: FlaskClient) -> None:
    danish = get(city_client, "/document/ting/oil.ttl", Accept_Language="da")
    english = get(city_client, "/document/ting/oil.ttl", Accept_Language="en")
    assert danish.headers["ETag"] == english.headers["ETag"]
    assert "Accept-Language" not in danish.headers.get("Vary", "")


def test_vary_names_what_was_negotiated(city_client: FlaskClient, places: list[str]) -> None:
    assert {"accept", "accept-encoding", "accept-language"} <= set(
        get(city_client, "/document/ting/oil", Accept="text/html").vary.as_set()
    )
    assert "accept" not in get(city_client, "/document/ting/oil.ttl").vary
    saved = next(place for place in places if place.endswith("format=csv"))
    assert "accept-language" in get(city_client, saved).vary
    assert "accept-language" not in get(city_client, f"{saved}&lang=en").vary


def test_what_changes_each_time_has_no_tag(city_client: FlaskClient) -> None:
    for function in ("NOW()", "rand ()", "UUID()", "STRUUID()", "NOW # and\n()"):
        response = city_client.get("/sparql", query_string={"query": f"SELECT ({function} AS ?x) {{}}"})
        assert (response.status_code, "ETag" in response.headers) == (200, False)
        assert response.headers["Cache-Control"] == "no-store"


def test_errors_are_not_kept(city_client: FlaskClient) -> None:
    for place in ("/document/nothing", "/sparql?query=nonsense"):
        response = get(city_client, place, If_None_Match="*")
        assert response.status_code in (400, 404)
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers


def test_the_tag_changes_with_the_content_the_queries_and_the_templates(
    city_root: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(city_root, tmp_path / "root")
    tags = [_tag(root)]
    assert _tag(root) == tags[0]
    assert _tag(root, f"{tmp_path / 'store'}") != ""
    query = (root / "queries" / "oil-left.rq").read_text(encoding="utf-8")
    changes = {
        "data/more.trig": "<http://e/g> { <http://e/a> <http://e/b> <http://e/c> }",
        "queries/oil-left.rq": query + "\n# more",
        "web/static/more.css": "a {}",
    }
    for name, text in changes.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
        tags.append(_tag(root))
    assert len(set(tags)) == len(tags)


def _tag(root: Path, store: str = "memory") -> str:
    with open_graph(root, store) as graph:
        return str(create_app(graph=graph).test_client().get("/").headers["ETag"])


def test_the_version_is_that_of_the_content_in_every_local_store(city_root: Path, tmp_path: Path) -> None:
    with open_graph(city_root, "memory") as memory, open_graph(city_root, tmp_path / "store") as disk:
        assert memory.version
        assert disk.version == memory.version


# --- Compression


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate, gzip;q=1.0, *;q=0.5", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0, *", ""),
        ("identity", ""),
        ("identity;q=1, gzip;q=0.5", ""),
        ("br, zstd", ""),
        ("gzip;q=nonsense", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_accept_encoding_is_read_with_its_qualities(header: str | None, coding: str) -> None:
    assert compression.accepted(header) == coding


def test_a_long_body_is_compressed_where_asked(city_client: FlaskClient) -> None:
    plain = get(city_client, "/")
    packed = get(city_client, "/", Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert "accept-encoding" in plain.vary
    assert "accept-encoding" in packed.vary


def test_a_short_body_is_never_compressed(city_client: FlaskClient) -> None:
    response = get(city_client, "/sparql?query=ASK{}", Accept_Encoding="gzip")
    assert "Content-Encoding" not in response.headers
    assert "accept-encoding" not in response.vary


def test_a_static_file_is_compressed_and_asked_for_again(city_client: FlaskClient) -> None:
    packed = get(city_client, "/static/site.css", Accept_Encoding="gzip")
    plain = get(city_client, "/static/site.css")
    assert gzip.decompress(packed.data) == plain.data
    tags = packed.headers["ETag"], plain.headers["ETag"]
    assert tags[0] != tags[1]
    again = get(city_client, "/static/site.css", Accept_Encoding="gzip", If_None_Match=tags[0])
    assert again.status_code == 304
    for response in (packed, plain, again):
        response.close()


def test_a_body_that_is_being_made_is_compressed_piece_by_piece() -> None:
    made: list[int] = []
    closed: list[bool] = []

    def pieces() -> Iterator[bytes]:
        try:
            for number in range(3):
                made.append(number)
                yield b"%d" % number * 5000
        finally:
            closed.append(True)

    response = Response(pieces(), mimetype="text/csv")
    assert compression.is_compressible(response)
    compression.compress(response)
    sent = response.iter_encoded()
    first = next(sent)
    assert made == [0]
    assert first.startswith(b"\x1f\x8b")
    assert gzip.decompress(first + b"".join(sent)) == b"0" * 5000 + b"1" * 5000 + b"2" * 5000
    response.close()
    assert closed == [True]


def test_what_is_compressed_already_is_left_alone() -> None:
    assert not compression.is_compressible(Response(b"x" * 5000, mimetype="image/png"))
    coded = Response(b"x" * 5000, mimetype="text/csv", headers={"Content-Encoding": "br"})
    assert not compression.is_compressible(coded)


# --- Answers kept in memory


def test_an_answer_is_made_once(city: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(graph=city).test_client()
    before = get(client, "/document/ting/oil.ttl", Accept="text/turtle")
    monkeypatch.setattr(city.store, "evaluate", None)
    after = get(client, "/document/ting/oil.ttl", Accept="text/turtle")
    assert after.data == before.data
    for response in (before, after):
        response.headers.pop("Server-Timing", None)
    assert sorted(after.headers) == sorted(before.headers)


def test_the_answer_to_a_query_is_kept_apart_from_pages(city: KnowledgeGraph) -> None:
    app = create_app(city.settings.with_changes(cache_megabytes=1), city)
    client = app.test_client()
    client.get("/")
    layer = layer_of(app)
    before = len(layer.cache)
    for number in range(300):
        client.get("/sparql", query_string={"query": f"SELECT * {{ ?s ?p {number} }}"})
    assert (len(layer.cache), layer.strangers.size <= 250_000) == (before, True)
    assert len(layer.strangers) > 10
    hits = layer.strangers.hits
    again = client.get("/sparql", query_string={"query": "SELECT * { ?s ?p 299 }"})
    assert (again.status_code, layer.strangers.hits) == (200, hits + 1)


def test_what_was_cut_is_not_kept(city_root: Path) -> None:
    with open_graph(city_root, "memory", Settings(result_rows=1)) as graph:
        client = create_app(graph=graph).test_client()
        for _ in range(2):
            response = client.get("/sparql", query_string={"query": "SELECT * { ?s ?p ?o }"})
            assert "X-Sikkerby-Truncated" in response.headers
            assert "ETag" not in response.headers
            assert response.headers["Cache-Control"] == "no-store"


def test_nothing_is_kept_where_no_memory_is_given(city: KnowledgeGraph) -> None:
    app = create_app(city.settings.with_changes(cache_megabytes=0, max_age=0), city)
    response = app.test_client().get("/")
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert response.headers["ETag"]


def test_the_cache_forgets_what_was_not_used_for_longest() -> None:
    cache = Cache(40_000)
    for name in "abcdefghijkl":
        cache.put(name, Kept((), b"x" * 3_900))
        assert cache.get("a")
    assert cache.get("b") is None
    assert cache.get("l")
    assert cache.size <= cache.limit


def test_the_cache_refuses_what_would_fill_it() -> None:
    cache = Cache(80_000)
    cache.put("small", Kept((), b"x"))
    cache.put("large", Kept((), b"x" * 20_000))
    assert (cache.get("large"), len(cache)) == (None, 1)


def test_the_cache_counts_headers() -> None:
    cache = Cache(100_000)
    for number in range(100):
        cache.put((str(number),), Kept((("Link", "x" * 5_000),), b""))
    assert 0 < len(cache) * 6_000 < cache.size <= 100_000


def test_the_cache_counts_right_under_many_threads() -> None:
    cache = Cache(200_000)
    start = threading.Barrier(8)

    def work(seed: int) -> None:
        start.wait()
        for number in range(500):
            key = (seed * number) % 97
            cache.put(key, Kept((), b"x" * (key * 40)))
            found = cache.get(key)
            assert found is None or len(found.body) == key * 40

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(1, 9)))
    assert cache.size == sum(size for _, size in cache._kept.values()) <= cache.limit


def test_addresses_made_up_by_strangers_do_not_fill_the_memory(city: KnowledgeGraph) -> None:
    app = create_app(city.settings.with_changes(cache_megabytes=1), city)
    client = app.test_client()
    for number in range(60):
        assert client.get("/kind", query_string={"x": f"{number}" * 900}).status_code == 200
    layer = layer_of(app)
    assert len(layer.cache) > 1
    assert layer.cache.size <= 1_000_000


def test_settings_of_the_cache_have_bounds() -> None:
    assert Settings().cache_megabytes > 0
    assert Settings().max_age >= 0
