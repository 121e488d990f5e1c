"""The search over HTTP: as data, as suggestions, and as a page for people."""

import json
import re

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph
from sikkerby_kg.server.found import SHOWN
from sikkerby_kg.server.search import SUGGESTED

HTML = {"Accept": "text/html"}


def main_of(page: str) -> str:
    """A page without header and footer."""
    return page.partition("<main")[2].partition("</main>")[0]


def plain(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", html).split())


def found(client: FlaskClient, query: str, lang: str = "da", **more: str) -> str:
    """The main part of the page of a search."""
    response = client.get("/search", query_string={"q": query, "lang": lang, **more}, headers=HTML)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    return main_of(response.text)


# --- Data -------------------------------------------------------------------------------------


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


def test_get_search_as_page_and_as_data_are_told_apart(client: FlaskClient) -> None:
    page = client.get("/search?q=plan", headers=HTML)
    data = client.get("/search?q=plan", headers={"Accept": "application/json"})
    assert (page.mimetype, data.mimetype) == ("text/html", "application/json")
    assert "accept" in page.vary
    assert "accept" in data.vary
    assert page.headers["ETag"] != data.headers["ETag"]


def test_get_search_leads_to_the_answers_of_questions(client: FlaskClient, graph: KnowledgeGraph) -> None:
    saved = graph.queries["plans-replaced"]
    response = client.get("/search", query_string={"q": saved.question["en"], "lang": "en", "limit": "1"})
    assert response.json is not None
    (hit,) = response.json["hits"]
    assert (hit["href"], hit["label"]) == ("/query/plans-replaced?lang=en", saved.question["en"])


# --- Suggestions ------------------------------------------------------------------------------


def test_get_suggestions_are_few_and_lead_to_pages(client: FlaskClient) -> None:
    response = client.get("/search?q=handle&suggest=1&lang=da")
    assert response.mimetype == "application/json"
    assert response.json is not None
    hits = response.json["hits"]
    assert 3 < len(hits) <= SUGGESTED
    assert len(response.data) < 3_000
    assert set(hits[0]) == {"label", "lang", "kind", "text", "href"}
    assert all(client.get(hit["href"], headers=HTML).status_code == 200 for hit in hits)


def test_get_suggestions_without_words_or_with_a_wrong_limit_are_refused(client: FlaskClient) -> None:
    for query, name in (
        ("suggest=1", "q"),
        ("suggest=1&q=plan&limit=0", "limit"),
        ("q=plan&limit=x", "limit"),
    ):
        response = client.get(f"/search?{query}", headers={"Accept": "application/json"})
        assert (response.status_code, json.loads(response.text)["parameter"]) == (400, name)


def test_get_suggestions_for_nothing_are_none(client: FlaskClient) -> None:
    for query in ("q=&suggest=1", "q=***&suggest="):
        response = client.get(f"/search?{query}", headers=HTML)
        assert response.json is not None
        assert response.json["hits"] == []


# --- The field --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/kind", "/query", "/sparql", "/search", "/search?q=plan", "/nothing"])
def test_every_page_has_one_labelled_field(client: FlaskClient, path: str) -> None:
    page = client.get(path, headers=HTML).text
    (form,) = re.findall(r'<form class="find.*?</form>', page, re.DOTALL)
    assert 'method="get" action="/search"' in form
    assert 'role="search"' in form
    assert '<label class="unseen" for="find">' in form
    assert 'id="find" name="q"' in form
    assert '<button type="submit">' in form


def test_the_field_keeps_language_date_and_what_was_typed(client: FlaskClient) -> None:
    page = client.get('/search?q=a"b&lang=en&as-of=2023-06-01', headers=HTML).text
    assert '<input type="hidden" name="lang" value="en">' in page
    assert '<input type="hidden" name="as-of" value="2023-06-01">' in page
    assert 'value="a&#34;b"' in page
    assert 'name="lang"' not in client.get("/search?q=x", headers=HTML).text


# --- The page ---------------------------------------------------------------------------------


def test_hits_stand_under_their_kinds_with_counts(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = found(client, "handleplan")
    total = len(graph.search("handleplan", "da", 100))
    assert f"{total} fund." in page
    groups = re.findall(r'<h2 id="group-\d+">(.*?)</h2>(.*?)</section>', page, re.DOTALL)
    counts = [int(plain(name).split()[-1]) for name, _ in groups]
    assert sum(counts) + page.count('class="card best"') == total
    for count, (_, body) in zip(counts, groups, strict=True):
        assert body.count("<li>") == (count if count <= SHOWN + 1 else SHOWN)
        assert ("Vis alle" in body) == (count > SHOWN + 1), "no link takes the place of a single hit"
    assert any(count == SHOWN + 1 for count in counts)
    (plans,) = [body for name, body in groups if plain(name).startswith("styringsinstrument")]
    assert "<mark>Handleplan</mark> til forebyggelse af ekstremisme 2022-2023<" in plans
    assert '<span class="kind" aria-hidden="true">handleplan</span>' in plans, (
        "narrower than the kind of the group"
    )
    assert '<span class="unseen"> (handleplan)</span></a>' in plans, "and part of the link to who hears it"
    assert '<span class="part">2022-2023</span>' in plans


def test_one_kind_is_shown_whole(client: FlaskClient) -> None:
    page = found(client, "strategi")
    href = re.findall(r'<a href="([^"]*)" rel="nofollow">Vis alle', page)[0]
    whole = main_of(client.get(href.replace("&amp;", "&"), headers=HTML).text)
    assert re.findall(r'<h2 id="group-\d+">', whole) == ['<h2 id="group-1">']
    assert whole.partition('<h2 id="group-1">')[2].count("<li>") > SHOWN
    assert '<strong aria-current="true">' in whole
    assert found(client, "strategi", kind="no-such-kind").count('<h2 id="group-') > 1


def test_an_exact_name_comes_first_on_a_page(client: FlaskClient) -> None:
    page = found(client, "ekstremisme")
    (best,) = re.findall(r'class="card best".*?</section>', page, re.DOTALL)
    assert "<mark>ekstremisme</mark><" in best
    assert page.index("card best") < page.index('id="group-1"')


@pytest.mark.parametrize(
    ("query", "lang", "said"),
    [
        ("Kegbenhavns", "da", "skrevet »Kegbenhavns Politi« i kilden"),
        ("Kegbenhavns", "en", "written “Kegbenhavns Politi” in the source"),
        ("KFF", "da", "også kaldet KFF"),
        ("Knowledge gap", "da", "på et andet sprog: knowledge gap"),
        ("perioden 2024-2026", "en", "“ny handleplan for perioden 2024-2026”"),
    ],
)
def test_the_page_says_what_fits(client: FlaskClient, query: str, lang: str, said: str) -> None:
    page = found(client, query, lang)
    fits = [plain(text) for text in re.findall(r'<p class="fits">(.*?)</p>', page)]
    assert said in fits


def test_texts_in_the_other_language_say_so(client: FlaskClient) -> None:
    page = found(client, "perioden 2024-2026", "en")
    assert re.search(r'<p class="fits">“<span lang="da">', page)


@pytest.mark.parametrize("query", ["kobenhavns", "koebenhavns", "KØBENHAVNS", "Kobnhavns politi"])
def test_names_are_found_however_they_are_typed(client: FlaskClient, query: str) -> None:
    assert 'href="/document/organization/koebenhavns-politi?lang=da"' in found(client, query)


def test_what_is_only_spelled_alike_is_said_to_be(client: FlaskClient) -> None:
    page = found(client, "ekstremsime", "en")
    assert "Nothing has exactly the words “ekstremsime”" in page
    assert "<mark>ekstremisme</mark>" in page
    assert "Nothing has exactly" not in found(client, "ekstremisme", "en")


def test_nothing_found_says_what_to_try(client: FlaskClient) -> None:
    page = found(client, "xyzzyq handleplan <b>")
    assert "ligner »xyzzyq handleplan &lt;b&gt;«" in page
    (href,) = re.findall(r'<a href="([^"]*)" rel="nofollow">handleplan</a>', page)
    assert "fund." in client.get(href.replace("&amp;", "&"), headers=HTML).text
    assert 'href="/kind?lang=da"' in page
    assert 'href="/query?lang=da"' in page


def test_a_search_without_words_explains_itself(client: FlaskClient) -> None:
    response = client.get("/search?lang=en", headers=HTML)
    assert response.status_code == 200
    assert "The beginning of a word is enough." in response.text
    assert "hits" not in main_of(response.text)


def test_questions_and_words_of_the_model_are_found(client: FlaskClient, graph: KnowledgeGraph) -> None:
    question = graph.queries["plans-replaced"].question["en"]
    page = found(client, question, "en")
    assert 'href="/query/plans-replaced?lang=en"' in page
    page = found(client, "has target group", "en")
    assert 'href="/document/model/hasTargetGroup?lang=en"' in page
    assert "words of the model" in page


def test_pages_of_searches_are_not_for_search_engines(client: FlaskClient) -> None:
    assert '<meta name="robots" content="noindex">' in client.get("/search?q=plan", headers=HTML).text


def test_another_city_is_searched_like_ours(city_client: FlaskClient) -> None:
    page = found(city_client, "bavneplann", "en")
    assert "<mark>bavneplanen</mark>" in page or "beacon plan" in page
    assert "/document/ting/beacon-plan" in page
    assert "/query/plans-on-a-day" in found(city_client, "Which plans held on the day?", "en")


@pytest.mark.parametrize(
    ("asked", "lang", "name"),
    [
        ("hvem har foreslået migranter?", "da", "proposals-with-reasons"),
        ("hvor mange penge er der", "da", "money-allocated"),
        ("hvilke planer gælder", "da", "plans-valid-on-date"),
        ("which plans are valid?", "en", "plans-valid-on-date"),
    ],
)
def test_a_whole_sentence_finds_the_questions_that_are_like_it(
    client: FlaskClient, asked: str, lang: str, name: str
) -> None:
    alike = found(client, asked, lang).partition('<h2 id="alike">')[2].partition("</section>")[0]
    assert f"/query/{name}?lang={lang}" in alike
    assert alike.count("<li>") <= 4


@pytest.mark.parametrize("asked", ["ekstremisme", "xyzzy", "xyzzy plugh", "er der og"])
def test_what_is_no_question_is_like_none(client: FlaskClient, asked: str) -> None:
    assert 'id="alike"' not in found(client, asked)
