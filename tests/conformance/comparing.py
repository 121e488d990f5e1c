"""Whether two results are the same, whatever the labels of their blank nodes."""

import csv
from collections import Counter
from io import StringIO

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, Triple

from tests.conformance.suite import Expected, Row, Solutions, Term, normal


def same(found: Expected, wanted: Expected, *, lax: bool = False) -> bool:
    """Whether a result is the expected one; ``lax``: it may hold rows less often."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, Solutions) and isinstance(wanted, Solutions):
        return _same_rows(found, wanted, lax=lax)
    if isinstance(found, frozenset) and isinstance(wanted, frozenset):
        return _canonical(found) == _canonical(wanted)
    return False


def _canonical(quads: frozenset[Quad]) -> set[str]:
    dataset = Dataset(
        Quad(quad.subject, quad.predicate, normal(quad.object), quad.graph_name)  # type: ignore[arg-type]
        for quad in quads
    )
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return set(map(str, dataset))


def _same_rows(found: Solutions, wanted: Solutions, *, lax: bool) -> bool:
    ours, theirs = [list(map(_row, s.rows)) for s in (found, wanted)]
    if lax:
        return set(map(_key, ours)) == set(map(_key, theirs)) or _match(ours, theirs, {}, ordered=False)
    if len(ours) != len(theirs):
        return False
    return _match(ours, theirs, {}, ordered=wanted.ordered)


def _row(row: Row) -> Row:
    return {name: normal(term) for name, term in row.items()}


def _key(row: Row) -> frozenset[tuple[str, str]]:
    return frozenset((name, str(term)) for name, term in row.items())


def _match(ours: list[Row], theirs: list[Row], known: dict[str, str], *, ordered: bool) -> bool:
    """Whether the rows can be paired, blank nodes of the one with those of the other, one to one."""
    if not any(_blanks(row) for row in (*ours, *theirs)):
        if ordered:
            return list(map(_key, ours)) == list(map(_key, theirs))
        return Counter(map(_key, ours)) == Counter(map(_key, theirs))
    if not ours:
        return not theirs
    first, rest = ours[0], ours[1:]
    for index, other in enumerate(theirs[:1] if ordered else theirs):
        paired = _pair(first, other, known)
        if paired is not None and _match(rest, theirs[:index] + theirs[index + 1 :], paired, ordered=ordered):
            return True
    return False


def _pair(one: Row, other: Row, known: dict[str, str]) -> dict[str, str] | None:
    """The pairs of blank nodes if two rows are to be the same, or None if they cannot be."""
    if one.keys() != other.keys():
        return None
    paired = dict(known)
    for name, term in one.items():
        if not _pair_terms(term, other[name], paired):
            return None
    return paired


def _pair_terms(one: Term, other: Term, paired: dict[str, str]) -> bool:
    if isinstance(one, BlankNode) and isinstance(other, BlankNode):
        if one.value in paired:
            return paired[one.value] == other.value
        if other.value in paired.values():
            return False
        paired[one.value] = other.value
        return True
    if isinstance(one, Triple) and isinstance(other, Triple):
        pairs = zip(one, other, strict=True)
        return all(_pair_terms(a, b, paired) for a, b in pairs)
    return one == other


def _blanks(row: Row) -> bool:
    return any(_has_blank(term) for term in row.values())


def _has_blank(term: Term) -> bool:
    return isinstance(term, BlankNode) or (isinstance(term, Triple) and any(map(_has_blank, term)))


def same_csv(found: bytes, wanted: bytes) -> bool:
    """Whether two CSV results are the same but for order and the labels of blank nodes.

    ``SELECT *`` does not say in which order the columns stand.
    """
    return _table(found) == _table(wanted)


def _table(body: bytes) -> tuple[list[str], Counter[frozenset[tuple[str, str]]]]:
    head, *rows = csv.reader(StringIO(body.decode(), newline=""))
    cells = (
        [(name, "_:" if v.startswith("_:") else v) for name, v in zip(head, r, strict=True)] for r in rows
    )
    return sorted(head), Counter(map(frozenset, cells))
