"""The end of a session, its copies that cannot be, its children, and its neighbours."""

from __future__ import annotations

import copy
import gc
import logging
import multiprocessing
import os
import pickle
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.assembly import assemble
from ftrack_core.config import resolve

USES: dict[str, Callable[[Session, Any], object]] = {
    "query": lambda session, _: session.query("Task"),
    "get": lambda session, _: session.get("Task", "1"),
    "ensure": lambda session, _: session.ensure("Task", {"name": "x"}),
    "create": lambda session, _: session.create("Task", {"name": "x"}),
    "delete": lambda session, task: session.delete(task),
    "populate": lambda session, task: session.populate(task, "name"),
    "merge": lambda session, task: session.merge(task),
    "commit": lambda session, _: session.commit(),
    "rollback": lambda session, _: session.rollback(),
    "reset": lambda session, _: session.reset(),
    "call": lambda session, _: session.call([{"action": "query_server_information"}]),
    "encode all": lambda session, task: session.encode(task, "all"),
    "read": lambda _, task: task["status"],
    "read a collection": lambda _, task: len(task["assignments"]),
    "items": lambda _, task: task.items(),
    "write": lambda _, task: task.update(name="x"),
    "reconstruct": lambda session, _: session.create("Task", {"id": "1"}, reconstructing=True),
}


@pytest.mark.parametrize("use", USES)
def test_use_after_close_is_a_clear_error(session: Session, wire: Any, use: str) -> None:
    """Work on a closed session is not lost in silence."""
    task = session.query("select id from Task").first()
    session.close()
    wire.forget()
    with pytest.raises(errors.ConnectionClosedError, match="closed"):
        USES[use](session, task)
    assert wire.calls == 0


def test_a_result_that_was_begun_ends_with_the_session(session: Session) -> None:
    """A loop over pages does not hang or give half as if it were all."""
    found = session.query("Task", page_size=1)
    assert found[0]
    session.close()
    with pytest.raises(errors.ConnectionClosedError):
        found.all()


def test_what_needs_no_server_works_after_close(session: Session) -> None:
    """A log line at the end of a program may still say what the session was."""
    task = session.query("select name from Task").first()
    assert task is not None
    session.close()
    assert session.closed
    assert task["name"] in {"layout", "animation"}
    assert repr(session) == "<Session ann at http://show.invalid: closed>"
    assert session.server_information["version"]
    assert "Task" in session.types
    assert session.encode({"a": 1}) == '{"a": 1}'


def test_closing_twice_is_fine_and_leaves_what_was_handed_in(make_session: Callable[..., Session], wire: Any) -> None:
    """Clean-up code runs in odd orders."""
    with make_session() as session:
        session.close()
    session.close()
    assert session.closed
    assert not wire.closed


def test_leaving_a_with_block_closes_even_after_an_error(make_session: Callable[..., Session]) -> None:
    """Nothing stays behind when a tool fails."""
    with pytest.raises(RuntimeError), make_session() as session:
        raise RuntimeError
    assert session.closed


def test_closing_tells_what_is_lost(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    """An artist's work that was never committed is worth a line in the log."""
    session.create("Task", {"name": "lost"})
    with caplog.at_level(logging.WARNING):
        session.close()
    assert "loses 1 operation that nobody committed" in caplog.text


def test_reset_forgets_but_stays_connected(session: Session) -> None:
    """A long-running process begins a new job with a clean slate."""
    before = session.query("Task").first()
    session.create("Task", {"name": "x"})
    session.reset()
    after = session.query("Task").first()
    assert after == before
    assert after is not before
    assert len(session.recorded_operations) == 0
    assert session.created == []


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_session_cannot_be_copied(session: Session, duplicate: Callable[[Any], Any]) -> None:
    """A farm job that pickles its session learns it at once, not by strange sockets later."""
    with pytest.raises(TypeError, match="make one in each process"):
        duplicate(session)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="This platform does not fork.")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_cannot_use_it_and_leaves_the_parents_alone(make_session: Callable[..., Session]) -> None:
    """Two processes on one connection would read each other's replies."""
    session = make_session()
    task = session.query("select id from Task").first()
    context: Any = multiprocessing.get_context("fork")
    told = context.SimpleQueue()
    child = context.Process(target=_in_the_child, args=(session, task, told))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    answers = [told.get() for _ in range(4)]
    assert all("came here by a fork" in answer for answer in answers), answers
    assert session.query("Task").first() is not None
    assert not session.closed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="This platform does not fork.")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_closes_takes_nothing_from_its_parent(tmp_path: Path) -> None:
    """A workspace's file still has its owner when a child ends in order."""
    with Session(f"embedded://{tmp_path}/show.sqlite", schema_cache_path=False) as session:
        before = sorted(path.name for path in tmp_path.iterdir())
        context: Any = multiprocessing.get_context("fork")
        child = context.Process(target=session.close)
        child.start()
        child.join(30)
        assert child.exitcode == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        assert session.query("User").first() is not None


def _in_the_child(session: Session, task: Any, told: Any) -> None:
    uses: list[Callable[[], object]] = [
        lambda: session.query("Task"),
        lambda: session.create("Task", {"name": "x"}),
        lambda: task["name"],
        session.commit,
    ]
    for use in uses:
        with pytest.raises(errors.ConnectionClosedError) as caught:
            use()
        told.put(str(caught.value))
    session.close()


def test_a_dropped_session_is_collected(workspace: Any, wire: Any) -> None:
    """A host that makes a session for each file does not grow: `atexit` holds none of them."""
    who, config = workspace.users[0], {"transport": wire, "schema_cache_path": False}
    session = Session("http://show.invalid", who.api_key, who.username, config=config)
    assert session.query("User").first()
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None


class StudioSession(Session):
    """A studio's own: tags what it creates."""

    def create(self, entity_type: str, data: Any = None, reconstructing: bool = False) -> Any:
        """Every description says where it comes from."""
        values = {**(data or {}), "description": "studio"} if entity_type == "Task" else data
        return super().create(entity_type, values, reconstructing)


def test_a_session_can_be_subclassed(make_session: Callable[..., Session]) -> None:
    """Studios override methods; our own code goes through the override too."""
    session = make_session(session=StudioSession)
    assert session.create("Task", {"name": "x"})["description"] == "studio"
    session.rollback()
    assert session.ensure("Task", {"name": "y", "parent": session.query("Project").one()})["description"] == "studio"
    assert repr(session).startswith("<StudioSession ann")


def test_backends_that_were_assembled_are_not_closed(workspace: Any, wire: Any) -> None:
    """A factory assembles once and gives sessions away."""
    who = workspace.users[0]
    config = {"transport": wire, "schema_cache_path": False}
    given = {"server_url": "http://show.invalid", "api_key": who.api_key, "api_user": who.username}
    backends = assemble(resolve(given, config=config))
    for _ in range(2):
        with Session(backends=backends) as session:
            assert (session.api_user, session.server_url) == ("ann", "http://show.invalid")
            assert session.query("Project").one()["name"] == "show"
    backends.close()


def test_sessions_do_not_touch_each_other(make_session: Callable[..., Session]) -> None:
    """Two tools in one host have each their own entities, operations and switches."""
    first, second = make_session(user=0), make_session(user=1, auto_populate=False)
    one, other = first.query("Project").one(), second.query("Project").one()
    assert one == other
    assert one is not other
    one["full_name"] = "changed"
    assert other["full_name"] != "changed"
    assert second.modified == []
    assert (first.auto_populate, second.auto_populate) == (True, False)
    assert type(one) is not type(other)
    with second.operation_recording(record_operations=False):
        assert first.record_operations
    second.close()
    assert first.query("Task").first() is not None


def test_a_callable_for_the_cache_is_asked_before_the_session_stands(
    make_session: Callable[..., Session], wire: Any
) -> None:
    """Existing code passes a function of the session; it may look at it, and may give no cache."""
    seen: list[Any] = []

    def cache(session: Session) -> None:
        seen.append((repr(session), session.closed, wire.calls, session.encode))

    session = make_session(cache=cache)
    assert seen[0][:3] == ("<Session: not started>", False, 0)
    assert session.query("Project").one()


def test_ready_and_reset_are_announced(make_session: Callable[..., Session], session: Session) -> None:
    """Plug-ins wait for these topics."""
    heard: list[Any] = []
    session.event_hub.subscribe("topic=ftrack.api.session.reset", lambda event: heard.append(event["data"]["session"]))
    session.reset()
    assert heard == [session]


@pytest.mark.parametrize("duplicate", [pickle.dumps, copy.copy, copy.deepcopy])
def test_an_entity_cannot_be_doubled_and_tells_what_to_do(session: Session, duplicate: Callable[[Any], Any]) -> None:
    """A farm job would get a puzzle of pickle's; a copy would be a second entity with changes of its own."""
    with pytest.raises(TypeError, match=r"session\.encode"):
        duplicate(session.query("Task").first())
