"""Whether the configurations of custom attributes that a batch leaves behind may stand, and their defaults in form."""

# ruff: noqa: S608 - statements are made of the model's names; whatever a client sent is bound
from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import IntegrityFault, ValidationFault
from ftrack_backends.workspace.reading import HOLDERS, applicable, value_type
from ftrack_backends.workspace.writing._attribute_types import attribute_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["Configurations"]

_VALUES = "CustomAttributeConfiguration"
_LINKS = "CustomAttributeLinkConfiguration"
_KINDS: Mapping[str, tuple[str, ...]] = {
    _VALUES: ("show", "task", "assetversion", "asset", "list", "listobject", "user"),
    _LINKS: ("show", "task", "asset_version", "assetversion", "asset", "component", "list", "user", "group"),
}
_OF_NO_PROJECT = {"user", "group", "listobject"}


@attrs.frozen(eq=False)
class Configurations:
    """Looks at the configurations that a batch touched."""

    rows: Rows

    def demand(self, touched: Iterable[Row]) -> None:
        """Refuse configurations that say what cannot be, and bring defaults to the form that values have.

        Raises:
            ValidationFault: A configuration lacks something, or says what its type does not know.
            IntegrityFault: Its key is taken, or its object type or project do not exist.
        """
        for row in touched:
            if row.type.name in _KINDS:
                self._demand_one(row)

    def _demand_one(self, row: Row) -> None:
        if not row.values["key"]:
            raise ValidationFault(f"{row} has no key, which is required.")
        self._demand_kind(row, "entity_type", "object_type_id")
        if row.type.name == _LINKS:
            self._demand_kind(row, "entity_type_to", "object_type_id_to")
        else:
            self._demand_type(row)
        self._demand_project(row)
        self._demand_unique(row)

    def _demand_kind(self, row: Row, kind: str, object_type: str) -> None:
        kinds = _KINDS[row.type.name]
        given, of_type = row.values[kind], row.values[object_type]
        if given not in kinds:
            near = difflib.get_close_matches(str(given), kinds, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(kinds)}."
            raise ValidationFault(f"{_named(row)} cannot have {kind} {given!r}; {hint}")
        if given == "task" and not of_type and not row.values.get("is_hierarchical"):
            raise ValidationFault(f"{_named(row)} has {kind} 'task' and needs {object_type}: of what sort of task?")
        if of_type and not self.rows.scalars('SELECT 1 FROM "ObjectType" WHERE "id" = ?', [of_type]):
            raise IntegrityFault(f"{object_type} of {_named(row)} names ObjectType {of_type}, which does not exist.")

    def _demand_type(self, row: Row) -> None:
        found = self.rows.scalars('SELECT "name" FROM "CustomAttributeType" WHERE "id" = ?', [row.values["type_id"]])
        if not found:
            raise ValidationFault(f"{_named(row)} has no type, which is required: text, number, boolean and so on.")
        if row.before is not None and row.changed("type_id"):
            raise ValidationFault(f"{_named(row)} cannot change its type; make another attribute.")
        kind = attribute_type(str(found[0]), row.values["config"])
        default = row.values["default"]
        try:
            value = kind.default(None if default is None else json.loads(str(default)))
        except ValueError as error:
            raise ValidationFault(f'Custom attribute default for "{row.values["key"]}" {error}.') from None
        stored = None if value is None else json.dumps(value, ensure_ascii=False)
        if row.before is not None and row.changed("default") and stored != row.before["default"]:
            self._keep_values(row, row.before["default"])
        self.rows.change(row, {"default": stored})

    def _keep_values(self, row: Row, default: Stored) -> None:
        """A new default is for new entities only: those that had the old one have it as a value from now on."""
        if row.values["is_hierarchical"]:
            return
        for kind in HOLDERS:
            self.rows.execute(
                'INSERT INTO "CustomAttributeValue" ("__type__", "entity_kind", "configuration_id", "entity_id", '
                f'"value") SELECT ?, ?, "configuration_id", "entity_id", ? FROM {applicable(kind)} AS own '
                'WHERE "configuration_id" = ? AND NOT "_stored"',
                [value_type(kind), kind, default, row.id],
            )

    def _demand_project(self, row: Row) -> None:
        project = row.values["project_id"]
        if not project:
            return
        if row.values["entity_type"] in _OF_NO_PROJECT:
            raise ValidationFault(f"{_named(row)} is for {row.values['entity_type']}, which belong to no project.")
        if row.before is not None and not row.before["project_id"]:
            raise ValidationFault(f"{_named(row)} is for all projects and cannot become that of one.")
        where = '"id" = ? AND "__type__" = \'Project\''
        if not self.rows.scalars(f'SELECT 1 FROM "Context" WHERE {where}', [project]):
            raise IntegrityFault(f"project_id of {_named(row)} names Project {project}, which does not exist.")

    def _demand_unique(self, row: Row) -> None:
        twins = self.rows.where("CustomConfigurationBase", "key", [row.values["key"]])
        taken = next((one for one in twins if one is not row and _scope(one) == _scope(row)), None)
        if taken:
            raise IntegrityFault(
                f"The key {row.values['key']!r} is taken by {taken} for the same entity type, object type and project "
                "(duplicate entry)."
            )


def _scope(row: Row) -> tuple[object, ...]:
    """Within what a key may stand once. A hierarchical attribute is for everything, whatever its entity type."""
    values = row.values
    things = "" if values["is_hierarchical"] else (values["entity_type"], values["object_type_id"] or None)
    return row.type.name, things, values["project_id"] or None


def _named(row: Row) -> str:
    return f"{row.type.name} {row.values['key']!r}"
