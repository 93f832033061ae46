"""Sessions of a farm on one Redis: what one commits the others hear of, also when Redis or the bridge goes away."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ftrack_redis import RedisHubOptions, _line, event_hub
from ftrack_redis._bus import Wanted, place_of
from ftrack_redis._connecting import connection_of

from ftrack_core import Session
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.testing import FakeBackendContext
from ftrack_core.values import Event

ALLOWED = ["+client|setname", "+xadd", "+xread", "+xrevrange"]
_CONTEXT = FakeBackendContext()
FRESHNESS = {"Task": "1d", "Status": "1d", "User": "1d"}


def _until(done: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, f"it did not come about within thirty seconds: {what}"
        threading.Event().wait(0.02)


def _hub(server: Any, farm: str = "https://farm.invalid") -> Any:
    options = RedisHubOptions(
        url=server.url, connect_seconds=1.0, silence_seconds=2.0, reconnect_seconds=0.1, max_reconnect_seconds=0.2
    )
    return event_hub.create(options, FakeBackendContext(server_url=farm))


@pytest.fixture
def hubs(own_server: Any) -> Iterator[list[Any]]:
    """Two hubs on a server of their own."""
    hubs = [_hub(own_server), _hub(own_server)]
    yield hubs
    for hub in hubs:
        hub.close()


def _heard(hub: Any) -> list[Any]:
    heard: list[Any] = []
    hub.subscribe("topic=studio.*", lambda event: heard.append(event["data"]["n"]))
    return heard


def _come(hub: Any, heard: list[Any], wanted: list[int]) -> None:
    for _ in range(300):
        hub.wait(0.1)
        if heard == wanted:
            return
    raise AssertionError(f"{heard} came, and not {wanted}")


def _join(*hubs: Any) -> None:
    """Connect, and wait until all that was subscribed to holds."""
    for hub in hubs:
        hub.connect()
        hub.publish_acknowledged(Event("ftrack.test.known"), 20.0)


def _say(hub: Any, number: int) -> None:
    hub.publish_acknowledged(Event("studio.test", data={"n": number}), 20.0)


class _Held:
    """A line that does not connect before it may."""

    def __init__(self, line: Any) -> None:
        self._line = line
        self.free = threading.Event()

    def open(self, receiver: Any, again: bool) -> Any:
        assert self.free.wait(30)
        return self._line.open(receiver, again)


@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_a_redis_that_goes_away_and_comes_back_joins_all_again(own_server: Any, hubs: list[Any], fault: str) -> None:
    """Every listener of the farm would be deaf after a restart of Redis."""
    speaker, listener = hubs
    heard = _heard(listener)
    _join(*hubs)
    _say(speaker, 1)
    _come(listener, heard, [1])
    if fault == "killed":
        own_server.kill()
    else:
        own_server.freeze()
    _until(lambda: not listener.connected and not speaker.connected, "the loss is noticed")
    if fault == "killed":
        own_server.start()
    else:
        own_server.thaw()
    assert speaker.wait_until_connected(30)
    assert listener.wait_until_connected(30)
    _say(listener, 0)
    _say(speaker, 2)
    _come(listener, heard, [1, 0, 2])


def test_what_was_said_while_a_hub_was_away_comes_afterwards(hubs: list[Any]) -> None:
    """A short fault of the network would cost events that nobody can ask for again."""
    speaker, listener = hubs
    held = listener._connection._line = _Held(listener.line)
    held.free.set()
    for number in range(1000):  # which have to be told anew before the one that matters
        listener.subscribe(f"topic=studio.other.{number}", print)
    heard = _heard(listener)
    _join(*hubs)
    _say(speaker, 1)
    _come(listener, heard, [1])
    held.free.clear()
    listener._writer.opened._end()  # as if the network broke it
    _until(lambda: not listener.connected, "the loss is noticed")
    _say(speaker, 2)
    held.free.set()
    _come(listener, heard, [1, 2])


def test_who_unsubscribed_while_the_hub_was_away_is_forgotten(own_server: Any, hubs: list[Any]) -> None:
    """A hub of months would remember every subscriber that there ever was."""
    hub = hubs[0]
    hub.connect()
    for _ in range(5):
        hub.disconnect()
        gone = hub.subscribe("topic=studio.gone", print)
        hub.connect()
        _say(hub, 0)
        hub.disconnect()
        hub.unsubscribe(gone)
        hub.connect()
        _say(hub, 0)
    hub.disconnect()
    hub.connect()
    assert not hub.line.wanted.topic("studio.gone")
    assert hub.line.wanted.topic("ftrack.meta.reply")


def test_what_was_said_while_a_hub_had_left_does_not_come(hubs: list[Any]) -> None:
    """Who comes back after lunch would be told of every launch of an action in between."""
    speaker, listener = hubs
    heard = _heard(listener)
    _join(speaker, listener)
    listener.disconnect()
    _say(speaker, 1)
    _join(listener)
    _say(speaker, 2)
    _come(listener, heard, [2])


def test_what_an_old_connection_still_reads_does_not_move_the_new_one(hubs: list[Any]) -> None:
    """A hub that left in the middle of what came would be told afterwards of what was said while it was away."""
    speaker, listener = hubs
    held, free = [threading.Event(), threading.Event()], [threading.Event(), threading.Event()]

    def hold(event: Event) -> None:
        number = event.data["n"] if event.topic == "studio.test" else 9
        if number < len(held):
            held[number].set()
            free[number].wait(30)

    listener.tap(hold)
    heard = _heard(listener)
    _join(speaker, listener)
    _say(speaker, 0)
    assert held[0].wait(30)
    _say(speaker, 1)
    _say(speaker, 2)  # read together with 1, once 0 is handled
    free[0].set()
    assert held[1].wait(30)
    listener.disconnect()
    _say(speaker, 3)
    free[1].set()
    _until(lambda: [one.name for one in threading.enumerate()].count("ftrack-event-hub") == 1, "the old one ends")
    listener.connect()
    _say(speaker, 4)
    _come(listener, heard, [0, 1, 4])


class _Slow:
    """A connection to Redis whose answers come, and are slow to get to who asked."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.come, self.free = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def read_response(self) -> Any:
        found = self._connection.read_response()
        self.come.set()
        assert self.free.wait(30)
        return found


def test_a_connection_that_comes_too_late_does_not_set_back_the_next_one(
    hubs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that left while it connected, and came again, would hear things twice, or not at all after a loss."""
    speaker, listener = hubs
    heard, slow = _heard(listener), list[_Slow]()

    def slowly(*arguments: Any) -> Any:
        slow.append(_Slow(connection_of(*arguments)))
        return slow[-1]

    monkeypatch.setattr(_line, "connection_of", slowly)
    listener.connect_in_background()
    _until(lambda: len(slow) == 2 and slow[0].come.is_set(), "the old one is about to stand")
    old = listener._connection._threads[0]
    listener.disconnect()
    monkeypatch.undo()
    _join(speaker, listener)
    _say(speaker, 1)
    _come(listener, heard, [1])
    place = listener._writer.opened._place.entry
    slow[0].free.set()
    old.join(30)
    assert place_of(listener._writer.opened._place.entry) >= place_of(place)
    held = _Held(listener.line)
    listener._connection._line = held
    listener._writer.opened._end()  # as if the network broke it
    _until(lambda: not listener.connected, "the loss is noticed")
    _say(speaker, 2)
    held.free.set()
    _come(listener, heard, [1, 2])


def test_a_connection_that_broke_before_it_was_of_use_costs_no_events() -> None:
    """A network that comes and goes would cost what was said meanwhile, though the stream has it."""
    wanted = Wanted()
    wanted.begin()
    wanted.subscribe("topic=studio.test", {"id": "one"})
    for _ in range(3):  # over none of which the subscriber was told of
        wanted.begin()
    assert wanted.topic("studio.test")
    wanted.subscribe("topic=studio.other", {"id": "two"})
    wanted.begin()
    assert not wanted.topic("studio.test")


def test_a_hub_of_a_user_with_few_rights_works(own_server: Any) -> None:
    """The README's list of what Redis has to allow would be wrong."""
    with own_server.client() as client:
        client.execute_command("ACL", "SETUSER", "ann", "on", ">right", "~ftrack:*", "-@all", *ALLOWED)
    options = RedisHubOptions(url=own_server.url, user_name="ann", password="right")
    hub = event_hub.create(options, FakeBackendContext())
    heard = _heard(hub)
    _join(hub)
    _say(hub, 1)
    _come(hub, heard, [1])
    hub.close()
    wrong = event_hub.create(RedisHubOptions(url=own_server.url, user_name="ann", password="secret-4711"), _CONTEXT)
    with pytest.raises(EventHubConnectionError, match="AuthenticationError") as refused:
        wrong.connect()
    assert "4711" not in str(refused.value) + repr(wrong) + repr(wrong.line)
    wrong.close()


def test_a_forked_child_leaves_its_parents_connection_alone(hubs: list[Any]) -> None:
    """A host that forks would go deaf, or hear what was meant for its child."""
    if not hasattr(os, "fork"):
        pytest.skip("nothing forks here")
    speaker, listener = hubs
    heard = _heard(listener)
    _join(*hubs)
    child = os.fork()
    if child == 0:
        os._exit(int(listener.connected))
    assert os.waitpid(child, 0)[1] == 0
    _say(speaker, 1)
    _come(listener, heard, [1])
    assert listener.connected


def test_another_servers_events_do_not_come(own_server: Any, hubs: list[Any]) -> None:
    """Staging would launch what production asked for."""
    other = _hub(own_server, "https://staging.invalid")
    heard, wrong = _heard(hubs[0]), _heard(other)
    _join(hubs[0], other)
    _say(hubs[0], 1)
    _come(hubs[0], heard, [1])
    other.wait(0.2)
    assert wrong == []
    other.close()


def test_what_is_no_event_is_passed_over(own_server: Any, hubs: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    """Anybody who may write to Redis could end every listener of the farm."""
    speaker, listener = hubs
    heard = _heard(listener)
    _join(*hubs)
    with own_server.client() as client:
        for fields in (
            {"x": "y"}, {"t": "studio.test", "e": "{"}, {"t": "studio.test", "e": b"\xff"}, {"t": "studio.test"},
            {"t": "studio.test", "e": "[" * 100_000}, {"t": "studio.test", "e": '{"topic": 1}'},
            {"t": "studio.test", "e": '{"topic": "studio.test", "data": {"n": 1}, "target": 3}'},
        ):  # fmt: skip
            client.xadd(listener.line.stream, fields)
    _say(speaker, 2)
    _come(listener, heard, [2])
    assert caplog.text.count("is passed over") == 1


def test_the_stream_does_not_grow_for_ever(own_server: Any) -> None:
    """A year of events would fill the memory of Redis."""
    options = RedisHubOptions(url=own_server.url, stream_events=100)
    hub = event_hub.create(options, FakeBackendContext())
    hub.connect()
    for number in range(1000):
        hub.publish(Event("studio.test", data={"n": number}))
    _say(hub, 1000)
    with own_server.client() as client:
        assert client.xlen(hub.line.stream) < 400
    hub.close()


@pytest.fixture
def bridge(own_server: Any, ftrack_workspace: Any) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts bridges, from the workspace's event server to Redis."""
    environment = {**ftrack_workspace.environment(), "FTRACK_REDIS_URL": own_server.url}
    started: list[subprocess.Popen[bytes]] = []

    def command(*more: str) -> list[str]:
        return [str(Path(sys.executable).with_name("ftrack")), "redis-bridge", *more]

    def stands() -> bool:
        return subprocess.run(command("--check"), env=environment, check=False).returncode == 0

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(command(), env=environment))
        _until(stands, "the bridge stands")
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait(10)


def _session(workspace: Any, server: Any) -> Any:
    hub = {"backend": "redis", "url": server.url, "reconnect_seconds": 0.1, "max_reconnect_seconds": 0.2}
    kept = {"backend": "redis", "url": server.url, "timeout_seconds": 30.0}
    who = workspace.credentials()
    config = {"event_hub": hub, "cache": kept, "freshness": FRESHNESS, "schema_cache_path": False}
    return Session(workspace.url, who.api_key, who.username, auto_connect_event_hub=True, config=config)


def _changed(workspace: Any, name: str) -> str:
    """Have another client, which knows nothing of Redis, rename the user; gives its id."""
    with workspace.session() as session:
        user = session.query("User").first()
        user["first_name"] = name
        session.commit()
        return str(user["id"])


def test_a_session_on_the_bus_hears_what_others_commit(
    own_server: Any, ftrack_workspace: Any, bridge: Callable[[], subprocess.Popen[bytes]]
) -> None:
    """A farm with a shared cache would work with what was true yesterday."""
    identifier = _changed(ftrack_workspace, "before")
    with _session(ftrack_workspace, own_server) as session:
        assert session.event_hub.wait_until_connected(30)
        assert session.get("User", identifier)["first_name"] == "before"
        came: list[str] = []
        session.event_hub.tap(lambda event: came.append(event.topic))
        first = bridge()
        _until(
            lambda: "ftrack.meta.disconnected" in came and came[-1:] == ["ftrack.core.following"],
            "the first bridge tells that it was away before, and the session has dealt with that",
        )
        _changed(ftrack_workspace, "after")
        _until(lambda: "ftrack.update" in came, "the commit is heard of")
        assert session.get("User", identifier)["first_name"] == "after"
        _check_bridge_that_was_away(session, ftrack_workspace, identifier, first, bridge)


def _check_bridge_that_was_away(
    session: Any, workspace: Any, identifier: str, first: Any, bridge: Callable[[], Any]
) -> None:
    first.kill()
    first.wait(10)
    _changed(workspace, "missed")
    assert session.get("User", identifier)["first_name"] == "after", "nobody told"
    bridge()
    _until(lambda: session.get("User", identifier)["first_name"] == "missed", "what was missed counts as changed")


def test_two_bridges_tell_each_thing_once(
    own_server: Any, ftrack_workspace: Any, bridge: Callable[[], subprocess.Popen[bytes]]
) -> None:
    """A second bridge, there for when the first ends, would have every listener act twice."""
    bridge()
    bridge()
    hub = _hub(own_server, ftrack_workspace.url)
    heard: list[Any] = []
    hub.subscribe("topic=ftrack.update", lambda event: heard.append(event["id"]))
    _join(hub)
    for number in range(5):
        _changed(ftrack_workspace, f"name {number}")
    for _ in range(300):
        hub.wait(0.1)
        if len(heard) >= 5:
            break
    hub.wait(1.0)
    assert len(heard) == len(set(heard)) == 5
    hub.close()


def test_processes_of_a_farm_share_what_one_of_them_read(own_server: Any, ftrack_workspace: Any) -> None:
    """Two hundred jobs would ask the server for the same shot two hundred times."""
    identifier = _changed(ftrack_workspace, "ann")
    program = """
import os, ftrack_core
config = {"cache": {"backend": "redis", "url": os.environ["R"], "timeout_seconds": 30.0},
          "freshness": {"User": "1d"}, "schema_cache_path": False}
with ftrack_core.Session(config=config) as session:
    before = session.statistics().calls
    print(session.get("User", os.environ["U"])["first_name"], session.statistics().calls - before)
"""
    environment = {**ftrack_workspace.environment(), "R": own_server.url, "U": identifier}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)

    def run() -> list[str]:
        done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        return done.stdout.decode().split()

    name, calls = run()
    assert name == "ann"
    assert int(calls) > 0
    assert run() == ["ann", "0"], "the second process did not ask the server"


@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_a_session_goes_on_without_redis(own_server: Any, ftrack_workspace: Any, fault: str) -> None:
    """Redis would be one more thing without which nobody can work."""
    kept = {"backend": "redis", "url": own_server.url, "timeout_seconds": 0.5, "retry_seconds": 60.0}
    config = {"cache": kept, "freshness": FRESHNESS, "schema_cache_path": False}
    with ftrack_workspace.session(config=config) as session:
        session.query("User").all()
        getattr(own_server, {"killed": "kill", "frozen": "freeze"}[fault])()
        began = time.monotonic()
        for _ in range(20):
            user = session.query("select first_name from User").first()
            user["first_name"] = uuid.uuid4().hex
            session.commit()
        assert time.monotonic() - began < 10.0  # the forty time-outs would be twenty seconds
        assert session.query("User").first()["first_name"] == user["first_name"]
