"""The W3C test suite for SHACL, against our engine: what it gives is what the suite expects.

The suite is not part of this repository. Name a checkout of https://github.com/w3c/data-shapes to run it::

    SIKKERBY_SHACL_TESTS=…/data-shapes pytest tests/conformance
"""

import os
from pathlib import Path

import pytest

from tests.conformance.shacl import Case, cases, outcomes

SETTING = "SIKKERBY_SHACL_TESTS"
BEYOND_PYSHACL = {"uniqueLang-002", "prefixes-001", "shapesGraph-001"}
"""What our engine passes and pySHACL does not."""


def _collected() -> list[Case]:
    root = os.environ.get(SETTING)
    return list(cases(Path(root).resolve())) if root else []


CASES = _collected()


@pytest.mark.skipif(not CASES, reason=f"{SETTING} names no checkout of w3c/data-shapes")
@pytest.mark.filterwarnings("ignore:Parsing weird boolean:UserWarning")  # rdflib, on a literal of the suite
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.suite}-{case.name}")
def test_the_engine_gives_what_the_suite_expects(case: Case) -> None:
    found, _ = outcomes(case)
    assert found == case.expected
    if case.name not in BEYOND_PYSHACL:
        assert outcomes(case, by_reference=True)[0] == found
