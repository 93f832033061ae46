"""What tests of the actions share: the demo show, and a clock that stands until it is told to go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """The workspace's clock."""
    return FakeClock()


@pytest.fixture
def workspace(clock: FakeClock) -> Iterator[Workspace]:
    """The demo show, at the time of the clock."""
    with Workspace.open(seed="demo", clock=clock) as opened:
        yield opened


@pytest.fixture
def as_user(workspace: Workspace, client_of: Any) -> Any:
    """Makes a client of a user: `as_user("ben")`."""
    return lambda username: client_of(workspace, username, workspace.credentials(username).api_key)


@pytest.fixture
def ben(client: Any) -> Any:
    """Somebody else than the caller."""
    return client.one("select id, username, email from User where username is ben")
