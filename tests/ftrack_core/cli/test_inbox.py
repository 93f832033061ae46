"""`ftrack inbox`: what a person sees of an inbox, and can do with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.event_inboxes import SqliteInboxOptions, sqlite
from ftrack_core.cli import main
from ftrack_core.testing import FakeBackendContext, FakeClock
from ftrack_core.values import Event


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Where the inbox lies."""
    return str(tmp_path / "events.sqlite")


@pytest.fixture
def inbox(path: str) -> Iterator[Any]:
    """An inbox with four events: two set aside, one done, one waiting; times are those of 1970."""
    inbox = sqlite.create(SqliteInboxOptions(path=path), FakeBackendContext(clock=FakeClock(1_000_000.0)))
    for number in range(1, 5):
        inbox.store(Event(topic="ftrack.update", id=f"{number:032x}", data={"n": number}), {"sync": "", "mail": ""})
    for error in ("Traceback\n  in sync\nKeyError: 'status'", "TimeoutError"):
        inbox.set_aside(inbox.claim(["sync"], "farm:1", 60.0), error)
    inbox.acknowledge(inbox.claim(["sync"], "farm:1", 60.0))
    inbox.set_aside(inbox.claim(["mail"], "farm:1", 60.0), "no such address")
    yield inbox
    inbox.close()


def ftrack(capsys: pytest.CaptureFixture[str], *typed: str) -> tuple[int, str, str]:
    """What a command line gives: its status, and what it printed."""
    status = main(["inbox", *typed])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_it_lists_what_was_set_aside_with_its_error(inbox: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody would see what failed, or why."""
    status, out, _ = ftrack(capsys, path)
    assert status == 0
    assert "set aside: 3" in out
    assert "KeyError: 'status'" in out
    assert "no such address" in out
    rows = [line.split() for line in out.splitlines()]
    assert ["sync", "2", "1", "0", "1"] in rows
    assert ["mail", "1", "3", "0", "0"] in rows


def test_it_lists_other_states_and_one_handler(inbox: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A backlog could not be looked at."""
    _, out, _ = ftrack(capsys, path, "list", "--state", "waiting", "--handler", "mail", "--limit", "2", "--json")
    found = json.loads(out)
    assert [each["event"]["data"]["n"] for each in found["deliveries"]] == [2, 3]
    assert found["counts"] == {"mail": {"waiting": 3, "claimed": 0, "done": 0, "set aside": 1}}
    assert "set aside: none" in ftrack(capsys, path, "--handler", "other")[1]
    assert "set aside: 2" in ftrack(capsys, path, "--handler", "sync", "--state", "set-aside")[1]


def test_a_state_that_there_is_not_is_a_wrong_command_line(
    inbox: Any, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error would look like an empty inbox."""
    status, _, error = ftrack(capsys, path, "--state", "broken")
    assert status == 2
    assert "set-aside, waiting, claimed, done" in error


def test_it_shows_one_with_its_event_and_the_whole_error(
    inbox: Any, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What to put right could not be found out."""
    aside = inbox.deliveries("set aside")[0].id
    status, out, _ = ftrack(capsys, path, "show", aside)
    assert status == 0
    assert "in sync" in out
    assert "1970-01-12 13:46:40" in out
    assert '"topic": "ftrack.update"' in out
    (shown,) = json.loads(ftrack(capsys, path, "show", aside, "--json")[1])
    assert shown["id"] == aside
    assert shown["worker"] == "farm:1"


def test_what_is_not_there_is_told(inbox: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped id would look as if all were well."""
    status, _, error = ftrack(capsys, path, "show", "4711")
    assert status == 1
    assert "no delivery 4711" in error


def test_it_replays_by_id(inbox: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """After the handler was put right, its events would have to be made again by hand."""
    first = inbox.deliveries("set aside", "sync")[0]
    status, out, _ = ftrack(capsys, path, "replay", first.id)
    assert (status, out) == (0, "replayed 1\n")
    assert inbox.deliveries("waiting", "sync")[0].id == first.id
    status, out, _ = ftrack(capsys, path, "replay", first.id, "4711", "--json")
    assert status == 1
    assert json.loads(out) == {"replayed": 0, "asked": 2}


def test_it_replays_and_removes_all_of_a_handler(inbox: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """After an outage, hundreds of ids would have to be typed."""
    assert ftrack(capsys, path, "replay", "--all", "--handler", "sync")[:2] == (0, "replayed 2\n")
    assert ftrack(capsys, path, "remove", "--all")[:2] == (0, "removed 1\n")
    assert inbox.counts()["sync"] == {"waiting": 3, "claimed": 0, "done": 1, "set aside": 0}
    assert inbox.counts()["mail"] == {"waiting": 3, "claimed": 0, "done": 0, "set aside": 0}
    assert ftrack(capsys, path, "remove", "--all")[:2] == (0, "removed 0\n")


def test_which_ones_must_be_said(inbox: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A hasty command would replay or remove everything."""
    status, _, error = ftrack(capsys, path, "remove")
    assert status == 1
    assert "--all" in error
    assert inbox.counts()["sync"]["set aside"] == 2


def test_a_file_that_is_not_there_is_told_and_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error would leave an empty inbox, and look as if nothing had failed."""
    status, _, error = ftrack(capsys, str(tmp_path / "evnets.sqlite"))
    assert status == 1
    assert "FT-603" in error
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_event_is_listed(inbox: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One damaged row would keep the others from being seen."""
    inbox._file.write(lambda it: it.execute("UPDATE event SET content = '{'").rowcount)
    status, out, _ = ftrack(capsys, path)
    assert status == 0
    assert out.count("(unreadable)") == 3


def test_one_delivery_is_shown_with_its_traceback_line_by_line(
    inbox: Any, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback in one cell of a table cannot be read."""
    _, out, _ = ftrack(capsys, path, "show", "1")
    lines = out.splitlines()
    assert lines[lines.index("Traceback") :][:3] == ["Traceback", "  in sync", "KeyError: 'status'"]


@pytest.mark.parametrize("limit", ["0", "-1", "all"])
def test_a_limit_is_a_number_from_one_on(
    limit: str, inbox: Any, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`the oldest 0` says nothing, and a negative one listed everything."""
    status, _, err = ftrack(capsys, path, "list", f"--limit={limit}")
    assert (status, "a whole number from 1 on" in err) == (2, True)
