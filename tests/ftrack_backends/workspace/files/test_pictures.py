"""Thumbnails, and what `encode_media` makes of pictures."""

from __future__ import annotations

import io
import json
import struct
import sys
import zlib
from typing import Any

import pytest
from PIL import Image

from ftrack_backends.workspace.files._pictures import LARGEST_PIXELS
from ftrack_core.values import Request

ID = "0b5b3a4e-6f0e-4a3e-9a3d-5a1f6c1d2e3f"


def looked_at(body: bytes) -> tuple[str, tuple[int, int]]:
    """Format and size of a picture."""
    with Image.open(io.BytesIO(body)) as image:
        image.load()
        return str(image.format), image.size


@pytest.mark.parametrize(
    ("size", "kind", "mode", "query", "expected"),
    [
        ((1920, 1080), "PNG", "RGB", "", ("JPEG", (300, 169))),
        ((1080, 1920), "JPEG", "RGB", "&size=100", ("JPEG", (56, 100))),
        ((640, 480), "PNG", "RGBA", "&size=64", ("PNG", (64, 48))),
        ((640, 480), "TIFF", "CMYK", "&size=64", ("JPEG", (64, 48))),
        ((64, 48), "GIF", "P", "", ("JPEG", (64, 48))),
        ((40, 30), "WEBP", "RGB", "&size=4096", ("JPEG", (40, 30))),
    ],
)
def test_a_thumbnail_fits_into_its_square(
    sender: Any, picture: Any, size: Any, kind: str, mode: str, query: str, expected: Any
) -> None:
    """A browser that lays pictures out in a grid gets what it asked for, not a film frame of 8k."""
    sender.upload(picture(*size, kind, mode), component_id=ID)

    response = sender.get(f"{ID}{query}", "thumbnail")

    assert (response.status, looked_at(response.body)) == (200, expected)
    assert response.headers["content-type"] == f"image/{expected[0].lower()}"


def test_a_photograph_stands_upright(sender: Any) -> None:
    """Telephones write the picture as the sensor lies, and say beside it how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (200, 100)).save(out, "JPEG", exif=exif)
    sender.upload(out.getvalue(), component_id=ID)

    assert looked_at(sender.get(ID, "thumbnail").body)[1] == (100, 200)


@pytest.mark.parametrize("damage", [lambda data: b"no picture", lambda data: b"", lambda data: data[:60]])
def test_what_is_no_picture_gets_the_default_one(sender: Any, picture: Any, damage: Any) -> None:
    """A page of versions shows something for each."""
    sender.upload(damage(picture(100, 100)), component_id=ID)

    response = sender.get(f"{ID}&size=50", "thumbnail")

    assert (response.status, looked_at(response.body)) == (200, ("PNG", (50, 50)))


def test_the_default_thumbnail_is_where_clients_look_for_it(sender: Any) -> None:
    """`@ftrack/api` shows it for what has none; no credentials go with it."""
    response = sender.workspace.exchange(Request("GET", "/img/thumbnail2.png"))

    assert (response.status, response.headers["content-type"]) == (200, "image/png")
    assert looked_at(response.body) == ("PNG", (300, 300))


@pytest.mark.parametrize("size", ["0", "-1", "4097", "1e9", "9" * 5000, "x", "٣"])
def test_a_size_that_is_none_is_refused(sender: Any, picture: Any, size: str) -> None:
    """A picture of a billion pixels would take the server's memory."""
    sender.upload(picture(10, 10), component_id=ID)

    assert sender.get(f"{ID}&size={size}", "thumbnail").status == 400


def test_a_picture_of_too_many_pixels_is_refused_unread(sender: Any) -> None:
    """A file of some kilobytes that unpacks to gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side in (int(LARGEST_PIXELS**0.5) + 2, 60_000):
        header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
        rows = zlib.compress(bytes(side // 8 + 1) * side if side < 20_000 else b"")
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
        sender.upload(bomb, component_id=ID)

        response = sender.get(ID, "thumbnail")

        assert (response.status, json.loads(response.body)["error_code"]) == (422, "picture_too_large")


def test_without_pillow_there_is_the_default_thumbnail(
    sender: Any, picture: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base install serves a workspace in process; the job says what is missing."""
    client.create("FileComponent", id=ID, name="a")
    sender.upload(picture(100, 50), component_id=ID)
    monkeypatch.setitem(sys.modules, "PIL", None)

    assert sender.get(ID, "thumbnail").headers["content-type"] == "image/png"
    (reply,) = client.call({"action": "encode_media", "component_id": ID})
    job = client.one(f"select status, data from Job where id is {reply['job_id']}")
    assert job["status"] == "failed"
    assert "ftrack-core[server]" in json.loads(job["data"])["error"]


def test_a_picture_is_encoded_and_becomes_the_version_s_thumbnail(sender: Any, client: Any, picture: Any) -> None:
    """A publisher sends its playblast's first frame, and the version has a face."""
    version = client.version(client.shot(client.project()))["id"]
    client.create("FileComponent", id=ID, name="frame", file_type=".png")
    sender.upload(picture(4096, 2160), component_id=ID)

    (reply,) = client.call({"action": "encode_media", "component_id": ID, "version_id": version})

    job = client.one(f"select status, data, finished_at from Job where id is {reply['job_id']}")
    (output,) = json.loads(job["data"])["output"]
    assert (job["status"], output["format"]) == ("done", "image/jpeg")
    assert job["finished_at"]
    made = client.one(f"select name, size, version_id from FileComponent where id is {output['component_id']}")
    assert (made["name"], made["version_id"]) == ("ftrackreview-image", version)
    assert looked_at(sender.get(made["id"]).body) == ("JPEG", (2048, 1080))
    assert made["size"] == len(sender.get(made["id"]).body)
    stored = client.one(f"select thumbnail_id, thumbnail_url from AssetVersion where id is {version}")
    assert stored["thumbnail_id"] == made["id"]
    shown = sender.workspace.exchange(Request("GET", stored["thumbnail_url"]["url"], sender.headers))
    assert looked_at(shown.body)[1] == (300, 158)
    location = client.one(f"select location.name from ComponentLocation where component_id is {made['id']}")
    assert location["location"]["name"] == "ftrack.server"
    assert sender.get(ID).status == 200


def test_the_original_goes_when_it_is_not_to_be_kept(sender: Any, client: Any, picture: Any) -> None:
    """`session.encode_media(path)` uploads only to encode."""
    client.create("FileComponent", id=ID, name="frame", file_type=".png")
    sender.upload(picture(64, 64), component_id=ID)

    client.call({"action": "encode_media", "component_id": ID, "keep_original": False})

    assert client.query(f"FileComponent where id is {ID}") == []
    assert (sender.get(ID).status, sender.kept()) == (404, 1)


def test_what_cannot_be_encoded_is_kept_and_the_job_says_why(sender: Any, client: Any) -> None:
    """Tools wait for the job; the movie must not be lost over it."""
    client.create("FileComponent", id=ID, name="take", file_type=".mov")
    sender.upload(b"a movie", component_id=ID)

    (reply,) = client.call({"action": "encode_media", "component_id": ID, "keep_original": False})

    job = client.one(f"select status, data from Job where id is {reply['job_id']}")
    assert (job["status"], json.loads(job["data"])["output"]) == ("failed", [])
    assert "no encoder" in json.loads(job["data"])["error"]
    assert sender.get(ID).body == b"a movie"
