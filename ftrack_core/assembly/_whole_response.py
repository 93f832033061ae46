"""What stands for a streamed response where a transport cannot stream."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from zope.interface import implementer

from ftrack_core.interfaces import IStreamedResponse
from ftrack_core.values import Response

__all__ = ["WholeResponse"]


@implementer(IStreamedResponse)
@attrs.define(eq=False, repr=False)
class WholeResponse:
    """A response that was read whole, told piece by piece."""

    _response: Response

    @property
    def status(self) -> int:
        """HTTP status code."""
        return self._response.status

    @property
    def headers(self) -> dict[str, str]:
        """Header values by lower-case name."""
        return dict(self._response.headers)

    def chunks(self, chunk_bytes: int) -> Iterator[bytes]:
        """The body in pieces."""
        body = self._response.body
        for start in range(0, len(body), chunk_bytes):
            yield body[start : start + chunk_bytes]

    def close(self) -> None:
        """Nothing is held open."""
