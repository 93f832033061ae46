"""The show that is served: tasks of shots of sequences, each made from its number alone; any size is at hand."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Entity", "each_once", "entities", "projected", "task", "task_id"]

TASKS_PER_SHOT = 4
SHOTS_PER_SEQUENCE = 25
STATUSES = (
    "Not started",
    "Ready to start",
    "In progress",
    "Pending review",
    "Revise",
    "On hold",
    "Approved",
    "Omitted",
)
KINDS = ("Animation", "Lighting", "Compositing", "FX", "Layout", "Modelling", "Rigging", "Matchmove")
_ALWAYS = ("__entity_type__", "id", "context_type", "object_type_id", "project_id")
"""What a row says without being asked, as ftrack's server does."""

Entity = dict[str, Any]


def _id(*parts: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


def _context(kind: str, context_type: str, number: object, **values: object) -> Entity:
    known = {"__entity_type__": kind, "id": _id(kind, number), "context_type": context_type}
    if kind != "Project":
        known |= {"object_type_id": _OBJECT_TYPES[kind], "project_id": _PROJECT["id"]}
    return {**known, **values}


_OBJECT_TYPES = {kind: _id("ObjectType", kind) for kind in ("Task", "Shot")}
_PROJECT = _context("Project", "show", "p", name="Big Buck")
_STATUSES = [{"__entity_type__": "Status", "id": _id("Status", name), "name": name} for name in STATUSES]
_KINDS = [{"__entity_type__": "Type", "id": _id("Type", name), "name": name} for name in KINDS]


def task_id(index: int) -> str:
    """Id of the task of a number."""
    return _id("Task", index)


def task(index: int) -> Entity:
    """The task of a number, with everything nested in full."""
    shot = _shot(index // TASKS_PER_SHOT)
    kind, status = _KINDS[index % len(KINDS)], _STATUSES[index * 7 % len(STATUSES)]
    name = kind["name"].lower()
    link = [*shot["link"], {"type": "TypedContext", "id": task_id(index), "name": name}]
    return _context(
        "Task", "task", index, name=f"{name}_{index:05d}", status=status, type=kind, parent=shot, link=link, bid=0.0
    )


def _shot(index: int) -> Entity:
    sequence = index // SHOTS_PER_SEQUENCE
    shot = _context("Shot", "task", index, name=f"sh{index:05d}", project=_PROJECT)
    shot["link"] = [
        {"type": "Project", "id": _PROJECT["id"], "name": _PROJECT["name"]},
        {"type": "TypedContext", "id": _id("Sequence", sequence), "name": f"sq{sequence:03d}"},
        {"type": "TypedContext", "id": shot["id"], "name": shot["name"]},
    ]
    return shot


def entities() -> dict[str, list[Entity]]:
    """What is there besides tasks, by type."""
    return {"Project": [_PROJECT], "Status": _STATUSES, "Type": _KINDS}


def projected(entity: Entity, paths: Iterable[str]) -> Entity:
    """An entity with what a query selects of it; what the show does not know is empty."""
    tree: dict[str, Any] = {}
    for path in paths:
        node = tree
        for part in path.split("."):
            node = node.setdefault(part, {})
    return _shaped(entity, tree)


def _shaped(entity: Entity, tree: Mapping[str, Any]) -> Entity:
    shaped = {name: entity[name] for name in _ALWAYS if name in entity}
    for name, below in tree.items():
        value = entity.get(name)
        if isinstance(value, dict):
            value = _shaped(value, below)
        elif name not in entity and name.removesuffix("_id") in entity:
            value = entity[name.removesuffix("_id")]["id"]
        shaped[name] = value
    return shaped


def each_once(rows: list[Entity]) -> list[Entity]:
    """The rows with every entity in full the first time and as a reference afterwards."""
    seen: set[str] = set()

    def shaped(value: Any) -> Any:
        if not isinstance(value, dict) or "__entity_type__" not in value:
            return value
        if value["id"] in seen:
            return {"__entity_type__": value["__entity_type__"], "id": value["id"]}
        seen.add(value["id"])
        return {name: shaped(each) for name, each in value.items()}

    return [shaped(row) for row in rows]
