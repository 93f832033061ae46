"""Where a user's files belong on each platform; pure functions of platform, environment and home."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["home_folder", "user_cache_folder", "user_config_folder"]

_NAME = "ftrack"


def user_config_folder(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    r"""Folder of the user's settings, which may not exist.

    Args:
        platform: As `sys.platform` gives it.
        environment: Environment variables.
        home: The user's home folder.

    Returns:
        `~/.config/ftrack` on Linux, `~/Library/Application Support/ftrack` on macOS, `%APPDATA%\ftrack` on Windows.
    """
    if platform == "win32":
        return _folder(environment, "APPDATA", home / "AppData" / "Roaming")
    if platform == "darwin":
        return home / "Library" / "Application Support" / _NAME
    return _folder(environment, "XDG_CONFIG_HOME", home / ".config")


def user_cache_folder(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    r"""Folder for what can be fetched again, which may not exist.

    Args:
        platform: As `sys.platform` gives it.
        environment: Environment variables.
        home: The user's home folder.

    Returns:
        `~/.cache/ftrack` on Linux, `~/Library/Caches/ftrack` on macOS, `%LOCALAPPDATA%\ftrack\Cache` on Windows.
    """
    if platform == "win32":
        return _folder(environment, "LOCALAPPDATA", home / "AppData" / "Local") / "Cache"
    if platform == "darwin":
        return home / "Library" / "Caches" / _NAME
    return _folder(environment, "XDG_CACHE_HOME", home / ".cache")


def home_folder(environment: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """The user's home folder, or None where nobody can tell: a service account may have none."""
    named = environment.get("USERPROFILE" if platform == "win32" else "HOME")
    if named:
        return Path(named)
    try:
        return Path.home()
    except (RuntimeError, KeyError):
        return None


def _folder(environment: Mapping[str, str], variable: str, fallback: Path) -> Path:
    named = environment.get(variable, "")
    flavour = PurePosixPath if variable.startswith("XDG") else PureWindowsPath
    return (Path(named) if flavour(named).is_absolute() else fallback) / _NAME
