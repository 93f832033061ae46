"""Files over real HTTP: what is wrong is refused, leaves no file and disturbs nobody; nothing large lies in memory."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
import requests

from ftrack_backends.workspace import Workspace, front

pytest.importorskip("uvicorn", reason="the front needs the `server` extra")

ID = "0b5b3a4e-6f0e-4a3e-9a3d-5a1f6c1d2e3f"
DATA = bytes(range(256)) * 400


@attrs.define
class Site:
    """A workspace on a disk, served, with what a browser would do."""

    workspace: Workspace
    url: str

    @property
    def headers(self) -> dict[str, str]:
        """Credentials."""
        first = self.workspace.users[0]
        return {"ftrack-user": first.username, "ftrack-api-key": first.api_key}

    def metadata(self, component_id: str = ID, **fields: Any) -> dict[str, Any]:
        """Reply of `get_upload_metadata`."""
        operation = {"action": "get_upload_metadata", "component_id": component_id, "file_name": "a.bin", **fields}
        reply = requests.post(f"{self.url}/api", json=[operation], headers=self.headers, timeout=10).json()
        told: dict[str, Any] = reply[0]
        return told

    def kept(self) -> list[str]:
        """What lies on the disk."""
        folder = Path(f"{self.workspace.database}.files")
        return sorted(os.listdir(folder)) if folder.exists() else []  # noqa: PTH208

    def get(self, what: str = "get", **headers: str) -> requests.Response:
        """Ask for the component's file."""
        return requests.get(f"{self.url}/component/{what}?id={ID}", headers={**self.headers, **headers}, timeout=10)

    def raw(self, head: str, body: bytes) -> socket.socket:
        """Send bytes on a connection of its own."""
        parts = urlsplit(self.url)
        connection = socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)
        connection.sendall(head.replace("\n", "\r\n").encode() + body)
        return connection


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An empty workspace, served."""
    with Workspace.open(tmp_path / "show.sqlite") as workspace, front.serve(workspace) as server:
        yield Site(workspace, server.url)


def demand_refusal(response: requests.Response, status: int) -> str:
    """It is refused in words; gives the code."""
    assert response.status_code == status, response.text
    reply = response.json()
    assert not set("{}") & set(reply["content"])
    return str(reply["error_code"])


def demand_undisturbed(site: Site) -> None:
    """The next upload is as good as ever, and nothing but it is there."""
    assert site.kept() == []
    url = site.metadata(file_size=len(DATA))["url"]
    assert requests.put(url, data=DATA, timeout=10).status_code == 200
    assert site.get().content == DATA
    assert len(site.kept()) == 1


def checksum(data: bytes) -> str:
    """MD5 as the official client writes it."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def test_a_file_goes_and_comes_back(site: Site) -> None:
    """One connection does it all, one request after the other."""
    with requests.Session() as session:
        url = site.metadata(file_size=len(DATA), checksum=checksum(DATA))["url"]
        sent = session.put(url, data=DATA, headers={"Content-MD5": checksum(DATA)}, timeout=10)
        assert (sent.status_code, sent.headers["ETag"]) == (200, f'"{hashlib.md5(DATA).hexdigest()}"')  # noqa: S324
        got = session.get(f"{site.url}/component/get?id={ID}", headers=site.headers, timeout=10)
        assert got.content == DATA
        part = session.get(got.url, headers={**site.headers, "Range": "bytes=256-511"}, timeout=10)
        assert (part.status_code, part.content) == (206, DATA[256:512])
        head = session.head(got.url, headers=site.headers, timeout=10)
        assert (head.headers["Content-Length"], head.content) == (str(len(DATA)), b"")


@pytest.mark.parametrize(
    ("fields", "body", "headers", "status", "code"),
    [
        ({"checksum": checksum(b"other")}, DATA, {}, 400, "wrong_checksum"),
        ({}, DATA, {"Content-MD5": checksum(b"other")}, 400, "wrong_checksum"),
        ({"checksum": checksum(DATA)}, DATA, {"Content-MD5": checksum(b"other")}, 400, "wrong_checksum"),
        ({}, DATA, {"Content-MD5": "nonsense"}, 400, "malformed_checksum"),
        ({"file_size": len(DATA) + 1}, DATA, {}, 400, "wrong_length"),
        ({"file_size": len(DATA) - 1}, DATA, {}, 400, "wrong_length"),
        ({"file_size": 0}, DATA, {}, 400, "wrong_length"),
        ({"file_size": len(DATA) + 1}, iter([DATA]), {}, 400, "wrong_length"),
        ({"file_size": 1000}, iter([DATA, DATA, DATA]), {}, 400, "wrong_length"),
    ],
)
def test_what_is_not_what_was_announced_is_refused(
    site: Site, fields: dict[str, Any], body: Any, headers: dict[str, str], status: int, code: str
) -> None:
    """A frame that was broken on the way is rendered again, not composited."""
    url = site.metadata(**{"file_size": len(DATA), **fields})["url"]
    sent = b"".join(body) if isinstance(body, list) else body

    response = requests.put(url, data=sent, headers=headers, timeout=10)

    assert demand_refusal(response, status) == code
    demand_undisturbed(site)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace(ID, ID.replace("0b5b3a4e", "00000000")),
        lambda url: url.replace("size=102400", "size=102401"),
        lambda url: url.replace("name=a.bin", "name=..%2F..%2Fa.bin"),
        lambda url: url + "&name=b",
        lambda url: url + "&part=1",
        lambda url: url.partition("&signature")[0],
        lambda url: url.partition("?")[0],
        lambda url: url.partition("?")[0] + "?id=../../x&signature=x&expires=9999999999",
        lambda url: url.replace("signature=", "signature=0"),
    ],
)
def test_a_url_that_was_changed_sends_nothing(site: Site, change: Callable[[str], str]) -> None:
    """Who may send one file may not send another."""
    url = change(site.metadata(file_size=len(DATA))["url"])

    assert demand_refusal(requests.put(url, data=DATA, timeout=10), 403) == "signature_invalid"
    demand_undisturbed(site)


@pytest.mark.parametrize(
    "path", ["/component/put/../../x", "/component/put/x", "/component/../component/put/", "//component/put", "/x"]
)
def test_no_other_address_takes_a_file(site: Site, path: str) -> None:
    """What is sent elsewhere is refused, however the address is written."""
    query = site.metadata(file_size=len(DATA))["url"].partition("?")[2]
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=10)
    connection.request("PUT", f"{path}?{query}", DATA)

    response = connection.getresponse()

    assert response.status in {403, 404, 405}
    assert not set("{}") & set(json.loads(response.read())["content"])
    connection.close()
    demand_undisturbed(site)


@pytest.mark.parametrize("sent", [0, 1, 70_000])
def test_an_upload_that_breaks_off_leaves_nothing(site: Site, sent: int) -> None:
    """A laptop that is closed in the middle of a movie."""
    path = site.metadata(file_size=len(DATA))["url"].removeprefix(site.url)
    connection = site.raw(f"PUT {path} HTTP/1.1\nHost: x\nContent-Length: {len(DATA)}\n\n", DATA[:sent])
    connection.close()
    demand_served(site)

    demand_undisturbed(site)


def demand_served(site: Site) -> None:
    """The front has seen the end of the connection; what it abandons, it takes off the disk first."""
    for _ in range(500):
        if not site.workspace._services.files._coming:
            return
        site.metadata(file_size=1)  # a turn for the front
    pytest.fail("the upload that broke off is held on to")


@pytest.mark.parametrize("length", [10**12, 10**18, 10**40])
def test_a_huge_length_is_refused_before_it_comes(site: Site, length: int) -> None:
    """Nobody waits for a terabyte to say no."""
    path = site.metadata(file_size=len(DATA))["url"].removeprefix(site.url)
    with site.raw(f"PUT {path} HTTP/1.1\nHost: x\nContent-Length: {length}\n\n", b"x" * 100) as connection:
        reply = b""
        while piece := connection.recv(65536):
            reply += piece

    assert reply.startswith(b"HTTP/1.1 400")
    demand_undisturbed(site)


def test_the_api_answers_while_a_file_comes(site: Site) -> None:
    """A movie over a slow line keeps nobody waiting."""
    path = site.metadata(file_size=len(DATA))["url"].removeprefix(site.url)
    with site.raw(f"PUT {path} HTTP/1.1\nHost: x\nContent-Length: {len(DATA)}\n\n", DATA[:50_000]) as connection:
        assert site.metadata(file_size=1)["component_id"] == ID
        connection.sendall(DATA[50_000:])
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert site.get().content == DATA


def test_browsers_may_send_and_read_what_they_need(site: Site) -> None:
    """`@ftrack/api` in a page of another origin reads the ETag of each part."""
    url = site.metadata(file_size=3, parts=1)["urls"][0]["signed_url"]
    origin = {"Origin": "https://tools.studio.example"}
    asked = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type, content-md5"}

    allowed = requests.options(url, headers={**origin, **asked}, timeout=10)
    sent = requests.put(url, data=b"abc", headers=origin, timeout=10)

    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    assert sent.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    assert "ETag" in sent.headers["Access-Control-Expose-Headers"]
    assert sent.headers["ETag"].strip('"') == hashlib.md5(b"abc").hexdigest()  # noqa: S324
    assert requests.options(f"{site.url}/component/get?id={ID}", timeout=10).status_code == 204


def test_a_failure_on_order_cuts_a_file_in_the_middle(site: Site) -> None:
    """A downloader shows that it goes on where it was cut."""
    url = site.metadata(file_size=len(DATA))["url"]
    site.workspace.failures.add("upload")
    with pytest.raises(requests.ConnectionError):
        requests.put(url, data=DATA, timeout=10)
    assert site.kept() == []
    assert requests.put(url, data=DATA, timeout=10).status_code == 200
    site.workspace.failures.add("download", "during")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        site.get()

    assert site.get().content == DATA


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_a_large_file_never_lies_in_memory(serve: Any, tmp_path: Path) -> None:
    """A movie of many gigabytes must not take the machine that serves it."""
    size, piece = 192 * 1024 * 1024, os.urandom(1024 * 1024)
    with serve("--database", str(tmp_path / "show.sqlite")) as served:
        user = served.users[0]
        headers = {"ftrack-user": user["username"], "ftrack-api-key": user["api_key"]}
        asked = [{"action": "get_upload_metadata", "component_id": ID, "file_name": "a", "file_size": size}]
        url = requests.post(f"{served.url}/api", json=asked, headers=headers, timeout=10).json()[0]["url"]
        before = peak_bytes(served.process.pid)

        sent = requests.put(url, data=Sized(piece, size), timeout=60)
        assert sent.status_code == 200, sent.text
        digest, left = hashlib.sha256(), size
        got = requests.get(f"{served.url}/component/get?id={ID}", headers=headers, stream=True, timeout=60)
        for chunk in got.iter_content(1024 * 1024):
            digest.update(chunk)
            left -= len(chunk)

        assert left == 0
        assert digest.hexdigest() == hashlib.sha256(piece * (size // len(piece))).hexdigest()
        assert peak_bytes(served.process.pid) - before < 48 * 1024 * 1024


class Sized:
    """A body of many equal pieces, whose length is known."""

    def __init__(self, piece: bytes, size: int) -> None:
        self._piece, self._size = piece, size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._size // len(self._piece)):
            yield self._piece


def peak_bytes(process: int) -> int:
    """The most memory that a process had so far."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
