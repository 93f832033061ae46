"""Entities that arrived together are likely to be read together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ftrack_core.values import EntityIdentity

__all__ = ["Cohort"]

_STEPS: Final = (1, 8, 64)
"""How many entities the first, second and third miss of one collection load it for; later ones load a whole page."""


class Cohort:
    """The entities of one type that came in one reply, by identity, so that none is kept alive by it.

    Attributes:
        identities: Who belongs to it, in the reply's order.
    """

    __slots__ = ("_alone", "_misses", "identities")

    def __init__(self, identities: Iterable[EntityIdentity] = ()) -> None:
        self.identities = list(identities)
        self._misses: dict[str, int] = {}
        self._alone: set[str] = set()

    def step(self, name: str, most: int) -> int:
        """How many entities the next miss of a collection shall load it for; each call counts as a miss."""
        missed = self._misses.get(name, 0)
        self._misses[name] = missed + 1
        return min(_STEPS[missed], most) if missed < len(_STEPS) else most

    def loads(self, name: str) -> bool:
        """Whether an attribute is loaded for all; not after that failed once."""
        return name not in self._alone

    def load_alone(self, name: str) -> None:
        """Load an attribute for single entities from now on."""
        self._alone.add(name)

    def from_there(self, identity: EntityIdentity) -> Sequence[EntityIdentity]:
        """Everybody but one, those behind it first: a loop goes on where it is."""
        try:
            position = self.identities.index(identity)
        except ValueError:
            return self.identities
        return [*self.identities[position + 1 :], *self.identities[:position]]
