"""From start to end: scripts, hosts with a loop of their own, signals, closed sessions and forks; and health."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import Event

SCRIPT = """
import logging, sys
from ftrack_core import Session
from ftrack_core.values import Event

logging.basicConfig(level=logging.INFO)
with Session(schema_cache_path=False, plugin_paths=[]) as session:
    listener = session.listener(inbox=sys.argv[1], close_seconds=5)

    @listener.on("topic=studio.shot", name="shots")
    def shots(event, session):
        print("handled", event["data"]["n"], flush=True)

    listener.start()
    session.event_hub.wait_until_connected(30)
    session.event_hub.publish_acknowledged(Event("known"))
    print("ready", flush=True)
    print("ended", listener.run(), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_script_ends_in_order_when_it_is_told_to(studio: Any, number: int) -> None:
    """A service manager would have to kill it, in the middle of what it does."""
    environment = {**studio.fixture.environment(), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", SCRIPT, str(studio.path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == "ready\n"
            studio.publish(5)
            assert run.stdout.readline() == "handled 5\n"
            run.send_signal(number)
            output, log = run.communicate(timeout=60)
        finally:
            run.kill()
    assert (output, run.returncode) == (f"ended {signal.Signals(number).name}\n", 0), log
    assert "Traceback" not in log
    assert studio.fixture.credentials().api_key not in log


def test_run_blocks_until_stop_and_tells_why(studio: Any, until: Any) -> None:
    """A service that returns by itself, without a reason, is the worst of all."""
    listener, seen = studio.listener(), list[int]()
    listener.on("topic=studio.shot", name="shots")(lambda event, _session: seen.append(event["data"]["n"]))
    reasons: list[str] = []
    plain: list[int] = []
    listener._session.event_hub.subscribe("topic=studio.shot", lambda event: plain.append(event["data"]["n"]))
    thread = threading.Thread(target=lambda: reasons.append(listener.run()))
    thread.start()
    until(lambda: listener.health().connected)
    listener._session.event_hub.publish_acknowledged(Event("known"))
    studio.publish(1)
    until(lambda: seen == plain == [1])
    assert thread.is_alive()
    listener.stop("enough")
    thread.join(20)
    assert reasons == ["enough"]
    assert repr(listener) == "<Listener of 1 handlers: enough>"


def test_a_handler_may_end_it(studio: Any) -> None:
    """One that finds the licence gone would have to wait for itself."""
    listener = studio.listener()
    listener.on("topic=studio.shot", name="last")(lambda _event, _session: listener.stop("the handler said so"))
    studio.started(listener)
    studio.publish(1)
    assert listener.wait(20) == "the handler said so"


def test_it_ends_with_its_session(studio: Any) -> None:
    """Its threads would go on working for a program that thinks it is over."""
    session = studio.session()
    listener = studio.started(studio.listener(session))
    session.close()
    assert listener.wait(20) == "closed"
    with pytest.raises(errors.ConnectionClosedError):
        session.listener()


def test_it_ends_when_the_hub_is_disconnected_on_purpose(studio: Any) -> None:
    """No event would ever come, and nobody would be told."""
    listener = studio.started(studio.listener())
    listener._session.event_hub.disconnect()
    assert listener.wait(20) == "disconnected"


def test_a_host_keeps_its_own_loop(studio: Any, until: Any) -> None:
    """In Maya nothing may block; and the hub's own subscribers are called where the host waits for them."""
    session = studio.session()
    listener, seen, plain = studio.listener(session), list[int](), list[int]()
    listener.on("topic=studio.shot", name="shots")(lambda event, _session: seen.append(event["data"]["n"]))
    session.event_hub.subscribe("topic=studio.shot", lambda event: plain.append(event["data"]["n"]))
    with listener:
        assert listener.wait(0.01) is None
        until(lambda: listener.health().connected)
        session.event_hub.publish_acknowledged(Event("known"))
        studio.publish(1)
        until(lambda: seen == [1])
        assert plain == []
        until(lambda: session.event_hub.wait(0.01) and plain == [1])
    assert listener.health().problems == ("the listener does not run",)
    with pytest.raises(errors.InvalidStateError, match="started once"):
        listener.start()


def test_a_listener_that_was_never_started_says_so(studio: Any) -> None:
    """Waiting for it would last for ever."""
    listener = studio.listener()
    with pytest.raises(errors.InvalidStateError, match="call start"):
        listener.wait()
    assert not listener.health().ok
    listener.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_is_told_that_the_listener_is_not_its_own(studio: Any, tmp_path: Path) -> None:
    """Its threads are not there: it would wait for ever, or look as if it were well."""
    program = SCRIPT.replace('    print("ended", listener.run(), flush=True)\n', "") + (
        """
    import os
    from ftrack_core.errors import ConnectionClosedError
    child = os.fork()
    if child == 0:
        for call in (listener.health, listener.wait, listener.run, session.listener):
            try:
                call()
            except ConnectionClosedError as error:
                print("refused", "by a fork" in str(error), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    listener.close()
    print("parent", listener.wait(), flush=True)
"""
    )
    environment = {**studio.fixture.environment(), "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-c", program, str(studio.path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines()[1:] == ["refused True"] * 4 + ["parent stopped"], done.stdout + done.stderr


def test_health_is_a_value_that_json_can_say(studio: Any, until: Any) -> None:
    """A monitor reads it; and an artist's pipeline supervisor does, at night."""
    listener, begun, released = studio.listener(), threading.Event(), threading.Event()

    @listener.on("topic=studio.shot", name="shots")
    def shots(event: Any, session: Session) -> None:
        begun.set()
        assert released.wait(30)

    studio.started(listener)
    studio.publish(1)
    assert begun.wait(20)
    told = json.loads(json.dumps(listener.health().to_dict()))
    released.set()
    assert told["ok"] is told["running"] is told["connected"] is True
    assert (told["stored"], told["handled"], told["lost"], told["waiting"]) == (1, 0, 0, 0)
    (worker,) = told["workers"]
    assert (worker["handler"], worker["topic"], worker["attempt"]) == ("shots", "studio.shot", 1)
    assert worker["since"] >= told["last_event_at"] >= told["connected_since"]
    until(lambda: listener.health().handled == 1)


def test_health_tells_of_what_waits_for_handlers_that_are_gone(
    studio: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that was renamed would leave its events behind for good."""
    first = studio.listener()
    studio.started(first)
    first.close()
    first.inbox.store(Event("studio.shot", "e1"), {"renamed": ""})
    second = studio.listener()
    second.on("topic=studio.shot", name="named")(lambda _event, _session: None)
    studio.started(second)
    health = second.health()
    assert health.notices == ("1 events wait for renamed, which is no handler here",)
    assert health.ok
    assert health.waiting == 1
    assert health.oldest_waiting_seconds > 0
    assert [one.getMessage() for one in caplog.records if "renamed" in one.getMessage()] == [
        "the inbox has events for handlers that this listener has not, and leaves them there: renamed"
    ]


def test_health_says_when_the_server_is_gone(studio: Any, until: Any) -> None:
    """A listener that is cut off looks like a quiet day."""
    session = studio.session(settings={"event_hub": {"backend": "socketio", "reconnect_seconds": 60}})
    listener = studio.listener(session)
    studio.started(listener)
    until(lambda: listener.health().ok)
    studio.fixture.fail("socket.cut", times=None).undo()
    until(lambda: not listener.health().connected)
    health = listener.health()
    assert health.problems == ("the event server is not connected",)
    assert health.connected_since is None


def test_it_ends_when_its_inbox_was_removed(studio: Any) -> None:
    """It would lose every event from then on, and whoever supervises it would see a process that runs."""
    listener = studio.started(studio.listener())
    for path in studio.path.parent.glob(f"{studio.path.name}*"):
        path.unlink()
    assert listener.wait(30) == "inbox gone"
    assert "was removed or replaced" in " ".join(listener.health().problems)
