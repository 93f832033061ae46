"""What a remote hub does with a line that a test holds in its hands."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core.errors import EventHubConnectionError, EventHubError
from ftrack_core.values import Event

PATIENCE_SECONDS = 20.0
Make = Callable[..., Any]


def soon(done: Callable[[], object]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.001)


def numbers(ends: Any) -> list[int]:
    """The numbers in the events that were sent, in order."""
    return [event["data"]["n"] for _, event in sorted(ends.sent.items()) if event["topic"] == "t"]


def number(n: int) -> Event:
    """An event with a number."""
    return Event("t", data={"n": n})


def test_every_connection_begins_with_replies_and_all_subscriptions(make: Make, line: Any) -> None:
    """A listener would be deaf after the first reconnect."""
    hub = make()
    hub.subscribe("topic=a", print, {"id": "one"})
    gone = hub.subscribe("topic=b", print)
    hub.connect()
    hub.unsubscribe(gone)
    soon(lambda: "ftrack.meta.unsubscribe" in line.opened[0].topics())
    line.opened[0].lose()
    soon(lambda: len(line.opened) == 2 and len(line.opened[1].sent) == 2)
    replies, one = (event["data"] for _, event in sorted(line.opened[1].sent.items()))
    assert replies == {"subscriber": {"id": hub.id}, "subscription": "topic=ftrack.meta.reply"}
    assert one == {"subscriber": {"id": "one"}, "subscription": "topic=a"}


def test_what_could_not_be_sent_goes_first_over_the_next_connection(make: Make, line: Any) -> None:
    """An event that was not sent would be missing, or come after later ones."""
    hub = make()
    hub.connect()
    soon(lambda: line.opened[0].sent)
    line.opened[0].refuses = True
    for n in range(5):
        hub.publish(number(n))
    soon(lambda: len(line.opened) == 2 and len(numbers(line.opened[1])) == 5)
    assert numbers(line.opened[0]) == []
    assert numbers(line.opened[1]) == [0, 1, 2, 3, 4]


def test_what_was_sent_and_not_acknowledged_is_told_and_not_sent_again(
    make: Make, line: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A job would start twice, or its publisher wait for the rest of its time."""
    line.acknowledges = False
    hub = make()
    hub.connect()
    raised: list[str] = []

    def publish() -> None:
        with pytest.raises(EventHubConnectionError) as caught:
            hub.publish_acknowledged(number(1), timeout_seconds=3600)
        raised.append(str(caught.value))

    waiting = threading.Thread(target=publish, daemon=True)
    waiting.start()
    soon(lambda: numbers(line.opened[0]) == [1])
    line.opened[0].lose()
    waiting.join(PATIENCE_SECONDS)
    assert "may have come, or not" in raised[0]
    hub.publish(number(2))
    soon(lambda: len(line.opened) == 2 and numbers(line.opened[1]))
    assert numbers(line.opened[1]) == [2]
    assert "1 events were sent and not acknowledged" in caplog.text


def test_a_refusal_is_told_to_who_waits_and_to_the_log(
    make: Make, line: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake in an event that nobody waits for would be seen by nobody."""
    line.acknowledges = False
    hub = make()
    hub.connect()
    raised: list[str] = []

    def publish() -> None:
        with pytest.raises(EventHubError) as caught:
            hub.publish_acknowledged(number(1))
        raised.append(str(caught.value))

    waiting = threading.Thread(target=publish, daemon=True)
    waiting.start()
    soon(lambda: numbers(line.opened[0]) == [1])
    line.opened[0].receiver.acknowledged(max(line.opened[0].sent), "no such topic")
    waiting.join(PATIENCE_SECONDS)
    assert "no such topic" in raised[0]
    assert "refused t: no such topic" in caplog.text


def test_the_moments_are_told_with_their_times_and_reasons(make: Make, line: Any) -> None:
    """A listener could not ask for what it missed."""
    hub, told = make(), list[tuple[str, Any]]()
    hub.tap(lambda event: told.append((event.topic, event.data)))
    before = time.time()
    hub.connect()
    line.opened[0].lose("the cable was pulled")
    soon(lambda: len(told) == 3)
    hub.disconnect()
    (_, first), (_, lost), (_, again), (_, left) = told
    assert [topic.rpartition(".")[2] for topic, _ in told] == [
        "connected",
        "disconnected",
        "connected",
        "disconnected",
    ]
    assert first["lost_at"] is None
    assert lost == {"reason": "the cable was pulled", "reconnecting": True}
    assert before <= again["lost_at"] <= again["connected_at"] <= time.time()
    assert left == {"reason": "it was disconnected", "reconnecting": False}
    hub.connect()
    assert told[-1][1]["lost_at"] is None  # between leaving and joining on purpose nothing was lost


def test_each_trouble_is_logged_once_in_a_row(make: Make, line: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A server that is down for a night would fill a disk."""
    line.faults = ["no route", "no route", "no route", "no door", "no route"]
    hub = make()
    hub.connect_in_background()
    assert hub.wait_until_connected(PATIENCE_SECONDS)
    said = [one.getMessage().rpartition(": ")[2] for one in caplog.records if "tried again" in one.getMessage()]
    assert said == ["no route", "no door", "no route"]


def test_connecting_once_fails_once_and_may_be_tried_again(make: Make, line: Any) -> None:
    """A tool that asks for a connection would hang, or could never ask again."""
    line.faults = ["no route"]
    hub = make()
    with pytest.raises(EventHubConnectionError, match="no route"):
        hub.connect()
    assert line.attempts == 1
    with pytest.raises(EventHubConnectionError, match="not connected"):
        hub.wait()
    hub.connect()
    assert hub.connected


@pytest.mark.usefixtures("impatient")
def test_a_connection_that_comes_after_leaving_is_let_go(make: Make, line: Any) -> None:
    """A hub that was closed would stay on the server, and keep a thread."""
    late = threading.Event()
    line.faults = [late]
    hub = make()
    hub.connect_in_background()
    hub.publish(number(1))
    hub.disconnect()
    late.set()
    soon(lambda: line.opened and line.opened[0].closed)
    assert not hub.connected
    assert line.opened[0].sent == {}
    with pytest.raises(EventHubConnectionError, match="not connected"):
        hub.publish(number(2))


def test_a_departure_that_comes_late_leaves_the_next_connection_alone(make: Make) -> None:
    """Of two threads that disconnect, the slower one would end what a third has opened meanwhile."""
    hub = make()
    hub.connect()
    turn = hub._connection.turn
    hub.disconnect()
    hub.connect()
    assert hub._connection.leave(turn, "late") is None
    assert hub.connected


def test_a_line_is_told_whether_it_takes_the_place_of_one_that_broke(make: Make, line: Any) -> None:
    """Who comes back after lunch would be told what was said meanwhile; who lost the network would not."""
    line.faults = ["nobody is there"]
    hub = make()
    hub.connect_in_background()
    soon(lambda: hub.connected)
    line.opened[0].lose()
    soon(lambda: len(line.opened) == 2 and hub.connected)
    line.opened[1].lose()
    soon(lambda: len(line.opened) == 3 and hub.connected)
    hub.disconnect()
    hub.connect()
    assert line.again == [False, False, True, True, False]


def test_what_a_line_brings_after_its_turn_is_nobody_s(make: Make, line: Any) -> None:
    """Of a thread that is slow to end, events of before would come among those of after."""
    line.acknowledges = False
    hub = make()
    hub.connect()
    old = line.opened[0]
    hub.disconnect()
    hub.connect()
    hub.publish(number(1))
    new = line.opened[1]
    soon(lambda: numbers(new) == [1])
    old.receiver.event(number(2))
    for sent in [*old.sent, *new.sent]:
        old.receiver.acknowledged(sent, "no")
    heard: list[int] = []
    hub.subscribe("topic=t", lambda event: heard.append(event["data"]["n"]))
    new.receiver.event(number(3))
    hub.wait(0)
    assert heard == [3]
    assert not hub._writer.idle


def test_leaving_takes_back_what_was_announced(make: Make) -> None:
    """Events would queue for a connection that nobody is about to open."""
    hub = make()
    hub.connect()
    hub.init_connection()
    hub.disconnect()
    with pytest.raises(EventHubConnectionError, match="not connected"):
        hub.publish(number(1))


def test_who_waits_to_connect_is_told_that_the_hub_was_closed(make: Make, line: Any) -> None:
    """A thread that connects would keep its program from ending."""
    late = threading.Event()
    line.faults = [late]
    hub, raised = make(), list[str]()

    def connect() -> None:
        with pytest.raises(EventHubConnectionError) as caught:
            hub.connect()
        raised.append(str(caught.value))

    waiting = threading.Thread(target=connect, daemon=True)
    waiting.start()
    soon(lambda: line.attempts)
    closing = threading.Thread(target=hub.close, daemon=True)
    closing.start()
    soon(lambda: "closed" in repr(hub))
    late.set()
    waiting.join(PATIENCE_SECONDS)
    assert "meanwhile" in raised[0]
    closing.join(PATIENCE_SECONDS)


def test_leaving_waits_for_what_is_on_its_way_and_says_what_never_went(
    make: Make, line: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A short program's last event would vanish, without a word."""
    line.acknowledges = False
    hub = make(close_seconds=PATIENCE_SECONDS)
    hub.connect()
    hub.publish(number(1))
    closing = threading.Thread(target=hub.close, daemon=True)
    closing.start()
    soon(lambda: numbers(line.opened[0]) == [1])
    closing.join(0.05)
    assert closing.is_alive()
    for n in list(line.opened[0].sent):
        line.opened[0].receiver.acknowledged(n, "")
    closing.join(PATIENCE_SECONDS)
    assert not closing.is_alive()
    late = make()
    late.init_connection()
    late.publish(number(2))
    late.close()
    assert "1 published events were never sent" in caplog.text


def test_a_tap_may_close_the_hub_from_the_connection_s_own_thread(make: Make, line: Any) -> None:
    """A listener that ends with its connection would wait for itself."""
    hub = make(close_seconds=3600.0)
    hub.connect()
    line.opened[0].acknowledges = False
    hub.publish(number(1))
    began = time.monotonic()
    deliverer = hub._connection._threads[0]
    assert deliverer.is_alive()
    hub.tap(lambda event: hub.close() if event.topic.endswith("disconnected") else None)
    line.opened[0].lose()
    soon(lambda: "closed" in repr(hub))
    deliverer.join(PATIENCE_SECONDS)
    assert time.monotonic() - began < PATIENCE_SECONDS


def test_a_full_line_waits_for_room_while_connected(make: Make, line: Any) -> None:
    """A burst would be refused although the server takes it."""
    hub = make(max_unsent_events=3)
    hub.connect()
    for n in range(500):
        hub.publish(number(n))
    soon(lambda: len(numbers(line.opened[0])) == 500)
    assert numbers(line.opened[0]) == list(range(500))


def test_a_full_line_that_is_away_refuses_and_says_why(make: Make, line: Any) -> None:
    """Memory would grow for as long as the server is away, or a tool hang."""
    line.faults = ["no route"] * 100_000
    hub = make(max_unsent_events=3, reconnect_seconds=0.05, max_reconnect_seconds=0.05)
    hub.connect_in_background()
    for n in range(3):
        hub.publish(number(n))
    soon(lambda: hub._connection.trouble)
    with pytest.raises(EventHubConnectionError, match=r"3 published .*connecting; no route"):
        hub.publish(number(3))
    line.faults.clear()
    assert hub.wait_until_connected(PATIENCE_SECONDS)
    soon(lambda: numbers(line.opened[0]) == [0, 1, 2])


def test_a_child_has_no_connection_and_leaves_the_parent_s_alone(make: Make, line: Any) -> None:
    """A farm job that forks would end its parent's connection, or hang on a lock that a lost thread holds."""
    hub = make()
    hub.connect()
    soon(lambda: line.opened[0].sent)
    held = threading.Event()

    def hold() -> None:
        hub._changed.acquire()
        held.set()

    threading.Thread(target=hold, daemon=True).start()
    assert held.wait(PATIENCE_SECONDS)
    hub.forked()
    assert not hub.connected
    assert (line.opened[0].dropped, line.opened[0].closed) == (True, 0)
    for call in (hub.connect, hub.connect_in_background, lambda: hub.publish(number(1))):
        with pytest.raises(EventHubConnectionError, match="another process"):
            call()
    hub.close()
    line.opened[0].lose()


def test_a_tap_that_raises_is_logged_and_one_that_ended_is_called_no_more(
    make: Make, line: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """One cache's mistake would end the receiving thread; a closed panel go on being called."""
    hub, seen = make(), list[str]()
    hub.connect()
    end = hub.tap(lambda event: seen.append(event.topic))
    hub.tap(lambda _event: 1 // 0)
    caplog.set_level(logging.ERROR)
    line.opened[0].receiver.event(Event("a", "1"))
    end()
    line.opened[0].receiver.event(Event("b", "2"))
    assert seen == ["a"]
    assert caplog.text.count("a tap of the event hub raised") == 2
    hub.wait(0)


def test_replies_are_given_up_in_time_and_for_what_never_left(make: Make) -> None:
    """A listener that asks once a second would keep every question for ever."""
    hub = make(reply_seconds=0.001)
    with pytest.raises(EventHubConnectionError):
        hub.publish(number(0), on_reply=print)
    assert len(hub._asking._replies) == 0
    hub.init_connection()
    hub.publish(number(1), on_reply=print)
    assert len(hub._asking._replies) == 1
    hub.wait(0.01)
    assert len(hub._asking._replies) == 0


def test_a_connection_that_stands_ends_with_its_threads(make: Make, line: Any) -> None:
    """A host that opens and closes sessions all day would fill with threads."""
    before = set(threading.enumerate())
    hub = make()
    hub.connect()
    assert len(set(threading.enumerate()) - before) == 2
    hub.close()
    assert set(threading.enumerate()) - before == set()
