"""Publish events that subscribers in the same process get at once; each subscriber has a topic of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from speed.clients import Floor
from speed.measuring import digest, timed
from speed.plan import SESSIONS, Block, Case, Results, faster, taken

SUBSCRIBERS = {"full": 1_000, "quick": 1_000, "tiny": 20}
EVENTS = {"full": 1_000, "quick": 200, "tiny": 20}


def cases(size: str) -> list[Case]:
    """One."""
    options = {"subscribers": SUBSCRIBERS[size], "events": EVENTS[size]}
    return [Case("publish", options, programs=SESSIONS)]


def run(client: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What one program does: one event for each of the first topics; each reaches one subscriber."""
    topics = [f"show.shot.{number}" for number in range(options["subscribers"])]
    seen: list[Any] = []

    def heard(event: Any) -> None:
        seen.append([event["topic"], event["data"]["number"]])

    subscribe, publish = _raw(heard) if isinstance(client, Floor) else _hub(client, heard)
    subscribing, _ = timed(lambda: [subscribe(topic) for topic in topics])
    publishing, _ = timed(lambda: [publish(topics[number], number) for number in range(options["events"])])
    return {"subscribe": subscribing, "publish": publishing, "checksum": digest(seen)}


def _raw(heard: Any) -> tuple[Any, Any]:
    """As little as can be done: a dictionary of topics."""
    by_topic: dict[str, Any] = {}

    def publish(topic: str, number: int) -> None:
        by_topic[topic]({"topic": topic, "id": uuid.uuid4().hex, "data": {"number": number}})

    return lambda topic: by_topic.setdefault(topic, heard), publish


def _hub(client: Any, heard: Any) -> tuple[Any, Any]:
    hub = client.session.event_hub

    def publish(topic: str, number: int) -> None:
        hub.publish(client.event(topic, {"number": number}), synchronous=True)

    return lambda topic: hub.subscribe(f"topic={topic}", heard), publish


def blocks(size: str, results: Mapping[str, Results]) -> list[Block]:
    """Publishing, which is the row, and subscribing beside it."""
    told, each = results["publish"], 1_000_000 / EVENTS[size]
    count = f"{SUBSCRIBERS[size]:,} local subscribers on distinct topics"
    subscribing = taken(told, "subscribe", 1_000_000 / SUBSCRIBERS[size])
    return [
        Block(f"publish an event to {count}", "us", taken(told, "publish", each), (faster(50),)),
        Block(f"subscribe one of {count}", "us", subscribing),
    ]
