"""What a shape is for, what it demands, and an example of each kind: the page of a shape, as text."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pyoxigraph
from pyoxigraph import NamedNode, Quad

from sikkerby_kg.dataset import content_files, parse_file, union
from sikkerby_kg.errors import UnknownNameError
from sikkerby_kg.folders import Folders, own_folders
from sikkerby_kg.labels import Labels
from sikkerby_kg.local import LocalStore
from sikkerby_kg.namespaces import PREFIXES, expand, local_name, shrink
from sikkerby_kg.shape_rules import Path, Rules, Shape, read_shapes
from sikkerby_kg.shape_words import Names, path_words, rule_words
from sikkerby_kg.texts import has_text, text
from sikkerby_kg.validation.examples import examples_of
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
    inner = [f"{local_name(each.iri)}: {said(each.name)}" for each in shape.properties if each.iri]
    for key, listed in (("demands", demands), ("properties", inner)):
        if listed:
            yield f"{text(f'report.explain.{key}', lang)}:"
            yield from (f"  - {each}" for each in listed)
    yield ""
    yield from _examples(folders, shape, name, lang)


def _examples(folders: Folders, shape: Shape, name: str, lang: str) -> Iterator[str]:
    properties = [shrink(iri) for iri, _ in shape.path.keys] if shape.path else []
    parts = [local_name(each.iri) for each in shape.properties if each.iri]
    found = examples_of(folders, name, properties, parts)
    if not found:
        yield text("report.explain.no_example", lang)
    for kind, example in found.items():
        yield f"{text(f'report.explain.{kind}', lang)}:"
        yield ""
        yield from (f"{_INDENT}{line}".rstrip() for line in example.text.splitlines())
        yield ""


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
