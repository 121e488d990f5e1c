"""XML as the engine writes it, made into XML that every parser reads, and reads back as the same terms.

The engine writes some things as they are that XML 1.0 cannot hold like that: a carriage return, which a
parser would take for a line feed (§2.11), the characters of no document (§2.2), and in RDF/XML the names of
properties and classes that end in no XML name (RDF 1.1 XML Syntax §5.1).
"""

import re

from sikkerby_kg.errors import UnwritableError

_NEVER = bytes({*range(0x20)} - {*b"\t\n\r"})
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())

# In what the engine writes, "<" begins a tag and nothing else: texts and attributes have it escaped. A node
# that is named by its class stands at the outermost level.
_NODE = re.compile(rb'(?<=\n\t)<([^\s<>/:]+):( xmlns:[^\s=]+="[^"]*")?( rdf:(?:about|nodeID)="[^"]*")>')
_END = re.compile(rb"(?<=\n\t)</[^\s<>/:]+:>")
_NAMELESS = re.compile(rb"<[^\s<>/:?]+:(?=[\s/>])")
_NAMESPACE = re.compile(rb' xmlns:([^\s=]+)="([^"]*)"')


def well_formed(document: bytes) -> bytes:
    """A document of results or RDF that the engine wrote, as XML 1.0 wants it.

    Raises UnwritableError if a character is in it that XML cannot hold.
    """
    has_control = len(document.translate(None, _NEVER)) != len(document)
    may_have_more = _NONCHARACTERS[0][:1] in document  # a byte is found much faster than three
    if has_control or (may_have_more and any(found in document for found in _NONCHARACTERS)):
        raise UnwritableError("unwritable.character")
    return document.replace(b"\r", b"&#13;")


def well_formed_rdf(document: bytes) -> bytes:
    """RDF/XML that the engine wrote, as XML 1.0 wants it: a class without a name is a property of its node.

    Raises UnwritableError for a character that XML cannot hold, or a property whose IRI ends in no name.
    """
    document = well_formed(document)
    if not _NAMELESS.search(document):
        return document
    namespaces = dict(_NAMESPACE.findall(document[: document.index(b"\n\t")]))

    def described(node: re.Match[bytes]) -> bytes:
        prefix, own, subject = node.groups(b"")
        kind = own.partition(b'"')[2][:-1] if own else namespaces[prefix]
        return b'<rdf:Description%s>\n\t\t<rdf:type rdf:resource="%s"/>' % (subject, kind)

    document = _END.sub(b"</rdf:Description>", _NODE.sub(described, document))
    if _NAMELESS.search(document):
        raise UnwritableError("unwritable.property")
    return document
