"""Terms cannot be misspelt, and CURIEs go both ways."""

import pytest
from hypothesis import given, strategies as st

from sikkerby_kg import KnowledgeGraph, namespaces
from sikkerby_kg.namespaces import MODEL, PREFIXES, SH, SIK, Vocabulary, expand, local_name, shrink


def test_a_misspelt_term_is_an_error() -> None:
    assert SIK.keyPhrase == MODEL + "keyPhrase"
    with pytest.raises(AttributeError):
        _ = SIK.keyPhrases


def test_a_term_may_have_any_name() -> None:
    """``sh:namespace`` is a term, not the namespace of the vocabulary."""
    assert SH.namespace == PREFIXES["sh"] + "namespace"
    assert str(SH) == PREFIXES["sh"]
    assert SH.namespace in set(SH)


def test_vocabularies_use_the_prefix_table() -> None:
    vocabularies = [v for v in vars(namespaces).values() if isinstance(v, Vocabulary)]
    assert {str(v) for v in vocabularies} <= set(PREFIXES.values())


def test_the_terms_of_the_model_that_the_software_knows_exist(graph: KnowledgeGraph) -> None:
    declared = {str(row["t"]) for row in graph.sparql("SELECT ?t { ?t rdfs:isDefinedBy <" + MODEL + "> }")}
    assert set(SIK) - declared == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("skos:prefLabel", PREFIXES["skos"] + "prefLabel"),
        ("sik:", MODEL),
        ("nowhere:x", None),
        ("https://example.org/", None),
        ("no colon", None),
    ],
)
def test_expand(text: str, expected: str | None) -> None:
    assert expand(text) == expected


def test_shrink_takes_the_longest_namespace() -> None:
    prefixes = {"a": "http://e/", "b": "http://e/x/"}
    assert shrink("http://e/x/y", prefixes) == "b:y"
    assert shrink("http://e/z", prefixes) == "a:z"


@pytest.mark.parametrize(
    "iri", ["http://www.w3.org/2004/02/skos/core#", "http://www.w3.org/2004/02/skos/core#a b"]
)
def test_what_would_be_no_curie_stays_an_iri(iri: str) -> None:
    assert shrink(iri) == iri


@given(st.sampled_from(sorted(PREFIXES.values())), st.text(max_size=12))
def test_a_curie_expands_to_what_it_was_made_from(namespace: str, local: str) -> None:
    iri = namespace + local
    assert expand(shrink(iri)) in (iri, None)


@pytest.mark.parametrize(
    ("iri", "name"), [("http://e/a#b", "b"), ("http://e/a/", "a"), ("urn:x:y", "y"), ("#", "#")]
)
def test_local_name(iri: str, name: str) -> None:
    assert local_name(iri) == name
