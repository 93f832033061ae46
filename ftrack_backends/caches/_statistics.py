"""What a cache did since it was made."""

from __future__ import annotations

import attrs

__all__ = ["CacheStatistics", "LayerStatistics", "StoreStatistics"]


@attrs.frozen(kw_only=True)
class CacheStatistics:
    """What a cache did since it was made, and what it holds now.

    Attributes:
        hits: Records that were asked for and there.
        misses: Records that were asked for and not there.
        written: Records that were set.
        removed: Records that were removed or cleared.
        evicted: Records that went since there was no room.
        expired: Records that went since their time was over, as far as that was noticed.
        records: Records that it holds, expired ones that nobody asked for among them.
        max_records: Records that it has room for.
    """

    hits: int = 0
    misses: int = 0
    written: int = 0
    removed: int = 0
    evicted: int = 0
    expired: int = 0
    records: int = 0
    max_records: int = 0


@attrs.frozen(kw_only=True)
class StoreStatistics:
    """What a cache on a disk did since it was made, and what there is now, put there by whichever process.

    Attributes:
        hits: Entries that were asked for and there.
        misses: Entries that were asked for and not there.
        records: Entries that it holds, expired ones that nobody has removed yet among them; 0 where it cannot be read.
        bytes: What they take on the disk, in the database's own pages; 0 where it cannot be read.
        max_bytes: How much it may take.
    """

    hits: int = 0
    misses: int = 0
    records: int = 0
    bytes: int = 0
    max_bytes: int = 0


@attrs.frozen(kw_only=True)
class LayerStatistics:
    """What one layer of a layered cache did since that was made.

    Attributes:
        layer: Name of the layer's class.
        hits: Records that it had when it was asked; the layers above had not.
        misses: Records that it had not.
        failures: Calls in which it raised.
        doubtful: Keys that are not served from it, since a change of them failed.
        set_aside: Whether nothing is served from it until it is cleared.
    """

    layer: str
    hits: int = 0
    misses: int = 0
    failures: int = 0
    doubtful: int = 0
    set_aside: bool = False
