"""Search: words by their beginnings, Danish letters however typed, any text harmless, bounded in time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, strategies as st

from sikkerby_kg import KnowledgeGraph, search
from sikkerby_kg.namespaces import SH, SIK, SKOS
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


@pytest.mark.parametrize(
    ("text", "names", "how"),
    [
        ("skrift", ["plan-paper"], "words"),
        ("sskrift", ["plan-paper"], "inside"),  # in "planskrift"
        ("tryghetsplan", ["plan"], "near"),
        ("noerrebor", ["norrebro"], "near"),
        ("nørebro", ["norrebro"], "near"),
        ("tryghetsplan øster", ["plan"], "near"),  # one of the words begins right
        ("tryghetsplan sønderbro", [], ""),
    ],
)
def test_parts_and_slips_are_found_where_words_are_not(text: str, names: list[str], how: str) -> None:
    entries = [*ENTRIES, Entry("http://e/plan-paper", 0, "da", "Kommuneplansskrift, skrift om planer")]
    hits = SearchIndex(entries, {}).search(text, "da")
    assert [hit.iri.removeprefix("http://e/") for hit in hits] == names
    assert {hit.how for hit in hits} == ({how} if how else set())


def test_what_holds_a_word_comes_after_what_begins_with_it() -> None:
    entries = [
        Entry("http://e/inside", 0, "da", "Økonomiudvalget"),
        Entry("http://e/begins", len(PROPERTIES) - 1, "da", "her nævnes udvalg i en lang tekst"),
    ]
    hits = SearchIndex(entries, {}).search("udvalg", "da")
    assert [hit.how for hit in hits] == ["words", "inside"]
    assert hits[1].iri == "http://e/inside"


def test_search_in_a_graph_finds_names_and_definitions(graph: KnowledgeGraph) -> None:
    hits = graph.search("tryghed", "da")
    assert hits
    assert all("tryghed" in hit.text.lower() for hit in hits)
    assert any(hit.kind for hit in hits)
    by_label = graph.search(graph.label(hits[0].iri, "da"), "da")
    assert hits[0].iri in [hit.iri for hit in by_label]
    assert len(graph.search("e", limit=3)) == 3


def test_search_finds_scanned_spellings_and_what_stands_in_the_source(graph: KnowledgeGraph) -> None:
    query = "SELECT ?thing ?name { ?thing skos:hiddenLabel ?name }"
    properties = set()
    for row in graph.sparql(query):
        (hit, *_) = graph.search(str(row["name"]))
        properties.add(hit.property)
        assert hit.iri == str(row["thing"])
    assert SKOS.hiddenLabel in properties
    (phrase,) = graph.sparql("SELECT ?text { ?p sik:keyPhrase ?text } ORDER BY DESC(STRLEN(?text)) LIMIT 1")
    assert graph.search(str(phrase["text"]))[0].property == SIK.keyPhrase


@pytest.mark.parametrize("lang", ["da", "en"])
def test_search_finds_saved_questions(graph: KnowledgeGraph, lang: str) -> None:
    for iri, saved in graph.questions.items():
        hit = graph.search(saved.question[lang], lang)[0]
        assert (hit.iri, hit.label, hit.kind) == (iri, saved.question[lang], SH.SPARQLExecutable)
