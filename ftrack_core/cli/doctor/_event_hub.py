"""The event hub: whether it connects, and whether an event comes back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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
    """The handshake, and an event's way to the server and back."""
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
