"""A request whose body is a file, while it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._file_routes import announced_checksum
from ftrack_core.values import Request, Response

if TYPE_CHECKING:
    from ftrack_backends.workspace._application import Application, _Call
    from ftrack_backends.workspace.files import Reception

__all__ = ["Arrival"]


@attrs.define(eq=False)
class Arrival:
    """A request whose body is a file, while it comes. Nothing raises; used by one thread at a time.

    Attributes:
        refusal: What the client will be told, once it is sure that nothing is kept; then the rest may be left unread.
    """

    _application: Application
    _call: _Call
    _at: float
    refusal: Response | None = attrs.field(default=None, init=False)
    _reception: Reception | None = attrs.field(default=None, init=False)

    @property
    def request(self) -> Request:
        """The head."""
        return self._call.request

    def begin(self, reception: Reception) -> None:
        """Take what comes."""
        self._reception = reception

    def refuse(self, refusal: Response) -> None:
        """Keep nothing of it."""
        self.refusal = refusal
        self.abandon()

    def write(self, data: bytes) -> None:
        """Take more of the body; what comes after a refusal is dropped."""
        reception = self._reception
        if self.refusal is None and reception is not None:
            refusal = self._application.guarded(self._call, lambda: reception.write(data))
            if isinstance(refusal, Response):
                self.refuse(refusal)

    def finish(self) -> Response:
        """Keep the file, and give the response."""
        response = self._application.guarded(self._call, self._kept) if self.refusal is None else self.refusal
        self.abandon()
        self._application.note(self._call, self._at)
        return response

    def abandon(self) -> None:
        """Forget what has come, unless it was kept; a second call does nothing."""
        if self._reception is not None:
            self._reception.abandon()

    def _kept(self) -> Response:
        assert self._reception is not None, "what was begun and not refused has one"  # noqa: S101
        etag = self._reception.finish(announced_checksum(self._call.headers))
        return Response(200, {"etag": f'"{etag}"', "content-length": "0"})
