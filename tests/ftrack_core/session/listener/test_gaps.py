"""Gaps: the times from which nobody has the events, told so that they can be caught up with."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.errors import EventInboxError
from ftrack_core.session.listener import Gap, MemoryInbox
from ftrack_core.session.listener._coverage import Coverage
from ftrack_core.values import Event

MARGIN, SLOW = timedelta(seconds=90), timedelta(seconds=20)
MARK_SECONDS = 0.4
"""How often those who cover for each other say so: they have to in time, on a busy machine too."""


def _hears_gaps(listener: Any) -> list[Gap]:
    gaps: list[Gap] = []

    @listener.on_gap(name="catch-up")
    def catch_up(gap: Gap, session: Session) -> None:
        assert session.query("Project").count() > 0
        gaps.append(gap)

    return gaps


def _covered(listener: Any, until: Any) -> None:
    """Wait until the listener has noted that it is connected."""
    began = time.time()
    until(lambda: (listener.inbox.marked("connected") or 0.0) > began)


@pytest.mark.parametrize("inbox", ["a file", None])
def test_a_broken_connection_is_a_gap(studio: Any, until: Any, inbox: str | None) -> None:
    """What happened while the server was restarted would be missing for good, and nobody would know."""
    listener = studio.listener(**({} if inbox else {"inbox": None}))
    gaps = _hears_gaps(listener)
    studio.started(listener)
    _covered(listener, until)
    cut_at = datetime.now(timezone.utc)
    studio.fixture.fail("socket.cut", times=None).undo()
    until(lambda: gaps)
    (gap,) = gaps
    assert cut_at - MARGIN - SLOW < gap.started_at <= cut_at
    assert cut_at < gap.ended_at <= datetime.now(timezone.utc)
    assert gap.seconds == (gap.ended_at - gap.started_at).total_seconds()
    until(lambda: listener.health().last_gap == gap.ended_at)
    _covered(listener, until)
    assert len(gaps) == 1


def test_the_time_between_two_processes_is_a_gap(studio: Any, until: Any) -> None:
    """A service that was down for a night would go on as if nothing had happened."""
    first = studio.listener()
    gaps = _hears_gaps(first)
    studio.started(first)
    _covered(first, until)
    first.close()
    ended_at = datetime.now(timezone.utc)
    second = studio.listener()
    gaps = _hears_gaps(second)
    studio.started(second)
    until(lambda: gaps)
    assert ended_at - MARGIN - SLOW < gaps[0].started_at <= ended_at < gaps[0].ended_at


def test_the_first_start_of_all_finds_no_gap(studio: Any, until: Any) -> None:
    """A new service would be told to catch up with everything since 1970."""
    listener = studio.listener()
    gaps = _hears_gaps(listener)
    studio.started(listener)
    _covered(listener, until)
    _covered(listener, until)
    assert gaps == []


def test_no_gap_is_told_while_another_process_was_connected(studio: Any, until: Any) -> None:
    """Each restart of one of four processes would make the studio read a night's changes again."""
    stays, leaves = (studio.listener(mark_seconds=MARK_SECONDS) for _ in range(2))
    gaps = [_hears_gaps(listener) for listener in (stays, leaves)]
    for listener in (stays, leaves):
        studio.started(listener)
    _covered(stays, until)
    leaves.close()
    _covered(stays, until)
    returns = studio.listener(mark_seconds=MARK_SECONDS)
    gaps.append(_hears_gaps(returns))
    studio.started(returns)
    until(lambda: returns._coverage.since is not None)
    time.sleep(2 * returns._settings.grace_seconds)
    assert gaps == [[], [], []]


def test_processes_that_lose_the_connection_together_tell_one_gap(studio: Any, until: Any) -> None:
    """Every process would catch up with the same gap."""
    listeners = [studio.listener(mark_seconds=MARK_SECONDS) for _ in range(2)]
    gaps = [_hears_gaps(listener) for listener in listeners]
    for listener in listeners:
        studio.started(listener)
        _covered(listener, until)
    for _ in range(2):
        studio.fixture.fail("socket.cut", times=None).undo()
    until(lambda: sum(map(len, gaps)) == 1)
    time.sleep(2 * listeners[0]._settings.grace_seconds)
    assert sum(map(len, gaps)) == 1


def test_a_handler_of_gaps_that_fails_is_called_again(studio: Any, until: Any) -> None:
    """The one moment at which a server is likely to be slow is right after its restart."""
    listener, calls = studio.listener(), list[Gap]()

    @listener.on_gap
    def catch_up(gap: Gap, session: Session) -> None:
        calls.append(gap)
        if len(calls) < 3:
            message = "the server is still starting"
            raise ConnectionError(message)

    studio.started(listener)
    _covered(listener, until)
    studio.fixture.fail("socket.cut", times=None).undo()
    until(lambda: listener.health().handled == 1)
    assert len(calls) == 3
    assert len(set(calls)) == 1


def test_a_gap_that_nobody_wants_to_know_of_is_in_the_log(
    studio: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Who has no handler for gaps should at least find them when something is missing."""
    listener = studio.listener()
    studio.started(listener)
    _covered(listener, until)
    with caplog.at_level(logging.WARNING):
        studio.fixture.fail("socket.cut", times=None).undo()
        until(lambda: listener.health().last_gap)
    assert "no handler wants to know" in caplog.text


class FullInbox(MemoryInbox):
    """An inbox whose disk is full now and then."""

    full = False

    def store(self, event: Event, handlers: Any) -> int:
        """Refuse, or store."""
        if self.full:
            message = "the disk is full"
            raise EventInboxError(message)
        return super().store(event, handlers)


def test_what_cannot_be_stored_is_counted_told_and_becomes_a_gap(
    studio: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk would lose events behind the studio's back; or kill the thread that receives them."""
    inbox = FullInbox()
    listener, seen = studio.listener(inbox=inbox), list[int]()
    gaps = _hears_gaps(listener)
    listener.on("topic=studio.shot", name="shots")(lambda event, _session: seen.append(event["data"]["n"]))
    studio.started(listener)
    _covered(listener, until)
    inbox.full = True
    full_at = datetime.now(timezone.utc)
    studio.publish(1, 2)
    until(lambda: listener.health().lost == 2)
    health = listener.health()
    assert not health.ok
    assert "events cannot be stored, and are lost until they can: the disk is full" in health.problems
    assert "is lost: the disk is full" in caplog.text
    inbox.full = False
    until(lambda: gaps)
    assert gaps[0].started_at <= full_at < gaps[0].ended_at
    studio.publish(3)
    until(lambda: seen == [3])
    assert listener.health().ok
    assert listener.health().connected


# The rule itself, without a wire.


def _coverage(inbox: MemoryInbox, told: list[tuple[str, float, float]]) -> Coverage:
    return Coverage(inbox, 5.0, lambda *gap: told.append(gap))


def test_a_process_that_was_there_covers_for_one_that_came_later() -> None:
    """Two processes restarted one after the other leave no gap."""
    inbox, told = MemoryInbox(), list[tuple[str, float, float]]()
    first, second = _coverage(inbox, told), _coverage(inbox, told)
    first.joined(100.0)
    first.advance(100.0)
    second.joined(103.0)
    second.advance(104.0)  # it was not there at 100, so it waits for one that was
    assert inbox.marked("connected") == 100.0
    first.advance(106.0)
    second.advance(107.0)  # it was there at 106
    first.left(108.0)
    second.advance(190.0)
    assert (inbox.marked("connected"), told) == (190.0, [])


def test_nobody_covers_what_nobody_was_there_for_however_short_it_was() -> None:
    """A server that is back within a second has lost what happened in that second."""
    inbox, told = MemoryInbox(), list[tuple[str, float, float]]()
    first, second = _coverage(inbox, told), _coverage(inbox, told)
    for each in (first, second):
        each.joined(100.0)
        each.advance(102.0)
        each.left(102.5)
        each.joined(102.6, 102.5)
    for now in (103.0, 105.0, 107.0, 108.0):
        first.advance(now)
    second.advance(108.5)
    assert told == [("102.0", 12.0, 108.0)]


def test_a_gap_that_cannot_be_kept_is_found_again() -> None:
    """It would be lost with the full disk that caused it."""
    inbox, told = MemoryInbox(), list[tuple[str, float, float]]()
    inbox.mark("connected", 50.0)

    def refuse(*gap: Any) -> None:
        told.append(gap)
        if len(told) == 1:
            message = "the disk is full"
            raise EventInboxError(message)

    coverage = Coverage(inbox, 0.0, refuse)
    coverage.joined(100.0)
    with pytest.raises(EventInboxError):
        coverage.advance(101.0)
    coverage.advance(102.0)
    coverage.advance(103.0)
    assert [gap[2] for gap in told] == [101.0, 102.0]
    assert inbox.marked("connected") == 103.0


def test_a_process_that_stood_still_tells_a_gap() -> None:
    """A laptop that was closed over lunch would know nothing of it: its connection seems to stand a minute more."""
    inbox, told = MemoryInbox(), list[tuple[str, float, float]]()
    coverage = _coverage(inbox, told)
    coverage.joined(1000.0)
    for now in (1000.0, 1001.0, 1091.0):  # a minute and a half is what every gap has to spare
        coverage.advance(now)
    for now in (4691.0, 4692.0, 4696.0, 4697.0):
        coverage.advance(now)
    assert told == [("1091.0", 1001.0, 4696.0)]
    assert inbox.marked("connected") == 4697.0
    coverage.left(4740.0)
    coverage.joined(9000.0, 4740.0)
    coverage.advance(9001.0)
    assert coverage.since == 9000.0
    coverage.advance(9006.0)
    assert told[1:] == [("4697.0", 4607.0, 9006.0)]


def test_one_of_two_processes_that_stood_still_tells_no_gap() -> None:
    """Whoever holds one process with a debugger would have the other one catch up with what it has handled."""
    inbox, told = MemoryInbox(), list[tuple[str, float, float]]()
    still, goes_on = _coverage(inbox, told), _coverage(inbox, told)
    for each in (still, goes_on):
        each.joined(1000.0)
        each.advance(1001.0)
    for now in range(1002, 2000):
        goes_on.advance(float(now))
    for now in range(2000, 2020):
        still.advance(float(now))
        goes_on.advance(float(now))
    assert told == []


def test_a_clock_that_is_set_back_hides_no_gap() -> None:
    """For as long as the clock was set back nobody would be told of what was missed."""
    inbox, told = MemoryInbox(), list[tuple[str, float, float]]()
    first = _coverage(inbox, told)
    first.joined(10_000.0)
    first.advance(10_010.0)
    first.advance(6_400.0)  # the clock was set back by an hour, and nothing was missed
    first.advance(6_410.0)
    assert told == []
    first.left(6_411.0)
    first.joined(6_500.0, 6_411.0)
    first.advance(6_501.0)
    first.advance(6_510.0)
    assert [gap[1:] for gap in told] == [(6_320.0, 6_510.0)]
    first.advance(6_600.0)
    after = _coverage(inbox, told)
    after.joined(7_000.0)
    for now in (7_001.0, *range(7_010, 10_021)):
        after.advance(now)
    assert [gap[1:] for gap in told[1:]] == [(6_510.0, 7_010.0)]


def test_a_clock_that_was_set_back_between_two_processes_hides_no_gap() -> None:
    """The new process would believe that events came until tomorrow."""
    inbox, told = MemoryInbox(), list[tuple[str, float, float]]()
    inbox.mark("connected", 10_000.0)
    late, also = _coverage(inbox, told), _coverage(inbox, told)
    for each in (late, also):
        each.joined(9_000.0)
    for now in (9_001.0, 9_006.0, 9_010.0):
        late.advance(now)
        also.advance(now)
    assert len({key for key, _, _ in told}) == 1
    assert told[0][1] <= 8_000.0
    assert late.since == 9_000.0
