"""Ids that are made of names."""

from __future__ import annotations

import uuid

__all__ = ["stable_id"]

_NAMESPACE = uuid.UUID("6f6c1b3e-7d0c-5b52-9d2b-0b3f5f2d7a11")


def stable_id(*parts: str) -> str:
    """Make an id of names: the same for the same names, in every workspace."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))
