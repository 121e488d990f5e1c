"""Every term of every statement is found where it stands, whatever a file looks like."""

import os
import re
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, parse

from sikkerby_kg.positions import Lines
from sikkerby_kg.turtle_places import Places, UnplacedError, _tokens, places

ROOT = Path(__file__).parent.parent
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PREFIXES = "@prefix : <x:> . @prefix ex: <https://example.org/> .\n"
HERE = NamedNode("https://example.org/here")
W3C = "SIKKERBY_W3C_TESTS"
FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
}


def statements(data: bytes, suffix: str) -> list[Quad]:
    return list(parse(data, FORMATS[suffix], base_iri="http://base/", rename_blank_nodes=True))


# --- Where a term stands ----------------------------------------------------------------------

# The statement is the first one that mentions ex:here; the place of one of its parts is marked «thus».
PLACES = [
    ("subjects", "«:s» :p ex:here ."),
    ("predicates", ":s «:p» ex:here ."),
    ("objects", ":s :p «ex:here» ."),
    ("objects", ":s :p :a ,\n\t«ex:here»\t, :b ."),
    ("predicates", ":s :p :a ;\n  «a» ex:here ; ."),
    ("subjects", "«:s» :p :a ;;\n  :q :b ; ex:here :c ."),
    ("subjects", ":s :p :a . # :t :q ex:here .\n\n«:t» :q ex:here ."),
    ("objects", ":s ex:here «<relative#æøå>» ."),
    ("objects", ":s ex:here «<\\u00e6>» ."),
    ("objects", r":s ex:here «:a\~b%20c.d:e» ."),
    ("objects", ":s ex:here «:a.b.c»."),
    ("objects", ":s ex:here «_:a.b»."),
    ("objects", ":s ex:here «:» ."),
    ("subjects", "«_:s»:p ex:here ."),
    ("objects", ":s ex:here «true» , false ."),
    ("objects", ":s ex:here «-1.5e-3»."),
    ("objects", ":s ex:here «1»."),
    ("objects", ":s ex:here «.5»."),
    ("objects", ":s ex:here «1.E3»."),
    ("objects", ':s ex:here «"a \\" . # b"» .'),
    ("objects", ":s ex:here «'a\\\\'» , 'b' ."),
    ("objects", ':s ex:here «"""a\n""\\"""b\r\n  c"""@da-DK» ; :q :o .'),
    ("objects", ":s ex:here «'''a'b''c'''» ."),
    ("objects", ':s ex:here «""» , """""" .'),
    ("objects", ':s ex:here «"a"@EN-gb» .'),
    ("objects", ':s ex:here «"a" @da» .'),
    ("objects", ':s ex:here «"2024"^^:year» .'),
    ("objects", ':s ex:here «"2024" ^^ # of what\n <x:year>» .'),
    ("objects", ":s :p «ex:here»\r\n."),
    ("objects", ":s :p :o .\r:s\r\t:p «ex:here» ."),
    ("objects", ":s :p :o .\r\n\r\n:s\r\n:p «ex:here» ."),
    ("objects", ':s :p "𝄞æ😀" , «ex:here» .'),
    ("objects", ":𝄞æ😀 :p «ex:here» ."),
    ("objects", ':s :p """\n# no comment\n""" , # a "comment\n «ex:here» .'),
    ("objects", ":s ex:here «[ :p :o ; :q [ :r ( 1 ) ] ]» ."),
    ("objects", ":s ex:here «[ ]» ."),
    ("subjects", ":s :p «[ ex:here :o ]» ."),
    ("subjects", ":s :p «[\n :q [ :r :o ] ; ex:here :o ]» ."),
    ("objects", ":s :p [ :q [ :r :o ] , [ :r «ex:here» ] ] ."),
    ("subjects", "«[ :p :o ]» ex:here :o ."),
    ("subjects", "«[]» ex:here :o ."),
    ("objects", ":s ex:here «( 1 2 )» ."),
    ("objects", ":s ex:here «( )» ."),
    ("objects", ":s :p ( 1 «ex:here» 2 ) ."),
    ("objects", ':s :p ( «ex:here» "a" ) .'),
    ("objects", ":s :p ( ( ) ( 1 [ :q «ex:here» ] ) ) ."),
    ("subjects", "«( 1 2 )» ex:here :o ."),
    ("subjects", "( 1 [ :p :o ] ) :q :o . «( :a )» ex:here ( :b ) ."),
    ("objects", "PREFIX a: <a:> base <b:> pReFiX c: <c:>\n:s :p «ex:here» ."),
    ("objects", "@base <http://b/> . @prefix graph: <g:> . graph:s :p «ex:here» ."),
    ("graphs", "«:g» { :s :p ex:here }"),
    ("graphs", "GRAPH«<x:g>»{ :s :p :o . :t :p ex:here . }"),
    ("graphs", "{ :s :p :o } :h { } graph\n«_:g»\n{ :s :p ex:here }"),
    ("graphs", "«[]» { :s :p ex:here }"),
    ("objects", ":g { :s :p [ :q :o ] . :s :p «ex:here» } :h { :s :p :o }"),
    ("subjects", ":g { :s :p :o } «:s» :p ex:here ."),
    ("subjects", ":g { :s :p :o . «:s» :p ex:here } { :s :q :o }"),
]


def the_statement(data: bytes, suffix: str) -> tuple[Places, int]:
    """The places of all statements, and the number of the first one that mentions ex:here."""
    quads = statements(data, suffix)
    found = places(data, suffix)
    assert len(found) == len(quads)
    return found, next(n for n, each in enumerate(quads) if HERE in tuple(each))


def marked(text: str) -> tuple[bytes, tuple[int, int], tuple[int, int]]:
    """A text without its marks, and line and column of both."""
    before, inside, after = re.split("[«»]", text)
    first, second = (re.split("\r\n|\r|\n", each) for each in (before, before + inside))
    data = (before + inside + after).encode()
    return data, (len(first), len(first[-1]) + 1), (len(second), len(second[-1]) + 1)


@pytest.mark.parametrize(("part", "text"), PLACES, ids=[f"{part} {text}" for part, text in PLACES])
def test_a_term_is_found_where_it_stands(part: str, text: str) -> None:
    data, start, end = marked(PREFIXES + text)
    found, number = the_statement(data, ".trig" if "{" in text else ".ttl")
    offset = getattr(found, part)[number]
    lines = Lines(data)
    assert (lines.at(offset), lines.at(found.end(offset))) == (start, end)


def test_a_place_far_along_a_line_is_counted_in_characters() -> None:
    text = "aø島😀" * 5000 + "\n" + "é" * 9000 + "\r\nkort"
    lines = Lines(text.encode())
    for at in (0, 1, 4095, 4096, 4097, 11111, 19999, 20001, 20001 + 8191, 29000, 29003, len(text)):
        before = text[:at]
        line = before.count("\n") + 1
        assert lines.at(len(before.encode())) == (line, at - before.rfind("\n"))


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("subjects", "<x:a> <x:b> <x:c> .\n# none\n«_:s» <x:p> <https://example.org/here> .\n"),
        ("objects", '<x:a> <https://example.org/here> «"a\\"b"^^<x:d>» <x:g> .\r\n'),
        ("graphs", "_:b\t<x:p>\t<https://example.org/here>\t«<x:g>»\t.\n"),
        ("graphs", "<x:a> <x:b> <x:c> <x:g> .\n\n<https://example.org/here> <x:b> _:c.d «_:g».\n"),
    ],
)
def test_a_term_is_found_in_a_file_of_lines(part: str, text: str) -> None:
    data, start, end = marked(text)
    found, number = the_statement(data, ".nq")
    offset = getattr(found, part)[number]
    assert (Lines(data).at(offset), Lines(data).at(found.end(offset))) == (start, end)


def test_of_a_bracket_the_beginning_can_be_had_alone() -> None:
    data = b"<x:s> <x:p> [ <x:q> ( 1 ) ] ."
    found = places(data, ".ttl")
    start = found.objects[-1]
    assert data[start : found.end(start)] == b"[ <x:q> ( 1 ) ]"
    assert data[start : found.token_end(start)] == b"["


@pytest.mark.parametrize(
    "text", ["<x:s> <x:p> «<»<( <x:a> <x:b> <x:c> )>> .", "<x:s> <x:p> <x:o> «{»| <x:q> 1 |} ."]
)
def test_what_rdf_1_1_does_not_have_is_told_with_its_place(text: str) -> None:
    data, start, _ = marked(text)
    with pytest.raises(UnplacedError) as caught:
        places(data, ".ttl")
    assert Lines(data).at(caught.value.offset) == start


@pytest.mark.parametrize("text", ["[ <x:p> ", "( "])
def test_depth_does_no_harm(text: str) -> None:
    data = b"<x:s> <x:p> " + text.encode() * 50_000 + b"1" + b"])"[text == "( " :][:1] * 50_000 + b" ."
    found = places(data, ".ttl")
    assert len(found) == len(statements(data, ".ttl"))
    assert found.end(found.objects[-1 if "[" in text else 0]) == len(data) - 2


# --- The same statements as the parser's ------------------------------------------------------


@lru_cache(maxsize=10_000)
def decoded(directives: bytes, token: bytes) -> object:
    """A term as the parser reads it by itself."""
    base = b"@base <http://base/> .\n"
    text = base + directives + b"\n<x:s> <x:p> " + token + b" ."
    return next(parse(text, RdfFormat.TURTLE)).object


def directives_of(data: bytes) -> list[tuple[int, bytes]]:
    """Where the prefixes and the base change, and all that has been said of them until then."""
    found = [(0, b"")]
    tokens = [(start, token) for start, token in _tokens(data) if token != b"."]
    for (_, word), (_, first), (start, second) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        kind = word.lower().lstrip(b"@")
        if kind == b"prefix" and first.endswith(b":"):
            found.append((start, found[-1][1] + b"\nPREFIX " + first + b" " + second))
        elif kind == b"base" and first.startswith(b"<"):
            found.append((start, found[-1][1] + b"\nBASE " + first))
    return found


def disagreements(data: bytes, suffix: str) -> list[tuple[int, Quad, str]]:
    """Statements whose terms, as they stand at the places found, are not those of the parser."""
    quads, found = statements(data, suffix), places(data, suffix)
    if len(quads) != len(found):
        return [(len(found), quads[-1], "number")]
    known = directives_of(data) if suffix in (".ttl", ".trig") else [(0, b"")]
    blank: dict[object, object] = {}
    wrong = []
    for n, quad in enumerate(quads):
        subject, predicate, value, graph = (
            part[n] for part in (found.subjects, found.predicates, found.objects, found.graphs)
        )
        is_first, is_rest = predicate == value, predicate == subject and predicate != value
        expected = [
            (quad.subject, subject, is_first or is_rest),
            (quad.object, value, is_rest),
            (quad.graph_name, graph, False),
        ]
        if is_first or is_rest:
            if quad.predicate.value != RDF + ("first" if is_first else "rest"):
                wrong.append((n, quad, "collection"))
        else:
            expected.append((quad.predicate, predicate, False))
        for term, start, is_cell in expected:
            if not stands(term, start, data, found, known, blank, is_cell=is_cell):
                wrong.append((n, quad, str(term)))
    if len(set(blank.values())) < len(blank):
        wrong.append((len(quads), quads[-1], "one blank node in two places"))
    return wrong


def stands(
    term: object,
    start: int,
    data: bytes,
    found: Places,
    known: list[tuple[int, bytes]],
    blank: dict[object, object],
    *,
    is_cell: bool,
) -> bool:
    """Whether a term stands at a place; a blank node must stand wherever it stood before, and no other."""
    if start < 0 or isinstance(term, DefaultGraph):
        return start < 0 and isinstance(term, DefaultGraph)
    token = data[start : found.token_end(start)]
    if term == NamedNode(RDF + "nil") and token in (b"(", b")"):
        return True
    if is_cell and token == b"(":
        return isinstance(term, BlankNode)  # of this collection, or of the one that it is an item of
    if is_cell or token in (b"(", b"[") or token.startswith(b"_:"):
        key = token if token.startswith(b"_:") and not is_cell else (start, is_cell)
        return isinstance(term, BlankNode) and blank.setdefault(key, term) == term
    if token == b"a":
        return term == NamedNode(RDF + "type")
    directives = [text for offset, text in known if offset <= start][-1]
    return decoded(directives, token) == term


OURS = sorted(
    path
    for folder in ("data", "ontology", "tests")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in FORMATS
)


def test_all_statements_of_our_files_are_found() -> None:
    assert len(OURS) > 200
    for path in OURS:
        assert disagreements(path.read_bytes(), path.suffix) == [], path


def w3c_files() -> list[Path]:
    root = os.environ.get(W3C)
    return sorted(p for p in Path(root).resolve().rglob("*") if p.suffix in FORMATS) if root else []


@pytest.mark.skipif(not os.environ.get(W3C), reason=f"{W3C} names no checkout of w3c/rdf-tests")
def test_all_statements_of_the_w3c_tests_are_found() -> None:
    """Every file that the parser accepts and that has no triple terms."""
    count = 0
    for path in w3c_files():
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        try:
            statements(data, path.suffix)
            places(data, path.suffix)
        except (SyntaxError, UnplacedError):
            continue
        assert disagreements(data, path.suffix) == [], path
        count += 1
    assert count > 1000


GAPS = st.sampled_from(["", " ", "\n", "\r\n", "\r", "\t", ' # [ ( " { .\n', "#'''<x\r"])
WORDS = st.sampled_from(["a:", "b:x", "a:1.2", "b:x\\.y%2e", "<i>", "<\\u0041>", "b:æ𝄞", "a:prefix", "b:a"])
LABELS = st.sampled_from(["_:a", "_:b.c", "_:1", "_:é-x"])
STRINGS = st.sampled_from(
    ['"x"', "'x'", '"\\""', '"""\n"" . \'"""', "'''\r\n''\\''''", '""', '"# ["', '"æ😀"', '""""""', "'\\\\'"]
)
NUMBERS = st.sampled_from(["1", "-2.5", ".5", "1e3", "+1.E-2", "true", "false"])


@st.composite
def spaced(draw: st.DrawFn, *parts: str) -> str:
    """Tokens with something or nothing between them; letters and digits are kept apart."""
    text = ""
    for part in parts:
        gap = draw(GAPS)
        apart = gap or not part or not text or part[0] in ";,[](){}" or text[-1] in ";,[](){}\n\r"
        text += (gap if apart else " ") + part
    return text


@st.composite
def literals(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return draw(NUMBERS)
    suffix = draw(st.sampled_from(["", "", "@da", "@EN-gb", "^^b:x", "^^<d>", " ^^#c\n b:x", "\n@en"]))
    return draw(STRINGS) + suffix


@st.composite
def terms(draw: st.DrawFn, depth: int) -> str:
    kind = draw(st.integers(0, 6 if depth else 4))
    if kind <= 1:
        return draw(WORDS)
    if kind == 2:
        return draw(LABELS)
    if kind <= 4:
        return draw(literals())
    return draw(brackets(depth - 1)) if kind == 5 else draw(collections(depth - 1))


@st.composite
def brackets(draw: st.DrawFn, depth: int) -> str:
    inside = draw(st.just("") | properties(depth))
    return draw(spaced("[", inside, "]"))


@st.composite
def collections(draw: st.DrawFn, depth: int) -> str:
    return draw(spaced("(", *draw(st.lists(terms(depth), max_size=4)), ")"))


@st.composite
def properties(draw: st.DrawFn, depth: int) -> str:
    parts = []
    for n in range(draw(st.integers(1, 3))):
        parts += [";"] * draw(st.integers(1, 2)) if n else []
        parts.append(draw(st.just("a") | WORDS))
        for m in range(draw(st.integers(1, 3))):
            parts += ([","] if m else []) + [draw(terms(depth))]
    return draw(spaced(*parts))


@st.composite
def triples(draw: st.DrawFn) -> str:
    subject = draw(WORDS | LABELS | brackets(2) | collections(2))
    return draw(spaced(subject, draw(properties(2))))


@st.composite
def blocks(draw: st.DrawFn) -> str:
    name = draw(st.just("") | WORDS | LABELS | st.just("[ ]"))
    word = (
        draw(st.sampled_from(["GRAPH", "graph"])) if name not in ("", "[ ]") and draw(st.booleans()) else ""
    )
    inside = draw(st.lists(triples(), max_size=3))
    joined = [part for each in inside for part in (each, " .")]
    return draw(spaced(word, name, "{", *joined[: -1 if draw(st.booleans()) else None], "}"))


DIRECTIVES = st.sampled_from(
    [
        "@prefix a: <p:> .",
        "PREFIX a: <q:>",
        "base <http://c/>",
        "@base <d/> .",
        "prefix\tb: <r:>",
        "@prefix b: <../x#> .",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, str]:
    suffix = draw(st.sampled_from([".ttl", ".trig"]))
    parts = ["@prefix a: <a:> .", "@prefix b: <b:> ."]
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.integers(0, 3))
        if kind == 0:
            parts.append(draw(DIRECTIVES))
        elif kind == 1 and suffix == ".trig":
            parts.append(draw(blocks()))
        else:
            parts += [draw(triples()), " ."]
    return draw(spaced(*parts)) + "\n", suffix


@given(documents())
@example(('PREFIX a: <a:> a: a: ( "x" "x"@da ( "x" ) "x"^^a: [ a: "x" ] 1 ) .\n', ".ttl"))
@settings(max_examples=60, deadline=None)
def test_all_statements_of_any_document_are_found(document: tuple[str, str]) -> None:
    text, suffix = document
    assert disagreements(text.encode(), suffix) == []
