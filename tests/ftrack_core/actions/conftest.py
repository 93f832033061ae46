"""A small show, a service that offers actions with a global API key, and a web client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_backends.workspace.fixture import WorkspaceFixture
from ftrack_core import Session
from ftrack_core.testing.actions import WebClient

SEED: dict[str, Any] = {
    "User": [
        {"username": "service", "api_key": "of-the-service-alone"},
        {"username": "ann", "first_name": "Ann"},
        {"username": "ben", "first_name": "Ben"},
    ],
    "api_key": [{"api_key": "goes-with-any-name", "label": "actions"}],
    "Group": [{"name": "Pipeline"}],
    "show": [
        {
            "name": "show",
            "full_name": "The show",
            "project_schema": "VFX",
            "sequences": [{"name": "sq010", "shots": 3}],
            "tasks": [
                {"name": "layout", "type": "Layout", "statuses": ["Approved"], "people": ["ann"], "bid_days": 1},
            ],
        }
    ],
}
GLOBAL = "goes-with-any-name"


@pytest.fixture
def workspace() -> Iterator[WorkspaceFixture]:
    """A workspace of its own."""
    with WorkspaceFixture.open(SEED) as opened:
        yield opened


@pytest.fixture
def session(workspace: WorkspaceFixture) -> Session:
    """The session of the service that offers actions."""
    return workspace.session("service", api_key=GLOBAL)


@pytest.fixture
def client(session: Session) -> WebClient:
    """Ann's browser."""
    return WebClient(session, "ann")


@pytest.fixture
def calls(workspace: WorkspaceFixture) -> Callable[[], int]:
    """How many requests the workspace got since it was asked last."""

    def counted() -> int:
        count = len(list(workspace.requests))
        workspace.requests.clear()
        return count

    return counted
