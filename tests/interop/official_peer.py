"""One user of the official Python client, who does what a test says.

    python official_peer.py URL USER KEY

It must run under the official client's interpreter, so nothing of ours is imported here. Each line of standard input
is `{"word": NAME, "with": ARGUMENTS}`; each line of standard output answers one, as `{"value": ...}` or
`{"error": {"name": ..., "message": ...}}`. The words are those of `javascript/peer.mjs`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import queue
import sys
import threading
import time
import urllib.request
from typing import Any

PATIENCE_SECONDS = 20
SERVER_LOCATION = "3a372bde-05bc-11e4-8908-20c9d081909b"


class Peer:
    """A session, and what it has heard."""

    def __init__(self, session: Any, make_event: Any) -> None:
        self.session = session
        self.make_event = make_event
        self.hub = session.event_hub
        self.heard: dict[str, list[Any]] = {}

    def start(self) -> Any:
        """What the session knows."""
        return {"server": self.session.server_information["version"], "types": len(self.session.schemas)}

    def query(self, expression: str, paths: list[str]) -> Any:
        """Values by the paths of attributes, of each entity that a query finds."""
        return [[_at(entity, path) for path in paths] for entity in self.session.query(expression)]

    def create(self, kind: str, data: dict[str, Any]) -> Any:
        """Create an entity; its id."""
        entity = self.session.create(kind, data)
        self.session.commit()
        return entity["id"]

    def update(self, kind: str, key: str, data: dict[str, Any]) -> None:
        """Change an entity."""
        entity = self.session.get(kind, key)
        for name, value in data.items():
            entity[name] = value
        self.session.commit()

    def remove(self, kind: str, key: str) -> Any:
        """Delete an entity."""
        self.session.delete(self.session.get(kind, key))
        self.session.commit()
        return True

    def upload(self, path: str, version_id: str | None = None) -> Any:
        """Upload a file as a component; its id."""
        location = self.session.get("Location", SERVER_LOCATION)
        data = {"version_id": version_id} if version_id else {}
        component = self.session.create_component(path, data, location=location)
        self.session.commit()
        return {"id": component["id"]}

    def download(self, key: str) -> Any:
        """Fetch a component's file, through its location."""
        location = self.session.get("Location", SERVER_LOCATION)
        component = self.session.get("FileComponent", key)
        content = location.accessor.open(location.get_resource_identifier(component), "rb").read()
        return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    def set_thumbnail(self, kind: str, key: str, path: str) -> Any:
        """Set the picture of an entity from a file; the id of its component."""
        return self.session.get(kind, key).create_thumbnail(path)["id"]

    def thumbnail(self, kind: str, key: str, size: int | None = None) -> Any:
        """Fetch the picture of an entity."""
        location = self.session.get("Location", SERVER_LOCATION)
        entity = self.session.query(f'select thumbnail from {kind} where id is "{key}"').one()
        url = location.get_thumbnail_url(entity["thumbnail"], size)
        with urllib.request.urlopen(url) as reply:  # noqa: S310 - the server that the test started
            content = reply.read()
            return {"type": reply.headers["content-type"], "start": base64.b64encode(content[:65536]).decode()}

    def connect(self, retry_seconds: float = 10) -> None:
        """Connect the hub; where the line breaks it tries again every so often, as it does of itself every ten."""
        self.hub._auto_reconnect_delay = retry_seconds
        self.hub.connect()
        self._settle()

    def subscribe(self, topic: str, answer: Any = None, subscriber: Any = None, more: str = "") -> None:
        """Listen to a topic, and answer each event with the same if there is an answer; back once the server knows."""
        events = self.heard.setdefault(topic, [])

        def heard(event: Any) -> Any:
            events.append({**dict(event), "inReplyToEvent": event["in_reply_to_event"]})
            return answer

        self.hub.subscribe(f"topic={topic}{more}", heard, subscriber=subscriber)
        self._settle()

    def hear(self, topic: str, count: int) -> Any:
        """Give the events of a subscription so far, once there are so many."""
        self._until(lambda: len(self.heard[topic]) >= count)
        return self.heard[topic]

    def glance(self, topic: str, count: int, seconds: float) -> Any:
        """Give the events of a subscription so far: once there are so many, or after so long."""
        deadline = time.monotonic() + seconds
        while len(self.heard[topic]) < count and time.monotonic() < deadline:
            self.idle()
        return self.heard[topic]

    def publish(self, topic: str, data: Any = None, target: str = "") -> Any:
        """Publish an event; its id."""
        event = self.make_event(topic, data=data or {}, target=target)
        self.hub.publish(event)
        return event["id"]

    def ask(self, topic: str, data: Any = None, target: str = "") -> Any:
        """Publish an event and wait for its first reply."""
        replies: list[Any] = []
        self.hub.publish(self.make_event(topic, data=data or {}, target=target), on_reply=replies.append)
        self._until(lambda: replies)
        return replies[0]["data"]

    def idle(self) -> None:
        """Handle what came; the hub's own wait would sit there for a tenth of a second."""
        if self.hub.connected and not self.hub._event_queue.empty():
            self.hub.wait(0)
        else:
            time.sleep(0.005)

    def _settle(self) -> None:
        """Wait until the server has done all that was asked: what the hub tells itself comes back later."""
        known: list[Any] = []
        marker = f"interop.settled.{time.monotonic_ns()}"
        identifier = self.hub.subscribe(f"topic={marker}", known.append)
        self.hub.publish(self.make_event(marker))
        self._until(lambda: known)
        self.hub.unsubscribe(identifier)

    def _until(self, done: Any) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing came in {PATIENCE_SECONDS} s")
            self.idle()


def _at(entity: Any, path: str) -> Any:
    for name in path.split("."):
        entity = None if entity is None else entity[name]
    return entity.isoformat() if hasattr(entity, "isoformat") else entity


def _lines() -> queue.Queue[str]:
    """Lines of standard input, read by a thread: in the meantime events are handled."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    return lines


def _answered(peer: Peer, line: str) -> Any:
    asked = json.loads(line)
    try:
        return {"value": getattr(peer, asked["word"])(**asked.get("with") or {})}
    except Exception as error:  # noqa: BLE001 - the test says what may fail
        return {"error": {"name": type(error).__name__, "message": str(error)}}


def main(url: str, user: str, key: str) -> None:
    """Open a session of the official client, and answer until nothing more is asked."""
    import ftrack_api  # type: ignore[import-not-found]  # only the other environment has it

    session = ftrack_api.Session(
        url, key, user, plugin_paths=[], auto_connect_event_hub=False, schema_cache_path=False
    )
    peer, lines = Peer(session, ftrack_api.event.base.Event), _lines()
    while True:
        try:
            line = lines.get_nowait()
        except queue.Empty:
            peer.idle()
            continue
        if not line:
            return
        print(json.dumps(_answered(peer, line)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
