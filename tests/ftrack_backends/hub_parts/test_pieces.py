"""The pieces of a hub that are values and decisions only."""

from __future__ import annotations

import logging

import pytest

from ftrack_backends.hub_parts import _outgoing
from ftrack_backends.hub_parts._delays import Delays
from ftrack_backends.hub_parts._outgoing import Letter, Outgoing
from ftrack_backends.hub_parts._waiting import Waiting
from ftrack_core.values import Event


def test_delays_double_up_to_the_longest() -> None:
    """A server that is down for an hour would be asked a thousand times by each of a thousand clients."""
    delays = Delays(1.0, 10.0, lambda: 1.0)
    assert [delays.next() for _ in range(6)] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_delays_differ_from_client_to_client() -> None:
    """All clients of a server that comes back would come back in the same moment, and bring it down."""
    chances = iter([0.0, 0.5, 1.0])
    delays = Delays(8.0, 8.0, lambda: next(chances))
    assert [delays.next() for _ in range(3)] == [4.0, 6.0, 8.0]


def test_only_a_connection_that_outlived_the_delay_begins_anew() -> None:
    """A server that accepts and hangs up would be asked many times a second."""
    delays = Delays(1.0, 60.0, lambda: 1.0)
    for _ in range(3):
        delays.next()
    delays.lasted(7.9)
    assert delays.next() == 8.0
    delays.lasted(16.0)
    assert delays.next() == 1.0


def letters(outgoing: Outgoing) -> list[str]:
    """The topics of what goes out, in order; this empties it."""
    found = []
    while outgoing:
        found.append(outgoing.take()[1].topic)
    return found


def test_a_greeting_goes_first_and_in_its_own_order() -> None:
    """What waited would come before the subscription that wants its answer."""
    outgoing = Outgoing()
    for name in ("waits", "too"):
        outgoing.append(Letter(name, ""))
    outgoing.begin([Letter("first", "", own=True), Letter("second", "", own=True)])
    assert outgoing.waiting == 2
    assert letters(outgoing) == ["first", "second", "waits", "too"]
    assert outgoing.waiting == 0


def test_what_was_not_taken_whole_goes_first_the_next_time() -> None:
    """Events would come in another order than they happened, or one would be missing."""
    outgoing = Outgoing()
    for name in ("a", "b"):
        outgoing.append(Letter(name, ""))
    number, letter = outgoing.take()
    outgoing.put_back(number)
    assert (letter.state, outgoing.waiting) == ("waiting", 2)
    assert outgoing.lost() == 0
    assert letters(outgoing) == ["a", "b"]


def test_what_was_sent_and_not_acknowledged_is_lost_and_not_sent_again() -> None:
    """A job would start twice; or its publisher believe that it did."""
    outgoing = Outgoing()
    for name, own in (("a", False), ("subscribe", True), ("b", False), ("unsubscribe", True)):
        outgoing.append(Letter(name, "", own=own))
    (first, sure), (_, telling), (_, unsure) = (outgoing.take() for _ in range(3))
    assert outgoing.acknowledged(first, "") is sure
    assert outgoing.acknowledged(first, "") is None
    assert outgoing.lost() == 1
    assert [sure.state, telling.state, unsure.state] == ["acknowledged", "lost", "lost"]
    assert outgoing.empty  # what told of a subscription on the old connection is not said on the next one


def test_numbers_of_one_connection_mean_nothing_in_the_next() -> None:
    """A late acknowledgement would count for another event."""
    outgoing = Outgoing()
    for name in ("a", "b"):
        outgoing.append(Letter(name, ""))
    first, _ = outgoing.take()
    outgoing.lost()
    second, later = outgoing.take()
    assert second != first
    assert outgoing.acknowledged(first, "") is None
    assert later.state == "sent"


def test_a_server_that_acknowledges_nothing_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher would grow for as long as it runs."""
    monkeypatch.setattr(_outgoing, "_MOST_UNACKNOWLEDGED", 3)
    outgoing = Outgoing()
    sent = [Letter(str(n), "") for n in range(5)]
    for letter in sent:
        outgoing.append(letter)
        outgoing.take()
    assert [letter.state for letter in sent] == ["lost", "lost", "sent", "sent", "sent"]
    assert outgoing.lost() == 3


def test_what_is_given_up_is_counted_and_says_so() -> None:
    """Who waits for an acknowledgement would wait for ever."""
    outgoing = Outgoing()
    outgoing.append(Letter("subscribe", "", own=True))
    outgoing.append(letter := Letter("a", ""))
    assert outgoing.abandon() == 1
    assert (letter.state, letter.settled, outgoing.waiting, bool(outgoing)) == ("unsent", True, 0, False)


EVENTS = [Event("t", str(n)) for n in range(4)]


def full(most: int = 10) -> Waiting:
    """What three events wait in."""
    waiting = Waiting(most)
    for event in EVENTS[:3]:
        waiting.append(event)
    return waiting


def test_a_wait_whose_time_is_over_still_handles_what_was_there() -> None:
    """A host that looks in from its own loop would see one event a frame, or never come back."""
    waiting = full()
    wait = waiting.begun(0.0)
    waiting.append(EVENTS[3])
    assert [waiting.next(wait, 1.0) for _ in range(4)] == [*EVENTS[:3], "time over"]
    assert waiting.next(waiting.begun(None), 1.0) == EVENTS[3]


def test_a_stop_comes_before_what_waits_and_a_departure_after_it() -> None:
    """A service that is told to end would go on for an hour; one that left would lose what had come."""
    waiting = full()
    wait = waiting.begun(None)
    waiting.leave()
    waiting.depart()
    assert [waiting.next(wait, 0.0) for _ in range(4)] == [*EVENTS[:3], "disconnected"]
    waiting.append(EVENTS[3])
    waiting.stop()
    assert waiting.next(wait, 0.0) == "stopped"
    assert waiting.next(waiting.begun(None), 0.0) == EVENTS[3]
    assert waiting.next(waiting.begun(None), 0.0) is None


def test_a_full_queue_loses_its_oldest_and_counts(caplog: pytest.LogCaptureFixture) -> None:
    """A program that never waits would fill its memory, or keep what nobody wants any more."""
    with caplog.at_level(logging.WARNING):
        waiting = full(1)
    assert (waiting.dropped, len(caplog.records)) == (2, 1)
    assert waiting.next(waiting.begun(None), 0.0) == EVENTS[2]
