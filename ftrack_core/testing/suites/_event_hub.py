"""The contracts of event hubs: of every one, and of those that are joined to others by a server."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from ftrack_core.errors import (
    EventHubConnectionError,
    EventHubError,
    InvalidTypeError,
    NotFoundError,
    NotUniqueError,
    ParseError,
)
from ftrack_core.interfaces import IEventHub, IRemoteEventHub
from ftrack_core.testing.suites._suite import ContractSuite
from ftrack_core.values import Event

__all__ = ["EventHubContract", "RemoteEventHubContract"]

OFFICIAL_KEYS = {"topic", "id", "data", "source", "target", "in_reply_to_event", "sent"}


def event(topic: str = "ftrack.test", **parts: Any) -> Event:
    """An event with an id of its own."""
    return Event(topic, uuid.uuid4().hex, **parts)


def _end_of_wait(hub: Any, end: Callable[[], None], patience_seconds: float) -> list[str]:
    """What a wait in another thread, which is surely under way, says when something ends it."""
    ended: list[str] = []
    started = threading.Event()
    hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: started.set())
    waiting = threading.Thread(target=lambda: ended.append(hub.wait()), daemon=True)
    waiting.start()
    hub.publish(event=event())
    assert started.wait(5)
    end()
    waiting.join(patience_seconds)
    return ended


def _wait_until(hub: Any, done: threading.Event) -> None:
    """Handle events until one was, for a while."""
    for _ in range(200):
        hub.wait(0.05)
        if done.is_set():
            return
    raise AssertionError("the event did not come")


def _look_until(there: Callable[[], bool]) -> None:
    """Wait for something that comes without anybody handling events, for a while."""
    pause = threading.Event()
    for _ in range(1000):
        if there():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come")


class EventHubContract(ContractSuite):
    """Subclass it and override `make`.

    Attributes:
        patience_seconds: How long to wait for what should come at once, before it counts as missing.
    """

    interface = IEventHub
    patience_seconds: ClassVar[float] = 20.0

    def make(self) -> Any:
        """A hub on which `publish` works: one that needs a connection is connected."""
        raise AssertionError("override make() so that it gives an event hub")

    @pytest.fixture
    def hub(self) -> Iterator[Any]:
        """The hub under test."""
        hub = self.make()
        yield hub
        hub.close()

    def test_it_has_the_shape_it_says(self, hub: Any) -> None:
        """A caller that passes arguments by name would meet a TypeError."""
        self.check_shape(hub)

    def test_its_id_is_a_hexadecimal_uuid_of_its_own(self, hub: Any) -> None:
        """Replies would reach the wrong hub."""
        assert uuid.UUID(hex=hub.id).hex == hub.id
        other = self.make()
        assert other.id != hub.id
        other.close()

    def test_c1_lower_priority_numbers_come_first_and_equals_in_order(self, hub: Any) -> None:
        """A studio's override would run after what it overrides."""
        called: list[str] = []
        for name, priority in [("c", 100), ("a", 10), ("d", 100), ("b", 50), ("z", 200), ("first", -1)]:
            hub.subscribe(
                expression="topic=ftrack.test" if name != "b" else "topic=ftrack.*",
                callback=lambda _event, name=name: called.append(name),
                priority=priority,
            )
        hub.publish(event=event(), synchronous=True)
        assert called == ["first", "a", "b", "c", "d", "z"]

    def test_c2_a_subscriber_that_raises_is_logged_and_the_others_go_on(
        self, hub: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """One studio's broken hook would silence all others."""
        broken = hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: 1 // 0)
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: "fine")
        with caplog.at_level(logging.ERROR):
            assert hub.publish(event=event(), synchronous=True) == ["fine"]
        assert broken in caplog.text
        assert "ZeroDivisionError" in caplog.text

    def test_c3_a_callback_gets_the_official_keys(self, hub: Any) -> None:
        """Existing listeners would meet a KeyError."""
        seen: list[Any] = []
        hub.subscribe(expression="topic=ftrack.test", callback=seen.append)
        sent = event(data={"a": 1}, target="", in_reply_to_event="other")
        hub.publish(event=sent, synchronous=True)
        got = seen[0]
        assert set(got) == OFFICIAL_KEYS
        assert (got["topic"], got["id"], got["data"]) == ("ftrack.test", sent.id, {"a": 1})
        assert got["in_reply_to_event"] == "other"
        got["data"] = {"changed": True}
        assert got["data"] == {"changed": True}

    def test_c3_after_stop_no_later_subscriber_is_called(self, hub: Any) -> None:
        """A hook could not keep the default from happening."""
        called: list[int] = []

        def stop(received: Any) -> str:
            received.stop()
            return "stopped"

        hub.subscribe(expression="topic=ftrack.test", callback=stop, priority=1)
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: called.append(1), priority=2)
        assert hub.publish(event=event(), synchronous=True) == ["stopped"]
        assert called == []

    def test_c4_a_synchronous_publish_gives_results_in_order_none_included(self, hub: Any) -> None:
        """A location's hook would be ignored, or taken for another one's."""
        results: list[Any] = [1, None, {"items": []}]
        for result in results:
            hub.subscribe(expression="topic=ftrack.test", callback=lambda _event, result=result: result)
        hub.subscribe(expression="topic=ftrack.other", callback=lambda _event: "never")
        assert hub.publish(event=event(), synchronous=True) == results
        assert hub.publish(event=event("ftrack.nobody"), synchronous=True) == []

    def test_c4_missing_parts_of_the_source_are_filled_in_and_given_ones_kept(self, hub: Any) -> None:
        """Listeners that look at who did it would find nobody."""
        seen: list[Any] = []
        hub.subscribe(expression="topic=ftrack.test", callback=lambda got: seen.append(got["source"]))
        hub.publish(event=event(), synchronous=True)
        hub.publish(event=event(source={"id": "mine", "more": 1}), synchronous=True)
        assert seen[0]["id"] == hub.id
        assert "username" in seen[0]["user"]
        assert (seen[1]["id"], seen[1]["more"]) == ("mine", 1)

    def test_c4_a_target_is_matched_with_subscriber_metadata(self, hub: Any) -> None:
        """An action launched in one host would run in all of them."""
        hub.subscribe(
            expression="topic=ftrack.test", callback=lambda _event: "maya", subscriber={"id": "m", "host": "maya"}
        )
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: "nuke", subscriber={"host": "nuke"})
        assert hub.publish(event=event(target="id=m"), synchronous=True) == ["maya"]
        assert hub.publish(event=event(target='host="nuke"'), synchronous=True) == ["nuke"]
        assert hub.publish(event=event(target="((("), synchronous=True) == []

    def test_c5_after_unsubscribing_no_event_arrives(self, hub: Any) -> None:
        """A closed panel would go on being called."""
        identifier = hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: "late")
        hub.unsubscribe(subscriber_id=identifier)
        assert hub.publish(event=event(), synchronous=True) == []
        with pytest.raises(NotFoundError, match=identifier):
            hub.unsubscribe(subscriber_id=identifier)

    def test_callbacks_may_subscribe_publish_and_unsubscribe(self, hub: Any) -> None:
        """A hook that publishes would hang the host."""
        inner: list[str] = []

        def outer(_event: Any) -> object:
            identifier = hub.subscribe(expression="topic=ftrack.inner", callback=lambda _event: inner.append("inner"))
            hub.publish(event=event("ftrack.inner"), synchronous=True)
            hub.unsubscribe(subscriber_id=identifier)
            return "outer"

        hub.subscribe(expression="topic=ftrack.test", callback=outer)
        assert hub.publish(event=event(), synchronous=True) == ["outer"]
        assert inner == ["inner"]

    def test_ids_are_given_kept_and_unique(self, hub: Any) -> None:
        """Unsubscribing would end another one's subscription."""
        given = hub.subscribe(expression="topic=a", callback=print, subscriber={"id": "mine"})
        assert given == "mine"
        assert hub.subscribe(expression="topic=a", callback=print) != hub.subscribe(
            expression="topic=a", callback=print
        )
        with pytest.raises(NotUniqueError, match="mine"):
            hub.subscribe(expression="topic=b", callback=print, subscriber={"id": "mine"})

    @pytest.mark.parametrize("expression", ["", "topic", "topic=a and", "topic==a", "(topic=a", "topic=a$"])
    def test_an_expression_that_is_none_is_a_parse_error(self, hub: Any, expression: str) -> None:
        """A typing error would subscribe to nothing, or fail when the first event comes."""
        with pytest.raises(ParseError):
            hub.subscribe(expression=expression, callback=print)

    def test_c6_a_closed_hub_refuses_to_publish(self, hub: Any) -> None:
        """Events would vanish without a word."""
        hub.close()
        hub.close()
        for synchronous in (True, False):
            with pytest.raises(EventHubConnectionError):
                hub.publish(event=event(), synchronous=synchronous)
        with pytest.raises(EventHubConnectionError):
            hub.publish_reply(source_event=event(source={"id": hub.id}), data={})

    def test_a_published_event_is_handled_by_who_waits(self, hub: Any) -> None:
        """A listener would never hear of anything, or be called in a thread that it does not expect."""
        seen: list[tuple[Any, int]] = []
        hub.subscribe(
            expression="topic=ftrack.test", callback=lambda got: seen.append((got["id"], threading.get_ident()))
        )
        sent = [event() for _ in range(3)]
        for each in sent:
            assert hub.publish(event=each) == []
        self.wait_until(hub, lambda: len(seen) == 3)
        assert seen == [(each.id, threading.get_ident()) for each in sent]

    def test_a_reply_reaches_the_publisher(self, hub: Any) -> None:
        """Asking over events would never be answered."""
        replies: list[Any] = []
        hub.subscribe(expression="topic=ftrack.meta.reply", callback=replies.append, subscriber={"id": hub.id})
        hub.subscribe(expression="topic=ftrack.meta.reply", callback=lambda _event: 1 / 0, subscriber={"id": "other"})
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: {"answer": 42})
        asked = event()
        hub.publish(event=asked)
        self.wait_until(hub, lambda: bool(replies))
        assert replies[0]["data"] == {"answer": 42}
        assert replies[0]["in_reply_to_event"] == asked.id

    def test_c6_closing_ends_a_request(self, hub: Any) -> None:
        """A tool that asks would hold up the end of its host for as long as it is ready to wait."""
        ended: list[BaseException] = []

        def ask() -> None:
            try:
                hub.request(event=event(), timeout_seconds=60)
            except EventHubConnectionError as error:
                ended.append(error)

        heard = threading.Event()
        end = hub.tap(receive=lambda _event: heard.set(), expression="topic=ftrack.test")
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        heard.wait(5)
        end()
        hub.close()
        asking.join(5)
        assert not asking.is_alive()
        assert ended

    def test_closing_ends_a_wait(self, hub: Any) -> None:
        """The interpreter could not exit while a listener waits."""
        waiting = threading.Thread(target=hub.wait, daemon=True)
        waiting.start()
        hub.close()
        waiting.join(5)
        assert not waiting.is_alive()

    def test_a_thousand_subscribers_of_other_topics_are_not_asked(self, hub: Any) -> None:
        """Each hook that a studio adds would make every event slower."""
        for n in range(1000):
            hub.subscribe(expression=f"topic=ftrack.test.{n}", callback=lambda _event, n=n: n)
        assert hub.publish(event=event("ftrack.test.7"), synchronous=True) == [7]

    def test_what_is_no_event_is_refused(self, hub: Any) -> None:
        """A slip would surface in a thread that nobody looks at, with a message about something else."""
        for wrong in ("ftrack.test", None, {"topic": "ftrack.test"}):
            with pytest.raises(InvalidTypeError, match="an event was to be published"):
                hub.publish(event=wrong)

    def test_an_event_without_an_id_gets_one(self, hub: Any) -> None:
        """Nobody could answer it."""
        seen: list[Any] = []
        hub.subscribe(expression="topic=ftrack.test", callback=lambda got: seen.append(got["id"]))
        for _ in range(2):
            hub.publish(event=Event("ftrack.test"), synchronous=True)
        assert len({uuid.UUID(hex=each) for each in seen}) == 2

    def test_every_reply_is_told(self, hub: Any) -> None:
        """A menu would show the entries of one host only."""
        replies: list[Any] = []
        for number in range(3):
            hub.subscribe(expression="topic=ftrack.test", callback=lambda _event, number=number: {"number": number})
        hub.publish(event=event(), on_reply=lambda reply: replies.append(reply["data"]["number"]))
        self.wait_until(hub, lambda: len(replies) == 3)
        assert replies == [0, 1, 2]

    def test_what_is_called_with_replies_may_raise(self, hub: Any, caplog: pytest.LogCaptureFixture) -> None:
        """A listener would end by another one's fault."""
        seen: list[Any] = []
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: {})
        hub.subscribe(expression="topic=ftrack.last", callback=seen.append)
        hub.publish(event=event(), on_reply=lambda _reply: 1 // 0)
        hub.publish(event=event("ftrack.last"))
        self.wait_until(hub, lambda: bool(seen) and "ZeroDivisionError" in caplog.text)

    def test_a_request_gives_the_first_reply(self, hub: Any) -> None:
        """Asking would need a callback, a flag and a loop each time."""
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: {"answer": 42})
        waiting = threading.Thread(target=hub.wait, daemon=True)
        waiting.start()
        asked = event()
        answer = hub.request(event=asked, timeout_seconds=10)
        assert (answer.data, answer.in_reply_to_event) == ({"answer": 42}, asked.id)
        hub.close()
        waiting.join(5)

    def test_a_request_that_nobody_answers_ends(self, hub: Any) -> None:
        """A tool would hang when the action server is down."""
        with pytest.raises(EventHubConnectionError, match="nobody replied"):
            hub.request(event=event(), timeout_seconds=0.05)

    def test_a_wait_says_why_it_ends(self, hub: Any) -> None:
        """A service could not tell an order to end from a fault."""
        assert hub.wait(duration_seconds=0.01) == "time over"
        assert _end_of_wait(hub, hub.stop, self.patience_seconds) == ["stopped"]
        hub.close()
        assert hub.wait() == "closed"

    def test_a_callback_may_end_the_wait_and_the_rest_stays(self, hub: Any) -> None:
        """A service could not be ended by an event, or would lose the others."""
        seen: list[Any] = []
        hub.subscribe(expression="topic=ftrack.end", callback=lambda _event: hub.stop())
        hub.subscribe(expression="topic=ftrack.rest", callback=seen.append)
        hub.publish(event=event("ftrack.end"))
        hub.publish(event=event("ftrack.rest"))
        assert hub.wait(duration_seconds=5) == "stopped"
        assert seen == []
        self.wait_until(hub, lambda: bool(seen))

    def test_a_callback_that_raises_in_a_wait_ends_nothing(self, hub: Any, caplog: pytest.LogCaptureFixture) -> None:
        """One studio's broken hook would end the listener of all others."""
        seen: list[Any] = []
        broken = hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: 1 // 0)
        hub.subscribe(expression="topic=ftrack.test", callback=seen.append)
        for _ in range(2):
            hub.publish(event=event())
        self.wait_until(hub, lambda: len(seen) == 2)
        assert broken in caplog.text

    def test_a_callback_may_close_the_hub(self, hub: Any) -> None:
        """A service that is told to end by an event would hang."""
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: hub.close())
        hub.publish(event=event())
        assert hub.wait(duration_seconds=10) == "closed"

    def wait_until(self, hub: Any, arrived: Any) -> None:
        """Wait in this thread, as long as there is patience, until something arrived."""
        until = time.monotonic() + self.patience_seconds
        while time.monotonic() < until:
            hub.wait(duration_seconds=0.05)
            if arrived():
                return
        raise AssertionError(f"nothing arrived within {self.patience_seconds:g} seconds")

    def test_c14_a_tap_sees_what_comes_before_subscribers_do(self, hub: Any) -> None:
        """A session would hand a handler what it loaded before the event that the handler is called for."""
        seen: list[tuple[str, str]] = []
        done = threading.Event()

        def handle(received: Any) -> None:
            seen.append(("handled", received["id"]))
            if received["id"] in last:
                done.set()

        end = hub.tap(receive=lambda got: seen.append(("tapped", got.id)) if got.topic == "ftrack.test" else None)
        hub.subscribe(expression="topic=ftrack.test", callback=handle)
        sent = [event() for _ in range(3)]
        last = {sent[-1].id}
        for one in sent:
            hub.publish(event=one)
        _wait_until(hub, done)
        for kind in ("tapped", "handled"):
            assert [got for what, got in seen if what == kind] == [one.id for one in sent]
        assert all(seen.index(("tapped", one.id)) < seen.index(("handled", one.id)) for one in sent)
        end()
        end()
        done.clear()
        seen.clear()
        untapped = event()
        last.add(untapped.id)
        hub.publish(event=untapped)
        _wait_until(hub, done)
        assert not any(what == "tapped" for what, _ in seen)

    def test_c14_a_tap_that_raises_disturbs_nobody(self, hub: Any, caplog: pytest.LogCaptureFixture) -> None:
        """One tool's fault would cut everybody off."""
        seen, done = list[str](), threading.Event()
        hub.tap(receive=lambda _event: 1 // 0)
        hub.tap(receive=lambda got: seen.append(got.topic))
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: done.set())
        with caplog.at_level(logging.ERROR):
            hub.publish(event=event())
            _wait_until(hub, done)
        assert "ftrack.test" in seen
        assert "ZeroDivisionError" in caplog.text

    def test_c15_what_only_taps_asked_for_is_not_queued(self, hub: Any) -> None:
        """A program that never waits would fill its memory with events, and be told that it does."""
        tapped, handled, done = list[str](), list[str](), threading.Event()
        end = hub.tap(receive=lambda got: tapped.append(got.topic), expression="topic=ftrack.quiet")
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: done.set())
        for _ in range(2):
            hub.publish(event=event("ftrack.quiet"))
        _look_until(lambda: tapped.count("ftrack.quiet") == 2)  # a tap's expression brings what nobody else asked for
        hub.subscribe(expression="topic=ftrack.quiet", callback=lambda got: handled.append(got["id"]))
        hub.wait(0)
        assert handled == []
        loud = event("ftrack.quiet")
        done.clear()
        hub.publish(event=loud)
        hub.publish(event=event())
        _wait_until(hub, done)
        assert handled == [loud.id], "with a subscriber it is queued as ever"
        end()


class RemoteEventHubContract(EventHubContract):
    """Subclass it and override `make_unconnected`, `unreachable` and `cut`."""

    interface = IRemoteEventHub

    def make_unconnected(self) -> Any:
        """A hub that nobody asked to connect yet; all that are made in a test have the same server."""
        raise AssertionError("override make_unconnected() so that it gives an event hub")

    def unreachable(self) -> Any:
        """A hub whose server cannot be reached."""
        raise AssertionError("override unreachable() so that it gives an event hub without a server")

    def cut(self) -> None:
        """Break every connection of the server, once."""
        raise AssertionError("override cut() so that connections break")

    def make(self) -> Any:
        """A hub that is connected."""
        hub = self.make_unconnected()
        hub.connect()
        return hub

    @pytest.fixture
    def other(self) -> Iterator[Any]:
        """Another hub of the same server, connected."""
        other = self.make()
        yield other
        other.close()

    @pytest.fixture
    def fresh(self) -> Iterator[Any]:
        """A hub that nobody asked to connect."""
        fresh = self.make_unconnected()
        yield fresh
        fresh.close()

    def known(self, hub: Any) -> None:
        """Wait until the server knows all subscriptions of a hub: it acknowledges in order."""
        hub.publish_acknowledged(event=event("ftrack.test.known"), timeout_seconds=10)

    def test_c7_subscriptions_of_any_time_hold(self, fresh: Any, other: Any) -> None:
        """A plug-in that subscribes at its start would hear nothing, or one that does so later."""
        seen: list[str] = []
        fresh.subscribe(expression="topic=ftrack.test", callback=lambda _event: seen.append("before"))
        fresh.connect_in_background()
        fresh.subscribe(expression="topic=ftrack.test", callback=lambda _event: seen.append("while"))
        assert fresh.wait_until_connected(timeout_seconds=10)
        fresh.subscribe(expression="topic=ftrack.test", callback=lambda _event: seen.append("after"))
        gone = fresh.subscribe(expression="topic=ftrack.test", callback=lambda _event: seen.append("gone"))
        fresh.unsubscribe(subscriber_id=gone)
        self.known(fresh)
        other.publish(event=event())
        self.wait_until(fresh, lambda: len(seen) >= 3)
        assert seen == ["before", "while", "after"]

    def test_c7_an_event_of_another_comes_whole(self, hub: Any, other: Any) -> None:
        """A listener would act on half of what was said."""
        seen: list[Any] = []
        hub.subscribe(expression="topic=ftrack.test and data.kind=shot", callback=seen.append)
        self.known(hub)
        sent = event(data={"kind": "shot", "text": "élan {x}: 1+1", "list": [1, None, True, 2.5]})
        other.publish(event=event(data={"kind": "asset"}))
        other.publish(event=sent)
        self.wait_until(hub, lambda: bool(seen))
        assert [(each["id"], each["data"], each["source"]["id"]) for each in seen] == [(sent.id, sent.data, other.id)]
        assert seen[0]["sent"]

    def test_c7_a_target_means_one_of_many(self, hub: Any, other: Any) -> None:
        """An action launched in one host would run in all of them."""
        seen: list[str] = []
        for name, each in (("hub", hub), ("other", other)):
            each.subscribe(
                expression="topic=ftrack.test",
                callback=lambda _event, name=name: seen.append(name),
                subscriber={"host": name},
            )
            each.subscribe(expression="topic=ftrack.last", callback=lambda _event: seen.append("last"))
            self.known(each)
        other.publish(event=event(target="host=hub"))
        other.publish(event=event("ftrack.last"))
        for each in (hub, other):
            self.wait_until(each, lambda each=each: seen.count("last") == (1 if each is hub else 2))
        assert seen == ["hub", "last", "last"]

    def test_c8_publishing_before_the_connection_queues_in_order(self, fresh: Any, other: Any) -> None:
        """What a tool says at its start would be lost, or come in another order than it happened."""
        seen: list[int] = []
        other.subscribe(expression="topic=ftrack.test", callback=lambda got: seen.append(got["data"]["n"]))
        self.known(other)
        fresh.init_connection()
        for number in range(50):
            fresh.publish(event=event(data={"n": number}))
        assert not fresh.connected
        fresh.connect()
        for number in range(50, 100):
            fresh.publish(event=event(data={"n": number}))
        self.wait_until(other, lambda: len(seen) == 100)
        assert seen == list(range(100))

    def test_c8_a_hub_that_nobody_asked_to_connect_refuses(self, fresh: Any) -> None:
        """Events would queue for a connection that never comes, and a wait would hang."""
        with pytest.raises(EventHubConnectionError, match="not connected"):
            fresh.publish(event=event())
        assert fresh.publish(event=event(), on_error="ignore") == []
        with pytest.raises(EventHubConnectionError, match="not connected"):
            fresh.wait()
        with pytest.raises(EventHubConnectionError, match="not connected"):
            fresh.disconnect()
        assert not fresh.wait_until_connected(timeout_seconds=10)

    def test_c9_connected_tells_the_truth(self, fresh: Any) -> None:
        """A plug-in that asks before it publishes would be misled."""
        told = [fresh.connected]
        fresh.connect()
        told.append(fresh.connected)
        with pytest.raises(EventHubConnectionError, match="already"):
            fresh.connect()
        for change in (fresh.disconnect, fresh.connect, fresh.close):
            change()
            told.append(fresh.connected)
        assert told == [False, True, False, True, False]
        with pytest.raises(EventHubConnectionError, match="closed"):
            fresh.connect()

    def test_c9_a_server_that_is_not_there_is_an_error_of_ours(self) -> None:
        """A tool would end with another library's error, or never."""
        hub = self.unreachable()
        with pytest.raises(EventHubConnectionError):
            hub.connect()
        assert hub.connected is False
        hub.connect_in_background()
        assert not hub.wait_until_connected(timeout_seconds=0.2)
        hub.close()
        assert not hub.wait_until_connected(timeout_seconds=10)

    def test_c10_a_broken_connection_is_opened_anew_and_all_holds(self, hub: Any, other: Any) -> None:
        """A listener would be deaf from the first restart of the server on."""
        seen: list[int] = []
        told: list[str] = []
        hub.subscribe(expression="topic=ftrack.test", callback=lambda got: seen.append(got["data"]["n"]))
        hub.subscribe(expression="topic=ftrack.meta.*", callback=lambda got: told.append(got["topic"]))
        self.known(hub)
        other.publish(event=event(data={"n": 1}))
        self.wait_until(hub, lambda: seen == [1])
        self.cut()
        self.wait_until(hub, lambda: told[-2:] == ["ftrack.meta.disconnected", "ftrack.meta.connected"])
        self.known(hub)
        self.wait_until(other, lambda: other.connected)
        other.publish_acknowledged(event=event(data={"n": 2}))
        self.wait_until(hub, lambda: len(seen) > 1)
        assert seen == [1, 2]

    def test_c11_both_moments_are_told(self, fresh: Any) -> None:
        """A plug-in could not know from when to when it was deaf."""
        told: list[tuple[str, Any]] = []
        fresh.subscribe(
            expression="topic=ftrack.meta.*", callback=lambda got: told.append((got["topic"], got["data"]))
        )
        fresh.connect()
        fresh.wait(duration_seconds=0)
        fresh.disconnect()
        fresh.wait(duration_seconds=0)
        assert [topic for topic, _ in told] == ["ftrack.meta.connected", "ftrack.meta.disconnected"]
        assert told[0][1]["lost_at"] is None
        assert told[1][1]["reconnecting"] is False

    def test_c12_what_was_acknowledged_came(self, hub: Any, other: Any) -> None:
        """A publisher would believe in what nobody heard."""
        seen: list[int] = []
        other.subscribe(expression="topic=ftrack.test", callback=lambda got: seen.append(got["data"]["n"]))
        self.known(other)
        for number in range(20):
            hub.publish_acknowledged(event=event(data={"n": number}))
        self.wait_until(other, lambda: len(seen) >= 20)
        assert seen == list(range(20))

    def test_c12_what_the_server_refuses_is_an_error(self, hub: Any) -> None:
        """A mistake in a target would look like an event that nobody wants."""
        with pytest.raises(EventHubError, match="refused"):
            hub.publish_acknowledged(event=event(target="((("))

    def test_c12_a_request_that_the_server_refuses_ends_at_once(self, hub: Any) -> None:
        """A mistake in a target would cost half a minute each time, and be told as an action that is down."""
        ended: list[BaseException] = []

        def ask() -> None:
            try:
                hub.request(event=event(target="((("), timeout_seconds=60)
            except EventHubError as error:
                ended.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(10)
        assert not asking.is_alive()
        assert "refused" in str(ended[0])

    def test_c12_what_json_does_not_know_is_refused_at_once(self, hub: Any) -> None:
        """The connection would break, or the event come as something else."""
        for wrong in (object(), float("nan"), {1, 2}):
            with pytest.raises(InvalidTypeError, match="cannot be sent"):
                hub.publish(event=event(data={"wrong": wrong}))
        self.known(hub)

    def test_c13_leaving_sends_what_was_published(self, fresh: Any, other: Any) -> None:
        """A short program that publishes and ends would tell nobody."""
        seen: list[int] = []
        other.subscribe(expression="topic=ftrack.test", callback=lambda got: seen.append(got["data"]["n"]))
        self.known(other)
        fresh.connect_in_background()
        for number in range(200):
            fresh.publish(event=event(data={"n": number}))
        fresh.close()
        self.wait_until(other, lambda: len(seen) == 200)
        assert seen == list(range(200))

    def test_c13_disconnecting_ends_a_wait(self, hub: Any) -> None:
        """A host that leaves the server would wait for ever."""
        assert _end_of_wait(hub, hub.disconnect, self.patience_seconds) == ["disconnected"]

    def test_nothing_is_lost_when_many_threads_publish(self, hub: Any, other: Any) -> None:
        """Two tools of one host would write over each other."""
        seen: list[tuple[int, int]] = []
        hub.subscribe(expression="topic=ftrack.test", callback=lambda got: seen.append(tuple(got["data"]["n"])))
        self.known(hub)

        def publish(thread: int) -> None:
            for number in range(50):
                other.publish(event=event(data={"n": [thread, number]}))

        threads = [threading.Thread(target=publish, args=(number,)) for number in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.wait_until(hub, lambda: len(seen) >= 400)
        assert sorted(seen) == [(thread, number) for thread in range(8) for number in range(50)]
        for thread in range(8):
            assert [number for of, number in seen if of == thread] == list(range(50))
