"""The event hub: whether it connects, and whether an event comes back."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftrack_core.assembly import standing_inbox
from ftrack_core.cli.doctor._limits import of_error
from ftrack_core.cli.doctor._server import skipped
from ftrack_core.errors import Error
from ftrack_core.interfaces import IDiagnosed, IRemoteEventHub
from ftrack_core.values import Event, Finding

if TYPE_CHECKING:
    from ftrack_core.cli.doctor._examination import Examination

__all__ = ["check"]

_STEP_SECONDS = 0.2
_ADVICE = (
    "sessions work without events; check that the way to the event server is open (WebSockets through proxies and "
    "firewalls), and that a proxy set for the transport holds for the event hub too"
)


def check(examination: Examination) -> Iterator[Finding]:
    """The handshake, an event's way to the server and back, and what listeners set aside."""
    yield from _hub(examination)
    yield from _inbox(examination)


def _hub(examination: Examination) -> Iterator[Finding]:
    backends = examination.backends
    why = skipped(examination, "event hub")
    if backends is None or why is not None:
        yield why or Finding("event hub", "skipped", "there are no backends")
        return
    hub = backends.event_hub
    if IRemoteEventHub.providedBy(hub) and examination.information is None:
        yield Finding("event hub", "skipped", "the server did not answer; see above")
        return
    if IDiagnosed.providedBy(hub):
        yield from hub.diagnose(examination.timeout_seconds)
    if IRemoteEventHub.providedBy(hub):
        began = time.monotonic()
        try:
            hub.connect()
        except Error as error:
            yield of_error("connection", error, _ADVICE, time.monotonic() - began)
            return
        yield Finding("connection", "ok", "it is joined to the event server", seconds=time.monotonic() - began)
    yield _round_trip(hub, examination.timeout_seconds)


def _inbox(examination: Examination) -> Iterator[Finding]:
    """What the inbox holds, where the settings name one that is there; none is made."""
    told = examination.settings["event_inbox"] if examination.settings is not None else None
    if told is None:
        return
    path = told.get("path") if isinstance(told, Mapping) else told
    if isinstance(path, (str, os.PathLike)) and _is_file(path) and not Path(path).exists():
        yield Finding("inbox", "ok", f"{os.fspath(path)} is not there yet; the first listener makes it")
        return
    try:
        inbox = standing_inbox(told, examination.registry)
        try:
            counts = inbox.counts()
        finally:
            inbox.close()
    except Error as error:
        yield of_error("inbox", error, "see `ftrack inbox`, and the path in event_inbox")
        return
    yield _counted(counts, path)


def _is_file(path: str | os.PathLike[str]) -> bool:
    return isinstance(path, os.PathLike) or (any(mark in path for mark in ("/", "\\", ".")) and ":" not in path[2:])


def _counted(counts: Mapping[str, Mapping[Any, int]], path: object) -> Finding:
    waiting = sum(of["waiting"] for of in counts.values())
    aside = {handler: of["set aside"] for handler, of in counts.items() if of["set aside"]}
    facts = {"counts": {handler: dict(of) for handler, of in counts.items()}}
    if aside:
        handlers = ", ".join(f"{handler} {count}" for handler, count in sorted(aside.items()))
        text = f"events were set aside, since handlers failed: {handlers}"
        return Finding("inbox", "warning", text, f"`ftrack inbox {path}` shows why, and replays them", facts=facts)
    return Finding("inbox", "ok", f"{waiting} deliveries wait, and none was set aside", facts=facts)


def _round_trip(hub: Any, timeout_seconds: float) -> Finding:
    """Publish an event that nobody else listens to, and wait for it."""
    topic = f"ftrack.doctor.{uuid.uuid4().hex}"
    came: list[float] = []
    began = time.monotonic()
    try:
        hub.subscribe(f"topic={topic}", lambda _event: came.append(time.monotonic()))
        hub.publish(Event(topic, uuid.uuid4().hex, {}))
        while not came and time.monotonic() - began < timeout_seconds:
            hub.wait(_STEP_SECONDS)
    except Error as error:
        return of_error("round trip", error, _ADVICE, time.monotonic() - began)
    if not came:
        text = f"an event that was published did not come back within {timeout_seconds:g} s"
        return Finding("round trip", "failed", text, _ADVICE, time.monotonic() - began)
    return Finding("round trip", "ok", "an event that was published came back", seconds=came[0] - began)
