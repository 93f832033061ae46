"""Sessions that refuse to start with a plug-in that fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session, errors

ROOT = Path(__file__).parents[4]
NOTE = "def register(session, notes):\n    notes.append({what!r})\n"


def test_a_strict_session_tells_all_failures_at_once_and_is_closed(
    plugged: Callable[..., Session], notes: list[Any], folder: Path, own_modules: Callable[[], set[str]]
) -> None:
    """A farm that must not work with half its plug-ins stops with everything that is wrong with them."""
    bad = {"a.py": "1 / 0", "b.py": NOTE.format(what="b"), "c.py": "def register(session, x): pass"}
    with pytest.raises(errors.PluginError) as caught:
        plugged(bad, settings={"strict_plugins": True}, plugin_paths=[str(folder), str(folder / "gone")])
    assert notes == ["b"]
    assert [failure.name for failure in caught.value.failures] == ["a", "c", "gone"]
    assert caught.value.code == "FT-120"
    text = str(caught.value)
    assert text.startswith("3 plug-ins failed, and strict_plugins is set:\n- ")
    assert f"- {folder / 'a.py'}: ZeroDivisionError: division by zero\n" in text
    assert f"- {folder / 'gone'}: there is no such folder" in text
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert own_modules() == set()


def test_a_strict_session_that_fails_lets_its_transport_go(folder: Path) -> None:
    """What was opened for a session that never was is closed, and no interpreter exit trips over it."""
    code = f"""
import sys, ftrack_core
from ftrack_core.errors import PluginError
kept = []
class Watched(ftrack_core.Session):
    def close(self):
        kept.append("closed")
        super().close()
try:
    Watched("embedded:", plugin_paths=[{str(folder)!r}])
except PluginError as error:
    print(error.code, kept)
"""
    (folder / "bad.py").write_text("def register(session): 1 / 0")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, "FTRACK_STRICT_PLUGINS": "yes"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "FT-120 ['closed']", done.stderr


def test_a_strict_session_starts_when_all_is_well(
    plugged: Callable[..., Session], states: Callable[..., dict[str, str]]
) -> None:
    """What is skipped did not fail."""
    session = plugged({"a.py": "def register(session): pass", "_help.py": ""}, settings={"strict_plugins": True})
    assert states(session) == {"_help": "skipped", "a": "loaded"}


@pytest.mark.parametrize("text", ["perhaps", "2"])
def test_a_switch_that_is_none_is_told(
    text: str, monkeypatch: pytest.MonkeyPatch, make_session: Callable[..., Session]
) -> None:
    """A typing error in a variable must not switch a safety off in silence."""
    monkeypatch.setenv("FTRACK_STRICT_PLUGINS", text)
    with pytest.raises(
        errors.ConfigurationError, match=f"FTRACK_STRICT_PLUGINS.* should be true or false, not '{text}'"
    ):
        make_session()
