"""The contract of event hubs."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_core.errors import EventHubConnectionError, NotFoundError, NotUniqueError, ParseError
from ftrack_core.interfaces import IEventHub
from ftrack_core.testing.suites._suite import ContractSuite
from ftrack_core.values import Event

__all__ = ["EventHubContract"]

OFFICIAL_KEYS = {"topic", "id", "data", "source", "target", "in_reply_to_event", "sent"}


def event(topic: str = "ftrack.test", **parts: Any) -> Event:
    """An event with an id of its own."""
    return Event(topic, uuid.uuid4().hex, **parts)


class EventHubContract(ContractSuite):
    """Subclass it and override `make`."""

    interface = IEventHub

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
        self._wait_until(hub, lambda: len(seen) == 3)
        assert seen == [(each.id, threading.get_ident()) for each in sent]

    def test_a_reply_reaches_the_publisher(self, hub: Any) -> None:
        """Asking over events would never be answered."""
        replies: list[Any] = []
        hub.subscribe(expression="topic=ftrack.meta.reply", callback=replies.append, subscriber={"id": hub.id})
        hub.subscribe(expression="topic=ftrack.meta.reply", callback=lambda _event: 1 / 0, subscriber={"id": "other"})
        hub.subscribe(expression="topic=ftrack.test", callback=lambda _event: {"answer": 42})
        asked = event()
        hub.publish(event=asked)
        self._wait_until(hub, lambda: bool(replies))
        assert replies[0]["data"] == {"answer": 42}
        assert replies[0]["in_reply_to_event"] == asked.id

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

    def _wait_until(self, hub: Any, arrived: Any) -> None:
        """Wait in this thread, at most some seconds, until something arrived."""
        for _ in range(100):
            hub.wait(duration_seconds=0.05)
            if arrived():
                return
        raise AssertionError("nothing arrived within five seconds")
