"""Part four: one session commits a plan, and another one, which listens, is told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ftrack_backends.workspace.demo import _screen as screen
from ftrack_backends.workspace.demo import _snippets as snippets
from ftrack_core.values import Event

if TYPE_CHECKING:
    from ftrack_backends.workspace.demo._stage import Act, Stage
    from ftrack_core.session import Session
    from ftrack_core.unit_of_work import Plan

__all__ = ["listen"]

_PATIENCE_SECONDS = 30.0


def listen(stage: Stage, act: Act) -> None:
    """Commit a plan in one session, and print the event that tells of it in another."""
    screen.code(snippets.send_to_review, snippets.what_changed)
    with stage.session_with_events(stage.supervisor) as listening, stage.session(stage.artist) as session:
        heard = _heard(listening)
        snippets.send_to_review(session)
        plan = session.plan()
        screen.say(f">>> print(session.plan())                # {stage.artist.username}'s session")
        screen.printed(str(plan))
        session.commit()
        committed = time.perf_counter()
        while not heard and time.perf_counter() < committed + _PATIENCE_SECONDS:
            listening.event_hub.wait(0.01)
        milliseconds = (time.perf_counter() - committed) * 1000
        _check(stage, session, plan, heard)
        screen.say(f"\nWhat {stage.supervisor.username}'s session was told, without asking:")
        screen.table(("entity type", "attribute", "before", "now"), snippets.what_changed(listening, heard[0]))
        act.rows += len(plan) + 2
    screen.good(
        f"{len(plan)} writes, one `ftrack.update` event, handled {milliseconds:.1f} ms after the commit had returned"
    )


def _heard(session: Session) -> list[Any]:
    """Subscribe and connect; gives the list that `ftrack.update` events will come into."""
    heard: list[Any] = []
    hub = session.event_hub
    hub.subscribe("topic=ftrack.update", heard.append)
    hub.connect()
    hub.publish_acknowledged(Event("demo.listening"))  # the server has the subscription before this
    return heard


def _check(stage: Stage, session: Session, plan: Plan, heard: list[Any]) -> None:
    stage.expect(len(heard) == 1, f"{len(heard)} events came of one commit")
    data = heard[0]["data"]
    told = {(each["entity_type"], each["entityId"]) for each in data["entities"]}
    planned = {(write.entity.entity_type, write.entity.key[0]) for write in plan.writes}
    stage.expect(told == planned, f"the event tells of {told}, and the plan wrote {planned}")
    stage.expect(data["clientToken"] == session.client_token, "the event does not say whose commit it was")
