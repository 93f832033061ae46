"""Values of custom attributes: set by their key, as if each were there already, and deleted back to the default.

A value is there as soon as its configuration is, so clients never create one: they update `[configuration_id,
entity_id]`, and the first update stores it. Only `CustomAttributeValue`, the type of what is stored, may be created.
"""

# ruff: noqa: S608 - statements are made of the model's names; whatever a client sent is bound
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from ftrack_backends.workspace._faults import IntegrityFault, NotFoundFault, ValidationFault
from ftrack_backends.workspace.reading import HOLDERS, applicable, value_type
from ftrack_backends.workspace.store import quoted
from ftrack_backends.workspace.writing._assignments import assignments
from ftrack_backends.workspace.writing._attribute_configurations import Configurations
from ftrack_backends.workspace.writing._attribute_links import Links
from ftrack_backends.workspace.writing._attribute_types import AttributeType, attribute_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ftrack_backends.workspace.model import Model, ModelType
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._orders import Order
    from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["CustomAttributes"]

_VALUE = "CustomAttributeValue"


@attrs.frozen
class _Definition:
    """What a configuration says about values, as it stood when the first of them was set."""

    key: str
    type: AttributeType


@attrs.frozen(eq=False)
class CustomAttributes:
    """Sets values of custom attributes within a batch.

    Attributes:
        model: The data model.
        rows: Rows of the batch.
        create_row: Creates a row of a type from column values.
        remove_rows: Deletes rows.
    """

    model: Model
    rows: Rows
    create_row: Callable[[str, dict[str, Stored]], Row]
    remove_rows: Callable[[Iterable[Row]], None]
    _definitions: dict[str, tuple[object, _Definition]] = attrs.field(factory=dict, init=False)

    @staticmethod
    def concerns(model_type: ModelType) -> bool:
        """Whether a type is one of values."""
        return model_type.root == _VALUE

    def create(self, asked: Order) -> Callable[[], dict[str, Any]]:
        """Store a value that nothing is stored for yet.

        Raises:
            ValidationFault: The type is one of values that are always there; or the value does not fit.
            IntegrityFault: A value is stored already, or configuration or entity do not exist.
        """
        if asked.type.name != _VALUE:
            raise ValidationFault(
                f"A {asked.type.name} cannot be created: an entity has one for each configuration that applies to "
                "it. Update it instead, by its key: configuration_id and entity_id."
            )
        if self._found(asked.key) is not None:
            raise IntegrityFault(f"There is a value {' of '.join(asked.key)} already (duplicate primary key).")
        return self.update(asked)

    def update(self, asked: Order) -> Callable[[], dict[str, Any]]:
        """Set a value, whether one was stored before or not.

        Raises:
            ValidationFault: The value does not fit its configuration.
            IntegrityFault: Configuration or entity do not exist.
        """
        definition = self._definition(asked.key[0])
        kind = self._kind(asked)
        columns: dict[str, Stored] = {}
        if "value" in assignments(self.model, asked.type, asked, new=True).columns:
            columns["value"] = self._stored(definition, asked.data["value"])
        row = self._found(asked.key)
        if row is not None and row.type.name != value_type(kind):
            raise IntegrityFault(f"{asked.key[1]} is no {kind}: its value is a {row.type.name}.")
        if row is not None:
            self.rows.change(row, columns)
        elif columns:
            key = dict(zip(asked.type.primary_key, asked.key, strict=True))
            row = self.create_row(value_type(kind), {**key, **columns})
        return lambda: _reply(asked, definition, row)

    def delete(self, asked: Order) -> None:
        """Let an entity have the default again.

        Raises:
            NotFoundFault: There is no such value.
        """
        row = self._found(asked.key)
        if row is not None:
            self.remove_rows([row])
        elif asked.type.name == _VALUE and not self.rows.removed(asked.type, asked.key):
            raise NotFoundFault(f"{asked} is not stored; it cannot be deleted.")

    def finish(self) -> None:
        """Ask at the end of a batch whether its configurations, links and values may stand.

        Raises:
            IntegrityFault: Something named does not exist, or is there twice.
            ValidationFault: A configuration is faulty, or is not for what has a value or a link by it.
        """
        touched = self.rows.touched
        Configurations(self.rows).demand(touched)
        Links(self.model, self.rows).demand(touched)
        by_kind: dict[str, list[tuple[str, ...]]] = {}
        for row in touched:
            if row.type.root == _VALUE and row.before is None:
                by_kind.setdefault(row.type.name.removesuffix(_VALUE), []).append(row.key)
        for kind, keys in by_kind.items():
            self._demand_applicable(kind, keys)

    def _demand_applicable(self, kind: str, keys: list[tuple[str, ...]]) -> None:
        given = "SELECT json_extract(value, '$[0]') AS made, json_extract(value, '$[1]') AS owned FROM json_each(?)"
        one = (
            f'SELECT 1 FROM {applicable(kind)} AS own WHERE own."configuration_id" = made AND own."entity_id" = owned'
        )
        found = self.rows.records(f"SELECT made, owned FROM ({given}) WHERE NOT EXISTS ({one})", [json.dumps(keys)])
        for configuration, entity in found:
            key = self._definition(str(configuration)).key
            if self._kind_of(str(entity)) != kind:
                raise IntegrityFault(f"{kind} {entity} does not exist; it cannot have a value for {key!r}.")
            raise ValidationFault(
                f"The custom attribute {key!r} ({configuration}) is not for {kind} {entity}: "
                "entity type, object type or project of its configuration are others."
            )

    def _found(self, key: tuple[str, ...]) -> Row | None:
        return self.rows.find(self.model[_VALUE], key)

    def _definition(self, configuration: str) -> _Definition:
        """Read a configuration, once as long as it does not change."""
        row = self.rows.find(self.model["CustomAttributeConfiguration"], [configuration])
        if row is None:
            raise IntegrityFault(
                f"There is no CustomAttributeConfiguration {configuration}; nothing can be its value."
            )
        stand = (row.values["type_id"], row.values["config"])
        known = self._definitions.get(configuration)
        if known is None or known[0] != stand:
            name = self.rows.scalars('SELECT "name" FROM "CustomAttributeType" WHERE "id" = ?', [stand[0]])
            kind = attribute_type(str(name[0]) if name else "text", stand[1])
            known = self._definitions[configuration] = (stand, _Definition(str(row.values["key"]), kind))
        return known[1]

    @staticmethod
    def _stored(definition: _Definition, sent: object) -> Stored:
        try:
            value = definition.type.value(sent)
        except ValueError as error:
            raise ValidationFault(f'Custom attribute value for "{definition.key}" {error}.') from None
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def _kind(self, asked: Order) -> str:
        """Find what kind of thing a value is of; where the client left that open, the entity says it."""
        named = asked.type.name.removesuffix(_VALUE)
        found = named or self._kind_of(asked.key[1])
        if not found:
            raise IntegrityFault(f"{asked.key[1]} is no entity that has custom attributes.")
        return found

    def _kind_of(self, entity: str) -> str | None:
        for kind, holder in HOLDERS.items():
            found = self.rows.scalars(f'SELECT "__type__" FROM {quoted(holder.table)} WHERE "id" = ?', [entity])
            if found and (kind != "User" or found[0] == "User"):
                return kind
        return None


def _reply(asked: Order, definition: _Definition, row: Row | None) -> dict[str, Any]:
    key = dict(zip(asked.type.primary_key, asked.key, strict=True))
    entity: dict[str, Any] = {"__entity_type__": asked.type.name, **key}
    if "key" in asked.type.attributes:
        entity["key"] = definition.key
    if row is not None:
        value = row.values["value"]
        entity["value"] = None if value is None else json.loads(str(value))
    return entity
