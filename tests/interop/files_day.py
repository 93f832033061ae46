"""A day with files, by the official client: what a publisher sends is what the next tool gets.

    python files_day.py URL USER KEY FOLDER PICTURE

Run as a script, under the interpreter that has the official client. It prints, as JSON, what was seen in each part.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

SIZES = {"nothing": 0, "one": 1, "middle": 5_000_000, "large": 20_000_000}
PART = 8 * 1024 * 1024


def day(session: Any, folder: Path, picture: Path) -> dict[str, Any]:
    """Live through it."""
    server = session.query('Location where name is "ftrack.server"').one()
    version = _version(session)
    return {
        "files": _files(session, server, version, folder),
        "parts": _parts(session, folder),
        "copied": _copied(session, server, folder),
        "sequence": _sequence(session, server, folder),
        "thumbnail": _thumbnail(session, server, version, picture),
        "encoded": _encoded(session, version, picture),
        "not encoded": _not_encoded(session, folder),
        "removed": _removed(session, server),
        "refused": _refused(session, server),
    }


def _version(session: Any) -> Any:
    shot = session.query("Shot").first()
    asset = session.create("Asset", {"name": "files", "parent": shot, "type": session.query("AssetType").first()})
    version = session.create("AssetVersion", {"asset": asset})
    session.commit()
    return version


def _written(folder: Path, name: str, size: int) -> tuple[Path, str]:
    path = folder / f"{name}.bin"
    path.write_bytes(os.urandom(size))
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def _files(session: Any, server: Any, version: Any, folder: Path) -> dict[str, Any]:
    """Of every size: read through the accessor, and by the URL that it gives."""
    seen = {}
    for name, size in SIZES.items():
        path, digest = _written(folder, name, size)
        component = version.create_component(str(path), {"name": name}, location=server)
        session.commit()
        with_accessor = server.accessor.open(server.get_resource_identifier(component), "rb").read()
        by_url = _fetched(server.get_url(component))
        same = digest == hashlib.sha256(with_accessor).hexdigest() == hashlib.sha256(by_url).hexdigest()
        seen[name] = [same, component["size"], server.get_component_availability(component)]
    return seen


def _parts(session: Any, folder: Path) -> list[Any]:
    """As the browser's client sends a large one, by a client that is no browser."""
    path, digest = _written(folder, "parts", 2 * PART + 12_345)
    component = session.create_component(str(path), {"name": "parts"}, location=None)
    session.commit()
    data = path.read_bytes()
    asked = {"component_id": component["id"], "file_name": "parts.bin", "file_size": len(data), "parts": 3}
    (told,) = session.call([{"action": "get_upload_metadata", **asked}])
    sent = []
    for part in reversed(told["urls"]):
        start = (part["part_number"] - 1) * PART
        request = urllib.request.Request(part["signed_url"], data[start : start + PART], method="PUT")  # noqa: S310
        with urllib.request.urlopen(request) as response:  # noqa: S310 - a test's own loopback URL
            sent.append({"part_number": part["part_number"], "e_tag": response.headers["ETag"].replace('"', "")})
    done = {"component_id": component["id"], "upload_id": told["upload_id"], "parts": sent}
    (reply,) = session.call([{"action": "complete_multipart_upload", **done}])
    return [hashlib.sha256(_fetched(reply["url"])).hexdigest() == digest, reply["component_id"] == component["id"]]


def _copied(session: Any, server: Any, folder: Path) -> bool:
    """From the server to a disk, as a location does it."""
    from ftrack_api.accessor.disk import DiskAccessor  # type: ignore[import-not-found]  # in the other environment
    from ftrack_api.structure.standard import StandardStructure  # type: ignore[import-not-found]

    disk = session.create("Location", {"name": "files.disk"})
    session.commit()
    disk.accessor = DiskAccessor(str(folder / "disk"))
    disk.structure = StandardStructure()
    disk.priority = 50
    component = session.query('FileComponent where name is "middle"').one()
    disk.add_component(component, [server])
    copy = Path(disk.get_filesystem_path(component))
    return copy.read_bytes() == (folder / "middle.bin").read_bytes()


def _sequence(session: Any, server: Any, folder: Path) -> list[Any]:
    """Each frame is a file; the sequence is none."""
    for frame in range(1, 4):
        (folder / f"plate.{frame:04d}.exr").write_bytes(b"frame %d" % frame)
    component = session.create_component(f"{folder}/plate.%04d.exr [1-3]", {"name": "plate"}, location=server)
    session.commit()
    read = [server.accessor.open(server.get_resource_identifier(one), "rb").read() for one in component["members"]]
    return sorted(one.decode() for one in read)


def _thumbnail(session: Any, server: Any, version: Any, picture: Path) -> list[Any]:
    """Made by the client, shown by its URLs: in full, and fitted."""
    component = version.create_thumbnail(str(picture))
    session.commit()
    session.reset()
    (found,) = session.query(f"select thumbnail_url, thumbnail_id from AssetVersion where id is {version['id']}")
    urls = [server.get_thumbnail_url(component), server.get_thumbnail_url(component, size=32)]
    own = found["thumbnail_url"]["url"]
    urls.append(f"{session.server_url}{own}&username={session.api_user}&apiKey={session.api_key}")
    pictures = [_fetched(url) for url in urls]
    return [found["thumbnail_id"] == component["id"], [one[:2].hex() for one in pictures], pictures[0] == pictures[2]]


def _encoded(session: Any, version: Any, picture: Path) -> list[Any]:
    job = session.encode_media(str(picture), version_id=version["id"])
    (output,) = json.loads(job["data"])["output"]
    (found,) = session.query(f"select thumbnail_id, components.name from AssetVersion where id is {version['id']}")
    originals = session.query(f"FileComponent where id is {json.loads(job['data'])['source_component_id']}").all()
    names = sorted(one["name"] for one in found["components"])
    return [job["status"], output["format"], found["thumbnail_id"] == output["component_id"], len(originals), names]


def _not_encoded(session: Any, folder: Path) -> list[Any]:
    component = session.query('FileComponent where name is "middle"').one()
    job = session.encode_media(component)
    return [job["status"], json.loads(job["data"])["output"], "no encoder" in json.loads(job["data"])["error"]]


def _removed(session: Any, server: Any) -> list[Any]:
    component = session.query('FileComponent where name is "one"').one()
    server.remove_component(component)
    return [_status(server.accessor.get_url(component["id"])), server.get_component_availability(component)]


def _refused(session: Any, server: Any) -> list[Any]:
    """What cannot be read is the accessor's own error."""
    try:
        server.accessor.open("../../etc/passwd", "rb").read()
    except Exception as error:  # noqa: BLE001 - which one it is, is what is seen
        return [type(error).__name__, "404" in str(error)]
    return ["nothing"]


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url) as response:  # noqa: S310 - a test's own loopback URL
        data: bytes = response.read()
        return data


def _status(url: str) -> int:
    try:
        _fetched(url)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return 200


def main(url: str, user: str, key: str, folder: str, picture: str) -> None:
    """Live it with the official client and print what was seen."""
    import ftrack_api  # type: ignore[import-not-found]

    session = ftrack_api.Session(
        url, key, user, plugin_paths=[], auto_connect_event_hub=False, schema_cache_path=folder
    )
    print(json.dumps(day(session, Path(folder), Path(picture))))
    session.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
