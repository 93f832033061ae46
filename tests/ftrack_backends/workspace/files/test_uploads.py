"""Files come whole or in parts, and go out as they came."""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import Any

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.testing import FakeClock
from ftrack_core.values import Request

ID = "0b5b3a4e-6f0e-4a3e-9a3d-5a1f6c1d2e3f"


@pytest.mark.parametrize("size", [0, 1, 70_000])
def test_a_file_goes_out_as_it_came(sender: Any, size: int) -> None:
    """A published cache must be the cache that is loaded."""
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    component_id = sender.upload(data)

    response = sender.get(component_id)
    assert (response.status, response.body, response.headers["content-length"]) == (200, data, str(size))


def test_metadata_tells_all_that_a_client_needs(sender: Any) -> None:
    """The official client PUTs to `url` with `headers` and nothing else."""
    checksum = base64.b64encode(hashlib.md5(b"abc", usedforsecurity=False).digest()).decode()

    told = sender.metadata(ID, file_name="a.mov", file_size=3, checksum=checksum)

    assert set(told) == {"url", "headers", "component_id"}
    assert told["headers"]["Content-MD5"] == checksum
    assert told["component_id"] == ID
    assert sender.put(told["url"], b"abc", **{"Content-MD5": checksum}).status == 200


def test_a_url_begins_where_the_client_reached_the_workspace(sender: Any) -> None:
    """`requests.put(url)` takes no path alone."""
    body = b'[{"action": "get_upload_metadata", "component_id": "%s", "file_name": "a", "file_size": 1}]' % ID.encode()
    reply = sender.client.post(body, host="shows.example:8080")

    assert b'"url":"http://shows.example:8080/component/put?' in reply.body


def test_name_and_size_default_from_the_component(sender: Any, client: Any) -> None:
    """Tools that just created the component need not say them again."""
    client.create("FileComponent", id=ID, name="plate", file_type=".exr", size=4)

    url = sender.metadata(ID)["url"]

    assert sender.put(url, b"abc").status == 400
    assert sender.put(url, b"abcd").status == 200
    assert "plate.exr" in sender.get(ID).headers["content-disposition"]


def test_the_browser_client_creates_and_asks_in_one_batch(sender: Any, client: Any, ops: Any) -> None:
    """`@ftrack/api` sends the component, the question and `parts: null` together, the place once it is sent."""
    asked = {"action": "get_upload_metadata", "component_id": ID, "file_name": "a.mov", "file_size": 3, "parts": None}
    _, told = client.call(ops.create("FileComponent", id=ID, name="a", file_type=".mov", size=3), asked)
    assert sender.put(told["url"], b"abc").status == 200

    server = client.one("Location where name is ftrack.server")["id"]
    client.call(ops.create("ComponentLocation", component_id=ID, resource_identifier=ID, location_id=server))

    location = client.one(f"select url, component_id from ComponentLocation where component_id is {ID}")
    assert sender.workspace.exchange(Request("GET", location["url"]["url"], sender.headers)).body == b"abc"


def test_an_upload_that_failed_is_cleaned_up_by_its_client(sender: Any, client: Any, ops: Any) -> None:
    """`@ftrack/api` deletes the component by a list of one; nothing of it must stay."""
    client.create("FileComponent", id=ID, name="a")
    sender.upload(b"abc", component_id=ID)

    assert client.call(ops.delete("FileComponent", [ID])) == [{"action": "delete", "data": True}]

    assert (sender.get(ID).status, sender.kept()) == (404, 0)


def test_a_file_in_parts_goes_out_whole(sender: Any, client: Any) -> None:
    """A movie of many gigabytes comes in parts, several at once and in any order."""
    bodies = [bytes([number]) * 1000 for number in range(5)]
    upload_id, parts = sender.parts(ID, bodies)

    (reply,) = client.call(sender.complete(ID, upload_id, parts[::-1]))

    assert (reply["action"], reply["component_id"]) == ("complete_multipart_upload", ID)
    assert sender.get(ID).body == b"".join(bodies)
    assert sender.get(ID, range="bytes=999-1000").body == b"\x00\x01"
    assert sender.workspace.exchange(Request("GET", reply["url"])).body == b"".join(bodies)


def test_the_browser_client_completes_and_places_in_one_batch(sender: Any, client: Any, ops: Any) -> None:
    """If the second operation fails, the first must not have happened: the client tries both again."""
    upload_id, parts = sender.parts(ID, [b"abc", b"def", b"g"])
    complete = sender.complete(ID, upload_id, parts)

    client.refused(complete, ops.create("ComponentLocation", component_id="nobody", location_id="nowhere"))
    assert sender.get(ID).status == 404
    client.create("FileComponent", id=ID, name="a")
    client.call(complete)

    assert sender.get(ID).body == b"abcdefg"


def test_a_completion_that_is_repeated_gives_the_same(sender: Any, client: Any) -> None:
    """A client whose reply was lost asks again, and would delete the component if that were refused."""
    upload_id, parts = sender.parts(ID, [b"abc", b"def", b"g"])
    client.call(sender.complete(ID, upload_id, parts))

    assert client.call(sender.complete(ID, upload_id, parts))[0]["component_id"] == ID
    assert "no upload" in client.refused(sender.complete(ID, upload_id, parts[:2]))[1]
    assert sender.get(ID).body == b"abcdefg"


def test_a_part_that_is_sent_again_takes_the_place_of_the_earlier(sender: Any, client: Any) -> None:
    """A retry after a broken connection."""
    told = sender.metadata(ID, file_name="a", file_size=6, parts=2)
    first, second = (one["signed_url"] for one in told["urls"])
    sender.put(first, b"xxx")
    tags = [sender.put(first, b"abc").headers["etag"], sender.put(second, b"def").headers["etag"]]

    client.call(
        sender.complete(ID, told["upload_id"], [{"part_number": n, "e_tag": t} for n, t in enumerate(tags, 1)])
    )

    assert (sender.get(ID).body, sender.kept()) == (b"abcdef", 2)


def test_a_file_that_is_sent_again_replaces_the_earlier(sender: Any) -> None:
    """`flush` of the official accessor sends each time."""
    sender.upload(b"old", component_id=ID)
    tag = sender.get(ID).headers["etag"]

    sender.upload(b"newer", component_id=ID)

    assert (sender.get(ID).body, sender.kept()) == (b"newer", 1)
    assert sender.get(ID).headers["etag"] != tag


def test_who_may_only_read_may_not_send_nor_remove(sender: Any, client: Any, ops: Any) -> None:
    """A read-only key on a farm must not replace what was published."""
    sender.upload(b"abc", component_id=ID)
    role = client.create("SecurityRole", name="viewer", type="PROJECT")["id"]
    user = client.create("User", username="viewer")["id"]
    with sender.workspace._store.writing() as connection:
        connection.execute('INSERT INTO "_read_only_roles" VALUES (?)', (role,))
    client.create("UserSecurityRole", user_id=user, security_role_id=role)
    viewer = sender.workspace.credentials("viewer")
    headers = {"ftrack-user": viewer.username, "ftrack-api-key": viewer.api_key}

    def asked(path: str) -> int:
        return int(sender.workspace.exchange(Request("GET", f"{path}?id={ID}", headers)).status)

    assert (asked("/component/get"), asked("/component/remove")) == (200, 403)
    viewing = type(client)(sender.workspace, viewer.username, viewer.api_key)
    assert viewing.refused({"action": "get_upload_metadata", "component_id": ID})[0] == "PermissionError"
    assert sender.get(ID).body == b"abc"


def test_removing_leaves_the_component(sender: Any, client: Any) -> None:
    """`Location.remove_component` removes the data; the component is in other locations still."""
    client.create("FileComponent", id=ID, name="a")
    sender.upload(b"abc", component_id=ID)

    assert sender.get(ID, "remove").status == 200
    assert sender.get(ID, "remove").status == 200
    assert (sender.get(ID).status, sender.kept()) == (404, 0)
    assert client.one(f"FileComponent where id is {ID}")
    assert sender.get(str(uuid.uuid4()), "remove").status == 404


def test_deleting_a_version_s_project_removes_what_goes_with_it(sender: Any, client: Any, ops: Any) -> None:
    """Components stay when their version goes; a container takes its members along, and their files."""
    client.create("SequenceComponent", id="5c0b6b0e-3a0e-4a57-8bb8-2b8f0b9e7f10", name="seq", padding=4)
    client.create("FileComponent", id=ID, name="0001", container_id="5c0b6b0e-3a0e-4a57-8bb8-2b8f0b9e7f10")
    sender.upload(b"abc", component_id=ID)

    client.call(ops.delete("Component", "5c0b6b0e-3a0e-4a57-8bb8-2b8f0b9e7f10"))

    assert (sender.get(ID).status, sender.kept()) == (404, 0)


def test_a_batch_that_is_undone_keeps_the_file(sender: Any, client: Any, ops: Any) -> None:
    """A refused delete must not cost the data."""
    client.create("FileComponent", id=ID, name="a")
    sender.upload(b"abc", component_id=ID)

    client.refused(ops.delete("FileComponent", ID), ops.create("Scope", id="nameless"))

    assert sender.get(ID).body == b"abc"


def test_a_snapshot_brings_files_back(sender: Any, client: Any, ops: Any) -> None:
    """A test that restores the workspace finds the plates of its seed again, removed or replaced meanwhile."""
    client.create("FileComponent", id=ID, name="a")
    sender.upload(b"old", component_id=ID)
    snapshot = sender.workspace.snapshot()
    sender.upload(b"new", component_id=ID)
    client.call(ops.delete("FileComponent", ID))

    sender.workspace.restore(snapshot)
    assert sender.get(ID).body == b"old"
    snapshot.close()
    sender.upload(b"newest", component_id=ID)
    assert sender.kept() == 1


def test_parts_are_kept_for_a_day(client_of: Any, sender_of: Any) -> None:
    """Uploads that nobody completes would fill the disk."""
    clock = FakeClock(1_800_000_000)
    with Workspace.open(clock=clock) as workspace:
        sender = sender_of(workspace)
        upload_id, parts = sender.parts(ID, [b"abc", b"def", b"g"])
        assert sender.kept() == 3
        clock.advance(24 * 3600)
        other = sender.upload(b"x")

        assert sender.kept() == 1
        assert "no upload" in sender.client.refused(sender.complete(ID, upload_id, parts))[1]
        assert sender.get(other).body == b"x"


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({}, "'component_id'"),
        ({"component_id": "../../etc/passwd"}, "is no id of a component"),
        ({"component_id": "0" * 36}, "is no id of a component"),
        ({"component_id": ID, "file_size": -1}, "'file_size'"),
        ({"component_id": ID, "file_size": "12"}, "'file_size'"),
        ({"component_id": ID, "file_size": 10**15}, "bytes at most"),
        ({"component_id": ID, "file_size": 10**30}, "'file_size'"),
        ({"component_id": ID, "parts": 10_001}, "10000 parts at most"),
        ({"component_id": ID, "parts": True}, "'parts'"),
        ({"component_id": ID, "checksum": "no checksum"}, "MD5 in base64"),
        ({"component_id": ID, "checksum": base64.b64encode(b"short").decode()}, "MD5 in base64"),
        ({"component_id": ID, "file_name": ["a"]}, "'file_name'"),
    ],
)
def test_an_upload_that_cannot_be_is_refused_before_anything_is_sent(
    client: Any, fields: dict[str, Any], hint: str
) -> None:
    """A gigabyte should not travel in vain."""
    assert hint in client.refused({"action": "get_upload_metadata", **fields})[1]


def test_a_sequence_has_no_file_of_its_own(client: Any) -> None:
    """Its frames have."""
    client.create("SequenceComponent", id=ID, name="plates", padding=4)

    assert "SequenceComponent" in client.refused({"action": "get_upload_metadata", "component_id": ID})[1]


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda parts: parts[:2], "missing: 3"),
        (lambda parts: [*parts[:2], parts[1]], "a 'part_number' of its own"),
        (lambda parts: [*parts, {"part_number": 4, "e_tag": "x"}], "there is no number: 4"),
        (lambda parts: [*parts, {"part_number": 0, "e_tag": "x"}], "there is no number: 0"),
        (lambda parts: [{**parts[0], "e_tag": "0" * 32}, *parts[1:]], "other than was sent: 1"),
        (lambda parts: [{"part_number": "1", "e_tag": "x"}], "'part_number'"),
        (lambda parts: ["{}"], "'part_number'"),
        (lambda parts: None, "list of the parts"),
        (lambda parts: [], "list of the parts"),
    ],
)
def test_an_upload_is_completed_by_exactly_its_parts(sender: Any, client: Any, change: Any, hint: str) -> None:
    """A movie with a hole plays until the hole. What is refused may be completed all the same."""
    upload_id, parts = sender.parts(ID, [b"abc", b"def", b"g"])

    assert hint in client.refused(sender.complete(ID, upload_id, change(parts)))[1]
    client.call(sender.complete(ID, upload_id, parts))

    assert sender.get(ID).body == b"abcdefg"


def test_an_upload_belongs_to_its_component(sender: Any, client: Any) -> None:
    """Two uploads at once must not be mixed up."""
    upload_id, parts = sender.parts(ID, [b"abc", b"def"])

    assert "no upload" in client.refused(sender.complete(str(uuid.uuid4()), upload_id, parts))[1]
    assert "no upload" in client.refused(sender.complete(ID, "another", parts))[1]


def test_parts_together_may_not_exceed_what_was_announced(sender: Any) -> None:
    """The size that was announced is what the limit was held against."""
    told = sender.metadata(ID, file_name="a", file_size=6, parts=2)
    first, second = (one["signed_url"] for one in told["urls"])
    assert sender.put(first, b"abcd").status == 200

    assert sender.put(second, b"def").status == 400
    assert sender.kept() == 1


def test_a_complete_upload_takes_no_part_any_more(sender: Any, client: Any) -> None:
    """A late retry of a part would lie about for a day."""
    told = sender.metadata(ID, file_name="a", file_size=3, parts=1)
    url = told["urls"][0]["signed_url"]
    tag = sender.put(url, b"abc").headers["etag"]
    client.call(sender.complete(ID, told["upload_id"], [{"part_number": 1, "e_tag": tag}]))

    assert (sender.put(url, b"xyz").status, sender.kept()) == (409, 1)
    assert sender.get(ID).body == b"abc"
