"""The pytest plug-in: the fixture `ftrack_workspace`, a workspace of its own for each test that asks for it.

pytest imports this at every start, in every project where this distribution is installed. So it imports nothing but
pytest; the rest comes with the first test that uses the fixture.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftrack_backends.workspace.fixture import WorkspaceFixture

__all__ = ["ftrack_workspace", "pytest_addoption", "pytest_configure"]

_SEED = "ftrack_seed"
_MARKER = "ftrack_workspace"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting that names the seed of all tests."""
    told = (
        "what the workspaces of ftrack_workspace begin with: empty (the default), demo, or a seed file beside the ini"
    )
    parser.addini(_SEED, told, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker that names the seed of one test."""
    told = "what the test's workspace begins with: a shipped seed's name, a path from the root folder, or a mapping"
    config.addinivalue_line("markers", f"{_MARKER}(seed): {told}")


@pytest.fixture
def ftrack_workspace(request: pytest.FixtureRequest) -> Iterator[WorkspaceFixture]:
    """A workspace that speaks ftrack's protocol, gone with the test: sessions, HTTP, failures on order, a clock."""
    from ftrack_backends.workspace.fixture import WorkspaceFixture

    with WorkspaceFixture.open(_seed(request)) as opened:
        yield opened


def _seed(request: pytest.FixtureRequest) -> Any:
    """What the nearest marker says, else the ini file; files are named from where the ini file is."""
    marker = request.node.get_closest_marker(_MARKER)
    if marker is None:
        return _located(request.config.getini(_SEED) or None, _folder(request.config))
    if marker.args or set(marker.kwargs) != {"seed"}:
        raise pytest.UsageError(f"write @pytest.mark.{_MARKER}(seed=...), not {marker.args} {marker.kwargs}")
    return _located(marker.kwargs["seed"], _folder(request.config))


def _folder(config: pytest.Config) -> Path:
    return config.inipath.parent if config.inipath else config.rootpath


def _located(seed: Any, folder: Path) -> Any:
    is_file = isinstance(seed, Path) or (isinstance(seed, str) and seed.endswith((".toml", ".json")))
    return folder / seed if is_file else seed
