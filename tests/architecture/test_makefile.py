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


def test_continuous_integration_calls_the_command_of_the_readme() -> None:
    """What CI proves must be what a person is told to run."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.rstrip().endswith("exec make test")
    assert "$ make test" in (ROOT / "README.md").read_text(encoding="utf-8")
