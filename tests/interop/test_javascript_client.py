"""The official JavaScript client and the official Python client at work in one served workspace."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import ftrack_core

PART_BYTES = 8 * 1024 * 1024
SERVER_LOCATION = "3a372bde-05bc-11e4-8908-20c9d081909b"

pytestmark = pytest.mark.interop


@attrs.define(eq=False)
class Studio:
    """A served workspace; ann works in a browser, ben in a host with Python, and a script of ours looks on."""

    server: Any
    ann: Any
    ben: Any
    ours: Any


@pytest.fixture
def studio(demo_server: Any, javascript_peer: Callable[..., Any], python_peer: Callable[..., Any]) -> Iterator[Studio]:
    """The demo show, with all three in it; what earlier tests made is there too, and nobody of theirs."""
    server, (ann, ben, chloe) = demo_server, demo_server.users[:3]
    with ftrack_core.Session(
        server.url, chloe["api_key"], chloe["username"], plugin_paths=[], schema_cache_path=False
    ) as ours:
        yield Studio(server, javascript_peer(server.url, ann), python_peer(server.url, ben), ours)
        assert "Traceback" not in server.log()
        assert "ERROR" not in server.log()


def _file(path: Path, size: int) -> str:
    """Write a file whose every part differs; its SHA-256."""
    content = b"".join(hashlib.sha256(number.to_bytes(8, "big")).digest() for number in range(size // 32 + 1))[:size]
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def _picture(path: Path, size: tuple[int, int]) -> None:
    from PIL import Image

    Image.new("RGB", size, (200, 30, 30)).save(path)


def _pixels(fetched: Any) -> tuple[int, int]:
    from PIL import Image

    picture: tuple[int, int] = Image.open(io.BytesIO(base64.b64decode(fetched["start"]))).size
    return picture


def _version(by: Any) -> str:
    """A new version on the demo show's first asset."""
    (asset,) = by.query(expression="select id from Asset limit 1", paths=["id"])
    (task,) = by.query(expression="select id from Task limit 1", paths=["id"])
    version: str = by.create(kind="AssetVersion", data={"asset_id": asset[0], "task_id": task[0]})
    return version


def test_it_starts_with_one_call(serve: Callable[..., Any], javascript_peer: Callable[..., Any]) -> None:
    """A page that asks for more at its start is a page that opens late."""
    with serve("--seed", "demo") as server:
        seen = javascript_peer(server.url, server.users[0]).start()
        log = server.log()
    assert seen["client"] == "1.11.2"
    assert seen["types"] > 100
    assert re.findall(r"(\w+ /\S*) (\d+) ", log) == [("POST /api", "200")]


def test_each_sees_what_the_other_does(studio: Studio) -> None:
    """A review page and a pipeline share one truth."""
    (project,) = studio.ann.query(expression="select id, name from Project limit 1", paths=["id"])
    task = studio.ann.create(
        kind="Task", data={"name": 'the "first" {é}', "parent_id": project[0], "project_id": project[0]}
    )
    one = f'select name, description, project.name, status.name from Task where id is "{task}"'
    paths = ["name", "description", "project.name", "status.name"]
    seen = studio.ann.query(expression=one, paths=paths)
    assert seen[0][0] == 'the "first" {é}'
    assert studio.ben.query(expression=one, paths=paths) == seen
    studio.ben.update(kind="Task", key=task, data={"description": "by ben"})
    assert studio.ann.query(expression=one, paths=["description"]) == [["by ben"]]
    assert studio.ours.get("Task", task)["description"] == "by ben"
    assert studio.ann.remove(kind="Task", key=task) is True
    assert studio.ben.query(expression=one, paths=["id"]) == []


def test_it_searches_and_knows_statuses_and_dates(studio: Studio) -> None:
    """The menus and calendars of a page come from these."""
    assert "sh010" in studio.ann.search(kind="Shot", terms=["sh01"])
    (schema,) = studio.ann.query(expression="select id from ProjectSchema limit 1", paths=["id"])
    ours = studio.ours.query("ProjectSchema").first()
    for kind in ("Task", "AssetVersion", "Shot"):
        names = studio.ann.statuses(schema=schema[0], kind=kind)
        assert sorted(names) == sorted(status["name"] for status in ours.get_statuses(kind))
        assert names
    task = studio.ours.query("select id from Task").first()
    studio.ben.update(kind="Task", key=task["id"], data={"description": "now"})
    studio.ours.get("Task", task["id"])["start_date"] = "2026-02-03T04:05:06+02:00"
    studio.ours.commit()
    seen = studio.ann.date(expression=f'select start_date from Task where id is "{task["id"]}"', name="start_date")
    assert seen == {"moment": "2026-02-03T02:05:06.000Z", "utc": True, "text": "2026-02-03T02:05:06.000Z"}
    twice = "select status.name from Task where status.name is 'Not started' limit 2"
    assert [task["status"]["name"] for task in studio.ann.plain(expression=twice)] == ["Not started"] * 2
    assert studio.ann.shared(expression=twice, name="status")


def test_it_makes_things_in_batches_and_ensures_them(studio: Studio) -> None:
    """A form that is sent writes several things: all of them, or none."""
    (shot,) = studio.ann.query(expression="select id, project_id from Shot limit 1", paths=["id", "project_id"])
    task = {"id": str(uuid.uuid4()), "name": "paint", "parent_id": shot[0], "project_id": shot[1]}
    note = {"content": "please {look}", "parent_id": task["id"], "parent_type": "Task"}
    assert studio.ann.together(task=task, note=note) == ["Task", "Note"]
    one = f'select content from Note where parent_id is "{task["id"]}"'
    assert studio.ben.query(expression=one, paths=["content"]) == [["please {look}"]]
    half = {**task, "id": str(uuid.uuid4()), "name": "half"}
    assert "contents" in studio.ann.refused("together", task=half, note={**note, "contents": "?"})["message"]
    assert studio.ann.named(kind="Task", name="half") == []
    asset = {"name": "élan's {x}", "context_id": shot[0]}
    made = studio.ann.ensure(kind="Asset", data=asset, keys=["name"])
    assert studio.ann.ensure(kind="Asset", data=asset, keys=["name"]) == made
    quoted = studio.ann.create(kind="Asset", data={**asset, "name": 'a "quote"'})
    assert studio.ann.named(kind="Asset", name='a "quote"') == [quoted]


def test_it_is_refused_in_its_own_classes(studio: Studio, javascript_peer: Callable[..., Any]) -> None:
    """A page tells a wrong form from a wrong key by the class of the error."""
    refusal = studio.ann.refused("query", expression="select nam from Task", paths=[])
    assert (refusal["name"], "nam" in refusal["message"]) == ("ServerError", True)
    assert studio.ann.refused("create", kind="Task", data={"nam": "x"})["name"] == "ServerValidationError"
    broken = 'select name from Task where name is "{x}" and nam is 1'
    for peer in (studio.ann, studio.ben):
        refusal = peer.refused("query", expression=broken, paths=[])
        assert (refusal["name"], "nam" in refusal["message"]) == ("ServerError", True)
    stranger = javascript_peer(studio.server.url, {"username": "ann", "api_key": "not-the-key"})
    refusal = stranger.refused("start")
    assert refusal["code"] == "api_credentials_invalid"
    assert "not-the-key" not in refusal["message"]


def test_what_one_uploads_the_other_downloads(studio: Studio, tmp_path: Path) -> None:
    """A playblast that arrives with one byte wrong is a playblast nobody can open; an empty file is a file too."""
    path, by_ann, by_ben = tmp_path / "take.bin", _version(studio.ann), _version(studio.ben)
    for size in (0, 1, 100_000, 2 * PART_BYTES, 2 * PART_BYTES + 1, 3 * PART_BYTES):
        digest = _file(path, size)
        sent = studio.ann.upload(path=str(path), version_id=by_ann)
        assert sent["multipart"] is (size > 2 * PART_BYTES)
        assert sent["location"] == SERVER_LOCATION
        assert studio.ben.download(key=sent["id"]) == {"size": size, "sha256": digest}
        assert studio.ann.download(key=sent["id"])["sha256"] == digest
    for size in (1, 100_000, 3 * PART_BYTES):
        digest = _file(path, size)
        sent = studio.ben.upload(path=str(path), version_id=by_ben)
        got = studio.ann.download(key=sent["id"])
        assert (got["status"], got["size"], got["sha256"]) == (200, size, digest)
    components = studio.ours.get("AssetVersion", by_ann)["components"]
    assert {(each["name"], each["file_type"], each["size"]) for each in components} >= {("take", ".bin", 100_000)}
    assert len(components) == 6


def test_a_player_seeks_in_what_was_uploaded_in_many_parts(studio: Studio, tmp_path: Path) -> None:
    """A browser's player asks for pieces of a film, across the borders of its parts."""
    digest = _file(tmp_path / "film.mov", 1_000_000)
    sent = studio.ann.upload(path=str(tmp_path / "film.mov"), chunk_bytes=65_536)
    assert (sent["multipart"], sent["progress"]) == (True, 100)
    assert studio.ann.download(key=sent["id"])["sha256"] == digest
    content = (tmp_path / "film.mov").read_bytes()
    got = studio.ann.download_range(key=sent["id"], first=65_000, last=66_000)
    assert (got["status"], base64.b64decode(got["start"])) == (206, content[65_000:66_001])


@pytest.mark.parametrize("size", [PART_BYTES, 3 * PART_BYTES])
def test_an_upload_that_is_broken_off_leaves_no_file(studio: Studio, tmp_path: Path, size: int) -> None:
    """Half a film that looks whole is worse than none."""
    _file(tmp_path / "take.bin", size)
    component = studio.ann.broken_upload(path=str(tmp_path / "take.bin"), key=str(uuid.uuid4()))
    assert studio.ann.download(key=component)["status"] == 404
    _file(tmp_path / "take.bin", 10)
    assert studio.ben.download(key=studio.ann.upload(path=str(tmp_path / "take.bin"))["id"])["size"] == 10


def test_pictures_that_one_sets_the_other_sees_in_its_own_size(studio: Studio, tmp_path: Path) -> None:
    """A list of versions is a list of small pictures."""
    version = _version(studio.ben)
    _picture(tmp_path / "wide.png", (800, 400))
    sent = studio.ann.upload(path=str(tmp_path / "wide.png"))
    studio.ann.set_thumbnail(kind="AssetVersion", key=version, component_id=sent["id"])
    assert _pixels(studio.ann.thumbnail(kind="AssetVersion", key=version)) == (300, 150)
    assert _pixels(studio.ann.thumbnail(kind="AssetVersion", key=version, size=100)) == (100, 50)
    assert _pixels(studio.ben.thumbnail(kind="AssetVersion", key=version, size=200)) == (200, 100)
    _picture(tmp_path / "tall.jpg", (100, 600))
    studio.ben.set_thumbnail(kind="AssetVersion", key=version, path=str(tmp_path / "tall.jpg"))
    assert _pixels(studio.ann.thumbnail(kind="AssetVersion", key=version)) == (50, 300)
    (bare,) = studio.ann.query(expression="select id from Shot where thumbnail_id is none limit 1", paths=["id"])
    assert studio.ann.thumbnail(kind="Shot", key=bare[0])["type"] == "image/png"


def test_events_go_both_ways(studio: Studio) -> None:
    """A page and a host that talk past each other are two tools, not one."""
    for one in (studio.ann, studio.ben):
        one.connect()
        one.subscribe(topic="studio.publish", subscriber={"id": f"{id(one)}", "applicationId": "page"})
    for number in range(20):
        studio.ann.publish(topic="studio.publish", data={"n": number, "text": "élan {x}: 1+1"})
    for number in range(20, 40):
        studio.ben.publish(topic="studio.publish", data={"n": number, "text": "élan {x}: 1+1"})
    by_ann, by_ben = (
        studio.ann.hear(topic="studio.publish", count=40),
        studio.ben.hear(topic="studio.publish", count=40),
    )
    for heard in (by_ann, by_ben):
        for author, begin in (("ann", 0), ("ben", 20)):
            own = [event for event in heard if event["source"]["user"]["username"] == author]
            assert [event["data"]["n"] for event in own] == list(range(begin, begin + 20))
            assert {event["data"]["text"] for event in own} == {"élan {x}: 1+1"}
            assert all(event["source"]["user"]["id"] and event["sent"] for event in own)
    assert [event["id"] for event in by_ann] == [event["id"] for event in by_ben]


def test_a_target_means_one_of_them(studio: Studio) -> None:
    """The page's window opens in the page, though the JavaScript client does not look at targets itself."""
    for name, one in (("ann", studio.ann), ("ben", studio.ben)):
        one.connect()
        one.subscribe(topic="studio.show", subscriber={"id": f"window-{name}", "applicationId": name})
        one.subscribe(topic="studio.last")
    for author in (studio.ann, studio.ben):
        author.publish(topic="studio.show", target="applicationId=ann")
        author.publish(topic="studio.show", target='id="window-ben" or applicationId=nobody')
        author.publish(topic="studio.last")
    for name, one in (("ann", studio.ann), ("ben", studio.ben)):
        one.hear(topic="studio.last", count=2)
        targets = {event["target"] for event in one.hear(topic="studio.show", count=2)}
        assert targets == {"applicationId=ann" if name == "ann" else 'id="window-ben" or applicationId=nobody'}
        assert len(one.hear(topic="studio.show", count=2)) == 2


@pytest.mark.parametrize(("asks", "offers"), [("ann", "ben"), ("ben", "ann")])
def test_an_action_is_discovered_and_launched_from_the_other_side(studio: Studio, asks: str, offers: str) -> None:
    """Actions are what studios write most: Python offers one and the page starts it, and the other way round."""
    author, offering = getattr(studio, asks), getattr(studio, offers)
    author.connect()
    offering.connect()
    item = {"label": "Publish", "actionIdentifier": "studio.publish"}
    offering.subscribe(topic="ftrack.action.discover", answer={"items": [item]})
    offering.subscribe(topic="ftrack.action.launch", answer={"success": True, "message": "élan"})
    selection = [{"entityType": "task", "entityId": str(uuid.uuid4())}]
    offered = author.ask(topic="ftrack.action.discover", data={"selection": selection})
    assert offered == {"items": [item]}
    chosen = {"selection": selection, "actionIdentifier": offered["items"][0]["actionIdentifier"]}
    assert author.ask(topic="ftrack.action.launch", data=chosen) == {"success": True, "message": "élan"}
    (told,) = offering.hear(topic="ftrack.action.launch", count=1)
    assert told["data"] == chosen


def test_each_is_told_what_the_other_commits(studio: Studio) -> None:
    """A page that shows yesterday's status is worse than none, and it must know its own changes again."""
    for one in (studio.ann, studio.ben):
        one.connect()
        one.subscribe(topic="ftrack.update")
    (task,) = studio.ann.query(expression="select id, description from Task limit 1", paths=["id"])
    studio.ann.update(kind="Task", key=task[0], data={"description": "by ann"})
    studio.ben.update(kind="Task", key=task[0], data={"description": "by ben"})
    for one in (studio.ann, studio.ben):
        by_ann, by_ben = one.hear(topic="ftrack.update", count=2)
        assert [event["data"]["user"]["name"] for event in (by_ann, by_ben)] == ["ann", "ben"]
        assert by_ann["data"]["clientToken"] != by_ben["data"]["clientToken"]
        (entity,) = by_ben["data"]["entities"]
        assert (entity["entity_type"], entity["entityId"], entity["action"]) == ("Task", task[0], "update")
        assert entity["changes"]["description"] == {"old": "by ann", "new": "by ben"}


@pytest.mark.slow
def test_its_hub_outlives_a_lunch(studio: Studio) -> None:
    """The JavaScript hub takes a server for gone that has not sent a heartbeat for fifteen seconds."""
    studio.ann.connect()
    studio.ben.connect()
    studio.ann.subscribe(topic="studio.after")
    assert studio.ann.idle(seconds=16) == 1
    studio.ben.publish(topic="studio.after")
    assert len(studio.ann.hear(topic="studio.after", count=1)) == 1
