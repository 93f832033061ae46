"""A show with two shots, and a studio that declares attributes of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace import Workspace

SEED = {
    "User": [{"username": "ann"}],
    "show": [
        {
            "name": "show",
            "project_schema": "VFX",
            "sequences": [{"name": "sq010", "shots": 2}],
            "tasks": [{"name": "layout", "type": "Layout"}],
        },
        {"name": "other", "project_schema": "VFX", "sequences": [{"name": "sq010", "shots": 1}]},
    ],
}
TYPES = ("text", "boolean", "date", "enumerator", "dynamic enumerator", "number", "expression", "notification", "url")


@attrs.frozen
class Studio:
    """Declares attributes and looks at values, through a client."""

    client: Any
    types: dict[str, str]
    object_types: dict[str, str]

    def declare(self, key: str, type_name: str = "number", on: str = "Shot", **data: Any) -> str:
        """Declare an attribute; gives the configuration's id."""
        made: str = self.client.create("CustomAttributeConfiguration", **self.described(key, type_name, on, **data))[
            "id"
        ]
        return made

    def described(self, key: str, type_name: str = "number", on: str = "Shot", **data: Any) -> dict[str, Any]:
        """What declares an attribute."""
        things = {"Project": "show", "Asset": "asset", "AssetVersion": "assetversion", "List": "list", "User": "user"}
        scope = {"entity_type": things.get(on, "task")}
        if on in self.object_types:
            scope["object_type_id"] = self.object_types[on]
        return {"key": key, "label": key, "type_id": self.types[type_name], **scope, **data}

    def entities(self, expression: str) -> Any:
        """What a query finds."""
        return self.client.query(expression)

    def one(self, expression: str) -> Any:
        """The only entity that a query finds."""
        (found,) = self.client.query(expression)
        return found

    def values(self, entity: Any) -> dict[str, Any]:
        """The custom attributes that an entity has now."""
        kind, key = entity["__entity_type__"], entity["id"]
        return {
            item["key"]: item["value"]
            for item in self.one(f"select custom_attributes from {kind} where id is '{key}'")["custom_attributes"]
        }

    def set(self, entity: Any, configuration: str, value: Any, kind: str = "Context") -> Any:
        """Set a value as clients do."""
        return self.client.update(f"{kind}CustomAttributeValue", [configuration, entity["id"]], value=value)


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """Two shows; the first has two shots with a task each."""
    with Workspace.open(seed=SEED) as opened:
        yield opened


@pytest.fixture
def studio(client: Any) -> Studio:
    """A studio that has declared nothing yet."""
    types = {one["name"]: one["id"] for one in client.query("select name from CustomAttributeType")}
    object_types = {one["name"]: one["id"] for one in client.query("select name from ObjectType")}
    return Studio(client, types, object_types)


@pytest.fixture
def shot(studio: Studio) -> Any:
    """The first shot of the first show."""
    return studio.entities("select name from Shot where project.name is show order by name")[0]


@pytest.fixture
def options() -> Callable[..., str]:
    """Makes the config of an enumerator."""

    def config(*values: str, many: bool = False) -> str:
        data = json.dumps([{"menu": value.title(), "value": value} for value in values])
        return json.dumps({"multiSelect": many, "data": data})

    return config
