"""Files through the seam, without a socket: what a location's accessor of this process will use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_backends.workspace import factories
from ftrack_backends.workspace.fixture import WorkspaceFixture
from ftrack_core.errors import ConnectionClosedError, NotSentError
from ftrack_core.interfaces import IStreamingTransport
from ftrack_core.testing import FakeBackendContext
from ftrack_core.values import Request

ID = "0b5b3a4e-6f0e-4a3e-9a3d-5a1f6c1d2e3f"


@pytest.fixture
def show() -> Iterator[WorkspaceFixture]:
    """A workspace of this process, shared by its name."""
    with WorkspaceFixture.open() as opened:
        yield opened


@pytest.fixture
def transport(show: WorkspaceFixture) -> Iterator[Any]:
    """A transport as an assembly makes it."""
    with contextlib.ExitStack() as stack:
        context = FakeBackendContext(server_url=show.server_url)
        made = factories.transport.create(factories.transport.options(), context)
        stack.callback(made.close)
        yield made


def test_a_session_s_upload_and_download_need_no_socket(show: WorkspaceFixture, transport: Any) -> None:
    """The URLs that the workspace gives in process are good for the transport of that process."""
    session = show.session()
    component = session.create("FileComponent", {"name": "plate", "file_type": ".exr", "id": ID})
    session.commit()
    (told,) = session.call([{"action": "get_upload_metadata", "component_id": component["id"], "file_size": 5}])

    assert transport.exchange(Request("PUT", told["url"], told["headers"], b"plate")).status == 200

    who = show.credentials()
    headers = {"ftrack-user": who.username, "ftrack-api-key": who.api_key}
    url = f"{show.server_url}/component/get?id={ID}"
    streamed = transport.open(Request("GET", url, headers))
    assert (streamed.status, list(streamed.chunks(2))) == (200, [b"pl", b"at", b"e"])
    streamed.close()
    assert transport.exchange(Request("GET", url, {**headers, "range": "bytes=1-2"})).body == b"la"
    assert show.file_of(ID) == b"plate"
    assert show.file_of("another") is None
    assert (show.requests.count("upload"), show.requests.count("download")) == (1, 2)


def test_the_transport_says_that_it_streams(transport: Any) -> None:
    """An accessor that asks for the power must find it."""
    assert IStreamingTransport.providedBy(transport)


def test_nothing_is_opened_elsewhere_or_when_it_is_closed(transport: Any) -> None:
    """A URL of another server must not be looked for here, with our credentials."""
    with pytest.raises(NotSentError):
        transport.open(Request("GET", "https://studio.example/component/get?id=x"))
    transport.close()
    with pytest.raises(ConnectionClosedError):
        transport.open(Request("GET", "/component/get?id=x"))


def test_a_response_that_is_closed_gives_nothing_more(show: WorkspaceFixture, transport: Any) -> None:
    """A cancelled download ends there."""
    streamed = transport.open(Request("GET", "/img/thumbnail2.png"))
    chunks = streamed.chunks(10)
    next(chunks)
    streamed.close()

    with pytest.raises(ConnectionClosedError):
        next(chunks)


def test_two_workspaces_do_not_share_files(show: WorkspaceFixture) -> None:
    """A URL that one signed, another refuses."""
    with WorkspaceFixture.open() as other:
        (told,) = show.session().call([{"action": "get_upload_metadata", "component_id": ID, "file_size": 1}])

        assert other.workspace.exchange(Request("PUT", told["url"], {}, b"x")).status == 403
