"""A listener that runs for months, in small: what is counted after many events, failures and reconnects stays flat."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_backends.workspace.broker._event_log import EventLog
from ftrack_core import Session
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.values import Event

_ROUNDS, _EVENTS, _SETTLED = 16, 60, 4
_NOT_OURS = {
    "<class 'asyncio.events.TimerHandle'>",
    "<class '_contextvars.Context'>",
    "<class 'weakref.ReferenceType'>",
}
"""What the server of the same process has in its loop until a time-out is over, and what others remember us with."""


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    """Pytest keeps each record of the log, and what hangs on it."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _all_objects() -> Iterator[None]:
    """Counted is what there is, also what was there before the tests."""
    gc.unfreeze()
    yield
    gc.freeze()


@pytest.mark.slow
def test_nothing_grows_with_events_failures_and_reconnects(studio: Any, until: Any) -> None:
    """Something kept for each event, attempt or connection would fill the memory of a service within weeks."""
    listener = studio.listener(workers=2, attempts=2)

    @listener.on("topic=studio.shot", name="sync", order=lambda event: event["data"]["n"])
    def sync(event: Any, session: Session) -> None:
        session.query("select name from Task").first()
        if event["data"]["n"] % 20 == 0:
            message = "no"
            raise ValueError(message)

    @listener.on_gap(name="gap")
    def gap(gap: Any, session: Session) -> None:
        pass

    studio.started(listener)
    counted = [_round(studio, listener, until, number) for number in range(_ROUNDS)]
    objects, threads = zip(*counted, strict=True)
    assert listener.health().stored > _ROUNDS * _EVENTS
    assert max(threads[_SETTLED:]) <= threads[_SETTLED] + 1, threads
    kept = min(objects[-_SETTLED:]) - min(objects[_SETTLED : 2 * _SETTLED])
    assert kept < (_ROUNDS - 2 * _SETTLED) * _EVENTS, objects  # not one object for each event


def _round(studio: Any, listener: Any, until: Any, number: int) -> tuple[int, int]:
    """Events, some of which fail until they are set aside, and a connection that breaks; counts what is there."""
    ended = _ended(listener)
    studio.publish(*range(number * _EVENTS, (number + 1) * _EVENTS))
    until(lambda: _ended(listener) >= ended + _EVENTS)
    gaps = listener.health().last_gap
    studio.fixture.fail("socket.cut", times=None).undo()
    until(lambda: listener.health().last_gap != gaps and listener.health().connected)
    studio.started_again(listener)
    until(lambda: _is_back(studio.other.event_hub))
    studio.other.event_hub.wait(0)
    studio.fixture.requests.clear()
    gc.collect()
    for log in [each for each in gc.get_objects() if isinstance(each, EventLog)]:
        log._recent.clear()  # what the workspace keeps for tests
    gc.collect()
    return sum(str(type(each)) not in _NOT_OURS for each in gc.get_objects()), threading.active_count()


def _is_back(hub: Any) -> bool:
    """Whether a hub's connection is the new one; that the old one is over it may not have noticed."""
    try:
        hub.publish_acknowledged(Event("known"))
    except EventHubConnectionError:
        return False
    return True


def _ended(listener: Any) -> int:
    counts = listener.inbox.counts().get("sync", {})
    return int(counts.get("done", 0) + counts.get("set aside", 0))
