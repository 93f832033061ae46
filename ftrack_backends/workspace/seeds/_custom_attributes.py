"""Custom attributes in short.

[[custom_attribute]]
key = "fps"
type = "number"
of = "Shot"
default = 24
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ftrack_backends.workspace.seeds._ids import stable_id
from ftrack_backends.workspace.seeds._tables import Table

__all__ = ["custom_attribute"]

_Row: TypeAlias = "tuple[str, str, dict[str, Any]]"
_TABLES = {
    "Project": "show",
    "Asset": "asset",
    "AssetVersion": "assetversion",
    "List": "list",
    "ListObject": "listobject",
    "User": "user",
}
"""What a configuration calls the kinds of things that are no typed contexts."""
_SAID = (
    "id",
    "key",
    "label",
    "type",
    "of",
    "default",
    "project",
    "hierarchical",
    "options",
    "multiple",
    "group",
    "sort",
)


def custom_attribute(values: Mapping[str, Any]) -> Iterator[_Row]:
    """A CustomAttributeConfiguration; options, and what it applies to, are written as people say them."""
    table = Table(values).only(*_SAID)
    key, kind, of = table.text("key"), table.text("type"), table.text("of", "")
    hierarchical = table.truth("hierarchical", default=False)
    if not of and not hierarchical:
        table.fail("of must say what has it, as 'Shot' or 'User', unless it is hierarchical")
    row: dict[str, Any] = {
        "id": table.text("id", stable_id("CustomAttributeConfiguration", key, of, table.text("project", ""))),
        "key": key,
        "label": table.text("label", key),
        "type": kind,
        "is_hierarchical": hierarchical,
        "entity_type": "show" if hierarchical else _TABLES.get(of, "task"),
        "config": json.dumps(_config(table, kind)),
    }
    if not hierarchical and of not in _TABLES:
        row["object_type"] = of
    row |= {name: values[name] for name in ("default", "sort", "group") if name in values}
    if "project" in values:
        row["project_id"] = table.text("project")
    yield "key", "CustomAttributeConfiguration", row


def _config(table: Table, kind: str) -> dict[str, Any]:
    if kind == "enumerator":
        options = [one if isinstance(one, Mapping) else {"menu": one, "value": one} for one in _options(table)]
        return {"multiSelect": table.truth("multiple", default=False), "data": json.dumps(options)}
    if "options" in table.values or "multiple" in table.values:
        table.fail(f"options and multiple go with an enumerator, not with {kind!r}")
    return {"number": {"isdecimal": True}, "text": {"markdown": False}}.get(kind, {})


def _options(table: Table) -> list[Any]:
    options = table.values.get("options", [])
    fits = isinstance(options, list) and all(
        isinstance(one, str) or (isinstance(one, Mapping) and {"menu", "value"} == set(one)) for one in options
    )
    if not fits:
        table.fail("options must be a list of texts, or of tables with menu and value")
    return list(options)
