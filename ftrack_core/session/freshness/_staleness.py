"""What events made stale: which loaded values, and which answers were overtaken while they were on their way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from ftrack_core.entity import Entity
from ftrack_core.schema import AttributeKind, AttributeSchema
from ftrack_core.session.freshness._moments import Moments
from ftrack_core.values import EntityIdentity

__all__ = ["GONE", "Staleness", "is_derived"]

_MANY: Final = frozenset({AttributeKind.COLLECTION, AttributeKind.MAPPED})
GONE: Final = ""
"""Stands among the stale names of an entity that may not be there any more."""
_MOST_RECENT: Final = 10_000
"""Keys of which it is remembered when something last happened to them."""
_FIRST_SWEEP: Final = 1_000
_Key = tuple[str, ...]


def is_derived(attribute: AttributeSchema) -> bool:
    """Whether an attribute may change without anybody changing its entity: a collection, or what is worked out."""
    return attribute.kind in _MANY or not attribute.plain


class Staleness:
    """Remembers what is stale of the live entities, for as long as they live, and what happened lately, for a while.

    All of it is bounded: stale names belong to live entities that have them loaded, and what happened lately is kept
    for so many keys; an answer that was under way for longer than that counts as overtaken.

    Thread safety: changed under the lock of the live entities.

    Args:
        moments: Tells the time.
        policed: Types whose records in caches have an age, by which what is loaded of them may be served.
    """

    __slots__ = (
        "_around",
        "_floor",
        "_forgotten",
        "_marks",
        "_newest",
        "_policed",
        "_recent",
        "_record_floor",
        "_sweep",
        "_types",
        "moments",
    )

    def __init__(self, moments: Moments, policed: Collection[str]) -> None:
        self.moments = moments
        self._policed = policed
        self._marks: dict[EntityIdentity, set[str]] = {}
        self._recent: dict[_Key, tuple[float, float]] = {}
        self._around: dict[_Key, float] = {}
        self._types: dict[str, float] = {}
        self._floor = self._record_floor = self._newest = self._forgotten = 0.0
        self._sweep = _FIRST_SWEEP

    # What happened.

    def happened(self, keys: Iterable[_Key], around: Iterable[_Key], moment: float, *, own: bool) -> None:
        """Something became of entities.

        Args:
            keys: Their keys; types do not matter, for ids are of one entity only.
            around: Keys of entities whose collections, and what is worked out from these, changed by that.
            moment: When it was told.
            own: Whether this session did it, so that the reply to its commit tells it too.
        """
        self._newest = moment
        for key in keys:
            before = self._recent.pop(key, (0.0, 0.0))
            self._recent[key] = (moment, before[1] if own else moment)
        for key in around:
            self._around.pop(key, None)
            self._around[key] = moment
        while len(self._recent) > _MOST_RECENT:
            self._forgotten = max(self._forgotten, self._recent.pop(next(iter(self._recent)))[0])
        while len(self._around) > _MOST_RECENT:
            self._forgotten = max(self._forgotten, self._around.pop(next(iter(self._around))))

    def all_before(self, moment: float, *, records: bool) -> None:
        """Whatever was asked for up to a moment is stale.

        Args:
            moment: The moment.
            records: Whether that holds for records in caches too, and so for types that have an age there.
        """
        self._floor = self._newest = moment
        if records:
            self._record_floor = moment

    def all_of_type_before(self, entity_type: str, moment: float) -> None:
        """Whatever was asked for of a type up to a moment is stale."""
        self._types[entity_type] = self._newest = moment

    def overtook(self, identity: EntityIdentity, asked_at: float, *, by_others: bool = False) -> bool:
        """Whether something became of an entity after a moment at which it was asked for.

        Args:
            identity: Which one.
            asked_at: The moment.
            by_others: Whether only what others did counts.
        """
        if asked_at > self._newest:
            return False
        if asked_at <= max(self._forgotten, self.floor_of(identity.entity_type)):
            return True
        return self._recent.get(identity.key, (0.0, 0.0))[by_others] >= asked_at

    def holds(self, identity: EntityIdentity, fetched_at: float) -> bool:
        """Whether a record of a cache may be served, as far as events go; its age is somebody else's business.

        What is no longer remembered was taken out of the caches when it happened.
        """
        if fetched_at > self._newest:
            return True
        floor = max(self._record_floor, self._types.get(identity.entity_type, 0.0))
        return fetched_at > floor and self._recent.get(identity.key, (0.0, 0.0))[0] < fetched_at

    # What is stale.

    def floor_of(self, entity_type: str) -> float:
        """Up to which moment whatever was asked for of a type is stale."""
        floor = self._record_floor if entity_type in self._policed else self._floor
        return max(floor, self._types.get(entity_type, 0.0)) if self._types else floor

    def mark(self, entity: Entity, names: Iterable[str]) -> None:
        """Attributes of a live entity are stale; those that are not loaded need no mark."""
        stale = {name for name in names if name in entity._remote or name == GONE}
        stale.difference_update(entity.primary_key_attributes)
        if stale:
            self._marks.setdefault(entity._identity, set()).update(stale)

    def of(self, entity: Entity) -> Collection[str]:
        """Names of an entity's stale attributes, perhaps with `GONE`; empty when it is as it was told last."""
        if 0.0 < entity._fetched_at <= self.floor_of(entity.entity_type):
            return entity._remote.keys() - set(entity.primary_key_attributes) or (GONE,)
        return self._marks.get(entity._identity, ())

    def sweep(self, find: Callable[[EntityIdentity], Entity | None]) -> None:
        """Forget the marks of entities that nobody holds any more, once there are many."""
        if len(self._marks) > self._sweep:
            self._marks = {each: names for each, names in self._marks.items() if find(each) is not None}
            self._sweep = max(_FIRST_SWEEP, 2 * len(self._marks))

    # What comes.

    @property
    def active(self) -> bool:
        """Whether anything was ever told."""
        return self._newest > 0.0

    def concerned(self, entity_type: str, identities: Collection[EntityIdentity], asked_at: float) -> bool | None:
        """Whether `came` has something to do for entities of one type; None for those that are old by their age."""
        if asked_at <= self._newest or not self._marks.keys().isdisjoint(identities):
            return True
        return None if self.floor_of(entity_type) else False

    def came(
        self, entity: Entity, state: Mapping[str, Any], asked_at: float, *, anew: bool, by_others: bool = False
    ) -> None:
        """A state was merged into an entity.

        Args:
            entity: Which one.
            state: What was told of it.
            asked_at: When it was asked for.
            anew: Whether a program asked for the entity, so that it shall hold nothing stale: what was not told is
                dropped, and loaded when it is read.
            by_others: As `overtook` takes it.
        """
        if self.overtook(entity._identity, asked_at, by_others=by_others):
            self.mark(entity, state)
            return
        if self._around.get(entity._identity.key, 0.0) >= asked_at:
            self.mark(entity, (name for name in state if is_derived(entity.attributes[name])))
            return
        marked = self._marks.get(entity._identity)
        if marked is not None:
            marked.difference_update(state, (GONE,))
        if anew:
            for name in self.of(entity):
                if name not in state:
                    entity._remote.pop(name, None)
            entity._fetched_at = max(entity._fetched_at, self._settled_at(entity, asked_at))
            self._marks.pop(entity._identity, None)
        elif not marked:
            self._marks.pop(entity._identity, None)

    def _settled_at(self, entity: Entity, asked_at: float) -> float:
        """The age of an entity that has lost what was stale by its age."""
        return asked_at if entity._fetched_at <= self.floor_of(entity.entity_type) else 0.0

    def clear(self) -> None:
        """There are no live entities any more."""
        self._marks.clear()
