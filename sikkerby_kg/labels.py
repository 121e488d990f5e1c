"""What things are called: the label of an IRI in a wanted language, with fallbacks that never fail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode

from sikkerby_kg import terms
from sikkerby_kg.namespaces import DCAT, DCT, FOAF, PREFIXES, RDFS, SH, SIK, SKOS, local_name, shrink
from sikkerby_kg.stores import Store
from sikkerby_kg.texts import LANGUAGES, has_text, text
from sikkerby_kg.written import period_text

LABEL_PROPERTIES = (SKOS.prefLabel, RDFS.label, DCT.title, FOAF.name, SIK.dateAsStated)
"""The properties that name things, the best first; a period is called what the source calls it."""

_BATCH = 200
_QUERY = """SELECT DISTINCT ?thing ?property ?label WHERE {{
  VALUES ?thing {{ {things} }}
  VALUES ?property {{ {properties} }}
  ?thing ?property ?label .
  FILTER(isLiteral(?label))
}}"""
_NAMELESS = f"""SELECT DISTINCT ?thing ?start ?end ?prefix WHERE {{{{
  VALUES ?thing {{{{ {{things}} }}}}
  OPTIONAL {{{{ ?thing <{DCAT.startDate}> ?start }}}}
  OPTIONAL {{{{ ?thing <{DCAT.endDate}> ?end }}}}
  OPTIONAL {{{{ ?thing <{SH.prefix}> ?prefix }}}}
  FILTER(BOUND(?start) || BOUND(?end) || BOUND(?prefix))
}}}} ORDER BY ?thing ?start ?end ?prefix"""
"""What names a thing that nothing names: a period is called by its days, a prefix by itself."""


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
        self._stand_ins: dict[str, tuple[Label, ...]] = {}

    def prefetch(self, iris: Iterable[str]) -> None:
        """Look up many IRIs with few queries."""
        wanted = sorted(set(iris) - self._found.keys())
        for start in range(0, len(wanted), _BATCH):
            self._look_up(wanted[start : start + _BATCH])

    def _look_up(self, iris: list[str]) -> None:
        query = _QUERY.format(
            things=" ".join(f"<{iri}>" for iri in iris),
            properties=" ".join(f"<{iri}>" for iri in LABEL_PROPERTIES),
        )
        found: dict[str, list[tuple[str, Label]]] = {iri: [] for iri in iris}
        for solution in self._store.evaluate(query).solutions():
            thing, name, label = solution["thing"], solution["property"], solution["label"]
            if isinstance(thing, NamedNode) and isinstance(name, NamedNode) and isinstance(label, Literal):
                found[thing.value].append((name.value, Label(label.value, (label.language or "").lower())))
        if nameless := [iri for iri, labels in found.items() if not labels]:
            self._look_closer(nameless)
        for iri, labels in found.items():
            self._found[iri] = tuple(sorted(labels, key=lambda pair: (pair[1].language, pair[1].text)))

    def _look_closer(self, iris: list[str]) -> None:
        """Find what to call things without a name: the best that is known of them, in every language."""
        query = _NAMELESS.format(things=" ".join(f"<{iri}>" for iri in iris))
        for solution in self._store.evaluate(query).solutions():
            thing, prefix = solution["thing"], solution["prefix"]
            start, end = _day(solution["start"]), _day(solution["end"])
            if isinstance(prefix, Literal):
                named = [Label(prefix.value)]
            else:
                written = ((period_text(start, end, "", lang), lang) for lang in LANGUAGES)
                named = [Label(words, lang) for words, lang in written if words]
            if isinstance(thing, NamedNode):
                self._stand_ins.setdefault(thing.value, tuple(named))

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
        own word; else a short form of the IRI.
        """
        if iri not in self._found:
            self.prefetch([iri])
        candidates = self._found[iri]
        if candidates:
            return min(candidates, key=lambda pair: (_rank(pair[1].language, lang), _order(pair[0])))[1]
        if stand_ins := self._stand_ins.get(iri):
            return min(stand_ins, key=lambda label: _rank(label.language, lang))
        curie = shrink(iri, PREFIXES)
        if has_text(f"term.{curie}"):
            return Label(text(f"term.{curie}", lang), lang if lang in LANGUAGES else LANGUAGES[0])
        return Label(self.short(iri))

    def short(self, iri: str) -> str:
        """An IRI as short as it can be understood: a CURIE, its path under the base, or itself."""
        curie = shrink(iri, self.prefixes)
        if curie != iri or not self.base or not iri.startswith(self.base):
            return curie
        return iri.removeprefix(self.base).strip("/#") or local_name(iri)


def _day(term: terms.Term | None) -> date | None:
    value = terms.to_python(term) if isinstance(term, Literal) else None
    return value if isinstance(value, date) else None


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
