"""Real processes on one inbox, killed at any moment: nothing is lost, nothing is held by two."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ftrack_backends.event_inboxes._sqlite import SqliteEventInbox
from ftrack_core.assembly import SystemClock
from ftrack_core.values import Event

PROGRAM = Path(__file__).with_name("storing.py")
ROUNDS = 6
SECONDS = 1.5
"""For how long a claim holds here."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file that they share."""
    return tmp_path / "events.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], SqliteEventInbox]]:
    """Opens the inbox in this process."""
    made: list[SqliteEventInbox] = []

    def make() -> SqliteEventInbox:
        made.append(SqliteEventInbox.open(path, SystemClock(), 86400, 1 << 30, 30))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts processes; none outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, str(PROGRAM), *map(str, arguments)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for each in started:
        each.kill()
        each.wait()
        if each.stdout is not None:
            each.stdout.close()


def told(process: subprocess.Popen[str]) -> list[str]:
    """All that a process said, but for a line that it did not end."""
    text = process.communicate()[0]
    return text.splitlines()[: text.count("\n")]


def fill(inbox: SqliteEventInbox, count: int) -> None:
    """Store events."""
    events = [Event(topic="ftrack.update", id=f"{n:032x}", data={"n": n}) for n in range(count)]
    inbox.store_all([(event, {"sync": str(n % 5) if n % 2 else ""}) for n, event in enumerate(events)])


def test_nothing_that_store_returned_for_is_lost(
    path: Path, opened: Callable[[], SqliteEventInbox], start: Callable[..., subprocess.Popen[str]]
) -> None:
    """A listener that is killed would take events with it."""
    kept: set[int] = set()
    for turn in range(ROUNDS):
        processes = [start("store", path, turn * 1_000_000 + n, 2) for n in range(2)]
        for each in processes:
            assert each.stdout is not None
            kept.add(int(each.stdout.readline()))
        time.sleep(random.uniform(0.0, 0.1))  # noqa: S311 - any moment, no secret
        for each in processes:
            each.kill()
        kept.update(int(line) for each in processes for line in told(each))
    inbox = opened()
    found = [each.event.data["n"] for each in inbox.deliveries("waiting", limit=1_000_000)]
    assert kept <= set(found)
    assert len(found) == len(set(found)) <= len(kept) + 2 * ROUNDS
    assert inbox._file.check() == ""


def test_claims_of_the_dead_come_again_and_no_two_hold_one_delivery(
    path: Path, opened: Callable[[], SqliteEventInbox], start: Callable[..., subprocess.Popen[str]]
) -> None:
    """What a worker had when it died would never be handled, or by two at once."""
    inbox = opened()
    fill(inbox, 600)
    lines: list[str] = []
    for _ in range(ROUNDS):
        processes = [start("work", path, SECONDS) for _ in range(2)]
        for each in processes:
            assert each.stdout is not None
            lines.append(each.stdout.readline().strip())
        time.sleep(random.uniform(0.0, 0.1))  # noqa: S311 - any moment, no secret
        for each in processes:
            each.kill()
        lines += [line for each in processes for line in told(each)]
    last = [start("work", path, SECONDS) for _ in range(2)]
    lines += [line for each in last for line in told(each)]
    assert inbox.counts() == {"sync": {"waiting": 0, "claimed": 0, "done": 600, "set aside": 0}}
    words = [line.split() for line in lines if line]
    begun = Counter(int(n) for word, n, _ in words if word == "begin")
    done = Counter(int(n) for word, n, _ in words if word == "done")
    assert set(done.values()) == {1}
    assert len(begun) >= 600 - 2 * ROUNDS  # the dead one may not have come to tell of the last it took
    assert sum(begun.values()) <= 600 + 2 * ROUNDS
    assert held_by_two(words) == []


def held_by_two(words: list[list[str]]) -> list[int]:
    """Events that one began while another still held them: less than a claim's time after, and before it was done."""
    began: dict[int, list[float]] = {}
    for word, n, at in words:
        if word == "begin":
            began.setdefault(int(n), []).append(float(at))
    pairs = [(n, sorted(times)) for n, times in began.items()]
    return [n for n, times in pairs if any(b - a < SECONDS * 0.9 for a, b in itertools.pairwise(times))]


def test_processes_that_share_an_inbox_handle_each_delivery_once(
    path: Path, opened: Callable[[], SqliteEventInbox], start: Callable[..., subprocess.Popen[str]]
) -> None:
    """With workers that do not crash, something would be handled twice or not at all."""
    fill(opened(), 400)
    processes = [start("work", path, 60) for _ in range(4)]
    words = [line.split() for each in processes for line in told(each)]
    assert sorted(int(n) for word, n, _ in words if word == "begin") == list(range(400))
    assert sorted(int(n) for word, n, _ in words if word == "done") == list(range(400))
    assert overtaken(words) == []


def overtaken(words: list[list[str]]) -> list[int]:
    """Events of an order that began before the one that was stored before them was done."""
    times = {(word, int(n)): float(at) for word, n, at in words}
    numbers = [n for n in range(400) if n % 2]
    followers = [(a, b) for order in range(5) for a, b in itertools.pairwise(n for n in numbers if n % 5 == order)]
    return [b for a, b in followers if times["begin", b] < times["done", a]]
