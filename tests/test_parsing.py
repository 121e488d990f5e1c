"""A file that cannot be read is told with its place and what to do, in both languages."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.errors import ContentError
from sikkerby_kg.validation.baseline import read_baseline
from sikkerby_kg.validation.vocabularies import read_terms

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(10))
TYPES = {
    "laughs": f"<!DOCTYPE r [{LAUGHS}]>",
    "outside": '<!DOCTYPE r SYSTEM "http://example.org/r.dtd">',
    "file": "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>",
    "small letters": "<!doctype r>",
    "plain": "<!DOCTYPE r>",
}


def refused(path: Path) -> ContentError:
    with pytest.raises(ContentError) as caught:
        list(parse_file(path))
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("kind", TYPES)
def test_a_document_type_is_refused_before_anything_is_read(tmp_path: Path, kind: str, encoding: str) -> None:
    path = tmp_path / "a.rdf"
    text = f'<?xml version="1.0"?>\n<!-- a -->{TYPES[kind]}<rdf:RDF {RDF}>&e9;</rdf:RDF>'
    path.write_text(text, encoding=encoding)
    error = refused(path)
    assert error.key == "content.doctype"
    assert "a.rdf:2:1" in str(error)
    assert "save the file as Turtle" in str(error)


def test_a_document_type_ends_the_command_with_2_and_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.rdf"
    path.write_text(f"{TYPES['laughs']}<rdf:RDF {RDF}>&e9;</rdf:RDF>", encoding="utf-8")
    words = [sys.executable, "-m", "sikkerby_kg", "validate", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60)
    assert done.returncode == 2
    assert "Slet dokumenttypen" in done.stderr


@pytest.mark.parametrize(
    ("name", "data", "danish"),
    [
        ("a.ttl", b"<http://a/>\n  <http://b/> place:c .", "a.ttl:2:15: præfikset place: er ikke erklæret"),
        ("a.ttl", 'a:b\n "Kløver"'.encode("latin-1"), "a.ttl:2:5: filen er ikke UTF-8. Gem den som UTF-8."),
        ("a.ttl", "<http://a/>".encode("utf-16"), "a.ttl:1:1: filen er ikke UTF-8. Gem den som UTF-8."),
        ("a.ttl", b"<http://a/>\n<<<<<<< HEAD\n=======\n>>>>>>> b\n", "a.ttl:2:1: her står et mærke"),
        ("a.ttl", b"<http://a/>\r\n<<<<<<<\r\n", "a.ttl:2:1: her står et mærke"),
        (
            "a.jsonld",
            b'{"@context": "http://x/y"}',
            "a.jsonld:1:14: en JSON-LD-kontekst på nettet hentes ikke",
        ),
        (
            "a.jsonld",
            b'{"x": "\\"@context\\": \\"y\\"",\r "@context" : [\r\n  "http://x/y", {}]}',
            "a.jsonld:3:3: en JSON-LD-kontekst på nettet hentes ikke",
        ),
        (
            "a.ttl",
            b"# a\r# b\r\n<http://a/> <http://b/> c .",
            "a.ttl:3:25: her skal en værdi stå, og det kan c ikke være",
        ),
        ("a.ttl", 'a:b\r "Kløver"'.encode("latin-1"), "a.ttl:2:5: filen er ikke UTF-8. Gem den som UTF-8."),
        ("a.nt", '<http://a/> <http://b/> "𝄞æ" c'.encode(), "a.nt:1:30: syntaksfejl: "),
        ("a.rdf", "<a>\r <æ></c></a>".encode(), "a.rdf:2:7: syntaksfejl: "),
        ("a.rdf", f'<rdf:Bag {RDF} rdf:about="a b"/>'.encode(), "a.rdf: filen er velformet, men ikke som"),
        (
            "a.jsonld",
            b'{"@context": 1}',
            "a.jsonld: filen er velformet, men ikke som formatet kræver: @context",
        ),
        ("a.ttl", b'<http://a/> <http://b/> "c', "a.ttl:1:25: filen slutter midt i noget"),
        ("a.ttl", b"<http://a/> b .", "a.ttl:1:13: her skal en egenskab stå, og det kan b ikke være"),
    ],
)
def test_the_usual_mistakes_are_told_in_our_own_words(
    tmp_path: Path, name: str, data: bytes, danish: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert danish in refused(path).text("da")


def test_what_the_system_does_not_hand_over_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "missing.ttl").key == "content.missing"
    assert refused(tmp_path).key == "content.folder"


def test_a_line_of_n_quads_without_a_full_stop_is_told_where_it_ends(tmp_path: Path) -> None:
    (tmp_path / "a.nq").write_text("<a:s> <a:p> <a:o>\n\n\n", encoding="utf-8")
    error = refused(tmp_path / "a.nq")
    assert (error.key, error.values["line"], error.values["column"]) == ("content.syntax.undotted", 1, 18)


G = "@prefix a: <http://a/> .\na:g {\n"


@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        (f'{G} a:b a:c "x@da ;\n a:d "y" .\n}}', "unclosed", (3, 10)),
        (f"{G} a:b a:c “x” .\n}}", "quotes", (3, 10)),
        (f"{G} a:b\u00a0a:c a:d .\n}}", "invisible", (3, 5)),
        (f'{G} a:b a:c "x"@da\n # next\n\n a:e a:f a:g .\n}}', "unfinished", (6, 2)),
        (f"{G} a:b a:c a:d .\n\na:h {{\n a:b a:c a:d .\n}}", "graph_open", (5, 5)),
        (f"{G} a:b a:c a:d .\n}}\n}}", "graph_closed", (5, 1)),
        (f"{G} a:b a:c 2024-01-01 .\n}}", "date", (3, 14)),
        (f'{G} a:b a:c "x "y" z"@da .\n}}', "after_text", (3, 14)),
        (f"{G} a:b a:c a:d .\n   a:f a:g .\n}}", "no_value", (4, 12)),
        (f"{G} a:b a:c hej .\n}}", "object", (3, 10)),
        (f"{G} a:b c a:d .\n}}", "predicate", (3, 6)),
        (f"{G} a a:c a:d .\n}}", "subject", (3, 2)),
        (f"{G} a:b a:c <http://x/ y> .\n}}", "iri", (3, 10)),
        (f"{G} a:b a:c <x> .\n}}", "relative", (3, 10)),
        (f'{G} a:b a:c "c:\\dir" .\n}}', "escape", (3, 13)),
        (f"{G} a:b a:c [ a a:d .\n}}", "bracket", (3, 18)),
        (f"{G} a:b a:c a:d .\n", "end", (4, 1)),
        ("// hej\n", "slash", (1, 1)),
        ("<!-- hej -->\n", "comment", (1, 1)),
        (f"{G} a:b a:c a:d ;\n\n a:e\n a a:f .\n}}", "goes_on", (3, 14)),
        (f"{G} a:b a:c a:d ; # next\n a:e\n  a:f a:g ;\n  a:h a:i .\n}}", "goes_on", (3, 14)),
        (f'{G} a:b a:c a:d ;\n a:e\n  a:f "x" .\n}}', "goes_on", (3, 14)),
    ],
)
def test_the_usual_slips_are_known_by_what_stands_there(
    tmp_path: Path, text: str, key: str, place: tuple[int, int]
) -> None:
    path = tmp_path / "a.trig"
    path.write_text(text, encoding="utf-8")
    error = refused(path)
    assert (error.key, error.line, error.column) == (f"content.syntax.{key}", *place)
    assert error.text("da") != error.text("en")
    assert error.values.get("before") == (3 if key == "unfinished" else None)


@pytest.mark.parametrize("suffix", ["trig", "ttl", "nt"])
def test_quoted_triples_without_end_are_refused_before_they_end_the_process(
    tmp_path: Path, suffix: str
) -> None:
    """The engine would run out of stack, which nothing can catch."""
    path = tmp_path / f"deep.{suffix}"
    path.write_bytes(b"<a:s> <a:p> " + b"<<( <a:s> <a:p> " * 200_000 + b"<a:o>" + b" )>>" * 200_000 + b" .\n")
    with pytest.raises(ContentError, match=rf"{suffix}:1:1037: .*nested too deep"):
        list(parse_file(path))
    path.write_bytes(b"<a:s> <a:p> <<( <a:s> <a:p> <a:o> )>> .\n" * 100)
    assert len(list(parse_file(path))) == 100


@pytest.mark.parametrize(
    ("opened", "closed", "column"), [(b'{"@id":"a:s","a:p":', b"}", 1217), (b"[", b"]", 65)]
)
def test_json_ld_that_is_nested_too_deep_is_refused_at_its_place(
    tmp_path: Path, opened: bytes, closed: bytes, column: int
) -> None:
    """The parser's memory grows with the square of the depth."""
    path = tmp_path / "deep.jsonld"
    for levels in (65, 100_000):
        path.write_bytes(opened * levels + b'{"@id": "a:[[{"}' + closed * levels)
        with pytest.raises(ContentError, match=r"nested in more than 64 levels") as raised:
            list(parse_file(path))
        assert (raised.value.line, raised.value.column) == (1, column)
    path.write_bytes(opened * 20 + b'{"@id": "a:s", "a:p": "[[{"}' + closed * 20)
    assert list(parse_file(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_elements_that_are_nested_too_deep_are_refused_at_once(tmp_path: Path, encoding: str) -> None:
    """A parser whose time grows with the square of the depth would take minutes."""
    path = tmp_path / "deep.rdf"

    def write(levels: int) -> None:
        nested = "<e:T><e:p>\n" * levels + "</e:p></e:T>" * levels
        path.write_text(f'<rdf:RDF {RDF} xmlns:e="http://e/">\n{nested}</rdf:RDF>', encoding=encoding)

    write(100_000)
    error = refused(path)
    assert (error.key, error.line, error.column) == ("content.nested_xml", 129, 6)
    assert "save the file as Turtle" in str(error)
    write(127)
    if encoding == "utf-8":
        assert len(list(parse_file(path))) == 2 * 127


@pytest.mark.parametrize("read", [read_baseline, lambda path: read_terms([path])])
def test_a_list_in_another_encoding_is_refused_with_line_and_column(
    tmp_path: Path, read: Callable[[Path], object]
) -> None:
    path = tmp_path / "list"
    path.write_bytes("\ufeffæ\r\næ".encode() + "ø".encode("latin-1"))
    with pytest.raises(ContentError) as caught:
        read(path)
    assert (caught.value.key, caught.value.line, caught.value.column) == ("content.not_utf8", 2, 2)
