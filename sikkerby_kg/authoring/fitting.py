"""Which things of the content a shape allows as a value (SHACL §4), as far as that can be told beforehand.

What cannot is let pass: the whole content is validated before anything is written.
"""

import re
from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.namespaces import RDF
from sikkerby_kg.shape_rules import Rule, Shape
from sikkerby_kg.terms import Term

RESTRICTING = ("class", "node", "or", "and", "xone", "not", "in", "nodeKind", "pattern", "hasValue")


def fits(content: Content, term: Term, rules: Iterable[Rule]) -> bool:
    """Whether a value keeps to the rules of a shape."""
    return all(_keeps(content, term, rule) for rule in rules)


def shape_fits(content: Content, term: Term, shape: Shape) -> bool:
    """Whether a node conforms to a shape without path."""
    return fits(content, term, shape.rules) and all(
        _property_fits(content, term, inner) for inner in shape.properties
    )


def _property_fits(content: Content, term: Term, shape: Shape) -> bool:
    """Whether the values of a property of a node are right; a longer path is let pass."""
    if shape.path is None or shape.path.kind != "property" or not isinstance(term, NamedNode):
        return True
    values = content.values(term.value, shape.path.iri)
    for rule in shape.rules:
        number = next((count for value in rule.values for count in [number_of(value)] if count), 0)
        match rule.name:
            case "minCount" if len(values) < number:
                return False
            case "maxCount" if len(values) > number:
                return False
            case "hasValue" if not set(rule.values) & set(values):
                return False
    of_each = [rule for rule in shape.rules if rule.name != "hasValue"]
    return all(fits(content, value, of_each) for value in values)


def number_of(term: Term) -> int:
    """The whole number that a term is; 0 if it is none."""
    return int(term.value) if isinstance(term, Literal) and term.value.isdecimal() else 0


def _keeps(content: Content, term: Term, rule: Rule) -> bool:  # noqa: PLR0911  (one answer a rule)
    match rule.name:
        case "class":
            return _is_a(content, term, rule)
        case "node":
            return all(shape_fits(content, term, shape) for shape in rule.shapes)
        case "and":
            return all(shape_fits(content, term, shape) for shape in rule.shapes)
        case "or":
            return any(shape_fits(content, term, shape) for shape in rule.shapes)
        case "xone":
            return sum(shape_fits(content, term, shape) for shape in rule.shapes) == 1
        case "not":
            return not any(shape_fits(content, term, shape) for shape in rule.shapes)
        case "in":
            return term in rule.values
        case "pattern":
            return all(matches(_text(term), value) for value in rule.values)
        case "nodeKind":
            return not isinstance(term, BlankNode)
    return True


def _is_a(content: Content, term: Term, rule: Rule) -> bool:
    if not isinstance(term, NamedNode):
        return False
    return all(isinstance(each, NamedNode) and content.is_a(term.value, each.value) for each in rule.values)


def _text(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else ""


def matches(text: str, pattern: Term) -> bool:
    """Whether a text has a pattern in it; a pattern that only XPath knows is let pass."""
    try:
        return not isinstance(pattern, Literal) or bool(re.search(pattern.value, text, re.DOTALL))
    except re.error:
        return True


def candidates(content: Content, rules: Iterable[Rule]) -> list[str]:
    """The things of the content that keep to rules, in no order; what only has a class counts as a thing."""
    chosen = tuple(rules)
    named = [
        value.value
        for rule in chosen
        if rule.name == "class"
        for value in rule.values
        if isinstance(value, NamedNode)
    ]
    pool = content.instances(named[0]) if named else list(content.types)
    return [thing for thing in pool if thing != RDF.type and fits(content, NamedNode(thing), chosen)]
