"""Whether what a batch leaves behind may stand: asked once, at its end."""

# ruff: noqa: S608 - statements are made of the model's names; whatever a client sent is bound
from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import DuplicateFault, IntegrityFault, ValidationFault
from ftrack_backends.workspace.model import Key, Text
from ftrack_backends.workspace.store import quoted
from ftrack_backends.workspace.writing._orders import type_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ftrack_backends.workspace._faults import Fault
    from ftrack_backends.workspace.model import Model, ModelType, Scalar
    from ftrack_backends.workspace.store import Stored
    from ftrack_backends.workspace.writing._rows import Row, Rows

__all__ = ["Checks"]

_MAY_LACK = {("User", "username")}
"""Required by the schema, and empty on real servers all the same."""
_SECOND_REFUSED_AS: dict[str, Callable[[str], Fault]] = {"Timer": DuplicateFault}
"""Types whose second row has a name of its own in clients; the others' is an `IntegrityError`."""


@attrs.frozen(eq=False)
class Checks:
    """Looks at the rows that a batch touched."""

    model: Model
    rows: Rows

    def demand(self, rows: Sequence[Row], dangling: Iterable[tuple[Row, str]]) -> None:
        """Refuse a batch whose result breaks a rule.

        Args:
            rows: Rows that were created or changed and still stand.
            dangling: Rows and columns that named a row when it was deleted.

        Raises:
            ValidationFault: A row lacks a value it must have.
            IntegrityFault: A key names nothing, or a value that must be unique is not.
            DuplicateFault: There is a second row where clients know that there may be one.
        """
        for row in rows:
            self._demand_complete(row)
        self._demand_targets(rows)
        self._demand_unused(dangling)
        self._demand_unique(rows)

    def _demand_complete(self, row: Row) -> None:
        missing = [name for name in _required(row.type) if row.values[name] is None]
        if missing:
            raise ValidationFault(f"{row} has no {' and no '.join(missing)}, which is required.")
        if "TypedContext" in row.type.lineage and row.values["project_id"] is None:
            raise ValidationFault(f"{row} is in no project: give it a parent, or a project.")

    def _demand_targets(self, rows: Sequence[Row]) -> None:
        by_target: dict[str, dict[Stored, tuple[Row, str]]] = {}
        for row in rows:
            for column, target in _keys(self.model, row.type):
                value = row.values[column]
                if value is not None and row.changed(column):
                    by_target.setdefault(target, {}).setdefault(value, (row, column))
            if _has_any_parent(row.type) and row.values["parent_id"] and row.changed("parent_id"):
                target = self._parent_table(row)
                by_target.setdefault(target, {}).setdefault(row.values["parent_id"], (row, "parent_id"))
        for target, uses in by_target.items():
            self._demand_rows(target, uses)

    def _parent_table(self, row: Row) -> str:
        kind = row.values["parent_type"]
        if kind is None:
            raise IntegrityFault(f"parent_id of {row} names {row.values['parent_id']}, which does not exist.")
        return type_named(self.model, kind).table

    def _demand_rows(self, table: str, uses: dict[Stored, tuple[Row, str]]) -> None:
        wanted = "SELECT value FROM json_each(?)"
        sql = f"SELECT value FROM ({wanted}) WHERE value NOT IN (SELECT id FROM {quoted(table)})"
        for value in self.rows.scalars(sql, [json.dumps(list(uses))]):
            row, column = uses[value]
            raise IntegrityFault(f"{column} of {row} names {table} {value}, which does not exist.")

    def _demand_unused(self, dangling: Iterable[tuple[Row, str]]) -> None:
        for row, column in dangling:
            key = row.type.keys[column]
            if not row.removed and self.rows.find(self.model[key.target], [row.values[column]]) is None:
                named = f"{key.target} {row.values[column]}"
                raise IntegrityFault(f"{named} cannot be deleted: {row} needs it as its {column}.")

    def _demand_unique(self, rows: Sequence[Row]) -> None:
        """One statement for each rule, however many rows: a batch may name thousands of siblings."""
        by_rule: dict[tuple[str, tuple[str, ...]], dict[tuple[Stored, ...], Row]] = {}
        for row in rows:
            for names in _unique(row.type):
                values = tuple(row.values[name] for name in names)
                if not {None, ""} & set(values) and any(map(row.changed, names)):
                    by_rule.setdefault((row.type.table, names), {})[values] = row
        for (table, names), claims in by_rule.items():
            self._demand_alone(table, names, claims)

    def _demand_alone(self, table: str, names: Sequence[str], claims: dict[tuple[Stored, ...], Row]) -> None:
        columns = ", ".join(map(quoted, names))
        found = self.rows.records(
            f"SELECT {columns} FROM {quoted(table)} WHERE {quoted(names[0])} IN (SELECT value FROM json_each(?)) "
            f"GROUP BY {columns} HAVING count(*) > 1",
            [json.dumps(list({values[0] for values in claims}))],
        )
        for values in found:
            if values in claims:
                same = " and ".join(f"{name} {value!r}" for name, value in zip(names, values, strict=True))
                refuse = _SECOND_REFUSED_AS.get(claims[values].type.name, IntegrityFault)
                raise refuse(f"{claims[values]} cannot have {same}: another one has it already (duplicate entry).")


def _unique(model_type: ModelType) -> Sequence[tuple[str, ...]]:
    if model_type.name == "Project":  # siblings without a parent, which the model's own rule cannot name
        return (*model_type.unique, ("context_type", "name"))
    return model_type.unique


@lru_cache(maxsize=1024)
def _required(model_type: ModelType) -> tuple[str, ...]:
    columns = model_type.columns.items()
    return tuple(name for name, one in columns if one.required and not _may_lack(model_type, one))


def _may_lack(model_type: ModelType, column: Scalar) -> bool:
    """Whether a row may be without a value that the schema requires: people go, and what they wrote stays."""
    written_by = isinstance(column, Key) and column.target == "User" and not column.owner
    return written_by or (model_type.name, column.name) in _MAY_LACK


@lru_cache(maxsize=1024)
def _has_any_parent(model_type: ModelType) -> bool:
    """Whether entities of the type hang on an entity of any type, as notes do."""
    kind = model_type.columns.get("parent_type")
    return isinstance(kind, Text) and kind.names_type


@lru_cache(maxsize=1024)
def _keys(model: Model, model_type: ModelType) -> tuple[tuple[str, str], ...]:
    """Columns that name an entity, with its table; only tables whose rows an `id` identifies."""
    columns = ((name, one) for name, one in model_type.columns.items() if isinstance(one, Key) and one.target in model)
    keys = ((name, model[one.target]) for name, one in columns)
    own_id = ("id",)
    return tuple((name, target.table) for name, target in keys if target.primary_key == own_id and name != "id")
