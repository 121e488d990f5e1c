"""The benchmark in one command: ``python -m benchmarks``."""

import os
import platform
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks.content import OWN, prepare
from benchmarks.measure import Run, measure
from benchmarks.pages import END as PAGES_END, START as PAGES_START, measure_pages, table
from benchmarks.report import README, as_json, put_between, tables, write_readme
from benchmarks.search import measure_search
from benchmarks.systems import ALL
from benchmarks.tools import Tools
from benchmarks.validation import (
    END as VALIDATION_END,
    START as VALIDATION_START,
    Validation,
    measure_validation,
    stopped,
    table as validation_table,
)

_QUICK = 0.3


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    sizes: str
    systems: str
    seconds: float
    rounds: int
    labels: int
    quick: bool
    keep: Path | None
    write: bool
    json_path: Path | None
    pages: bool
    validation: bool
    limit: int


@click.command()
@click.option("--sizes", default="own,3000,100000,1000000", help="own, or numbers of triples")
@click.option("--systems", default=",".join(ALL), help=f"of {', '.join(ALL)}")
@click.option("--seconds", default=1.0, help="how long each cell is asked in each round")
@click.option("--rounds", default=3, help="rounds; the systems take turns in each")
@click.option("--labels", default=1_000_000, help="names that are searched; 0: none")
@click.option("--quick", is_flag=True, help="one short round on our own content")
@click.option("--pages", is_flag=True, help="only how long each kind of page takes to be made")
@click.option("--validation", is_flag=True, help="only validating, beside other SHACL engines")
@click.option("--limit", default=0, help="processor seconds that an engine may have for --validation; 0: any")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="folder for programs and contents, kept for next time"
)
@click.option("--write", is_flag=True, help="put the tables into benchmarks/README.md")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="file for every figure")
def main(**given: Any) -> None:
    """Measure the endpoint beside the engine and beside other servers, on this machine alone."""
    options = Options(**given)
    if options.pages:
        text = f"{_load()}.\n\n{table(measure_pages())}"
        click.echo(text)
        if options.write:
            put_between(README, PAGES_START, PAGES_END, text)
        return
    if options.validation:
        _validation(options)
        return
    if options.quick:
        options = replace(options, sizes="own", rounds=1, seconds=_QUICK, labels=min(options.labels, 10_000))
    wanted = options.systems.split(",")
    if unknown := set(wanted) - set(ALL):
        raise click.UsageError(f"unknown: {', '.join(sorted(unknown))}; choose of {', '.join(ALL)}")
    runs: list[Run] = []
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(TemporaryDirectory(prefix="sikkerby-benchmark-")))
        tools = Tools(folder.resolve())
        for size in options.sizes.split(","):
            content = prepare(size, tools.folder)
            runs.append(measure(content, wanted, tools, options.seconds, options.rounds, _say))
    search = measure_search(options.labels) if options.labels else None
    text = tables(runs, search, _conditions(options))
    click.echo(text)
    if options.write:
        write_readme(text)
    if options.json_path:
        options.json_path.write_text(as_json(runs, search), encoding="utf-8")


def _validation(options: Options) -> None:
    """Validating beside other engines; the sizes are those given, own content left out."""
    sizes = [int(size) for size in options.sizes.split(",") if size != OWN]
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(TemporaryDirectory(prefix="sikkerby-benchmark-")))
        tools = Tools(folder.resolve())
        runs: list[Validation] = []
        for size in sorted(sizes):
            without = stopped(runs)
            runs.append(
                measure_validation(size, tools, options.rounds, _say, limit=options.limit, without=without)
            )
    rounds = "1 round" if options.rounds == 1 else f"the medians of {options.rounds} rounds"
    ended = f"; an engine was stopped after {options.limit} s" if options.limit else ""
    said = f"{_load()}; {rounds}{ended}. In brackets: how many times ours."
    text = f"{said}\n\n{validation_table(runs)}"
    click.echo(text)
    if options.write:
        put_between(README, VALIDATION_START, VALIDATION_END, text)


def _say(said: str) -> None:
    click.echo(said, err=True)


def _load() -> str:
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{load}"


def _conditions(options: Options) -> str:
    return (
        f"{_load()}, {platform.system()}, Python {platform.python_version()}; "
        f"{options.rounds} rounds of {options.seconds:g} s for each cell."
    )


if __name__ == "__main__":
    main()
