"""A slip of the hand in our own content is noticed, or it is known why not."""

import tomllib
from pathlib import Path

import pytest

from sikkerby_kg.dataset import in_graphs
from sikkerby_kg.errors import ContentError
from sikkerby_kg.validation.scope import Source, source_of
from tests.mutants import OPERATORS, TEXT_OPERATORS, Mutant, mutants, slips
from tests.noticing import Judge

ROOT = Path(__file__).parent.parent
Kind = tuple[str, str]


def reasons() -> dict[Kind, str]:
    """The kinds of mistakes that need not be noticed, operator and property, and why not."""
    found = tomllib.loads((ROOT / "tests" / "unnoticed.toml").read_text(encoding="utf-8"))
    return {(operator, name): why for operator, lines in found.items() for name, why in lines.items()}


def listed() -> set[Kind]:
    return set(reasons())


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(ROOT)


@pytest.fixture(scope="module")
def made(judge: Judge) -> dict[Kind, list[Mutant]]:
    return mutants(judge.world)


def test_the_list_gives_a_reason_for_each_kind_that_can_be_made(made: dict[Kind, list[Mutant]]) -> None:
    assert listed() <= made.keys()
    assert {operator for operator, _ in made} == {*OPERATORS, "second", "undescribed"}
    assert [kind for kind, why in reasons().items() if len(why) < 20 or not why.endswith((".", ")"))] == []


def test_one_mistake_of_every_kind_is_noticed_or_listed(judge: Judge, made: dict[Kind, list[Mutant]]) -> None:
    """The first of each kind, made alone; the others, and what is listed, wait for the slow run."""
    kinds = sorted(made.keys() - listed())
    assert len(kinds) > 200
    assert [kind for kind in kinds if not judge.notices(made[kind][0])] == []


@pytest.mark.slow
def test_every_mistake_is_noticed_or_its_kind_listed_and_none_is_listed_in_vain(
    judge: Judge, made: dict[Kind, list[Mutant]]
) -> None:
    """All of them, each made alone. One of a kind that is not noticed is enough to be listed."""
    unnoticed = {kind for kind, several in made.items() if not all(map(judge.notices, several))}
    assert unnoticed - listed() == set()
    assert listed() - unnoticed == set()


@pytest.mark.slow
def test_what_is_noticed_where_a_mistake_was_made_is_a_result_of_a_validation_of_everything(
    judge: Judge, made: dict[Kind, list[Mutant]]
) -> None:
    """Looking at a few things only is quick; it must not tell of more than a validation does."""
    kinds = sorted(made)[::7]
    near = [made[kind][0] for kind in kinds if judge.content.tells(made[kind][0])]
    assert len(near) > 20
    invented = [
        mutant.key for mutant in near if not judge.results_of(judge.world.spoilt(mutant)) - judge.results
    ]
    assert invented == []


@pytest.mark.parametrize("operator", TEXT_OPERATORS)
def test_a_slip_in_the_text_of_a_file_is_told_with_its_line(operator: str, judge: Judge) -> None:
    """In every file of the data, at one place each; what can still be read gives a result."""
    unnoticed, count = [], 0
    for path in sorted((ROOT / "data").rglob("*.trig")):
        name = path.relative_to(ROOT).as_posix()
        for number, text in slips(operator, path.read_text(encoding="utf-8")):
            count += 1
            try:
                read = source_of(name, text.encode(), ".trig")
                in_graphs(text.encode(), ".trig", name)
            except ContentError as error:
                if not number <= (error.line or 0) <= number + 2:
                    unnoticed.append((name, number, error.line))
                continue
            others = [each for each in judge.world.sources if each.name != name]
            if not judge.results_of([*others, Source(name, read.quads)]) - judge.results:
                unnoticed.append((name, number, 0))
    assert count > 10
    assert unnoticed == []
