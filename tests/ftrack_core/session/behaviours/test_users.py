"""Timers, invitations and keys of users."""

from __future__ import annotations

import datetime
import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ftrack_core import Session, errors
from ftrack_core.values import Response


@pytest.fixture
def ann(session: Session, wire: Any) -> Any:
    """A user; her being found is not counted."""
    found = session.query("User where username is ann").one()
    wire.forget()
    return found


@pytest.fixture
def task(session: Session) -> Any:
    """What the time is spent on."""
    return session.query("Task").first()


def _running(session: Session, user: Any, start: datetime.datetime, **more: Any) -> Any:
    """A timer that was started at a moment."""
    timer = session.create("Timer", {"user": user, "start": start, **more})
    session.commit()
    return timer


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def test_a_timer_is_committed_at_once(make_session: Callable[..., Session], ann: Any, task: Any) -> None:
    """Somebody else sees that the time runs."""
    ann.start_timer(task, comment="blocking", name="shot")
    [found] = make_session().query("select comment, name, context_id, user_id, start from Timer")
    assert (found["comment"], found["name"]) == ("blocking", "shot")
    assert (found["context_id"], found["user_id"]) == (task["id"], ann["id"])
    assert abs(_now() - found["start"]) < datetime.timedelta(minutes=1)


def test_stopping_logs_whole_seconds(make_session: Callable[..., Session], session: Session, ann: Any) -> None:
    """With everything that the timer said, and the timer is gone."""
    start = (_now() - datetime.timedelta(days=1, seconds=90.5)).replace(microsecond=0)
    _running(session, ann, start, comment="blocking", name="shot")
    timelog = ann.stop_timer()
    assert isinstance(timelog["duration"], int)
    assert 86490 <= timelog["duration"] <= 86490 + 60
    other = make_session()
    [found] = other.query("Timelog")
    assert [found[name] for name in ("start", "comment", "name", "user_id")] == [start, "blocking", "shot", ann["id"]]
    assert len(other.query("Timer")) == 0


def test_stopping_takes_two_calls(session: Session, wire: Any, ann: Any) -> None:
    """One that finds the timer with all it says, one that commits; in threads too that load nothing."""
    ann.start_timer()
    wire.forget()
    with session.auto_populating(auto_populate=False):
        ann.stop_timer()
    assert wire.calls == 2


def test_a_second_timer_is_refused_and_leaves_nothing_behind(session: Session, ann: Any, task: Any) -> None:
    """The advice in the message works: the timer that runs can be stopped right away."""
    first = ann.start_timer(task)
    task["name"] = "changed meanwhile"
    with pytest.raises(errors.NotUniqueError, match="force=True") as caught:
        ann.start_timer()
    assert isinstance(caught.value, errors.ServerError)
    assert caught.value.exception == "DuplicateEntryError"
    assert session.created == []
    assert session.modified == [task]
    ann.stop_timer()
    assert session.get("Timer", first["id"]) is None
    assert len(session.recorded_operations) == 0
    assert ann.start_timer()["user_id"] == ann["id"]


def test_force_stops_the_one_that_runs(session: Session, ann: Any, task: Any) -> None:
    """Its time is logged; where none runs, nothing is."""
    first = ann.start_timer(task, force=True)
    assert len(session.query("Timelog")) == 0
    second = ann.start_timer(force=True)
    assert [timer["id"] for timer in session.query("Timer")] == [second["id"]] != [first["id"]]
    assert [each["context_id"] for each in session.query("Timelog")] == [task["id"]]


def test_stopping_without_a_timer_is_told(session: Session, ann: Any) -> None:
    """By the error that existing code expects; timers of others do not count."""
    _running(session, session.query("User where username is ben").one(), _now())
    with pytest.raises(errors.NoResultFoundError, match="no timer running"):
        ann.stop_timer()
    assert len(session.recorded_operations) == 0


def test_a_clock_that_is_ahead_logs_no_negative_time(session: Session, ann: Any) -> None:
    """Two machines never agree to the second."""
    _running(session, ann, _now() + datetime.timedelta(minutes=5))
    assert ann.stop_timer()["duration"] == 0


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine stands nine hours east of Greenwich."""
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _telling(wire: Any, supported: bool | None) -> None:
    def told(batch: list[dict[str, Any]], answer: Response) -> Response:
        if batch[0]["action"] != "query_server_information":
            return answer
        [information] = json.loads(answer.body)
        information["is_timezone_support_enabled"] = supported
        return Response(200, {}, json.dumps([information]).encode())

    wire.after = told


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process cannot be changed here")
@pytest.mark.usefixtures("far_east")
@pytest.mark.parametrize(("supported", "ahead"), [(True, 0), (None, 0), (False, 9)])
def test_servers_without_time_zones_keep_local_time(
    make_session: Callable[..., Session],
    wire: Any,
    caplog: pytest.LogCaptureFixture,
    supported: bool | None,
    ahead: int,
) -> None:
    """The same minute of work is a minute, whatever the server's clock calls it."""
    _telling(wire, supported)
    session = make_session()
    ann: Any = session.query("User").first()
    started = _now() + datetime.timedelta(hours=ahead, seconds=-60)
    _running(session, ann, started)
    with caplog.at_level(logging.WARNING):
        assert 59 <= ann.stop_timer()["duration"] <= 120
    assert ("UTC" in caplog.text) == (supported is None)


class Moment:
    """A date of another library: nothing but `isoformat`."""

    def __init__(self, text: str) -> None:
        self.year, self._text = int(text[:4]), text

    def isoformat(self) -> str:
        """The text that it was made of."""
        return self._text


class OtherDates(Session):
    """A session whose programs want dates of their own."""

    def to_date(self, text: str) -> Moment:
        """A moment of theirs."""
        return Moment(text)


def test_timers_work_with_dates_of_another_library(make_session: Callable[..., Session]) -> None:
    """A compatibility layer replaces the converter, and behaviours must not depend on its type."""
    session = make_session(session=OtherDates)
    ann: Any = session.query("User").first()
    ann.start_timer()
    timelog = ann.stop_timer()
    assert isinstance(timelog["start"], Moment)
    assert 0 <= timelog["duration"] < 60


def _answering(wire: Any, *results: dict[str, Any]) -> None:
    wire.before = lambda _batch: Response(200, {}, json.dumps(results).encode())


def test_a_user_is_invited_and_gets_a_new_key(wire: Any, ann: Any) -> None:
    """Both are actions of the server, at once."""
    _answering(wire, {"action": "send_user_invite", "sent": True})
    ann.send_invite()
    _answering(wire, {"action": "reset_remote", "data": {"api_key": "new"}})
    assert ann.reset_api_key() == "new"
    reset = {"action": "reset_remote", "reset_type": "api_key", "entity_type": "User", "entity_key": ann["id"]}
    assert wire.batches == [[{"action": "send_user_invite", "user_id": ann["id"]}], [reset]]
