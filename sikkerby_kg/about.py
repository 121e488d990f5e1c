"""What the content says about itself: its base IRI, title, description, licence, and prefixes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sikkerby_kg import terms
from sikkerby_kg.errors import ContentError
from sikkerby_kg.namespaces import DCAT, DCT, SH, SKOS, VANN, VOID
from sikkerby_kg.stores import Store
from sikkerby_kg.texts import LANGUAGES

_DATASET = f"""SELECT DISTINCT ?dataset ?base ?property ?value WHERE {{
  ?dataset a <{DCAT.Dataset}> ; <{VOID.uriSpace}> ?base ; ?property ?value .
}}"""
_PREFIXES = f"""SELECT DISTINCT ?prefix ?namespace WHERE {{
  {{ ?any <{SH.declare}> ?declaration . ?declaration <{SH.prefix}> ?prefix ; <{SH.namespace}> ?namespace }}
  UNION
  {{ ?any <{VANN.preferredNamespacePrefix}> ?prefix ; <{VANN.preferredNamespaceUri}> ?namespace }}
}} ORDER BY ?prefix ?namespace"""


@dataclass(frozen=True, slots=True)
class About:
    """The record of the dataset: the one ``dcat:Dataset`` with a ``void:uriSpace``. Texts are by language.

    ``notes`` say what readers must know about it (``skos:scopeNote``); ``modified`` is the day of the last
    change, else that of publication, as ISO 8601; ``subjects``, ``sources`` and ``publishers`` are IRIs, or
    text where the content has that.
    """

    iri: str
    base: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    license: str | None
    notes: Mapping[str, str] = field(default_factory=dict)
    version: str | None = None
    modified: str | None = None
    subjects: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()

    def in_language(self, texts: Mapping[str, str], lang: str) -> str:
        """A text in a language, else in the first that there is."""
        return next((texts[name] for name in (lang, *LANGUAGES, *texts) if name in texts), "")


def read_about(store: Store) -> About:
    """The record of the dataset in a store. Raises ContentError if there is none, or more than one."""
    found: dict[tuple[str, str], dict[str, list[terms.Term]]] = {}
    for dataset, base, name, value in store.evaluate(_DATASET).solutions():
        key = (terms.to_python(dataset), terms.to_python(base))
        found.setdefault(key, {}).setdefault(name.value, []).append(value)
    if len(found) != 1:
        raise ContentError("content.no_base", found=", ".join(sorted(iri for iri, _ in found)) or "0")
    (((iri, base), properties),) = found.items()

    def plain(name: str) -> list[str]:
        return sorted(str(terms.to_python(value)) for value in properties.get(name, []))

    licenses, versions = plain(DCT.license), plain(DCAT.version)
    days = plain(DCT.modified) or plain(DCT.issued)
    return About(
        iri=iri,
        base=base,
        title=_texts(properties.get(DCT.title, [])),
        description=_texts(properties.get(DCT.description, [])),
        license=licenses[0] if licenses else None,
        notes=_texts(properties.get(SKOS.scopeNote, [])),
        version=versions[0] if versions else None,
        modified=days[-1] if days else None,
        subjects=tuple(plain(DCT.subject)),
        sources=tuple(plain(DCT.source)),
        publishers=tuple(plain(DCT.publisher)),
    )


def _texts(values: list[terms.Term]) -> dict[str, str]:
    by_language = {getattr(value, "language", None) or "": terms.to_python(value) for value in values}
    return dict(sorted(by_language.items()))


def declared_prefixes(store: Store) -> dict[str, str]:
    """Prefix → namespace as the content declares them (``sh:declare``, or an ontology's preferred prefix)."""
    found: dict[str, str] = {}
    for prefix, namespace in store.evaluate(_PREFIXES).solutions():
        found.setdefault(terms.to_python(prefix), terms.to_python(namespace))
    return found
