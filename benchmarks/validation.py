"""Validating, beside other SHACL engines: processor time and memory from the start of a process to its end.

Ours is the command as people run it, with the place of every result. The others are the shortest program that
reads the files and lists the results. All get the same files, take turns, and have their results compared.
"""

import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from benchmarks.policy import write_policy
from benchmarks.tools import MissingError, Tools
from sikkerby_kg.folders import own_folders

START, END = "<!-- validation: start -->", "<!-- validation: end -->"
OURS, REFERENCE = "sikkerby-kg", "pyshacl"
OTHERS = (REFERENCE, "pyshifty", "pyrudof")
_PROGRAM = Path(__file__).with_name("validators.py")
_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds, of the program and the system for it, and the most memory in megabytes.

    One that ``is_stopped`` had come no farther when its time was up: the figures are the least it needs.
    """

    seconds: float
    megabytes: float
    is_stopped: bool = False


@dataclass
class Validation:
    """What a size cost each engine, how many results there are, and which engines found others."""

    triples: int
    costs: dict[str, Cost] = field(default_factory=dict)
    results: int = 0
    different: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


def measure_validation(
    size: int,
    tools: Tools,
    rounds: int,
    say: Callable[[str], None],
    *,
    limit: int = 0,
    without: Mapping[str, str] = MappingProxyType({}),
) -> Validation:
    """Validate about so many triples by each engine, in turns; ``limit`` is what one may take, in seconds.

    ``without`` are the engines that are left out, with the reason.
    """
    folder = tools.folder / f"validation-{size}"
    data = _prepared(folder, size)
    files, shapes = [data, *_model(folder)], folder / "ontology" / "shapes.ttl"
    run = Validation(_count(data))
    commands = {OURS: [sys.executable, "-m", "sikkerby_kg", "--root", str(folder), "validate", str(data)]}
    try:
        commands |= {
            name: _other(str(tools.validators), name, files, shapes, folder / name) for name in OTHERS
        }
    except MissingError as error:
        run.skipped |= dict.fromkeys(OTHERS, str(error))
    run.skipped |= without
    spent: dict[str, list[Cost]] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            if name not in run.skipped:
                say(f"{run.triples:,} triples: {name}")
                try:
                    spent.setdefault(name, []).append(_cost(command, limit))
                except subprocess.CalledProcessError as error:
                    run.skipped[name] = f"ended with status {error.returncode}"
    run.costs = {name: _median(costs) for name, costs in spent.items() if name not in run.skipped}
    _cost(_other(sys.executable, OURS, files, shapes, folder / OURS))
    ours = _lines(folder / OURS)
    run.results = len(ours)
    run.different = {
        name: len(ours ^ _lines(folder / name))
        for name, cost in run.costs.items()
        if name != OURS and not cost.is_stopped
    }
    return run


def stopped(runs: Sequence[Validation]) -> dict[str, str]:
    """The engines that did not come to their end, with the least size; a larger one need not be tried."""
    found: dict[str, str] = {}
    for run in sorted(runs, key=lambda each: each.triples):
        for name, cost in run.costs.items():
            if cost.is_stopped:
                found.setdefault(name, f"not tried, as it was stopped at {run.triples:,}")
    return found


def _prepared(folder: Path, size: int) -> Path:
    """A root folder with our ontology and its shapes about single graphs, and a file of policy beside it."""
    own = own_folders()
    (folder / "ontology").mkdir(parents=True, exist_ok=True)
    for name in ("data", "queries", "web"):
        (folder / name).mkdir(exist_ok=True)
    for name in ("sikkerby.ttl", "shapes.ttl"):
        shutil.copy(own.ontology / name, folder / "ontology")
    shutil.copytree(own.ontology / "codelists", folder / "ontology" / "codelists", dirs_exist_ok=True)
    data = folder / "policy.ttl"
    write_policy(data, size)
    return data


def _model(folder: Path) -> list[Path]:
    ontology = folder / "ontology"
    return [ontology / "sikkerby.ttl", *sorted((ontology / "codelists").glob("*.ttl"))]


def _count(data: Path) -> int:
    with data.open(encoding="utf-8") as file:
        return sum(line.startswith("    ") for line in file)


def _other(python: str, name: str, data: Sequence[Path], shapes: Path, results: Path) -> list[str]:
    return [python, str(_PROGRAM), name, ",".join(map(str, data)), str(shapes), str(results)]


def _cost(command: list[str], limit: int = 0) -> Cost:
    """Run a command to its end, or until it has had its processor seconds.

    Raises CalledProcessError if it fails; to find mistakes is no failure.
    """
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if limit:
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (limit, limit))
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    is_stopped = bool(limit) and process.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    if not is_stopped and process.returncode not in (0, 1):
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, is_stopped)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(each.seconds for each in costs),
        statistics.median(each.megabytes for each in costs),
        any(each.is_stopped for each in costs),
    )


def _lines(path: Path) -> set[str]:
    return set(path.read_text(encoding="utf-8").splitlines()) if path.exists() else set()


def table(runs: Sequence[Validation]) -> str:
    """The figures as Markdown, and whether the aims are met."""
    lines = [
        f"| triples | results | {' | '.join(f'{name}: s, MB' for name in (OURS, *OTHERS))} | other results |",
        "|--:|--:|" + "--:|" * (len(OTHERS) + 1) + "---|",
    ]
    for run in runs:
        cells = [_cell(run, _least(name, run, runs)) for name in OTHERS]
        cells.insert(0, _cell(run, run.costs.get(OURS), is_ours=True))
        different = [f"{name}: {number}" for name, number in run.different.items() if number]
        said = ", ".join(different) or "none"
        lines.append(f"| {run.triples:,} | {run.results:,} | {' | '.join(cells)} | {said} |")
    lines += [f"- {name} at {run.triples:,}: {why}" for run in runs for name, why in run.skipped.items()]
    return "\n".join(lines)


def _least(name: str, run: Validation, runs: Sequence[Validation]) -> Cost | None:
    """What an engine cost; where it was not tried, what it had had when it was stopped at fewer triples."""
    smaller = (each.costs.get(name) for each in runs if each.triples < run.triples)
    return run.costs.get(name) or max(
        (each for each in smaller if each and each.is_stopped), key=lambda each: each.seconds, default=None
    )


def _cell(run: Validation, cost: Cost | None, *, is_ours: bool = False) -> str:
    """What an engine cost, and how many times ours that is."""
    ours = run.costs.get(OURS)
    if cost is None:
        return "–"
    least = "> " if cost.is_stopped else ""
    times = f" ({least}{_times(cost.seconds / ours.seconds)}×)" if ours and not is_ours else ""
    return f"{least}{cost.seconds:.2f}{times}, {least}{cost.megabytes:,.0f}"


def _times(ratio: float) -> str:
    """A ratio with two digits that count."""
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}"  # noqa: PLR2004  (two digits)
