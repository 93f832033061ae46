"""The listener of a session: events are kept until they were handled, whatever becomes of the process meanwhile."""

from __future__ import annotations

from ftrack_core.session.listener._gap import Gap
from ftrack_core.session.listener._health import Health, WorkerHealth
from ftrack_core.session.listener._listener import Listener
from ftrack_core.session.listener._memory_inbox import MemoryInbox

__all__ = ["Gap", "Health", "Listener", "MemoryInbox", "WorkerHealth"]
