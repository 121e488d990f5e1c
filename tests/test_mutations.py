"""A slip of the hand in our own content is noticed, or it is known why not."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from sikkerby_kg.folders import find_folders
from sikkerby_kg.validation import Shapes, ValidationResult, load_shapes, validate
from sikkerby_kg.validation.scope import scopes
from tests.mutants import OPERATORS, Mutant, World, batches, mutants, noticed

ROOT = Path(__file__).parent.parent
CANDIDATES = 8
"""How many mistakes of a kind there are to choose from, so that many can be made at once."""


def listed() -> list[tuple[str, str]]:
    """The kinds of mistakes that need not be noticed: operator and property."""
    entries = tomllib.loads((ROOT / "tests" / "unnoticed.toml").read_text(encoding="utf-8"))["unnoticed"]
    return [(each["operator"], name) for each in entries for name in each["properties"]]


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return load_shapes(find_folders(ROOT))


@pytest.fixture(scope="module")
def world() -> World:
    (sources,) = scopes(find_folders(ROOT))
    return World(sources)


@pytest.fixture(scope="module")
def groups(world: World) -> list[list[Mutant]]:
    return batches(world, mutants(world, CANDIDATES))


@pytest.fixture(scope="module")
def known(world: World, shapes: Shapes) -> Counter[tuple[object, ...]]:
    """What is found in our content as it is."""
    return Counter(map(key, validate(world.sources, shapes).results))


def key(result: ValidationResult) -> tuple[object, ...]:
    return (result.focus, result.path, result.value, result.shape, result.component, result.messages)


def unnoticed(
    world: World, shapes: Shapes, known: Counter[tuple[object, ...]], group: Iterable[Mutant]
) -> set[tuple[str, str]]:
    """The kinds of the mistakes in a group about which no result comes."""
    members = list(group)
    report = validate(world.spoilt(members), shapes)
    seen = noticed(world, members, [each for each in report.results if key(each) not in known])
    return {each.key for each in members if each not in seen}


def test_the_list_names_each_kind_once_with_a_reason() -> None:
    kinds = listed()
    assert len(kinds) == len(set(kinds))
    assert {operator for operator, _ in kinds} <= {*OPERATORS, "second", "undescribed"}
    entries = tomllib.loads((ROOT / "tests" / "unnoticed.toml").read_text(encoding="utf-8"))["unnoticed"]
    assert all(len(each["why"]) > 10 for each in entries)


def test_a_sample_of_mistakes_is_noticed_or_listed(
    world: World, shapes: Shapes, known: Counter[tuple[object, ...]], groups: list[list[Mutant]]
) -> None:
    """The largest group: more than a hundred mistakes, far from each other."""
    largest = max(groups, key=len)
    assert len(largest) > 100
    found = unnoticed(world, shapes, known, largest)
    assert found - set(listed()) == set()
    assert len(found) < len(largest)


@pytest.mark.slow
def test_every_kind_of_mistake_is_noticed_or_listed_and_none_is_listed_in_vain(
    world: World, shapes: Shapes, known: Counter[tuple[object, ...]], groups: list[list[Mutant]]
) -> None:
    made = {each.key for group in groups for each in group}
    found = {kind for group in groups for kind in unnoticed(world, shapes, known, group)}
    assert {operator for operator, _ in made} == {*OPERATORS, "second", "undescribed"}
    assert found - set(listed()) == set()
    assert set(listed()) - found == set()
