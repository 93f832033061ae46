"""From settings to backends: found, checked, made, verified, and who owns them."""

from __future__ import annotations

from ftrack_core.assembly._assemble import assemble
from ftrack_core.assembly._backends import Backends
from ftrack_core.assembly._context import AssemblyContext, SystemClock
from ftrack_core.assembly._inboxes import standing_inbox

__all__ = ["AssemblyContext", "Backends", "SystemClock", "assemble", "standing_inbox"]
