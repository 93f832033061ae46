"""The actions `delayed_job` and `encode_media`: jobs that say what they did not do."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_a_delayed_job_is_a_job_that_says_what_became_of_it(client: Any) -> None:
    """The documented example looks at status and data of the entity in the reply."""
    (reply,) = client.call({"action": "delayed_job", "job_type": "SYNC_USERS_LDAP"})

    job = reply["data"]
    assert (reply["action"], job["__entity_type__"], job["status"]) == ("delayed_job", "Job", "failed")
    assert "no LDAP server is configured" in json.loads(job["data"])["error"]
    stored = client.one(f"select type, user.username, finished_at from Job where id is {job['id']}")
    assert (stored["type"], stored["user"]["username"]) == ("SYNC_USERS_LDAP", client.username)
    assert stored["finished_at"]


def test_what_a_delayed_job_was_given_is_kept(client: Any) -> None:
    """A test of a tool that starts jobs looks at what it sent."""
    operation = {"action": "delayed_job", "job_type": "ICONIK_SYNC_STRUCTURE", "data": {"context_id": "c"}}
    (reply,) = client.call(operation)

    assert json.loads(reply["data"]["data"])["data"] == {"context_id": "c"}


@pytest.mark.parametrize("with_version", [True, False])
def test_media_is_not_encoded_and_the_job_says_so(client: Any, *, with_version: bool) -> None:
    """Tools poll the job, and read its data as JSON; the original must still be there."""
    version = client.query("select id from AssetVersion limit 1")[0]["id"] if with_version else None
    component = client.create("FileComponent", name="take", file_type=".mov")["id"]
    operation = {"action": "encode_media", "component_id": component, "version_id": version, "keep_original": False}

    (reply,) = client.call(operation)

    job = client.one(f"select status, data, finished_at from Job where id is {reply['job_id']}")
    data = json.loads(job["data"])
    assert job["status"] == "failed"
    assert job["finished_at"]
    assert (data["source_component_id"], data["keep_original"], data["output"]) == (component, False, [])
    assert "take.mov" in data["description"]
    assert "nothing was transcoded" in data["error"]
    assert client.one(f"FileComponent where id is {component}")


def test_media_can_be_encoded_by_the_batch_that_creates_it(client: Any, ops: Any) -> None:
    """A publisher sends both in one request."""
    operations = ops.create("FileComponent", id="c", name="take"), {"action": "encode_media", "component_id": "c"}

    assert client.call(*operations)[1]["job_id"]


@pytest.mark.parametrize(
    ("operation", "hint"),
    [
        ({"action": "delayed_job"}, "'job_type'"),
        ({"action": "delayed_job", "job_type": "MAKE_COFFEE"}, "ICONIK_SYNC_STRUCTURE, SYNC_USERS_LDAP"),
        ({"action": "encode_media"}, "'component_id'"),
        ({"action": "encode_media", "component_id": "gone"}, "There is no Component 'gone'"),
        ({"action": "encode_media", "component_id": ["c"]}, "'component_id'"),
    ],
)
def test_a_job_that_cannot_be_is_refused(client: Any, operation: dict[str, Any], hint: str) -> None:
    """A refused request leaves no job behind."""
    assert hint in client.refused(operation)[1]
    assert client.query("Job") == []


def test_keeping_the_original_is_a_yes_or_a_no(client: Any) -> None:
    """The official client turns "auto" into one of them; a raw call may forget to."""
    component = client.create("FileComponent", name="take")["id"]
    operation = {"action": "encode_media", "component_id": component, "keep_original": "auto"}

    assert "'keep_original' of 'encode_media' must be true or false" in client.refused(operation)[1]
