"""Handlers that run in a host's main thread: here, in a queue that this thread works off."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from ftrack_core import Session


@attrs.define(eq=False)
class MainLoop:
    """What a host does in its main thread, in both of the ways in which hosts take work.

    Attributes:
        jobs: What waits.
    """

    jobs: queue.SimpleQueue[Callable[[], object]] = attrs.field(factory=queue.SimpleQueue)

    def soon(self, work: Callable[[], None]) -> None:
        """Have it run, and return at once, as QTimer.singleShot does."""
        self.jobs.put(work)

    def with_result(self, work: Callable[[], None]) -> object:
        """Have it run, and return its result, as Maya's executeInMainThreadWithResult does."""
        done, results = threading.Event(), list[object]()

        def job() -> None:
            work()
            results.append(None)
            done.set()

        self.jobs.put(job)
        assert done.wait(30)
        return results[0]

    def work_until(self, done: Callable[[], object]) -> None:
        """Work off what comes until something is so."""
        for _ in range(3000):
            if done():
                return
            try:
                self.jobs.get(timeout=0.01)()
            except queue.Empty:
                continue
        pytest.fail("it did not come to that")


@pytest.mark.parametrize("way", ["soon", "with_result"])
def test_handlers_run_in_the_main_thread_and_what_they_change_is_committed(studio: Any, way: str) -> None:
    """Maya crashes when a thread touches its scene; and a commit must not keep its window from being drawn."""
    loop, seen = MainLoop(), list[Any]()
    listener = studio.listener(dispatch=getattr(loop, way))
    task = studio.other.query("select description from Task").first()

    @listener.on("topic=studio.shot")
    def handle(event: Any, session: Session) -> None:
        own = session.get("Task", task["id"])
        assert own is not None
        own["description"] = f"{way} {event['data']['n']}"
        seen.append((threading.current_thread(), len(session.recorded_operations)))

    studio.started(listener)
    studio.publish(1)
    loop.work_until(lambda: listener.health().handled == 1)
    assert seen == [(threading.current_thread(), 1)]
    studio.other.refresh(task, "description")
    assert task["description"] == f"{way} 1"


@pytest.mark.parametrize("way", ["soon", "with_result"])
def test_a_handler_that_fails_in_the_main_thread_does_not_disturb_the_host(studio: Any, way: str) -> None:
    """An exception in a host's event loop ends it, or shows a box to the artist."""
    loop, seen = MainLoop(), list[int]()
    listener = studio.listener(dispatch=getattr(loop, way))

    @listener.on("topic=studio.shot")
    def handle(event: Any, session: Session) -> None:
        seen.append(1)
        if len(seen) == 1:
            message = "the first time"
            raise ValueError(message)

    studio.started(listener)
    studio.publish(1)
    loop.work_until(lambda: listener.health().handled == 1)
    assert listener.health().failed == 1


def test_a_handler_may_have_a_thread_of_its_own_choice(studio: Any) -> None:
    """One handler of ten touches the scene; the others would hold up the artist for nothing."""
    loop, seen = MainLoop(), dict[str, threading.Thread]()
    listener = studio.listener()

    @listener.on("topic=studio.shot", dispatch=loop.soon)
    def scene(event: Any, session: Session) -> None:
        seen["scene"] = threading.current_thread()

    @listener.on("topic=studio.shot")
    def database(event: Any, session: Session) -> None:
        seen["database"] = threading.current_thread()

    studio.started(listener)
    studio.publish(1)
    loop.work_until(lambda: listener.health().handled == 2)
    assert seen["scene"] is threading.current_thread()
    assert seen["database"].name.startswith("ftrack-listener")


def test_a_host_that_ends_without_getting_to_a_call_gets_it_never_and_the_event_stays(studio: Any, until: Any) -> None:
    """The host would hang in its last second, or run a handler after it has torn everything down."""
    loop, seen = MainLoop(), list[int]()
    listener = studio.listener(dispatch=loop.soon, close_seconds=20.0)
    listener.on("topic=studio.shot", name="late")(lambda event, _session: seen.append(event["data"]["n"]))
    studio.started(listener)
    studio.publish(1)
    until(lambda: not loop.jobs.empty())
    listener.close()  # called in the thread that would have to run it
    loop.jobs.get()()
    assert seen == []
    assert [one.event.data["n"] for one in listener.inbox.deliveries("waiting")] == [1]
    assert listener.health().failed == 0


def test_a_call_that_the_host_never_makes_counts_as_hung(studio: Any, until: Any) -> None:
    """A modal dialogue in the host would look like a listener that is well."""
    loop = MainLoop()
    listener = studio.listener(dispatch=loop.soon, timeout_seconds=0.2, lease_seconds=0.3, workers=1)
    listener.on("topic=studio.shot", name="late")(lambda _event, _session: None)
    studio.started(listener)
    studio.publish(1)
    until(lambda: loop.jobs.qsize() > 1)  # it was attempted again
    loop.work_until(lambda: listener.health().handled == 1)
