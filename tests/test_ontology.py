"""The files of the ontology: one term a block, one value a line, one code list a file, no term withdrawn."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.namespaces import OWL, RDF, SKOS

ROOT = Path(__file__).parent.parent
ONTOLOGY = ROOT / "ontology"
FILES = sorted(ONTOLOGY.rglob("*.ttl"))
CODE_LISTS = sorted((ONTOLOGY / "codelists").glob("*.ttl"))
RELEASES = sorted((Path(__file__).parent / "data" / "released-terms").glob("*.txt"))
BASE = "https://w3id.org/sikkerby-kg/"
TERM_TYPES = frozenset(
    (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, SKOS.Concept, SKOS.ConceptScheme, OWL.Ontology)
)

# --- One term a block, one value a line --------------------------------------------------------------


def formatting_faults(text: str) -> list[str]:
    """What in a Turtle file breaks our layout: a sentence for each line at fault.

    A block starts with its subject alone in the first column. Under it every line, indented by four spaces
    a level, holds one predicate and one value and ends in " ;", the last one in " .". Blocks are apart by
    an empty line, and no subject has two blocks.
    """
    faults = []
    plain = re.sub(r'"""(?:[^"\\]|\\.|"(?!""))*"""', '"…"', text, flags=re.DOTALL)
    if not plain.endswith("\n") or plain.endswith("\n\n"):
        faults.append("the file does not end with one line end")
    subjects: list[str] = []
    previous = ""
    for line in plain.splitlines():
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', "…", line)
        if "\t" in line or line != line.rstrip():
            faults.append(f"tab or space at the end: {line!r}")
        elif re.search(r",(?!\S)|; *\S", bare.split("#")[0]):
            faults.append(f"more than one value: {line!r}")
        elif line and line[0] not in " #@" and not line.startswith(("])", "] .")):
            if previous and not previous.startswith("#"):
                faults.append(f"no empty line before the block: {line!r}")
            if line.endswith((" ;", " .")):
                faults.append(f"the subject does not stand alone: {line!r}")
            if line in subjects and line != "[]":
                faults.append(f"a second block: {line!r}")
            subjects.append(line)
        elif line.startswith(" ") and (len(line) - len(line.lstrip())) % 4:
            faults.append(f"not indented by four spaces a level: {line!r}")
        previous = line
    return faults


def order_faults(text: str) -> list[str]:
    """Blocks that do not follow the alphabet: IRIs in angle brackets first, comments start anew."""
    faults = []
    last = ""
    for line in text.splitlines():
        if line.startswith(("# ", "[]")):
            last = ""
        elif re.match(r"[a-z-]+:\S+$", line):
            if line.lower() < last:
                faults.append(f"out of order: {line!r}")
            last = line.lower()
    return faults


def prefix_faults(text: str) -> list[str]:
    """Prefixes that are declared but not used."""
    declared = re.findall(r"^@prefix (\S*): <.*> \.$", text, re.MULTILINE)
    body = re.sub(r"^@prefix.*$", "", text, flags=re.MULTILINE)
    return [f"prefix not used: {p}" for p in declared if not re.search(rf"(?<![\w-]){re.escape(p)}:\S", body)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_has_one_term_a_block_and_one_value_a_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatting_faults(text) == []
    assert prefix_faults(text) == []


@pytest.mark.parametrize(
    "path", [ONTOLOGY / "sikkerby.ttl", ONTOLOGY / "alignments.ttl", *CODE_LISTS], ids=lambda path: path.name
)
def test_terms_follow_the_alphabet(path: Path) -> None:
    assert order_faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('ex:A\n    rdfs:label "a"@da, "b"@da .\n', ""),
        ('ex:A\n    rdfs:label "a"@da ,\n        "b"@da .\n', "more than one value"),
        ("ex:A\n    a owl:Class ; a ex:B .\n", "more than one value"),
        ("ex:A a owl:Class .\n", "does not stand alone"),
        ("ex:A\n    a owl:Class .\nex:B\n    a owl:Class .\n", "no empty line"),
        ("ex:A\n    a owl:Class .\n\nex:A\n    a ex:B .\n", "a second block"),
        ("ex:A\n  a owl:Class .\n", "four spaces"),
        ("ex:A\n\ta owl:Class .\n", "tab or space"),
        ("ex:A\n    a owl:Class . \n", "tab or space"),
        ("ex:A\n    a owl:Class .", "one line end"),
    ],
)
def test_faulty_layout_is_found(text: str, fault: str) -> None:
    faults = formatting_faults(text)
    assert len(faults) == 1
    assert (fault or "more than one value") in faults[0]


def test_right_layout_passes() -> None:
    text = (
        "# A comment, with a comma; and more.\n\n<https://example.org/a,b;c>\n    a owl:Ontology ;\n"
        '    dct:title "one, two; three"@en ;\n    sh:select """\n  SELECT *, x ; y\n"""  .\n\n'
        "[]\n    owl:members (\n        ex:A\n    ) .\n\n"
        "[]\n    a ex:B ;\n    ex:has [\n        ex:x 1 ;\n    ] .\n"
    )
    assert formatting_faults(text.replace('"""  .', '""" .')) == []


def test_faulty_order_and_idle_prefix_are_found() -> None:
    assert order_faults("ex:B\n\nex:A\n") == ["out of order: 'ex:A'"]
    assert order_faults("# Classes\nex:B\n\n# Properties\nex:a\n") == []
    assert prefix_faults("@prefix ex: <x:> .\n@prefix y: <y:> .\n\nex:A\n    a ex:B .\n") == [
        "prefix not used: y"
    ]


# --- Files -------------------------------------------------------------------------------------------


def declared(files: Iterable[Path] = FILES) -> dict[str, str]:
    """IRI → type of every term, concept, scheme and ontology that the files declare."""
    return {
        quad.subject.value: quad.object.value
        for file in files
        for quad in parse_file(file)
        if quad.predicate.value == RDF.type
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, NamedNode)
        and quad.object.value in TERM_TYPES
    }


@pytest.mark.parametrize("path", CODE_LISTS, ids=lambda path: path.stem)
def test_code_list_file_holds_one_scheme_of_its_name(path: Path) -> None:
    types = declared([path])
    scheme = f"{BASE}concept/{path.stem}"
    assert [iri for iri in types if types[iri] == SKOS.ConceptScheme] == [scheme]
    assert all(iri == scheme or iri.startswith(f"{scheme}/") for iri in types)


def test_code_lists_stand_in_their_folder_only() -> None:
    elsewhere = declared(file for file in FILES if file not in CODE_LISTS)
    assert not {SKOS.Concept, SKOS.ConceptScheme} & set(elsewhere.values())


# --- Versions ----------------------------------------------------------------------------------------


def compatible(version: str) -> str:
    """What all versions share that must keep each other's terms: 1.2.3 → 1; before 1.0.0, 0.2.3 → 0.2."""
    major, minor, _ = version.split(".")
    return major if major != "0" else f"0.{minor}"


def withdrawn(published: Iterable[str], version: str, terms: Iterable[str], now: str) -> list[str]:
    """The terms of a published version that are gone although the version of today promises to keep them."""
    if compatible(version) != compatible(now):
        return []
    return sorted(set(published) - set(terms))


def version_of_today() -> str:
    text = (ONTOLOGY / "sikkerby.ttl").read_text(encoding="utf-8")
    match = re.search(r'owl:versionInfo "(.*)"', text)
    assert match
    return match[1]


@pytest.mark.parametrize("path", RELEASES, ids=lambda path: path.stem)
def test_no_published_term_is_withdrawn(path: Path) -> None:
    published = path.read_text(encoding="utf-8").split()
    gone = withdrawn(published, path.stem, declared(), version_of_today())
    assert gone == [], "keep them with owl:deprecated true and dct:isReplacedBy, or raise the version"


def test_terms_of_a_version_are_on_record() -> None:
    assert f"{version_of_today()}.txt" in {path.name for path in RELEASES}


def test_withdrawn_term_is_found_until_the_version_allows_it() -> None:
    assert withdrawn(["a", "b"], "1.0.0", ["a", "c"], "1.1.0") == ["b"]
    assert withdrawn(["a", "b"], "0.1.0", ["a"], "0.1.1") == ["b"]
    assert withdrawn(["a", "b"], "0.1.0", ["a"], "0.2.0") == []
    assert withdrawn(["a", "b"], "1.4.0", ["a"], "2.0.0") == []
    assert withdrawn(["a"], "1.0.0", ["a", "b"], "1.0.1") == []
