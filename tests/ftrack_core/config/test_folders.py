"""Folders of a user's files, for each platform, on any platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_core.config import home_folder, user_cache_folder, user_config_folder

_HOME = Path("home/ann")


@pytest.mark.parametrize(
    ("platform", "environment", "config", "cache"),
    [
        ("linux", {}, _HOME / ".config/ftrack", _HOME / ".cache/ftrack"),
        (
            "linux",
            {"XDG_CONFIG_HOME": "/etc/ann", "XDG_CACHE_HOME": "/scratch"},
            Path("/etc/ann/ftrack"),
            Path("/scratch/ftrack"),
        ),
        (
            "linux",
            {"XDG_CONFIG_HOME": "relative", "XDG_CACHE_HOME": ""},
            _HOME / ".config/ftrack",
            _HOME / ".cache/ftrack",
        ),
        ("darwin", {}, _HOME / "Library/Application Support/ftrack", _HOME / "Library/Caches/ftrack"),
        ("win32", {}, _HOME / "AppData/Roaming/ftrack", _HOME / "AppData/Local/ftrack/Cache"),
        (
            "win32",
            {"APPDATA": r"C:\Users\ann\Roaming", "LOCALAPPDATA": r"C:\Users\ann\Local"},
            Path(r"C:\Users\ann\Roaming") / "ftrack",
            Path(r"C:\Users\ann\Local") / "ftrack/Cache",
        ),
    ],
)
def test_each_platform_has_its_folders(platform: str, environment: dict[str, str], config: Path, cache: Path) -> None:
    """A user would find settings and caches where no other program of that platform puts them."""
    assert user_config_folder(platform, environment, _HOME) == config
    assert user_cache_folder(platform, environment, _HOME) == cache


def test_the_home_is_the_one_that_the_environment_names() -> None:
    """A farm job with a HOME of its own would read the settings of another."""
    assert home_folder({"HOME": "/jobs/1"}, "linux") == Path("/jobs/1")
    assert home_folder({"USERPROFILE": r"C:\Users\ann", "HOME": "/jobs/1"}, "win32") == Path(r"C:\Users\ann")


def test_a_user_without_a_home_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service account without a home folder could not start a session."""

    def unknown() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr(Path, "home", unknown)
    assert home_folder({}, "linux") is None
