"""Objects by path."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_core import errors
from ftrack_core.errors import BackendNotFoundError, BrokenBackendError
from ftrack_core.plugins import is_path, resolve_object


def test_a_path_gives_the_object_that_it_names() -> None:
    """A studio whose environment hides package metadata could name no backend."""
    assert resolve_object("ftrack_core.errors:Error") is errors.Error
    assert resolve_object("ftrack_core.errors:Phase.BEFORE_SENDING") is errors.Phase.BEFORE_SENDING


def test_a_path_is_told_from_a_name() -> None:
    """A name would be imported, or a path looked up."""
    assert is_path("acme.hub:Hub")
    assert not is_path("memory")


@pytest.mark.parametrize(
    "path", ["no_such_module_anywhere:x", "ftrack_core.nothing.at.all:x", ":x", "ftrack_core:", "..a:b"]
)
def test_a_path_that_leads_nowhere_is_not_found(path: str) -> None:
    """A typing mistake would look like a broken package."""
    with pytest.raises(BackendNotFoundError, match="from argument event_hub"):
        resolve_object(path, "argument event_hub")


def test_an_absent_object_names_the_nearest() -> None:
    """A mistake in one letter would be searched for."""
    with pytest.raises(BackendNotFoundError, match="did you mean 'ServerError'"):
        resolve_object("ftrack_core.errors:SeverError")


def test_a_module_that_raises_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in a studio's module would be told as a missing package."""
    (tmp_path / "raising_module.py").write_text("import no_such_library_anywhere\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BrokenBackendError, match="no_such_library_anywhere") as caught:
        resolve_object("raising_module:Hub")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
