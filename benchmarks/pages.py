"""How long the server takes to make a page, on our own content, with nothing kept from before."""

import statistics
import time
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from sikkerby_kg import open_graph
from sikkerby_kg.server import create_app
from sikkerby_kg.settings import Settings

START, END = "<!-- pages: start -->", "<!-- pages: end -->"
PAGES: Mapping[str, str] = MappingProxyType(
    {
        "home": "/",
        "home, each time at another date": "/?as-of={day}",
        "principle, each time at another date": "/document/principle/lokalomraader?as-of={day}",
        "principle": "/document/principle/lokalomraader",
        "plan": "/document/plan/ekstremisme-2024-2026",
        "actor": "/document/organization/borgerrepraesentationen",
        "passage": "/document/doc/midtvejsstatus/p/5/s/2",
        "class": "/document/model/FocusArea",
        "list": "/kind/sik:PolicyInstrument",
        "question": "/query/plans-valid-on-date?asOf=2023-07-01",
        "questions": "/query",
        "timeline": "/timeline",
        "coverage": "/coverage",
        "gaps": "/gaps",
        "search": "/search?q=plan",
        "about": "/about",
    }
)
FIRST_DAY = date(2023, 6, 1)
AIM = 0.015
"""Seconds that a page may take at the median."""

ROUNDS = 20


def measure_pages(rounds: int = ROUNDS) -> dict[str, float]:
    """The median of the seconds that each page takes in processor time, and under "all" that of all pages.

    The pages take turns; the first round, in which names are looked up that are then remembered, is left out.
    Pages at another date each time have nothing remembered that follows from the date.
    """
    settings = Settings(cache_megabytes=0)
    with open_graph(settings=settings) as graph:
        graph.describe_itself()
        client = create_app(settings, graph).test_client()
        times: dict[str, list[float]] = {name: [] for name in PAGES}
        for number in range(rounds + 1):
            day = FIRST_DAY + timedelta(days=number)
            for name, pattern in PAGES.items():
                path = pattern.format(day=day)
                begun = time.process_time()
                response = client.get(path, headers={"Accept": "text/html"})
                taken = time.process_time() - begun
                if response.status_code != 200:  # noqa: PLR2004  (OK)
                    raise RuntimeError(f"{path}: {response.status_code}")
                if number:
                    times[name].append(taken)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    return {**medians, "all": statistics.median(medians.values())}


def table(found: Mapping[str, float]) -> str:
    """The figures as a table in Markdown."""
    rows = [f"| {name} | {1000 * seconds:.1f} |" for name, seconds in found.items()]
    return "\n".join(["| page | ms at the median |", "|---|--:|", *rows]) + "\n"
