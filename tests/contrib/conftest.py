"""Fresh environments for the distributions in `contrib`, beside the built wheel of this one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).parents[2]
_BUILT = ("build", "dist", "*.egg-info", "__pycache__", ".*_cache")


@attrs.frozen
class Environment:
    """A virtual environment.

    Attributes:
        folder: Where it is.
    """

    folder: Path

    def run(
        self, *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run its Python without anything of this process's: no paths, no settings of a user."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("FTRACK_", "PYTEST_", "PYTHON"))}
        home = {name: str(self.folder) for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=cwd,
            env={**kept, **home, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    def install(self, *what: str) -> None:
        """Install distributions and what they need."""
        _done([str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what])

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def packages(self) -> Path:
        """Where what is installed stands."""
        command = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
        return Path(_done([str(self.python), "-c", command]).strip())


@pytest.fixture(scope="session")
def with_wheel(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment made anew that has the wheel, pytest and setuptools: one for a whole run of the tests."""
    base = tmp_path_factory.getbasetemp()
    environment = Environment((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "with-wheel")
    ready, failed = environment.folder.with_suffix(".ready"), environment.folder.with_suffix(".failed")
    try:
        environment.folder.mkdir()
    except FileExistsError:  # another worker makes it
        while not ready.exists():
            assert not failed.exists(), "another worker of this run could not make the environment; it tells why"
            time.sleep(0.2)
        return environment
    try:
        venv.create(environment.folder, with_pip=True)
        wheel = _built_wheel(tmp_path_factory.mktemp("wheel"))
        environment.install(str(wheel), "pytest", "setuptools>=77", "wheel")
    except BaseException:
        failed.touch()
        raise
    ready.touch()
    return environment


@pytest.fixture(scope="module")
def fresh(with_wheel: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment of the module's own, which sees what is in the one with the wheel."""
    environment = Environment(tmp_path_factory.mktemp("fresh"))
    venv.create(environment.folder)
    (environment.packages / "with_wheel.pth").write_text(str(with_wheel.packages), encoding="utf-8")
    return environment


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A copy of the distribution that the test module names in `DISTRIBUTION`."""
    name = request.module.DISTRIBUTION
    ignored = shutil.ignore_patterns(*_BUILT)
    return Path(shutil.copytree(ROOT / "contrib" / name, tmp_path_factory.mktemp("copied") / name, ignore=ignored))


def _built_wheel(folder: Path) -> Path:
    """The wheel of this distribution, built from a copy, since building leaves things behind."""
    for name in ("ftrack_core", "ftrack_backends"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*_BUILT))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    _done([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(folder)])
    [built] = folder.glob("*.whl")
    return built


def _done(command: list[str]) -> str:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
