"""While the server cannot be reached nothing is held against an event: no attempt is used up, nothing is set aside."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.testing.proxies import CuttingProxy
from ftrack_core.values import Event


@pytest.fixture
def proxy(studio: Any) -> Iterator[CuttingProxy]:
    """The way to the server, which a test can close."""
    with CuttingProxy(studio.fixture.url) as proxy:
        yield proxy


@pytest.fixture
def listener(studio: Any, proxy: CuttingProxy) -> Iterator[Any]:
    """A listener behind that way, with two attempts for an event."""
    who = studio.fixture.credentials()
    config = {"schema_cache_path": False, "retry_seconds": 0, "settle_seconds": 0}
    with Session(proxy.url, who.api_key, who.username, config=config, plugin_paths=[]) as session:
        yield studio.listener(session, workers=1, attempts=2, timeout_seconds=1.0, lease_seconds=1.0)


def _stored(listener: Any, *numbers: int) -> None:
    for number in numbers:
        listener.inbox.store(Event("studio.shot", f"{number:032x}", data={"n": number}), {"sync": ""})


def test_an_outage_uses_up_no_attempt(
    listener: Any, proxy: CuttingProxy, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """After a night without the server everything that came before would be set aside."""
    seen, calls = list[tuple[int, int]](), list[int]()

    @listener.on("topic=studio.shot", name="sync")
    def sync(event: Any, session: Session) -> None:
        calls.append(event["data"]["n"])
        assert session.query("Project").count() > 0
        seen.append((event["data"]["n"], len(calls)))

    _stored(listener, 1, 2)
    proxy.disconnect()
    batches = len(proxy.batches)
    with caplog.at_level(logging.WARNING, "ftrack_core.session.listener"), listener:
        until(lambda: any("cannot be reached" in each for each in listener.health().problems))
        worker = listener._crew.runs()[0]
        until(lambda: worker.seconds > 2.5)  # more than twice as long as a handler may run, or a claim holds
        assert not worker.hung
        assert calls == [1]
        proxy.connect()
        until(lambda: listener.health().handled == 2)
        until(lambda: not any("cannot be reached" in each for each in listener.health().problems))
    assert len(proxy.batches) > batches
    assert seen == [(1, 2), (2, 3)]
    assert [one.attempt for one in listener.inbox.deliveries("done")] == [1, 1]
    assert listener.health().failed == listener.health().set_aside == 0
    told = [each.getMessage() for each in caplog.records if "cannot be reached" in each.getMessage()]
    assert len(told) == 2  # it began, and it is over


def test_a_lost_line_while_the_server_is_there_is_the_handlers_own_failure(listener: Any, until: Any) -> None:
    """A query that the server never answers would be asked for ever."""

    @listener.on("topic=studio.shot", name="sync")
    def sync(event: Any, session: Session) -> None:
        who = session.api_user, session.api_key
        Session("http://127.0.0.1:9", who[1], who[0], config={"retry_seconds": 0, "schema_cache_path": False})

    _stored(listener, 1)
    with listener:
        until(lambda: listener.health().set_aside == 1)
    assert [one.attempt for one in listener.inbox.deliveries("set aside")] == [2]


def test_a_listener_that_ends_in_an_outage_gives_back_what_waits(
    listener: Any, proxy: CuttingProxy, until: Any
) -> None:
    """A service could not be restarted while the server is down."""

    @listener.on("topic=studio.shot", name="sync")
    def sync(event: Any, session: Session) -> None:
        session.query("Project").count()

    _stored(listener, 1)
    proxy.disconnect()
    with listener:
        until(lambda: any("cannot be reached" in each for each in listener.health().problems))
    (waiting,) = listener.inbox.deliveries("waiting")
    assert waiting.error == "The listener ended while the server could not be reached."


def test_an_event_that_brings_the_server_down_each_time_is_set_aside(
    listener: Any, proxy: CuttingProxy, until: Any
) -> None:
    """Its handler would be called for ever, and take the server down each time."""
    calls = list[int]()

    @listener.on("topic=studio.shot", name="sync")
    def sync(event: Any, session: Session) -> None:
        calls.append(1)
        proxy.disconnect()
        session.query("Project").count()

    def mended() -> bool:
        if any("cannot be reached" in each for each in listener.health().problems):
            proxy.connect()
        return bool(listener.health().set_aside)

    _stored(listener, 1)
    with listener:
        until(mended)
    assert len(calls) == 6  # for each of two attempts, once and after two outages
