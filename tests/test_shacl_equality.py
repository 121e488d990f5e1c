"""The fast engine gives what pySHACL gives: result by result, field by field, places apart.

pySHACL is the reference. Both are asked about our own content, and about what the shapes' fixtures hold.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.policy import write_policy
from sikkerby_kg.dataset import parse_file
from sikkerby_kg.folders import find_folders
from sikkerby_kg.validation import Shapes, ValidationReport, ValidationResult, load_shapes, validate
from sikkerby_kg.validation.scope import Source, scopes

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent.parent / "ontology" / "examples"
FOLDERS = find_folders(ROOT)
NAMES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return load_shapes(FOLDERS)


def background() -> list[Source]:
    paths = [
        ROOT / "ontology" / "sikkerby.ttl",
        *sorted((ROOT / "ontology" / "codelists").glob("*.ttl")),
        FIXTURES / "world.trig",
    ]
    return [
        Source(path.name, tuple(parse_file(path)), is_asked_for=False, is_background=True) for path in paths
    ]


def unplaced(report: ValidationReport) -> set[ValidationResult]:
    return {replace(each, places=()) for each in report.results}


def require_equal(sources: list[Source], shapes: Shapes) -> ValidationReport:
    """Both reports say the same; gives the fast one."""
    fast = validate(sources, shapes)
    reference = validate(sources, shapes, by_reference=True)
    ours, theirs = unplaced(fast), unplaced(reference)
    assert sorted(map(str, ours - theirs)) == []
    assert sorted(map(str, theirs - ours)) == []
    assert (fast.labels, fast.prefixes, fast.files) == (
        reference.labels,
        reference.prefixes,
        reference.files,
    )
    return fast


def test_our_own_content_gets_the_same_report_and_no_shape_falls_back(shapes: Shapes) -> None:
    (sources,) = scopes(FOLDERS)
    report = require_equal(sources, shapes)
    assert len(report.results) > 5
    assert report.fallbacks == ()


def test_all_fixtures_together_get_the_same_report(shapes: Shapes) -> None:
    """All that is wrong and all that is right in one graph, where it mixes."""
    sources = [
        Source(f"{name}/{path.name}", tuple(parse_file(path)))
        for name in NAMES
        for path in sorted((FIXTURES / name).glob("*.trig"))
    ]
    report = require_equal([*sources, *background()], shapes)
    assert len({each.shape for each in report.results}) > 140


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["pass", "fail"])
def test_a_fixture_gets_the_same_report(name: str, kind: str, shapes: Shapes) -> None:
    (path,) = (FIXTURES / name).glob(f"{kind}.*")
    require_equal([Source(path.name, tuple(parse_file(path))), *background()], shapes)


@pytest.mark.slow
def test_made_up_policy_with_mistakes_gets_the_same_report(shapes: Shapes, tmp_path: Path) -> None:
    data = tmp_path / "policy.ttl"
    write_policy(data, 10_000)
    report = require_equal([Source("policy.ttl", tuple(parse_file(data))), *background()], shapes)
    assert len(report.results) > 50
    assert report.fallbacks == ()
