"""Breadcrumbs: the attribute `link`, the way from the project down to a context or a version.

Each step is `type`, `id` and `name`. The type is that of the link's kind, as ftrack gives it: Project, TypedContext or
AssetVersion. An asset is no step of its own: a version's last step is named after asset and number.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ftrack_backends.workspace.model import ModelType
    from ftrack_backends.workspace.reading._shapes import Load
    from ftrack_backends.workspace.store import Connection

    Crumbs: TypeAlias = list[dict[str, Any]]
    Contexts: TypeAlias = dict[str, tuple[str, str, str, str | None]]

__all__ = ["BREADCRUMBS", "breadcrumbs"]

BREADCRUMBS = ("link", "_link")
"""Attributes that are one; the second is the older name of the same."""

_CONTEXTS = """WITH RECURSIVE way(id) AS (
    SELECT value FROM json_each(?)
    UNION SELECT up."parent_id" FROM way JOIN "Context" AS up ON up."id" = way.id WHERE up."parent_id" IS NOT NULL)
SELECT own."id", own."__type__", own."name", own."parent_id" FROM way JOIN "Context" AS own ON own."id" = way.id"""
_VERSIONS = """SELECT own."id", asset."context_id", coalesce(asset."name", ''), own."version"
FROM "AssetVersion" AS own LEFT JOIN "Asset" AS asset ON asset."id" = own."asset_id"
WHERE own."id" IN (SELECT value FROM json_each(?))"""


def breadcrumbs(model_type: ModelType) -> Load | None:
    """Give what loads the links of a type's rows, by id; None where such rows have none to be loaded."""
    return {"Context": _of_contexts, "AssetVersion": _of_versions}.get(model_type.table)


def _of_contexts(connection: Connection, keys: Collection[str]) -> Mapping[str, Crumbs]:
    ways = _Ways(connection, keys)
    return {key: ways.to(key) for key in keys}


def _of_versions(connection: Connection, keys: Collection[str]) -> Mapping[str, Crumbs]:
    rows = connection.execute(_VERSIONS, (json.dumps(keys),)).fetchall()
    ways = _Ways(connection, {row[1] for row in rows if row[1] is not None})
    return {row[0]: [*ways.to(row[1]), _crumb("AssetVersion", row[0], _version_name(row[2], row[3]))] for row in rows}


class _Ways:
    """The ways down to some contexts; what they share is worked out once."""

    def __init__(self, connection: Connection, keys: Iterable[str]) -> None:
        rows = connection.execute(_CONTEXTS, (json.dumps(list(keys)),)).fetchall()
        self._contexts: Contexts = {row[0]: row for row in rows}
        self._known: dict[str | None, Crumbs] = {None: []}

    def to(self, key: str | None) -> Crumbs:
        """Give the way down to a context, itself included; nothing for one that is not there."""
        path: list[str] = []
        while key not in self._known and key in self._contexts and key not in path:
            path.append(key)
            key = self._contexts[key][3]
        way = self._known.get(key, [])
        for one in reversed(path):
            identifier, kind, name, _ = self._contexts[one]
            way = [*way, _crumb(kind if kind == "Project" else "TypedContext", identifier, name)]
            self._known[one] = way
        return way


def _crumb(kind: str, identifier: str, name: str | None) -> dict[str, Any]:
    return {"type": kind, "id": identifier, "name": name}


def _version_name(asset: str, number: int | None) -> str:
    return f"{asset} v{number}" if number is not None else asset
