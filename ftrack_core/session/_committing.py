"""Commit and rollback: from recorded operations to one batch, and from its results back to entities."""

from __future__ import annotations

import threading
from typing import Any

from ftrack_core.entity import Entity, SplitPage
from ftrack_core.errors import MalformedReplyError
from ftrack_core.session._changes import Changes
from ftrack_core.session._coding import wire_form
from ftrack_core.session._live import LiveEntities
from ftrack_core.session._pages import Pages
from ftrack_core.session._records import RecordCache
from ftrack_core.session._server import Server
from ftrack_core.session._types import EntityTypes
from ftrack_core.unit_of_work import Plan, PlannedWrite, make_plan
from ftrack_core.values import NOT_SET, State

__all__ = ["Committer"]


class Committer:
    """Sends what was recorded as one batch, which the server carries out whole or not at all.

    One commit runs at a time; entities may be read and changed meanwhile, and what is recorded meanwhile stays
    recorded.

    Args:
        server: Where batches go.
        types: The session's entity types.
        changes: What was recorded.
        pages: Where results arrive.
        records: The caches below.
    """

    def __init__(
        self, server: Server, types: EntityTypes, changes: Changes, pages: Pages, records: RecordCache
    ) -> None:
        self._server = server
        self._types = types
        self._changes = changes
        self._pages = pages
        self._live: LiveEntities = pages.live
        self._records = records
        self._lock = threading.Lock()

    def commit(self) -> None:
        """Send the batch. When it fails, everything is as before.

        Raises:
            ValueError: An operation is of an entity type that the server does not have.
            ServerError: The server refuses; operations stay recorded.
            TransportError: The server cannot be reached; operations stay recorded.
        """
        with self._lock:
            plan = make_plan(self._changes.operations.snapshot())
            page = self._send(plan) if plan.writes else SplitPage([], [])
            with self._live.lock:
                self._settle(plan, page)
                self._pages.merge(page)
            self._records.keep(page, {write.entity for write in plan.writes})
        self._records.forget(write.entity for write in plan.writes if write.action == "delete")

    def _send(self, plan: Plan) -> SplitPage:
        payloads = [wire_form(payload, self._types.plan) for payload in plan.payloads()]
        results = self._server.call(payloads)
        rows = [_row(write, result) for write, result in zip(plan.writes, results, strict=True)]
        return self._live.split(row for row in rows if row is not None)

    def _settle(self, plan: Plan, page: SplitPage) -> None:
        """Let the entities know that the batch was carried out."""
        self._changes.operations.forget(plan.operations)
        told = dict(page.states)
        for write in plan.writes:
            entity = self._live.find(write.entity)
            if entity is not None:
                self._settle_one(entity, write, told.get(write.entity, {}))
        for identity in plan.vanished - {write.entity for write in plan.writes}:
            gone = self._live.find(identity)
            if gone is not None:
                self._drop(gone)
        self._changes.tidy()

    def _settle_one(self, entity: Entity, write: PlannedWrite, told: dict[str, Any]) -> None:
        if write.action == "delete":
            self._drop(entity)
            return
        if entity._state is State.CREATED:
            entity._state = None
        for name, value in write.values.items():
            if entity._local is not None and _same(entity._local.get(name, NOT_SET), value):
                entity._drop_local(name)
            _forget(entity, name, told)

    def _drop(self, entity: Entity) -> None:
        """Forget a deleted entity, unless one was created under the same key since."""
        if entity._state is not State.CREATED:
            entity._local = None
            self._live.remove(entity._identity)

    def rollback(self) -> None:
        """Forget everything that was recorded: entities are as the server knows them, and created ones are gone.

        It waits for a commit that is under way.
        """
        with self._lock, self._live.lock:
            vanished = make_plan(self._changes.operations.snapshot()).vanished
            for entity in self._changes.all():
                entity._local = None
                if entity._state is State.CREATED or entity._identity in vanished:
                    self._live.remove(entity._identity)
                entity._state = None
            self._changes.clear()


def _row(write: PlannedWrite, result: Any) -> Any:
    """The entity in the result of a write; None for a delete.

    Raises:
        MalformedReplyError: There is none.
    """
    if write.action == "delete":
        return None
    row = result.get("data") if isinstance(result, dict) else None
    if not isinstance(row, dict):
        raise MalformedReplyError(f"The server's result for the {write.action} of {write.entity} has no entity.")
    return row


def _same(local: Any, sent: Any) -> bool:
    return local is sent or (local.__class__ is sent.__class__ and bool(local == sent))


def _forget(entity: Entity, name: str, told: dict[str, Any]) -> None:
    """What was changed is read anew if the result did not tell it; a reference and its key change together."""
    for changed in (name, entity._plan.twins.get(name)):
        if changed not in told and changed not in entity.primary_key_attributes:
            entity._remote.pop(changed, None)  # type: ignore[arg-type]  # None is no attribute
