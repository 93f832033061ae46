"""Who is let through to a Redis that does not answer."""

from __future__ import annotations

import pytest
from ftrack_redis._outage import Breaker

from ftrack_core.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """Time that the test moves."""
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    """A breaker that waits for 5 seconds, and for 20 at most."""
    return Breaker(5.0, 20.0, clock.monotonic)


def _ticket(breaker: Breaker) -> int:
    ticket = breaker.lets_through()
    assert ticket is not None
    return ticket


def test_without_failures_everybody_is_let_through(breaker: Breaker) -> None:
    """A cache would serve one thread only."""
    assert None not in [breaker.lets_through() for _ in range(3)]


def test_in_an_outage_one_tries_while_the_others_go_by(breaker: Breaker, clock: FakeClock) -> None:
    """All threads would run into the next time-out together."""
    breaker.failed(_ticket(breaker), "gone")
    clock.advance(4.9)
    assert breaker.lets_through() is None
    clock.advance(0.2)
    trying = _ticket(breaker)
    assert [breaker.lets_through() for _ in range(3)] == [None] * 3
    breaker.answered(trying)
    assert None not in [breaker.lets_through() for _ in range(3)]


def test_the_pauses_grow_to_the_longest(breaker: Breaker, clock: FakeClock) -> None:
    """A job of hours would stumble every few seconds."""
    for pause in (5.0, 10.0, 20.0, 20.0):
        breaker.failed(_ticket(breaker), "gone")
        clock.advance(pause - 0.1)
        assert breaker.lets_through() is None
        clock.advance(0.2)
    breaker.answered(_ticket(breaker))
    breaker.failed(_ticket(breaker), "gone again")
    clock.advance(5.1)
    assert breaker.lets_through() is not None


def test_news_of_before_the_failure_change_nothing(breaker: Breaker, clock: FakeClock) -> None:
    """Ten threads that fail at once would count as ten failures; one that was answered before, as the end of it."""
    tickets = [_ticket(breaker) for _ in range(10)]
    for ticket in tickets[1:]:
        breaker.failed(ticket, "gone")
    breaker.answered(tickets[0])
    clock.advance(4.9)
    assert breaker.lets_through() is None
    clock.advance(0.2)
    assert breaker.lets_through() is not None
