"""The one place where a session makes dates."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_core import Session, errors


class Moment:
    """A date of another library."""

    def __init__(self, text: str) -> None:
        self.text, self.year = text, int(text[:4])

    def isoformat(self) -> str:
        """The text that it was made of."""
        return self.text


class OtherDates(Session):
    """A session whose programs want dates of their own."""

    def to_date(self, text: str) -> Moment:
        """A moment of theirs."""
        return Moment(text)


@pytest.fixture
def other(make_session: Callable[..., Session]) -> Session:
    """A session with dates of its own."""
    return make_session(session=OtherDates)


def test_a_session_gives_aware_moments(session: Session) -> None:
    """What has no offset is UTC, and what is no date is told."""
    assert session.to_date("2026-03-04T05:06:07") == datetime.datetime(
        2026, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc
    )
    with pytest.raises(errors.MalformedReplyError):
        session.to_date("soon")


def test_a_subclass_makes_dates_of_its_own_everywhere(other: Session) -> None:
    """In attributes, results of calls and decoded text alike."""
    task: Any = other.query("select created_at from Task").first()
    assert isinstance(task["created_at"], Moment)
    [result] = other.call([{"action": "query", "expression": "select created_at from Shot"}])
    assert isinstance(result["data"][0]["created_at"], Moment)
    tagged = {"__type__": "datetime", "value": "2026-03-04T05:06:07"}
    assert other.decode(json.dumps([tagged]))[0].text == tagged["value"]


def test_they_can_be_written_again(other: Session, session: Session) -> None:
    """Whatever has `isoformat` goes over the wire."""
    project: Any = other.query("select start_date from Project").first()
    project["start_date"] = Moment("2026-03-04T00:00:00")
    other.commit()
    found: Any = session.query("select start_date from Project").first()
    assert found["start_date"].date() == datetime.date(2026, 3, 4)
