"""Who gets an event, in which order, and what a callback sees of it."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_core.errors import NotFoundError, NotUniqueError, ParseError
from ftrack_core.events import DispatchedEvent, Expression, Subscription, Subscriptions, dispatch
from ftrack_core.values import Event


def subscription(
    identifier: str, text: str = "topic=t", priority: int = 100, callback: Any = None, **metadata: Any
) -> Subscription:
    """A subscription that gives its id."""
    called = callback or (lambda _event: identifier)
    return Subscription(identifier, Expression.parse(text), called, {"id": identifier, **metadata}, priority)


def candidates(*subscriptions: Subscription, topic: str = "t") -> list[str]:
    """Ids of the candidates for a topic."""
    every = Subscriptions()
    for each in subscriptions:
        every.add(each)
    return [each.id for each in every.candidates(topic)]


def test_candidates_are_in_order_of_priority_then_of_subscription_across_the_index() -> None:
    """A hook for all topics would always come last, whatever its priority."""
    found = candidates(
        subscription("c"),
        subscription("everything", "topic=*", priority=50),
        subscription("d"),
        subscription("a", priority=1),
        subscription("also", "source.id=x"),
    )
    assert found == ["a", "everything", "c", "d", "also"]


def test_subscriptions_of_other_topics_are_no_candidates() -> None:
    """Each event would be tried against every subscription."""
    others = [subscription(str(n), f"topic=t{n}") for n in range(100)]
    assert candidates(*others, topic="t7") == ["7"]


def test_an_id_is_there_once_and_can_be_used_again_after_removal() -> None:
    """Unsubscribing would end another one's subscription."""
    every = Subscriptions()
    every.add(subscription("a"))
    with pytest.raises(NotUniqueError, match="topic=t"):
        every.add(subscription("a", "topic=u"))
    assert every.remove("a").id == "a"
    with pytest.raises(NotFoundError):
        every.remove("a")
    every.add(subscription("a", "topic=u"))
    assert [each.id for each in every.all()] == ["a"]
    assert every.candidates("t") == []
    every.clear()
    assert every.all() == every.candidates("u") == []


def run(event: DispatchedEvent, *subscriptions: Subscription) -> tuple[list[Any], list[str]]:
    """Results, and ids of those that failed."""
    failed: list[str] = []
    results = dispatch(event, subscriptions, lambda each, _error: failed.append(each.id))
    return results, failed


def test_a_failure_is_told_and_has_no_result() -> None:
    """One broken hook would silence the others, or hide itself."""
    results, failed = run(
        DispatchedEvent(Event("t", "1")), subscription("a", callback=lambda _e: 1 / 0), subscription("b")
    )
    assert (results, failed) == (["b"], ["a"])


def test_a_later_subscriber_sees_what_an_earlier_one_changed() -> None:
    """A hook that prepares things for the next could not."""
    event = DispatchedEvent(Event("t", "1", {"n": 1}))
    run(event, subscription("a", callback=lambda got: got["data"].update(n=2)))
    assert run(event, subscription("b", callback=lambda got: got["data"]["n"])) == ([2], [])


def test_who_is_called_is_settled_before_the_first_call() -> None:
    """A hook that rewrites the topic would take the event away from the others."""
    event = DispatchedEvent(Event("t", "1"))
    results, _ = run(event, subscription("a", callback=lambda got: got.update(topic="u")), subscription("b"))
    assert results == [None, "b"]


def test_a_subscriber_that_stops_and_raises_has_stopped() -> None:
    """An event that was stopped would go on."""

    def stop_and_raise(got: DispatchedEvent) -> None:
        got.stop()
        raise ValueError

    event = DispatchedEvent(Event("t", "1"))
    assert run(event, subscription("a", callback=stop_and_raise), subscription("b")) == ([], ["a"])


@pytest.mark.parametrize("target", ["(((", 5, ["id=a"]])
def test_a_target_that_cannot_be_read_is_meant_for_nobody(target: Any) -> None:
    """Everybody would get what was meant for one."""
    with pytest.raises(ParseError):
        run(DispatchedEvent(Event("t", "1", target=target)), subscription("a"))


def test_a_target_is_matched_with_metadata_and_not_with_the_event() -> None:
    """A target that names a topic would reach whoever asked for that topic."""
    event = DispatchedEvent(Event("t", "1", target="topic=t"))
    assert run(event, subscription("a"))[0] == []
    assert run(event, subscription("a", topic="t"))[0] == ["a"]


def test_the_event_is_a_mapping_of_the_official_keys() -> None:
    """Existing listeners would meet a KeyError."""
    event = DispatchedEvent(Event("t", "1", {"a": 1}, {"id": "hub"}, "x=y", "0", "now"))
    assert dict(event) == {
        "topic": "t", "id": "1", "data": {"a": 1}, "source": {"id": "hub"}, "target": "x=y",
        "in_reply_to_event": "0", "sent": "now",
    }  # fmt: skip
    assert event.as_event() == Event("t", "1", {"a": 1}, {"id": "hub"}, "x=y", "0", "now")
    event["data"] = {"b": 2}
    assert event.as_event().data == {"b": 2}
    assert "'b': 2" in repr(event)


def test_the_keys_are_fixed() -> None:
    """A key that the server does not know would make it drop the event."""
    event = DispatchedEvent(Event("t", "1"))
    with pytest.raises(KeyError, match="in_reply_to_event"):
        event["inReplyToEvent"] = "x"
    with pytest.raises(TypeError, match="topic"):
        del event["topic"]
    assert len(event) == 7


def test_it_says_whether_it_was_stopped() -> None:
    """A publisher could not tell."""
    event = DispatchedEvent(Event("t", "1"))
    assert not event.is_stopped()
    event.stop()
    assert event.is_stopped()
