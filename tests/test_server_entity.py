"""Pages by kind of thing: what stands where, in which words, where it comes from, and how it was found."""

import hashlib
import html
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from sikkerby_kg import KnowledgeGraph, Settings, open_graph
from sikkerby_kg.errors import ContentError
from sikkerby_kg.server import create_app
from sikkerby_kg.server.layouts import LAST, LAYOUTS
from sikkerby_kg.texts import has_text

SIK = "https://w3id.org/sikkerby-kg/model/"


def page_of(client: FlaskClient, path: str, lang: str = "en") -> str:
    """The page about a thing."""
    response = client.get(f"/document/{path}", query_string={"lang": lang})
    assert response.status_code == 200
    return response.text


def sections(page: str) -> dict[str, str]:
    """Heading → the HTML under it."""
    parts = re.split(r"<h2[^>]*>([^<]*)</h2>", page)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def drafts(markup: str) -> list[str]:
    """The queries that links in some HTML put into the form."""
    links = (html.unescape(href) for href in re.findall(r'href="(/sparql\?[^"]*)"', markup))
    found = [parse_qs(urlsplit(href).query) for href in links]
    return [each["draft"][0] for each in found if "draft" in each]


# --- What stands where ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "headings"),
    [
        ("principle/lokalomraader", ["Focus areas", "Proposals", "Status and events", "Who is named"]),
        ("focus-area/migranter", ["Place in the strategy", "Proposals", "Who is named", "Money"]),
        ("plan/ekstremisme-2022-2023", ["Period and succession", "What rests on it", "Status and events"]),
        ("organization/koebenhavns-politi", ["Proposals", "Rationales", "Membership and structure"]),
        ("proposal/psykisk-syge-og-psykisk-saarbare", ["Who proposes", "Why", "What follows"]),
        ("act/barnets-lov", ["Number and entry into force", "Legal obligations", "Parts"]),
        ("fund/sikker-by-akutpulje", ["What changed", "What the source does not say"]),
        ("concept/origin/asserted", ["Place in the code list", "names"]),
        ("doc/midtvejsstatus/section/3.3", ["Sections, paragraphs and sentences"]),
        ("model/FocusArea", ["In use", "Rules from the shapes"]),
        ("model/hasFocusArea", ["In use", "Rules from the shapes"]),
        ("shape/Principle", ["Rules from the shapes"]),
    ],
)  # fmt: skip
def test_page_has_the_sections_of_its_kind_in_order(
    client: FlaskClient, path: str, headings: list[str]
) -> None:
    found = list(sections(page_of(client, path)))
    assert [heading for heading in found if heading in headings] == headings


def test_every_section_of_a_layout_has_a_heading() -> None:
    names = {section.name for layout in (*LAYOUTS.values(), LAST) for section in layout}
    assert len(names) > 25
    assert [name for name in names if not has_text(f"web.section_{name}")] == []


@pytest.mark.parametrize(
    "path",
    ["principle/lokalomraader", "plan/ekstremisme-2022-2023", "organization/koebenhavns-politi",
     "proposal/migranter", "focus-area/migranter", "act/barnets-lov"],
)  # fmt: skip
def test_no_value_stands_twice_under_one_heading(client: FlaskClient, path: str) -> None:
    for heading, markup in sections(page_of(client, path)).items():
        values = re.findall(
            r'<div class="property">\s*<dt[^>]*>(.*?)</dt>|<div class="value"><a href="([^"]*)"',
            markup,
            re.DOTALL,
        )
        seen: set[tuple[str, str]] = set()
        term = ""
        for name, href in values:
            term = name or term
            assert not href or (term, href) not in seen, (heading, href)
            seen.add((term, href))


def test_every_statement_about_a_thing_is_on_its_page(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = page_of(client, "principle/lokalomraader")
    thing = graph.resolve("principle/lokalomraader")
    linked = graph.sparql(f"SELECT DISTINCT ?o {{ <{thing}> ?p ?o FILTER(isIRI(?o) && ?p != rdf:type) }}")
    linking = graph.sparql(f"SELECT DISTINCT ?o {{ ?o ?p <{thing}> FILTER(isIRI(?o)) }}")
    ends = {str(row["o"]).removeprefix("https://w3id.org/sikkerby-kg/id/") for row in (*linked, *linking)}
    ends = {end for end in ends if "://" not in end}
    assert len(ends) > 10
    assert {end for end in ends if f'href="/document/{end}?lang=en"' not in page} == set()


def test_what_replaced_what_stands_in_a_row(client: FlaskClient) -> None:
    page = page_of(client, "plan/ekstremisme-2022-2023")
    chain = page.partition('<ol class="chain"')[2].partition("</ol>")[0]
    members = re.findall(r"<li[^>]*>(.*?)</li>", chain, re.DOTALL)
    assert ["2022-2023" in members[0], "2024-2026" in members[1]] == [True, True]
    assert re.findall(r'<li class="here" aria-current="true"><strong>(.*?)</strong>', chain) == [
        'Action plan for the prevention of extremism <span class="nowrap">2022-2023</span>'
    ]


def test_principle_counts_what_is_stated_and_named(client: FlaskClient) -> None:
    areas = sections(page_of(client, "principle/lokalomraader"))["Focus areas"]
    assert '<p class="figure">4 focus areas stated, 4\N{NO-BREAK SPACE}named, 2 added</p>' in areas


def test_relations_are_read_backwards_in_words(client: FlaskClient) -> None:
    for lang, words in (("da", "er foreslået i"), ("en", "is proposed in")):
        assert f">{words}</a></dt>" in page_of(client, "focus-area/migranter", lang)
    assert "<dt>is replaced by</dt>" in page_of(client, "plan/ekstremisme-2022-2023")


def test_rationale_says_who_gives_it_and_quotes_it_in_one_language(client: FlaskClient) -> None:
    why = sections(page_of(client, "proposal/psykisk-syge-og-psykisk-saarbare"))["Why"]
    assert "is given by</span> <a" in why
    assert len(re.findall(r'class="note phrase">', why)) == 2


def test_thing_of_no_known_kind_has_a_page(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        '<http://e/g> { <http://e/id/x/1> <http://e/likes> <http://e/id/x/2> ; <http://e/note> "æ" . }',
        encoding="utf-8",
    )
    client = create_app(graph=open_graph(make_root)).test_client()
    page = client.get("/resource?iri=http://e/id/x/1&lang=en").text
    assert "æ" in sections(page)["Other"]
    page = client.get("/resource?iri=http://e/id/x/2&lang=en").text
    assert re.search(r'<dt class="to">… http://e/likes this</dt>', page)


def test_pages_of_a_city_without_shapes(city_client: FlaskClient) -> None:
    page = page_of(city_client, "ting/beacon-plan")
    assert "the lantern plan" in sections(page)["Period and succession"]
    page = page_of(city_client, "ting/rowing-watch")
    assert "Yderskær" in sections(page)["Other"]
    page = page_of(city_client, "ting/page-1-line-1")
    assert 'rel="next"' in page
    assert 'rel="prev"' not in page


def test_order_and_names_of_a_city_come_from_its_own_shapes(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX : <http://e/>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        :shapes { :late a sh:PropertyGroup ; sh:order 2 ; rdfs:label "late things"@en .
          :early a sh:PropertyGroup ; sh:order 1 ; rdfs:label "early things"@en .
          :BoatShape a sh:NodeShape ; sh:targetClass :Boat ; sh:property
            [ sh:path :a ; sh:group :late ; sh:order 2 ], [ sh:path :b ; sh:group :late ; sh:order 1 ],
            [ sh:path [ sh:inversePath :c ] ; sh:group :early ; sh:order 1 ; sh:name "sailor"@en ] . }
        :g { :tern a :Boat ; :a "one" ; :b "two" . :ib :c :tern . }""",
        encoding="utf-8",
    )
    client = create_app(graph=open_graph(make_root)).test_client()
    found = sections(client.get("/resource?iri=http://e/tern&lang=en").text)
    assert list(found)[:3] == ["early things", "late things", "Other"]
    assert "<dt>sailor</dt>" in found["early things"]
    assert found["late things"].index("two") < found["late things"].index("one")


# --- Where it comes from ----------------------------------------------------------------------


def test_mark_that_all_share_is_shown_once(client: FlaskClient) -> None:
    who = sections(page_of(client, "proposal/psykisk-syge-og-psykisk-saarbare"))["Who proposes"]
    assert who.count('<dd class="statement">') == 2
    assert who.count("<summary") == 1
    assert '<dd class="shared"><span>all 2:</span>' in who


def test_marks_are_explained(client: FlaskClient) -> None:
    page = page_of(client, "act/barnets-lov")
    used = set(re.findall(r'<details class="source (\w+)"', page))
    assert (
        used == set(re.findall(r'<dt class="(\w+)"><span class="swatch">', page)) >= {"asserted", "enriched"}
    )


def test_passage_says_how_to_look_it_up(client: FlaskClient) -> None:
    page = page_of(client, "doc/midtvejsstatus/p/5/s/2")
    assert "section 3.3, paragraph 5, sentence 2. Whoever runs this site" in page
    assert re.search(r'href="/document/doc/midtvejsstatus/p/5/s/1\?lang=en" rel="prev"', page)
    assert re.search(r'href="/document/doc/midtvejsstatus/p/5/s/3\?lang=en" rel="next"', page)
    trail = page.partition('class="trail"')[2].partition("</nav>")[0]
    assert [end in trail for end in ("doc/midtvejsstatus?", "section/3.3?", "p/5?")] == [True, True, True]


def test_section_lists_its_sentences_with_their_key_phrases(
    client: FlaskClient, graph: KnowledgeGraph
) -> None:
    outline = sections(page_of(client, "doc/midtvejsstatus/section/3.3"))[
        "Sections, paragraphs and sentences"
    ]
    query = """SELECT ?s { ?s a sik:Passage ; sik:sentenceNumber ?n ; sik:paragraphNumber 5 } ORDER BY ?n"""
    expected = [str(row["s"]).rpartition("/id/")[2] for row in graph.sparql(query)]
    assert re.findall(r'class="depth-2"><a href="/document/([^?"]*)', outline) == expected
    assert outline.count('class="phrase" lang="da"') == len(expected)


# --- The text itself --------------------------------------------------------------------------

WORDS = "Om båden.\nDen røde båd sejler. Den blå ligger stille, <her>. Ingen ror.\n"


@pytest.fixture
def boats(make_root: Path) -> Path:
    """A content with one paragraph of three sentences, and beside it the text that it was read from."""
    sentences = ["Den røde båd sejler.", "Den blå ligger stille, <her>.", "Ingen ror."]
    spans = [(1, WORDS.index(sentences[0]), WORDS.index("\n", 12))]
    spans += [(0, WORDS.index(each), WORDS.index(each) + len(each)) for each in sentences]
    places = []
    for number, (is_paragraph, start, end) in enumerate(spans):
        checksum = hashlib.sha256(WORDS[start:end].encode()).hexdigest()
        of = (
            ""
            if is_paragraph
            else f'sik:sentenceNumber {number} ; dct:isPartOf :p0 ; sik:keyPhrase "båd"@da ;'
        )
        places.append(
            f":p{number} a sik:Passage ; sik:paragraphNumber 1 ; {of} oa:hasSource :text ;"
            f' sik:contentSha256 "{checksum}" ; oa:hasSelector [ oa:start {start} ; oa:end {end} ] .'
        )
    whole = hashlib.sha256(WORDS.encode()).hexdigest()
    (make_root / "data/a.trig").write_text(
        f"""PREFIX : <http://e/> PREFIX sik: <{SIK}> PREFIX oa: <http://www.w3.org/ns/oa#>
        PREFIX dct: <http://purl.org/dc/terms/> PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX dcat: <http://www.w3.org/ns/dcat#>
        :g {{ :d a dcat:Dataset ; <http://rdfs.org/ns/void#uriSpace> "http://e/" .
        :text a sik:SourceText ; sik:contentSha256 "{whole}" ; sik:characterCount {len(WORDS)} .
        {" ".join(places)} :read prov:wasDerivedFrom :p2 . }} :read {{ :blue :lies "still" . }}""",
        encoding="utf-8",
    )
    (make_root / "text.txt").write_text(WORDS, encoding="utf-8", newline="")
    return make_root


def test_held_text_is_shown_with_the_sentence_highlighted(boats: Path) -> None:
    client = create_app(Settings(root=str(boats), text=str(boats / "text.txt"))).test_client()
    quoted = "Den røde båd sejler. <mark>Den blå ligger stille, &lt;her&gt;.</mark> Ingen ror.</blockquote>"
    assert quoted in client.get("/document/p2?lang=en").text
    assert quoted in client.get("/document/blue?lang=en").text
    assert '<blockquote class="extract" lang="da"><mark>Den røde' in client.get("/document/p0?lang=en").text
    assert "Look it up" not in client.get("/document/p2?lang=en").text


def test_held_text_is_in_no_data_and_no_page_without_it(boats: Path) -> None:
    with_text = create_app(Settings(root=str(boats), text=str(boats / "text.txt"))).test_client()
    without = create_app(Settings(root=str(boats))).test_client()
    for suffix in ("ttl", "trig", "jsonld", "nt", "nq", "rdf"):
        assert "ligger" not in with_text.get(f"/document/p2.{suffix}").text
    assert "ligger" not in without.get("/document/p2").text
    both = [client.get("/document/p2").headers["ETag"] for client in (with_text, without)]
    assert both[0] != both[1], "what browsers keep of one is not used for the other"


def test_another_text_is_refused_at_the_start(boats: Path) -> None:
    other = boats / "other.txt"
    other.write_text(WORDS.replace("røde", "rode"), encoding="utf-8", newline="")
    expected = hashlib.sha256(WORDS.encode()).hexdigest()
    with pytest.raises(ContentError, match=f"other.txt is not the text that was read.*{expected}"):
        create_app(Settings(root=str(boats), text=str(other)))
    with pytest.raises(ContentError, match="no-such"):
        create_app(Settings(root=str(boats), text=str(boats / "no-such.txt")))


# --- How it was found -------------------------------------------------------------------------


def test_sections_lead_to_the_query_that_gives_them(client: FlaskClient, graph: KnowledgeGraph) -> None:
    page = page_of(client, "principle/lokalomraader")
    found = {heading: drafts(markup) for heading, markup in sections(page).items()}
    assert len(found["Who is named"]) == len(found["Focus areas"]) == 1
    for heading in ("Who is named", "Proposals"):
        answers = {str(row["it"]) for row in graph.sparql(found[heading][0])}
        ends = {iri.rpartition("/id/")[2] for iri in answers}
        assert ends == set(re.findall(r'class="value"><a href="/document/([^?"]*)', sections(page)[heading]))


def test_every_query_behind_a_page_runs(client: FlaskClient, graph: KnowledgeGraph) -> None:
    paths = ("plan/ekstremisme-2022-2023", "organization/koebenhavns-politi", "model/FocusArea",
             "model/hasFocusArea", "act/barnets-lov", "fund/sikker-by-akutpulje")  # fmt: skip
    queries = {query for path in paths for query in drafts(page_of(client, path))}
    assert len(queries) > 12
    for query in queries:
        assert len(graph.sparql(query)) > 0, query


def test_get_sparql_with_a_draft_puts_it_into_the_form_and_runs_nothing(client: FlaskClient) -> None:
    page = client.get("/sparql?draft=SELECT+*+{+%3Fs+%3Fp+1+}&lang=en", headers={"Accept": "text/html"}).text
    assert re.search(r"<textarea[^>]*>SELECT \* \{ \?s \?p 1 \}</textarea>", page)
    assert 'id="answer"' not in page
    dated = client.get("/sparql?draft=x&as-of=2023-06-01", headers={"Accept": "text/html"})
    assert dated.status_code == 200, "links keep the date"
    programs = client.get("/sparql?draft=x", headers={"Accept": "text/turtle"})
    assert (programs.status_code, programs.mimetype) == (200, "text/turtle")


# --- Terms and shapes -------------------------------------------------------------------------


def test_class_says_how_often_it_is_used_and_what_shapes_demand(
    client: FlaskClient, graph: KnowledgeGraph
) -> None:
    count = len(graph.sparql("SELECT DISTINCT ?t { ?t a sik:FocusArea }"))
    page = page_of(client, "model/FocusArea")
    assert f"{count} things are of this class or one under it." in page
    rules = sections(page)["Rules from the shapes"]
    assert "<strong>position</strong>: at most 1; the value 1 or more" in rules
    assert 'href="/document/shape/FocusArea-principle?lang=en"' in rules


def test_property_says_how_it_is_used_and_where_it_is_demanded(client: FlaskClient) -> None:
    page = page_of(client, "model/statedFocusAreaCount")
    assert re.search(r"4 statements about 4 things use the property\.", page)
    rules = sections(page)["Rules from the shapes"]
    assert "at most 1" in rules
    assert 'of <a href="/document/model/Principle?lang=en">' in rules


def test_shape_is_read_in_words(client: FlaskClient) -> None:
    page = page_of(client, "shape/Principle-strategy", "da")
    assert "<h1>strategi</h1>" in page
    rules = sections(page)["Regler fra formerne"]
    assert "er fagprincip i</strong>: hver værdi er af klassen strategi; mindst 1; højst 1" in rules
    assert '<span class="tag severity">fejl</span>' in rules
    assert "{?" not in page_of(client, "shape/Principle-beyond")


def test_path_of_several_steps_is_read_in_words(client: FlaskClient) -> None:
    rules = sections(page_of(client, "shape/FocusArea-principle"))["Rules from the shapes"]
    assert " or is proposed in → is proposed for</strong>" in rules
