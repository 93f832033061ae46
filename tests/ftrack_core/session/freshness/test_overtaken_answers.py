"""Answers that an event overtakes while they are on their way: one moment in a thousand, made to happen each time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from zope.interface import implementer

from ftrack_backends.caches import memory
from ftrack_core.interfaces import ITransport
from ftrack_core.testing import FakeBackendContext
from ftrack_core.values import Event, Request, Response


@implementer(ITransport)
@attrs.define(eq=False)
class SlowLine:
    """Answers from a workspace; what a test wants to happen happens between the server's answer and its arrival."""

    workspace: Any
    meanwhile: Callable[[], object] | None = None
    of: str = "query"

    def exchange(self, request: Request) -> Response:
        """The workspace's answer, late."""
        answer: Response = self.workspace.exchange(request)
        if self.meanwhile is not None and json.loads(request.body)[0]["action"] == self.of:
            work, self.meanwhile = self.meanwhile, None
            work()
        return answer

    def close(self) -> None:
        """Nothing."""


@pytest.fixture
def line(stage: Any) -> SlowLine:
    """The line of whoever hears of changes."""
    return SlowLine(stage.workspace)


def described(session: Any, key: str, text: str) -> Callable[[], None]:
    """Somebody's change of a task."""

    def work() -> None:
        session.query(f"Task where id is {key}").one()["description"] = text
        session.commit()

    return work


def test_f9_an_answer_that_was_overtaken_is_stale(stage: Any, line: SlowLine, other: Any) -> None:
    """The old value would come after the news, and stay for good."""
    desk = stage.desk(settings={"transport": line})
    key = desk.session.query("select id from Task").first()["id"]
    line.meanwhile = lambda: desk.hears(described(other, key, "new"))
    task = desk.session.query(f"select description from Task where id is {key}").one()
    assert task["description"] != "new", "the test is about an answer that is too old"
    assert desk.session.get("Task", key)["description"] == "new"


def test_f9_an_answer_that_was_overtaken_does_not_reach_the_caches_below(
    stage: Any, line: SlowLine, other: Any
) -> None:
    """The next process would read for a day what nobody has any more."""
    shared = memory.create(memory.options(), FakeBackendContext())
    settings = {"freshness": {"Task": "1d"}}
    desk = stage.desk(settings={"transport": line, **settings}, cache=shared)
    key = desk.session.query("select id from Task").first()["id"]
    line.meanwhile = lambda: desk.hears(described(other, key, "new"))
    desk.session.query(f"select description from Task where id is {key}").one()
    unaware = stage.session(settings=settings, cache=shared)
    assert unaware.get("Task", key)["description"] == "new"


def test_f10_a_record_from_before_the_event_is_not_believed(stage: Any, line: SlowLine, other: Any) -> None:
    """A process that hears of nothing may write its old answer into the shared cache after we cleared it."""
    shared = memory.create(memory.options(), FakeBackendContext())
    settings = {"freshness": {"Task": "1d"}}
    desk = stage.desk(settings=settings, cache=shared)
    key = other.query("select id from Task").first()["id"]
    deaf = stage.session(settings={"transport": line, **settings}, cache=shared)
    line.meanwhile = lambda: desk.hears(described(other, key, "new"))
    deaf.query(f"select description from Task where id is {key}").one()
    assert any(record.values.get("description") != "new" for record in shared.values()), "it wrote what it had"
    assert desk.session.get("Task", key)["description"] == "new"


def test_an_own_commits_reply_is_not_overtaken_by_its_own_event(stage: Any, line: SlowLine) -> None:
    """The event is often here before the reply; each commit would be paid for twice."""
    desk = stage.desk(settings={"transport": line})
    task = desk.session.query("select name, description from Task").first()
    task["description"] = "mine"
    line.of = "update"
    line.meanwhile = lambda: desk.hears(lambda: None, events=0) or desk.until(lambda: "ftrack.update" in desk.came)
    desk.session.commit()
    assert "ftrack.update" in desk.came
    calls = desk.calls
    assert desk.session.get("Task", task["id"])["description"] == "mine"
    assert desk.calls == calls


def test_a_collection_that_was_overtaken_is_stale(stage: Any, line: SlowLine, other: Any) -> None:
    """A shot's tasks are told of by the event of the new task alone."""
    desk = stage.desk(settings={"transport": line})
    shot = desk.session.query("select name from Shot").first()

    def add() -> None:
        other.create("Task", {"name": "late", "parent": other.get("Shot", shot["id"])})
        other.commit()

    line.meanwhile = lambda: desk.hears(add)
    before = len(shot["children"])
    desk.session.get("Shot", shot["id"])
    assert len(shot["children"]) == before + 1


@pytest.mark.parametrize("writes", [False, True])
def test_a_handler_that_was_overtaken_puts_nothing_old_into_the_caches_below(
    stage: Any, other: Any, writes: bool
) -> None:
    """Its session hears of nothing itself; what it read first would be served to the next process for a day."""
    shared = memory.create(memory.options(), FakeBackendContext())
    settings = {"freshness": {"Task": "1d"}}
    desk = stage.desk(settings=settings, cache=shared)
    key = other.query("select id from Task").first()["id"]
    over = threading.Event()
    listener = desk.session.listener()

    @listener.on("topic=studio.look", name="look")
    def look(event: Any, session: Any) -> None:
        task = session.query(f"select description from Task where id is {key}").one()
        desk.hears(described(other, key, "new"))
        assert task["description"] != "new", "the test is about a value that is too old"
        if writes:
            task["name"] = "renamed"
            session.commit()
        else:
            assert task["name"]
        over.set()

    with listener:
        desk.session.event_hub.publish(Event("studio.look"))
        desk.until(over.is_set)
        desk.until(lambda: listener.health().handled == 1)
    unaware = stage.session(settings=settings, cache=shared)
    assert unaware.get("Task", key)["description"] == "new"
