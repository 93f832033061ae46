"""The benchmark command in its smallest size, so that it does not rot; nothing is said about time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(__file__).with_name("bench.py")
ROOT = Path(__file__).parents[2]
FAMILIES = ("query", "start", "commits", "lazy", "events", "cache", "growth", "bounded")
WITHOUT_OFFICIAL = {"cache"}


def _bench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(COMMAND), "tiny", "--rounds", "1", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def official() -> None:
    """The official client is at hand, or the test is not."""
    if os.environ.get("FTRACK_INTEROP") == "off":
        pytest.skip("FTRACK_INTEROP=off: the comparison with the official client was switched off on purpose")
    usual = ROOT / ".venv-official" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    python = Path(os.environ.get("FTRACK_OFFICIAL_PYTHON") or usual)
    if not python.exists():
        pytest.skip(f"the official client is not there: {python} does not exist; `make test` prepares it")


@pytest.mark.slow
@pytest.mark.interop
@pytest.mark.usefixtures("official")
@pytest.mark.parametrize("family", FAMILIES)
def test_everybody_reads_and_writes_the_same_values(family: str) -> None:
    """A comparison of programs that do different work would be worth nothing."""
    done = _bench(family)
    assert done.returncode == 0, done.stderr
    assert f"{family}: " in done.stdout
    assert "values the same by all" in done.stdout
    for program in ("floor", "ours", "official")[: 2 if family in WITHOUT_OFFICIAL else 3]:
        assert f"\n    {program} " in done.stdout


def test_every_family_of_rows_is_run() -> None:
    """A file that the command does not know is a row that nobody sees."""
    there = {path.stem for path in (COMMAND.parent / "speed" / "rows").glob("*.py")} - {"tasks"}
    assert there == set(FAMILIES)
    assert all(f'"{family}"' in COMMAND.read_text(encoding="utf-8") for family in FAMILIES)


def test_a_family_that_does_not_exist_is_told_with_those_that_do() -> None:
    """A slip in `make bench BENCH=` must not measure everything for ten minutes."""
    done = _bench("comits")
    assert done.returncode == 2
    assert "'comits' is neither a family nor a size" in done.stderr
    assert "commits" in done.stderr
