"""The sqlite inbox: what its file does to it, and how much work it makes."""

from __future__ import annotations

import itertools
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.event_inboxes import SqliteInboxOptions, _sqlite, sqlite
from ftrack_core.errors import EventInboxError
from ftrack_core.testing import FakeBackendContext, FakeClock
from ftrack_core.values import Event


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file lies."""
    return tmp_path / "events.sqlite"


@pytest.fixture
def clock() -> FakeClock:
    """Time that passes when the test says so."""
    return FakeClock()


@pytest.fixture
def opened(path: Path, clock: FakeClock) -> Iterator[Callable[..., Any]]:
    """Opens the inbox, and closes it in the end."""
    made: list[Any] = []

    def make(**options: Any) -> Any:
        made.append(sqlite.create(SqliteInboxOptions(path=str(path), **options), FakeBackendContext(clock=clock)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def event(number: int, size: int = 10) -> Event:
    """An event of about a size."""
    return Event(topic="ftrack.update", id=f"{number:032x}", data={"n": number, "text": "x" * size})


def statements_of(inbox: Any, work: Callable[[], object]) -> list[str]:
    """The SQL that some work makes an inbox do."""
    seen: list[str] = []
    with inbox._file._connections.lent() as connection:
        connection.set_trace_callback(seen.append)
    work()
    with inbox._file._connections.lent() as connection:
        connection.set_trace_callback(None)
    return seen


def test_a_full_inbox_stores_nothing_more_and_can_be_emptied(opened: Callable[..., Any], clock: FakeClock) -> None:
    """An inbox that is full would be full for good, since nothing in it could be acknowledged."""
    inbox = opened(max_megabytes=1, keep_done_seconds=0.0)
    stored = 0
    with pytest.raises(EventInboxError, match="max_megabytes") as caught:  # noqa: PT012 - which one fails is asked
        while True:
            stored += inbox.store(event(stored, 5000), {"sync": "shot"})
    assert caught.value.details["fault"] == "full"
    for number in range(stored):
        clock.advance(1)
        held = inbox.claim(["sync"], "w", 60.0)
        assert held.event == event(number, 5000)
        assert inbox.acknowledge(held)
    assert inbox.store(event(stored), {"sync": "shot"}) == 1


def test_what_the_disk_refuses_is_told_and_the_rest_stays(opened: Callable[..., Any], path: Path) -> None:
    """A full disk would damage what was stored before, or an event be lost without a word."""
    inbox = opened()
    inbox.store(event(1), {"sync": ""})
    with inbox._file._connections.lent() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(EventInboxError, match="full") as caught:
        inbox.store(event(2, 500_000), {"sync": ""})
    assert str(path) in str(caught.value)
    assert [each.event for each in inbox.deliveries("waiting")] == [event(1)]
    assert inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE event (a)",),
        ("PRAGMA application_id = 0x66747269", "PRAGMA user_version = 99", "CREATE TABLE event (a)"),
        ("PRAGMA application_id = 0x66747277", "CREATE TABLE Context (a)"),
    ],
)
def test_a_file_of_another_kind_or_version_is_left_alone(
    opened: Callable[..., Any], path: Path, statements: tuple[str, ...]
) -> None:
    """A workspace's database would be taken for an inbox, or a newer inbox be spoilt by an older program."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(EventInboxError, match=r"events\.sqlite"):
        opened()
    assert path.read_bytes() == before


def test_a_file_truncated_while_it_is_open_is_told(opened: Callable[..., Any], path: Path) -> None:
    """A worker would find nothing to do, and nobody would know why."""
    inbox = opened()
    inbox.store_all([(event(number, 2000), {"sync": ""}) for number in range(100)])
    inbox.close()
    os.truncate(path, 8192)
    with pytest.raises(EventInboxError, match="damaged"):
        opened()


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can reach, and a file in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inbox = sqlite.create(SqliteInboxOptions(path=str(folder / "events.sqlite")), FakeBackendContext())
        inbox.store(event(1), {"sync": ""})
        inbox.close()
        (folder / "events.sqlite").chmod(0o644)
        folder.chmod(0o555)
        yield folder / "events.sqlite"
        folder.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_read_only_folder_is_told_and_its_file_left(public: Path) -> None:
    """A service that runs as another user would fail in words that help nobody."""
    code = (
        "import os, sys\n"
        "from ftrack_backends.event_inboxes import SqliteInboxOptions, sqlite, _sqlite\n"
        "from ftrack_core.testing import FakeBackendContext\n"
        "from ftrack_core.errors import EventInboxError\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "try: sqlite.create(SqliteInboxOptions(path=sys.argv[1]), FakeBackendContext())\n"
        "except EventInboxError as error: print(error.details['fault'], error)\n"
    )
    before = public.read_bytes()
    done = subprocess.run([sys.executable, "-c", code, str(public)], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("refused"), done.stderr
    assert str(public) in done.stdout
    assert public.read_bytes() == before
    assert list(public.parent.iterdir()) == [public]


@pytest.mark.parametrize("backlog", [50, 5000])
def test_a_claim_looks_at_few_rows_however_many_wait(
    opened: Callable[..., Any], clock: FakeClock, backlog: int
) -> None:
    """With ten thousand events behind it, each claim would take as long as all of them."""
    inbox = opened()
    inbox.store_all([(event(n), {"sync": "one shot", "mail": ""}) for n in range(backlog)])
    held = [inbox.claim(["mail"], "w", 60.0) for _ in range(backlog // 10)]
    for each in held:
        inbox.give_back(each, "no", 1e6)
    steps: list[int] = []

    def step() -> int:
        steps.append(1)
        return 0

    with inbox._file._connections.lent() as connection:
        connection.set_progress_handler(step, 100)
    inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))
    inbox.acknowledge(inbox.claim(["mail"], "w", 60.0))
    assert len(steps) < 30


def test_what_must_survive_a_power_cut_waits_for_the_disk(opened: Callable[..., Any]) -> None:
    """An event that was stored would be gone with the power; or each claim would cost as much as an event."""
    inbox = opened()
    modes: list[int] = []
    write = inbox._file.write

    def noted(work: Callable[[sqlite3.Connection], Any], durable: bool = False) -> Any:
        def both(connection: sqlite3.Connection) -> Any:
            modes.append(connection.execute("PRAGMA synchronous").fetchone()[0])
            return work(connection)

        return write(both, durable)

    inbox._file.write = noted
    normal, full = 1, 2
    inbox.store_all([(event(n), {"sync": ""}) for n in range(3)])
    assert modes == [full]
    held = [inbox.claim(["sync"], "w", 60.0) for _ in range(3)]
    inbox.renew(held[0], 60.0)
    inbox.acknowledge(held[0])
    inbox.give_back(held[1], "no", 5.0)
    assert modes[1:] == [normal] * 6
    inbox.set_aside(held[2], "no")
    inbox.replay([held[2].id])
    inbox.remove([held[0].id])
    inbox.store(event(9), {"sync": ""})
    assert modes[7:] == [full] * 4


def test_who_only_looks_takes_no_lock(opened: Callable[..., Any]) -> None:
    """Idle workers would hold up those that have something to write."""
    inbox = opened()
    inbox.store(event(1), {"mail": ""})
    seen = statements_of(inbox, lambda: inbox.claim(["sync"], "w", 60.0))
    assert seen
    assert not [each for each in seen if "IMMEDIATE" in each]


def test_pruning_is_bounded_and_leaves_events_that_others_want(
    opened: Callable[..., Any], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One unlucky write would remove a month, or an event be gone that another handler has yet to see."""
    monkeypatch.setattr(_sqlite, "_PRUNED_EVERY", 2)
    inbox = opened(keep_done_seconds=10.0)
    inbox.store_all([(event(n), {"sync": "", "mail": ""}) for n in range(50)])
    for _ in range(50):
        inbox.acknowledge(inbox.claim(["sync"], "w", 60.0))
    clock.advance(11)
    counted = []
    for n in range(100, 112):
        inbox.store(event(n), {"other": ""})
        counted.append(inbox.counts().get("sync", {}).get("done", 0))
    assert counted[0] >= 40
    assert counted[-1] == 0
    assert all(a - b <= 10 for a, b in zip([50, *counted], counted, strict=False))
    assert [inbox.claim(["mail"], "w", 60.0).event for _ in range(50)] == [event(n) for n in range(50)]


def test_pruning_keeps_up_with_what_comes_in_bursts(
    opened: Callable[..., Any], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy listener stores many events in one write; its file would grow for as long as it is busy."""
    monkeypatch.setattr(_sqlite, "_PRUNED_EVERY", 2)
    inbox = opened(keep_done_seconds=10.0)
    numbers, done = itertools.count(), []
    for _ in range(30):
        inbox.store_all([(event(next(numbers)), {"sync": "", "mail": "", "log": ""}) for _ in range(20)])
        while (held := inbox.claim(["sync", "mail", "log"], "w", 60.0)) is not None:
            inbox.acknowledge(held)
        clock.advance(6)
        done.append(sum(states["done"] for states in inbox.counts().values()))
    assert max(done[10:]) <= 60 * 5, done


def test_events_leave_the_file_with_their_last_delivery(opened: Callable[..., Any]) -> None:
    """The file would grow by every event that was ever removed."""
    inbox = opened()
    inbox.store(event(1), {"sync": "", "mail": ""})
    ids = []
    for handler in ("sync", "mail"):
        held = inbox.claim([handler], "w", 60.0)
        inbox.set_aside(held, "no")
        ids.append(held.id)

    def left() -> int:
        found: int = inbox._file.read(lambda it: it.execute("SELECT count(*) FROM event").fetchone()[0])
        return found

    inbox.remove(ids[:1])
    assert left() == 1
    inbox.remove(ids[1:])
    assert left() == 0
