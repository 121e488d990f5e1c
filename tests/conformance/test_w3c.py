"""The W3C test suite for SPARQL, against our endpoint: whatever the engine itself passes, it passes too.

The suite is not part of this repository. Name a checkout of https://github.com/w3c/rdf-tests to run it::

    SIKKERBY_W3C_TESTS=…/rdf-tests pytest tests/conformance
"""

import os
from pathlib import Path

import pytest

from tests.conformance.running import engine, ours
from tests.conformance.suite import Case, cases

SETTING = "SIKKERBY_W3C_TESTS"
NOT_FOR_AN_ENGINE = ("ProtocolTest", "ServiceDescriptionTest")


def _collected() -> list[Case]:
    root = os.environ.get(SETTING)
    return list(cases(Path(root).resolve())) if root else []


CASES = _collected()


@pytest.mark.skipif(not CASES, reason=f"{SETTING} names no checkout of w3c/rdf-tests")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_endpoint_passes_what_the_engine_passes(case: Case) -> None:
    outcome = ours(case)
    if outcome == "refused":
        pytest.skip("refused on purpose: the service is read-only and calls no other")
    if outcome == "failed" and case.kind not in NOT_FOR_AN_ENGINE and engine(case) == "failed":
        pytest.skip("the engine does not pass it either")
    assert outcome == "passed"
