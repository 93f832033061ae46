"""Several processes share one inbox, and some of them are killed at any moment."""

from __future__ import annotations

import collections
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.values import Event

PROCESSES, KILLS, EVENTS_A_KILL = 3, 6, 40
KILLED_LEASE_SECONDS = 3.0
"""Soon enough for a test to wait for, and longer than a busy machine forgets a process."""
WORKER = """
import os, sys, threading, time
from ftrack_core import Session
from ftrack_core.values import Event

inbox, results, lease = sys.argv[1:]
quick = {"workers": 3, "lease_seconds": float(lease), "poll_seconds": 0.05, "mark_seconds": 0.1, "attempts": 50}
with Session(schema_cache_path=False, plugin_paths=[]) as session:
    listener = session.listener(inbox, **quick)

    @listener.on("topic=studio.shot", name="shots", order=lambda event: event["data"]["n"] % 5)
    def shots(event, session):
        time.sleep(0.005)
        line = f"{event['data']['n']} {os.getpid()}\\n".encode()
        file = os.open(results, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, line)
        os.close(file)

    listener.start()
    session.event_hub.wait_until_connected(30)
    session.event_hub.publish_acknowledged(Event("known"))
    print("ready", flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), listener.stop()), daemon=True).start()
    listener.run()
"""


def _started(studio: Any, results: Path, lease_seconds: float = 60.0) -> subprocess.Popen[str]:
    environment = {**studio.fixture.environment(), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WORKER, str(studio.path), str(results), str(lease_seconds)]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _handled(results: Path) -> list[tuple[int, int]]:
    lines = results.read_text().splitlines() if results.exists() else []
    return [(int(number), int(process)) for number, process in map(str.split, lines)]


def _end(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        process.communicate(timeout=60)


def test_each_event_is_handled_by_one_of_the_processes(studio: Any, until: Any, tmp_path: Path) -> None:
    """Four processes would each write the same note."""
    results, processes = tmp_path / "results", list[Any]()
    try:
        processes += [_started(studio, results) for _ in range(PROCESSES)]
        studio.publish(*range(100))
        until(lambda: len(_handled(results)) >= 100)
        _end(processes)
    finally:
        for process in processes:
            process.kill()
    found = _handled(results)
    assert sorted(number for number, _ in found) == list(range(100))
    assert len({process for _, process in found}) > 1
    assert [process.returncode for process in processes] == [0] * PROCESSES


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_every_event_is_handled_although_processes_are_killed_at_any_moment(
    studio: Any, until: Any, tmp_path: Path
) -> None:
    """The promise itself: at least once, from the store onwards."""
    results, chance, published = tmp_path / "results", random.Random(20), 0  # noqa: S311 - only when to kill
    processes = [_started(studio, results, KILLED_LEASE_SECONDS) for _ in range(PROCESSES)]
    killed: list[int] = []
    try:
        for kill in range(KILLS):
            for _ in range(EVENTS_A_KILL):
                studio.other.event_hub.publish(Event("studio.shot", data={"n": published}))
                published += 1
            time.sleep(chance.uniform(0.0, 0.15))  # any moment will do
            victim = processes.pop(kill % PROCESSES)
            victim.send_signal(signal.SIGKILL)
            victim.communicate()
            killed.append(victim.pid)
            processes.append(_started(studio, results, KILLED_LEASE_SECONDS))
        inbox = studio.session()._parts.backends.inbox(studio.path)
        until(lambda: {number for number, _ in _handled(results)} == set(range(published)), 60)
        until(lambda: inbox.counts()["shots"]["done"] == published)
        _end(processes)
    finally:
        for process in processes:
            process.kill()
    counts = collections.Counter(number for number, _ in _handled(results))
    assert set(counts) == set(range(published))
    repeated = sum(count - 1 for count in counts.values())
    assert repeated <= KILLS * 3, "more was done twice than a killed process can have had in its hands"
    assert any(process in killed for _, process in _handled(results)), "no killed process had handled anything"
    assert inbox.counts()["shots"] == {"waiting": 0, "claimed": 0, "done": published, "set aside": 0}


@pytest.mark.slow
def test_a_burst_of_ten_thousand_events_loses_none(studio: Any, until: Any) -> None:
    """An import of a show publishes thousands within seconds; a listener that is too slow is cut off."""
    listener, seen = studio.listener(workers=4), collections.Counter[int]()
    listener.on("topic=studio.shot", name="shots")(lambda event, _session: seen.update([event["data"]["n"]]))
    studio.started(listener)
    studio.publish(*range(10_000))
    until(lambda: listener._tally.counts["stored"] == 10_000, 60)  # health() counts the inbox, which takes a while
    until(lambda: listener._tally.counts["handled"] == 10_000, 120)
    assert (len(seen), set(seen.values())) == (10_000, {1})
    health = listener.health()
    assert (health.lost, health.failed, health.last_gap) == (0, 0, None)
