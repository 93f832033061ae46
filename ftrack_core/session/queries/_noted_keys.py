"""The keys of the rows that a walk has still to fetch, page by page, in little memory.

Keys of ftrack are UUIDs nearly always; a page of these is kept as bytes, sixteen a key, where a list of texts takes
about a hundred. A page of any other keys is kept as it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

__all__ = ["NotedKeys"]

_UUID_BYTES: Final = 16
_CUTS: Final = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
"""Where the hyphens of a UUID divide its 32 digits."""


class NotedKeys:
    """Keys in pages: added at the end, and taken away at the beginning one page at a time.

    Args:
        page_size: Keys of a page; the last one may have fewer.
    """

    __slots__ = ("_pages", "_rest", "_size")

    def __init__(self, page_size: int) -> None:
        self._size = page_size
        self._pages: deque[bytes | tuple[str, ...]] = deque()
        self._rest: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._pages or self._rest)

    def __iter__(self) -> Iterator[str]:
        for page in self._pages:
            yield from _texts(page)
        yield from self._rest

    def add(self, keys: Iterable[str]) -> None:
        """Note further keys."""
        self._rest += keys
        full = len(self._rest) - len(self._rest) % self._size
        for start in range(0, full, self._size):
            self._pages.append(_packed(self._rest[start : start + self._size]))
        del self._rest[:full]

    def first(self) -> Sequence[str]:
        """The keys of the first page; none when there is no page."""
        return _texts(self._pages[0]) if self._pages else tuple(self._rest)

    def drop_first(self) -> None:
        """Forget the first page."""
        if self._pages:
            self._pages.popleft()
        else:
            self._rest.clear()


def _texts(page: bytes | tuple[str, ...]) -> Sequence[str]:
    return _unpacked(page) if isinstance(page, bytes) else page


def _packed(keys: Sequence[str]) -> bytes | tuple[str, ...]:
    """A page of keys: as bytes if they are UUIDs, written as UUIDs usually are."""
    try:
        packed = bytes.fromhex("".join(keys).replace("-", ""))
    except ValueError:
        return tuple(keys)
    return packed if _unpacked(packed) == keys else tuple(keys)


def _unpacked(packed: bytes) -> list[str]:
    steps = range(0, len(packed), _UUID_BYTES)
    digits = (packed[start : start + _UUID_BYTES].hex() for start in steps)
    return ["-".join([text[begin:end] for begin, end in _CUTS]) for text in digits]
