"""A client that sends and fetches files as every real one does: signed URLs without credentials, GET with them."""

from __future__ import annotations

import hashlib
import io
import uuid
from pathlib import Path
from typing import Any

import attrs
import pytest
from PIL import Image

from ftrack_backends.workspace import Workspace
from ftrack_core.values import Request, Response


@attrs.define
class Sender:
    """Sends and fetches files in process, on behalf of a client of the API."""

    client: Any
    workspace: Workspace

    @property
    def headers(self) -> dict[str, str]:
        """Credentials."""
        return {"ftrack-user": self.client.username, "ftrack-api-key": self.client.api_key}

    def metadata(self, component_id: str, **fields: Any) -> dict[str, Any]:
        """Reply of `get_upload_metadata`."""
        reply = self.client.call({"action": "get_upload_metadata", "component_id": component_id, **fields})
        assert isinstance(reply, list), reply
        told: dict[str, Any] = reply[0]
        return told

    def put(self, url: str, body: bytes, **headers: str) -> Response:
        """Send bytes to a signed URL."""
        return self.workspace.exchange(Request("PUT", url, {**headers, "content-length": str(len(body))}, body))

    def upload(self, body: bytes, name: str = "plate.bin", component_id: str | None = None) -> str:
        """Send a file whole; gives the component's id."""
        component_id = component_id or str(uuid.uuid4())
        told = self.metadata(component_id, file_name=name, file_size=len(body))
        assert self.put(told["url"], body).status == 200
        return component_id

    def parts(self, component_id: str, bodies: list[bytes], **fields: Any) -> tuple[str, list[dict[str, Any]]]:
        """Send a file in parts; gives the upload's id and what completes it."""
        size = sum(map(len, bodies))
        told = self.metadata(component_id, file_name="big.bin", file_size=size, parts=len(bodies), **fields)
        sent = []
        for one, body in zip(told["urls"], bodies, strict=True):
            response = self.put(one["signed_url"], body)
            assert response.status == 200
            sent.append({"part_number": one["part_number"], "e_tag": response.headers["etag"].strip('"')})
        return told["upload_id"], sent

    def complete(self, component_id: str, upload_id: str, parts: Any) -> dict[str, Any]:
        """The operation that completes an upload."""
        return {
            "action": "complete_multipart_upload",
            "component_id": component_id,
            "upload_id": upload_id,
            "parts": parts,
        }

    def get(self, component_id: str, what: str = "get", method: str = "GET", **headers: str) -> Response:
        """Ask for a component's file, or another thing of it."""
        return self.workspace.exchange(
            Request(method, f"/component/{what}?id={component_id}", {**self.headers, **headers})
        )

    def kept(self) -> int:
        """How many pieces the workspace keeps."""
        return len(self.workspace._services.files._pieces.names())


@pytest.fixture
def sender(client: Any, workspace: Workspace) -> Sender:
    """Of the workspace in memory."""
    return Sender(client, workspace)


@pytest.fixture
def sender_of(client_of: Any) -> Any:
    """Makes one of any workspace."""

    def made(workspace: Workspace) -> Sender:
        first = workspace.users[0]
        return Sender(client_of(workspace, first.username, first.api_key), workspace)

    return made


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a workspace may be kept."""
    return tmp_path / "show.sqlite"


def md5(data: bytes) -> bytes:
    """MD5 of bytes."""
    return hashlib.md5(data, usedforsecurity=False).digest()


@pytest.fixture
def picture() -> Any:
    """Makes the file of a picture: `picture(640, 480)`."""

    def made(width: int, height: int, kind: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
        out = io.BytesIO()
        Image.new(mode, (width, height), (200, 30, 30, 128)[: len(mode)]).save(out, kind, **options)
        return out.getvalue()

    return made
