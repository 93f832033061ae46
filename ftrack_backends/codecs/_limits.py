"""How much an entry may be."""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["MAX_BYTES", "MAX_DEPTH", "CodecLimits"]

MAX_BYTES: Final = 4 * 1024 * 1024
"""An entry longer than this is neither written nor read."""
MAX_DEPTH: Final = 32
"""Lists and mappings in a record may stand this deep in each other; the values of the record are the first level."""


@attrs.frozen(kw_only=True)
class CodecLimits:
    """What every codec of records is told.

    Attributes:
        max_bytes: Longer entries are neither written nor read.
        max_depth: How deep lists and mappings may stand in each other.
    """

    max_bytes: int = attrs.field(default=MAX_BYTES, validator=attrs.validators.ge(64))
    max_depth: int = attrs.field(
        default=MAX_DEPTH, validator=attrs.validators.and_(attrs.validators.ge(1), attrs.validators.le(200))
    )
