"""Plug-ins: what is installed, by name and by path, and whether it keeps its contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.plugins._paths import is_path, resolve_object
from ftrack_core.plugins._registry import InstalledBackend, Registry
from ftrack_core.plugins._scan import Found, distribution_of
from ftrack_core.plugins._seams import COMMAND_GROUP, CONFIG_GROUP, MIXIN_GROUP, PLUGIN_GROUP, SEAMS, Seam, seam_of
from ftrack_core.plugins._verification import contract_faults

if TYPE_CHECKING:
    from ftrack_core.plugins._loading import SessionPlugins, found_plugins
    from ftrack_core.plugins._plugin import Plugin

__all__ = [
    "COMMAND_GROUP",
    "CONFIG_GROUP",
    "MIXIN_GROUP",
    "PLUGIN_GROUP",
    "SEAMS",
    "Found",
    "InstalledBackend",
    "Plugin",
    "Registry",
    "Seam",
    "SessionPlugins",
    "contract_faults",
    "distribution_of",
    "found_plugins",
    "is_path",
    "resolve_object",
    "seam_of",
]

# A session without plug-ins pays nothing for what loads them.
__getattr__ = names_on_demand(
    __name__, {"Plugin": "_plugin", "SessionPlugins": "_loading", "found_plugins": "_loading"}
)
