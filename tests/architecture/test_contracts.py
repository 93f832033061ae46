"""Import contracts: all kept as the code stands, and each of them really catches what it forbids."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
ROOT = Path(__file__).parents[2]

PLANTS = {
    "The core knows no backend and no backend's library": ("ftrack_core/config", "import requests"),
    "Only ftrack_core.plugins imports stevedore": ("ftrack_core/config", "import stevedore"),
    "Layers of the core": ("ftrack_core/schema", "import ftrack_core.query"),
    "Pure packages reach no clock, thread, file or socket": ("ftrack_core/values", "import random"),
    "Seams do not know each other": ("ftrack_backends/caches", "import ftrack_backends.key_makers"),
    "Nothing at run time uses the test kit, and the kit knows no backend": (
        "ftrack_backends/caches",
        "import ftrack_core.testing",
    ),
}
"""For each contract: a package, and a line in it that breaks this contract and no other."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of both packages with the contracts."""
    folder = tmp_path_factory.mktemp("contracts")
    for package in ("ftrack_core", "ftrack_backends"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_all_contracts_are_kept(copied: Path) -> None:
    """The house stands as DESIGN draws it."""
    verdicts, output = _lint(copied)
    assert set(verdicts.values()) == {"KEPT"}, output


def test_every_contract_has_a_plant() -> None:
    """A new contract without a planted violation may be one that cannot fail."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]} == set(PLANTS)


@pytest.mark.parametrize("contract", PLANTS)
def test_a_planted_violation_breaks_its_contract_and_no_other(copied: Path, contract: str) -> None:
    """A contract that nothing can break protects nothing."""
    package, line = PLANTS[contract]
    planted = copied / package / "_planted.py"
    planted.write_text(f"{line}\n", encoding="utf-8")
    try:
        verdicts, output = _lint(copied)
    finally:
        planted.unlink()
    assert [name for name, verdict in verdicts.items() if verdict == "BROKEN"] == [contract], output


def _lint(folder: Path) -> tuple[dict[str, str], str]:
    """The verdict on each contract, and the whole output."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", output, re.MULTILINE))
    assert set(verdicts) == set(PLANTS), output
    assert (done.returncode == 0) == ("BROKEN" not in verdicts.values()), output
    return verdicts, output
