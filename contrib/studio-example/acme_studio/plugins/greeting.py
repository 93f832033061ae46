"""A plug-in that every session of the studio loads."""

from __future__ import annotations

from typing import Any


def register(session: Any, studio: str = "nowhere") -> None:
    """Answer to `acme.greet`, so that a tool can ask whether the studio's session stands."""

    def greet(event: Any) -> str:
        return f"Hello {event['data']['name']}, says {studio}"

    session.event_hub.subscribe("topic=acme.greet", greet)
