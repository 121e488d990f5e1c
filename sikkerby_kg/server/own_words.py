"""Texts that the graph holds in several languages: a page shows those of its own, and names in all."""

from collections.abc import Sequence

from sikkerby_kg.description import Statement
from sikkerby_kg.labels import LABEL_PROPERTIES
from sikkerby_kg.namespaces import SKOS
from sikkerby_kg.server.language import language

NAMES = frozenset({*LABEL_PROPERTIES, SKOS.altLabel, SKOS.hiddenLabel})
"""What a thing is called is worth knowing in every language; what is told of it is not read twice."""


def in_own_words(statements: Sequence[Statement]) -> list[Statement]:
    """Statements without the texts that stand in the language of the page, too."""
    told = {each.property.iri for each in statements if _tag(each) == language()}
    return [
        each
        for each in statements
        if _tag(each) in ("", language()) or each.property.iri in NAMES or each.property.iri not in told
    ]


def _tag(statement: Statement) -> str:
    return getattr(statement.value.term, "language", None) or ""
