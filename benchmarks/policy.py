"""Made-up policy in the terms of our ontology, for validating: the same every time, with seeded mistakes.

Each borough has a strategy with principles and focus areas, plans that replace plans, periods, organisations,
initiatives, and a text with sections and passages. About one thing in a hundred has a mistake.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

SEED = 20240613
_MISTAKES = 0.01
_PREFIXES = """\
@prefix actor-type: <https://w3id.org/sikkerby-kg/concept/actor-type/> .
@prefix date-precision: <https://w3id.org/sikkerby-kg/concept/date-precision/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix initiative-kind: <https://w3id.org/sikkerby-kg/concept/initiative-kind/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix plan-kind: <https://w3id.org/sikkerby-kg/concept/plan-kind/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix sik: <https://w3id.org/sikkerby-kg/model/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix b: <https://boroughs.example/id/> .
"""
_PRINCIPLES, _AREAS, _PLANS, _PASSAGES = 3, 4, 8, 12
_WORDS = ("streets", "schools", "parks", "harbours", "night life", "families", "squares", "stations")


class _Borough:
    """The statements about one borough as Turtle."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self._number = number
        self._chance = chance
        self.lines: list[str] = []

    def _wrong(self) -> bool:
        return self._chance.random() < _MISTAKES

    def _thing(self, name: str, kind: str, *rest: str, named: bool = True) -> None:
        """A block about one thing: its class, names in two languages, and more."""
        parts = [f"a {kind}"]
        if named:
            word = f"{self._chance.choice(_WORDS)} {name} {self._number}"
            parts.append(f'skos:prefLabel "{word} på dansk"@da')
            if not self._wrong():
                parts.append(f'skos:prefLabel "{word} in English"@en')
            if self._wrong():
                parts.append(f'skos:prefLabel " {word} "@da')
        self.lines += [f"b:{name}-{self._number}", *(f"    {each} ;" for each in [*parts, *rest])]
        self.lines[-1] = self.lines[-1][:-1] + "."
        self.lines.append("")

    def _period(self, name: str, first: int, last: int) -> None:
        start, end = (last + 1, first) if self._wrong() else (first, last)
        precision = "month" if self._wrong() else "year"
        self._thing(
            name,
            "dct:PeriodOfTime",
            f'dcat:startDate "{start}-01-01"^^xsd:date',
            f'dcat:endDate "{end}-{"12-30" if self._wrong() else "12-31"}"^^xsd:date',
            f"sik:datePrecision date-precision:{precision}",
            named=False,
        )

    def strategy(self) -> None:
        """A strategy, its principles and their focus areas."""
        n = self._number
        principles = [f"sik:hasPrinciple b:principle{i}-{n}" for i in range(_PRINCIPLES)]
        self._period("years", 2022, 2025)
        self._thing(
            "strategy",
            "sik:Strategy",
            "dct:type plan-kind:" + ("sector-plan" if self._wrong() else "strategy"),
            f"sik:validityPeriod b:years-{n}",
            f"sik:statedPrincipleCount {_PRINCIPLES - self._wrong()}",
            *principles,
        )
        for i in range(_PRINCIPLES):
            areas = [f"sik:hasFocusArea b:area{i}x{j}-{n}" for j in range(_AREAS)]
            position = 1 if self._wrong() else i + 1
            self._thing(f"principle{i}", "sik:Principle", f"sik:position {position}", *areas)
            for j in range(_AREAS):
                text = f'"{j + 1}"' if self._wrong() else str(0 if self._wrong() else j + 1)
                self._thing(f"area{i}x{j}", "sik:FocusArea", f"sik:position {text}")

    def plans(self) -> None:
        """Plans, each of which replaces the one before, and initiatives that they led to."""
        n = self._number
        for i in range(_PLANS):
            self._period(f"term{i}", 2000 + 3 * i, 2002 + 3 * i)
            former = f"b:area0x0-{n}" if self._wrong() else f"b:plan{max(i - 1, 0)}-{n}"
            kinds = [
                "dct:type plan-kind:sector-plan",
                *(["dct:type plan-kind:strategy"] if self._wrong() else []),
            ]
            self._thing(
                f"plan{i}",
                "sik:PolicyInstrument",
                *kinds,
                f"sik:validityPeriod b:term{i}-{n}",
                *([f"dct:replaces {former}"] if i else []),
            )
            self._thing(
                f"initiative{i}",
                "sik:Initiative",
                "dct:type initiative-kind:" + ("no-such-kind" if self._wrong() else "effort"),
                f"sik:validityPeriod b:term{i}-{n}",
            )
            classification = "no-such-type" if self._wrong() else "police"
            self._thing(f"actor{i}", "org:Organization", f"org:classification actor-type:{classification}")

    def text(self) -> None:
        """A text with a section, and passages at places that follow each other."""
        n = self._number
        self._thing("document", "sik:SourceDocument", f'dct:title "borough {n}"@en')
        self._thing(
            "text",
            "sik:SourceText",
            f"prov:specializationOf b:document-{n}",
            f'sik:contentSha256 "{self._hash()}"',
            f"sik:characterCount {100 * _PASSAGES - 50 * self._wrong()}",
        )
        number = "one" if self._wrong() else "1"
        self._thing("section", "sik:Section", f'sik:sectionNumber "{number}"', f"dct:isPartOf b:text-{n}")
        for i in range(_PASSAGES):
            note = [] if self._wrong() else ['skos:editorialNote "uden udsagn"@da']
            self._thing(
                f"passage{i}",
                "sik:Passage",
                f"sik:paragraphNumber {i + 1}",
                f"dct:isPartOf b:section-{n}",
                f"oa:hasSource b:text-{n}",
                f"oa:hasSelector b:place{i}-{n}",
                f'sik:contentSha256 "{self._hash()}"',
                *note,
                named=False,
            )
            self._thing(
                f"place{i}",
                "oa:TextPositionSelector",
                f"oa:start {100 * i}",
                f"oa:end {100 * i + 100}",
                named=False,
            )

    def _hash(self) -> str:
        return "not a hash" if self._wrong() else f"{self._chance.getrandbits(256):064x}"


_PARTS: tuple[Callable[[_Borough], None], ...] = (_Borough.strategy, _Borough.plans, _Borough.text)


def boroughs() -> Iterator[tuple[str, int]]:
    """Boroughs without end as Turtle, each with the number of its triples."""
    chance = random.Random(SEED)  # noqa: S311  (made-up policy)
    number = 0
    while True:
        borough = _Borough(number, chance)
        for part in _PARTS:
            part(borough)
        number += 1
        yield "\n".join(borough.lines), sum(line.startswith("    ") for line in borough.lines)


def write_policy(path: Path, size: int) -> int:
    """Write a Turtle file of about so many triples; gives how many there are."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_PREFIXES + "\n")
        for text, triples in boroughs():
            file.write(text)
            count += triples
            if count >= size:
                return count
    raise AssertionError  # boroughs() does not end
