"""HTTP/1.1 as uvicorn speaks it, with refusals in JSON even of what is no HTTP."""

from __future__ import annotations

import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["JsonH11Protocol"]

_REFUSAL = {"exception": "ParseError", "content": "This is no HTTP request.", "error_code": "malformed_request"}


class JsonH11Protocol(H11Protocol):
    """One connection. What cannot be read as HTTP gets an error in the form that ftrack clients read.

    uvicorn's own line for each request is never written: it has the whole URL, and keys travel in there.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.access_log = False

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's text is the same for every fault
        """Refuse, and close the connection: where the next request begins, nobody knows."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self._refuse(json.dumps(_REFUSAL).encode())
        self.transport.close()

    def _refuse(self, body: bytes) -> None:
        length = str(len(body)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
