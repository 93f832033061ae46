"""Two sessions of the official client talk to each other over the event server.

    python official_events.py URL USER KEY OTHER_USER OTHER_KEY

It must run under the official client's interpreter, so nothing of ours is imported here. Prints what was seen.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

PATIENCE_SECONDS = 20


class Talk:
    """Two connected sessions, and what the second hears."""

    def __init__(self, opened: Any, make_event: Any) -> None:
        self.ann, self.ben = opened(0), opened(1)
        self.make_event = make_event
        self.heard: list[Any] = []
        self.until(lambda: self.ann.event_hub.connected and self.ben.event_hub.connected)

    def until(self, done: Any) -> None:
        """Let both handle events until something is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise SystemExit(f"nothing came in {PATIENCE_SECONDS} s")
            for session in (self.ann, self.ben):
                if session.event_hub.connected:
                    session.event_hub.wait(0.01)

    def subscribed(self, session: Any, expression: str, callback: Any, **subscriber: Any) -> None:
        """Subscribe, and wait until the server knows it: what the hub then tells itself comes back later than that."""
        session.event_hub.subscribe(expression, callback, subscriber=subscriber or None)
        known: list[Any] = []
        marker = f"known.{time.monotonic_ns()}"
        identifier = session.event_hub.subscribe(f"topic={marker}", known.append)
        session.event_hub.publish(self.make_event(marker))
        self.until(lambda: known)
        session.event_hub.unsubscribe(identifier)

    def publish(self, topic: str, data: Any = None, **more: Any) -> list[Any]:
        """Have ann publish; gives the replies, which come as they come."""
        replies: list[Any] = []
        event = self.make_event(topic, data=data or {}, **more)
        self.ann.event_hub.publish(event, on_reply=lambda reply: replies.append(reply["data"]))
        return replies


def talk(opened: Any, make_event: Any) -> dict[str, Any]:
    """Live through it; gives what was seen."""
    two = Talk(opened, make_event)
    seen: dict[str, Any] = {}
    seen["heard"] = _heard(two)
    seen["own"] = _own(two)
    seen["targeted"] = _targeted(two)
    seen["actions"] = _actions(two)
    seen["update"] = _update(two)
    seen["again"] = _again(two)
    for session in (two.ann, two.ben):
        session.close()
    return seen


def _heard(two: Talk) -> Any:
    """What one publishes the other hears: whole, once, in order, with its author."""
    two.subscribed(two.ben, "topic=studio.publish and data.kind=shot", two.heard.append)
    for number in range(100):
        two.publish(
            "studio.publish", {"n": number, "kind": "shot" if number % 2 else "asset", "text": "élan {x}: 1+1"}
        )
    two.until(lambda: len(two.heard) >= 50)
    event = two.heard[0]
    user = two.ann.query(f'User where username is "{two.ann.api_user}"').one()
    return {
        "numbers": [each["data"]["n"] for each in two.heard],
        "text": event["data"]["text"],
        "author": [event["source"]["user"]["username"], event["source"]["user"]["id"] == user["id"]],
        "hub": event["source"]["id"] == two.ann.event_hub.id,
        "sent": bool(event["sent"]),
    }


def _own(two: Talk) -> Any:
    """The publisher hears itself, once, though two of its subscriptions match."""
    mine: list[Any] = []
    two.subscribed(two.ann, "topic=studio.own", mine.append)
    two.subscribed(two.ann, "topic=studio.o* and not data.missing=1", lambda _: None)
    two.publish("studio.own")
    last: list[Any] = []
    two.subscribed(two.ann, "topic=studio.last", last.append)
    two.publish("studio.last")
    two.until(lambda: last)
    return len(mine)


def _targeted(two: Talk) -> Any:
    """Only whoever the target means hears it."""
    got: dict[str, list[Any]] = {"ann": [], "ben": []}
    for name, session in (("ann", two.ann), ("ben", two.ben)):
        two.subscribed(session, "topic=studio.show-window", got[name].append, applicationId=name, id=f"window-{name}")
    two.publish("studio.show-window", target="applicationId=ben and not id=x")
    two.publish("studio.show-window", target='id="window-ann"')
    two.until(lambda: got["ann"] and got["ben"])
    return {name: [each["target"] for each in events] for name, events in got.items()}


def _actions(two: Talk) -> Any:
    """A menu is filled, and one of its entries started: discover, then launch, each answered."""
    entry = {"label": "Publish", "actionIdentifier": "studio.publish-action"}
    two.subscribed(two.ben, "topic=ftrack.action.discover", lambda _: {"items": [entry]})
    two.subscribed(
        two.ben,
        "topic=ftrack.action.launch and data.actionIdentifier=studio.publish-action",
        lambda event: {"success": True, "message": f"{len(event['data']['selection'])} published"},
    )
    offered = two.publish("ftrack.action.discover", {"selection": [{"entityType": "task", "entityId": "1"}]})
    two.until(lambda: offered)
    chosen = offered[0]["items"][0]
    done = two.publish("ftrack.action.launch", {"selection": [1, 2], "actionIdentifier": chosen["actionIdentifier"]})
    two.until(lambda: done)
    return [offered, done]


def _update(two: Talk) -> Any:
    """What one commits the other is told."""
    updates: list[Any] = []
    two.subscribed(two.ben, "topic=ftrack.update", updates.append)
    task = two.ann.query("select name, parent, status from Task").first()
    status = two.ann.query(f'Status where name is_not "{task["status"]["name"]}" order by name').first()
    before, task["status"] = task["status"]["id"], status
    two.ann.commit()
    two.until(lambda: updates)
    (entity,) = updates[0]["data"]["entities"]
    return {
        "type": [entity["entityType"], entity["entity_type"], entity["action"], entity["keys"]],
        "change": entity["changes"]["statusid"] == {"old": before, "new": status["id"]},
        "parents": [entity["parents"][0]["entityId"] == task["id"], entity["parents"][-1]["entityType"]],
        "user": updates[0]["data"]["user"]["name"] == two.ann.api_user,
        "author": updates[0]["source"]["user"]["username"] == two.ann.api_user,
        "count": len(updates),
    }


def _again(two: Talk) -> Any:
    """After a reconnect the same subscriptions hold."""
    two.ben.event_hub.reconnect(attempts=3, delay=0)
    before = len(two.heard)
    two.subscribed(two.ben, "topic=studio.other", lambda _: None)
    two.publish("studio.publish", {"n": 1000, "kind": "shot"})
    two.until(lambda: len(two.heard) > before)
    return [each["data"]["n"] for each in two.heard[before:]]


def main(url: str, *credentials: str) -> None:
    """Talk with the official client and print what was seen."""
    import ftrack_api  # type: ignore[import-not-found]  # only the other environment has it

    pairs = [credentials[:2], credentials[2:]]

    def opened(number: int) -> Any:
        user, key = pairs[number]
        return ftrack_api.Session(
            url, key, user, plugin_paths=[], auto_connect_event_hub=True, schema_cache_path=False
        )

    print(json.dumps(talk(opened, ftrack_api.event.base.Event)))


if __name__ == "__main__":
    main(*sys.argv[1:])
