"""A process that stands still for a while, as a laptop that sleeps does or one that a debugger holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from ftrack_core import Session

LEASE_SECONDS = 2.0
STOPPED = """
import sys
from ftrack_core import Session
from ftrack_core.values import Event

inbox, task = sys.argv[1:]
with Session(schema_cache_path=False, plugin_paths=[]) as session:
    listener = session.listener(inbox, workers=1, lease_seconds=2.0, poll_seconds=0.05, mark_seconds=0.1)

    @listener.on("topic=studio.shot", name="shots")
    def shots(event, session):
        session.get("Task", task)["description"] = "by the one that stood still"
        print("begun", flush=True)
        sys.stdin.readline()

    listener.start()
    session.event_hub.wait_until_connected(30)
    session.event_hub.publish_acknowledged(Event("known"))
    print("ready", flush=True)
    while not (listener.health().failed or listener.health().handled):
        listener.wait(0.05)
    print("failed" if listener.health().failed else "handled", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
def test_a_process_that_stood_still_for_longer_than_its_claim_commits_nothing(studio: Any, until: Any) -> None:
    """What another process has handled meanwhile would be overwritten by one that comes back from yesterday."""
    task = studio.other.query("select description from Task").first()
    environment = {**studio.fixture.environment(), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", STOPPED, str(studio.path), task["id"]]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as stopped:
        try:
            assert stopped.stdout is not None
            assert stopped.stdin is not None
            assert stopped.stdout.readline() == "ready\n"
            studio.publish(1)
            assert stopped.stdout.readline() == "begun\n"
            stopped.send_signal(signal.SIGSTOP)
            other = studio.listener(workers=1, lease_seconds=LEASE_SECONDS)

            @other.on("topic=studio.shot", name="shots")
            def shots(_event: Any, session: Session) -> None:
                own = session.get("Task", task["id"])
                assert own is not None
                own["description"] = "by the other one"

            studio.started(other)
            until(lambda: other.health().handled == 1)
            stopped.stdin.write("\n")
            stopped.stdin.flush()
            stopped.send_signal(signal.SIGCONT)
            assert stopped.stdout.readline() == "failed\n"
            _, log = stopped.communicate(timeout=60)
        finally:
            stopped.kill()
    studio.other.refresh(task, "description")
    assert task["description"] == "by the other one"
    assert "its claim ran out" in log
    assert other.inbox.counts()["shots"] == {"waiting": 0, "claimed": 0, "done": 1, "set aside": 0}
