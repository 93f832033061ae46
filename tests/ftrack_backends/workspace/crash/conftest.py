"""Clients that write batches which must be there whole, and read that they are."""

from __future__ import annotations

import json
import uuid
from typing import Any

import attrs
import pytest
import requests

ROWS = 12
"""Rows of a batch."""


@attrs.define(eq=False)
class Writer:
    """One client, with a connection of its own: writes batch after batch, and remembers which were acknowledged.

    Each batch creates twelve scopes named after it, counts up a number that stands on two rows, and deletes the mark
    that the batch before made: a half of it would show in any of the three.
    """

    url: str
    headers: dict[str, str]
    name: str
    done: int = 0
    acknowledged: list[str] = attrs.field(factory=list)
    sent: list[str] = attrs.field(factory=list)
    _http: requests.Session = attrs.field(factory=requests.Session, init=False)
    _left: str | None = attrs.field(default=None, init=False)

    @classmethod
    def of(cls, served: Any, name: str) -> Writer:
        """A writer to a server, as its first user."""
        user = served.users[0]
        return cls(served.url, {"ftrack-user": user["username"], "ftrack-api-key": user["api_key"]}, name)

    def call(self, *operations: dict[str, Any]) -> list[Any]:
        """The replies to a batch; an error reply fails the test."""
        data = json.dumps(operations)
        response = self._http.post(f"{self.url}/api", data=data, headers=self.headers, timeout=60)
        replies = response.json()
        assert isinstance(replies, list), replies
        return replies

    def rows(self, expression: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        rows: list[dict[str, Any]] = self.call({"action": "query", "expression": expression})[0]["data"]
        return rows

    def prepare(self) -> None:
        """Make the two rows that the number stands on."""
        values = (
            {"username": f"left-{self.name}", "first_name": "0"},
            {"username": f"right-{self.name}", "first_name": "0"},
        )
        self.call(*(_create("User", **each) for each in values))

    def write(self) -> None:
        """Write the next batch; it counts as acknowledged once its reply is there."""
        batch = f"{self.name}/{uuid.uuid4().hex[:8]}"
        ids = {
            row["username"]: row["id"]
            for row in self.rows(f'select username from User where username like "%-{self.name}"')
        }
        mark = str(uuid.uuid4())
        self.sent.append(batch)
        self.call(
            *(_create("Scope", name=f"{batch}/{place}") for place in range(ROWS)),
            _update("User", ids[f"left-{self.name}"], first_name=str(self.done + 1)),
            _create("Note", id=mark, content=f"mark of {self.name}"),
            *([_delete("Note", self._left)] if self._left else []),
            _update("User", ids[f"right-{self.name}"], first_name=str(self.done + 1)),
        )
        self._left, self.done = mark, self.done + 1
        self.acknowledged.append(batch)

    def seen(self) -> dict[str, int]:
        """How many rows of each batch are there, whoever wrote it; and each writer's two numbers agree.

        Rows, numbers and marks come with one query each; what must agree is always within one of them.
        """
        counts: dict[str, int] = {}
        for row in self.rows("select name from Scope"):
            batch = row["name"].rpartition("/")[0]
            counts[batch] = counts.get(batch, 0) + 1
        numbers: dict[str, set[str]] = {}
        for row in self.rows('select username, first_name from User where username like "%-writer%"'):
            numbers.setdefault(row["username"].partition("-")[2], set()).add(row["first_name"])
        assert {name: found for name, found in numbers.items() if len(found) != 1} == {}, "half a batch was seen"
        marks = [row["content"] for row in self.rows('select content from Note where content like "mark of %"')]
        assert len(marks) == len(set(marks)), "half a batch was seen"
        assert {batch: count for batch, count in counts.items() if count != ROWS} == {}, "half a batch was seen"
        return counts

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def _create(kind: str, **data: Any) -> dict[str, Any]:
    return {"action": "create", "entity_type": kind, "entity_data": {"__entity_type__": kind, **data}}


def _update(kind: str, key: str, **data: Any) -> dict[str, Any]:
    changed = {"__entity_type__": kind, **data}
    return {"action": "update", "entity_type": kind, "entity_key": [key], "entity_data": changed}


def _delete(kind: str, key: str) -> dict[str, Any]:
    return {"action": "delete", "entity_type": kind, "entity_key": [key]}


@pytest.fixture
def writer() -> type[Writer]:
    """Makes writers: `writer.of(served, "writer-1")`."""
    return Writer
