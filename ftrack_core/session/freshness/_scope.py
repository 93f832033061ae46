"""Scopes in which nothing is served that was loaded before them."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from typing import Final

from ftrack_core.entity import Entity, SplitPage
from ftrack_core.session.freshness._moments import Moments
from ftrack_core.values import EntityIdentity, State

__all__ = ["FreshScope", "FreshScopes"]

_MOST_NOTED: Final = 100_000
"""Entities that a scope remembers what it has read of; beyond that it forgets, and reads anew."""


class FreshScope:
    """What was loaded since a moment.

    Thread safety: it belongs to one thread or task; tasks that were begun in it may share it.

    Args:
        moments: Tells the time.
        outer: The scope around it.

    Attributes:
        since: When it began; what was asked for later is fresh.
    """

    __slots__ = ("_moments", "_noted", "_outer", "_vain", "since")

    def __init__(self, moments: Moments, outer: FreshScope | None) -> None:
        self._moments = moments
        self._outer = outer
        self.since = moments.divide()
        self._noted: dict[EntityIdentity, set[str]] = {}
        self._vain: set[tuple[EntityIdentity, str]] = set()

    def has(self, entity: Entity) -> bool:
        """Whether the server told of an entity since."""
        return entity._fetched_at > self.since or entity._identity in self._noted

    def knows(self, entity: Entity, name: str) -> bool:
        """Whether what is loaded of an attribute was asked for since."""
        return entity._fetched_at > self.since or name in self._noted.get(entity._identity, ())

    def freshened(self, entity: Entity, name: str) -> bool:
        """Load an attribute anew if it was loaded before, where the thread loads by itself; gives whether it is fresh.

        What is local, and what only this session knows of, is always fresh.
        """
        if self.is_fresh(entity, name):
            return True
        if name not in entity.attributes:
            return True  # reading it raises what it always raises
        if entity._context.auto_populate and (entity._identity, name) not in self._vain:
            entity._context.load([entity], (name,))
            if not self.knows(entity, name):
                self._vain.add((entity._identity, name))
        return self.knows(entity, name)

    def is_fresh(self, entity: Entity, name: str) -> bool:
        """Whether an attribute need not be loaded anew: it was since, or is local, or cannot change."""
        return self.knows(entity, name) or _is_local(entity, name)

    def note(self, page: SplitPage, asked_at: float, find: Callable[[EntityIdentity], Entity | None]) -> None:
        """A page was merged.

        Args:
            page: What it tells.
            asked_at: When it was asked for.
            find: Gives the live entity of an identity.
        """
        if self._outer is not None:
            self._outer.note(page, asked_at, find)
        if asked_at <= self.since:
            return
        for states in page.states.values():
            for identity, state in states.items():
                entity = find(identity)
                if entity is not None and entity._fetched_at <= self.since:
                    self._noted.setdefault(identity, set()).update(state)
        if len(self._noted) > _MOST_NOTED:
            self.since = self._moments.divide()
            self._noted.clear()
            self._vain.clear()


def _is_local(entity: Entity, name: str) -> bool:
    """Whether an attribute's value does not come from the server, or cannot change."""
    local = entity._local
    if local is not None and (name in local or entity._plan.twins.get(name) in local):
        return True
    return entity._state is State.CREATED or name in entity.primary_key_attributes


class FreshScopes:
    """The scopes of fresh reading of one session, each of one thread or task.

    Args:
        moments: Tells the time.
        begin: Called before the first scope begins: has the session's entities look for scopes.
    """

    __slots__ = ("_begin", "_begun", "_moments", "_variable", "current")

    def __init__(self, moments: Moments, begin: Callable[[FreshScopes], None]) -> None:
        self._moments = moments
        self._begin = begin
        self._begun = False
        self._variable: contextvars.ContextVar[FreshScope | None] = contextvars.ContextVar(
            "ftrack_fresh", default=None
        )
        self.current: Final = self._variable.get
        """Gives the scope of the running thread or task, or None."""

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Read afresh within a `with` block."""
        if not self._begun:
            self._begin(self)
            self._begun = True
        outer = self.current()
        token = self._variable.set(FreshScope(self._moments, outer))
        try:
            yield
        finally:
            with contextlib.suppress(ValueError):  # left in another context than it was entered in, which ends anyway
                self._variable.reset(token)
