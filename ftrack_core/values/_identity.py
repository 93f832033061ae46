"""What makes an entity that entity."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["EntityIdentity"]


class EntityIdentity(NamedTuple):
    """The concrete type of an entity and its primary key.

    A named tuple because a page of a query hashes tens of thousands of them.

    Attributes:
        entity_type: Name of the concrete type, as `Shot`.
        key: Values of the primary key attributes as text, in the order that the schema gives them.
    """

    entity_type: str
    key: tuple[str, ...]

    def __str__(self) -> str:
        return f"<{self.entity_type}({', '.join(self.key)})>"
