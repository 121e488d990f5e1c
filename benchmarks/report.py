"""The table in README.md: ratios, and whether the aims are met."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.content import LARGE, LOOK_UPS
from benchmarks.load import Figures
from benchmarks.measure import CACHED, CONNECTIONS, Run
from benchmarks.systems import ENGINE, FLASK, KEPT, OURS, OXIGRAPH, RDFLIB, SERVERS

README = Path(__file__).with_name("README.md")
START, END = "<!-- figures: start -->", "<!-- figures: end -->"


def tables(runs: Sequence[Run], search: dict[str, float] | None, conditions: str) -> str:
    """All tables as Markdown."""
    parts = [conditions]
    for run in runs:
        parts += [f"### {_named(run)}", "\n".join(_questions(run)), "\n".join(_starts(run))]
        parts += [f"- {name}: {reason}" for name, reason in run.skipped.items()]
    if search:
        parts.append(
            f"### Search\n\n{search['labels']:,.0f} names: median {search['p50']:.2f} ms, 99th percentile "
            f"{search['p99']:.2f} ms; the index is made in {search['made in seconds']:.1f} s."
        )
    parts += ["### Aims", "\n".join(_aims(runs, search))]
    return "\n\n".join(parts)


def write_readme(text: str) -> None:
    """Put the tables into the README, between their marks."""
    put_between(README, START, END, text)


def put_between(path: Path, start: str, end: str, text: str) -> None:
    """Put a text between two marks of a file."""
    before, _, rest = path.read_text(encoding="utf-8").partition(start)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{start}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def as_json(runs: Sequence[Run], search: dict[str, float] | None) -> str:
    """Every figure, for other programs."""
    return json.dumps(
        {
            "search": search,
            "runs": [
                {
                    **{k: getattr(run, k) for k in ("content", "triples", "cold", "memory", "skipped")},
                    "cells": [[*cell, asdict(found)] for cell, found in run.cells.items()],
                }
                for run in runs
            ],
        },
        indent=1,
    )


def _named(run: Run) -> str:
    kind = "Our own content" if run.content == "own" else "Generated"
    return f"{kind}, {run.triples:,} triples"


def _questions(run: Run) -> Iterator[str]:
    """Ours in numbers, the others as multiples: above 1 we are better."""
    others = [name for name in SERVERS if name != OURS and any(cell[0] == name for cell in run.cells)]
    heading = ["question", "connections", "ours: answers/s", "p50 ms", "p99 ms", "engine p50 ms"]
    yield f"| {' | '.join([*heading, 'answers kept: /s', *others])} |"
    yield "|---|--:|--:|--:|--:|--:|--:|" + "--|" * len(others)
    for question in dict.fromkeys(cell[1] for cell in run.cells):
        for connections in CONNECTIONS:
            ours = run.cells.get((KEPT if question == CACHED else OURS, question, connections))
            if ours is None:
                continue
            engine, kept = (run.cells.get((name, question, connections)) for name in (ENGINE, KEPT))
            shown = [_ratio(ours, run.cells.get((name, question, connections))) for name in others]
            if question == CACHED:
                flask = run.cells.get((FLASK, CACHED, connections))
                shown = [f"empty Flask route: {_ratio(ours, flask)}"] + ["–"] * (len(others) - 1)
            yield (
                f"| {question} | {connections} | {ours.rate:,.0f} | {ours.p50:.2f} | {ours.p99:.2f} | "
                f"{f'{engine.p50:.2f}' if engine else '–'} | {f'{kept.rate:,.0f}' if kept else '–'} | "
                f"{' | '.join(shown)} |"
            )


def _ratio(ours: Figures, theirs: Figures | None) -> str:
    if theirs is None:
        return "–"
    rate, p50, p99 = ours.rate / theirs.rate, theirs.p50 / ours.p50, theirs.p99 / ours.p99
    return f"rate {_short(rate)}×, p50 {_short(p50)}×, p99 {_short(p99)}×"


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004


def _starts(run: Run) -> Iterator[str]:
    yield "| | cold start to the first answer, s | memory afterwards, MB |"
    yield "|---|--:|--:|"
    for name, seconds in run.cold.items():
        yield f"| {name} | {seconds:.2f} | {run.memory.get(name, 0):,.0f} |"


Aim = tuple[str, Callable[[Run], Iterator[tuple[str, float, float]]]]


def _aims(runs: Sequence[Run], search: dict[str, float] | None) -> Iterator[str]:
    """Each aim on each content: met, or missed and where it is missed most."""
    yield "| aim | content | |"
    yield "|---|---|---|"
    for run in runs:
        for aim, checks in _AIMS:
            found = list(checks(run))
            missed = [(value, where) for where, value, aimed in found if value < aimed]
            said = f"met ({len(found)} of {len(found)})" if found else "not measured"
            if missed:
                value, where = min(missed)
                said = f"missed at {len(missed)} of {len(found)}; most at {where}: {value:.2g}"
            yield f"| {aim} | {_named(run)} | {said} |"
    if search:
        said = "met" if search["p99"] < 10 else "missed"  # noqa: PLR2004
        yield f"| search under 10 ms | {search['labels']:,.0f} names | {said}: p99 {search['p99']:.2f} ms |"


def _versus(
    run: Run, other: str, questions: frozenset[str], aimed: float, ours_is: str = OURS
) -> Iterator[tuple[str, float, float]]:
    for (name, question, connections), ours in run.cells.items():
        theirs = run.cells.get((other, question, connections))
        if name == ours_is and theirs and question in questions:
            yield f"{question}, {connections} connections", ours.rate / theirs.rate, aimed


def _floor(run: Run) -> Iterator[tuple[str, float, float]]:
    """What no answer of a Flask application under this server can exceed, unless it is kept before Flask."""
    for (name, question, connections), theirs in run.cells.items():
        empty = run.cells.get((FLASK, CACHED, connections))
        if name == RDFLIB and question in LOOK_UPS and empty:
            yield f"{question}, {connections} connections", empty.rate / theirs.rate, 5.0


def _above_engine(run: Run) -> Iterator[tuple[str, float, float]]:
    for question in sorted(LOOK_UPS):
        ours, engine = run.cells.get((OURS, question, 1)), run.cells.get((ENGINE, question, 1))
        if ours and engine:
            yield f"{question} (ms to spare of 2)", 2 - (ours.p50 - engine.p50), 0.0


def _lower_p50(run: Run) -> Iterator[tuple[str, float, float]]:
    for (name, question, connections), ours in run.cells.items():
        theirs = run.cells.get((RDFLIB, question, connections))
        if name == OURS and theirs and connections == 1:
            yield question, theirs.p50 / ours.p50, 5.0


def _cached(run: Run) -> Iterator[tuple[str, float, float]]:
    for connections in CONNECTIONS:
        ours, flask = run.cells.get((KEPT, CACHED, connections)), run.cells.get((FLASK, CACHED, connections))
        if ours and flask:
            yield f"{connections} connections", ours.rate / flask.rate, 0.7


def _cold(run: Run) -> Iterator[tuple[str, float, float]]:
    if OURS in run.cold:
        yield "seconds to spare of 2", 2 - run.cold[OURS], 0.0


_AIMS: tuple[Aim, ...] = (
    ("small query: p50 at most 2 ms above the engine in process", _above_engine),
    (
        "10 times the throughput of rdflib-endpoint, look-ups apart",
        lambda run: _versus(run, RDFLIB, LARGE, 10.0),
    ),
    (
        "… as the server comes, with answers kept",
        lambda run: _versus(run, RDFLIB, LARGE, 10.0, KEPT),
    ),
    (
        "5 times the throughput of rdflib-endpoint on look-ups",
        lambda run: _versus(run, RDFLIB, LOOK_UPS, 5.0),
    ),
    (
        "… as the server comes, with answers kept",
        lambda run: _versus(run, RDFLIB, LOOK_UPS, 5.0, KEPT),
    ),
    (
        "for comparison: an empty Flask route, 5 times the throughput of rdflib-endpoint on look-ups",
        _floor,
    ),
    ("a p50 5 times lower than rdflib-endpoint's", _lower_p50),
    (
        "joins and large results: not behind Oxigraph's own server",
        lambda run: _versus(run, OXIGRAPH, LARGE, 1.0),
    ),
    ("cached answers at 70 % of an empty Flask route or more", _cached),
    ("cold start to the first answer under 2 s", _cold),
)
