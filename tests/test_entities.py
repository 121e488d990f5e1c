"""A thing is found by IRI, CURIE, the end of its IRI, or its name."""

from pathlib import Path

import pytest

from sikkerby_kg import KnowledgeGraph, open_graph
from sikkerby_kg.errors import UnknownNameError

TING = "https://ravnsholm.example/graf/ting/"


@pytest.mark.parametrize(
    "text",
    [
        TING + "lantern-plan",
        f"<{TING}lantern-plan>",
        "t:lantern-plan",
        "lantern-plan",
        "ting/lantern-plan",
        " lantern-plan ",
        "lygteplanen",
        "Lygteplanen",
        "the lantern plan",
    ],
)
def test_many_ways_to_say_one_thing(city: KnowledgeGraph, text: str) -> None:
    assert city.resolve(text) == TING + "lantern-plan"


def test_what_is_only_pointed_at_is_found(city: KnowledgeGraph) -> None:
    assert city.resolve("sik:ActionPlan") == "https://w3id.org/sikkerby-kg/model/ActionPlan"
    assert city.resolve("dct:replaces") == "http://purl.org/dc/terms/replaces"


@pytest.mark.parametrize("text", ["lanternplan", "t:lanternplan"])
def test_an_unknown_thing_proposes_close_ones(city: KnowledgeGraph, text: str) -> None:
    with pytest.raises(UnknownNameError, match="Close to it: t:lantern-plan"):
        city.resolve(text)


@pytest.mark.parametrize("text", ["qqqqqqq", "", "http://e/a b", '" } DROP ALL #', "x:y"])
def test_an_unknown_thing_that_nothing_is_like_gets_no_proposal(city: KnowledgeGraph, text: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        city.resolve(text)
    assert repr(text) in str(caught.value)
    assert "Close to it" not in str(caught.value)


def test_a_name_of_several_things_asks_which(make_root: Path) -> None:
    (make_root / "data/a.trig").write_text(
        "<http://e/g> { <http://e/> a <http://www.w3.org/ns/dcat#Dataset> ; "
        '<http://rdfs.org/ns/void#uriSpace> "http://e/" . '
        "<http://e/id/plan/x> a <http://e/y> . <http://e/id/fund/x> a <http://e/y> . "
        "<http://e/concept/y/x> a <http://e/y> }",
        encoding="utf-8",
    )
    graph = open_graph(make_root)
    with pytest.raises(UnknownNameError, match=r"'x' may mean: id/fund/x, id/plan/x\. Write one of them"):
        graph.resolve("x")
    assert graph.resolve("plan/x") == "http://e/id/plan/x"
    assert graph.resolve("y/x") == "http://e/concept/y/x"
