"""The places of the sources: sentences, paragraphs and headings, and what somebody may call them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.folding import fold
from sikkerby_kg.namespaces import DCT, PROV, SIK, local_name
from sikkerby_kg.terms import to_python
from sikkerby_kg.texts import LANGUAGES, text

_MOST_PARTS = 8
_TAGS = {"dan": "da", "eng": "en"}
"""ISO 639-3, as authority tables have it → ISO 639-1, as language tags do."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a source: where it is, by numbers; its document. What is not told is empty or None."""

    iri: str
    section: str
    paragraph: int | None
    sentence: int | None
    document: str

    @property
    def order(self) -> tuple[int, int]:
        """Where it comes in its document."""
        return (self.paragraph or 0, self.sentence or 0)

    @property
    def short(self) -> str:
        """The place in short: ``p5s2`` for a sentence, ``s3.3`` for a heading, else the end of its IRI."""
        if self.paragraph is not None:
            return f"p{self.paragraph}" + (f"s{self.sentence}" if self.sentence is not None else "")
        return f"s{self.section}" if self.section else local_name(self.iri)

    @property
    def words(self) -> dict[str, str]:
        """The place in words, by language."""
        found = {}
        for lang in LANGUAGES:
            parts = {"paragraph": self.paragraph, "sentence": self.sentence}
            said = [text(f"place.{key}", lang, number=number) for key, number in parts.items() if number]
            if not said and self.section:
                said = [text("place.section", lang, number=self.section)]
            found[lang] = ", ".join(said) or local_name(self.iri)
        return found

    @property
    def spoken(self) -> list[str]:
        """All that it may be called."""
        names = [self.short, *self.words.values()]
        if self.paragraph is not None and self.section:
            names += [f"s{self.section}/{self.short}", f"{self.section}/{self.short}"]
            names += [
                f"{text('place.section', lang, number=self.section)}, {words}"
                for lang, words in self.words.items()
            ]
        return [*names, *(f"{local_name(self.document)}/{name}" for name in names)]


class Passages:
    """The passages of a content, by IRI, and by what they may be called."""

    def __init__(self, content: Content) -> None:
        self.content = content

    @cached_property
    def all(self) -> Mapping[str, Passage]:
        """IRI → passage."""
        return {iri: self._passage(iri) for iri in self.content.instances(SIK.Passage)}

    @cached_property
    def spoken(self) -> Mapping[str, dict[str, None]]:
        """What a passage may be called, folded → the passages that it means."""
        found: dict[str, dict[str, None]] = {}
        for passage in self.all.values():
            for name in passage.spoken:
                found.setdefault(fold(name), {})[passage.iri] = None
        return found

    def language(self, iri: str) -> str:
        """The language of the document of a passage, as a tag; empty if it is not told."""
        for value in self.content.values(self.all[iri].document, DCT.language):
            code = local_name(str(to_python(value))).lower()
            return _TAGS.get(code, code)
        return ""

    def _passage(self, iri: str) -> Passage:
        above = [iri]
        for each in above:
            above += [p for p in self.content.named_values(each, DCT.isPartOf) if p not in above][
                :_MOST_PARTS
            ]

        def first(name: str) -> str:
            found = [to_python(value) for each in above for value in self.content.values(each, name)]
            return str(found[0]) if found else ""

        paragraph, sentence = first(SIK.paragraphNumber), first(SIK.sentenceNumber)
        documents = [d for each in above for d in self.content.named_values(each, PROV.specializationOf)]
        return Passage(
            iri,
            first(SIK.sectionNumber),
            int(paragraph) if paragraph.isdecimal() else None,
            int(sentence) if sentence.isdecimal() else None,
            documents[0] if documents else above[-1],
        )
