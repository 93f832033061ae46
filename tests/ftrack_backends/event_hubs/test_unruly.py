"""The `socketio` hub behind a proxy that misbehaves: what is acknowledged is kept, and nothing comes twice."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from typing import Any

import pytest

from ftrack_backends.workspace.broker import SocketTiming
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.values import Event

TOLD = ["ftrack.meta.disconnected", "ftrack.meta.connected"]


def number(n: Any) -> Event:
    """An event with a number, too long for one packet of the network."""
    return Event("t", data={"n": n, "text": "x" * 5000})


def acknowledged(hub: Any, event: Event) -> bool:
    """Whether a hub knows that its event came."""
    try:
        hub.publish_acknowledged(event, timeout_seconds=20)
    except EventHubConnectionError:
        return False
    return True


@pytest.mark.parametrize("direction", ["down", "up"])
def test_a_frame_that_ends_in_its_middle_costs_one_connection(
    stage: Any, unruly: Any, until: Any, direction: str
) -> None:
    """Half an event would be handled, or the listener be deaf."""
    hub, seen = stage.listener(url=unruly.url)
    told: list[str] = []
    hub.tap(lambda event: told.append(event.topic) if event.topic in TOLD else None)
    unruly.tear(direction)
    hub.publish(number(1))
    until(hub, lambda: told == TOLD)
    hub.publish_acknowledged(number(2))
    until(hub, lambda: 2 in seen)
    assert seen == [2]  # what had gone out before the cut is not sent again, and half of it is not handled
    assert unruly.opened == 2


def test_a_line_that_dies_without_a_word_is_given_up(stage: Any, unruly: Any, until: Any) -> None:
    """A firewall that forgets a connection would leave a listener that looks alive and hears nothing."""
    stage.workspace.sockets.timing = SocketTiming(beat_seconds=0.2, heartbeat_seconds=1, close_seconds=60)
    hub, seen = stage.listener(url=unruly.url)
    reasons: list[Any] = []
    hub.subscribe("topic=ftrack.meta.disconnected", lambda event: reasons.append(event["data"]["reason"]))
    unruly.silence()
    until(hub, lambda: reasons)
    assert reasons == ["the server went silent"]
    unruly.speak()
    until(hub, lambda: hub.connected)
    hub.publish_acknowledged(number(1))
    until(hub, lambda: seen == [1])


def test_acknowledgements_that_come_in_another_order_and_twice_mean_their_own_event(stage: Any, unruly: Any) -> None:
    """A publisher would be told that an event came which did not."""
    hub = stage.hub(unruly.url)
    unruly.shuffle_acknowledgements(6)
    results: list[tuple[int, bool]] = []

    def publish(n: int) -> None:
        event = number(n) if n != 3 else Event("t", target="(((")
        try:
            hub.publish_acknowledged(event, timeout_seconds=20)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the test asks about
            results.append((n, "refused" not in str(error)))
        else:
            results.append((n, True))

    threads = [threading.Thread(target=publish, args=(n,)) for n in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(results) == [(n, n != 3) for n in range(6)]
    assert hub.connected


@pytest.mark.parametrize("direction", ["down", "up"])
def test_reconnects_while_eight_threads_publish_lose_nothing_acknowledged_and_double_nothing(
    stage: Any, unruly: Any, until: Any, direction: str
) -> None:
    """A publish during a restart of the load balancer would be lost without a word, or start a job twice."""
    listening, seen = stage.listener()
    publishing = stage.hub(unruly.url)
    sure: list[Any] = []
    unsure: list[Any] = []

    def publish(thread: int) -> None:
        for n in range(40):
            (sure if acknowledged(publishing, number([thread, n])) else unsure).append((thread, n))

    threads = [threading.Thread(target=publish, args=(thread,)) for thread in range(8)]
    for each in threads:
        each.start()
    for _ in range(5):
        before, opened = len(sure), unruly.opened
        until(listening, lambda before=before: len(sure) > before + 15 or not any(one.is_alive() for one in threads))
        unruly.tear(direction)
        until(listening, lambda opened=opened: unruly.opened > opened or not any(one.is_alive() for one in threads))
    until(listening, lambda: not any(each.is_alive() for each in threads))
    until(listening, lambda: set(sure) <= set(map(tuple, seen)))
    counted = Counter(map(tuple, seen))
    assert max(counted.values()) == 1
    assert len(sure) + len(unsure) == 320
    assert set(counted) - set(sure) <= set(unsure)
    assert unruly.opened > 2
    for thread in range(8):
        assert [n for of, n in seen if of == thread] == sorted(n for of, n in seen if of == thread)


def test_what_was_published_and_not_sent_survives_many_cuts(
    stage: Any, unruly: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A burst during a bad hour of the network would lose more than what was on the wire."""
    caplog.set_level(logging.WARNING)
    listening, seen = stage.listener()
    publishing = stage.hub(unruly.url)
    for n in range(2000):
        publishing.publish(Event("t", data={"n": n}))
        if n % 400 == 200:
            unruly.cut()
    until(listening, lambda: 1999 in seen)
    told = (one.getMessage() for one in caplog.records if "not acknowledged when it ended" in one.msg)
    lost = sum(int(text.split()[0]) for text in told)
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert 2000 - len(seen) <= lost
