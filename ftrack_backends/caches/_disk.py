"""Records in a folder, kept by diskcache."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zope.interface import implementer

from ftrack_backends.caches._disk_shard import Shard
from ftrack_backends.caches._disk_store import DiskStore
from ftrack_backends.caches._serialised import SerialisedCache
from ftrack_backends.sqlite_files import network_file_system
from ftrack_core.assembly import SystemClock
from ftrack_core.errors import CacheError
from ftrack_core.interfaces import IClock, IDiagnosed

if TYPE_CHECKING:
    from ftrack_core.values import Finding

__all__ = ["DiskCache"]

_LAYOUT: Final = "v1"
_COUNTS_READS: Final = frozenset({"least-recently-used", "least-frequently-used"})


@implementer(IDiagnosed)
class DiskCache(SerialisedCache):
    """Keeps records in a folder by means of diskcache, of which neither pickles nor files beside its table are used.

    The folder is made, and opened, when it is first used. What cannot be opened raises a `CacheError` at each call,
    for ten seconds without being tried again. A database that is damaged or of another program is a miss: it is marked
    and left, another one is begun beside it, and that is logged once.

    Threads: all calls. Processes: any number on one host; what one has set the others get, whole or not at all, also
    if it is killed. A power cut may lose the last changes. Forked children may go on with it.
    Network file systems: refused.
    Expiry: by the clock that was handed in, as seconds since the epoch.
    Batches: one transaction for each 500 keys of a shard.
    Lifetime: closing it closes the databases.

    Args:
        path: The folder, on a disk of this host; it may begin with `~`.
        megabytes: About how much it may hold, over all shards.
        eviction_policy: Which entries go when it is full: `least-recently-stored`, `least-recently-used` and
            `least-frequently-used` (of which each makes reads write too), or `none`, with which it grows for ever.
        seconds_to_live: How long entries are kept at most; None for as long as there is room.
        shards: How many databases to use, so that as many processes may write at once.
        busy_seconds: How long to wait for another process that writes.
        codec: Turns records into bytes and back: `msgpack`, `json`, or an `IRecordCodec`.
        clock: Tells when an entry has expired.

    Raises:
        CacheError: The folder lies on a network file system, or its name holds what diskcache would replace.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        megabytes: int = 512,
        eviction_policy: str = "least-recently-stored",
        seconds_to_live: float | None = None,
        shards: int = 1,
        busy_seconds: float = 5.0,
        codec: Any = "msgpack",
        clock: IClock | None = None,
    ) -> None:
        self.path = Path(os.path.expanduser(path)).absolute()  # noqa: PTH111 - leaves a `~` that means nothing as it is
        _demand_place(self.path)
        settings = {"size_limit": megabytes * 1024 * 1024 // shards, "eviction_policy": eviction_policy}
        clock = clock or SystemClock()
        kept = [
            Shard(
                folder=self.path / _LAYOUT / f"{number}-of-{shards}",
                settings=settings,
                busy_seconds=busy_seconds,
                clock=clock,
            )
            for number in range(shards)
        ]
        store = DiskStore(
            shards=kept, clock=clock, seconds=seconds_to_live, counts_reads=eviction_policy in _COUNTS_READS
        )
        super().__init__(store, codec)

    def diagnose(self, timeout_seconds: float) -> Iterable[Finding]:  # noqa: ARG002 - files have no time-out
        """How the folder is, and what lies there, damaged beginnings among it."""
        from ftrack_backends._folders import folder_finding

        files = [Path(folder, name) for folder, _, names in os.walk(self.path / _LAYOUT) for name in names]
        yield folder_finding(self.path, files, time.time())


def _demand_place(path: Path) -> None:
    found = network_file_system(path)
    if found:
        raise CacheError(
            f"the disk cache {str(path)!r} lies on a network file system ({found}), where SQLite cannot keep it "
            "sound; name a folder on a disk of this host",
            {"path": str(path), "fault": "network"},
        )
    if os.path.expandvars(path) != str(path):
        raise CacheError(
            f"the disk cache {str(path)!r} cannot be used: diskcache would put variables of the environment into its "
            "name; name another folder",
            {"path": str(path), "fault": "refused"},
        )
