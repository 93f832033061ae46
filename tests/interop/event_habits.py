"""What existing plug-ins and services do with events, done with either client; prints what each habit gave.

    python event_habits.py ftrack_api|ftrack_core URL KEY USER

Nothing but the import of `Event` differs between the two.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import time
from typing import Any

CLIENT, URL, KEY, USER = sys.argv[1:]
Session = importlib.import_module(CLIENT).Session
Event = importlib.import_module("ftrack_api.event.base" if CLIENT == "ftrack_api" else "ftrack_core.values").Event


def heard(hub: Any, got: list[Any]) -> list[Any]:
    """What came, handled as services do it: a little at a time."""
    deadline = time.monotonic() + 20
    while not got and time.monotonic() < deadline:
        hub.wait(duration=0.1)
    return got


def settled(hub: Any) -> None:
    """Have the server know all subscriptions: it handles what one client sends in order."""
    got: list[Any] = []
    with_id = hub.subscribe(f"topic=habits.settled.{hub.id}", lambda event: got.append(event["topic"]))
    hub.publish(Event(topic=f"habits.settled.{hub.id}"))
    heard(hub, got)
    hub.unsubscribe(with_id)


def an_event_reads_as_a_mapping(hub: Any) -> Any:
    """An event that was made is looked into, and its data and source are written into."""
    event = Event(topic="habits.read", data={"x": 1}, source={"applicationId": "tool"}, target="id=me")
    event["data"]["y"] = 2
    event["source"]["host"] = "here"
    parts = [event["topic"], event["target"], event["in_reply_to_event"], event.get("nothing"), "data" in event]
    return [parts, sorted(event), sorted(event.keys()), len(event), dict(event)["data"], event["source"]]


def callbacks_write_into_the_data(hub: Any) -> Any:
    """One plug-in adds to what the next sees, and the publisher after all of them."""
    event = Event(topic="habits.write", data={})
    hub.subscribe("topic=habits.write", lambda event: event["data"].update(options=[1]), priority=10)
    hub.subscribe("topic=habits.write", lambda event: event["data"]["options"].append(2))
    return [hub.publish(event, synchronous=True), event["data"]]


def a_callback_takes_all_of_an_event(hub: Any) -> Any:
    """What is handed to callbacks is changed, key by key."""

    def changes(event: Any) -> Any:
        event["target"], event["data"] = "id=other", {"n": 2}
        event.update(sent="now")
        return [event.pop("nothing", 5), sorted(event), event["sent"]]

    hub.subscribe("topic=habits.changed", changes, priority=10)
    hub.subscribe("topic=habits.changed", lambda event: event["data"], subscriber={"id": "other"})
    return hub.publish(Event(topic="habits.changed", data={"n": 1}), synchronous=True)


def metadata_gets_the_id(hub: Any) -> Any:
    """Metadata tells the id that its subscriber got."""
    metadata = {"applicationId": "tool"}
    identifier = hub.subscribe("topic=habits.target", lambda event: "mine", metadata)
    hub.subscribe("topic=habits.target", lambda event: "others")
    event = Event(topic="habits.target", target="id={id}".format(**metadata))
    return [metadata["id"] == identifier, hub.publish(event, synchronous=True)]


def a_subscriber_is_found_by_its_id(hub: Any) -> Any:
    """Who subscribed is looked up."""
    hub.subscribe("topic=habits.found", lambda event: "called", {"id": "found", "applicationId": "tool"}, priority=7)
    found = hub.get_subscriber_by_identifier("found")
    missing = hub.get_subscriber_by_identifier("missing")
    return [found.metadata, found.priority, found.callback(None), missing]


def priority_and_stop(hub: Any) -> Any:
    """A studio's plug-in comes first and has the last word."""
    called: list[str] = []

    def stops(event: Any) -> None:
        called.append("stops")
        event.stop()

    hub.subscribe("topic=habits.stop", lambda event: called.append("late"), priority=200)
    hub.subscribe("topic=habits.stop", stops, priority=50)
    hub.subscribe("topic=habits.stop", lambda event: called.append("early"), priority=-1)
    hub.publish(Event(topic="habits.stop"), synchronous=True, on_error="ignore")
    return called


def unsubscribing_within_a_callback(hub: Any) -> Any:
    """A callback that is called once."""
    called: list[int] = []

    def once(event: Any) -> None:
        called.append(1)
        hub.unsubscribe(identifier)

    identifier = hub.subscribe("topic=habits.once", once)
    for _ in range(2):
        hub.publish(Event(topic="habits.once"), synchronous=True)
    return called


def where_the_hub_is(hub: Any) -> Any:
    """What the hub says of its server."""
    there = [hub.get_server_url() == URL, hub.get_network_location() == URL.partition("//")[2]]
    return [*there, hub.secure, len(hub.id), hub.connected]


def an_action_of_one_user(hub: Any) -> Any:
    """An action that listens to one user's launches."""
    mine = f"topic=ftrack.action.launch and source.user.username={USER} and data.actionIdentifier=studio.open"
    hub.subscribe(mine, lambda event: {"success": True, "message": event["data"]["selection"][0]["entityId"]})
    hub.subscribe("topic=ftrack.action.launch and source.user.username=nobody", lambda event: "never")
    data = {"actionIdentifier": "studio.open", "selection": [{"entityId": "1", "entityType": "task"}]}
    return hub.publish(Event(topic="ftrack.action.launch", data=data), synchronous=True)


def publishing_when_not_connected(hub: Any) -> Any:
    """What nobody may miss, and what is refused."""
    hub.publish(Event(topic="habits.lost"), on_error="ignore")
    try:
        hub.publish(Event(topic="habits.lost"))
    except Exception as error:  # noqa: BLE001 - told by its name
        return type(error).__name__


def queued_until_connected(hub: Any) -> Any:
    """Publishing before the connection stands."""
    got: list[Any] = []
    hub.init_connection()
    hub.subscribe("topic=habits.queued", lambda event: got.append(event["data"]["n"]))
    hub.publish(Event(topic="habits.queued", data={"n": 1}))
    hub.connect()
    return heard(hub, got)


def publishing_within_a_callback(hub: Any) -> Any:
    """One event leads to another."""
    got: list[Any] = []
    hub.connect()
    hub.subscribe("topic=habits.second", lambda event: got.append(event["data"]["n"]))
    hub.subscribe(
        "topic=habits.first", lambda event: hub.publish(Event(topic="habits.second", data={"n": 2})) and None
    )
    settled(hub)
    hub.publish(Event(topic="habits.first"))
    return heard(hub, got)


def replies(hub: Any) -> Any:
    """What a callback returns comes back."""
    got: list[Any] = []
    hub.connect()
    hub.subscribe("topic=habits.asked", lambda event: {"answer": 42})
    settled(hub)
    hub.publish(
        Event(topic="habits.asked"),
        on_reply=lambda reply: got.append([reply["topic"], reply["data"], bool(reply["in_reply_to_event"])]),
    )
    return heard(hub, got)


def replying_by_hand(hub: Any) -> Any:
    """An answer in somebody's name."""
    got: list[Any] = []
    hub.connect()
    answering = {"applicationId": "tool"}
    hub.subscribe(
        "topic=habits.hand", lambda event: hub.publish_reply(event, data={"a": 1}, source=answering) and None
    )
    settled(hub)
    on_reply = lambda reply: got.append([reply["data"], reply["source"].get("applicationId")])  # noqa: E731
    hub.publish(Event(topic="habits.hand"), on_reply=on_reply)
    return heard(hub, got)


def leaving_and_coming_back(hub: Any) -> Any:
    """Subscriptions kept, and ended."""
    got: list[Any] = []
    hub.connect()
    hub.subscribe("topic=habits.back", lambda event: got.append(event["data"]), {"id": "kept"})
    hub.disconnect(unsubscribe=False)
    left = hub.connected
    hub.connect()
    settled(hub)
    hub.publish(Event(topic="habits.back", data={"n": 1}))
    kept = heard(hub, got)
    hub.disconnect(True)  # noqa: FBT003 - as it is written in existing code
    hub.subscribe("topic=habits.back", print, {"id": "kept"})
    return [left, kept]


def reconnecting_by_hand(hub: Any) -> Any:
    """A connection made anew, twice."""
    hub.reconnect(attempts=2, delay=1)
    first = hub.connected
    hub.reconnect(attempts=2, delay=1)
    return [first, hub.connected]


HABITS = [found for found in list(vars().values()) if getattr(found, "__annotations__", {}).get("return") == "Any"]


def main() -> None:
    """Print what each habit gave, by its name."""
    logging.disable(logging.CRITICAL)
    given = {}
    for habit in HABITS:
        session = Session(URL, KEY, USER, plugin_paths=[], schema_cache_path=False, auto_connect_event_hub=False)
        try:
            given[habit.__name__] = habit(session.event_hub)
        except Exception as error:  # noqa: BLE001 - told where it is compared
            given[habit.__name__] = f"{type(error).__name__}: {error}"
        finally:
            session.close()
    print(json.dumps(given))


if __name__ == "__main__":
    main()
