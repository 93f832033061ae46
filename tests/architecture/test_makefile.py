"""The two commands on a machine that lacks something: they name it and stop."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here; README has the pip form")


def _made(folder: Path, python: str) -> str:
    """What `make demo` says with a shell script as its Python."""
    interpreter = folder / "python3"
    interpreter.write_text(f"#!/bin/sh\n{python}\n", encoding="utf-8")
    interpreter.chmod(interpreter.stat().st_mode | stat.S_IXUSR)
    done = subprocess.run(
        ["make", f"PYTHON={interpreter}", f"VENV={folder / 'environment'}", "demo"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert not (folder / "environment").exists()
    return done.stderr


def test_a_python_without_venv_is_told_with_the_package_to_install(tmp_path: Path) -> None:
    """Debian ships Python without it, and what Python says then does not help a newcomer."""
    told = _made(tmp_path, 'case "$*" in *ensurepip*) exit 1;; esac; exit 0')
    assert "install the package python3-venv" in told


def test_a_python_that_is_too_old_is_told_with_its_version(tmp_path: Path) -> None:
    """Otherwise pip stops much later, with a page of text."""
    told = _made(tmp_path, 'case "$*" in --version) echo Python 3.8.10; exit 0;; *version_info*) exit 1;; esac')
    assert "Python 3.10 or newer is needed" in told
    assert "Python 3.8.10" in told


def test_a_python_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A slip in `make PYTHON=` must not read as a fault of ours."""
    assert "Python 3.10 or newer is needed" in _made(tmp_path, "exit 127")


def _made_node(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `make node` says where there is no Node."""
    return subprocess.run(
        ["make", "NODEJS=no-such-node", f"NODE={folder / 'node'}", "node"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "CI"))} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_node_the_rest_runs_and_it_is_said(tmp_path: Path) -> None:
    """Whoever has no Node can test all but one client; nobody may take that for everything."""
    done = _made_node(tmp_path)
    assert done.returncode == 0
    assert "Node.js 18 or newer with npm is not here" in done.stderr
    assert "apt-get install nodejs npm" in done.stderr
    assert not (tmp_path / "node").exists()


def test_continuous_integration_does_not_go_on_without_node(tmp_path: Path) -> None:
    """Nobody reads what a green run printed."""
    assert _made_node(tmp_path, CI="true").returncode != 0
    assert "export CI=" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_continuous_integration_calls_the_command_of_the_readme() -> None:
    """What CI proves must be what a person is told to run."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.rstrip().endswith("exec make test")
    assert "$ make test" in (ROOT / "README.md").read_text(encoding="utf-8")
