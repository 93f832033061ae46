"""A session seen from outside: what it counts, and who is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from typing import Any

import attrs
import pytest
from zope.interface import implementer

from ftrack_core import Session
from ftrack_core.errors import NotSentError, WrongBackendError
from ftrack_core.interfaces import IObserver
from ftrack_core.testing import assert_provides


@implementer(IObserver)
@attrs.define(eq=False)
class Notes:
    """Writes down what it is told."""

    told: list[tuple[Any, ...]] = attrs.field(factory=list)

    def on_request(self, actions: Sequence[str], body_bytes: int) -> None:
        """Note it."""
        self.told.append(("request", *actions, body_bytes > 0))

    def on_response(self, actions: Sequence[str], body_bytes: int, seconds: float) -> None:
        """Note it."""
        self.told.append(("response", *actions, body_bytes > 0, seconds >= 0))

    def on_retry(self, failure: str) -> None:
        """Note it."""
        self.told.append(("retry", failure))

    def on_load(self, entity_type: str, names: Collection[str], entities: int) -> None:
        """Note it."""
        self.told.append(("load", entity_type, *names, entities))


def test_the_kit_agrees_that_it_is_an_observer() -> None:
    """What the tests observe with is what the contract says."""
    assert_provides(IObserver, Notes())


def test_calls_bytes_rows_and_loads_are_counted(session: Session, wire: Any) -> None:
    """A tool can say what it cost."""
    before = session.statistics()
    tasks = session.query("Task").all()
    [task["status"]["name"] for task in tasks]
    found = session.statistics()
    assert found.calls - before.calls == wire.calls == 2
    assert found.rows - before.rows == 2 * len(tasks)
    assert (found.loads - before.loads, found.loaded_entities - before.loaded_entities) == (1, len(tasks))
    assert found.bytes_sent > before.bytes_sent
    assert found.bytes_received > before.bytes_received
    assert before.calls == 2
    assert found.retries == 0


def test_cache_hits_and_misses_are_counted(make_session: Callable[..., Session]) -> None:
    """Whether a cache is worth its while is a number."""
    settings = {"cache": "memory", "freshness": {"Status": "1d"}}
    session = make_session(settings=settings)
    [key] = {status["id"] for status in session.query("Status limit 1").all()}
    session.reset()
    session.get("Status", "no-such-id")
    assert (session.statistics().cache_hits, session.statistics().cache_misses) == (0, 1)
    session.get("Status", key)
    assert session.statistics().cache_hits + session.statistics().cache_misses == 2


def test_observers_are_told_as_it_happens(session: Session) -> None:
    """A progress bar, a log, a metric: each sees what is sent, what comes and why."""
    notes = Notes()
    with session.observing(notes):
        task = session.query("Task").first()
        assert task is not None
        task["description"]
    task["bid"]
    assert notes.told == [
        ("request", "query", True),
        ("response", "query", True, True),
        ("load", "Task", "description", 1),
        ("request", "query", True),
        ("response", "query", True, True),
    ]


def test_retries_are_counted_and_told(make_session: Callable[..., Session], wire: Any) -> None:
    """A line that is bad shows before it breaks."""
    session = make_session(settings={"retry_seconds": 5})
    failures = iter([NotSentError("no route"), None])

    def before(_batch: Any) -> None:
        failure = next(failures, None)
        if failure is not None:
            raise failure

    wire.before = before
    notes = Notes()
    with session.observing(notes):
        assert session.query("Task").first() is not None
    assert session.statistics().retries == 1
    assert ("retry", "no route") in notes.told


def test_an_observer_that_raises_disturbs_nothing(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    """A broken metric never breaks a publish."""

    class Broken(Notes):
        def on_request(self, actions: Sequence[str], body_bytes: int) -> None:
            raise RuntimeError("no metrics today")

    with session.observing(Broken()), caplog.at_level(logging.ERROR):
        assert session.query("Task").first() is not None
    assert "Broken" in caplog.text


def test_what_is_no_observer_is_refused(session: Session) -> None:
    """A missing method is told before anything happens, and by name."""
    with (
        pytest.raises(WrongBackendError, match="on_load, on_request, on_response, on_retry"),
        session.observing(object()),
    ):
        pass
