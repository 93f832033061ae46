"""`ftrack serve` is killed in the middle of commits, many times over; the file is as good as before."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

KILLS, CLIENTS = 8, 4

pytest.importorskip("uvicorn", reason="serving needs the `server` extra")


@pytest.mark.slow
def test_a_kill_loses_no_acknowledged_batch_and_leaves_no_half(
    serve: Callable[..., Any], writer: Any, tmp_path: Path
) -> None:
    """A power button, an out-of-memory killer, a supervisor that lost its patience: what was confirmed stays.

    Every batch is whole or absent; and one that was sent and never answered may be either.
    """
    database = tmp_path / "show.sqlite"
    acknowledged: set[str] = set()
    sent: set[str] = set()
    for kill in range(KILLS):
        with serve("--database", str(database), "--quiet") as served:
            _demand_whole(writer.of(served, "reader"), acknowledged, sent)
            clients = [writer.of(served, f"writer{kill}x{number}") for number in range(CLIENTS)]
            for client in clients:
                client.prepare()
            _killed_while_writing(served, clients, after=2 + kill % 5)
        for client in clients:
            acknowledged.update(client.acknowledged)
            sent.update(client.sent)
            client.close()
    assert len(acknowledged) >= KILLS * 2
    assert len(sent - acknowledged) >= KILLS, "no kill met a batch on its way; the test proves nothing"
    with serve("--database", str(database), "--quiet") as served:
        _demand_whole(writer.of(served, "reader"), acknowledged, sent)
        assert served.stop() == 0
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _demand_whole(reader: Any, acknowledged: set[str], sent: set[str]) -> None:
    """`seen` asserts that every batch is whole."""
    seen = set(reader.seen())
    reader.close()
    assert acknowledged - seen == set(), "a batch that was acknowledged is lost"
    assert seen - sent == set()


def _killed_while_writing(served: Any, clients: list[Any], after: int) -> None:
    """All clients write without a pause; the kill comes right after so many acknowledged batches."""
    enough = threading.Semaphore(0)

    def work(client: Any) -> None:
        try:
            while True:
                client.write()
                enough.release()
        except (requests.RequestException, OSError):
            return

    with ThreadPoolExecutor(CLIENTS) as pool:
        working = [pool.submit(work, client) for client in clients]
        for _ in range(after):
            assert enough.acquire(timeout=60), "the server did not acknowledge enough batches"
        served.process.kill()
        for each in working:
            each.result(timeout=60)


def test_a_kill_while_the_file_is_made_leaves_something_that_opens(
    serve: Callable[..., Any], writer: Any, tmp_path: Path
) -> None:
    """The first start of all is the slowest, so it is the one that people interrupt."""
    database = tmp_path / "show.sqlite"
    for _ in range(4):
        _killed_at_start(serve, database)
    with serve("--database", str(database), "--seed", "demo", "--quiet") as served:
        reader = writer.of(served, "reader")
        assert len(reader.rows("Task")) > 100
        reader.close()


def _killed_at_start(serve: Callable[..., Any], database: Path) -> None:
    """Start it and kill it as soon as its process lives, that is, before it can have said anything."""
    import subprocess
    import sys

    script = Path(sys.executable).with_name("ftrack.exe" if sys.platform == "win32" else "ftrack")
    command = [str(script), "serve", "--json", "--database", str(database), "--seed", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        owner = database.with_name(f"{database.name}.owner")
        while not owner.exists() and process.poll() is None:
            pass  # the owner's mark is the first thing that it writes; rows are made right after
        process.kill()
