"""Terms of reused vocabularies that do not exist: what an engine takes for a new term is a slip of the pen.

``ontology/known-terms.txt`` lists the terms that are used; rdflib knows all terms of the common vocabularies.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rdflib import (
    DC,
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SH,
    SKOS,
    TIME,
    VANN,
    VOID,
    XSD,
    Literal,
    URIRef,
)
from rdflib.term import Node

from sikkerby_kg.errors import ContentError
from sikkerby_kg.namespaces import PREFIXES, SIK
from sikkerby_kg.parsing import unreadable
from sikkerby_kg.validation.findings import Finding, Statement

_COMPLETE = {
    str(each): each
    for each in (DC, DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SH, SKOS, TIME, VANN, VOID, XSD)
}
"""Vocabularies of which rdflib lists every term."""
_MEMBER = re.compile(re.escape(str(RDF)) + r"_[1-9][0-9]*")
_SURE = 0.8
"""How alike a term must be to one of a vocabulary that is not listed completely, to be called misspelt."""
_GAP_PROPERTY = URIRef(f"{SIK}gapProperty")
_NAMING = frozenset(map(URIRef, (PREFIXES["vann"] + "preferredNamespaceUri", PREFIXES["void"] + "uriSpace")))


def read_terms(paths: Iterable[Path]) -> frozenset[str]:
    """The IRIs in lists of known terms: one a line, ``#`` begins a comment line; a list may be missing.

    Raises ContentError for a list that cannot be read.
    """
    found: set[str] = set()
    for path in paths:
        if path.exists():
            try:
                lines = path.read_text(encoding="utf-8-sig").splitlines()
            except OSError as error:
                raise unreadable(path, error) from error
            except UnicodeDecodeError as error:
                raise ContentError("content.not_utf8", path=path, line=1, column=error.start + 1) from error
            found |= {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    return frozenset(found)


def namespace(iri: str) -> str:
    """An IRI up to its last ``#`` or ``/``."""
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


@dataclass(frozen=True)
class Vocabularies:
    """The terms that exist."""

    known: frozenset[str]

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        return frozenset(map(namespace, self.known)) | frozenset(_COMPLETE)

    def findings(self, files: Iterable[list[Statement]], own: Iterable[Statement]) -> Iterator[Finding]:
        """What is wrong with the terms in some files; ``own`` holds all statements of the content."""
        ours = {str(value) for _, predicate, value in own if predicate in _NAMING}
        for statements in files:
            wrong = {term for each in statements for term in _terms(each) if self._is_unknown(term, ours)}
            told: set[str] = set()
            if not wrong:
                continue
            for statement in statements:
                for term in _terms(statement):
                    space = namespace(str(term))
                    if term not in wrong or (space not in self._namespaces and space in told):
                        continue
                    told.add(space)
                    yield self._finding(term, statement)

    def _is_unknown(self, term: URIRef, ours: set[str]) -> bool:
        iri, space = str(term), namespace(str(term))
        if iri in self.known or iri == space or space in ours:
            return False
        if space in _COMPLETE:
            return term not in _COMPLETE[space] and not _MEMBER.fullmatch(iri)
        return space in self._namespaces or self._meant(space) is not None

    def _finding(self, term: URIRef, statement: Statement) -> Finding:
        subject, predicate, value = statement
        space = namespace(str(term))
        meant = self._meant(space)
        if space not in self._namespaces and meant is not None:
            row: dict[str, Node] = {"namespace": Literal(space), "close": Literal(meant)}
            return Finding("KnownNamespace", subject, predicate, value, row, term)
        close, likeness = self._closest(str(term), space)
        sure = space in _COMPLETE or likeness >= _SURE
        row = {"term": term, "close": URIRef(close)}
        return Finding("KnownTerm" if sure else "ListedTerm", subject, predicate, value, row, term)

    def _meant(self, space: str) -> str | None:
        """The known namespace that a namespace is a slip for."""
        if space in self._namespaces or space == str(SIK):
            return None
        return next((each for each in (*sorted(self._namespaces), str(SIK)) if _like(space, each)), None)

    def _closest(self, iri: str, space: str) -> tuple[str, float]:
        """The known term that is most like an unknown one, and how alike they are, from 0 to 1."""
        names = {each for each in self.known if namespace(each) == space}
        if space in _COMPLETE:
            names |= {str(each) for each in dir(_COMPLETE[space]) if str(each).startswith(space)}
        local = iri[len(space) :]
        likeness = {
            each: difflib.SequenceMatcher(None, local.lower(), each[len(space) :].lower()).ratio()
            for each in sorted(names)
        }
        best = max(likeness, key=lambda each: likeness[each])
        return best, likeness[best]


def _terms(statement: Statement) -> Iterator[URIRef]:
    """The terms that a statement uses: property, class, datatype, other terms, and a property looked for."""
    _, predicate, value = statement
    if isinstance(predicate, URIRef):
        yield predicate
    if isinstance(value, URIRef):
        if predicate == RDF.type or namespace(str(value)) in _COMPLETE:
            yield value
    elif isinstance(value, Literal):
        if predicate == _GAP_PROPERTY:
            yield URIRef(str(value))
        elif value.datatype is not None:
            yield value.datatype


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
