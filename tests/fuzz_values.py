"""Wild values, headers, addresses and queries to ask with."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

from flask import Flask
from hypothesis import strategies as st
from werkzeug.routing import Rule

from sikkerby_kg.lexer import Tokens
from sikkerby_kg.server.negotiation import DOCUMENT_FORMATS, SOLUTION_FORMATS

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "BREW", "")

NASTY = (
    "",
    " ",
    "%",
    "%0",
    "%zz",
    "%00",
    "%0d%0aX-A: b",
    "%ff%fe",
    "%C3%28",
    "%ED%A0%80",
    "%F0%9F%98%80",
    "..",
    "../..",
    "%2e%2e%2f",
    "//",
    "/",
    "\\",
    "?",
    "#",
    ";",
    "'",
    '"',
    "<script>",
    "javascript:alert(1)",
    "{{7*7}}",
    "${x}",
    "$(id)",
    "' OR 1=1 --",
    "\u0022",
    "\\u0022 } #",
    "\\uD800",
    "\ud7ff",
    "\uffff",
    "\u202e",
    "\u0000",
    "\x7f",
    "\x85",
    "0",
    "-1",
    "1e9",
    "9" * 400,
    "NaN",
    "0x10",
    "1_000",
    "٣",
    "2024-02-30",
    "0000-00-00",
    "-0001",
    "10000-01-01",
    "2024-07-01T24:00:00",
    "true",
    "TRUE",
    "2",
    "da",
    "en",
    "DA",
    "da-DK",
    "i",
    "x" * 300,
    "a" * 5000,
    "http://[",
    "http://",
    "http:",
    ":",
    "a:b:c",
    "<http://e/>",
    "<>",
    "urn:",
    "_:b",
    "plan:",
    "sik:Plan",
    "*",
    '"*',
    "AND OR NOT",
    "NEAR(a b)",
    "text:a",
    "^a",
    "a*b",
    "-",
    "ttl",
    "jsonld",
    "html",
    "xml",
    "json",
    "csv",
    "tsv",
    "md",
    "nq",
)
"""Values that have broken something somewhere."""

NAMES = (
    "query",
    "update",
    "format",
    "lang",
    "iri",
    "q",
    "limit",
    "offset",
    "page",
    "default-graph-uri",
    "named-graph-uri",
    "using-graph-uri",
    "asOf",
    "day",
    "x",
    "",
)

wild = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
encoded = st.one_of(
    wild.map(lambda text: quote(text.encode("utf-8", "replace"))),
    wild.map(lambda text: quote(text, safe="%/:?#[]@!$&'()*+,;=", errors="replace")),
    st.binary(max_size=30).map(quote_from_bytes),
)
"""Values as they stand in an address, escaped well, badly, and for no reason."""

raw = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60)

pairs = st.lists(st.tuples(st.sampled_from(NAMES) | encoded, encoded), max_size=5)
query_strings = st.one_of(
    pairs.map(lambda found: "&".join(f"{name}={value}" for name, value in found)),
    pairs.map(lambda found: "&".join(f"{name}={value}" for name, value in found * 60)),
    raw,
    st.just("&" * 3000),
    st.just("lang=da&" * 3000),
)

weights = st.sampled_from(
    ["", ";q=1", ";q=0", ";q=0.5", ";q=2", ";q=-1", ";q=nan", ";q=", ";Q=0.001", ";q=1e9", ';p="a,b']
)


def elements(values: Sequence[str]) -> st.SearchStrategy[str]:
    """The value of a header that is a list with weights."""
    one = st.tuples(st.sampled_from(values) | raw, weights).map("".join)
    return st.lists(one, max_size=6).map(",".join)


MEDIA_TYPES = tuple(dict.fromkeys(found.media_type for found in (*DOCUMENT_FORMATS, *SOLUTION_FORMATS)))
HEADER_VALUES: Mapping[str, st.SearchStrategy[str]] = {
    "Accept": elements((*MEDIA_TYPES, "*/*", "text/*", "application/*", "a/b", "*")),
    "Accept-Language": elements(("da", "en", "da-DK", "*", "de", "zh-Hant-TW", "-", "da_DK")),
    "Accept-Encoding": elements(("gzip", "identity", "br", "*", "x-gzip")),
    "If-None-Match": elements(("*", 'W/"a"', '"', '""', "W/", '"a", W/"b"')),
    "If-Modified-Since": raw
    | st.sampled_from(["Sat, 28 Nov 2026 00:00:00 GMT", "0", "Thu, 99 Foo 99999 99:99:99 GMT"]),
    "Range": raw
    | st.sampled_from(
        ["bytes=0-0", "bytes=-1", "bytes=9-1", "bytes=" + "0-1," * 300, "bytes=99999999999-", "x=1"]
    ),
    "If-Range": raw | st.sampled_from(['"a"', 'W/"a"', "Sat, 28 Nov 2026 00:00:00 GMT"]),
    "Content-Type": raw
    | st.sampled_from(
        [
            "application/sparql-query",
            "application/x-www-form-urlencoded",
            "application/sparql-update",
            "a/b; charset=",
            "application/sparql-query; charset=utf-16",
            "multipart/form-data; boundary=a",
            "multipart/form-data",
            ";",
        ]
    ),
    "Content-Encoding": raw | st.sampled_from(["gzip", "identity", "br", ""]),
    "Origin": raw | st.sampled_from(["null", "https://example.org"]),
    "Access-Control-Request-Method": raw | st.sampled_from(["POST", "DELETE"]),
    "Host": raw
    | st.sampled_from(["", "..", "[::1]:80", "[", "a:b", "a" * 300, "é", "a@b", "127.0.0.1:99999", "xn--"]),
    "X-Forwarded-For": raw,
    "X-Forwarded-Host": raw,
    "X-Forwarded-Proto": raw,
    "X-Forwarded-Prefix": raw,
    "Cookie": raw,
    "Authorization": raw,
    "Cache-Control": raw,
    "Transfer-Encoding": st.just("gzip"),
}
headers = st.lists(
    st.sampled_from(sorted(HEADER_VALUES)).flatmap(
        lambda name: st.tuples(st.just(name), HEADER_VALUES[name])
    ),
    max_size=5,
    unique_by=lambda pair: pair[0],
)


def paths_of(app: Flask) -> st.SearchStrategy[str]:
    """Paths of every route, with wild values and true ones where it has variables, and wild paths."""
    known = [
        "plan/ekstremisme-2024-2026",
        "plans-replaced",
        "oil-left",
        "plans-on-a-day",
        "model/Plan",
        "dataset",
        "ttl",
    ]
    value = encoded | st.sampled_from([*known, "site.css", "favicon.svg", "sik:ActionPlan"])

    def filled(rule: Rule) -> st.SearchStrategy[str]:
        parts = re.split(r"(<[^<>]+>)", rule.rule)
        made = [value_of(part) if part.startswith("<") else st.just(part) for part in parts]
        return st.tuples(*made).map("".join)

    def value_of(variable: str) -> st.SearchStrategy[str]:
        choices = re.match(r"<any\((.*?)\)", variable)
        return st.sampled_from(choices[1].split(",")) | value if choices else value

    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    return st.sampled_from(rules).flatmap(filled) | encoded.map("/".__add__)


bodies = st.one_of(
    st.just(b""), st.binary(max_size=60), query_strings.map(str.encode), st.just(b"a" * 70_000)
)


# --- SPARQL -------------------------------------------------------------------------------------

words = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=12),
    st.text(st.sampled_from("\\\"'\n\r\t<>{}|^`u0041UD8\u00e6\U0001f600"), max_size=12),
)


def escaped(text: str) -> str:
    """A literal as the grammar wants it, with whatever inside (SPARQL 1.1 §19.8, ECHAR)."""
    for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, escape)
    return f'"{text}"'


iris = st.sampled_from(
    ["<http://e/>", "<x>", "<>", "a", "skos:prefLabel", "rdf:type", "sik:Plan", "nope:x", "<\\u0041:b>"]
)
variables = st.sampled_from(["?a", "?b", "$a", "?æ", "?", "?1"])
literals = st.one_of(
    words.map(escaped),
    words.map(lambda text: f'"{text}"'),
    words.map(lambda text: f"'''{text}'''"),
    words.map(lambda text: f'"{text}"@da'),
    words.map(lambda text: f'"x"^^<{text}>'),
    st.sampled_from(
        [
            "1",
            "-1.5e3",
            "true",
            '"x"@',
            '"1"^^xsd:integer',
            '"\\u00E6"',
            "'\\uD800'",
            '"\\U00110000"',
            "9" * 60,
        ]
    ),
)
terms_ = st.one_of(variables, iris, literals)
triples = st.tuples(
    terms_, st.one_of(variables, iris, iris.map("^{0}".format), iris.map("({0})+".format)), terms_
).map(" ".join)
calls = (
    "STRLEN",
    "REPLACE",
    "REGEX",
    "STRDT",
    "IRI",
    "CONCAT",
    "SUBSTR",
    "xsd:integer",
    "<http://e/f>",
    "BNODE",
    "ENCODE_FOR_URI",
    "",
)


OPERATORS = ("=", "<", "+", "/", "&&", "||", "IN", "*")
AROUND = ("OPTIONAL", "MINUS", "GRAPH ?g", "GRAPH <x>", "SERVICE <e:>", "")


@st.composite
def expressions(draw: st.DrawFn, depth: int = 2) -> str:
    """What may stand in FILTER and BIND."""
    shape = draw(st.sampled_from(["term", "operation", "call"])) if depth else "term"
    if shape == "term":
        return draw(terms_)
    inner = expressions(depth - 1)
    if shape == "operation":
        return f"({draw(inner)} {draw(st.sampled_from(OPERATORS))} {draw(inner)})"
    return f"{draw(st.sampled_from(calls))}({', '.join(draw(st.lists(inner, max_size=3)))})"


@st.composite
def groups(draw: st.DrawFn, depth: int = 2) -> str:
    """What may stand in a group: one triple at the heart of it, so that nothing is joined for long."""
    inner = draw(groups(depth - 1)) if depth else draw(triples)
    match draw(st.integers(0, 5)):
        case 0:
            return f"{draw(st.sampled_from(AROUND))} {{ {inner} }}"
        case 1:
            return f"{inner} FILTER({draw(expressions())})"
        case 2:
            return f"{inner} BIND({draw(expressions())} AS {draw(variables)})"
        case 3:
            return f"VALUES ?v {{ {draw(terms_)} }} {inner}"
        case 4:
            return f"{{ SELECT * {{ {inner} }} }}"
        case _:
            return inner


queries = st.tuples(
    st.sampled_from(
        ["", "BASE <http://e/>", "PREFIX : <http://e/>", "PREFIX a: <[>", "# \\u000A x\n", "\ufeff"]
    ),
    st.sampled_from(
        [
            "SELECT *",
            "SELECT ?a",
            "SELECT (COUNT(*) AS ?n)",
            "ASK",
            "CONSTRUCT { ?a ?b ?a }",
            "DESCRIBE ?a",
            "DESCRIBE <x>",
            "SELECT (?a AS ?a)",
            "INSERT { ?a ?b ?a }",
            "DELETE",
        ]
    ),
    st.sampled_from(["", "FROM <http://e/>", "FROM NAMED <x>", "FROM <[>", "FROM a:b", "FROM"]),
    groups().map("WHERE {{ {0} }}".format),
    st.sampled_from(
        [
            "LIMIT 3",
            "ORDER BY ?a LIMIT 2",
            "GROUP BY ?a",
            "LIMIT 0",
            "LIMIT -1",
            "HAVING(",
            "OFFSET 99999999999999999999",
        ]
    ),
).map(" ".join)

ROOT = Path(__file__).parent.parent
WRITTEN = sorted(path.read_text(encoding="utf-8") for path in ROOT.glob("queries/*.rq"))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """One of our own queries with tokens lost, doubled, swapped or replaced."""
    text = draw(st.sampled_from(WRITTEN))
    tokens = [token.text for token in Tokens(text).everything if token.kind != "comment"]
    for _ in range(draw(st.integers(1, 4))):
        place, other = (draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
        match draw(st.integers(0, 4)):
            case 0:
                tokens[place] = ""
            case 1:
                tokens[place] *= 2
            case 2:
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case 3:
                tokens[place] = draw(words)
            case _:
                tokens[place] = draw(literals)
    return "".join(tokens)
