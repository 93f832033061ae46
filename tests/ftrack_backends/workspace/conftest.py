"""A workspace, and a client that speaks to it in bytes, as every real client does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.values import Request, Response


@attrs.define
class Client:
    """Posts batches to a workspace in the name of one of its users."""

    workspace: Workspace
    username: str
    api_key: str
    strict: bool = False

    def post(self, body: bytes, **headers: str) -> Response:
        """Post a body with credentials."""
        own = {"ftrack-user": self.username, "ftrack-api-key": self.api_key}
        own |= {"ftrack-strict-api": str(self.strict).lower()}
        return self.workspace.exchange(Request("POST", "/api", own | headers, body))

    def call(self, *operations: Any) -> Any:
        """Post a batch; gives whatever comes back."""
        return json.loads(self.post(json.dumps(list(operations)).encode()).body)

    def refused(self, *operations: Any) -> tuple[str, str]:
        """Post a batch that must be refused; gives exception and content."""
        reply = self.call(*operations)
        assert isinstance(reply, dict), f"it was accepted: {reply}"
        assert not set("{}") & set(reply["content"])
        return reply["exception"], reply["content"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Rows of a query."""
        reply = self.call({"action": "query", "expression": expression})
        assert isinstance(reply, list), reply
        rows: list[dict[str, Any]] = reply[0]["data"]
        return rows

    def one(self, expression: str) -> dict[str, Any]:
        """The one row of a query."""
        rows = self.query(expression)
        assert len(rows) == 1, rows
        return rows[0]

    def create(self, entity_type: str, /, **data: Any) -> dict[str, Any]:
        """Create an entity and give the reply's data."""
        reply = self.call(create(entity_type, **data))
        assert isinstance(reply, list), reply
        entity: dict[str, Any] = reply[0]["data"]
        return entity

    def update(self, entity_type: str, key: Any, /, **data: Any) -> dict[str, Any]:
        """Change an entity and give the reply's data."""
        reply = self.call(update(entity_type, key, **data))
        assert isinstance(reply, list), reply
        entity: dict[str, Any] = reply[0]["data"]
        return entity

    def project(self, name: str = "show", **data: Any) -> dict[str, Any]:
        """Create a project."""
        schema = self.one("ProjectSchema where name is VFX")["id"]
        return self.create("Project", id=str(uuid.uuid4()), name=name, project_schema_id=schema, **data)

    def shot(self, project: dict[str, Any], name: str = "sh010", **data: Any) -> dict[str, Any]:
        """Create a shot below a project or another context."""
        return self.create("Shot", name=name, parent_id=project["id"], **data)

    def version(self, context: dict[str, Any], **data: Any) -> dict[str, Any]:
        """Create an asset on a context and a version of it."""
        asset = self.create("Asset", name="anim", context_id=context["id"])
        return self.create("AssetVersion", asset_id=asset["id"], **data)


def create(entity_type: str, /, **data: Any) -> dict[str, Any]:
    """An operation that creates, as the official client sends it."""
    return {"action": "create", "entity_type": entity_type, "entity_data": {"__entity_type__": entity_type, **data}}


def update(entity_type: str, key: Any, /, **data: Any) -> dict[str, Any]:
    """An operation that changes."""
    return {
        "action": "update",
        "entity_type": entity_type,
        "entity_key": key,
        "entity_data": {"__entity_type__": entity_type, **data},
    }


def delete(entity_type: str, key: Any) -> dict[str, Any]:
    """An operation that deletes."""
    return {"action": "delete", "entity_type": entity_type, "entity_key": key}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """An empty workspace in memory, gone with the test."""
    with Workspace.open() as opened:
        yield opened


@pytest.fixture
def client(workspace: Workspace) -> Client:
    """A client of the workspace, signed in as its first user."""
    first = workspace.users[0]
    return Client(workspace, first.username, first.api_key)


@pytest.fixture
def client_of() -> type[Client]:
    """Makes a client of any workspace: `client_of(workspace, username, api_key)`."""
    return Client


@attrs.frozen
class Operations:
    """Makes the operations of batches."""

    create = staticmethod(create)
    update = staticmethod(update)
    delete = staticmethod(delete)


@pytest.fixture
def ops() -> Operations:
    """Makes operations: `ops.create("Task", name="...")`."""
    return Operations()


@pytest.fixture
def ref() -> Any:
    """Makes a reference to an entity, as clients send it."""
    return lambda entity: {"__entity_type__": entity["__entity_type__"], "id": entity["id"]}
