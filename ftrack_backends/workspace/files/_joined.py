"""Several pieces read as one file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import BinaryIO

__all__ = ["JoinedPieces"]


class JoinedPieces(io.RawIOBase):  # read through a buffer, it gives as much as is asked for, across pieces
    """Pieces one behind the other, with one of them open at a time. Used by one thread at a time.

    Args:
        pieces: Names with sizes, in order.
        opened: Opens a piece.
        closed: Called once, when nothing more will be read.
    """

    def __init__(
        self, pieces: Sequence[tuple[str, int]], opened: Callable[[str], BinaryIO], closed: Callable[[], None]
    ) -> None:
        super().__init__()
        self._on_close: Callable[[], None] | None = closed
        self._pieces = [piece for piece in pieces if piece[1]]
        self._opened = opened
        self._size = sum(size for _, size in self._pieces)
        self._at = 0
        self._current: tuple[str, BinaryIO] | None = None

    def demand(self) -> None:
        """Open the first piece, so that one that is missing shows before a reply begins.

        Raises:
            FileNotFoundError: It is missing.
        """
        if self._pieces:
            self._piece_at(0)

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read at any place."""
        return True

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, as with any file."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        """Read what there is up to the end of a piece; 0 at the end of the file."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._at >= self._size or not view:
            return 0
        piece, left = self._piece_at(self._at)
        data = piece.read(min(left, len(view)))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the piece that is open."""
        if self._current is not None:
            self._current[1].close()
            self._current = None
        super().close()
        told, self._on_close = self._on_close, None
        if told is not None:
            told()

    def _piece_at(self, place: int) -> tuple[BinaryIO, int]:
        """The piece that has a byte, ready to read it, and how many bytes it has from there on."""
        start = number = 0
        while place >= start + self._pieces[number][1]:
            start += self._pieces[number][1]
            number += 1
        name, size = self._pieces[number]
        if self._current is None or self._current[0] != name:
            if self._current is not None:
                self._current[1].close()
                self._current = None
            self._current = (name, self._opened(name))
        self._current[1].seek(place - start)
        return self._current[1], start + size - place
