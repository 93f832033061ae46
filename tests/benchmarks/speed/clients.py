"""Who is measured, each opened the same way: the raw floor, ours without and with orjson, and the official client.

Runs under the official client's interpreter too, so nothing of ours is imported at the top.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Floor", "Official", "Ours", "Wire", "opened"]

PAGE_ROWS = 500


class Wire:
    """What goes out of this process, whoever sends it: all of them use the adapters of `requests`.

    Attributes:
        calls: How many requests.
        bodies: What they carried, while `keep` is true.
    """

    def __init__(self) -> None:
        from requests.adapters import HTTPAdapter

        self.calls = 0
        self.keep = False
        self.bodies: list[Any] = []
        send = HTTPAdapter.send

        def counted(adapter: Any, request: Any, *arguments: Any, **options: Any) -> Any:
            self.calls += 1
            if self.keep:
                self.bodies.append(request.body)
            return send(adapter, request, *arguments, **options)

        HTTPAdapter.send = counted  # type: ignore[assignment,method-assign]

    def writes(self) -> list[str]:
        """Every write that was sent, in one form and order whoever sent it, without ids that were made up here."""
        operations = (operation for body in self.bodies for operation in json.loads(body))
        return sorted(_canonical(operation) for operation in operations if operation["action"] != "query")


def _canonical(operation: dict[str, Any]) -> str:
    data = dict(operation["entity_data"])
    key = operation["entity_key"]
    if operation["action"] == "create":
        key = None
        data.pop("id", None)
    return json.dumps([operation["action"], operation["entity_type"], key, data], sort_keys=True)


class Floor:
    """The same calls with `requests` and `json`, and nothing else."""

    def __init__(self, url: str) -> None:
        import requests

        self.url = f"{url}/api"
        self.http = requests.Session()
        self.call([{"action": "query_server_information"}])

    def call(self, operations: list[dict[str, Any]]) -> Any:
        """Operations in one post."""
        headers = {"content-type": "application/json"}
        return json.loads(self.http.post(self.url, data=json.dumps(operations), headers=headers).content)

    def pages(self, expression: str) -> Iterator[list[Any]]:
        """The rows, page by page."""
        offset: int | None = 0
        while offset is not None:
            paged = f"{expression} offset {offset} limit {PAGE_ROWS}"
            [page] = self.call([{"action": "query", "expression": paged}])
            yield page["data"]
            offset = page["metadata"]["next"]["offset"]

    def rows(self, expression: str) -> list[Any]:
        """All rows."""
        return [row for page in self.pages(expression) for row in page]

    def walk(self, expression: str) -> Iterator[Any]:
        """One row after the other, keeping none."""
        for page in self.pages(expression):
            yield from page

    def close(self) -> None:
        """Hang up."""
        self.http.close()


class _Client:
    """A session of either kind: they have the same signature."""

    def __init__(self, kind: Any, url: str, folder: str, **options: Any) -> None:
        quiet = {"plugin_paths": [], "auto_connect_event_hub": False, "schema_cache_path": folder}
        self.session = kind(url, "key", "ann", **quiet, **options)

    def rows(self, expression: str) -> list[Any]:
        """All entities of a query."""
        return list(self.session.query(expression).all())

    def close(self) -> None:
        """End the session."""
        self.session.close()


class Official(_Client):
    """The official client."""

    def __init__(self, url: str, folder: str, _settings: Mapping[str, Any]) -> None:
        import ftrack_api  # type: ignore[import-not-found]  # only the other environment has it

        super().__init__(ftrack_api.Session, url, folder)
        self._api = ftrack_api

    def walk(self, expression: str) -> Iterator[Any]:
        """One entity after the other."""
        yield from self.session.query(expression)

    def event(self, topic: str, data: Mapping[str, Any]) -> Any:
        """An event to publish."""
        return self._api.event.base.Event(topic=topic, data=data)

    def update(self, entity_type: str, key: Mapping[str, str], name: str, value: Any) -> Any:
        """An update operation for an entity that is not loaded."""
        from ftrack_api import operation, symbol

        return operation.UpdateEntityOperation(entity_type, key, name, symbol.NOT_SET, value)


class Ours(_Client):
    """This project's client."""

    def __init__(self, url: str, folder: str, settings: Mapping[str, Any]) -> None:
        import ftrack_core

        super().__init__(ftrack_core.Session, url, folder, config=dict(settings) or None)

    def walk(self, expression: str) -> Iterator[Any]:
        """One entity after the other, keeping none."""
        yield from self.session.query(expression).stream()

    def event(self, topic: str, data: Mapping[str, Any]) -> Any:
        """An event to publish; making its id belongs to the work, as it does in the official client."""
        from ftrack_core.values import Event

        return Event(topic, uuid.uuid4().hex, data)

    def update(self, entity_type: str, key: Mapping[str, str], name: str, value: Any) -> Any:
        """An update operation for an entity that is not loaded."""
        from ftrack_core.unit_of_work import UpdateEntityOperation

        return UpdateEntityOperation(entity_type, key, name, new_value=value)


def opened(program: str, url: str, folder: str, settings: Mapping[str, Any]) -> Any:
    """The program of a name, ready to work; `settings` are for ours alone."""
    if program == "floor":
        return Floor(url)
    if program == "official":
        return Official(url, folder, settings)
    if program == "ours":
        sys.modules["orjson"] = None  # type: ignore[assignment]  # as if the `fast` extra were not installed
    return Ours(url, folder, settings)
