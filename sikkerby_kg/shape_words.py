"""What shapes demand, in words of a language."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from sikkerby_kg import terms
from sikkerby_kg.namespaces import SH
from sikkerby_kg.shape_rules import Path, Rule, Shape
from sikkerby_kg.texts import has_text, text


@dataclass(frozen=True, slots=True)
class Names:
    """What terms are called: by IRI, and a property that is read backwards, if there is a name for that."""

    label: Callable[[str], str]
    inverse: Callable[[str], str | None]


def path_words(path: Path, names: Names, lang: str) -> str:
    """A property path in words."""
    if path.kind == "property":
        return names.label(path.iri)
    inner = [path_words(part, names, lang) for part in path.parts]
    if path.kind == "inverse" and path.parts and path.parts[0].kind == "property":
        return names.inverse(path.parts[0].iri) or text("web.path.inverse", lang, path=inner[0])
    if path.kind in ("sequence", "alternative"):
        return text(f"web.path.{path.kind}", lang).join(inner)
    return text(f"web.path.{path.kind}", lang, path=inner[0] if inner else "–")


def rule_words(rule: Rule, names: Names, lang: str) -> Iterator[str]:
    """What a constraint demands, in a sentence; nothing for one that is switched off."""
    key = f"web.rule.{rule.name}"
    if rule.name == "sparql":
        yield text(key, lang)
    elif rule.shapes:
        inner = "; ".join(filter(None, (_inner(shape, names, lang) for shape in rule.shapes)))
        yield text(key, lang, value=inner or "–")
    elif rule.name in ("in", "languageIn"):
        yield text(key, lang, value=", ".join(_value(value, names) for value in rule.values))
    elif rule.name in ("uniqueLang", "closed"):
        if any(terms.to_python(value) is True for value in rule.values):
            yield text(key, lang)
    elif rule.name == "nodeKind":
        for value in rule.values:
            kind = f"web.rule.nodeKind.{getattr(value, 'value', '').removeprefix(str(SH))}"
            yield text(kind, lang) if has_text(kind) else text(key, lang, value=_value(value, names))
    else:
        for value in rule.values:
            yield text(key, lang, value=_value(value, names))


def demand_words(shape: Shape, name: str, names: Names, lang: str) -> str:
    """What one constraint of a shape demands, by the local name of its parameter."""
    rules = (each for each in shape.rules if each.name == name)
    return "; ".join(words for rule in rules for words in rule_words(rule, names, lang))


def _inner(shape: Shape, names: Names, lang: str) -> str:
    """A shape within a constraint, in words."""
    own = [words for rule in shape.rules for words in rule_words(rule, names, lang)]
    inner = [_inner(each, names, lang) for each in shape.properties]
    said = ", ".join((*own, *filter(None, inner)))
    return f"{path_words(shape.path, names, lang)}: {said}" if shape.path and said else said


def _value(value: terms.Term, names: Names) -> str:
    if isinstance(value, NamedNode):
        return names.label(value.value)
    return f"{value.value}" if isinstance(value, Literal) else "–"
