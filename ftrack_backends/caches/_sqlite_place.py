"""Where the file of a cache lies when nobody, or somebody, says where."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ftrack_core.config import home_folder, user_cache_folder
from ftrack_core.errors import ConfigurationError

__all__ = ["place_of"]


def place_of(told: str | os.PathLike[str] | None) -> Path:
    """The file that an option means; without one, that of the user's cache folder.

    Args:
        told: A path, which may begin with `~`; None or empty for none.

    Raises:
        ConfigurationError: The user has no home folder; somebody must say where.
    """
    if told:
        return Path(os.path.expanduser(told)).absolute()  # noqa: PTH111 - leaves a `~` that means nothing as it is
    home = home_folder(os.environ)
    if home is None:
        message = "the sqlite cache was given no path, and this user has no home folder; set its path"
        raise ConfigurationError(message)
    return user_cache_folder(sys.platform, os.environ, home) / "records.sqlite"
