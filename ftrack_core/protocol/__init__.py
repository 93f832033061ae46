"""Both wires as values: the JSON batch protocol and the flow that authenticates a request."""

from __future__ import annotations

from ftrack_core.protocol._authentication import authorise, drive, drive_streamed
from ftrack_core.protocol._batch import api_request, read_reply, server_error
from ftrack_core.protocol._dates import encode_date, is_date, parse_date

__all__ = [
    "api_request",
    "authorise",
    "drive",
    "drive_streamed",
    "encode_date",
    "is_date",
    "parse_date",
    "read_reply",
    "server_error",
]
