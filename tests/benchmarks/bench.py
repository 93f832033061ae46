"""How long things take, as ratios: the raw floor, the official client and ours, side by side in one run.

    make bench                                everything, in about ten minutes
    make bench BENCH=quick                    everything with smaller numbers
    make bench BENCH="query commits"          some families of rows
    make bench BENCH="events --rounds 9"      more rounds

A replay server of its own process answers from memory; each program does the work in a process of its own, several
times in turns, and the best counts. All must have read, and written, the same values. Nothing is asserted about time:
times depend on the machine, ratios much less. Each family is one file in `speed/rows`.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from speed.plan import Results
from speed.race import Race, replay_server, same_values
from speed.table import Verdict, lines, summary, verdicts

FAMILIES = ("query", "start", "commits", "lazy", "events", "cache", "growth", "bounded")
WORKSPACE = "workspace"
SIZES = ("full", "quick", "tiny")


def main() -> int:
    """Measure and print; 1 when a program failed, or read or wrote other values than the others."""
    options = _options()
    print(f"Python {platform.python_version()}, {platform.machine()}, {options.size} size\n", flush=True)
    faults = _raced(options) if options.families else []
    if options.workspace:
        faults += _workspace(options.size)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choices = (*FAMILIES, WORKSPACE, *SIZES)
    parser.add_argument("words", nargs="*", metavar="WORD", help=f"families and a size: {', '.join(choices)}")
    parser.add_argument("--rounds", type=int, help="runs of each program but the official one; the best counts")
    options = parser.parse_intermixed_args()
    unknown = [word for word in options.words if word not in choices]
    if unknown:
        parser.error(f"{unknown[0]!r} is neither a family nor a size; there are {', '.join(choices)}")
    options.size = next((word for word in options.words if word in SIZES), SIZES[0])
    named = [word for word in options.words if word not in SIZES]
    options.families = [family for family in FAMILIES if family in named or not named]
    options.workspace = WORKSPACE in named or not named
    return options


def _raced(options: argparse.Namespace) -> list[str]:
    """Everything that is measured over the replay server; gives what went wrong."""
    modules = {family: importlib.import_module(f"speed.rows.{family}") for family in options.families}
    most = max(case.tasks for module in modules.values() for case in module.cases(options.size))
    faults: list[str] = []
    found: list[Verdict] = []
    with replay_server(most) as url, tempfile.TemporaryDirectory() as folder:
        race = Race(url, folder, options.rounds, warming=options.size != "tiny")
        for family, module in modules.items():
            results = _family(race, family, module, options.size)
            faults += _faults(family, results)
            found += _printed(module, options.size, results)
    print("\n".join(summary(found)), end="\n\n", flush=True)
    return faults


def _family(race: Race, family: str, module: Any, size: str) -> dict[str, Results]:
    started = time.monotonic()
    results: dict[str, Results] = {case.name: race.run(family, case) for case in module.cases(size)}
    same = "the same by all" if all(map(same_values, results.values())) else "DIFFERENT"
    print(f"{family}: {time.monotonic() - started:.0f} s; values {same}\n", flush=True)
    return results


def _printed(module: Any, size: str, results: dict[str, Results]) -> list[Verdict]:
    tables = module.blocks(size, results)
    if size == "tiny":  # targets are about work, not about a handful of entities
        tables = [block._replace(targets=()) for block in tables]
    for block in tables:
        print("\n".join(lines(block)), flush=True)
    return [verdict for block in tables for verdict in verdicts(block)]


def _faults(family: str, results: dict[str, Results]) -> list[str]:
    failed = [
        f"{family}, {case}: {program} failed: {told['fault']}"
        for case, programs in results.items()
        for program, told in programs.items()
        if "fault" in told
    ]
    different = [f"{family}, {case}: values differ" for case, told in results.items() if not same_values(told)]
    return failed + different


def _workspace(size: str) -> list[str]:
    """The workspace alone, which has its own command; gives what went wrong."""
    sizes = {"full": ("1000", "100000"), "quick": ("1000", "5000"), "tiny": ("200", "400")}[size]
    repeat = "1" if size == "tiny" else "5"
    command = [sys.executable, str(Path(__file__).with_name("workspace.py")), "--tasks", *sizes, "--repeat", repeat]
    done = subprocess.run(command, check=False)
    return [f"workspace: ended with {done.returncode}"] if done.returncode else []


if __name__ == "__main__":
    sys.exit(main())
