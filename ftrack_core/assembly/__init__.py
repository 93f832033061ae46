"""From settings to backends: found, checked, made, verified, and who owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ftrack_core._lazy import names_on_demand
from ftrack_core.assembly._clock import SystemClock
from ftrack_core.assembly._deferred import Deferred

if TYPE_CHECKING:
    from ftrack_core.assembly._assemble import assemble
    from ftrack_core.assembly._backends import Backends
    from ftrack_core.assembly._context import AssemblyContext
    from ftrack_core.assembly._defaults import default_backends
    from ftrack_core.assembly._inboxes import standing_inbox

__all__ = ["AssemblyContext", "Backends", "Deferred", "SystemClock", "assemble", "default_backends", "standing_inbox"]

# A backend that is made by hand takes the clock, and nothing else of an assembly.
__getattr__ = names_on_demand(
    __name__,
    {
        "AssemblyContext": "_context",
        "Backends": "_backends",
        "assemble": "_assemble",
        "default_backends": "_defaults",
        "standing_inbox": "_inboxes",
    },
)
