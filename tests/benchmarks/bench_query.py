"""How long things take, as ratios: the raw floor, the official client and ours, side by side in one run.

    make bench                       everything
    make bench BENCH="--tasks 2000 --repeat 2"

A server of its own process answers from memory (`replay.py`); each program runs in a process of its own
(`programs.py`), several times, and the best time counts. Every program must have read the same values. Nothing is
asserted about time: the numbers depend on the machine, the ratios much less.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHAPES = {"full": "nested entities in full in every row", "once": "nested entities in full once a page"}
TIMES = {
    "query": "query and hold all tasks",
    "scalars": "read a loaded scalar, 20 times each",
    "nested": "first reach of a nested reference's name",
}


@attrs.frozen
class Program:
    """One of those that are compared."""

    name: str
    python: str


@attrs.frozen
class Bench:
    """One run of the comparison."""

    url: str
    folder: str
    repeat: int
    official_repeat: int

    def measured(self, programs: list[Program], mode: str, shape: str) -> dict[str, dict[str, Any]]:
        """For each program the best of its runs, number by number; `fault` says why there is none.

        The programs take turns, so that a neighbour's noise falls on all alike.
        """
        runs: dict[str, list[dict[str, Any]]] = {program.name: [] for program in programs}
        for turn in range(self.repeat):
            for program in programs:
                if program.name != "official" or turn < self.official_repeat:
                    runs[program.name].append(self._run(program, mode, shape))
        return {name: _best(told) for name, told in runs.items()}

    def _run(self, program: Program, mode: str, shape: str) -> dict[str, Any]:
        folder = Path(self.folder, program.name)
        folder.mkdir(exist_ok=True)
        command = [program.python, "-W", "ignore", str(HERE / "programs.py"), program.name, mode]
        started = time.perf_counter()
        done = subprocess.run(
            [*command, f"{self.url}/{shape}", str(folder)],
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            return {"fault": (done.stderr.strip().splitlines() or ["it failed without a word"])[-1]}
        return {**json.loads(done.stdout), "start": seconds}


def _environment() -> dict[str, str]:
    """Without settings of ours, and with byte code: no program shall compile its modules anew in every process."""
    left_out = {"PYTHONDONTWRITEBYTECODE"}
    return {
        name: value for name, value in os.environ.items() if not name.startswith("FTRACK_") and name not in left_out
    }


def _best(runs: list[dict[str, Any]]) -> dict[str, Any]:
    fault = next((run for run in runs if "fault" in run), None)
    if fault:
        return fault
    return {
        **runs[0],
        **{name: min(run[name] for run in runs) for name in runs[0] if isinstance(runs[0][name], float)},
    }


def main() -> int:
    """Measure and print; 1 when a program read other values than the others."""
    options = _options()
    programs = _programs()
    with _replay(options.tasks) as served, tempfile.TemporaryDirectory() as folder:
        bench = Bench(served["url"], folder, options.repeat, options.official_repeat)
        print(f"{options.tasks:,} tasks, pages of 500; best of {options.repeat}; Python {sys.version.split()[0]}\n")
        same = [_queries(bench, programs, shape, served["bytes"][shape]) for shape in options.shapes]
        _memory(bench, programs)
        _starts(bench, programs)
    return 0 if all(same) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each program; the best counts")
    parser.add_argument("--official-repeat", type=int, default=2, help="runs of the official client, which is slow")
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    return parser.parse_args()


def _programs() -> list[Program]:
    official = os.environ.get("FTRACK_OFFICIAL_PYTHON") or str(ROOT / ".venv-official" / "bin" / "python")
    return [
        Program("floor", sys.executable),
        Program("ours", sys.executable),
        Program("ours-orjson", sys.executable),
        Program("official", official),
    ]


@contextlib.contextmanager
def _replay(tasks: int) -> Iterator[dict[str, Any]]:
    """The replay server, in a process of its own."""
    command = [sys.executable, str(HERE / "replay.py"), str(tasks)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def _queries(bench: Bench, programs: list[Program], shape: str, size: int) -> bool:
    """The table for one shape of replies; whether everybody read the same."""
    results = bench.measured(programs, "query", shape)
    print(f"{SHAPES[shape]}: {size / 1e6:.1f} MB of JSON")
    for key, label in TIMES.items():
        _table(label, {name: result.get(key) for name, result in results.items()}, results, "ms", 1000)
    checksums = {result["checksum"] for result in results.values() if "checksum" in result}
    print(f"values read: {'the same by all' if len(checksums) == 1 else 'DIFFERENT'}\n")
    return len(checksums) == 1


def _memory(bench: Bench, programs: list[Program]) -> None:
    once = attrs.evolve(bench, repeat=1, official_repeat=1)
    for shape, what in SHAPES.items():
        results = once.measured(programs, "memory", shape)
        label = f"memory held for each task, {what}"
        _table(label, {name: result.get("bytes") for name, result in results.items()}, results, "bytes", 1)


def _starts(bench: Bench, programs: list[Program]) -> None:
    """Each program once without counting, so that its schema cache and byte code are there."""
    attrs.evolve(bench, repeat=1, official_repeat=1).measured(programs, "start", "full")
    results = attrs.evolve(bench, official_repeat=bench.repeat).measured(programs, "start", "full")
    label = "a process: import, session, one query, close"
    _table(label, {name: result.get("start") for name, result in results.items()}, results, "ms", 1000)


def _table(
    label: str, values: dict[str, float | None], results: dict[str, dict[str, Any]], unit: str, scale: float
) -> None:
    if not any(value or "fault" in results[name] for name, value in values.items()):
        return
    floor, official = values.get("floor"), values.get("official")
    print(f"  {label}")
    for name, value in values.items():
        if value is not None:
            ratios = f"{_ratio(value, floor)} x floor   official / it = {_ratio(official, value)}"
            print(f"    {name:12} {value * scale:12,.1f} {unit:6} {ratios}")
        elif "fault" in results[name]:
            print(f"    {name:12} {'-':>12}        {results[name]['fault']}")
    print()


def _ratio(value: float | None, by: float | None) -> str:
    return f"{value / by:8.2f}" if value and by else f"{'-':>8}"


if __name__ == "__main__":
    sys.exit(main())
