"""What a cache in Redis did."""

from __future__ import annotations

import attrs

__all__ = ["RedisStatistics"]


@attrs.frozen(kw_only=True)
class RedisStatistics:
    """What a cache did since it was made; what Redis holds is counted by `ftrack cache stats`, entry by entry.

    Attributes:
        hits: Entries that were asked for and there.
        misses: Entries that were asked for and not there, or not to be had.
        written: Entries that were set.
        lost: Entries that were to be set or removed and were not, since there was an outage or Redis refused.
        unanswered: Calls that Redis did not answer, or not in time; each began an outage or went on with one.
        bypassed: Calls that were not made, since there was an outage.
        refused: Calls that Redis answered with an error, as when it is full.
        owed: Entries that are removed in Redis before it serves anything again; 0 too where all are, as after
            a `clear` that did not get through.
        is_bypassed: Whether there is an outage now.
    """

    hits: int = 0
    misses: int = 0
    written: int = 0
    lost: int = 0
    unanswered: int = 0
    bypassed: int = 0
    refused: int = 0
    owed: int = 0
    is_bypassed: bool = False
