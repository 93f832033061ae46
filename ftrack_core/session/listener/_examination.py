"""Finding out how a listener is."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

from ftrack_core.interfaces import IEventInbox
from ftrack_core.session.listener._coverage import Coverage
from ftrack_core.session.listener._crew import Crew
from ftrack_core.session.listener._handlers import Handlers
from ftrack_core.session.listener._health import Health, WorkerHealth
from ftrack_core.session.listener._tally import Tally

__all__ = ["examined", "strangers"]


def examined(
    hub: Any,
    inbox: IEventInbox,
    handlers: Handlers,
    coverage: Coverage,
    tally: Tally,
    crew: Crew,
    *,
    running: bool,
) -> Health:
    """How a listener is; an inbox that cannot tell is a problem and no error."""
    problems, notices = list(tally.troubles), list[str]()
    connected = running and bool(getattr(hub, "connected", True))
    if not running:
        problems.insert(0, "the listener does not run")
    elif not connected:
        problems.insert(0, "the event server is not connected")
    workers = tuple(run.health() for run in crew.runs())
    problems += [_hanging(worker) for worker in workers if worker.hung]
    waiting, aside, oldest = -1, -1, 0.0
    try:
        counts = inbox.counts()
        waiting = sum(states.get("waiting", 0) for states in counts.values())
        aside = sum(states.get("set aside", 0) for states in counts.values())
        oldest = _oldest(inbox) if waiting else 0.0
        notices += _notices(counts, handlers)
    except Exception as error:  # noqa: BLE001 - an inbox is anybody's code
        problems.append(f"the inbox cannot be asked: {error}")
    since = coverage.since if connected else None
    return Health(
        running=running,
        connected=connected,
        connected_since=_moment(since),
        last_event_at=_moment(tally.last_event_at),
        **tally.counts,
        waiting=waiting,
        waiting_aside=aside,
        oldest_waiting_seconds=oldest,
        last_gap=_moment(tally.last_gap_at),
        workers=workers,
        problems=tuple(problems),
        notices=tuple(notices),
    )


def _hanging(worker: WorkerHealth) -> str:
    return f"the handler {worker.handler} hangs with the event {worker.event_id} for {worker.seconds:.0f} s"


def _oldest(inbox: IEventInbox) -> float:
    found = inbox.deliveries("waiting", limit=1)
    return round(max(0.0, time.time() - found[0].stored_at), 3) if found else 0.0


def _notices(counts: Any, handlers: Handlers) -> list[str]:
    """What is for a person to look at."""
    unknown, notices = strangers(counts, handlers), []
    for name, states in sorted(counts.items()):
        if states.get("set aside"):
            notices.append(f"{states['set aside']} events are set aside for {name}")
        if name in unknown:
            notices.append(f"{unknown[name]} events wait for {name}, which is no handler here")
    return notices


def strangers(counts: Any, handlers: Handlers) -> dict[str, int]:
    """How much waits in an inbox for handlers that are not here, by their names."""
    waiting = {name: states.get("waiting", 0) for name, states in counts.items() if name not in set(handlers.names)}
    return {name: count for name, count in waiting.items() if count}


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc)
