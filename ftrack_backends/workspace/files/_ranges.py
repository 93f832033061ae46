"""Byte ranges: which part of a file a client wants."""

from __future__ import annotations

import re

__all__ = ["wanted_range"]

_RANGE = re.compile(r"\s*(\d{0,18})\s*-\s*(\d{0,18})\s*")
_UNIT = "bytes="


def wanted_range(header: str, size: int) -> tuple[int, int] | None:
    """Read a `Range` header.

    Args:
        header: As it was sent; empty for none.
        size: Bytes of the file.

    Returns:
        First byte and the one behind the last; None for the whole file: nothing was asked for, several ranges, or
        another unit than bytes, all of which a server may answer so.

    Raises:
        ValueError: It asks for bytes that there are not, or is no range.
    """
    if not header.strip().lower().startswith(_UNIT):
        return None
    asked = header.strip()[len(_UNIT) :]
    if "," in asked:
        return None
    found = _RANGE.fullmatch(asked)
    if found is None or found.groups() == ("", ""):
        raise ValueError("it is no range")
    first, last = found.groups()
    start, stop = (int(first), int(last or size) + 1) if first else (size - int(last), size)
    start, stop = max(start, 0), min(stop, size)
    if start >= stop:
        raise ValueError("there are no such bytes")
    return start, stop
