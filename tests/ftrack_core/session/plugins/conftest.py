"""Plug-in folders, and sessions that load them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty plug-in folder."""
    made = tmp_path / "plugins"
    made.mkdir()
    return made


@pytest.fixture
def notes() -> list[Any]:
    """What plug-ins write into."""
    return []


@pytest.fixture
def plugged(make_session: Callable[..., Session], folder: Path, notes: list[Any]) -> Callable[..., Session]:
    """Writes plug-ins, and starts a session that loads them; each may ask for `notes`."""

    def start(files: dict[str, str | bytes], **given: Any) -> Session:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        arguments = {"notes": notes, **given.pop("plugin_arguments", {})}
        return make_session(**{"plugin_paths": [str(folder)], "plugin_arguments": arguments, **given})

    return start


@pytest.fixture
def states() -> Callable[[Session], dict[str, str]]:
    """Tells what became of each plug-in of a session."""
    return lambda session: {plugin.name: plugin.state for plugin in session.plugins}


@pytest.fixture
def own_modules() -> Callable[[], set[str]]:
    """Tells the modules that plug-ins have at this moment."""
    return lambda: {name for name in sys.modules if name.startswith("ftrack_plugin_")}
