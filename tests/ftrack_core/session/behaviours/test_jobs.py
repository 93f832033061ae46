"""Jobs: a program makes those of its own kind only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ftrack_core import Session
from ftrack_core.values import NOT_SET


@pytest.fixture
def user(session: Session) -> Any:
    """Who sees the job."""
    return session.query("User").first()


@pytest.mark.parametrize("given", [{}, {"type": "api_job"}, {"type": None}, {"type": NOT_SET}])
def test_a_job_can_be_of_the_programs_own_type(session: Session, user: Any, given: dict[str, Any]) -> None:
    """Said or not; the schema's default stands where it is not."""
    data = json.dumps({"description": "Rendering."})
    job = session.create("Job", {"user": user, "status": "running", "data": data, **given})
    session.commit()
    assert session.query(f"select data, type from Job where id is {job['id']}").one()["data"] == data


def test_a_job_of_another_type_is_refused(session: Session, user: Any) -> None:
    """As the official client does, and before anything is recorded; `ensure` cannot make one either."""
    with pytest.raises(ValueError, match="'delayed_job'"):
        session.create("Job", {"user": user, "type": "delayed_job"})
    with pytest.raises(ValueError, match="'delayed_job'"):
        session.ensure("Job", {"type": "delayed_job"})
    assert len(session.recorded_operations) == 0


def test_a_job_needs_no_data(session: Session) -> None:
    """The official client fails here with an error that explains nothing."""
    assert session.create("Job", None)["type"] == "api_job"
    assert session.create("Job")["status"] == "queued"


def test_jobs_of_the_server_can_be_read(session: Session) -> None:
    """The rule is about making jobs."""
    found = session.create("Job", {"id": "j", "type": "delayed_job"}, reconstructing=True)
    assert found["type"] == "delayed_job"
