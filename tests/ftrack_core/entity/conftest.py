"""A session with a small show in an embedded workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_core import Session

SEED = {
    "User": [{"username": "ann"}, {"username": "ben"}],
    "show": [
        {
            "name": "show",
            "project_schema": "VFX",
            "start_date": "2026-01-05T00:00:00",
            "sequences": [{"name": "sq010", "shots": 2}],
            "tasks": [
                {"name": "layout", "type": "Layout", "statuses": ["Approved"], "people": ["ann"], "bid_days": 1}
            ],
        }
    ],
}


@pytest.fixture
def session() -> Iterator[Session]:
    """A session of its own workspace."""
    config = {"transport": {"backend": "embedded", "seed": SEED}, "schema_cache_path": False}
    with Session("embedded:", config=config) as opened:
        yield opened
        opened.recorded_operations.clear()


@pytest.fixture
def calls(session: Session) -> Callable[[], int]:
    """How many requests were made since it was asked for."""
    log: Any = session._parts.backends.transport.workspace.requests  # type: ignore[attr-defined]
    log.clear()
    return lambda: int(log.count())


@pytest.fixture
def task(session: Session) -> Any:
    """A task of which only the id is loaded."""
    return session.query("select id from Task order by id").first()
