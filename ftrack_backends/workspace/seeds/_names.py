"""Rows of a seed found by name or path: what a person writes instead of an id."""

from __future__ import annotations

import difflib
import json
import uuid
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_backends.workspace.model import Collection, Key, LinkTable, Reference
from ftrack_backends.workspace.seeds._ids import stable_id
from ftrack_backends.workspace.seeds._own_types import type_id
from ftrack_backends.workspace.writing import type_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ftrack_backends.workspace.model import Model, ModelType
    from ftrack_backends.workspace.seeds._seed import SeedRow

__all__ = ["ASIDE", "Names"]

ASIDE = {"User": ("api_key", "roles"), "SecurityRole": ("read_only",)}
"""What rows may say that is no attribute, by type."""

_NAMING = ("name", "username", "short", "label", "key")
_HOLDERS = ("parent", "parent_id", "context", "context_id", "asset", "asset_id", "project", "project_id")
"""What a row hangs on; two shots of one name are told apart by it."""
_KEYS_IN_TEXT = {"project_id": "Project", "object_type_id": "ObjectType"}
"""Keys that configurations of custom attributes have without the model saying so."""
_SEVERAL = ""
"""Stands for an id where several rows have the name."""
_SHOWN = 20


class Names:
    """Knows the rows of seeds by their names and paths, and puts ids where these stand.

    Args:
        model: The data model.
        rows: Rows of all seeds that are planted together.
        present: Finds ids of rows that are in the database already, by table, column and text; None for none.
    """

    def __init__(
        self,
        model: Model,
        rows: Iterable[SeedRow],
        present: Callable[[str, str, str], Sequence[str]] | None = None,
    ) -> None:
        self._model = model
        self._present = present or _nothing
        self._ids: dict[str, dict[str, str]] = {}
        self._values: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._paths: dict[str, dict[str, str]] | None = None
        for row in rows:
            if row.type_name in model:
                self._learn(model[row.type_name], row.values)

    def complete(self, row: SeedRow) -> dict[str, Any]:
        """Give the attribute values of a row, with an id and with ids for names.

        Raises:
            ValidationFault: The type is unknown, or a name names nothing or several rows.
        """
        model_type = type_named(self._model, row.type_name)
        aside = (*ASIDE.get(row.type_name, ()), *(("custom_attributes",) if _has_custom(model_type, row) else ()))
        said = {name: value for name, value in row.values.items() if name not in aside}
        values = {name: self._resolved(model_type, name, one) for name, one in said.items()}
        if isinstance(said.get("parent_type"), str) and isinstance(said.get("parent_id"), str):
            values["parent_id"] = self._id("parent_id", said["parent_type"], said["parent_id"])
        if model_type.primary_key == ("id",):
            values["id"] = _id_of(model_type, row.values)
        return values

    def id_of(self, target: str, text: str) -> str:
        """Give the id of the row of a type that a text names.

        Raises:
            ValidationFault: It names nothing, or several rows.
        """
        return str(self._id(target, target, text))

    def custom_attributes_of(self, type_name: str) -> str | None:
        """Give the type of the values of custom attributes that rows of a type have; None where they have none."""
        attribute = self._model[type_name].attributes.get("custom_attributes") if type_name in self._model else None
        return attribute.item if isinstance(attribute, Collection) else None

    def _learn(self, model_type: ModelType, values: Mapping[str, Any]) -> None:
        if model_type.primary_key != ("id",):
            return
        known = self._ids.setdefault(model_type.table, {})
        own_id = _id_of(model_type, values)
        self._values[own_id] = (model_type.table, values)
        for name in _NAMING:
            text = values.get(name)
            if isinstance(text, str) and name in model_type.columns:
                for one in {text, type_id(text)} if model_type.name == "ObjectType" else (text,):
                    known[one] = own_id if known.get(one, own_id) == own_id else _SEVERAL

    def _resolved(self, model_type: ModelType, name: str, value: Any) -> Any:
        attribute = model_type.attributes.get(name)
        if isinstance(attribute, Collection) and isinstance(attribute.via, LinkTable) and isinstance(value, list):
            return [self._id(attribute.name, attribute.item, one) for one in value]
        if isinstance(attribute, (Key, Reference)) and isinstance(value, str):
            return self._id(attribute.name, attribute.target, value)
        if model_type.root == "CustomConfigurationBase" and name in _KEYS_IN_TEXT:
            return self._id(name, _KEYS_IN_TEXT[name], value)
        return value

    def _id(self, attribute: str, target: str, text: object) -> object:
        if not isinstance(text, str) or _is_id(text) or target not in self._model:
            return text
        known = self._ids.get(self._model[target].table, {})
        found = known.get(text)
        if found is None and "/" in text:
            found = self._at_path(self._model[target].table, text)
        if found is None:
            found = self._in_database(self._model[target], text)
        if found:
            return found
        if found == _SEVERAL:
            raise ValidationFault(f"{attribute} {text!r} is the name of several rows; give a path or an id.")
        near = difflib.get_close_matches(text, known, n=1)
        shown = [*sorted(known)[:_SHOWN], *(["..."] if len(known) > _SHOWN else [])]
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(shown) or 'none'}."
        raise ValidationFault(f"{attribute} {text!r} is the name of no {target}; {hint}")

    def _in_database(self, model_type: ModelType, text: str) -> str | None:
        columns = [name for name in _NAMING if name in self._model.tables[model_type.table]]
        found = {one for column in columns for one in self._present(model_type.table, column, text)}
        return None if not found else found.pop() if len(found) == 1 else _SEVERAL

    def _at_path(self, table: str, text: str) -> str | None:
        if self._paths is None:
            self._paths = {}
            for own_id, (where, _) in self._values.items():
                known = self._paths.setdefault(where, {})
                path = self._path(own_id, set())
                known[path] = own_id if known.get(path, own_id) == own_id else _SEVERAL
        found = self._paths.get(table, {}).get(text)
        return found if found is not None else self._present_path(table, text)

    def _path(self, own_id: str, on_the_way: set[str]) -> str:
        """Names from the project down; as far as it is known what hangs on what."""
        if own_id not in self._values or own_id in on_the_way:
            return own_id
        values = self._values[own_id][1]
        name = values.get("name") or (f"v{values['version']}" if "version" in values else own_id)
        holder = next((values[one] for one in _HOLDERS[:6] if isinstance(values.get(one), str)), None)
        if holder is None or "/" in holder:
            return f"{holder}/{name}" if holder else str(name)
        holder_id = next((ids[holder] for ids in self._ids.values() if ids.get(holder)), holder)
        return f"{self._path(holder_id, {*on_the_way, own_id})}/{name}"

    def _present_path(self, table: str, text: str) -> str | None:
        """Walk down the tree that is in the database."""
        first, *below = text.split("/")
        level = set(self._present("Context", "name", first))
        for depth, name in enumerate(below, start=1):
            where = table if depth == len(below) else "Context"
            column = "parent_id" if where == "Context" else "context_id"
            if column not in self._model.tables.get(where, {}) or "name" not in self._model.tables[where]:
                return None
            held = {one for holder in level for one in self._present(where, column, holder)}
            level = held & set(self._present(where, "name", name))
        return level.pop() if len(level) == 1 else None


def _has_custom(model_type: ModelType, row: SeedRow) -> bool:
    return "custom_attributes" in model_type.attributes and isinstance(row.values.get("custom_attributes"), dict)


def _id_of(model_type: ModelType, values: Mapping[str, Any]) -> str:
    if isinstance(values.get("id"), str):
        return str(values["id"])
    names = (values[name] for name in _NAMING if isinstance(values.get(name), str) and name in model_type.columns)
    held = [values[one] for one in _HOLDERS if isinstance(values.get(one), str)]
    own = next(names, None)
    if own is None:
        return stable_id(model_type.table, json.dumps(values, sort_keys=True, default=repr))
    return stable_id(model_type.table, *held, own)


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _nothing(table: str, column: str, text: str) -> Sequence[str]:  # noqa: ARG001 - one of two that are called alike
    return ()
