"""The workspaces that are open in this process: shared by name or file, counted, closed with their last user."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from ftrack_backends.workspace._address import Address
from ftrack_backends.workspace._workspace import Workspace
from ftrack_backends.workspace.seeds import Seed
from ftrack_core.errors import ConfigurationError
from ftrack_core.interfaces import IClock

__all__ = ["OPEN_WORKSPACES", "Lease", "OpenWorkspaces"]

_GivenSeed = Seed | Mapping[str, Any] | str | Path | None


@attrs.define(eq=False)
class _Entry:
    """A shared workspace.

    Attributes:
        users: How many leases there are, those included that are waiting for it to open. Guarded by the registry.
        lock: Held while it is opened or closed, so that neither overtakes the other.
        workspace: The workspace; None before it is open and after it is closed.
        seed: Digest of the seed that its first user asked for; empty when it asked for none.
    """

    users: int = 0
    lock: threading.Lock = attrs.field(factory=threading.Lock)
    workspace: Workspace | None = None
    seed: str = ""


@attrs.define(eq=False)
class Lease:
    """The use of a workspace by one assembly, until `close`.

    Attributes:
        workspace: The workspace.
    """

    workspace: Workspace
    _registry: OpenWorkspaces
    _key: str
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)
    _ended: bool = attrs.field(default=False, init=False)

    def close(self) -> None:
        """End it; the workspace is closed with its last lease. A second call does nothing."""
        with self._lock:
            ended, self._ended = self._ended, True
        if not ended:
            self._registry.end(self.workspace, self._key)


@attrs.define(eq=False)
class OpenWorkspaces:
    """Gives each who asks for a workspace a lease of it.

    Thread safety: every method may be called by many threads; opening one workspace keeps nobody from another.
    """

    _entries: dict[str, _Entry] = attrs.field(factory=dict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    def lease(self, address: Address, seed: _GivenSeed = None, clock: IClock | None = None) -> Lease:
        """Open the workspace of an address, or join those who have it open.

        Args:
            address: Which one.
            seed: What it begins with, if it is new; None for what the address says.
            clock: What time it is for a new one; None for the system's.

        Raises:
            ConfigurationError: It cannot be opened, or is open with another seed.
        """
        wanted = Seed.of(seed if seed is not None else address.seed)
        asked = seed is not None or address.seed is not None
        if not address.key:
            return Lease(Workspace.open(seed=wanted, clock=clock), self, "")
        entry = self._joined(address.key)
        try:
            with entry.lock:
                if entry.workspace is None:
                    entry.seed = wanted.digest if asked else ""
                    entry.workspace = Workspace.open(address.path, seed=wanted if asked else None, clock=clock)
                elif asked and entry.seed != wanted.digest:
                    raise _other_seed(address, wanted)
                return Lease(entry.workspace, self, address.key)
        except BaseException:
            self._left(address.key, entry)
            raise

    def count(self, address: Address) -> int:
        """How many leases of a shared workspace there are."""
        with self._lock:
            entry = self._entries.get(address.key)
            return entry.users if entry else 0

    def end(self, workspace: Workspace, key: str) -> None:
        """Take a lease back. Only leases call it."""
        if not key:
            workspace.close()
            return
        with self._lock:
            entry = self._entries[key]
        self._left(key, entry)

    def _joined(self, key: str) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            entry.users += 1
            return entry

    def _left(self, key: str, entry: _Entry) -> None:
        with entry.lock:
            with self._lock:
                entry.users -= 1
                last = entry.users == 0
            if last and entry.workspace is not None:
                entry.workspace.close()
                entry.workspace = None
            with self._lock:
                if entry.users == 0:
                    self._entries.pop(key, None)


def _other_seed(address: Address, wanted: Seed) -> ConfigurationError:
    fault = (
        f"the workspace {address.url!r} is open already and did not begin with the seed {wanted.name!r}; leave the "
        "seed out to join it, or take another name"
    )
    return ConfigurationError(fault, {"server_url": address.url}, (fault,))


OPEN_WORKSPACES = OpenWorkspaces()
"""Those of this process. It is the one thing here that a process has once: a name or a file means the same
everywhere."""
