"""What becomes of hubs in a forked child."""

from __future__ import annotations

import os
import weakref
from typing import Protocol

__all__ = ["tell_in_children"]


class _Forked(Protocol):
    def forked(self) -> None: ...


_HUBS: weakref.WeakSet[_Forked] = weakref.WeakSet()


def tell_in_children(hub: _Forked) -> None:
    """Have `hub.forked()` called in every child that this process forks; Windows forks none."""
    _HUBS.add(hub)


def _tell() -> None:
    for hub in list(_HUBS):
        hub.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_tell)
