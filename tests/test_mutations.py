"""A slip of the hand in our own content is noticed, or it is known why not."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, serialize

from sikkerby_kg.checks import Check, load_checks, run_checks
from sikkerby_kg.dataset import in_graphs, union
from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.local import LocalStore
from sikkerby_kg.validation import Shapes, load_shapes, validate
from sikkerby_kg.validation.scope import Source, scopes, source_of
from tests.mutants import OPERATORS, TEXT_OPERATORS, Mutant, World, mutants, slips

ROOT = Path(__file__).parent.parent
EACH = 2
"""How many mistakes of a kind are made in all; the default run makes one of every few kinds."""
EVERY = 12
Kind = tuple[str, str]


def listed() -> list[Kind]:
    """The kinds of mistakes that need not be noticed: operator and property."""
    entries = tomllib.loads((ROOT / "tests" / "unnoticed.toml").read_text(encoding="utf-8"))["unnoticed"]
    return [(each["operator"], name) for each in entries for name in each["properties"]]


class Judge:
    """Tells whether anything notices a mistake: a shape, a check of the ontology, or the reader of files."""

    def __init__(self) -> None:
        folders = find_folders(ROOT)
        (sources,) = scopes(folders)
        self.world = World([Source(each.name, each.quads) for each in sources])  # lines are not asked for
        self.shapes: Shapes = load_shapes(folders)
        self.checks: Sequence[Check] = load_checks(folders)
        self.results = self._results(self.world.sources)
        self.violations = self._violations(self.world.sources)

    def _results(self, sources: Sequence[Source]) -> Counter[tuple[object, ...]]:
        return Counter(
            (each.focus, each.path, each.value, each.shape, each.component, each.messages)
            for each in validate(sources, self.shapes).results
        )

    def _violations(self, sources: Sequence[Source]) -> set[object]:
        store = Store()
        store.bulk_extend(union(quad for each in sources for quad in each.quads))
        return set(run_checks(LocalStore(store, "memory"), self.checks))

    def notices(self, mutant: Mutant) -> bool:
        """Whether anything is told of a mistake that is made alone."""
        spoilt = self.world.spoilt(mutant)
        return (
            self._results(spoilt) - self.results != Counter()
            or not self._violations(spoilt) <= self.violations
            or self._is_unreadable(mutant)
        )

    def _is_unreadable(self, mutant: Mutant) -> bool:
        """Whether the file, written as text, can no longer be read as a file of the content."""
        (file,) = (each for each in self.world.sources if each.name == mutant.file)
        text = serialize(self.world.spoilt_file(mutant, file).quads, format=RdfFormat.TRIG)
        assert text is not None
        try:
            in_graphs(text, ".trig", mutant.file)
        except ContentError:
            return True
        return False


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


@pytest.fixture(scope="module")
def made(judge: Judge) -> dict[Kind, list[Mutant]]:
    return mutants(judge.world, EACH)


def test_the_list_names_each_kind_once_with_a_reason(made: dict[Kind, list[Mutant]]) -> None:
    kinds = listed()
    assert [each for each, count in Counter(kinds).items() if count > 1] == []
    assert set(kinds) <= made.keys()
    assert {operator for operator, _ in made} == {*OPERATORS, "second", "undescribed"}
    entries = tomllib.loads((ROOT / "tests" / "unnoticed.toml").read_text(encoding="utf-8"))["unnoticed"]
    assert all(len(each["why"]) > 10 for each in entries)


def test_a_sample_of_mistakes_is_noticed_or_listed(judge: Judge, made: dict[Kind, list[Mutant]]) -> None:
    """One of every few kinds, each made alone; those that are listed wait for the slow run."""
    kinds = sorted(made.keys() - set(listed()))[::EVERY]
    assert len(kinds) > 15
    assert [kind for kind in kinds if not judge.notices(made[kind][0])] == []


@pytest.mark.slow
def test_every_kind_of_mistake_is_noticed_or_listed_and_none_is_listed_in_vain(
    judge: Judge, made: dict[Kind, list[Mutant]]
) -> None:
    """Each is made alone. One of a kind that is not noticed is enough to be listed."""
    unnoticed = {kind for kind, several in made.items() if not all(map(judge.notices, several))}
    assert unnoticed - set(listed()) == set()
    assert set(listed()) - unnoticed == set()


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
            if not judge._results([*others, Source(name, read.quads)]) - judge.results:
                unnoticed.append((name, number, 0))
    assert count > 10
    assert unnoticed == []
