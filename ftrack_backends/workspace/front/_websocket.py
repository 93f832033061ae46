"""WebSocket as uvicorn speaks it, on the `websockets` library, with no word of it in the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Response
from websockets.protocol import State

from ftrack_core.protocol import DISCONNECT, encode_packet

__all__ = ["FRAME_LIMIT_BYTES", "QuietWebSocketProtocol"]

FRAME_LIMIT_BYTES = 16 * 1024 * 1024
"""A client whose message is longer is cut off, with close code 1009."""

_FAREWELL = encode_packet(DISCONNECT).encode()
_BRACES = str.maketrans("{}", "()")
_LOGGER = logging.getLogger("ftrack_backends.workspace.front.websocket")
_LOGGER.setLevel(logging.WARNING)


class QuietWebSocketProtocol(WebSocketsSansIOProtocol):
    """One connection, whose URL and frames stay out of every log: clients put keys into the one."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = self.conn.logger = _LOGGER
        self.conn.debug = False
        self.conn.reject = partial(_refusal, self.conn.reject)  # type: ignore[method-assign]

    def shutdown(self) -> None:
        """Say good-bye in Socket.IO's words before those of WebSocket: the Python client reads no others."""
        if self.handshake_complete and self.conn.state is State.OPEN:
            self.conn.send_text(_FAREWELL)
            self.transport.write(b"".join(self.conn.data_to_send()))
        super().shutdown()


def _refusal(reject: Callable[[int, str], Response], status: int, text: str) -> Response:
    """What is no opening of a WebSocket is refused in the form that ftrack clients read."""
    response = reject(status, text)
    refusal = {"exception": "ParseError", "content": text.strip().translate(_BRACES), "error_code": "no_websocket"}
    response.body = json.dumps(refusal).encode()
    for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(response.body)))):
        response.headers.pop(name, None)
        response.headers[name] = value
    return response
