"""XML from the engine: parsers that know nothing of it read the same terms, or there is an error instead."""

from xml.etree import ElementTree as ET

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, Triple

from sikkerby_kg.errors import UnwritableError
from sikkerby_kg.formats import rdf_format
from sikkerby_kg.results import Result
from sikkerby_kg.triples import resource
from sikkerby_kg.writing import write_rdf
from sikkerby_kg.xml_text import well_formed, well_formed_rdf

RDFLIB = pytest.importorskip("rdflib")
THING, SAYS = NamedNode("http://e.example/thing"), NamedNode("http://e.example/says")
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
PREFIXES = {"e": "http://e.example/"}
BREAKS = ("a\rb", "a\r\nb", "\r", "a\nb\tc", "<a>&amp;\r]]>", "æ\u0085\u2028😀")
NEVER = ("\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff")


def xml(*triples: Triple) -> bytes:
    return write_rdf(triples, rdf_format("rdf"), PREFIXES)


def read(document: bytes) -> set[Triple]:
    """The triples of a document as rdflib reads them, whose parser is not the engine's."""
    lines = RDFLIB.Graph().parse(data=document, format="xml").serialize(format="nt")
    return {quad.triple for quad in pyoxigraph.parse(lines, RdfFormat.N_TRIPLES)}


def select(value: str) -> Result:
    return Result.from_oxigraph(Store().query(f"SELECT ?x {{ VALUES ?x {{ {Literal(value)} }} }}"))


@pytest.mark.parametrize("value", BREAKS)
def test_line_ends_survive_xml(value: str) -> None:
    assert read(xml(Triple(THING, SAYS, Literal(value)))) == {Triple(THING, SAYS, Literal(value))}
    document = ET.fromstring(select(value).serialize("xml"))  # noqa: S314  (our own)
    assert [literal.text for literal in document.iter("{http://www.w3.org/2005/sparql-results#}literal")] == [
        value
    ]


@pytest.mark.parametrize("value", NEVER)
def test_what_xml_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(UnwritableError, match="control character"):
        xml(Triple(THING, SAYS, Literal(f"a{value}b")))
    with pytest.raises(UnwritableError, match="control character"):
        select(value).serialize("xml")
    assert select(value).serialize("csv")


@pytest.mark.parametrize(
    "kind", ["http://e.example/1", "http://e.example/", "urn:1:2", "http://x.example/?a&b="]
)
@pytest.mark.parametrize("node", [THING, BlankNode("b")])
def test_a_class_without_a_name_is_written_as_a_property(kind: str, node: NamedNode | BlankNode) -> None:
    other = Triple(NamedNode("http://e.example/other"), TYPE, NamedNode("http://e.example/Named"))
    told = (Triple(node, TYPE, resource(kind)), Triple(node, SAYS, Literal("\n\t</e:>\n\t<e: >")), other)
    found = read(xml(*told))
    assert len(found) == len(told)
    assert {triple.object for triple in found} == {triple.object for triple in told}


@pytest.mark.parametrize("name", ["http://e.example/1", "http://e.example/", "urn:1:2"])
@pytest.mark.parametrize("value", [Literal("x"), Literal("x", language="da"), THING, BlankNode("b")])
def test_a_property_without_a_name_is_refused(name: str, value: Literal | NamedNode | BlankNode) -> None:
    with pytest.raises(UnwritableError, match="does not end in a name"):
        xml(Triple(THING, NamedNode(name), value))


def test_statements_about_statements_are_refused_in_json_ld_only() -> None:
    told = Triple(THING, SAYS, Triple(THING, SAYS, Literal("x")))
    with pytest.raises(UnwritableError, match="statements about statements"):
        write_rdf([told], rdf_format("jsonld"))
    for name in ("ttl", "trig", "nt", "nq", "rdf"):
        wanted = rdf_format(name)
        assert [quad.triple for quad in pyoxigraph.parse(write_rdf([told], wanted), wanted.rdf)] == [told]


def test_what_needs_no_change_is_not_changed() -> None:
    document = xml(Triple(THING, SAYS, Literal("a: b >")))
    assert well_formed(document) == well_formed_rdf(document) == document
