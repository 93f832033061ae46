"""A mapping as a cache."""

from __future__ import annotations

import threading
from collections.abc import MutableMapping
from typing import Any

import attrs

from ftrack_backends.caches._patterns import found_in
from ftrack_core.errors import ConnectionClosedError
from ftrack_core.values import MISSING

__all__ = ["MappingStore"]


@attrs.define(eq=False)
class MappingStore:
    """Gives a mutable mapping the methods of a cache.

    Thread safety: all calls, under one lock. The mapping must tell `"a"` from `b"a"`.
    Lifetime: closing it calls the mapping's `close`, if it has one.

    Attributes:
        kept: The mapping.
    """

    kept: MutableMapping[Any, Any]
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False)

    def get(self, key: str | bytes) -> Any:
        """What stands under a key, or `MISSING`."""
        with self._lock:
            return self._open().get(key, MISSING)

    def set(self, key: str | bytes, record: Any) -> None:
        """Keep something under a key."""
        with self._lock:
            self._open()[key] = record

    def remove(self, key: str | bytes) -> bool:
        """Forget what stands under a key, and tell whether there was something."""
        with self._lock:
            return self._open().pop(key, MISSING) is not MISSING

    def keys(self) -> list[Any]:
        """All keys."""
        with self._lock:
            return list(self._open())

    def values(self) -> list[Any]:
        """All that is kept."""
        with self._lock:
            return list(self._open().values())

    def clear(self, pattern: str | None = None) -> None:
        """Forget everything, or what stands under keys that the pattern is found in."""
        matches = found_in(pattern)
        with self._lock:
            kept = self._open()
            for key in [key for key in kept if matches(key)]:
                del kept[key]

    def close(self) -> None:
        """Let go of the mapping."""
        with self._lock:
            if not self._closed:
                self._closed = True
                getattr(self.kept, "close", lambda: None)()

    def _open(self) -> MutableMapping[Any, Any]:
        if self._closed:
            message = "the cache of bytes is closed; make a new one"
            raise ConnectionClosedError(message)
        return self.kept
