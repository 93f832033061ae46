"""Lets programs do the same work in turns, each time in a process of its own, over one replay server."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
from speed.plan import Case, Results

__all__ = ["Race", "official_python", "our_python", "replay_server", "same_values"]

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]


def official_python() -> str:
    """The interpreter that has the official client."""
    return os.environ.get("FTRACK_OFFICIAL_PYTHON") or str(_ROOT / ".venv-official" / "bin" / "python")


def our_python() -> str:
    """The interpreter that has this project: this one, unless another is named, as for an installation like a user's.

    The finder of an editable installation is imported at every start of the interpreter, and counts as ours.
    """
    return os.environ.get("FTRACK_INSTALLED_PYTHON") or sys.executable


@contextlib.contextmanager
def replay_server(most_tasks: int) -> Iterator[str]:
    """The URL of a replay server, in a process of its own."""
    command = [sys.executable, str(_HERE / "replay" / "server.py"), str(most_tasks)]
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "the replay server ended before it was ready"
            yield url
        finally:
            process.terminate()


def same_values(results: Results) -> bool:
    """Whether all that came to an end have read, and written, the same."""
    return len({told["checksum"] for told in results.values() if "checksum" in told}) <= 1


@attrs.frozen
class Race:
    """Runs the cases of families.

    Attributes:
        url: Where the replay server is.
        folder: For schema caches, one for each program.
        rounds: Instead of each case's own number; None leaves it.
        warming: Whether cases that want it are run once before they are measured.
    """

    url: str
    folder: str
    rounds: int | None = None
    warming: bool = True

    def run(self, family: str, case: Case) -> dict[str, dict[str, Any]]:
        """For each program the best of its rounds, figure by figure; `fault` says why there is none.

        The programs take turns, so that a neighbour's noise falls on all alike.
        """
        if case.warm and self.warming:
            for program in case.programs:
                self._once(family, program, case)
        told: dict[str, list[dict[str, Any]]] = {program: [] for program in case.programs}
        for turn in range(self.rounds or case.rounds):
            for program in case.programs:
                if program != "official" or turn < case.official_rounds:
                    told[program].append(self._once(family, program, case))
        return {program: _best(rounds) for program, rounds in told.items()}

    def _once(self, family: str, program: str, case: Case) -> dict[str, Any]:
        folder = Path(self.folder, program)
        folder.mkdir(exist_ok=True)
        python = official_python() if program == "official" else our_python()
        options = json.dumps({"tasks": case.tasks, **case.options})
        served = f"{self.url}/{case.shape}-{case.tasks}"
        command = [python, "-W", "ignore", str(_HERE / "child.py"), family, program, served, str(folder), options]
        started = time.perf_counter()
        try:
            done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
        except OSError as error:
            return {"fault": f"{python} cannot be started: {error}"}
        wall = time.perf_counter() - started
        if done.returncode:
            return {"fault": (done.stderr.strip().splitlines() or ["it failed without a word"])[-1]}
        told: dict[str, Any] = json.loads(done.stdout)
        return {**told, "process": {"wall": wall, "cpu": told["process_cpu"]}}


def _environment() -> dict[str, str]:
    """Without settings of ours, and with byte code: no program shall compile its modules anew in every process."""
    left_out = {"PYTHONDONTWRITEBYTECODE"}
    return {
        name: value for name, value in os.environ.items() if not name.startswith("FTRACK_") and name not in left_out
    }


def _best(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    fault = next((told for told in rounds if "fault" in told), None)
    if fault:
        return fault
    return {name: _least([told[name] for told in rounds]) for name in rounds[0]}


def _least(figures: list[Any]) -> Any:
    """The least of numbers, and of times the least of each kind; anything else as it came first."""
    if isinstance(figures[0], Mapping):
        return {name: _least([figure[name] for figure in figures]) for name in figures[0]}
    return min(figures) if isinstance(figures[0], float) else figures[0]
