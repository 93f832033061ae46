"""What holds a delivery while its handler runs, and what becomes of one that hangs."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.session.listener import Listener, _delivering
from ftrack_core.session.listener._handlers import Handler
from ftrack_core.session.listener._memory_inbox import MemoryInbox
from ftrack_core.values import Event


def test_a_handler_that_takes_longer_than_a_claim_holds_is_called_once(studio: Any, until: Any) -> None:
    """Whatever takes longer than a minute would be begun a second time while it runs."""
    listener, calls = studio.listener(workers=2, lease_seconds=1.5), list[float]()

    @listener.on("topic=studio.shot")
    def handle(event: Any, session: Session) -> None:
        calls.append(time.monotonic())
        time.sleep(2.5)

    studio.started(listener)
    studio.publish(1)
    until(lambda: listener.health().handled == 1)
    assert len(calls) == 1
    assert listener.inbox.counts()[f"{__name__}.{handle.__qualname__}"]["done"] == 1


def test_a_handler_that_hangs_is_told_attempted_again_and_commits_nothing_afterwards(studio: Any, until: Any) -> None:
    """One hanging request would stop a service for good, and nobody would notice."""
    listener = studio.listener(workers=1, lease_seconds=1.0, timeout_seconds=1.0)
    released, calls = threading.Event(), list[int]()
    task = studio.other.query("select description from Task").first()

    @listener.on("topic=studio.shot", name="slow")
    def handle(event: Any, session: Session) -> None:
        calls.append(event["data"]["n"])
        own = session.get("Task", task["id"])
        assert own is not None
        own["description"] = f"attempt {len(calls)}"
        if len(calls) == 1:
            assert released.wait(30)

    studio.started(listener)
    studio.publish(1)
    until(lambda: listener.health().handled == 1 and len(listener.health().workers) == 1)
    health = listener.health()
    assert not health.ok
    assert health.problems[0].startswith("the handler slow hangs with the event ")
    (busy,) = health.workers
    assert (busy.handler, busy.attempt, busy.hung) == ("slow", 1, True)
    released.set()
    until(lambda: not listener.health().workers)
    assert listener.health().ok
    studio.other.refresh(task, "description")
    assert task["description"] == "attempt 2"
    studio.publish(2)
    until(lambda: calls == [1, 1, 2])
    until(lambda: len([one for one in threading.enumerate() if one.name.startswith("ftrack-listener-1")]) <= 1)


def test_a_claim_that_ran_out_while_the_machine_slept_is_asked_for_before_anything_is_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a laptop was opened again two listeners would commit the same: one clock stands while it sleeps."""
    asleep = [0.0]
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + asleep[0])
    inbox = MemoryInbox(now=time.time)
    inbox.store(Event("studio.shot", "e1"), {"slow": ""})
    delivery = inbox.claim(["slow"], "one", 60.0)
    assert delivery is not None
    handler = Handler("slow", lambda _event, _session: None, None, 5, 600.0)
    run = _delivering.Run(delivery, handler, "one", inbox, 60.0)
    run.check_held()
    asleep[0] = 3600.0
    assert inbox.claim(["slow"], "another one", 60.0) is not None
    with pytest.raises(_delivering.ClaimLostError):
        run.check_held()


def test_a_claim_is_renewed_as_soon_as_the_machine_is_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs would be begun a second time by whoever looks next."""
    asleep = [0.0]
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + asleep[0])
    inbox = MemoryInbox(now=time.time)
    inbox.store(Event("studio.shot", "e1"), {"slow": ""})
    delivery = inbox.claim(["slow"], "one", 60.0)
    assert delivery is not None
    run = _delivering.Run(delivery, Handler("slow", print, None, 5, 600.0), "one", inbox, 60.0)
    asleep[0] = 3600.0
    assert run.keep()
    assert inbox.claim(["slow"], "another one", 60.0) is None


def test_no_more_than_twice_the_workers_are_ever_there(studio: Any, until: Any) -> None:
    """A handler that always hangs would fill the machine with threads."""
    listener = studio.listener(workers=2, lease_seconds=0.1, timeout_seconds=0.1, attempts=20, close_seconds=0.2)
    released = threading.Event()

    @listener.on("topic=studio.shot")
    def handle(event: Any, session: Session) -> None:
        released.wait(60)

    studio.started(listener)
    studio.publish(1, 2)
    until(lambda: len(listener.health().workers) == 4)
    time.sleep(0.5)  # long enough for a fifth
    health = listener.health()
    assert len(health.workers) == 4
    assert not health.ok
    listener.close()
    released.set()


def test_what_killed_its_process_every_time_is_set_aside(studio: Any, until: Any) -> None:
    """An event that makes a library crash would take every process down, one restart after the other."""
    listener, calls = studio.listener(attempts=2), list[int]()
    listener.on("topic=studio.shot", name="deadly")(lambda _event, _session: calls.append(1))
    studio.started(listener)
    listener.close()
    inbox = studio.session()._parts.backends.inbox(studio.path)
    inbox.store(Event("studio.shot", "e1", {"n": 1}), {"deadly": ""})
    for _ in range(2):
        assert inbox.claim(["deadly"], "a process that died", 0.0) is not None
    following = studio.listener(attempts=2)
    following.on("topic=studio.shot", name="deadly")(lambda _event, _session: calls.append(1))
    studio.started(following)
    until(lambda: following.health().set_aside == 1)
    assert calls == []
    (aside,) = inbox.deliveries("set aside")
    assert "died or hung" in aside.error


def test_at_the_end_what_runs_may_finish_and_what_does_not_is_given_back(studio: Any, until: Any) -> None:
    """A deployment would cut handlers in their middle; or wait for ever for one that hangs."""
    listener: Listener = studio.listener(workers=2, close_seconds=2.0)
    begun, released, finished = threading.Semaphore(0), threading.Event(), list[int]()

    @listener.on("topic=studio.shot", name="two")
    def handle(event: Any, session: Session) -> None:
        begun.release()
        if event["data"]["n"] == 1:
            time.sleep(0.3)
        else:
            released.wait(30)
        finished.append(event["data"]["n"])

    studio.started(listener)
    studio.publish(1, 2, 3)
    assert begun.acquire(timeout=20)
    assert begun.acquire(timeout=20)
    began = time.monotonic()
    listener.close()
    assert time.monotonic() - began < 20
    assert finished == [1]
    waiting = [one.event.data["n"] for one in listener.inbox.deliveries("waiting")]
    assert waiting == [2, 3]
    released.set()
    until(lambda: finished == [1, 2])
    until(lambda: not [one for one in threading.enumerate() if one.name.startswith("ftrack-listener")])
    assert [one.event.data["n"] for one in listener.inbox.deliveries("waiting")] == [2, 3]
