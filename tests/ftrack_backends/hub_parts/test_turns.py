"""What a thread of an earlier connection, or of leaving it, must not do to the next one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_backends.hub_parts import BaseEventHub
from ftrack_core.errors import EventHubConnectionError, InvalidTypeError
from ftrack_core.values import Event

PATIENCE_SECONDS = 20.0
Make = Callable[..., Any]


def soon(done: Callable[[], object]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.001)


def number(n: int) -> Event:
    """An event with a number."""
    return Event("t", data={"n": n})


def numbers(ends: Any) -> list[int]:
    """The numbers in the events that were sent, in order."""
    return [event["data"]["n"] for _, event in sorted(ends.sent.items()) if event["topic"] == "t"]


class Held:
    """A tap that holds the thread which says that the hub has left, until it is let go."""

    def __init__(self, hub: Any) -> None:
        self.there, self.go = threading.Event(), threading.Event()
        self.told: list[str] = []
        hub.tap(self._tap)

    def _tap(self, event: Event) -> None:
        self.told.append(event.topic.rpartition(".")[2])
        if event.topic == "ftrack.meta.disconnected" and not self.there.is_set():
            self.there.set()
            assert self.go.wait(PATIENCE_SECONDS)


def leaving(hub: Any, held: Held) -> threading.Thread:
    """A thread that leaves, and is held in it."""
    thread = threading.Thread(target=hub.disconnect, daemon=True)
    thread.start()
    assert held.there.wait(PATIENCE_SECONDS)
    return thread


def test_who_is_slow_to_leave_does_not_take_the_next_connection_for_its_own(make: Make) -> None:
    """A hub would say for ever that it is not connected, and refuse to publish, while its connection stands."""
    hub = make()
    held = Held(hub)
    hub.connect()
    slow = leaving(hub, held)
    hub.connect()
    held.go.set()
    slow.join(PATIENCE_SECONDS)
    assert hub.connected
    hub.publish_acknowledged(number(1), PATIENCE_SECONDS)


def test_who_is_slow_to_leave_does_not_end_waits_and_questions_of_the_next_connection(make: Make, line: Any) -> None:
    """A listener's loop would end with "disconnected" though its connection has only just begun."""
    hub, reasons, answers = make(), list[str](), list[Any]()
    held = Held(hub)
    hub.connect()
    slow = leaving(hub, held)
    hub.connect()
    handled = threading.Event()
    hub.subscribe("topic=t", lambda _event: handled.set())
    waiting = threading.Thread(target=lambda: reasons.append(hub.wait()), daemon=True)
    asking = threading.Thread(
        target=lambda: answers.append(hub.request(Event("question", "one"), PATIENCE_SECONDS).data), daemon=True
    )
    waiting.start()
    asking.start()
    new = line.opened[1]
    soon(lambda: "question" in new.topics() and hub._waiting._events.maxlen is None)
    new.receiver.event(Event("s"))
    soon(lambda: not hub._waiting._events)  # somebody waits
    held.go.set()
    slow.join(PATIENCE_SECONDS)
    new.receiver.event(number(1))
    assert handled.wait(PATIENCE_SECONDS)
    new.receiver.event(Event("ftrack.meta.reply", "answer", {"yes": 1}, in_reply_to_event="one"))
    asking.join(PATIENCE_SECONDS)
    assert answers == [{"yes": 1}]
    assert reasons == []
    hub.stop()
    waiting.join(PATIENCE_SECONDS)


def test_what_became_of_the_connection_is_told_in_the_order_in_which_it_did(make: Make) -> None:
    """A plug-in would hear last that the hub left, and take it for disconnected although it is not."""
    hub = make()
    held = Held(hub)
    hub.connect()
    slow = leaving(hub, held)
    hub.connect()
    held.go.set()
    slow.join(PATIENCE_SECONDS)
    soon(lambda: len(held.told) == 3)
    assert held.told == ["connected", "disconnected", "connected"]
    queued = [event.topic.rpartition(".")[2] for event in hub._waiting._events]
    assert queued == held.told


def test_a_tap_may_leave_and_join_again_as_it_is_told(make: Make) -> None:
    """A program that reconnects where it hears of the end would wait for itself."""
    hub, told = make(), list[str]()

    def again(event: Event) -> None:
        told.append(event.topic.rpartition(".")[2])
        if told == ["connected"]:
            hub.disconnect()
        elif told == ["connected", "disconnected"]:
            hub.connect()

    hub.tap(again)
    hub.connect()
    soon(lambda: told == ["connected", "disconnected", "connected"])
    assert hub.connected


class Yielding:
    """A lock that lets others come first, once."""

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self.first: Callable[[], object] | None = None

    def __enter__(self) -> bool:
        first, self.first = self.first, None
        if first is not None:
            first()
        return bool(self._lock.__enter__())

    def __exit__(self, *error: object) -> None:
        self._lock.__exit__(*error)


def test_what_a_departure_gives_up_is_not_sent_over_the_next_connection(make: Make, line: Any) -> None:
    """What was given up as the hub left would be sent hours later, when it is connected again."""
    hub = make()
    hub.connect()
    old = line.opened[0]
    soon(lambda: old.sent)
    old.breaks = threading.Event()
    hub.publish(number(1))
    writer, outgoing = hub._connection._threads[1], hub._writer.outgoing
    soon(lambda: not outgoing.waiting)  # it is being sent
    abandon, lock = outgoing.abandon, Yielding(hub._changed._lock)

    def writer_first() -> None:
        old.breaks.set()
        writer.join(PATIENCE_SECONDS)

    def abandoning() -> int:
        lock.first = writer_first
        return int(abandon())

    hub._changed._lock = lock
    hub._writer.outgoing = Abandoning(outgoing, abandoning)
    hub.disconnect()
    hub.connect()
    hub.publish_acknowledged(number(2), PATIENCE_SECONDS)
    assert numbers(line.opened[1]) == [2]


class Abandoning:
    """Letters on their way, with an `abandon` of a test's own."""

    def __init__(self, outgoing: Any, abandon: Callable[[], int]) -> None:
        self._outgoing, self.abandon = outgoing, abandon

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outgoing, name)

    def __bool__(self) -> bool:
        return bool(self._outgoing)


@pytest.mark.usefixtures("impatient")
def test_an_attempt_of_before_says_nothing_of_the_connection_of_now(
    make: Make, line: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A hub that is connected would say that it cannot be, and keep silent about the next trouble."""
    late, hub = threading.Event(), make()
    line.faults = [(late, "no route")]
    hub.connect_in_background()
    old = hub._connection._threads[0]
    soon(lambda: line.attempts)
    hub.disconnect()
    hub.connect()
    late.set()
    old.join(PATIENCE_SECONDS)
    assert hub._connection.trouble == ""
    line.faults = ["no route"]
    line.opened[0].lose()
    soon(lambda: len(line.opened) == 2 and hub.connected)
    assert "it is tried again: no route" in caplog.text


@pytest.mark.usefixtures("impatient")
def test_a_connection_that_comes_too_late_lets_go_of_what_it_holds(make: Make, line: Any) -> None:
    """Each time, a socket or a thread would stay open until the end of the process."""
    late, hub = threading.Event(), make()
    line.faults = [late]
    hub.connect_in_background()
    old = hub._connection._threads[0]
    soon(lambda: line.attempts)
    hub.disconnect()
    late.set()
    old.join(PATIENCE_SECONDS)
    assert line.opened[0].served == 1  # which is where lines let go


def test_an_event_that_is_published_as_the_hub_closes_is_told_truly(make: Make) -> None:
    """A tool would tell its user that an event still waits to be sent, which was given up."""
    hub, raised = make(), list[str]()
    hub.init_connection()

    def publish() -> None:
        with pytest.raises(EventHubConnectionError) as caught:
            hub.publish_acknowledged(number(1), PATIENCE_SECONDS)
        raised.append(str(caught.value))

    publishing = threading.Thread(target=publish, daemon=True)
    publishing.start()
    soon(lambda: hub._writer.outgoing.waiting)
    BaseEventHub.close(hub)  # the first half of closing
    publishing.join(0.2)
    hub._leave(None, "it was closed")
    publishing.join(PATIENCE_SECONDS)
    assert "was never sent" in raised[0]


def test_a_subscriber_that_cannot_be_told_of_is_refused_before_there_is_a_connection(make: Make) -> None:
    """The hub would say that it is connected and hear nothing: the thread that connects would have died."""
    hub = make()
    with pytest.raises(InvalidTypeError, match="JSON"):
        hub.subscribe("topic=t", print, {"id": "one", "thing": object()})
    hub.connect()
    hub.publish_acknowledged(number(1), PATIENCE_SECONDS)


def test_a_connection_that_cannot_begin_is_one_that_failed(make: Make, line: Any) -> None:
    """The hub would say that it is connected and hear nothing, for ever."""
    hub, metadata = make(), {"id": "one", "hosts": ["a"]}
    hub.subscribe("topic=t", print, metadata)
    metadata["hosts"].append(object())  # type: ignore[attr-defined]  # as a careless program does
    with pytest.raises(EventHubConnectionError, match="JSON"):
        hub.connect()
    assert not hub.connected
    assert line.opened[0].served == 1


def test_two_threads_that_reconnect_both_find_the_hub_connected(make: Make) -> None:
    """The slower one would try for a minute, and then raise that the hub is connected already."""
    hub = make()
    hub.connect()
    connect = hub.connect

    def other_first() -> None:
        hub.connect = connect
        connect()  # the other thread
        connect()

    hub.connect = other_first
    hub.reconnect(attempts=2, delay=0.01)
    assert hub.connected
