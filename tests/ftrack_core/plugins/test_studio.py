"""How a studio's package is found: by its entry point, or by `FTRACK_STUDIO`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ftrack_core.config import Studio
from ftrack_core.errors import ConfigurationError
from ftrack_core.plugins import CONFIG_GROUP, Found, Registry

ROOT = Path(__file__).parents[3]
FILE = '[settings]\ntimeout = 7\nplugin_paths = ["plugins"]\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Writes a package with a `studio.toml`, and gives its name."""
    name = f"acme_{abs(hash(request.node.name))}"
    monkeypatch.syspath_prepend(str(tmp_path))

    def written(code: str = "", file: str = FILE) -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text(code, encoding="utf-8")
        (folder / "studio.toml").write_text(file, encoding="utf-8")
        return name

    return written  # type: ignore[return-value]


def _registry(*targets: str) -> Registry:
    found = tuple(Found(f"studio{number}", target) for number, target in enumerate(targets))
    return Registry(scan=lambda group: found if group == CONFIG_GROUP else ())


def _timeout(studio: Studio | None) -> object:
    assert studio is not None
    return studio.settings["timeout"]


def test_without_a_package_there_is_no_studio() -> None:
    """Every session would need one."""
    assert _registry().studio({}) is None


def test_an_entry_point_that_names_a_package_means_its_file(package: Callable[..., str], tmp_path: Path) -> None:
    """A studio would have to write Python to say what a file says."""
    name = package()
    studio = _registry(name).studio({})
    assert _timeout(studio) == 7
    assert studio is not None
    assert studio.settings["plugin_paths"] == [str(tmp_path / name / "plugins")]


@pytest.mark.parametrize(
    "code",
    [
        "config = {'settings': {'timeout': 7}}",
        "config = 'studio.toml'",
        "import pathlib\nconfig = pathlib.Path(__file__).with_name('studio.toml')",
        "def config():\n    return {'settings': {'timeout': 7}}",
        "class Holder:\n    config = {'settings': {'timeout': 7}}\nimport sys\nconfig = Holder.config",
    ],
)
def test_an_object_may_say_it_in_its_own_way(package: Callable[..., str], code: str) -> None:
    """What differs from site to site could not be told by code."""
    name = package(code)
    assert _timeout(_registry(f"{name}:config").studio({})) == 7
    assert _timeout(_registry().studio({"FTRACK_STUDIO": f"{name}:config"})) == 7


def test_the_variable_may_name_a_file(tmp_path: Path) -> None:
    """A studio that hands out folders and no packages could have no settings."""
    file = tmp_path / "acme.toml"
    file.write_text(FILE, encoding="utf-8")
    studio = _registry("nowhere").studio({"FTRACK_STUDIO": str(file)})
    assert _timeout(studio) == 7
    assert studio is not None
    assert studio.settings["plugin_paths"] == [str(tmp_path / "plugins")]


def test_two_packages_are_an_error_that_names_both_and_the_variable_decides(package: Callable[..., str]) -> None:
    """Which one wins would depend on the order of folders on a path."""
    name = package("config = {'settings': {'timeout': 8}}")
    registry = _registry(f"{name}:config", "other_studio:config")
    with pytest.raises(ConfigurationError) as caught:
        registry.studio({})
    assert f"studio0 = {name}:config" in str(caught.value)
    assert "studio1 = other_studio:config" in str(caught.value)
    assert _timeout(registry.studio({"FTRACK_STUDIO": "studio0"})) == 8
    assert _timeout(registry.studio({"FTRACK_STUDIO": f"{name}:config"})) == 8


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("import no_such_library", "No module named 'no_such_library'"),
        ("", "has no attribute 'config'"),
        ("config = 3", "gives an object of type int"),
        ("config = 'missing.toml'", "does not exist"),
        ("def config(): raise OSError('share is gone')", "OSError: share is gone"),
        ("config = {'setings': {}}", "did you mean 'settings'?"),
    ],
)
def test_a_broken_package_is_told_with_the_way_out(package: Callable[..., str], code: str, told: str) -> None:
    """Everybody would be kept from work, with a traceback of something that nobody knows."""
    name = package(code)
    with pytest.raises(ConfigurationError) as caught:
        _registry(f"{name}:config").studio({})
    for part in (name, told, "FTRACK_STUDIO=off"):
        assert part in str(caught.value)
    for off in ("", "off"):
        assert _registry(f"{name}:config").studio({"FTRACK_STUDIO": off}) is None


@pytest.mark.parametrize("named", ["studio9", "no_such_package:config", "json:no_such_thing", "/no/such/file.toml"])
def test_a_variable_that_names_nothing_is_told(named: str) -> None:
    """A person would work without the studio's settings, and not know."""
    with pytest.raises(ConfigurationError) as caught:
        _registry("acme:config").studio({"FTRACK_STUDIO": named})
    assert named in str(caught.value)
    assert "FTRACK_STUDIO" in str(caught.value)


def test_a_start_without_a_studio_imports_nothing_for_it() -> None:
    """Every program's start would pay for what few studios have."""
    program = (
        "import sys, ftrack_core\n"
        "with ftrack_core.Session('embedded:'): pass\n"
        "print([name for name in sys.modules if name.endswith('._studio')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr
