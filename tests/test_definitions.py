"""What a definition must not do beyond what a query can see: repeat its term in another form, run in a ring.

After the Danish modelling rules (FDA, chapter 3).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from sikkerby_kg.dataset import parse_file
from sikkerby_kg.namespaces import OWL, RDF, RDFS, SKOS, local_name

ROOT = Path(__file__).parent.parent
LANGUAGES = ("da", "en")
# Words that carry no meaning of their own in a term.
EMPTY = {
    "da": frozenset(re.split(" ", "af at den der det en er et for fra har i inden med og om på som til ved")),
    "en": frozenset(
        re.split(" ", "a an and as by for from has in is it of on or that the to was which with")
    ),
}
ENDINGS = {
    "da": ("ernes", "erne", "enes", "ene", "ens", "ets", "er", "en", "et", "es", "e", "s", "t"),
    "en": ("ies", "ing", "ed", "es", "s", "y"),
}
SHORTEST_STEM = 4


@dataclass(frozen=True)
class Defined:
    """A term or concept with its label and definition in one language."""

    name: str
    lang: str
    label: str
    definition: str
    is_class: bool = False


def stem(word: str, lang: str) -> str:
    """A word without its grammatical ending, so that forms of one word become equal."""
    for ending in ENDINGS[lang]:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def stems(text: str, lang: str) -> list[str]:
    """The stems of the words of a text that carry meaning."""
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", text.lower())
    return [stem(word, lang) for word in words if word not in EMPTY[lang]]


def repeats_itself(entry: Defined) -> bool:
    """Whether the definition holds all meaningful words of the label, in any form and order."""
    name = set(stems(entry.label, entry.lang))
    return bool(name) and name <= set(stems(entry.definition, entry.lang))


def mentions(entry: Defined, other: Defined) -> bool:
    """Whether the definition of one holds the label of the other, word after word, in any form."""
    text, name = stems(entry.definition, entry.lang), stems(other.label, entry.lang)
    return any(text[i : i + len(name)] == name for i in range(len(text) - len(name) + 1))


def ring(entries: Mapping[str, Defined]) -> list[str]:
    """The names of the first definitions that explain each other in a ring; empty if none do."""
    leads = {a: [b for b in entries if a != b and mentions(entries[a], entries[b])] for a in entries}
    for start in entries:
        paths = [[start]]
        while paths:
            path = paths.pop()
            for following in leads[path[-1]]:
                if following == start:
                    return path
                if following not in path:
                    paths.append([*path, following])
    return []


def defined_terms() -> Iterator[Defined]:
    """Every term and concept of our ontology that has a definition, once in each language."""
    labels: dict[tuple[str, str], str] = {}
    definitions: dict[tuple[str, str], str] = {}
    classes = set()
    for path in (ROOT / "ontology").rglob("*.ttl"):
        for quad in parse_file(path):
            if not isinstance(quad.subject, NamedNode):
                continue
            if isinstance(quad.object, Literal) and quad.object.language:
                key = (quad.subject.value, quad.object.language)
                if quad.predicate.value in (RDFS.label, SKOS.prefLabel):
                    labels[key] = quad.object.value
                elif quad.predicate.value == SKOS.definition:
                    definitions[key] = quad.object.value
            elif quad.predicate.value == RDF.type and quad.object == NamedNode(OWL.Class):
                classes.add(quad.subject.value)
    for (iri, lang), definition in definitions.items():
        yield Defined(local_name(iri), lang, labels[iri, lang], definition, iri in classes)


TERMS = tuple(defined_terms())


@pytest.mark.parametrize("entry", TERMS, ids=lambda entry: f"{entry.name}-{entry.lang}")
def test_definition_does_not_repeat_its_term_in_another_form(entry: Defined) -> None:
    assert not repeats_itself(entry), f"{entry.label!r} is explained by itself: {entry.definition!r}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_definitions_of_classes_run_in_no_ring(lang: str) -> None:
    assert ring({entry.name: entry for entry in TERMS if entry.lang == lang and entry.is_class}) == []


@pytest.mark.parametrize(
    ("lang", "label", "definition"),
    [
        ("da", "handleplan", "samling af handleplaner"),
        ("da", "har tilføjet fokusområde", "forbinder et princip med et fokusområde, der er tilføjet"),
        ("da", "oplyst antal", "angiver det antal, som er oplyst"),
        ("en", "policy event", "event within a policy"),
        ("en", "supports", "connects work with what it supported"),
    ],
)
def test_repeated_term_is_found_in_any_form_and_order(lang: str, label: str, definition: str) -> None:
    assert repeats_itself(Defined("x", lang, label, definition))


@pytest.mark.parametrize(
    ("lang", "label", "definition"),
    [
        ("da", "handleplan", "plan for, hvad der skal gøres"),
        ("da", "har fokusområde", "forbinder et princip med et emne"),
        ("en", "policy event", "event in which an actor decides"),
        ("da", "er", "forbinder noget med noget"),
    ],
)
def test_definition_may_hold_a_part_of_its_term(lang: str, label: str, definition: str) -> None:
    assert not repeats_itself(Defined("x", lang, label, definition))


def test_ring_of_definitions_is_found_however_long() -> None:
    words = ("alpha", "bravo", "charlie", "delta")
    chain = {a: Defined(a, "en", a, f"thing like a {b}") for a, b in pairwise(words)}
    assert ring(chain) == []
    assert ring(chain | {"delta": Defined("delta", "en", "delta", "one of the alphas")}) == list(words)
