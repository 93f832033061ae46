"""A workspace to throw things at, and what must hold whatever was thrown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import pytest

from ftrack_backends.workspace import Workspace
from ftrack_backends.workspace.store import Connection
from ftrack_core.values import Request, Response

MARK = "Zq9mark"
"""Stands in every text that is thrown, and must never stand in SQL."""
IDS = {
    name: f"00000000-0000-4000-8000-{place:012d}"
    for place, name in enumerate(("project", "shot", "task", "asset", "version", "note", "list", "person", "none"))
}
_TOLD = re.compile(rb'Traceback|File "|\.py\b|site-packages|<[\w.]+ object at')
_STATUSES = {200, 204, 400, 401, 403, 404, 405, 409, 413, 422}


@attrs.define(eq=False)
class Ground:
    """A workspace with a bit of everything in it, one who throws, and one who only wants to work."""

    workspace: Workspace
    statements: list[str]
    credentials: dict[str, str] = attrs.field(init=False)
    neighbour: dict[str, str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.credentials = _headers(self.workspace.users[0])
        replies = self.call(_furniture(self.schema_id))
        assert isinstance(replies, list), replies
        self.neighbour = _headers(self.workspace.credentials("neighbour"))
        self.statements.clear()

    @property
    def schema_id(self) -> str:
        """Id of the project schema."""
        return str(self.call([{"action": "query", "expression": "ProjectSchema"}])[0]["data"][0]["id"])

    def call(self, batch: Any) -> Any:
        """The decoded reply to a batch of one's own."""
        return json.loads(self.post(json.dumps(batch).encode()).body)

    def post(self, body: bytes, **headers: str) -> Response:
        """The response to a body."""
        return self.workspace.exchange(Request("POST", "/api", {**self.credentials, **headers}, body))

    def demand_sound(self, response: Response) -> Any:
        """It is JSON, no failure of the workspace, and tells nothing about its inside.

        Returns:
            The decoded body.
        """
        assert response.status in _STATUSES, (response.status, response.body)
        assert response.headers["content-type"] == "application/json"
        reply = json.loads(response.body)
        if isinstance(reply, dict):
            assert set(reply) - {"detail"} == {"exception", "content", "error_code"}
            assert not set("{}") & set(reply["content"]), reply
            assert not _TOLD.search(response.body), reply
            assert reply["exception"] != "InternalError", reply
        else:
            assert isinstance(reply, list)
        return reply

    def demand_living(self) -> None:
        """Another user works on as if nothing had been, and no SQL had a text of the thrower's in it."""
        body = b'[{"action": "query", "expression": "select name, status.name from Shot limit 1"}]'
        response = self.workspace.exchange(Request("POST", "/api", self.neighbour, body))
        assert response.status == 200, response.body
        assert json.loads(response.body)[0]["action"] == "query"
        assert [one for one in self.statements if MARK.lower() in one.lower()] == []
        self.statements.clear()

    def welcome(self, credentials: dict[str, str]) -> bool:
        """Whether somebody is still let in."""
        reply = json.loads(self.workspace.exchange(Request("POST", "/api", credentials, b"[]")).body)
        return bool(reply == [])

    def content(self) -> bytes:
        """All that is stored, to compare."""
        with self.workspace._store.reading() as connection:
            if hasattr(connection, "serialize"):  # from Python 3.11 on; a tenth of the time
                return bytes(connection.serialize())
            return "\n".join(connection.iterdump()).encode("utf-8", "surrogatepass")


def _headers(user: Any) -> dict[str, str]:
    return {"ftrack-user": user.username, "ftrack-api-key": user.api_key}


def _furniture(schema_id: str) -> list[dict[str, Any]]:
    """A project with a shot, a task, a version, a note, a list and a second user."""
    rows = {
        "project": ("Project", {"name": "show", "project_schema_id": schema_id}),
        "shot": ("Shot", {"name": "sh010", "parent_id": IDS["project"]}),
        "task": ("Task", {"name": "anim", "parent_id": IDS["shot"]}),
        "asset": ("Asset", {"name": "anim", "context_id": IDS["shot"]}),
        "version": ("AssetVersion", {"asset_id": IDS["asset"], "task_id": IDS["task"]}),
        "note": ("Note", {"content": "well", "parent_id": IDS["task"], "parent_type": "Task"}),
        "person": ("User", {"username": "neighbour"}),
    }
    return [
        {
            "action": "create",
            "entity_type": kind,
            "entity_data": {"__entity_type__": kind, "id": IDS[name], **values},
        }
        for name, (kind, values) in rows.items()
    ]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every SQL statement, as it is given to SQLite: with question marks where the values are."""
    seen: list[str] = []

    def recorded(original: Callable[..., Any]) -> Callable[..., Any]:
        def execute(self: Connection, sql: str, *values: Any) -> Any:
            seen.append(sql)
            return original(self, sql, *values)

        return execute

    for name in ("execute", "executemany"):
        monkeypatch.setattr(Connection, name, recorded(getattr(Connection, name)))
    return seen


@pytest.fixture
def new_ground(statements: list[str]) -> Callable[[], Any]:
    """Opens a ground for a single example, as a context manager."""

    @contextmanager
    def opened() -> Iterator[Ground]:
        with Workspace.open() as workspace:
            yield Ground(workspace, statements)

    return opened


@pytest.fixture
def ground(new_ground: Callable[[], Any]) -> Iterator[Ground]:
    """One ground for the whole test."""
    with new_ground() as opened:
        yield opened


@pytest.fixture
def ids() -> dict[str, str]:
    """Ids of what stands on a ground, by kind; `none` is nobody's."""
    return IDS
