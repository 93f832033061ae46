"""What crosses the transport seam."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ftrack_core.values._by_value import ByValue

__all__ = ["Request", "Response"]


def _names_only(headers: Mapping[str, str]) -> str:
    return f"<{', '.join(sorted(headers)) or 'none'}>"


def _size(body: bytes) -> str:
    return f"<{len(body)} bytes>"


@attrs.frozen(eq=False, repr=False)
class Request(ByValue):
    """One HTTP request.

    Attributes:
        method: `GET`, `POST`, `PUT` or `DELETE`.
        url: Absolute, or beginning with `/` and then relative to the URL of the server that the transport serves.
        headers: Header values by name. A representation shows their names only, since some are secrets.
        body: The whole body; empty for none.
        timeout_seconds: How long to wait for the reply's next byte; None leaves it to the transport's options.
    """

    method: str
    url: str
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=_names_only)
    body: bytes = attrs.field(default=b"", repr=_size)
    timeout_seconds: float | None = None

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """This request with more headers, which win over those it has."""
        return attrs.evolve(self, headers={**self.headers, **headers})


@attrs.frozen(eq=False, repr=False)
class Response(ByValue):
    """One HTTP response, read to its end.

    Attributes:
        status: HTTP status code.
        headers: Header values by lower-case name.
        body: The whole body, decompressed.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes = attrs.field(default=b"", repr=_size)
