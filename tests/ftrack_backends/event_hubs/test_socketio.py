"""The `socketio` hub over real sockets that misbehave on order."""

from __future__ import annotations

import gc
import logging
import os
import socket
import sys
import threading
import time
import tracemalloc
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ftrack_backends.workspace.broker import SocketTiming
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.values import Event


def number(n: Any, topic: str = "t") -> Event:
    """An event with a number."""
    return Event(topic, data={"n": n})


@pytest.mark.parametrize("order", ["socket.cut", "socket.broken"])
def test_a_connection_that_breaks_comes_back(stage: Any, until: Any, order: str) -> None:
    """A listener would be deaf from the first fault of the network on."""
    hub, seen = stage.listener()
    told: list[str] = []
    hub.subscribe("topic=ftrack.meta.*", lambda event: told.append(event["topic"]))
    stage.fail(order)
    until(hub, lambda: "ftrack.meta.disconnected" in told and told[-1] == "ftrack.meta.connected")
    hub.publish_acknowledged(number(1))
    until(hub, lambda: seen)
    assert seen == [1]


def test_garbage_is_passed_over(stage: Any, until: Any, caplog: pytest.LogCaptureFixture) -> None:
    """One packet that nobody can read would cost the connection, or the thread that reads."""
    hub, seen = stage.listener()
    stage.fail("socket.garbage")
    hub.publish_acknowledged(number(1))
    until(hub, lambda: seen)
    assert hub.connected
    assert "passed over" in caplog.text


def test_a_silent_server_counts_as_gone(stage: Any, until: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that died without a word would look alive for ever."""
    stage.workspace.sockets.timing = SocketTiming(beat_seconds=0.2, heartbeat_seconds=1, close_seconds=60)
    hub, _ = stage.listener()
    told: list[Any] = []
    hub.subscribe("topic=ftrack.meta.disconnected", lambda event: told.append(event["data"]["reason"]))
    with stage.fail("socket.silence", times=None):
        until(hub, lambda: told)
    assert told == ["the server went silent"]
    until(hub, lambda: hub.connected)


def test_heartbeats_are_answered_while_a_handler_is_slow(stage: Any) -> None:
    """A handler that renders a thumbnail would cost the connection, again and again."""
    stage.workspace.sockets.timing = SocketTiming(beat_seconds=0.1, heartbeat_seconds=30, close_seconds=2)
    hub, _ = stage.listener()
    lost: list[Any] = []
    hub.tap(lambda event: lost.append(event) if event.topic == "ftrack.meta.disconnected" else None)
    hub.subscribe("topic=slow", lambda _event: threading.Event().wait(3.0))
    hub.publish(number(1, "slow"))
    hub.wait(3.0)
    assert hub.connected
    assert lost == []


def test_acknowledgements_may_come_twice_or_late(stage: Any, until: Any) -> None:
    """A publisher would be told of the wrong event, or the connection would break."""
    hub, seen = stage.listener()
    with stage.fail("acknowledgement.duplicate", times=None):
        for n in range(10):
            hub.publish_acknowledged(number(n))
    with stage.fail("acknowledgement.delay", times=None, delay_seconds=0.1):
        hub.publish_acknowledged(number(10))
        with pytest.raises(EventHubConnectionError, match="not acknowledged in time"):
            hub.publish_acknowledged(number(11), timeout_seconds=0.01)
    hub.publish_acknowledged(number(12))
    until(hub, lambda: len(seen) == 13)
    assert seen == list(range(13))


def test_who_waits_for_an_acknowledgement_is_told_that_the_line_broke(stage: Any) -> None:
    """A publisher would wait for the rest of its time, or believe in what may be lost."""
    hub, _ = stage.listener()
    raised: list[BaseException] = []

    def publish() -> None:
        try:
            hub.publish_acknowledged(number(1), timeout_seconds=60)
        except EventHubConnectionError as error:
            raised.append(error)

    with stage.fail("acknowledgement.drop", times=None):
        waiting = threading.Thread(target=publish)
        waiting.start()
        while not stage.workspace.broker.log.wait("t", 1, 5):
            pass
        stage.fail("socket.cut")
        waiting.join(20)
    assert "it may have come, or not" in str(raised[0])


def test_a_burst_comes_whole_and_in_order_to_a_slow_listener(stage: Any, until: Any) -> None:
    """A publisher of ten thousand versions would overrun who listens, or itself."""
    hub, seen = stage.listener()
    other = stage.hub()
    for n in range(10_000):
        other.publish(number(n))
    until(hub, lambda: len(seen) >= 10_000)
    assert seen == list(range(10_000))
    assert hub.dropped == 0


def test_nothing_acknowledged_is_lost_and_nothing_comes_twice_while_threads_publish_and_lines_break(
    stage: Any, until: Any
) -> None:
    """A publish during a restart of the server would be lost without a word, or start a job twice."""
    listening, seen = stage.listener(reconnect_seconds=5.0)
    publishing = stage.hub(user=1)
    acknowledged: list[Any] = []
    uncertain: list[Any] = []

    def publish(thread: int) -> None:
        for n in range(60):
            (acknowledged if _acknowledged(publishing, number([thread, n])) else uncertain).append((thread, n))

    threads = [threading.Thread(target=publish, args=(thread,)) for thread in range(8)]
    for each in threads:
        each.start()
    for _ in range(6):
        before = len(acknowledged)
        until(listening, lambda before=before: len(acknowledged) > before + 20 or not threads[0].is_alive())
        stage.workspace.sockets.failures.add("socket.cut", user=stage.workspace.users[1].username)
    until(listening, lambda: not any(each.is_alive() for each in threads))
    known = len(acknowledged)
    until(listening, lambda: len(set(map(tuple, seen)) & set(acknowledged)) == known)
    counted = Counter(map(tuple, seen))
    assert max(counted.values()) == 1
    assert len(acknowledged) + len(uncertain) == 480
    assert set(counted) - set(acknowledged) <= set(uncertain)
    for thread in range(8):
        assert [n for of, n in seen if of == thread] == sorted(n for of, n in seen if of == thread)


def _acknowledged(hub: Any, event: Event) -> bool:
    try:
        hub.publish_acknowledged(event, timeout_seconds=20)
    except EventHubConnectionError:
        return False
    return True


def test_reconnecting_leaves_logging_as_it_is(stage: Any, until: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A host's log would go silent for as long as the server is away."""
    root = logging.getLogger()
    before = (root.level, root.disabled, root.manager.disable, logging.getLogger("websocket").level)
    hub, _ = stage.listener()
    seen: list[Any] = []
    hub.subscribe("topic=ftrack.meta.disconnected", seen.append)
    with stage.fail("socket.cut", times=None):
        until(hub, lambda: seen and "it is tried again" in caplog.text)
        assert (root.level, root.disabled, root.manager.disable, logging.getLogger("websocket").level) == before
    until(hub, lambda: hub.connected)


def test_what_was_published_while_away_is_sent_in_order(stage: Any, until: Any) -> None:
    """A restart of the server would swallow what tools said meanwhile."""
    hub, seen = stage.listener()
    publishing = stage.hub(user=1, reconnect_seconds=0.3)
    lost = threading.Event()
    publishing.tap(lambda event: lost.set() if event.topic == "ftrack.meta.disconnected" else None)
    stage.workspace.sockets.failures.add("socket.cut", user=stage.workspace.users[1].username)
    assert lost.wait(20)
    for n in range(100):
        publishing.publish(number(n))
    until(hub, lambda: len(seen) >= 100)
    assert seen == list(range(100))


def test_a_full_line_refuses_and_drops_nothing(stage: Any, until: Any) -> None:
    """Memory would grow for as long as a server is away, or the first events vanish."""
    hub, seen = stage.listener()
    publishing = stage.hub(connected=False, max_unsent_events=5)
    publishing.init_connection()
    for n in range(5):
        publishing.publish(number(n))
    with pytest.raises(EventHubConnectionError, match="5 published events wait to be sent already"):
        publishing.publish(number(5))
    publishing.connect()
    until(hub, lambda: len(seen) >= 5)
    assert seen == [0, 1, 2, 3, 4]


def test_closing_returns_while_a_server_does_not_answer(stage: Any) -> None:
    """A host could not quit because the event server hangs."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        hub = stage.hub(url, connected=False, close_seconds=0.2, connect_seconds=30.0)
        hub.connect_in_background()
        hub.publish(number(1))
        began = time.monotonic()
        hub.close()
        assert time.monotonic() - began < 10
        assert not hub.connected


@pytest.mark.parametrize("page", ["<html>a proxy's page</html>", "", "a:b", ":::"])
def test_a_page_instead_of_a_handshake_is_an_error_of_ours(stage: Any, page: str) -> None:
    """A proxy's login page would end a tool with a puzzle."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hub = stage.hub(f"http://127.0.0.1:{server.server_address[1]}", connected=False)
        with pytest.raises(EventHubConnectionError, match="handshake"):
            hub.connect()
        assert hub.connected is False
        server.shutdown()


def test_no_secret_is_logged_or_shown(stage: Any, until: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A key in a log file is a key on a wiki page."""
    caplog.set_level(logging.DEBUG)
    secrets = [stage.workspace.users[0].api_key, "c0ffee-cookie", "c0ffee-header"]
    options = {"cookies": {"door": secrets[1]}, "headers": {"X-Studio": secrets[2]}}
    hub, seen = stage.listener(**options)
    lost: list[Any] = []
    hub.subscribe("topic=ftrack.meta.disconnected", lost.append)
    stage.fail("socket.cut")
    until(hub, lambda: lost)
    hub.publish(number(1))
    until(hub, lambda: seen)
    wrong = stage.hub("http://127.0.0.1:9", connected=False, **options)
    with pytest.raises(EventHubConnectionError) as caught:
        wrong.connect()
    shown = f"{caplog.text} {hub!r} {wrong!r} {caught.value!r} {caught.value}"
    assert [secret for secret in secrets if secret in shown] == []


def test_memory_stays_flat(stage: Any, until: Any) -> None:
    """A listener that runs for months would grow until it is killed."""
    hub, seen = stage.listener()

    def round_of(count: int) -> None:
        for n in range(count):
            hub.publish(number(n), on_reply=None)
        until(hub, lambda: len(seen) == count)
        seen.clear()

    round_of(500)
    gc.collect()
    tracemalloc.start()
    try:
        round_of(500)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(4):
            round_of(500)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 4_000_000  # the workspace, in this process too, keeps its last ten thousand events


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no processes")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_leaves_the_connection_alone(stage: Any, until: Any) -> None:
    """A farm job that forks would take its parent's events, or end its connection."""
    hub, seen = stage.listener()
    child = os.fork()
    if child == 0:
        good = not hub.connected
        try:
            hub.publish(number(0))
            good = False
        except EventHubConnectionError as error:
            good = good and "another process" in str(error)
        hub.close()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    hub.publish_acknowledged(number(1))
    until(hub, lambda: seen)
    assert seen == [1]
    assert hub.connected


def test_a_server_that_is_killed_and_comes_back_is_joined_again(
    serve: Any, stage: Any, until: Any, tmp_path: Path
) -> None:
    """Every update of the server would end every listener of the studio."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ("--seed", "demo", "--port", str(port), "--database", str(tmp_path / "show.sqlite"))
    with serve(*arguments) as first:
        user = first.users[0]
        hub = _hub_of(stage, first.url, user)
        hub.connect()
        seen: list[Any] = []
        hub.subscribe("topic=t", lambda event: seen.append(event["data"]["n"]))
        hub.publish_acknowledged(number(1))
        until(hub, lambda: seen == [1])
        first.stop(9 if sys.platform != "win32" else 15)
    hub.publish(number(2))
    with serve(*(arguments[2:])):
        until(hub, lambda: hub.connected)
        hub.publish_acknowledged(number(3))
        until(hub, lambda: 3 in seen)
        assert seen in ([1, 2, 3], [1, 3])  # the second may have gone into the dying socket
        hub.close()


def _hub_of(stage: Any, url: str, user: dict[str, str]) -> Any:
    from ftrack_core.assembly import assemble
    from ftrack_core.config import resolve

    given = {
        "server_url": url,
        "api_key": user["api_key"],
        "api_user": user["username"],
        "schema_cache_path": False,
        "event_hub": {"backend": "socketio", "reconnect_seconds": 0.05, "max_reconnect_seconds": 0.3},
    }
    stage.made.append(assemble(resolve(given, environment={})))
    return stage.made[-1].event_hub
