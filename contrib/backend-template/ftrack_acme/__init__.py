"""The `acme` cache for ftrack-core: a file for each record, in a folder.

What an entry point names is light: this module imports neither the cache nor any library that it needs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import attrs
from zope.interface import implementer

from ftrack_core.config import home_folder, user_cache_folder
from ftrack_core.errors import ConfigurationError
from ftrack_core.interfaces import IBackendContext, IBackendFactory, ICache, IPersistentCache, ISharedCache

__all__ = ["AcmeCacheFactory", "AcmeOptions", "acme"]


@attrs.frozen(kw_only=True)
class AcmeOptions:
    """Options of the `acme` cache: what a profile can say about it, checked before anything is made."""

    folder: str = attrs.field(
        default="",
        metadata={
            "help": "Where the files stand; by default in the user's cache folder.",
            "environment": "ACME_FOLDER",
        },
    )


@implementer(IBackendFactory)
@attrs.frozen
class AcmeCacheFactory:
    """Makes the cache; the attributes are those of `IBackendFactory`."""

    group: str = "ftrack.cache"
    name: str = "acme"
    summary: str = "A file for each record, in a folder."
    options: type[Any] = AcmeOptions
    provides: tuple[Any, ...] = (ICache, ISharedCache, IPersistentCache)
    requirement_hint: str = ""

    def create(self, options: AcmeOptions, context: IBackendContext) -> Any:  # noqa: ARG002 - it needs no server
        """Make a cache, as `IBackendFactory.create` says."""
        from ftrack_acme._cache import AcmeCache

        return AcmeCache(Path(options.folder).expanduser() if options.folder else _usual_folder())


def _usual_folder() -> Path:
    home = home_folder(os.environ)
    if home is None:
        raise ConfigurationError("the acme cache has no folder, and the user has no home; set its option `folder`")
    return user_cache_folder(sys.platform, os.environ, home) / "acme"


acme = AcmeCacheFactory()
