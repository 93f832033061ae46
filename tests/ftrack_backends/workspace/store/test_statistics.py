"""What SQLite knows of the rows of a file, which decides between an index and a walk over everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_backends.workspace.model import ftrack_model
from ftrack_backends.workspace.store import Store

FILLED = 'INSERT INTO "Scope" ("__type__", id, name) VALUES (\'Scope\', ?, ?)'
KNOWN = "SELECT stat FROM sqlite_stat1 WHERE tbl = 'Scope' AND idx LIKE '%name%'"


def test_a_file_that_is_opened_again_is_known(tmp_path: Path) -> None:
    """A show of 100,000 tasks: a filter on status and sequence takes a fraction of a millisecond, and a walk 60."""
    path = str(tmp_path / "show.sqlite")
    for turn in range(2):
        store = Store.open(path, ftrack_model())
        with store.writing() as connection:
            connection.executemany(FILLED, [(f"{turn}{place}", f"name {place % 10}") for place in range(100)])
        with store.reading() as connection:
            found = connection.execute(KNOWN).fetchall()
        store.close()
    assert found == [("100 10",)]


def test_a_file_that_grows_while_it_is_open_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that began with an empty file runs for months."""
    monkeypatch.setattr("ftrack_backends.workspace.store._connections._ANALYSED_EVERY", 3)
    store = Store.open(str(tmp_path / "show.sqlite"), ftrack_model())
    for turn in range(3):
        with store.writing() as connection:
            connection.executemany(FILLED, [(f"{turn}{place}", f"name {place % 10}") for place in range(100)])
    with store.reading() as connection:
        assert connection.execute(KNOWN).fetchall() in ([("200 20",)], [("300 30",)])
    store.close()
