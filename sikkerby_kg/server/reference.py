"""Terms and shapes as a reference: where a term is used, and what the shapes demand of it, in words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask import url_for
from pyoxigraph import NamedNode

from sikkerby_kg import terms
from sikkerby_kg.namespaces import OWL, RDF, SH, local_name
from sikkerby_kg.server.explain import draft, name
from sikkerby_kg.server.language import language
from sikkerby_kg.server.layouts import lineage_of
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.shape_rules import RULES, Key, Shape
from sikkerby_kg.shape_words import Names, path_words, rule_words
from sikkerby_kg.texts import has_text, text
from sikkerby_kg.validation.explanation import right_of, wrong_of

EXAMPLES = 5
"""Uses of a term that its page shows."""

_PLACEHOLDER = re.compile(r"\{[?$]\w+\}")
"""What a message of a SPARQL constraint puts values in for (SHACL §5.3.2)."""

PROPERTIES = frozenset({OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty})

_TOLD: tuple[Key, ...] = (
    *((each, False) for each in (SH.path, SH.name, SH.message, SH.description, SH.severity, SH.property)),
    *((f"{SH}{each}", False) for each in (*RULES, "flags")),
)
"""What is said of a shape and stands among its rules."""

_USES = """SELECT (COUNT(*) AS ?statements) (COUNT(DISTINCT ?thing) AS ?things)
WHERE {{
  {{ SELECT DISTINCT ?thing ?value WHERE {{ ?thing {term} ?value }} }}
}}
"""
_EXAMPLES = """SELECT DISTINCT ?thing ?value
WHERE {{
  ?thing {term} ?value .
  FILTER(isIRI(?thing))
}}
ORDER BY ?thing ?value
LIMIT {limit}
"""
_INSTANCES = """SELECT DISTINCT ?thing
WHERE {{
  VALUES ?class {{ {classes} }}
  ?thing a ?class .
}}
ORDER BY ?thing
"""


@dataclass(frozen=True, slots=True)
class RuleView:
    """What a shape demands. ``path`` is the property in words; ``demands`` and ``message`` are sentences."""

    path: Shown
    demands: Sequence[str]
    message: Shown | None
    why: Shown | None
    severity: str
    style: str
    shape: Shown | None
    subject: Shown | None = None


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A use of a term: a thing and, for a property, its value."""

    thing: Shown
    value: Shown | None = None


@dataclass(frozen=True, slots=True)
class FailView:
    """What breaks a demand, line by line; ``part`` is the name of the shape that makes it, if another."""

    part: Shown | None
    demand: str
    lines: Sequence[str]
    is_change: bool


@dataclass(frozen=True, slots=True)
class ReferenceView:
    """What is known of a term or a shape beside what is stated of it.

    ``used`` says how often, ``everything`` leads to all instances of a class; ``told`` are the properties
    whose statements are in it already. ``passes`` and ``fails`` are examples of what a shape lets
    pass and what it does not, demand by demand, as they stand in files.
    """

    used: str = ""
    explain: str = ""
    everything: str = ""
    examples: Sequence[ExampleView] = ()
    rules: Sequence[RuleView] = ()
    inherited: Sequence[Shown] = ()
    passes: str = ""
    fails: Sequence[FailView] = ()
    told: Sequence[Key] = ((RDF.type, True),)


def reference_of(iri: str, types: Sequence[str], show: Show) -> ReferenceView | None:
    """The reference of a class, a property or a shape; None for anything else."""
    kinds = set(types)
    if iri in site().shapes.shapes:
        shape = site().shapes.shapes[iri]
        shapes = shape.properties if shape.path is None else (shape,)
        rules = [*_own(shape, show), *_rules(((None, each) for each in shapes), show)]
        folders = site().graph.folders
        return ReferenceView(
            rules=rules,
            told=_TOLD,
            passes=right_of(folders, shape, site().short),
            fails=_fails(shape, show),
        )
    if kinds & PROPERTIES:
        return _property(iri, show)
    if OWL.Class in kinds or iri in site().kinds.direct:
        return _class(iri, show)
    return None


def _fails(shape: Shape, show: Show) -> list[FailView]:
    found = list(wrong_of(site().graph.folders, shape, _names(show), language()))
    called = {each.iri: in_language(each.name, language()) for each in shape.properties}
    views = []
    for each in found:
        said = called.get(each.part)
        part = (
            Shown(said.text, said.language) if said else Shown(local_name(each.part)) if each.part else None
        )
        views.append(FailView(part, each.title, each.text.splitlines(), each.is_change))
    return views


def _class(iri: str, show: Show) -> ReferenceView:
    lang = language()
    count = site().kinds.count(iri)
    found = site().kinds.instances(iri, EXAMPLES)
    shapes = site().shapes
    above = [each for each in lineage_of([iri])[1:] if shapes.about(each)]
    show.prefetch([*found, *above])
    classes = " ".join(map(name, site().kinds.with_subclasses(iri)))
    own = [
        *(rule for shape in shapes.about(iri) for rule in _own(shape, show)),
        *_rules(((None, each) for shape in shapes.about(iri) for each in shape.properties), show),
    ]
    return ReferenceView(
        used=text("web.used_class", lang, count=count),
        explain=draft(_INSTANCES.format(classes=classes)) if count else "",
        everything=url_for("pages.kind", name=site().kind_name(iri)) if count else "",
        examples=[ExampleView(show.local(each)) for each in found],
        rules=own,
        inherited=[show.local(each) for each in above],
    )


def _property(iri: str, show: Show) -> ReferenceView:
    term = name(iri)
    statements, things = (
        terms.to_python(count) for count in next(site().ask(_USES.format(term=term)).solutions())
    )
    rows = list(site().ask(_EXAMPLES.format(term=term, limit=EXAMPLES)).solutions())
    show.prefetch(each.value for row in rows for each in row if isinstance(each, NamedNode))
    return ReferenceView(
        used=text("web.used_property", language(), statements=statements, things=things),
        explain=draft(_EXAMPLES.format(term=term, limit=100)) if statements else "",
        examples=[ExampleView(show.term(thing), show.term(value)) for thing, value in rows],
        rules=list(_rules(site().shapes.along(iri), show)),
    )


def _own(shape: Shape, show: Show) -> Iterator[RuleView]:
    """The rules that a node shape has of its own, beside those for properties."""
    if shape.path is None and (shape.rules or shape.message):
        yield _view(None, shape, show)


def _rules(pairs: Iterable[tuple[Shape | None, Shape]], show: Show) -> Iterator[RuleView]:
    for node, shape in pairs:
        yield _view(node, shape, show)


def _view(node: Shape | None, shape: Shape, show: Show) -> RuleView:
    lang = language()
    show.prefetch(each for each in (shape.iri, *(node.targets if node else ())) if each)
    names = _names(show)
    message, why = (in_language(texts, lang) for texts in (shape.message, shape.description))
    key = f"web.severity.{shape.severity}"
    called = in_language(shape.name, lang)
    shape_link = show.local(shape.iri) if shape.iri else None
    if shape_link and called:
        shape_link = Shown(called.text, called.language, shape_link.href)
    return RuleView(
        path=Shown(path_words(shape.path, names, lang))
        if shape.path
        else Shown(text("web.rule_itself", lang)),
        demands=[words for rule in shape.rules for words in rule_words(rule, names, lang)],
        message=Shown(_PLACEHOLDER.sub("…", message.text), message.language) if message else None,
        why=Shown(why.text, why.language) if why else None,
        severity=text(key, lang) if has_text(key) else shape.severity,
        style=shape.severity.lower(),
        shape=shape_link,
        subject=show.local(node.targets[0]) if node and node.targets else None,
    )


def _names(show: Show) -> Names:
    """What terms are called on a page."""

    def inverse(iri: str) -> str | None:
        found = show.inverse(iri)
        return found.text if found else None

    return Names(lambda iri: show.label(iri).text, inverse)
