"""Questions that nobody can answer any more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_backends.event_hubs._local import LocalEventHub
from ftrack_backends.hub_parts._asking import Asking
from ftrack_core import Session
from ftrack_core.errors import EventHubConnectionError
from ftrack_core.values import Event

PATIENCE_SECONDS = 20.0


def _asked(hub: Any, end: Callable[[], None]) -> str:
    """What a request that would wait for an hour says when something ends it."""
    raised: list[str] = []
    asked = threading.Event()
    hub.tap(lambda event: asked.set() if event.topic == "t" else None)
    hub.subscribe("topic=t", print)

    def ask() -> None:
        with pytest.raises(EventHubConnectionError) as caught:
            hub.request(Event("t"), timeout_seconds=3600)
        raised.append(str(caught.value))

    waiting = threading.Thread(target=ask, daemon=True)
    waiting.start()
    assert asked.wait(PATIENCE_SECONDS)
    end()
    waiting.join(PATIENCE_SECONDS)
    assert not waiting.is_alive()
    return raised[0]


def test_closing_ends_a_request_at_once() -> None:
    """A host could not quit for as long as somebody may still answer."""
    hub = LocalEventHub()
    assert "the event hub was closed before anybody replied" in _asked(hub, hub.close)


@pytest.mark.parametrize(("how", "told"), [("disconnect", "was disconnected"), ("close", "was closed")])
def test_leaving_the_server_ends_a_request_at_once(how: str, told: str) -> None:
    """A tool would sit out its time for an answer that cannot come any more."""
    with Session("embedded:") as session:
        hub = session.event_hub
        hub.connect()
        assert told in _asked(hub, getattr(hub, how))


def test_an_answer_that_came_counts_more_than_the_end() -> None:
    """A tool would be told that nobody replied, with the reply in its hands."""
    asking = Asking()
    question = asking.ask(Event("t", "1"), 100.0)
    reply, late = Event("ftrack.meta.reply", "2", in_reply_to_event="1"), Event("ftrack.meta.reply", "3")
    (expected,) = asking.answered(reply, 1.0, at_once=True)
    expected.callback(reply)
    expected.callback(late)
    asking.leave("the event hub was closed")
    assert question.answer(0.0) is reply
    asking.done(question)
    assert asking.answered(reply, 1.0, at_once=True) == []
