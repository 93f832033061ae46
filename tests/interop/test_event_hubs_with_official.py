"""Our event hub and the official Python client's talk to each other through `ftrack serve`."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from ftrack_core import Session
from ftrack_core.values import Event

HERE = Path(__file__).parent
PATIENCE_SECONDS = 30.0

pytestmark = pytest.mark.interop


@attrs.define(eq=False)
class Peer:
    """A process of the official client."""

    process: subprocess.Popen[str]
    said: queue.Queue[Any] = attrs.field(factory=queue.Queue)

    def listen(self) -> None:
        """Take what it says, by a thread of its own."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(json.loads(line))

    def order(self, what: Any) -> None:
        """Have it do something; None for ending."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def says(self) -> Any:
        """What it says next."""
        return self.said.get(timeout=PATIENCE_SECONDS)


@pytest.fixture
def both(serve: Callable[..., Any], official_python: Path) -> Iterator[tuple[Any, Peer]]:
    """A connected hub of ours, and the official client."""
    with serve("--seed", "demo") as server:
        ann, ben = server.users[:2]
        environment = {name: v for name, v in os.environ.items() if not name.startswith(("FTRACK_", "PYTHON"))}
        command = [str(official_python), "-W", "ignore", str(HERE / "official_listener.py"), server.url]
        with (
            Session(server.url, ann["api_key"], ann["username"], plugin_paths=[], schema_cache_path=False) as session,
            subprocess.Popen(
                [*command, ben["username"], ben["api_key"]],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            ) as process,
        ):
            peer = Peer(process)
            threading.Thread(target=peer.listen, daemon=True).start()
            try:
                session.event_hub.connect()
                assert peer.says() == {"ready": True}
                yield session.event_hub, peer
                peer.order(None)
                assert process.wait(PATIENCE_SECONDS) == 0
            finally:
                process.kill()


def until(hub: Any, done: Callable[[], object]) -> None:
    """Handle events of ours until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        hub.wait(0.02)


def test_the_official_client_hears_us_and_answers(both: tuple[Any, Peer]) -> None:
    """Actions of studios run on the official client for years to come; ours must be able to start them."""
    hub, peer = both
    for n in range(20):
        hub.publish(Event("studio.to-official", data={"n": n, "text": "élan {x}: 1+1"}))
    heard = [peer.says() for _ in range(20)]
    assert [each["heard"]["n"] for each in heard] == list(range(20))
    assert heard[0]["heard"]["text"] == "élan {x}: 1+1"
    assert heard[0]["source"]["id"] == hub.id
    hub.publish(Event("studio.target", target="applicationId=other"))
    hub.publish(Event("studio.target", target="applicationId=official"))
    assert peer.says() == {"target": "applicationId=official"}

    offered: list[Any] = []
    hub.publish(Event("ftrack.action.discover", data={"selection": []}), on_reply=offered.append)
    until(hub, lambda: offered)
    entry = offered[0]["data"]["items"][0]
    assert entry["label"] == "Publish"
    launch = Event("ftrack.action.launch", data={"selection": [1, 2], **entry})
    assert hub.request(launch, timeout_seconds=PATIENCE_SECONDS).data == {"success": True, "message": "2 published"}


def test_we_hear_the_official_client_and_answer(both: tuple[Any, Peer]) -> None:
    """Tools of studios publish with the official client; services on ours must hear each of them."""
    hub, peer = both
    heard: list[Any] = []
    hub.subscribe("topic=studio.to-us and data.kind=shot", heard.append)
    hub.subscribe("topic=studio.ask", lambda event: {"answer": event["data"]["n"] + 1}, subscriber={"host": "ours"})
    hub.publish_acknowledged(Event("studio.known"))
    for n in range(40):
        peer.order({"topic": "studio.to-us", "data": {"n": n, "kind": "shot" if n % 2 else "asset"}})
    until(hub, lambda: len(heard) >= 20)
    assert [each["data"]["n"] for each in heard] == list(range(1, 40, 2))
    assert heard[0]["source"]["user"]["id"]
    assert heard[0]["sent"]
    peer.order({"topic": "studio.ask", "data": {"n": 1}, "target": "host=others"})
    peer.order({"topic": "studio.ask", "data": {"n": 41}, "target": "host=ours"})
    until(hub, lambda: not peer.said.empty())
    assert peer.says() == {"reply": {"answer": 42}}
