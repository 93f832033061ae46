"""Links that custom attributes make: kept once, as seen from where they start, whichever end a client named.

`ContextCustomAttributeLink` links something to a context, `ContextCustomAttributeLinkFrom` a context to something.
Both are the same row; its type says what it leads to, a hidden column what it comes from.
"""

# ruff: noqa: S608 - statements are made of the model's names; whatever a client sent is bound
from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import IntegrityFault, ValidationFault
from ftrack_backends.workspace.store import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["Links"]

_LINK = "CustomAttributeLink"
_TABLES: Mapping[str, tuple[str, str]] = {
    "Context": ("Context", ""),
    "Asset": ("Asset", ""),
    "AssetVersion": ("AssetVersion", ""),
    "Component": ("Component", ""),
    "List": ("List", ""),
    "User": ("Resource", "User"),
    "Group": ("Resource", "Group"),
}
"""Table of each kind of things that are linked, and the type of its rows where the table holds others too."""
_KINDS: Mapping[str, str] = {
    "task": "Context",
    "show": "Context",
    "asset": "Asset",
    "assetversion": "AssetVersion",
    "asset_version": "AssetVersion",
    "component": "Component",
    "list": "List",
    "user": "User",
    "group": "Group",
}
"""What an `entity_type` of a configuration means."""


@attrs.frozen(eq=False)
class Links:
    """Looks at the links that a batch touched."""

    model: Model
    rows: Rows

    def demand(self, touched: Iterable[Row]) -> None:
        """Refuse links that their configuration is not for, and note down what they tie together.

        Raises:
            ValidationFault: An end is not what the configuration says.
            IntegrityFault: An end or the configuration does not exist, or there may be one link only.
        """
        for row in touched:
            if row.type.table == _LINK:
                self._demand_one(row)

    def _demand_one(self, row: Row) -> None:
        made = self.rows.find(self.model["CustomAttributeLinkConfiguration"], [row.values["configuration_id"]])
        if made is None:
            raise IntegrityFault(f"{row} names no CustomAttributeLinkConfiguration: {row.values['configuration_id']}.")
        start = self._end(row, made, "from_id", "entity_type", "object_type_id")
        end = self._end(row, made, "to_id", "entity_type_to", "object_type_id_to")
        self.rows.change(row, {"from_entity_type": start, "to_entity_type": end})
        self.rows.retype(row, self.model[f"{end}{_LINK}"])
        if made.values["one_to_one"]:
            self._demand_only(row, made)

    def _end(self, row: Row, made: Row, column: str, entity_type: str, object_type: str) -> str:
        kind = _KINDS[str(made.values[entity_type])]
        found = self._thing(kind, row.values[column])
        if found is None:
            raise IntegrityFault(f"{column} of {row} names {kind} {row.values[column]}, which does not exist.")
        if kind == "Context" and not _is(found, made.values[entity_type], made.values[object_type]):
            raise ValidationFault(f"{column} of {row} is a {found.type.name}, for which {made} is not.")
        return kind

    def _thing(self, kind: str, key: object) -> Row | None:
        table, type_name = _TABLES[kind]
        found = self.rows.find(self.model[table], [str(key)])
        return found if found is not None and type_name in {"", found.type.name} else None

    def _demand_only(self, row: Row, made: Row) -> None:
        sql = f'SELECT count(*) FROM {quoted(_LINK)} WHERE "configuration_id" = ? AND "from_id" = ?'
        if self.rows.scalars(sql, [made.id, row.values["from_id"]])[0] != 1:
            raise IntegrityFault(
                f"{row.values['from_id']} has a link {made.values['key']!r} already, and may have one only "
                "(one_to_one); delete or change that one (duplicate entry)."
            )


def _is(context: Row, entity_type: object, object_type: object) -> bool:
    is_project = context.type.name == "Project"
    return is_project == (entity_type == "show") and object_type in {None, "", context.values["object_type_id"]}
