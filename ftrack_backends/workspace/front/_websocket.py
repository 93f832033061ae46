"""WebSocket as uvicorn speaks it, on the `websockets` library, with no word of it in the log."""

from __future__ import annotations

import logging
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

__all__ = ["FRAME_LIMIT_BYTES", "QuietWebSocketProtocol"]

FRAME_LIMIT_BYTES = 16 * 1024 * 1024
"""A client whose message is longer is cut off, with close code 1009."""

_LOGGER = logging.getLogger("ftrack_backends.workspace.front.websocket")
_LOGGER.setLevel(logging.WARNING)


class QuietWebSocketProtocol(WebSocketsSansIOProtocol):
    """One connection, whose URL and frames stay out of every log: clients put keys into the one."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = self.conn.logger = _LOGGER
        self.conn.debug = False
