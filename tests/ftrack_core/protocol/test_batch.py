"""What a response to a batch means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ftrack_core import errors
from ftrack_core.protocol import api_request, read_reply
from ftrack_core.values import Response


def read(body: Any, status: int = 200, expected: int = 1) -> list[Any]:
    """What a body means as a reply."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_reply(Response(status, {}, raw), json.loads, expected)


def test_a_list_of_the_right_length_is_the_reply() -> None:
    """One result comes for each operation."""
    assert read([{"data": 1}, {"data": 2}], expected=2) == [{"data": 1}, {"data": 2}]


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        ("InvalidCredentialsError", errors.InvalidCredentialsError),
        ("PermissionError", errors.PermissionRefusedError),
        ("ValidationError", errors.ValidationRefusedError),
        ("ParseError", errors.QueryRefusedError),
        ("IntegrityError", errors.IntegrityRefusedError),
        ("DuplicateEntryError", errors.DuplicateRefusedError),
        ("SomethingNew", errors.ServerError),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_error_reply_becomes_the_error_of_its_kind(exception: str, expected: type[Exception], status: int) -> None:
    """A program catches what happened, whatever HTTP status it came with."""
    with pytest.raises(expected) as caught:
        read({"exception": exception, "content": "no {name}", "error_code": "x1"}, status)
    error = caught.value
    assert isinstance(error, errors.ServerError)
    assert (error.exception, error.error_code, error.status) == (exception, "x1", status)
    assert str(error) == f"Server reported error: {exception}(no {{name}})"


def test_an_unknown_action_means_an_old_server() -> None:
    """Newer calls fail with a sentence about the server's age."""
    with pytest.raises(errors.ServerCompatibilityError):
        read({"exception": "ValueError", "content": "Invalid action u'encode_media'"})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>Bad gateway</html>", 502),
        (b"<html>It works!</html>", 200),
        (b'[{"data": [', 200),
        (b"", 200),
        (b"\xff\xfe", 500),
    ],
)
def test_what_is_no_json_is_told_with_its_status_and_beginning(body: bytes, status: int) -> None:
    """A proxy's page is recognised as what it is."""
    with pytest.raises(errors.MalformedReplyError, match=str(status)) as caught:
        read(body, status)
    assert caught.value.status == status


@pytest.mark.parametrize("body", [[], [1, 2], {"data": 1}, "text", 3, None])
def test_a_reply_of_another_shape_is_refused(body: Any) -> None:
    """A reply that does not fit its batch is never guessed at."""
    with pytest.raises(errors.MalformedReplyError):
        read(body)


def test_an_http_error_with_other_json_is_a_server_error() -> None:
    """A gateway that answers JSON of its own is told by its status."""
    with pytest.raises(errors.ServerError, match="503"):
        read({"message": "busy"}, 503)


def test_the_request_carries_json_and_the_sessions_headers() -> None:
    """The server sees who sends and what."""
    request = api_request(b"[]", {"ftrack-strict-api": "true"}, 5)
    assert (request.method, request.url, request.body, request.timeout_seconds) == ("POST", "/api", b"[]", 5)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["ftrack-strict-api"] == "true"
