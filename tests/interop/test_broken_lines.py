"""Official clients whose line breaks: they come back, and from then on miss nothing."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ftrack_core.values import Event

TOPIC = "studio.tick"
PATIENCE_SECONDS = 30

pytestmark = pytest.mark.interop


@pytest.fixture(params=["python_peer", "javascript_peer"])
def client(request: pytest.FixtureRequest, ftrack_workspace: Any) -> Any:
    """One of the official clients, connected and listening."""
    who = ftrack_workspace.credentials("ann")
    start = request.getfixturevalue(request.param)
    peer = start(ftrack_workspace.url, {"username": who.username, "api_key": who.api_key})
    peer.connect()
    peer.subscribe(topic=TOPIC)
    return peer


@pytest.fixture
def publish(ftrack_workspace: Any) -> Iterator[Callable[[int], None]]:
    """Publishes a numbered event, from another desk."""
    who = ftrack_workspace.credentials("ben")
    listener = ftrack_workspace.workspace.listen(who.username, who.api_key, lambda _: None)
    yield lambda number: listener.publish(Event(TOPIC, "", {"n": number}))
    listener.close()


def _numbers(events: list[Any]) -> list[int]:
    return [event["data"]["n"] for event in events]


def _heard_again(peer: Any, publish: Callable[[int], Any], numbers: Iterator[int]) -> None:
    """Publish until the client hears again; from then on it must hear all, once and in order."""
    before = len(peer.hear(topic=TOPIC, count=0))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(peer.glance(topic=TOPIC, count=before + 1, seconds=0.05)) == before:
        assert time.monotonic() < deadline, f"nothing came any more; it says:\n{peer.log()[-4000:]}"
        publish(next(numbers))
    for _ in range(20):
        publish(next(numbers))
    end = next(numbers)
    first = _numbers(peer.hear(topic=TOPIC, count=before + 1))[before]
    assert _numbers(peer.hear(topic=TOPIC, count=before + end - first))[before:] == list(range(first, end))


@pytest.mark.ftrack_workspace(seed="demo")
def test_after_a_cut_it_hears_every_later_event(
    client: Any, publish: Callable[[int], None], ftrack_workspace: Any
) -> None:
    """A listener runs for months, and lines break; one that seems to live and hears nothing is found by nobody."""
    numbers = itertools.count()
    _heard_again(client, publish, numbers)
    for _ in range(3):
        assert ftrack_workspace.fail("socket.cut", user="ann").struck == 1
        _heard_again(client, publish, numbers)


@pytest.mark.ftrack_workspace(seed="demo")
@pytest.mark.parametrize("client", ["javascript_peer"], indirect=True)
def test_after_bytes_that_are_no_websocket_a_page_comes_back(
    client: Any, publish: Callable[[int], None], ftrack_workspace: Any
) -> None:
    """A proxy that is restarted may say anything. The Python client is deaf after that, whatever a server does."""
    ftrack_workspace.fail("socket.broken", user="ann")
    _heard_again(client, publish, itertools.count())


@pytest.mark.ftrack_workspace(seed="demo")
def test_acknowledgements_that_get_lost_or_doubled_do_not_deafen_it(
    client: Any, publish: Callable[[int], None], ftrack_workspace: Any
) -> None:
    """The Python client's receiving thread ends with the first thing that it does not expect."""
    for action in ("acknowledgement.drop", "acknowledgement.duplicate"):
        with ftrack_workspace.fail(action, times=None):
            client.publish(topic="studio.other")
            _heard_again(client, publish, itertools.count(1000))


def test_it_comes_back_when_the_server_does(
    serve: Callable[..., Any], python_peer: Callable[..., Any], javascript_peer: Callable[..., Any], tmp_path: Path
) -> None:
    """A server is restarted at night; in the morning every listener must be at work, without anybody's help."""
    database = str(tmp_path / "show.sqlite")
    with serve("--database", database, "--seed", "demo") as server:
        ann, ben = javascript_peer(server.url, server.users[0]), python_peer(server.url, server.users[1])
        for peer in (ann, ben):
            peer.connect(retry_seconds=0.2)
            peer.subscribe(topic=TOPIC)
        assert server.stop() == 0
    numbers = itertools.count()
    with serve("--database", database, "--port", server.url.rpartition(":")[2]):
        for author, hearer in ((ann, ben), (ben, ann)):
            _heard_again(hearer, partial(_tick, author), numbers)


def _tick(author: Any, number: int) -> None:
    author.publish(topic=TOPIC, data={"n": number})
