"""How many results of a shape are told to people one by one, so that a report can still be read."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sikkerby_kg.validation.report import ValidationResult
from sikkerby_kg.validation.writers.document import rule_of

MOST = 200
"""Results of one shape that are told; the others are counted. Formats for programs have them all."""


def limited(results: Iterable[ValidationResult]) -> tuple[list[ValidationResult], Mapping[str, int]]:
    """The results to tell, in their order, and how many more there are: IRI of the shape → number."""
    counts: Counter[str] = Counter()
    kept = []
    for each in results:
        rule = rule_of(each)
        counts[rule] += 1
        if counts[rule] <= MOST:
            kept.append(each)
    return kept, {rule: count - MOST for rule, count in counts.items() if count > MOST}
