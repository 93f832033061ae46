"""What project schemas can tell: the statuses and types that something in a project may have."""

from __future__ import annotations

from typing import Final

from ftrack_core.entity import Entity
from ftrack_core.errors import InvalidValueError, UnrecognisedEntityTypeError
from ftrack_core.session.behaviours._behaviour import Behaviour, load_missing

__all__ = ["ProjectSchema"]

_TASK_PATHS: Final = ("_task_workflow.statuses", "_overrides.type_id", "_overrides.workflow_schema.statuses")
_OBJECT_PATHS: Final = ("_schemas.type_id", "_schemas.statuses.task_status", "_schemas.types.task_type")


class ProjectSchema(Behaviour):
    """What a project allows. What it needs to know is asked for in one call, once."""

    __slots__ = ()

    def get_statuses(self, schema: str, type_id: str | None = None) -> list[Entity]:
        """The statuses that entities of a type may have.

        Args:
            schema: Name of the entity type, as `Task`.
            type_id: Of a task, the id of its type, which may have statuses of its own.

        Raises:
            InvalidValueError: There is no such entity type, or it has no statuses in this schema.
        """
        if schema == "Task":
            return self._task_statuses(type_id)
        if schema == "AssetVersion":
            load_missing(self, "_version_workflow.statuses")
            return _all(self["_version_workflow"], "statuses")
        return [each["task_status"] for each in self._object_schema(schema, "statuses")["statuses"]]

    def get_types(self, schema: str) -> list[Entity]:
        """The types that entities of an entity type may have.

        Args:
            schema: Name of the entity type, as `Task`.

        Raises:
            InvalidValueError: There is no such entity type, or it has no types in this schema.
        """
        if schema == "Task":
            load_missing(self, "_task_type_schema.types")
            return _all(self["_task_type_schema"], "types")
        return [each["task_type"] for each in self._object_schema(schema, "types")["types"]]

    def _task_statuses(self, type_id: str | None) -> list[Entity]:
        load_missing(self, *_TASK_PATHS)
        for override in self["_overrides"] if type_id is not None else ():
            if override["type_id"] == type_id:
                return _all(override["workflow_schema"], "statuses")
        return _all(self["_task_workflow"], "statuses")

    def _object_schema(self, name: str, what: str) -> Entity:
        """The part of this schema that is about an object type, as shots are one.

        Raises:
            InvalidValueError: There is none.
        """
        try:
            described = self.session.types[name].attributes.get("object_type_id")
        except UnrecognisedEntityTypeError as error:
            raise InvalidValueError(error.message, error.details) from error
        object_type = getattr(described, "default", None)
        if not isinstance(object_type, str):
            raise InvalidValueError(f"{name} has no {what} in a project schema: it is of no object type.")
        load_missing(self, *_OBJECT_PATHS)
        found: Entity | None = next((each for each in self["_schemas"] if each["type_id"] == object_type), None)
        if found is None:
            raise InvalidValueError(f"{self} says nothing about the {what} of a {name}.")
        return found


def _all(owner: Entity | None, name: str) -> list[Entity]:
    return [] if owner is None else list(owner[name])
