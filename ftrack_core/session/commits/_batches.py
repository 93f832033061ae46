"""Batches of writes, made ready to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from ftrack_core.session.commits._pending import Pending
from ftrack_core.session.entities._types import EntityTypes
from ftrack_core.session.line._coding import wire_operations
from ftrack_core.session.line._retrying import Waiting
from ftrack_core.session.line._server import Prepared, Server
from ftrack_core.session.loading._live import LiveEntities
from ftrack_core.unit_of_work import Plan
from ftrack_core.values import NOT_SET, EntityIdentity

__all__ = ["Batches", "SentBatch"]


@attrs.define(eq=False)
class SentBatch:
    """A batch that is on its way.

    Attributes:
        plan: What it does.
        prepared: The same, as it goes out.
        unit: The unit of work that recorded it.
        lost_at: When its line broke, on the clock that never goes back.
        doubts: What the last look found that is not as before, in words.
    """

    plan: Plan
    prepared: Prepared
    unit: Pending
    lost_at: float = 0.0
    doubts: Sequence[str] = ()


class Batches:
    """Makes batches of plans, with what is needed to find out later whether they were carried out.

    Thread safety: used under the lock of a commit, by one thread at a time.

    Args:
        server: Where they will go.
        types: The session's entity types.
        live: The live entities.
        waiting: Time.
    """

    def __init__(self, server: Server, types: EntityTypes, live: LiveEntities, waiting: Waiting) -> None:
        self._server = server
        self._types = types
        self._live = live
        self._waiting = waiting

    def prepare(self, plan: Plan, unit: Pending) -> SentBatch:
        """Make a plan ready to be sent, and remember what it is going to change.

        Args:
            plan: What to send.
            unit: The unit of work that recorded it.

        Raises:
            UnrecognisedEntityTypeError: A write is of a type that there is not.
            InvalidValueError: A value in it cannot be sent.
        """
        operations = wire_operations(plan.payloads(), self._types.plan)
        return SentBatch(self.informed(plan), self._server.prepare(operations), unit)

    def informed(self, plan: Plan) -> Plan:
        """A plan that knows more of what it updates: as recorded, else as live entities have it from the server."""
        known = dict(plan.before)
        for write in plan.writes:
            entity = self._live.find(write.entity) if write.action == "update" else None
            for name in write.values if entity is not None else ():
                if (write.entity, name) not in known:
                    value = _remote(entity, name)
                    if value is not NOT_SET:
                        known[write.entity, name] = value
        return attrs.evolve(plan, before=known)

    def lost(self, batch: SentBatch) -> None:
        """Remember that the line of a batch broke just now: from then on its time is counted."""
        batch.lost_at = self._waiting.monotonic()


def _remote(entity: Any, name: str) -> Any:
    """What an entity has from the server for an attribute, or for its twin; `NOT_SET` when it has neither."""
    if name in entity._remote:
        return entity._remote[name]
    twin = entity._remote.get(entity._plan.twins.get(name), NOT_SET)
    if twin is None or twin is NOT_SET:
        return twin
    if isinstance(twin, EntityIdentity):
        return twin.key[0]
    return EntityIdentity(entity.attributes[name].target, (str(twin),))
