"""The broker in process: order, subscriptions over time, bounds, and an end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_backends.workspace._accounts import Caller
from ftrack_backends.workspace.broker import Broker, Limits, Listener
from ftrack_core.assembly import SystemClock
from ftrack_core.errors import ConnectionClosedError, EventHubPacketError, NotFoundError, NotUniqueError, ParseError
from ftrack_core.values import Event

CALLER = Caller("id-of-ann", "ann")


@pytest.fixture
def broker() -> Iterator[Broker]:
    """A broker with small limits, in a workspace of one user."""
    made = Broker(SystemClock(), {"ann": "id-of-ann"}.get, Limits(50, 100_000, 5, 1000))
    yield made
    made.close()


@pytest.fixture
def listen(broker: Broker) -> Iterator[Callable[..., tuple[Listener, list[Event]]]]:
    """A listener, and the list that it fills."""
    made: list[Listener] = []

    def join(*expressions: str) -> tuple[Listener, list[Event]]:
        heard: list[Event] = []
        listener = Listener.join(broker, CALLER, heard.append)
        made.append(listener)
        for number, expression in enumerate(expressions):
            listener.subscribe(expression, {"id": f"s{number}"})
        return listener, heard

    yield join
    for listener in made:
        listener.close()


def _nobody(_username: str) -> None:
    """A workspace without users."""


def _holding(inside: threading.Event, gate: threading.Event) -> Callable[[Event], None]:
    """A function that says when it is called, and then hangs until it may go on."""

    def receive(_event: Event) -> None:
        inside.set()
        gate.wait(10)

    return receive


def _post(broker: Broker, topic: str, **more: Any) -> None:
    broker.post(Event(topic, "", **more), CALLER)


def _barrier(listener: Listener, heard: list[Event]) -> None:
    """Wait until a listener has heard everything that was published before."""
    done = threading.Event()
    inner = listener._receive
    listener._receive = lambda event: done.set() if event.topic == "barrier" else inner(event)
    listener.subscribe("topic=barrier", {"id": "barrier"})
    listener.publish(Event("barrier", ""))
    assert done.wait(10)
    listener.unsubscribe("barrier")


def test_a_listener_hears_in_order_on_a_thread_of_its_own(broker: Broker) -> None:
    """A hub's handlers must never run inside a commit, and never two at once."""
    heard: list[tuple[int, int]] = []
    done = threading.Event()

    def receive(event: Event) -> None:
        heard.append((event.data["n"], threading.get_ident()))
        if event.data["n"] == 999:
            done.set()

    big = Broker(SystemClock(), _nobody)
    listener = Listener.join(big, CALLER, receive)
    listener.subscribe("topic=n", {})
    for number in range(1000):
        big.post(Event("n", "", {"n": number}), CALLER)
    assert done.wait(10)
    big.close()
    assert [number for number, _ in heard] == list(range(1000))
    assert len({thread for _, thread in heard}) == 1
    assert heard[0][1] != threading.get_ident()


def test_posting_returns_before_anybody_heard(broker: Broker) -> None:
    """A subscriber that hangs must not hang a commit."""
    gate, inside = threading.Event(), threading.Event()
    listener = Listener.join(broker, CALLER, _holding(inside, gate))
    listener.subscribe("topic=a", {})
    _post(broker, "a")
    assert inside.wait(10)
    _post(broker, "a")
    assert broker.settle(10)
    gate.set()
    listener.close()


def test_a_slow_member_delays_nobody_and_is_cut_off_when_its_queue_is_full(
    broker: Broker, listen: Callable[..., tuple[Listener, list[Event]]]
) -> None:
    """One stuck tool must not stop a studio's events, nor fill its server's memory."""
    gate, inside, lost = threading.Event(), threading.Event(), threading.Event()
    stuck = Listener.join(broker, CALLER, _holding(inside, gate), lost.set)
    stuck.subscribe("topic=a", {})
    quick, heard = listen("topic=a")
    for _ in range(60):
        _post(broker, "a")
        _barrier(quick, heard)
    assert inside.is_set()
    assert len(heard) == 60
    gate.set()
    assert lost.wait(10)
    assert not stuck.connected
    assert quick.connected
    assert broker.members == 1


def test_a_subscription_sees_what_comes_after_it(
    broker: Broker, listen: Callable[..., tuple[Listener, list[Event]]]
) -> None:
    """What was published before, though still in line, is not for whoever subscribes now."""
    gate = threading.Event()
    listener, heard = listen()

    def held() -> Event | None:
        gate.wait(10)
        return None

    broker.post(held, CALLER)
    _post(broker, "a", data={"n": 1})
    listener.subscribe("topic=a", {"id": "x"})
    _post(broker, "a", data={"n": 2})
    gate.set()
    _barrier(listener, heard)
    assert [event.data["n"] for event in heard] == [2]


def test_each_gets_an_event_once_and_targets_choose(listen: Callable[..., tuple[Listener, list[Event]]]) -> None:
    """Several subscriptions of one connection are one recipient."""
    one, heard = listen("topic=a", "topic=*", "topic=a")
    two, other = listen("topic=a")
    one.publish(Event("a", "1"))
    one.publish(Event("a", "2", target="id=s2"))
    _barrier(one, heard)
    _barrier(two, other)
    assert [event.id for event in heard] == ["1", "2"]
    assert [event.id for event in other] == ["1"]


def test_members_have_bounds(broker: Broker, listen: Callable[..., tuple[Listener, list[Event]]]) -> None:
    """One client must not slow the routing of all others without end."""
    listener, _ = listen(*["topic=a"] * 5)
    with pytest.raises(NotUniqueError, match="5 subscribers at most"):
        listener.subscribe("topic=a", {})
    listener.unsubscribe("s0")
    with pytest.raises(NotFoundError):
        listener.unsubscribe("s0")
    with pytest.raises(NotUniqueError, match="already"):
        listener.subscribe("topic=a", {"id": "s1"})
    with pytest.raises(ParseError, match="1000 characters"):
        listener.subscribe(f"topic={'a' * 1000}", {})
    with pytest.raises(ParseError):
        listener.subscribe("nonsense", {})
    with pytest.raises(EventHubPacketError, match="target"):
        listener.publish(Event("a", "", target="nonsense"))


def test_one_event_that_cannot_be_made_stops_no_other(
    broker: Broker, listen: Callable[..., tuple[Listener, list[Event]]], caplog: pytest.LogCaptureFixture
) -> None:
    """A fault in telling of one batch must not end all events."""
    listener, heard = listen("topic=a")

    def broken() -> Event:
        raise RuntimeError("planted")

    broker.post(broken, CALLER)
    broker.post(lambda: None, CALLER)
    _post(broker, "a")
    _barrier(listener, heard)
    assert [event.topic for event in heard] == ["a"]
    assert "could not be handed on" in caplog.text


def test_a_handler_that_raises_hears_the_next_event(
    broker: Broker, listen: Callable[..., tuple[Listener, list[Event]]], caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with the event's topic, and life goes on."""
    listener, heard = listen("topic=a")

    def receive(event: Event) -> None:
        heard.append(event)
        raise RuntimeError("planted")

    listener._receive = receive
    _post(broker, "a")
    _post(broker, "a")
    _barrier(listener, heard)
    assert len(heard) == 2
    assert "handling it raised" in caplog.text


def test_after_closing_nothing_is_taken_and_everybody_knows(broker: Broker) -> None:
    """A session in the same process must see that its workspace is gone."""
    lost = threading.Event()
    listener = Listener.join(broker, CALLER, lambda _: None, lost.set)
    _post(broker, "a")
    broker.close()
    broker.close()
    assert lost.wait(10)
    assert not listener.connected
    _post(broker, "a")
    assert broker.settle(0.01) is False or broker.backlog == 0
    with pytest.raises(ConnectionClosedError):
        broker.join(CALLER)
    with pytest.raises(ConnectionClosedError):
        listener.subscribe("topic=a", {})


def test_a_listener_may_close_itself_while_it_hears(broker: Broker) -> None:
    """A handler that found what it waited for goes home."""
    done = threading.Event()
    lost = threading.Event()

    def receive(_event: Event) -> None:
        listener.close()
        done.set()

    listener = Listener.join(broker, CALLER, receive, lost.set)
    listener.subscribe("topic=a", {})
    _post(broker, "a")
    assert done.wait(10)
    listener._thread.join(10)
    assert not lost.is_set()
    assert broker.members == 0


def test_threads_that_publish_at_once_lose_and_double_nothing(
    listen: Callable[..., tuple[Listener, list[Event]]],
) -> None:
    """A farm's jobs all publish at the same moment."""
    big = Broker(SystemClock(), _nobody)
    heard: list[Event] = []
    enough = threading.Event()

    def receive(event: Event) -> None:
        heard.append(event)
        if len(heard) == 4000:
            enough.set()

    listener = Listener.join(big, CALLER, receive)
    listener.subscribe("topic=a", {})

    def publish(who: int) -> None:
        for number in range(500):
            listener.publish(Event("a", "", {"who": who, "n": number}))

    threads = [threading.Thread(target=publish, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert enough.wait(20)
    big.close()
    for who in range(8):
        assert [event.data["n"] for event in heard if event.data["who"] == who] == list(range(500))


def test_the_log_keeps_what_was_handed_on(broker: Broker) -> None:
    """Tests ask which events there were, by topic or by its beginning."""
    for topic in ("a.b", "a.c", "b"):
        _post(broker, topic)
    assert broker.settle(10)
    assert [event.topic for event in broker.log.of("a.*")] == ["a.b", "a.c"]
    assert [event.topic for event in broker.log] == ["a.b", "a.c", "b"]
    assert len(broker.log.of("b")) == 1
    assert broker.log.wait("b", 2, 0.01) == broker.log.of("b")
    broker.log.clear()
    assert len(broker.log) == 0
