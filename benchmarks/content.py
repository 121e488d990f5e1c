"""What is measured on: our own content, and made-up municipalities in the same model, the same every time."""

import itertools
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat, serialize

from sikkerby_kg import open_graph
from sikkerby_kg.folders import own_folders
from sikkerby_kg.namespaces import PREFIXES, RDF, SIK

BASE = "https://municipalities.example/"
SEED = 20220101
OWN = "own"

_TOPICS = [
    "streets",
    "schools",
    "housing",
    "nightlife",
    "traffic",
    "parks",
    "harbours",
    "youth",
    "families",
    "shops",
    "squares",
    "stations",
]
_ACTS = ["lighting", "patrols", "meetings", "mentors", "cameras", "counselling", "cleaning", "courses"]
_KINDS = ("Strategy", "ActionPlan", "PolicyInstrument")


@dataclass(frozen=True, slots=True)
class Content:
    """A root folder for our server, and its union of graphs as N-Triples for the others."""

    name: str
    root: Path
    triples: Path
    count: int


def prepare(size: str, folder: Path) -> Content:
    """The content of a size: ``own``, or a number of triples such as ``3000``, written under a folder."""
    root = own_folders().root if size == OWN else _generated(int(size), folder / f"root-{size}")
    folder.mkdir(parents=True, exist_ok=True)
    triples = folder / f"union-{size}.nt"
    with open_graph(root, "memory") as graph:
        union = {quad.triple for quad in graph.store.quads()}
    triples.write_bytes(serialize(sorted(union, key=str), format=RdfFormat.N_TRIPLES) or b"")
    return Content(size, root, triples, len(union))


def _generated(size: int, root: Path) -> Path:
    """A root folder with about so many statements, and our own saved queries."""
    for name in ("ontology", "data", "web"):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.copytree(own_folders().queries, root / "queries", dirs_exist_ok=True)
    with (root / "data" / "municipalities.trig").open("w", encoding="utf-8") as file:
        for prefix in ("dcat", "dct", "skos", "sik", "xsd", "void"):
            file.write(f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n")
        written = 0
        for graph, statements in itertools.chain([_register()], _municipalities()):
            file.write(f"<{graph}> {{\n" + "".join(f"{line} .\n" for line in statements) + "}\n")
            written += len(statements)
            if written >= size:
                return root
    return root


def _register() -> tuple[str, list[str]]:
    dataset = f"<{BASE}>"
    return f"{BASE}register", [
        f"{dataset} a dcat:Dataset",
        f'{dataset} void:uriSpace "{BASE}"',
        f'{dataset} dct:title "Made-up municipalities"@en',
    ]


def _municipalities() -> Iterator[tuple[str, list[str]]]:
    """Graph and statements of one municipality after another, without end."""
    chance = random.Random(SEED)  # noqa: S311  (the same content every time is the point)
    for number in itertools.count(1):
        yield f"{BASE}statements/{number}", list(_statements(number, chance))


def _statements(number: int, chance: random.Random) -> Iterator[str]:
    """A strategy with its principles and focus areas, and the plans that are based on it."""
    strategy = f"<{BASE}id/strategy/{number}>"
    yield from _dated(strategy, f"strategy/{number}", _KINDS[0], chance)
    yield f'{strategy} skos:prefLabel "Safe municipality {number}"@en'
    yield f'{strategy} skos:prefLabel "Tryg kommune {number}"@da'
    for position in range(1, chance.randint(3, 6)):
        principle = f"<{BASE}id/principle/{number}-{position}>"
        topic = chance.choice(_TOPICS)
        yield f"{strategy} sik:hasPrinciple {principle}"
        yield f"{principle} a sik:Principle"
        yield f"{principle} sik:position {position}"
        yield f'{principle} skos:prefLabel "Safe {topic} {number}"@en'
        for area_number in range(1, chance.randint(2, 5)):
            area = f"<{BASE}id/area/{number}-{position}-{area_number}>"
            yield f"{principle} sik:hasFocusArea {area}"
            yield f"{area} a sik:FocusArea"
            yield f'{area} skos:prefLabel "{chance.choice(_ACTS)} for {topic} {number}.{area_number}"@en'
    for plan_number in range(1, chance.randint(4, 9)):
        name = f"plan/{number}-{plan_number}"
        plan = f"<{BASE}id/{name}>"
        yield from _dated(plan, name, chance.choice(_KINDS[1:]), chance)
        yield f"{plan} sik:isBasedOn {strategy}"
        yield f'{plan} skos:prefLabel "Plan {plan_number} for {chance.choice(_TOPICS)} {number}"@en'


def _dated(thing: str, name: str, kind: str, chance: random.Random) -> Iterator[str]:
    period = f"<{BASE}id/period/{name}>"
    start = chance.randint(1995, 2025)
    yield f"{thing} a sik:{kind}"
    yield f"{thing} sik:validityPeriod {period}"
    yield f"{period} a dct:PeriodOfTime"
    yield f'{period} dcat:startDate "{start}-01-01"^^xsd:date'
    yield f'{period} dcat:endDate "{start + chance.randint(1, 6)}-12-31"^^xsd:date'


_PREFIXES = "\n".join(f"PREFIX {p}: <{PREFIXES[p]}>" for p in ("dcat", "sik", "skos", "xsd"))

QUERIES: dict[str, str] = {
    "look-up": "SELECT ?p ?o WHERE { <{thing}> ?p ?o }",
    "label": "SELECT ?label WHERE { <{thing}> skos:prefLabel ?label FILTER(LANG(?label) IN ('da', 'en')) }",
    "plans on a date": """SELECT DISTINCT ?plan ?label ?start ?end WHERE {
  ?plan sik:validityPeriod ?period . ?period dcat:startDate ?start ; dcat:endDate ?end .
  FILTER(?start <= "2024-07-01"^^xsd:date && ?end >= "2024-07-01"^^xsd:date)
  OPTIONAL { ?plan skos:prefLabel ?label }
} ORDER BY ?start ?plan LIMIT 100""",
    "focus areas": """SELECT ?strategy ?principle ?area ?label WHERE {
  ?strategy a sik:Strategy ; sik:hasPrinciple ?principle . ?principle sik:hasFocusArea ?area .
  ?area skos:prefLabel ?label
} LIMIT 1000""",
    "kinds counted": "SELECT ?kind (COUNT(?thing) AS ?count) WHERE { ?thing a ?kind } GROUP BY ?kind",
    "10,000 rows": "SELECT ?thing ?p ?label WHERE { ?thing ?p ?label } LIMIT 10000",
}
"""The questions by name; they need nothing but the model, so they have answers on any content."""

LOOK_UPS = frozenset({"look-up", "label"})
LARGE = frozenset({"plans on a date", "focus areas", "kinds counted", "10,000 rows"})
"""Joins, aggregates and large results."""


def queries_on(content: Content) -> dict[str, str]:
    """The questions with a thing of the content in them."""
    type_line = f"> <{RDF.type}> <{SIK.Strategy}> ."
    with content.triples.open(encoding="utf-8") as file:
        thing = next(line[1:].partition(">")[0] for line in file if type_line in line)
    return {name: f"{_PREFIXES}\n{text.replace('{thing}', thing)}" for name, text in QUERIES.items()}
