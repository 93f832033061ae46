"""Rows of a seed found by name: what a person writes instead of an id."""

from __future__ import annotations

import difflib
import json
import uuid
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace._faults import ValidationFault
from ftrack_backends.workspace.model import Collection, Key, LinkTable, Reference
from ftrack_backends.workspace.seeds._short_forms import stable_id
from ftrack_backends.workspace.writing import type_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ftrack_backends.workspace.model import Attribute, Model, ModelType
    from ftrack_backends.workspace.seeds._seed import SeedRow

__all__ = ["Names"]

_NAMING = ("name", "username", "short", "label", "key")
_SEVERAL = ""
"""Stands for an id where several rows have the name."""


class Names:
    """Knows the rows of seeds by their names, and puts ids where names stand.

    Args:
        model: The data model.
        rows: Rows of all seeds that are planted together.
    """

    def __init__(self, model: Model, rows: Iterable[SeedRow]) -> None:
        self._model = model
        self._ids: dict[str, dict[str, str]] = {}
        for row in rows:
            if row.type_name in model:
                self._learn(model[row.type_name], row.values)

    def complete(self, row: SeedRow) -> dict[str, Any]:
        """Give the attribute values of a row, with an id and with ids for names.

        Raises:
            ValidationFault: The type is unknown, or a name names nothing or several rows.
        """
        model_type = type_named(self._model, row.type_name)
        values = {name: self._resolved(model_type, name, one) for name, one in row.values.items() if name != "api_key"}
        if model_type.primary_key == ("id",):
            values["id"] = _id_of(model_type, row.values)
        return values

    def _learn(self, model_type: ModelType, values: Mapping[str, Any]) -> None:
        if model_type.primary_key != ("id",):
            return
        known = self._ids.setdefault(model_type.table, {})
        own_id = _id_of(model_type, values)
        for name in _NAMING:
            text = values.get(name)
            if isinstance(text, str) and name in model_type.columns:
                known[text] = own_id if known.get(text, own_id) == own_id else _SEVERAL

    def _resolved(self, model_type: ModelType, name: str, value: Any) -> Any:
        attribute = model_type.attributes.get(name)
        if isinstance(attribute, Collection) and isinstance(attribute.via, LinkTable) and isinstance(value, list):
            return [self._id(attribute, attribute.item, one) for one in value]
        if isinstance(attribute, (Key, Reference)) and isinstance(value, str):
            return self._id(attribute, attribute.target, value)
        return value

    def _id(self, attribute: Attribute, target: str, text: object) -> object:
        if not isinstance(text, str) or _is_id(text) or target not in self._model:
            return text
        known = self._ids.get(self._model[target].table, {})
        found = known.get(text)
        if found:
            return found
        if found == _SEVERAL:
            raise ValidationFault(f"{attribute.name} {text!r} is the name of several rows; give an id.")
        near = difflib.get_close_matches(text, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known)) or 'none'}."
        raise ValidationFault(f"{attribute.name} {text!r} is the name of no {target}; {hint}")


def _id_of(model_type: ModelType, values: Mapping[str, Any]) -> str:
    if isinstance(values.get("id"), str):
        return str(values["id"])
    names = (values[name] for name in _NAMING if isinstance(values.get(name), str) and name in model_type.columns)
    return stable_id(model_type.table, next(names, None) or json.dumps(values, sort_keys=True, default=repr))


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
