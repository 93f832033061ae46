"""Every backend that the distribution registers can be loaded and made, and keeps the shape of its contract."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from zope.interface import Interface, providedBy

from ftrack_core.interfaces import IBackendFactory
from ftrack_core.plugins import COMMAND_GROUP, SEAMS
from ftrack_core.testing import FakeBackendContext, assert_provides

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found]

SECRET = "c0ffee-c0ffee"


def _registered() -> list[importlib.metadata.EntryPoint]:
    """The entry points of our seams, from the metadata of the installed distribution."""
    entries = importlib.metadata.distribution("ftrack-core").entry_points
    return [entry for entry in entries if entry.group.startswith("ftrack.") and entry.group != COMMAND_GROUP]


REGISTERED = _registered()
EACH = pytest.mark.parametrize("entry", REGISTERED, ids=lambda entry: f"{entry.group}:{entry.name}")


@pytest.fixture
def made(entry: importlib.metadata.EntryPoint, tmp_path: Path) -> Iterator[Any]:
    """What the factory makes with the least it needs."""
    context = FakeBackendContext(server_url="embedded:" if entry.name == "embedded" else "http://127.0.0.1:9")
    factory = entry.load()
    backend = factory.create(_least_options(factory, tmp_path), context)
    yield backend
    getattr(backend, "close", lambda: None)()
    context.close()


def _least_options(factory: Any, folder: Path) -> Any:
    """Options with what has no default, and no place of the user's."""
    least = {"user": "ann", "api_key": SECRET, "folder": str(folder), "path": str(folder / "store")}
    if factory.name == "embedded":
        return factory.options()
    names = {field.name for field in attrs.fields(factory.options)}
    return factory.options(**{name: value for name, value in least.items() if name in names})


def test_there_is_one_for_each_seam() -> None:
    """A seam without a backend would make no session."""
    assert {entry.group for entry in REGISTERED} == {seam.group for seam in SEAMS}


def test_the_installed_metadata_is_that_of_this_tree() -> None:
    """A new backend would not be tested here, because an older installation does not know it."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    written = {
        (group, name, value)
        for group, entries in project["entry-points"].items()
        for name, value in entries.items()
        if group.startswith("ftrack.") and group != COMMAND_GROUP
    }
    installed = {(entry.group, entry.name, entry.value) for entry in REGISTERED}
    assert installed == written, "install the project again: pip install -e ."


@EACH
def test_it_names_a_factory_of_its_own_group_and_name(entry: importlib.metadata.EntryPoint) -> None:
    """A name in a config would give another backend, or none."""
    factory = entry.load()
    assert_provides(IBackendFactory, factory)
    assert (factory.group, factory.name) == (entry.group, entry.name)
    assert factory.summary
    seam = next(seam for seam in SEAMS if seam.group == entry.group)
    assert any(interface.isOrExtends(seam.interface) for interface in factory.provides)


@EACH
def test_each_of_its_options_is_explained(entry: importlib.metadata.EntryPoint) -> None:
    """`ftrack backends` and the reference would have nothing to say about an option."""
    for field in attrs.fields(entry.load().options):
        assert field.metadata.get("help"), f"option {field.name} has no help"


@EACH
def test_what_it_makes_provides_what_it_says(entry: importlib.metadata.EntryPoint, made: Any) -> None:
    """A caller would ask for a power that is not there."""
    for interface in entry.load().provides:
        assert_provides(interface, made)


@EACH
def test_what_it_makes_has_no_power_that_it_does_not_say(entry: importlib.metadata.EntryPoint, made: Any) -> None:
    """A power that no listing shows is one that nobody uses."""
    said = entry.load().provides
    ours = [found for found in providedBy(made) if found.__module__.startswith("ftrack_core.interfaces")]
    unsaid = [found for found in ours if not any(each.isOrExtends(found) for each in said)]
    assert [found for found in unsaid if found is not Interface] == []


@EACH
def test_no_secret_shows_in_what_it_makes(entry: importlib.metadata.EntryPoint, made: Any) -> None:
    """A key in a log file is a key on a wiki page."""
    factory = entry.load()
    assert SECRET not in f"{made!r} {factory!r}"
    names = {field.name for field in attrs.fields(factory.options)}
    if "api_key" in names:
        assert SECRET not in repr(factory.options(api_key=SECRET))
