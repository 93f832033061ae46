"""A file, or a part of one, while it comes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from ftrack_backends.workspace._faults import FileFault

if TYPE_CHECKING:
    from ftrack_backends.workspace.files._pieces import Sink
    from ftrack_backends.workspace.files._uploads import UploadOrder

__all__ = ["Reception"]


@attrs.define(eq=False)
class Reception:
    """Takes bytes, checks them, and keeps them in the end; whatever goes wrong, nothing stays.

    Used by one thread at a time; `abandon` may be called by any.

    Attributes:
        order: What may come.
    """

    order: UploadOrder
    _sink: Sink
    _limit_bytes: int
    _accept: Callable[[UploadOrder, Sink], str]
    _gone: Callable[[Sink], None]
    _over: bool = attrs.field(default=False, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def write(self, data: bytes) -> None:
        """Take more bytes.

        Raises:
            FileFault: There are more than may come.
            OSError: The disk refuses.
        """
        if self._sink.size + len(data) > self._limit_bytes:
            raise FileFault(
                f"More than {self._limit_bytes} bytes came, which is what was announced or is taken at most; nothing "
                "was kept.",
                "wrong_length",
                400 if self.order.size is not None else 413,
            )
        self._sink.write(data)

    def finish(self, checksum: str = "") -> str:
        """Check what has come and keep it.

        Args:
            checksum: MD5 that the sender says besides, in hexadecimal; empty for none.

        Returns:
            Its MD5, in hexadecimal.

        Raises:
            FileFault: Length or checksum are not those that were announced; nothing was kept.
            OSError: The disk refuses.
        """
        self._demand_announced(checksum)
        self._sink.seal()
        try:
            return self._accept(self.order, self._sink)
        except BaseException:
            self._unseal()
            raise
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Forget what has come, unless it was kept; a second call does nothing."""
        with self._lock:
            over, self._over = self._over, True
        if not over:
            self._sink.abandon()
            self._gone(self._sink)

    def _demand_announced(self, checksum: str) -> None:
        found = self._sink.digest.hexdigest()
        wanted = self.order.size if not self.order.part_number else None
        if wanted is not None and self._sink.size != wanted:
            raise FileFault(
                f"{self._sink.size} bytes came, and {wanted} were announced; nothing was kept.", "wrong_length"
            )
        for announced in filter(None, (self.order.checksum, checksum)):
            if announced != found:
                raise FileFault(
                    f"The checksum of what came (MD5 {found}) is not the announced one ({announced}); nothing was "
                    "kept. Send it again.",
                    "wrong_checksum",
                )

    def _unseal(self) -> None:
        self._sink.discard()
