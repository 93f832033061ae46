"""Backends by name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from zope.interface import implementer

from ftrack_core.errors import BackendNotFoundError, BrokenBackendError, WrongBackendError
from ftrack_core.interfaces import IBackendFactory, ICache
from ftrack_core.plugins import SEAMS, Found, Registry

_GROUP = "ftrack.cache"


@attrs.frozen
class _Options:
    """No options."""


@implementer(IBackendFactory)
@attrs.frozen
class _Factory:
    """Makes nothing much."""

    group: str = _GROUP
    name: str = "slate"
    summary: str = "A slate."
    options: type[Any] = _Options
    provides: tuple[Any, ...] = (ICache,)
    requirement_hint: str = ""

    def create(self, options: Any, context: Any) -> Any:
        """Make nothing much."""
        return options


def _registry(*points: tuple[str, str]) -> Registry:
    return Registry(lambda group: tuple(Found(*point) for point in points) if group == _GROUP else ())


def test_what_is_registered_is_known_to_that_registry_only() -> None:
    """A test double would stay behind for the rest of the process."""
    registry, factory = _registry(), _Factory()
    registry.register(_GROUP, "slate", factory)
    assert registry.factory(_GROUP, "slate") is factory
    assert registry.names(_GROUP) == ("slate",)
    assert _registry().names(_GROUP) == ()


def test_what_is_registered_wins_over_what_is_installed() -> None:
    """A studio could not replace a shipped backend in its own tool."""
    registry, factory = _registry(("slate", "no.such:thing")), _Factory()
    registry.register(_GROUP, "slate", factory)
    assert registry.factory(_GROUP, "slate") is factory
    assert registry.names(_GROUP) == ("slate",)
    assert [backend.state for backend in registry.installed(_GROUP)] == ["ok"]


def test_only_a_factory_can_be_registered() -> None:
    """The mistake would come to light when a session starts."""
    with pytest.raises(WrongBackendError, match="IBackendFactory"):
        _registry().register(_GROUP, "slate", object())


def test_a_missing_backend_names_who_asked_what_is_there_and_the_nearest() -> None:
    """A typing mistake would be searched for in code and variables alike."""
    registry = _registry(("disk", "a:b"), ("memory", "a:b"))
    with pytest.raises(BackendNotFoundError) as caught:
        registry.factory(_GROUP, "diskk", "environment variable FTRACK_CACHE")
    assert str(caught.value).startswith(
        "cache backend 'diskk' (from environment variable FTRACK_CACHE) is not installed; installed: disk, memory; "
        "did you mean 'disk'?"
    )
    assert caught.value.details["installed"] == ("disk", "memory")


def test_a_backend_that_does_not_import_is_broken_and_keeps_the_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing library would look as if the backend were not installed."""
    (tmp_path / "needy_backend.py").write_text("import no_such_library_anywhere\n", "utf-8")
    (tmp_path / "raising_backend.py").write_text("raise RuntimeError('at import')\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = _registry(("needy", "needy_backend:factory"), ("raising", "raising_backend:factory"))
    with pytest.raises(BrokenBackendError, match="no_such_library_anywhere") as caught:
        registry.factory(_GROUP, "needy")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    with pytest.raises(BrokenBackendError, match="RuntimeError: at import"):
        registry.factory(_GROUP, "raising")


@pytest.mark.parametrize("target", ["no_such_module_anywhere:x", "ftrack_core.errors:NoSuchThing"])
def test_an_entry_point_that_leads_nowhere_is_broken(target: str) -> None:
    """A half-uninstalled package would be called not installed."""
    with pytest.raises(BrokenBackendError, match="cache backend 'gone'"):
        _registry(("gone", target)).factory(_GROUP, "gone")


def test_an_entry_point_that_names_no_factory_is_wrong() -> None:
    """An entry point that names the class itself would fail with an attribute error."""
    with pytest.raises(WrongBackendError, match="no IBackendFactory"):
        _registry(("odd", "ftrack_core.errors:Error")).factory(_GROUP, "odd")


def test_a_name_that_two_claim_names_both() -> None:
    """Which of two packages is used would depend on the order of the path."""
    registry = _registry(("disk", "one:factory"), ("disk", "two:factory"))
    with pytest.raises(BrokenBackendError, match="claimed twice") as caught:
        registry.factory(_GROUP, "disk")
    assert "one:factory" in str(caught.value)
    assert "two:factory" in str(caught.value)
    assert registry.names(_GROUP) == ("disk",)


def test_a_diagnosis_tells_good_from_broken_and_fails_for_none() -> None:
    """One broken package would hide all others from `ftrack backends`."""
    registry = _registry(("gone", "no_such_module_anywhere:x"), ("memory", "ftrack_backends.caches:memory"))
    gone, memory = registry.installed(_GROUP)
    assert (gone.state, memory.state) == ("broken", "ok")
    assert "no_such_module_anywhere" in gone.reason
    assert memory.summary
    assert memory.distribution == "ftrack-core"


def test_shipped_backends_are_found_by_name() -> None:
    """Nothing would work without configuration."""
    registry = Registry()
    assert "memory" in registry.names("ftrack.cache")
    assert all(registry.names(seam.group) for seam in SEAMS)


_PROGRAM = """
import sys
from ftrack_core.plugins import Registry
assert "stevedore" not in sys.modules, "imported without being needed"
registry = Registry()
print(registry.names("ftrack.cache"))
assert "planted_module" not in sys.modules, "listing imports backends"
print(registry.installed("ftrack.cache"))
try:
    registry.factory("ftrack.cache", "twice")
except Exception as error:
    print(type(error).__name__, error)
"""


def _plant(folder: Path, distribution: str, entry_points: str) -> None:
    info = folder / f"{distribution}-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.5\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[ftrack.cache]\n{entry_points}\n", "utf-8")


def test_installed_distributions_are_read_and_named(tmp_path: Path) -> None:
    """Another package's backend would not be found, or a clash would not say whose it is."""
    _plant(tmp_path / "site", "acme_one", "planted = planted_module:factory\ntwice = planted_module:one")
    _plant(tmp_path / "site", "acme_two", "twice = planted_module:two")
    path = os.pathsep.join([str(tmp_path / "site"), str(Path(__file__).parents[3])])
    environment = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    names, installed, clash = ran.stdout.splitlines()
    assert "planted" in names
    assert "memory" in names
    assert "distribution='acme_one', version='1.5'" in installed
    assert clash.startswith("BrokenBackendError")
    assert "acme_one 1.5" in clash
    assert "acme_two 1.5" in clash
