"""Each demand of a shape that makes several is shown by a mistake that breaks it and nothing else.

The mistakes are in ontology/examples/<shape>/demands.diff, as changes of what passes. All are validated at
once, each in a world of its own. A shape with a single demand is shown by fail.trig (test_shapes), and what
is inside a demand is seen to by test_shape_parts.
"""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from sikkerby_kg.errors import ContentError
from sikkerby_kg.folders import find_folders
from sikkerby_kg.namespaces import local_name
from sikkerby_kg.shape_rules import RULES, Shape
from sikkerby_kg.validation import ValidationResult, load_shapes, validate
from sikkerby_kg.validation.explanation import rules_of
from sikkerby_kg.validation.mistakes import Mistake, read_mistakes
from sikkerby_kg.validation.scope import Source
from tests.made_up import ROOT, apart, background, mistakes, number_of, with_mistake

MISTAKES = mistakes()
PARAMETERS = {name.lower(): name for name in RULES}


def demands(shape: Shape) -> Counter[str]:
    """The single demands of a shape, as the parts of a file of mistakes are called."""
    listed = ("in", "languageIn", "and", "or", "xone")
    return Counter(
        f"{local_name(shape.iri)} sh:{rule.name}"
        for rule in shape.rules
        if rule.name != "qualifiedValueShape"
        for _ in (rule.values[:1] if rule.name in listed else rule.values)
    )


def shown(mistake: Mistake) -> str:
    return f"{mistake.shape} sh:{mistake.demand}"


def broken(result: ValidationResult) -> str:
    """The demand that a result is about."""
    component = local_name(result.component).removesuffix("ConstraintComponent")
    return f"{local_name(str(result.shape))} sh:{PARAMETERS[component.lower()]}"


def test_each_demand_of_a_shape_that_makes_several_has_a_mistake() -> None:
    found = [demands(each) for each in rules_of(find_folders(ROOT)).values()]
    several = [each for each in found if each.total() > 1]
    assert len(several) > 60
    given = Counter(shown(each) for _, each in MISTAKES)
    assert sorted((sum(several, Counter()) - given).elements()) == []
    assert sorted(given.keys() - sum(found, Counter()).keys()) == []


def test_a_mistake_stands_in_the_folder_of_its_shape() -> None:
    assert [shown(each) for folder, each in MISTAKES if not f"{each.shape}-".startswith(f"{folder}-")] == []


def test_each_mistake_breaks_its_demand_and_nothing_else() -> None:
    """But for those that ``# also:`` names; path and demand are those of the shape that finds it."""
    sources = [
        *background(),
        *(
            Source(shown(each), tuple(apart(with_mistake(folder, each), number)))
            for number, (folder, each) in enumerate(MISTAKES)
        ),
    ]
    report = validate(sources, load_shapes(find_folders(ROOT)))
    assert report.fallbacks == ()
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for result in report.results:
        found[number_of(result.focus)][broken(result)] += 1
    wrong = {
        f"{number} {shown(each)}": sorted(found[number].elements())
        for number, (_, each) in enumerate(MISTAKES)
        if found[number] != Counter([shown(each), *each.also])
    }
    assert wrong == {}


# --- The files of mistakes --------------------------------------------------------------------


def test_a_file_of_mistakes_is_read_part_by_part(tmp_path: Path) -> None:
    path = tmp_path / "demands.diff"
    path.write_text(
        "# boats\n@@ Boat-owner sh:minCount @@\n- h:ib h:owns h:boat .\n\n"
        "@@ Boat-owner sh:class @@\n# also: ValueClass sh:sparql; Boat sh:not\n+ h:a\n+     a h:B .\n"
    )
    first, second = read_mistakes(path, path.name)
    assert first == Mistake("Boat-owner", "minCount", ("- h:ib h:owns h:boat .",))
    assert second.also == ("ValueClass sh:sparql", "Boat sh:not")
    assert second.statements("+") == " h:a\n     a h:B ."
    assert second.statements("-") == ""
    assert read_mistakes(tmp_path / "none.diff", "none.diff") == ()


@pytest.mark.parametrize("line", ["h:ib h:owns h:boat .", "-h:ib", "@@ Boat-owner minCount @@"])
def test_a_line_of_another_form_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "demands.diff"
    path.write_text(f"@@ Boat-owner sh:minCount @@\n- h:ib h:owns h:boat .\n{line}\n")
    with pytest.raises(ContentError, match=r"demands\.diff:3: .*@@ shape sh:demand @@"):
        read_mistakes(path, path.name)
