"""Writes the table of the README, and what does not pass: ``python -m tests.conformance.table CHECKOUT``."""

import sys
from collections import Counter
from pathlib import Path

from tests.conformance.running import engine, ours
from tests.conformance.suite import GROUPS, cases
from tests.conformance.test_w3c import NOT_FOR_AN_ENGINE


def main(root: Path) -> None:
    """Run every test twice and write what happened."""
    counts: Counter[tuple[str, str]] = Counter()
    notes = []
    for case in cases(root.resolve()):
        mine = ours(case)
        its = "none" if case.kind in NOT_FOR_AN_ENGINE else engine(case)
        counts.update([(case.group, "tests"), (case.group, f"ours {mine}"), (case.group, f"engine {its}")])
        if mine != "passed" or its == "failed":
            notes.append(f"{case.group}: {case.id} ({case.kind}): ours {mine}, engine {its}")
    write = sys.stdout.write
    write("| | tests | our endpoint | refused on purpose | the engine itself |\n|---|---|---|---|---|\n")
    for group in GROUPS:
        columns = ("tests", "ours passed", "ours refused", "engine passed")
        numbers = [str(counts[group, column]) for column in columns]
        if counts[group, "engine none"]:
            numbers[-1] = "–"
        write(f"| {group} | {' | '.join(numbers)} |\n")
    write("\n" + "".join(f"{note}\n" for note in notes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
