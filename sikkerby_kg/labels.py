"""What things are called: the label of an IRI in a wanted language, with fallbacks that never fail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from pyoxigraph import Literal, NamedNode

from sikkerby_kg import terms
from sikkerby_kg.dataset import parse_file
from sikkerby_kg.folders import own_folders
from sikkerby_kg.namespaces import DCAT, DCT, FOAF, MODEL, PREFIXES, RDFS, SH, SIK, SKOS, local_name, shrink
from sikkerby_kg.stores import Store
from sikkerby_kg.texts import LANGUAGES, has_text, text
from sikkerby_kg.written import period_text

LABEL_PROPERTIES = (SKOS.prefLabel, RDFS.label, DCT.title, FOAF.name, SIK.dateAsStated)
"""The properties that name things, the best first; a period is called what the source calls it."""

_STAND_INS = (DCAT.startDate, DCAT.endDate, SH.prefix)
"""What names a thing that nothing names: a period is called by its days, a prefix by itself."""
_OURS = MODEL.removesuffix("model/")
"""What the IRIs of the model and of its code lists begin with."""

_BATCH = 200
_QUERY = """SELECT DISTINCT ?thing ?property ?label WHERE {{
  VALUES ?thing {{ {things} }}
  VALUES ?property {{ {properties} }}
  ?thing ?property ?label .
  FILTER(isLiteral(?label))
}}"""


@dataclass(frozen=True, slots=True)
class Label:
    """A name and the language that it is in; the language is empty for one that is in none."""

    text: str
    language: str = ""


class Labels:
    """The labels in a store. What has been looked up once is remembered.

    ``base`` is the content's own base IRI: under it, an IRI without a label is shown by its path.
    """

    def __init__(self, store: Store, prefixes: Mapping[str, str] = PREFIXES, base: str = "") -> None:
        self._store = store
        self.prefixes = prefixes
        self.base = base
        self._found: dict[str, tuple[tuple[str, Label], ...]] = {}
        self._best: dict[tuple[str, str], Label] = {}
        self._known: dict[str, dict[str, object]] = {}

    def prefetch(self, iris: Iterable[str]) -> None:
        """Look up many IRIs with few queries."""
        wanted = sorted(set(iris) - self._found.keys())
        for start in range(0, len(wanted), _BATCH):
            self._look_up(wanted[start : start + _BATCH])

    def _look_up(self, iris: list[str]) -> None:
        query = _QUERY.format(
            things=" ".join(f"<{iri}>" for iri in iris),
            properties=" ".join(f"<{iri}>" for iri in (*LABEL_PROPERTIES, *_STAND_INS)),
        )
        found: dict[str, list[tuple[str, Label]]] = {iri: [] for iri in iris}
        for solution in self._store.evaluate(query).solutions():
            thing, name, label = solution["thing"], solution["property"], solution["label"]
            if not (isinstance(thing, NamedNode) and isinstance(name, NamedNode)):
                continue
            if name.value in _STAND_INS:
                self._known.setdefault(thing.value, {})[name.value] = terms.to_python(label)
            elif isinstance(label, Literal):
                found[thing.value].append((name.value, Label(label.value, (label.language or "").lower())))
        for iri, labels in found.items():
            self._found[iri] = tuple(sorted(labels, key=lambda pair: (pair[1].language, pair[1].text)))

    def all(self, iri: str) -> dict[str, str]:
        """Language → the best label in it, of those that the content gives."""
        if iri not in self._found:
            self.prefetch([iri])
        best: dict[str, str] = {}
        for name in LABEL_PROPERTIES:
            for found, label in self._found[iri]:
                if found == name:
                    best.setdefault(label.language, label.text)
        return best

    def of(self, iri: str, lang: str) -> Label:
        """The label of an IRI in a language.

        If there is none: in the same language of another region, in one that the software speaks, in none, in
        any; for a period its days, for a prefix itself, for a term of a standard vocabulary the software's
        own word, for one of the model what the model that comes with the software calls it; else a short
        form of the IRI.
        """
        if (iri, lang) not in self._best:
            self._best[iri, lang] = self._choose(iri, lang)
        return self._best[iri, lang]

    def is_named(self, iri: str) -> bool:
        """Whether the graph has a name for an IRI, in any language."""
        if iri not in self._found:
            self.prefetch([iri])
        return bool(self._found[iri])

    def _choose(self, iri: str, lang: str) -> Label:
        if iri not in self._found:
            self.prefetch([iri])
        candidates = self._found[iri]
        if candidates:
            return min(candidates, key=lambda pair: (_rank(pair[1].language, lang), _order(pair[0])))[1]
        spoken = lang if lang in LANGUAGES else LANGUAGES[0]
        start, end, prefix = (self._known.get(iri, {}).get(name) for name in _STAND_INS)
        first, last = (each if type(each) is date else None for each in (start, end))
        if first or last:
            return Label(period_text(first, last, "", lang), spoken)
        if isinstance(prefix, str):
            return Label(prefix)
        curie = shrink(iri, PREFIXES)
        if has_text(f"term.{curie}"):
            return Label(text(f"term.{curie}", lang), spoken)
        if iri.startswith(_OURS) and (ours := _model_labels().get(iri)):
            return min(ours, key=lambda label: _rank(label.language, lang))
        return Label(self.short(iri))

    def short(self, iri: str) -> str:
        """An IRI as short as it can be understood: a CURIE, its path under the base, or itself."""
        curie = shrink(iri, self.prefixes)
        if curie != iri or not self.base or not iri.startswith(self.base):
            return curie
        return iri.removeprefix(self.base).strip("/#") or local_name(iri)


@cache
def _model_labels() -> Mapping[str, tuple[Label, ...]]:
    """Term → its labels in the model that comes with the software; read when it is first needed."""
    found: dict[str, tuple[Label, ...]] = {}
    folders = own_folders()
    names = {NamedNode(SKOS.prefLabel), NamedNode(RDFS.label)}
    for path in folders.files(folders.ontology):
        if path.suffix != ".ttl" or path.name.startswith("shapes"):
            continue
        for quad in parse_file(path, folders.shown(path)):
            iri, label = quad.subject, quad.object
            if quad.predicate in names and isinstance(iri, NamedNode) and isinstance(label, Literal):
                known = found.get(iri.value, ())
                found[iri.value] = (*known, Label(label.value, (label.language or "").lower()))
    return found


def _rank(found: str, wanted: str) -> int:
    """How far a language is from the wanted one; 0 is the same."""
    wanted = wanted.lower()
    if found == wanted:
        return 0
    if found.partition("-")[0] == wanted.partition("-")[0]:
        return 1
    if found in LANGUAGES:
        return 2 + LANGUAGES.index(found)
    return 2 + len(LANGUAGES) + (found != "")


def _order(name: str) -> int:
    return LABEL_PROPERTIES.index(name)
