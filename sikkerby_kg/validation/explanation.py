"""What a shape is for, what it demands, and an example of each kind: the page of a shape, as text."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby, islice

import pyoxigraph
from pyoxigraph import NamedNode, Quad

from sikkerby_kg.dataset import content_files, parse_file, union
from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.labels import Labels
from sikkerby_kg.local import LocalStore
from sikkerby_kg.namespaces import PREFIXES, expand, local_name, shrink
from sikkerby_kg.shape_rules import Path, Rules, Shape, read_shapes
from sikkerby_kg.shape_words import Names, demand_words, path_words, rule_words
from sikkerby_kg.texts import has_text, text
from sikkerby_kg.validation.examples import examples_of, mistakes_of
from sikkerby_kg.validation.report import in_language
from sikkerby_kg.validation.scope import shape_files

_GRAPH = NamedNode("urn:sikkerby-kg:shapes")
_INDENT = "    "
_PLACEHOLDER = re.compile(r"\{[?$]\w+\}")
"""What a message of a SPARQL constraint puts values in for (SHACL §5.3.2)."""


def rules_of(folders: Folders) -> Mapping[str, Shape]:
    """IRI → shape of a root, where shapes have IRIs. Raises ContentError for a file that cannot be read."""
    return Rules.of(quad for path in shape_files(folders) for quad in parse_file(path, folders.shown(path)))


def _read_into(store: LocalStore, folders: Folders) -> None:
    for path in shape_files(folders):
        quads = [
            Quad(quad.subject, quad.predicate, quad.object, _GRAPH)
            for quad in parse_file(path, folders.shown(path))
        ]
        store.oxigraph.extend([*quads, *union(quads)])


def explained(folders: Folders, name: str, lang: str) -> str:
    """What a shape demands, why, and examples, in a language.

    ``name`` is the IRI of a shape, a CURIE, or the last part of either. Raises UnknownNameError, naming those
    that are alike, and ContentError for a file that cannot be read.
    """
    store = LocalStore(pyoxigraph.Store(), "shapes")
    _read_into(store, folders)
    for each in {folders.root: folders, own_folders().root: own_folders()}.values():
        for path in content_files(each):
            if path.is_relative_to(each.ontology) and path not in shape_files(each):
                store.oxigraph.extend(union(parse_file(path, each.shown(path))))
    shapes = read_shapes(store).shapes
    shape = shapes[find_shape(shapes, name)]
    if not shape.targets:  # those of the shapes around it
        around = (each for each in shapes.values() if shape.iri in {inner.iri for inner in each.properties})
        shape = replace(shape, targets=tuple(sorted({target for each in around for target in each.targets})))
    labels = Labels(store)

    def label(iri: str) -> str:
        return labels.of(iri, lang).text

    def inverse(iri: str) -> str | None:
        key = f"inverse.{shrink(iri)}"
        return text(key, lang) if has_text(key) else None

    return "\n".join(_lines(folders, shape, Names(label, inverse), lang)) + "\n"


def find_shape(shapes: Mapping[str, Shape], name: str) -> str:
    """The IRI of the shape that a name stands for. Raises UnknownNameError, naming those that are alike."""
    wanted = expand(name) or name
    if wanted in shapes:
        return wanted
    last = local_name(wanted) if "://" in name else name.rpartition(":")[2]
    by_name: dict[str, list[str]] = {}
    for iri in shapes:
        by_name.setdefault(local_name(iri), []).append(iri)
    found = by_name.get(last, []) if "://" not in name else []
    if len(found) == 1:
        return found[0]
    folded = {each.lower(): each for each in by_name}
    alike = found or [folded[each] for each in difflib.get_close_matches(last.lower(), folded, n=5)]
    raise UnknownNameError("unknown.shape", name=name, close=", ".join(alike) or "–")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a shape does not let pass: a piece of a file or, if ``is_change``, lines of a diff of what passes.

    ``title`` says which demand is not met; it is empty where the shape has only one. ``part`` is the shape of
    a property that makes the demand; empty if it is the shape itself.
    """

    title: str
    text: str
    is_change: bool = False
    part: str = ""


def right_of(folders: Folders, shape: Shape, short: Callable[[str], str] = shrink) -> str:
    """What a shape lets pass, as it stands in a file; empty if the root has no example of it.

    ``short`` is how files write an IRI.
    """
    shown = [iri for iri, _ in shape.path.keys] if shape.path else shape.targets
    found = examples_of(folders, local_name(shape.iri), [short(iri) for iri in shown])
    return found["pass"].text if "pass" in found else ""


def wrong_of(folders: Folders, shape: Shape, names: Names, lang: str) -> Iterator[Wrong]:
    """What a shape does not let pass, demand by demand; of its shapes of properties one example each.

    Raises ContentError for a file of mistakes that cannot be read.
    """
    name = local_name(shape.iri)
    mistakes, fails = mistakes_of(folders, name), examples_of(folders, name).get("fail")
    for words, alike in groupby(mistakes, lambda each: demand_words(shape, each.demand, names, lang)):
        changes = "\n\n".join("\n".join(each.lines) for each in alike)
        yield Wrong(words if len(shape.rules) > 1 else "", changes, is_change=True)
    if fails and not mistakes:
        yield Wrong("", fails.text)
    for each in shape.properties:
        if local_name(each.iri).startswith(f"{name}-"):  # else shared, such as that of names
            for first in islice(wrong_of(folders, each, names, lang), 1):
                words = first.title or "; ".join(
                    demand_words(each, rule.name, names, lang) for rule in each.rules
                )
                yield replace(first, title=words, part=each.iri)


def _lines(folders: Folders, shape: Shape, names: Names, lang: str) -> Iterator[str]:
    def said(texts: Mapping[str, str]) -> str:
        return in_language(tuple(texts.items()), lang)

    name = local_name(shape.iri)
    yield f"{name} · {said(shape.name)}" if said(shape.name) else name
    yield shape.iri
    yield ""
    severity = f"web.severity.{shape.severity}"
    facts = [("severity", text(severity, lang) if has_text(severity) else shape.severity)]
    if shape.targets:
        facts.append(("targets", ", ".join(_with_curie(each, names) for each in shape.targets)))
    if shape.path:
        words, written = path_words(shape.path, names, lang), _written(shape.path)
        facts.append(("path", f"{words} ({written})" if written and written != words else words))
    facts += [("message", _PLACEHOLDER.sub("…", said(shape.message))), ("why", said(shape.description))]
    for key, words in facts:
        if words:
            yield f"{text(f'report.explain.{key}', lang)}: {words}"
    demands = [words for rule in shape.rules for words in rule_words(rule, names, lang)]
    inner = [_property(each, names, lang) for each in shape.properties if each.iri]
    for key, listed in (("demands", demands), ("properties", inner)):
        if listed:
            yield f"{text(f'report.explain.{key}', lang)}:"
            yield from (f"  - {each}" for each in listed)
    yield ""
    yield from _examples(folders, shape, names, lang)


def _property(shape: Shape, names: Names, lang: str) -> str:
    """A shape of a property in a line: what it is called and what it demands."""
    demands = [words for rule in shape.rules for words in rule_words(rule, names, lang)]
    said = in_language(tuple(shape.name.items()), lang)
    return f"{local_name(shape.iri)}: " + " · ".join(filter(None, (said, *demands)))


def _examples(folders: Folders, shape: Shape, names: Names, lang: str) -> Iterator[str]:
    right, wrong = right_of(folders, shape), list(wrong_of(folders, shape, names, lang))
    if not (right or wrong):
        yield text("report.explain.no_example", lang)
    if right:
        yield f"{text('report.explain.pass', lang)}:"
        yield from ("", *_indented(right), "")
    if wrong:
        is_changed = any(each.is_change for each in wrong)
        yield f"{text('report.explain.mistakes' if is_changed else 'report.explain.fail', lang)}:"
        yield ""
    for each in wrong:
        if each.title:
            words = f"{local_name(each.part)} ({each.title})" if each.part else each.title
            yield from (f"{words}:", "")
        yield from (*_indented(each.text), "")


def _indented(example: str) -> Iterator[str]:
    yield from (f"{_INDENT}{line}".rstrip() for line in example.splitlines())


def _with_curie(iri: str, names: Names) -> str:
    curie, label = shrink(iri, PREFIXES), names.label(iri)
    return curie if label == curie else f"{label} ({curie})"


def _written(path: Path) -> str:
    """A path of one property, as SPARQL writes it; nothing for a longer one, which its words tell."""
    if path.kind == "property":
        return shrink(path.iri)
    if path.kind == "inverse" and path.parts and path.parts[0].kind == "property":
        return f"^{shrink(path.parts[0].iri)}"
    return ""
