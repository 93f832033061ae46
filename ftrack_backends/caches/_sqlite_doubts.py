"""Entries that a shared store may wrongly hold, since changing them failed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

__all__ = ["Doubts"]

_MOST: Final = 10_000


@attrs.define(eq=False)
class Doubts:
    """The keys of entries that are not to be served until a later change of them succeeds.

    Thread safety: any thread; each step is a step of one set.

    Attributes:
        all: Whether everything is in doubt: a clear failed, or there were too many keys.
    """

    all: bool = False
    _keys: set[str | bytes] = attrs.field(factory=set, init=False)

    def add(self, keys: Iterable[str | bytes]) -> None:
        """A change of these failed."""
        self._keys.update(keys)
        self.all = self.all or len(self._keys) > _MOST

    def settled(self, keys: Iterable[str | bytes]) -> None:
        """A change of these succeeded."""
        if self._keys:
            self._keys.difference_update(keys)

    def none(self) -> None:
        """Everything was forgotten."""
        self._keys = set()
        self.all = False

    def certain(self, keys: Iterable[str | bytes]) -> list[str | bytes]:
        """Those of the keys that are in no doubt."""
        doubtful = self._keys
        return [key for key in keys if key not in doubtful] if doubtful else list(keys)
