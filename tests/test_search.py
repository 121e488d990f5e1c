"""Search: words by their beginnings, Danish letters however typed, any text harmless, bounded in time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from hypothesis import given, strategies as st

from sikkerby_kg import KnowledgeGraph, search
from sikkerby_kg.folding import fold
from sikkerby_kg.search import MOST, PROPERTIES, Entry, SearchIndex

TEXTS = {
    "norrebro": ("da", "Nørrebro"),
    "city": ("da", "Aarhus Kommune"),
    "ring": ("da", "Århundredets bad"),
    "year": ("da", "År for år"),
    "arm": ("en", "Ar på armen"),
    "plan": ("da", "Tryghedsplan for Østerbro"),
    "plan-en": ("en", "Safety plan"),
    "cafe": ("da", "Café Æblegrød"),
    "child": ("da", "Lov om trivsel; børn & unge (2024)"),
}
ENTRIES = [Entry(f"http://e/{name}", 0, lang, text) for name, (lang, text) in TEXTS.items()]


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return SearchIndex(ENTRIES, {"http://e/plan": "http://e/Plan"})


def found(index: SearchIndex, text: str, lang: str = "da", limit: int = 20) -> list[str]:
    return [iri.removeprefix("http://e/") for iri, *_ in index.search(text, lang, limit)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nørrebro", ["norrebro"]),
        ("NØRREBRO", ["norrebro"]),
        ("no\u0308rre", ["norrebro"]),
        ("noerrebro", ["norrebro"]),
        ("norrebro", ["norrebro"]),
        ("århus", ["city"]),
        ("arhus", ["city"]),
        ("A\u030arhus", ["city"]),
        ("aarhundred", ["ring"]),
        ("år", ["year", "city", "ring"]),
        ("tryghedsplan", ["plan"]),
        ("østerbro trygheds", ["plan"]),
        ("osterbro", ["plan"]),
        ("cafe", ["cafe"]),
        ("CAFÉ æblegrød", ["cafe"]),
        ("aeblegrod", ["cafe"]),
        ("børn unge 2024", ["child"]),
        ("trivsel lov", ["child"]),
        ("plan xyz", []),
        ("rygheds", ["plan"]),
        ("rygxeds", []),
    ],
)
def test_words_are_found_by_their_beginnings(index: SearchIndex, text: str, names: list[str]) -> None:
    assert sorted(found(index, text)) == sorted(names)


def test_a_typed_ring_is_no_a(index: SearchIndex) -> None:
    assert "arm" not in found(index, "år")
    assert "arm" in found(index, "ar")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "***",
        '"',
        '""',
        "_",
        "()",
        "%",
        "\x00",
        "AND",
        "NEAR(",
        "a OR",
        "text:plan",
        "-plan^",
        "' OR 1=1 --",
    ],
)
def test_no_character_has_a_meaning_of_its_own(index: SearchIndex, text: str) -> None:
    assert set(found(index, text)) <= set(TEXTS)


@given(st.text(max_size=300))
def test_any_text_may_be_searched_for(text: str) -> None:
    index = SearchIndex(ENTRIES[:2], {})
    assert len(index.search(text, "da")) <= 2


def test_operators_of_the_index_are_words_like_others(index: SearchIndex) -> None:
    assert found(index, "plan NOT safety") == []
    assert found(index, "plan OR nørrebro") == []
    assert found(index, "safety plan") == ["plan-en"]


def test_a_whole_name_comes_first_then_the_language_of_the_reader() -> None:
    entries = [
        Entry("http://e/long", 0, "da", "Politi i byen"),
        Entry("http://e/whole", 0, "en", "Politi"),
        Entry("http://e/other", 0, "en", "Politi abroad"),
        Entry("http://e/said", len(PROPERTIES) - 1, "da", "Politi er et ord"),
    ]
    index = SearchIndex(entries, {})
    assert found(index, "politi") == ["whole", "long", "other", "said"]
    assert found(index, "politi", "en") == ["whole", "other", "long", "said"]


def test_a_thing_is_found_once_and_hits_are_limited() -> None:
    entries = [Entry(f"http://e/{n % 150}", n // 150, "da", f"ord {n}") for n in range(450)]
    index = SearchIndex(entries, {})
    assert len(set(found(index, "ord", limit=10))) == 10
    assert len(found(index, "ord", limit=1000)) == MOST
    assert found(index, "ord", limit=0) == []


def test_a_search_stops_when_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    index = SearchIndex([Entry(f"http://e/{n}", 0, "da", f"ord{n} andet") for n in range(3000)], {})
    monkeypatch.setattr(search, "PATIENCE", -1.0)
    monkeypatch.setattr(search, "_STEPS", 1)
    assert index.search("ord andet", "da") == []


def test_many_threads_may_search(index: SearchIndex) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: tuple(found(index, "nørrebro")), range(200)))
    assert set(results) == {("norrebro",)}


def test_searching_fifty_thousand_names_takes_milliseconds() -> None:
    entries = (
        Entry(f"http://e/{n}", 0, "da", f"Plan {n} for tryghedsområde {n % 97}") for n in range(50_000)
    )
    index = SearchIndex(entries, {})
    for text in ("p", "plan", "tryghedso", "tryghedsområde 12", "plan for 4999"):
        best = min(_seconds(index, text) for _ in range(3))
        assert best < 0.05, text


def _seconds(index: SearchIndex, text: str) -> float:
    start = time.process_time()
    assert index.search(text, "da")
    return time.process_time() - start


def test_folding_is_the_same_for_both_ways_to_write_a_letter() -> None:
    assert fold("ÆØÅ æøå") == "aeoeaa aeoeaa"
    assert fold("a\u030a") == fold("å")


def test_search_in_a_graph_finds_names_and_definitions(graph: KnowledgeGraph) -> None:
    hits = graph.search("tryghed", "da")
    assert hits
    assert all("tryghed" in hit.text.lower() for hit in hits)
    assert any(hit.kind for hit in hits)
    by_label = graph.search(graph.label(hits[0].iri, "da"), "da")
    assert hits[0].iri in [hit.iri for hit in by_label]
    assert len(graph.search("e", limit=3)) == 3


# --- Over HTTP


def test_get_search_answers_with_hits(client: FlaskClient) -> None:
    response = client.get("/search?q=tryghed&limit=2&lang=da")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.json is not None
    assert response.json["query"] == "tryghed"
    assert len(response.json["hits"]) == 2
    assert set(response.json["hits"][0]) == {"iri", "href", "label", "kind", "text", "lang"}
    assert client.get(response.json["hits"][0]["href"]).status_code == 200


@pytest.mark.parametrize("query", ["", "q=", "q=x&limit=0", "q=x&limit=101", "q=x&limit=x", "q=x&limit=1e3"])
def test_get_search_without_words_or_with_a_wrong_limit_is_refused(client: FlaskClient, query: str) -> None:
    response = client.get(f"/search?{query}", headers={"Accept": "application/json"})
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert response.json is not None
    assert response.json["parameter"] in ("q", "limit")


def test_get_search_with_a_hostile_text_finds_nothing(client: FlaskClient) -> None:
    response = client.get("/search", query_string={"q": '<script>"; DROP TABLE words; --'})
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["hits"] == []


def test_get_search_is_validated_by_language(client: FlaskClient) -> None:
    danish = client.get("/search?q=plan", headers={"Accept-Language": "da"})
    english = client.get("/search?q=plan", headers={"Accept-Language": "en"})
    assert danish.headers["ETag"] != english.headers["ETag"]
    assert "accept-language" in danish.vary
    again = client.get(
        "/search?q=plan", headers={"Accept-Language": "da", "If-None-Match": danish.headers["ETag"]}
    )
    assert again.status_code == 304
