"""Files go out whole and in ranges, to whoever may have them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from ftrack_backends.workspace import Workspace
from ftrack_core.testing import FakeClock
from ftrack_core.values import Request

ID = "0b5b3a4e-6f0e-4a3e-9a3d-5a1f6c1d2e3f"
DATA = bytes(range(100))


@pytest.mark.parametrize(
    ("asked", "told", "body"),
    [
        ("bytes=0-9", "bytes 0-9/100", DATA[:10]),
        ("bytes=90-", "bytes 90-99/100", DATA[90:]),
        ("bytes=-5", "bytes 95-99/100", DATA[-5:]),
        ("bytes=-500", "bytes 0-99/100", DATA),
        ("bytes=50-500", "bytes 50-99/100", DATA[50:]),
        (" Bytes= 5 - 5 ", "bytes 5-5/100", DATA[5:6]),
    ],
)
def test_a_range_of_a_file_is_given(sender: Any, asked: str, told: str, body: bytes) -> None:
    """A player seeks in a movie; a broken download goes on where it ended."""
    sender.upload(DATA, component_id=ID)

    response = sender.get(ID, range=asked)

    assert (response.status, response.headers["content-range"], response.body) == (206, told, body)
    assert response.headers["content-length"] == str(len(body))


@pytest.mark.parametrize(
    "asked", ["bytes=100-", "bytes=5-2", "bytes=-0", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=9" + "9" * 40]
)
def test_a_range_that_is_none_is_refused(sender: Any, asked: str) -> None:
    """A client that went on at the wrong place would glue nonsense together."""
    sender.upload(DATA, component_id=ID)

    response = sender.get(ID, range=asked)

    assert response.status == 416
    assert response.headers["content-range"] == "bytes */100"
    assert not set(b"{}") & set(json.loads(response.body)["content"].encode())


@pytest.mark.parametrize("asked", ["", "lines=1-2", "bytes=0-1,5-9", "nonsense"])
def test_what_is_no_single_range_of_bytes_gives_the_whole(sender: Any, asked: str) -> None:
    """HTTP says so; a client sees by the status what it has."""
    sender.upload(DATA, component_id=ID)

    assert (sender.get(ID, range=asked).status, sender.get(ID, range=asked).body) == (200, DATA)


def test_a_range_of_another_content_is_not_given(sender: Any) -> None:
    """A download that goes on after the file was replaced begins anew."""
    sender.upload(DATA, component_id=ID)
    told = sender.get(ID).headers

    assert sender.get(ID, range="bytes=0-1", **{"if-range": told["etag"]}).status == 206
    assert sender.get(ID, range="bytes=0-1", **{"if-range": told["last-modified"]}).status == 206
    assert sender.get(ID, range="bytes=0-1", **{"if-range": '"other"'}).body == DATA


def test_what_a_client_has_already_is_not_sent_again(sender: Any) -> None:
    """A review page that is opened again fetches no movie twice."""
    sender.upload(DATA, component_id=ID)
    tag = sender.get(ID).headers["etag"]

    response = sender.get(ID, **{"if-none-match": tag})

    assert (response.status, response.body, response.headers["etag"]) == (304, b"", tag)


def test_the_head_tells_of_a_file_without_sending_it(sender: Any) -> None:
    """Tools look at the size before they fetch."""
    sender.upload(DATA, component_id=ID)

    response = sender.get(ID, method="HEAD")

    assert (response.status, response.body, response.headers["content-length"]) == (200, b"", "100")


@pytest.mark.parametrize("name", ["evil.html", "evil.svg", 'a"b\r\nx: y.mov', "日本.mov", "..", "a.png"])
def test_a_browser_runs_nothing_that_was_uploaded(sender: Any, name: str) -> None:
    """A page among the components would act in the name of whoever opens it."""
    sender.upload(DATA, name, component_id=ID)

    headers = sender.get(ID).headers

    assert "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("inline" if name.endswith((".png", ".mov")) else "attachment")
    assert headers["content-disposition"].isprintable()
    assert headers["content-disposition"].isascii()


@pytest.mark.parametrize("what", ["get", "thumbnail", "remove"])
def test_who_is_not_let_in_gets_a_status_that_says_so(sender: Any, what: str) -> None:
    """The official accessor reads nothing but the status: an error with 200 would be taken for the file."""
    sender.upload(DATA, component_id=ID)

    for query in ("", "&username=nobody&apiKey=x", "&username=&apiKey="):
        response = sender.workspace.exchange(Request("GET", f"/component/{what}?id={ID}{query}"))
        assert (response.status, json.loads(response.body)["exception"]) == (401, "InvalidCredentialsError")


@pytest.mark.parametrize("username", ["ann+tests@studio.example", "ann b", "50%", "änn@studio.example"])
@pytest.mark.parametrize("encoded", [True, False])
def test_credentials_in_the_url_may_be_encoded_or_not(
    sender: Any, client: Any, username: str, *, encoded: bool
) -> None:
    """The official client writes them as they are, the browser's encodes them."""
    client.create("User", username=username)
    who = sender.workspace.credentials(username)
    sender.upload(DATA, component_id=ID)
    name = quote(username, safe="") if encoded else quote(username, safe="+@%")

    url = f"/component/get?id={ID}&username={name}&apiKey={who.api_key}"

    assert sender.workspace.exchange(Request("GET", url)).body == DATA


@pytest.mark.parametrize("component_id", ["", "../../etc/passwd", "%00", "..%2f..%2fshow.sqlite", "a" * 5000, "{0}"])
@pytest.mark.parametrize("what", ["get", "thumbnail", "remove"])
def test_what_is_no_component_is_not_found(sender: Any, what: str, component_id: str) -> None:
    """No parameter reaches a file's name."""
    response = sender.get(component_id, what)

    assert response.status == (400 if not component_id else 404)
    assert not set("{}") & set(json.loads(response.body)["content"])


def test_a_signed_url_fetches_without_credentials(sender: Any, client: Any) -> None:
    """A render node that has no key gets a URL."""
    client.create("FileComponent", id=ID, name="a")
    sender.upload(DATA, component_id=ID)

    url = client.call({"action": "generate_signed_url", "component_id": ID})[0]["signed_url"]

    assert sender.workspace.exchange(Request("GET", url)).body == DATA
    assert sender.workspace.exchange(Request("GET", url.replace(ID[:8], "00000000"))).status == 403
    assert sender.workspace.exchange(Request("GET", url.replace("/get", "/remove"))).status == 401
    assert sender.workspace.exchange(Request("PUT", url, {}, b"x")).status == 405


def test_a_signed_url_sends_without_credentials(sender: Any, client: Any) -> None:
    """What `generate_signed_url` gives for `put` is as good as what `get_upload_metadata` gives."""
    client.create("FileComponent", id=ID, name="a")
    operation = {"action": "generate_signed_url", "component_id": ID, "operation": "put"}
    url = client.call(operation)[0]["signed_url"]

    assert sender.put(url, DATA).status == 200
    assert sender.get(ID).body == DATA


def test_a_signed_url_ends(sender_of: Any) -> None:
    """One that was forwarded years ago must not open anything."""
    clock = FakeClock(1_800_000_000)
    with Workspace.open(clock=clock) as workspace:
        sender = sender_of(workspace)
        url = sender.metadata(ID, file_name="a", file_size=1)["url"]
        clock.advance(24 * 3600)

        assert sender.put(url, b"x").status == 403
        assert sender.kept() == 0


def test_files_are_counted_and_can_be_made_to_fail(sender: Any) -> None:
    """A tool's own test shows what it does when the connection breaks in the middle of a file."""
    from ftrack_core.errors import ConnectionLostError

    workspace = sender.workspace
    told = sender.metadata(ID, file_name="a", file_size=100)
    for when in ("before", "during"):
        workspace.failures.add("upload", when)
        with pytest.raises(ConnectionLostError):
            sender.put(told["url"], DATA)
        assert sender.get(ID).status == 404
        assert sender.kept() == 0
    workspace.failures.add("upload", error=503)
    assert sender.put(told["url"], DATA).status == 503
    workspace.failures.add("upload", "after")
    with pytest.raises(ConnectionLostError):
        sender.put(told["url"], DATA)
    workspace.failures.add("download", "during")
    streamed = workspace.fetch(Request("GET", f"/component/get?id={ID}", sender.headers))
    chunks = streamed.chunks(30)
    assert [next(chunks), next(chunks)] == [DATA[:30], DATA[30:50]]
    with pytest.raises(ConnectionLostError):
        next(chunks)
    streamed.close()
    assert sender.get(ID).body == DATA
    assert (workspace.requests.count("upload"), workspace.requests.count("download")) == (4, 4)


@pytest.mark.parametrize("parts", [1, 4])
def test_a_download_that_runs_goes_on_when_the_file_is_replaced(sender: Any, parts: int) -> None:
    """Half of one take and half of the next would be a take that nobody rendered."""
    size = len(DATA) // parts
    upload_id, told = sender.parts(ID, [DATA[start : start + size] for start in range(0, len(DATA), size)])
    sender.client.call(sender.complete(ID, upload_id, told))
    streamed = sender.workspace.fetch(Request("GET", f"/component/get?id={ID}", sender.headers))
    chunks = streamed.chunks(10)
    first = next(chunks)
    sender.upload(b"other", component_id=ID)

    assert first + b"".join(chunks) == DATA
    streamed.close()
    assert sender.kept() == 1
