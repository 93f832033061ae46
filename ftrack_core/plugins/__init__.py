"""Plug-ins: what is installed, by name and by path, and whether it keeps its contract."""

from __future__ import annotations

from ftrack_core.plugins._paths import is_path, resolve_object
from ftrack_core.plugins._registry import InstalledBackend, Registry
from ftrack_core.plugins._scan import Found
from ftrack_core.plugins._seams import COMMAND_GROUP, MIXIN_GROUP, SEAMS, Seam, seam_of
from ftrack_core.plugins._verification import contract_faults

__all__ = [
    "COMMAND_GROUP",
    "MIXIN_GROUP",
    "SEAMS",
    "Found",
    "InstalledBackend",
    "Registry",
    "Seam",
    "contract_faults",
    "is_path",
    "resolve_object",
    "seam_of",
]
