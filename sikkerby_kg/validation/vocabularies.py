"""Terms of reused vocabularies that do not exist: what an engine takes for a new term is a slip of the pen.

``ontology/known-terms.txt`` lists the terms that are used; of the common vocabularies all terms are known.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from sikkerby_kg.namespaces import PREFIXES, SIK, namespace_of
from sikkerby_kg.parsing import read_text
from sikkerby_kg.terms import Term
from sikkerby_kg.validation.findings import Finding
from sikkerby_kg.validation.index import IRI, LITERAL, DataIndex, Numbered, Rows
from sikkerby_kg.validation.shapes_graph import text
from sikkerby_kg.validation.standard_terms import standard_terms

_MEMBER = re.compile(re.escape(PREFIXES["rdf"]) + r"_[1-9][0-9]*")
_IMPLIED = frozenset((PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString"))
"""The datatypes that a literal has without naming it."""
_SURE = 0.8
"""How alike a term must be to one of a vocabulary that is not listed completely, to be called misspelt."""
_GAP_PROPERTY = NamedNode(f"{SIK}gapProperty")
_NAMESPACE = NamedNode(PREFIXES["sh"] + "namespace")
_URI_SPACE = NamedNode(PREFIXES["void"] + "uriSpace")
_NAMING = (NamedNode(PREFIXES["vann"] + "preferredNamespaceUri"), _URI_SPACE)


def read_terms(paths: Iterable[Path]) -> frozenset[str]:
    """The IRIs in lists of known terms: one a line, ``#`` begins a comment line; a list may be missing.

    Raises ContentError as ``read_text`` does.
    """
    found: set[str] = set()
    for path in paths:
        if path.exists():
            lines = read_text(path).splitlines()
            found |= {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    return frozenset(found)


@dataclass(frozen=True)
class Vocabularies:
    """The terms that exist."""

    known: frozenset[str]

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        return frozenset(map(namespace_of, self.known)) | frozenset(standard_terms())

    def findings(self, files: Iterable[Rows], data: DataIndex) -> Iterator[Finding]:
        """What is wrong with the terms in some files of the content."""
        named = (values for each in _NAMING for values in data.out.get(data.ids.get(each, -1), {}).values())
        ours = {text(data.terms[value]) for values in named for value in values}
        terms = _Terms(data)
        known: dict[str, bool] = {}
        for rows in files:
            used = {iri for each in terms.patterns(rows) for iri in terms.of(each)}
            for iri in used - known.keys():
                known[iri] = not self._is_unknown(iri, ours)
            wrong = {iri for iri in used if not known[iri]}
            if not wrong:
                continue
            told: set[str] = set()
            for statement in rows:
                for iri in terms.of(terms.pattern(statement)):
                    space = namespace_of(iri)
                    if iri in wrong and (space in self._namespaces or space not in told):
                        told.add(space)
                        yield self._finding(iri, tuple(data.terms[each] for each in statement))

    def _is_unknown(self, iri: str, ours: set[str]) -> bool:
        space = namespace_of(iri)
        if iri in self.known or iri == space or space in ours:
            return False
        if space in standard_terms():
            return iri not in standard_terms()[space] and not _MEMBER.fullmatch(iri)
        return space in self._namespaces or self._meant(space) is not None

    def _finding(self, iri: str, statement: tuple[Term, ...]) -> Finding:
        subject, predicate, value = statement
        space = namespace_of(iri)
        meant = self._meant(space)
        if space not in self._namespaces and meant is not None:
            row: dict[str, Term] = {"namespace": Literal(space), "close": Literal(meant)}
            return Finding("KnownNamespace", subject, predicate, value, row, NamedNode(iri))
        close, likeness = self._closest(iri, space)
        sure = space in standard_terms() or likeness >= _SURE
        row = {"term": NamedNode(iri), "close": NamedNode(close)}
        return Finding("KnownTerm" if sure else "ListedTerm", subject, predicate, value, row, NamedNode(iri))

    def _meant(self, space: str) -> str | None:
        """The known namespace that a namespace is a slip for."""
        if space in self._namespaces or space == str(SIK):
            return None
        return next((each for each in (*sorted(self._namespaces), str(SIK)) if _like(space, each)), None)

    def _closest(self, iri: str, space: str) -> tuple[str, float]:
        """The known term that is most like an unknown one, and how alike they are, from 0 to 1."""
        names = {each for each in self.known if namespace_of(each) == space}
        if space in standard_terms():
            names |= standard_terms()[space]
        local = iri[len(space) :]
        likeness = {
            each: difflib.SequenceMatcher(None, local.lower(), each[len(space) :].lower()).ratio()
            for each in sorted(names)
        }
        best = max(likeness, key=lambda each: likeness[each])
        return best, likeness[best]


class _Terms:
    """The terms that statements use: property, class, datatype, other terms, and a property looked for.

    They depend on the property, on the value if that is an IRI, and on its datatype if it is a literal: on
    what is called the pattern of a statement here. There are far fewer patterns than statements.
    """

    def __init__(self, data: DataIndex) -> None:
        self._data = data
        self._gap_property = data.ids.get(_GAP_PROPERTY, -1)
        self._shown: dict[int, int] = {}
        self._of: dict[tuple[int, int], tuple[str, ...]] = {}
        self._first: dict[str, int] = {}

    def pattern(self, statement: Numbered) -> tuple[int, int]:
        """The property of a statement, and a value that stands for all values which use the same terms."""
        _, predicate, value = statement
        shown = self._shown.get(value)
        if shown is None:
            shown = self._shown[value] = self._representative(value)
        return predicate, value if predicate == self._gap_property else shown

    def patterns(self, rows: Rows) -> set[tuple[int, int]]:
        """The patterns of the statements of a file."""
        return {self.pattern(each) for each in rows}

    def _representative(self, value: int) -> int:
        term, kind = self._data.terms[value], self._data.kinds[value]
        if kind == IRI:
            return value
        if kind == LITERAL and isinstance(term, Literal):
            return self._first.setdefault(term.datatype.value, value)
        return -1

    def of(self, pattern: tuple[int, int]) -> tuple[str, ...]:
        """The terms of the statements with a pattern."""
        found = self._of.get(pattern)
        if found is None:
            found = self._of[pattern] = tuple(self._found(pattern))
        return found

    def _found(self, pattern: tuple[int, int]) -> Iterator[str]:
        predicate, value = pattern
        yield text(self._data.terms[predicate])
        term = self._data.terms[value] if value >= 0 else None
        if isinstance(term, NamedNode):
            if predicate == self._data.type or namespace_of(term.value) in standard_terms():
                yield term.value
        elif isinstance(term, Literal):
            datatype = term.datatype.value
            if predicate == self._gap_property:
                yield term.value
            elif datatype not in _IMPLIED:
                yield datatype


def _like(space: str, known: str) -> bool:
    """Whether a namespace differs from another in scheme, www, capitals, its end or one character only."""
    first, second = (re.sub(r"^https?://(www\.)?|[#/]+$", "", each.lower()) for each in (space, known))
    if first == second:
        return True
    start = next((i for i, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return abs(len(first) - len(second)) == 1
    rest, other = first[start:], second[start:]
    return other[1:] in (rest[1:], rest) or rest[1:] == other


def misplaced(files: Iterable[Rows], data: DataIndex) -> Iterator[Finding]:
    """Things of ours in a namespace that nearly is one of a prefix of the dataset (SHACL §5.2.1).

    A namespace is told once a file, at its first statement.
    """
    owned = tuple(_all_values(data, _URI_SPACE))
    declared = sorted(each for each in _all_values(data, _NAMESPACE) if each.startswith(owned))
    if not owned or not declared:
        return
    meant: dict[str, str | None] = dict.fromkeys(declared)
    ends = {_end(each) for each in declared}
    for rows in files:
        spaces = {number: namespace_of(iri) for number, iri in _things(rows, data)}
        for space in set(spaces.values()) - meant.keys():
            near = space.startswith(owned) or _end(space) in ends
            meant[space] = next((each for each in declared if near and _like(space, each)), None)
        wrong = {number: space for number, space in spaces.items() if meant[space] is not None}
        told: set[str] = set()
        for statement in rows if wrong else ():
            for number in (statement[0], statement[2]):
                space = wrong.get(number, "")
                close = meant.get(space)
                if close is not None and space not in told:
                    told.add(space)
                    subject, predicate, value = (data.terms[each] for each in statement)
                    row: dict[str, Term] = {"namespace": Literal(space), "close": Literal(close)}
                    yield Finding("KnownNamespace", subject, predicate, value, row)


def _end(space: str) -> str:
    """The last part of a namespace."""
    return re.split(r"[/#]", space.rstrip("/#"))[-1].lower()


def _all_values(data: DataIndex, predicate: NamedNode) -> set[str]:
    """All values of a property."""
    links = data.out.get(data.ids.get(predicate, -1), {})
    return {text(data.terms[value]) for values in links.values() for value in values}


def _things(rows: Rows, data: DataIndex) -> Iterator[tuple[int, str]]:
    """The IRIs of subjects and objects."""
    for number in {*rows.subjects, *rows.objects}:
        if data.kinds[number] == IRI:
            yield number, text(data.terms[number])
