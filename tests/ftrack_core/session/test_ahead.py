"""The next page, asked for while the program works on this one: as if it had been slow to come."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core import Session, errors
from ftrack_core.session.queries import _ahead

ROWS = 60
TEXT = "select name, description from Shot order by name"


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A workspace with one show of 60 shots."""
    people = [{"username": "ann", "first_name": "Ann", "email": "ann@show.invalid"}]
    sequences = [{"name": "sq010", "shots": ROWS}]
    show = {"name": "show", "full_name": "The show", "project_schema": "VFX", "tasks": [], "sequences": sequences}
    with Workspace.open(seed={"User": people, "show": [show]}) as opened:
        yield opened


@pytest.fixture(autouse=True)
def far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page is worth being asked for ahead."""
    monkeypatch.setattr(_ahead, "_WORTH_SECONDS", 0.0)


def walk(session: Session, way: str, page_size: int = 10) -> Iterator[Any]:
    """A walk over all shots."""
    result = session.query(TEXT, page_size=page_size)
    return iter(result) if way == "iteration" else result.stream()


def threads() -> list[threading.Thread]:
    """Those that ask ahead."""
    return [each for each in threading.enumerate() if each.name == "ftrack-next-page"]


def settled() -> None:
    """Wait until what was asked for ahead has come."""
    for each in threads():
        each.join(30)


@pytest.mark.parametrize("way", ["iteration", "stream"])
def test_the_next_page_is_asked_for_while_this_one_is_worked_on(session: Session, wire: Any, way: str) -> None:
    """The time that a page takes to come is the program's to use, and no call is made more than without it."""
    begun = {}
    names = []
    for number, shot in enumerate(walk(session, way)):
        names.append(shot["name"])
        if number % 10 == 5:
            settled()
            begun[number] = wire.calls
    assert len(names) == len(set(names)) == ROWS
    assert names == sorted(names)
    assert begun == ({5: 2, 15: 3, 25: 4, 35: 5, 45: 6, 55: 6})
    assert wire.calls == 6


@pytest.mark.parametrize("way", ["iteration", "stream"])
def test_a_walk_that_ends_early_leaves_no_thread(session: Session, wire: Any, way: str) -> None:
    """One page at most was asked for in vain."""
    for number, _ in enumerate(walk(session, way)):
        if number == 12:
            break
    settled()
    assert not threads()
    assert wire.calls == 3


def test_short_looks_ask_for_nothing_ahead(session: Session, wire: Any) -> None:
    """`first`, `one`, an index, a short result, the first page of a long one: these are single calls."""
    result = session.query(TEXT, page_size=10)
    assert result.first() is not None
    assert result[0]
    assert next(iter(session.query(TEXT))) is not None
    assert len(session.query(TEXT, page_size=10)[:20]) == 20
    settled()
    assert wire.calls == 5


def test_a_page_older_than_a_commit_is_thrown_away(session: Session, wire: Any) -> None:
    """Merged, it would bring back the values from before the commit; such a walk asks ahead no more."""
    for number, shot in enumerate(walk(session, "iteration")):
        if number == 15:
            settled()
            last = session.query("Shot where name is 'nothing' or name like '%0590'").first() or shot
            for each in session.query("select name, description from Shot").all():
                each["description"] = "mine"
            session.commit()
            assert last["description"] == "mine"
        if number > 15:
            assert shot["description"] == "mine"
    assert [each["description"] for each in session.query(TEXT)] == ["mine"] * ROWS
    queries = [batch for batch in wire.batches if batch[0]["action"] == "query"]
    assert len(queries) == 2 + 1 + 2 + 4 + 1  # two pages, one ahead in vain, those of the loop, four pages, the check


def test_a_page_older_than_what_others_were_told_is_thrown_away(
    make_session: Callable[..., Session], session: Session
) -> None:
    """A refresh in the loop is newer than the page that was asked for before it."""
    shots = session.query(TEXT).all()
    other = make_session()
    for number, _ in enumerate(walk(session, "iteration")):
        if number == 15:
            settled()
            for each in other.query(TEXT).all():
                each["description"] = "theirs"
            other.commit()
            session.refresh(shots)
        if number == 25:
            assert {each["description"] for each in shots} == {"theirs"}


def test_a_page_that_waited_for_long_is_asked_for_anew(
    make_session: Callable[..., Session], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who goes to lunch within a loop sees the values of after lunch."""
    monkeypatch.setattr(_ahead, "_KEPT_SECONDS", -1.0)
    other = make_session()
    for number, shot in enumerate(walk(session, "iteration")):
        if number == 15:
            settled()
            for each in other.query(TEXT).all():
                each["description"] = "theirs"
            other.commit()
        assert (shot["description"] == "theirs") == (number >= 20)


def test_a_failure_ahead_is_no_failure_of_the_walk(session: Session, wire: Any) -> None:
    """The line was down while the program worked on something else; it is up when the page is needed."""
    failed = []

    def before(_batch: Any) -> None:
        if threading.current_thread().name == "ftrack-next-page":
            failed.append(True)
            raise errors.ConnectionLostError("gone")

    wire.before = before
    assert sum(1 for _ in walk(session, "stream")) == ROWS
    assert failed == [True]


def test_a_closed_session_ends_the_walk(session: Session) -> None:
    """What was asked for ahead is not served after the end."""
    rows = walk(session, "iteration")
    for _ in range(15):
        next(rows)
    session.recorded_operations.clear()
    session.close()
    with pytest.raises(errors.ConnectionClosedError):
        list(rows)
    settled()
    assert not threads()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_is_told_and_waits_for_nobody(session: Session) -> None:
    """The thread that asked ahead is the parent's alone."""
    rows = walk(session, "iteration")
    for _ in range(15):
        next(rows)
    child = os.fork()
    if child == 0:
        try:
            list(rows)
        except errors.ConnectionClosedError:
            os._exit(7)
        finally:
            os._exit(1)
    assert _ended(child) == 7
    assert sum(1 for _ in rows) == ROWS - 15


def _ended(child: int) -> int:
    patience = time.monotonic() + 30
    while time.monotonic() < patience:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        threading.Event().wait(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -1


def test_a_fast_server_is_asked_in_turn(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """In process there is nothing to wait for, so no thread is started."""
    monkeypatch.setattr(_ahead, "_WORTH_SECONDS", 3600.0)
    for _ in walk(session, "iteration"):
        assert not threads()


def test_two_walks_and_two_readers_disturb_each_other_in_nothing(session: Session) -> None:
    """Each is told every row once, in its order."""
    result = session.query(TEXT, page_size=7)
    one, other, streamed = iter(result), iter(result), result.stream()
    rows = [
        (first["name"], second["name"], third["name"])
        for first, second, third in zip(one, other, streamed, strict=True)
    ]
    assert len(rows) == ROWS
    assert all(first == second == third for first, second, third in rows)
