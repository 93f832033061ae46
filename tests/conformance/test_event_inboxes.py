"""The shipped event inboxes keep their contract."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ftrack_backends.event_inboxes import SqliteInboxOptions, sqlite
from ftrack_core.interfaces import IBatchEventInbox, IClock
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import EventInboxContract


class TestSqliteEventInbox(EventInboxContract):
    """The `sqlite` event inbox."""

    capabilities = frozenset({IBatchEventInbox})

    def make(self, folder: Path, clock: IClock) -> Any:
        """An inbox of a file in a folder."""
        options = SqliteInboxOptions(path=str(folder / "events.sqlite"), keep_done_seconds=600.0)
        return sqlite.create(options, FakeBackendContext(clock=clock))

    def program(self, folder: Path) -> str:
        """The same, in another process."""
        return (
            "from ftrack_backends.event_inboxes import SqliteInboxOptions, sqlite\n"
            "from ftrack_core.testing import FakeBackendContext\n"
            f"options = SqliteInboxOptions(path={str(folder / 'events.sqlite')!r})\n"
            "inbox = sqlite.create(options, FakeBackendContext())\n"
        )

    def damage_one(self, folder: Path, event_id: str) -> None:
        """Half of its text."""
        with closing(sqlite3.connect(folder / "events.sqlite")) as connection:
            connection.execute("UPDATE event SET content = substr(content, 1, 20) WHERE id = ?", (event_id,))
            connection.commit()
