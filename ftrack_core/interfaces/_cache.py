"""The seam of caches: entity records by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zope.interface import Interface

from ftrack_core.values import EntityRecord, Missing

__all__ = ["IBatchCache", "ICache", "IExpiringCache", "IPersistentCache", "ISharedCache"]


class ICache(Interface):
    """Keeps entity records under keys, and may forget any of them at any time.

    A cache holds remote state only (`EntityRecord`), so it needs neither a session nor knowledge of entities.

    Thread safety: every method is called by many threads at once.
    Lifetime: made once for a session or shared by several; whoever made it closes it.

    Guarantees:

    - C1: `get` gives an equal record to the last one `set` under an equal key, or `MISSING`; never another one's.
    - C2: a record that was handed in or out is not changed by the cache, and changing it is forbidden to everybody.
    - C3: `set` under a key replaces what stood there.
    - C4: a removed key is `MISSING` until it is set again; removing what is not there is fine and says so.
    - C5: `clear(pattern)` removes exactly the entries whose key the pattern is found in.
    - C6: `keys` and `values` are lists of their moment: changes made while one walks them do no harm.
    - C7: an entry that cannot be read is `MISSING`, is logged once and does not come back.
    - C8: after `close`, every method but `close` raises `ConnectionClosedError`; closing twice is fine.
    """

    def get(key: str | bytes) -> EntityRecord | Missing:
        """The record under a key.

        Args:
            key: As a key maker made it.

        Returns:
            The record, or `MISSING` when there is none.

        Raises:
            CacheError: The store behind it cannot be reached.
        """

    def set(key: str | bytes, record: EntityRecord) -> None:
        """Keep a record under a key.

        Raises:
            CacheError: The store behind it cannot be reached or is full.
        """

    def remove(key: str | bytes) -> bool:
        """Forget the record under a key.

        Returns:
            Whether there was one.

        Raises:
            CacheError: The store behind it cannot be reached.
        """

    def keys() -> list[str | bytes]:
        """All keys, in no order; empty for an empty cache."""

    def values() -> list[EntityRecord]:
        """All records, in no order; those that vanish meanwhile are left out."""

    def clear(pattern: str | None = None) -> None:
        """Forget everything, or what a pattern is found in.

        Args:
            pattern: A regular expression searched for in each key (in its UTF-8 text where keys are bytes); None for
                everything.

        Raises:
            ValueError: The pattern is not a regular expression; nothing is removed.
        """

    def close() -> None:
        """Let go of what the cache holds open. Never raises."""


class IBatchCache(ICache):
    """A cache that does many entries in one step, as one round trip or one transaction.

    Guarantees, beyond those of `ICache`:

    - C9: each batch has the result of the single steps, in order.
    """

    def get_many(keys: Iterable[str | bytes]) -> Mapping[str | bytes, EntityRecord]:
        """The records that are there.

        Returns:
            Records by key; keys without a record are absent.

        Raises:
            CacheError: The store behind it cannot be reached.
        """

    def set_many(records: Mapping[str | bytes, EntityRecord]) -> None:
        """Keep many records.

        Raises:
            CacheError: The store behind it cannot be reached or is full.
        """

    def remove_many(keys: Iterable[str | bytes]) -> int:
        """Forget many records.

        Returns:
            How many there were.

        Raises:
            CacheError: The store behind it cannot be reached.
        """


class IExpiringCache(ICache):
    """A cache that forgets a record by itself after a time.

    Guarantees, beyond those of `ICache`:

    - C10: a record set to expire is `MISSING` once its time is over, and is in neither `keys` nor `values`.
    """

    def set_expiring(key: str | bytes, record: EntityRecord, seconds: float) -> None:
        """Keep a record for a time.

        Args:
            key: As a key maker made it.
            record: What to keep.
            seconds: How long, by the clock of the cache; 0 or less keeps nothing, and removes what stood there.

        Raises:
            CacheError: The store behind it cannot be reached or is full.
        """


class ISharedCache(ICache):
    """A cache that several processes use at once.

    Guarantees, beyond those of `ICache`:

    - C11: what one process sets, another one gets, whole or not at all.
    """


class IPersistentCache(ICache):
    """A cache that outlives its process.

    Guarantees, beyond those of `ICache`:

    - C12: what was set before `close` is there for the next one that opens the same store.
    - C13: a kill at any moment leaves a store that can be opened, with each entry whole or absent.
    """
