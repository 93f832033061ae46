"""The `local` event hub, beyond its contract: the queue and who waits for it."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import pytest

from ftrack_backends.event_hubs._local import LocalEventHub
from ftrack_core.values import Event


def event(topic: str = "t", **parts: Any) -> Event:
    """An event."""
    return Event(topic, "0" * 32, **parts)


def test_nothing_happens_before_somebody_waits() -> None:
    """A subscriber would be called in the middle of somebody else's work."""
    hub = LocalEventHub()
    seen: list[object] = []
    hub.subscribe("topic=t", seen.append)
    hub.publish(event())
    assert seen == []
    hub.wait(0)
    assert len(seen) == 1


def test_waiting_for_no_time_handles_all_that_is_there() -> None:
    """A host that looks in from its own loop would see one event a frame."""
    hub, seen = LocalEventHub(), []
    hub.subscribe("topic=t", lambda got: seen.append(got["data"]["n"]))
    for n in range(5):
        hub.publish(event(data={"n": n}))
    hub.wait(0)
    assert seen == [0, 1, 2, 3, 4]


def test_waiting_for_no_time_ends_even_if_each_event_makes_another() -> None:
    """A host that looks in would never come back."""
    hub, seen = LocalEventHub(), []

    def again(_event: object) -> None:
        seen.append(1)
        hub.publish(event())

    hub.subscribe("topic=t", again)
    hub.publish(event())
    hub.wait(0)
    assert len(seen) == 1


def test_a_queued_event_does_not_change_with_its_publisher_s_data() -> None:
    """A subscriber would see what became of the data later."""
    hub, seen, data = LocalEventHub(), [], {"list": [1]}
    hub.subscribe("topic=t", lambda got: seen.append(got["data"]["list"]))
    hub.publish(event(data=data))
    data["list"].append(2)
    hub.wait(0)
    assert seen == [[1]]


def test_a_synchronous_event_shares_its_data() -> None:
    """Hooks that change what is about to happen would change nothing."""
    hub, data = LocalEventHub(), {"n": 1}
    hub.subscribe("topic=t", lambda got: got["data"].update(n=2))
    hub.publish(event(data=data), synchronous=True)
    assert data == {"n": 2}


def test_subscribers_of_a_queued_event_are_those_of_the_moment_it_is_handled() -> None:
    """Who left meanwhile would still be called."""
    hub, seen = LocalEventHub(), []
    early = hub.subscribe("topic=t", lambda _event: seen.append("early"))
    hub.publish(event())
    hub.unsubscribe(early)
    hub.subscribe("topic=t", lambda _event: seen.append("late"))
    hub.wait(0)
    assert seen == ["late"]


def test_a_full_queue_drops_the_oldest_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    """A program that never waits would fill its memory, or its log."""
    hub, seen = LocalEventHub(max_queued_events=2), []
    hub.subscribe("topic=t", lambda got: seen.append(got["data"]["n"]))
    with caplog.at_level(logging.WARNING):
        for n in range(5):
            hub.publish(event(data={"n": n}))
    hub.wait(0)
    assert seen == [3, 4]
    assert len(caplog.records) == 1


def test_each_event_is_handled_by_one_of_those_who_wait() -> None:
    """Two waiting threads would do everything twice."""
    hub, seen, everything = LocalEventHub(), [], threading.Event()

    def note(got: Any) -> None:
        seen.append(got["data"]["n"])
        if len(seen) == 100:
            everything.set()

    hub.subscribe("topic=t", note)
    threads = [threading.Thread(target=hub.wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(100):
        hub.publish(event(data={"n": n}))
    assert everything.wait(20)
    hub.close()
    for thread in threads:
        thread.join(20)
    assert sorted(seen) == list(range(100))


def test_a_wait_ends_when_its_time_is_over() -> None:
    """A host would hang."""
    started = time.monotonic()
    LocalEventHub().wait(0.05)
    assert 0.04 < time.monotonic() - started < 5


def test_an_event_whose_target_cannot_be_read_is_dropped_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Everybody would get what was meant for one."""
    hub = LocalEventHub()
    hub.subscribe("topic=t", lambda _event: "called")
    assert hub.publish(event(target="((("), synchronous=True) == []
    assert "target" in caplog.text


def test_a_return_value_that_cannot_be_copied_does_not_end_the_wait(caplog: pytest.LogCaptureFixture) -> None:
    """One odd subscriber would stop the listener."""
    hub, seen = LocalEventHub(), []
    hub.subscribe("topic=t", lambda _event: threading.Lock())
    hub.subscribe("topic=t", lambda _event: seen.append(1))
    hub.publish(event(source={"id": "x"}))
    hub.publish(event(source={"id": "x"}))
    hub.wait(0)
    assert seen == [1, 1]
    assert "could not be published" in caplog.text


def test_events_are_signed_with_hub_user_and_host() -> None:
    """Listeners that look at who did it would find nobody."""
    hub, seen = LocalEventHub(user="ann"), []
    hub.subscribe("source.user.username=ann", lambda got: seen.append(got["source"]))
    hub.publish(event(), synchronous=True)
    assert seen[0]["id"] == hub.id
    assert seen[0]["host"]
