"""New text fits into a file as it is: nothing of what was there changes, and what was meant can be read."""

import pytest
from hypothesis import given, strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from sikkerby_kg.authoring.turtle import Block, Document
from sikkerby_kg.namespaces import RDF, SKOS, XSD

EX = "https://ex.example/"
KNOWN = {"ex": EX, "skos": str(SKOS), "xsd": str(XSD)}
BLOCK = Block(f"{EX}new", ((SKOS.prefLabel, Literal("ny", language="da")),), ("husk: ret",))


def put(
    text: str, *, graph: str = f"{EX}g", block: Block = BLOCK, has_graphs: bool = True, after: str = ""
) -> str:
    document = Document(text.encode(), KNOWN, has_graphs=has_graphs)
    document.add(graph, [block], after)
    return document.data.decode()


def quads(text: str) -> set[Quad]:
    return set(parse(text.removeprefix("\ufeff").encode(), RdfFormat.TRIG))


def only_adds(before: str, after: str) -> bool:
    """Whether a text has all characters of another one, in order, with more in between."""
    rest = iter(after)
    return all(letter in rest for letter in before)


TEXTS = {
    "plain": f"@prefix ex: <{EX}> .\n\nex:g {{\n    ex:a ex:b ex:c .\n}}\n",
    "no last full stop": f"@prefix ex: <{EX}> .\nex:g {{\n  ex:a ex:b ex:c\n}}\n",
    "one line": f"PREFIX ex: <{EX}>\nGRAPH ex:g {{ ex:a ex:b ex:c }}",
    "empty graph": f"@prefix ex: <{EX}> .\nex:g {{ }}\n",
    "no such graph": f"@prefix ex: <{EX}> .\nex:h {{ ex:a ex:b ex:c . }}\n",
    "brackets in texts": f'@prefix ex: <{EX}> .\nex:g {{\n\tex:a ex:b "}} {{", """a\n}} "b" """ . # }}\n}}\n'
    "ex:h { ex:a ex:b 1 . }\n",
    "twice": f"@prefix ex: <{EX}> .\nex:g {{ ex:a ex:b 1 . }}\nex:g {{ ex:a ex:b 2 . }}\n",
    "lists and blank nodes": f"@prefix ex: <{EX}> .\nex:g {{ ex:a ex:b [ ex:c ( 1 2 ) ] . [] ex:d 'x' . }}\n",
    "no prefixes": f"<{EX}g> {{ <{EX}a> <{EX}b> 2.0 . }}\n",
    "no line end": f"@prefix ex: <{EX}> . ex:g {{ ex:a ex:b ex:c . }}",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_what_was_there_stays_and_the_new_is_added(text: str, newline: str, start: str) -> None:
    before = start + text.replace("\n", newline)
    after = put(before)
    assert after.startswith(start)
    assert only_adds(before, after)
    assert newline not in before or newline == "\n" or "\n" not in after.replace("\r\n", "")
    old, new = quads(before), quads(after)
    added = Quad(
        NamedNode(f"{EX}new"), NamedNode(SKOS.prefLabel), Literal("ny", language="da"), NamedNode(f"{EX}g")
    )
    blank = {quad for quad in old if "_:" in str(quad)}
    assert old - blank <= new
    assert added in new
    assert len(new) == len(old) + 1


def test_a_block_is_written_in_the_manner_of_the_file() -> None:
    after = put(TEXTS["plain"])
    assert after == (
        f"@prefix ex: <{EX}> .\n@prefix skos: <{SKOS}> .\n\nex:g {{\n    ex:a ex:b ex:c .\n\n"
        '    # husk: ret\n    ex:new\n        skos:prefLabel "ny"@da .\n}\n'
    )


def test_a_prefix_is_declared_in_the_words_and_the_order_of_the_file() -> None:
    text = f"PREFIX ex: <{EX}>\nPREFIX zoo: <https://zoo.example/>\nex:g {{ ex:a ex:b ex:c . }}\n"
    lines = put(text).splitlines()
    assert lines[:3] == [f"PREFIX ex: <{EX}>", f"PREFIX skos: <{SKOS}>", "PREFIX zoo: <https://zoo.example/>"]
    unordered = f"@prefix zoo: <https://zoo.example/> .\n@prefix ex: <{EX}> .\nex:g {{ ex:a ex:b ex:c . }}\n"
    assert put(unordered).splitlines()[2] == f"@prefix skos: <{SKOS}> ."


def test_a_prefix_that_means_something_else_here_is_not_used() -> None:
    text = f"@prefix skos: <{EX}> .\nskos:g {{ skos:a skos:b skos:c . }}\n"
    assert f"<{SKOS.prefLabel}>" in put(text)


def test_a_new_graph_follows_its_neighbour() -> None:
    text = f"@prefix ex: <{EX}> .\n\nex:a {{\n    ex:a ex:b ex:c .\n}}\n\nex:z {{\n    ex:a ex:b ex:c .\n}}\n"
    after = put(text, graph=f"{EX}m", after=f"{EX}a")
    assert [line for line in after.splitlines() if line.endswith("{")] == ["ex:a {", "ex:m {", "ex:z {"]
    assert "\n\nex:m {\n" in after
    assert "}\n\nex:z {\n" in after


def test_a_term_of_turtle_stands_where_the_alphabet_has_it_with_comments_left_to_theirs() -> None:
    text = f"@prefix ex: <{EX}> .\n\nex:a\n    ex:b 1 .\n\n# om z\nex:z\n    ex:b [ ex:c 2 ] .\n"
    after = put(text, has_graphs=False)
    assert after.index("ex:a\n") < after.index("ex:new\n") < after.index("# om z\nex:z\n")
    last = put(text, has_graphs=False, block=Block(f"{EX}zz", BLOCK.pairs))
    assert last.endswith('\n\nex:zz\n    skos:prefLabel "ny"@da .\n')
    unordered = put(text.replace("ex:a\n", "ex:zzz\n"), has_graphs=False)
    assert unordered.endswith('skos:prefLabel "ny"@da .\n')


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(max_size=20))
def test_no_text_ends_its_own_quotes_or_comment(label: str, comment: str) -> None:
    block = Block(
        f"{EX}new", ((SKOS.prefLabel, Literal(label, language="da")),), (comment.replace("\ud800", ""),)
    )
    after = put(TEXTS["plain"], block=block)
    found = [quad.object for quad in quads(after) if quad.subject == NamedNode(f"{EX}new")]
    assert found == [Literal(label, language="da")]
    assert len(after.splitlines()) >= len(TEXTS["plain"].splitlines())


@pytest.mark.parametrize(
    ("term", "written"),
    [
        (Literal(3), "3"),
        (Literal("12.50", datatype=NamedNode(XSD.decimal)), "12.50"),
        (Literal("true", datatype=NamedNode(XSD.boolean)), "true"),
        (Literal("2024-01-01", datatype=NamedNode(XSD.date)), '"2024-01-01"^^xsd:date'),
        (Literal("x", datatype=NamedNode(XSD.integer)), '"x"^^xsd:integer'),
        (NamedNode(f"{EX}a.b"), "ex:a.b"),
        (NamedNode(f"{EX}a."), f"<{EX}a.>"),
        (NamedNode(f"{EX}a/b"), f"<{EX}a/b>"),
        (NamedNode(f"{EX}ø"), f"<{EX}ø>"),
        (NamedNode(EX), f"<{EX}>"),
    ],
    ids=str,
)
def test_terms_are_as_short_as_turtle_allows(term: NamedNode | Literal, written: str) -> None:
    after = put(TEXTS["plain"], block=Block(f"{EX}new", ((RDF.type, NamedNode(f"{EX}T")), (f"{EX}p", term))))
    assert f"        ex:p {written} ." in after.splitlines()


def test_a_new_file_begins_with_its_title_and_its_prefixes() -> None:
    document = Document(b"", KNOWN, has_graphs=True, title="Noget\nnyt")
    document.add(f"{EX}g", [BLOCK])
    lines = document.data.decode().splitlines()
    assert lines[:6] == [
        "# Noget nyt",
        "",
        f"@prefix ex: <{EX}> .",
        f"@prefix skos: <{SKOS}> .",
        "",
        "ex:g {",
    ]
    assert len(quads(document.data.decode())) == 1
