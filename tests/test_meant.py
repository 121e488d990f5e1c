"""A misspelt class or property of the model is told with the one that was meant."""

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from sikkerby_kg.folders import find_folders
from sikkerby_kg.validation import Shapes, load_shapes, validate
from sikkerby_kg.validation.scope import Source, read_source

ROOT = Path(__file__).parent.parent
HEAD = "@prefix sik: <https://w3id.org/sikkerby-kg/model/> . @prefix ex: <https://example.org/> . "


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return load_shapes(find_folders(ROOT))


@pytest.mark.parametrize(
    ("statement", "shape", "meant"),
    [
        ("ex:plan sik:validtyPeriod ex:years .", "KnownProperty", "validityPeriod"),
        ("ex:plan sik:ValidityPeriod ex:years .", "KnownProperty", "validityPeriod"),
        ("ex:area a sik:FocusAera .", "KnownClass-type", "FocusArea"),
    ],
)
def test_a_misspelt_term_of_the_model_is_told_with_the_one_meant(
    statement: str, shape: str, meant: str, shapes: Shapes
) -> None:
    model = read_source(ROOT / "ontology" / "sikkerby.ttl", "sikkerby.ttl")
    quads = tuple(parse(HEAD + statement, format=RdfFormat.TURTLE))
    results = validate([Source("slip.ttl", quads), model], shapes).results
    (told,) = (each for each in results if str(each.shape).endswith(f"/{shape}"))
    assert {lang for lang, _ in told.messages} == {"da", "en"}
    assert all(f"https://w3id.org/sikkerby-kg/model/{meant}" in message for _, message in told.messages)


def test_without_a_model_there_is_nothing_to_mean(shapes: Shapes) -> None:
    owner = (
        "ex:it <http://purl.org/vocab/vann/preferredNamespaceUri> 'https://w3id.org/sikkerby-kg/model/' . "
    )
    quads = tuple(parse(HEAD + owner + "ex:plan sik:validtyPeriod ex:years .", format=RdfFormat.TURTLE))
    results = validate([Source("slip.ttl", quads)], shapes).results
    (told,) = (each for each in results if str(each.shape).endswith("/KnownProperty"))
    assert all("{?close}" not in message and "–" in message for _, message in told.messages)
