"""What a commit will send, worked out from what was recorded (features 12, the rules of `commit`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from ftrack_core.unit_of_work._operations import (
    CreateEntityOperation,
    Operation,
    UpdateEntityOperation,
    entity_of,
)
from ftrack_core.values import NOT_SET, EntityIdentity

__all__ = ["Plan", "PlannedWrite", "first_values", "make_plan"]

ENTITY_TYPE: Final = "__entity_type__"


@attrs.define(eq=False)
class PlannedWrite:
    """One write of a batch.

    Attributes:
        action: `create`, `update` or `delete`.
        entity: Whose.
        values: Attribute values by name, as they were recorded; empty for a delete.
    """

    action: str
    entity: EntityIdentity
    values: dict[str, Any] = attrs.field(factory=dict)

    def payload(self) -> dict[str, Any]:
        """The operation as the protocol has it; values are still to be encoded."""
        payload: dict[str, Any] = {
            "action": self.action,
            "entity_type": self.entity.entity_type,
            "entity_key": list(self.entity.key),
        }
        if self.action != "delete":
            payload["entity_data"] = {ENTITY_TYPE: self.entity.entity_type, **self.values}
        return payload


@attrs.frozen(eq=False)
class Plan:
    """One batch, in order, and the operations that it fulfils.

    Attributes:
        writes: What will be sent; empty when the operations cancel each other out.
        operations: What was recorded and is done once the batch is.
        vanished: Entities that were created and deleted without ever being sent.
        before: What the attributes that it updates were before, by entity and name, as far as that is known.
        entities: All entities that the operations are about, sent or not.
    """

    writes: tuple[PlannedWrite, ...]
    operations: tuple[Operation, ...] = ()
    vanished: frozenset[EntityIdentity] = frozenset()
    before: Mapping[tuple[EntityIdentity, str], Any] = attrs.field(factory=dict)
    entities: frozenset[EntityIdentity] = frozenset()

    def payloads(self) -> list[dict[str, Any]]:
        """The batch as the protocol has it."""
        return [write.payload() for write in self.writes]

    def to_json(self) -> str:
        """The plan as text, to be kept and committed by any session of the same server.

        Raises:
            InvalidValueError: A value in it cannot be sent to any server.
        """
        from ftrack_core.unit_of_work._plan_text import plan_to_json

        return plan_to_json(self)

    @staticmethod
    def from_json(text: str | bytes) -> Plan:
        """The plan that `to_json` wrote.

        Raises:
            PlanError: The text is no plan.
        """
        from ftrack_core.unit_of_work._plan_text import plan_from_json

        return plan_from_json(text)

    def __len__(self) -> int:
        return len(self.writes)

    def __str__(self) -> str:
        lines = [f"{write.action:<6} {write.entity}  {_told(write)}".rstrip() for write in self.writes]
        return "\n".join(lines) or "nothing to do"


def make_plan(operations: Sequence[Operation]) -> Plan:
    """Work out the batch for recorded operations.

    The rules: what an entity goes through between its create and its delete is left out; of several updates of one
    attribute the last one counts; values that are not set are left out, and so are writes without any value; an
    update that directly follows a write of the same entity becomes part of it; what is deleted twice is deleted once.
    """
    planned = [_planned(operation) for operation in operations]
    entities = [write.entity for write in planned]
    before = first_values(operations, entities)
    kept, vanished = _without_episodes(planned)
    _keep_last_updates(kept)
    filled = [write for write in kept if write.action == "delete" or _has_values(write)]
    return Plan(tuple(_folded(filled)), tuple(operations), vanished, before, frozenset(entities))


def first_values(
    operations: Iterable[Operation], entities: Iterable[EntityIdentity]
) -> dict[tuple[EntityIdentity, str], Any]:
    """What each updated attribute was before the first update of it, as it was recorded; unknown ones are absent.

    Args:
        operations: What was recorded.
        entities: Which entity each of them is about.
    """
    first: dict[tuple[EntityIdentity, str], Any] = {}
    for operation, entity in zip(operations, entities, strict=True):
        if isinstance(operation, UpdateEntityOperation):
            first.setdefault((entity, operation.attribute_name), operation.old_value)
    return {place: value for place, value in first.items() if value is not NOT_SET}


def _without_episodes(writes: Sequence[PlannedWrite]) -> tuple[list[PlannedWrite], frozenset[EntityIdentity]]:
    """The writes without those of entities between their create and their delete, and these entities.

    A delete of what was there before, followed by a create under the same key, is no such episode: both are kept.
    """
    if all(write.action != "delete" for write in writes):
        return [*writes], frozenset()
    kept: list[PlannedWrite | None] = []
    episodes: dict[EntityIdentity, list[int]] = {}
    vanished: set[EntityIdentity] = set()
    deleted: set[EntityIdentity] = set()
    for write in writes:
        episode = episodes.setdefault(write.entity, []) if write.action == "create" else episodes.get(write.entity)
        if episode is not None and write.action == "delete":
            vanished.add(write.entity)
            for position in episodes.pop(write.entity):
                kept[position] = None
            continue
        if write.action == "delete":
            if write.entity in deleted:
                continue
            deleted.add(write.entity)
        if write.action == "create":
            deleted.discard(write.entity)
        if episode is not None:
            episode.append(len(kept))
        kept.append(write)
    return [write for write in kept if write is not None], frozenset(vanished)


def _planned(operation: Operation) -> PlannedWrite:
    entity = entity_of(operation)
    if isinstance(operation, CreateEntityOperation):
        return PlannedWrite("create", entity, {**operation.entity_key, **operation.entity_data})
    if isinstance(operation, UpdateEntityOperation):
        return PlannedWrite("update", entity, {operation.attribute_name: operation.new_value})
    return PlannedWrite("delete", entity)


def _keep_last_updates(writes: Sequence[PlannedWrite]) -> None:
    """Empty those updates, of one attribute each as yet, that a later one of the same attribute overrides."""
    seen: set[tuple[EntityIdentity, str]] = set()
    for write in reversed(writes):
        if write.action == "update":
            (name,) = write.values
            place = (write.entity, name)
            if place in seen:
                write.values.clear()
            seen.add(place)


def _has_values(write: PlannedWrite) -> bool:
    for value in write.values.values():
        if value is NOT_SET:  # seldom
            write.values = {name: value for name, value in write.values.items() if value is not NOT_SET}
            break
    return bool(write.values)


def _folded(writes: Iterable[PlannedWrite]) -> Iterable[PlannedWrite]:
    last: PlannedWrite | None = None
    for write in writes:
        if last is not None and write.action == "update" and last.action != "delete" and last.entity == write.entity:
            last.values.update(write.values)
            continue
        if last is not None:
            yield last
        last = write
    if last is not None:
        yield last


def _told(write: PlannedWrite) -> str:
    """The values of a write in one line, without those that its entity's key tells already."""
    key = {repr(part) for part in write.entity.key}
    told = ((name, _short(value)) for name, value in write.values.items())
    return ", ".join(f"{name}={text}" for name, text in told if text not in key)


def _short(value: Any) -> str:
    if isinstance(value, EntityIdentity):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_short, value))}]"
    return str(value.isoformat()) if hasattr(value, "isoformat") else repr(value)
