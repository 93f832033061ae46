"""The part of the session that each thread sets for itself."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ftrack_core.session.facade._part import SessionPart

if TYPE_CHECKING:
    pass

__all__ = ["Switches"]


class Switches(SessionPart):
    """Mixed into the session."""

    @property
    def auto_populate(self) -> bool | str:
        """Whether reading an unloaded attribute loads it, in the running thread; `"warn"` logs each load too."""
        return self._parts.populating.get()

    @auto_populate.setter
    def auto_populate(self, value: bool | str) -> None:
        self._parts.populating.set(value)

    @property
    def record_operations(self) -> bool:
        """Whether changes are recorded, in the running thread."""
        return self._parts.changes.recording.get()

    @record_operations.setter
    def record_operations(self, value: bool) -> None:
        self._parts.changes.recording.set(value)

    def auto_populating(self, auto_populate: bool | str) -> contextlib.AbstractContextManager[None]:
        """Whether reading an unloaded attribute loads it, within a `with` block and its thread.

        Args:
            auto_populate: True, False, or `"warn"` to log the line of each such load too.
        """
        return self._parts.populating.scope(auto_populate)

    def cohort_loading(self, what: str) -> contextlib.AbstractContextManager[None]:
        """What reading an unloaded attribute loads for all entities of a reply, within a `with` block and its thread.

        Args:
            what: `"all"`, `"references"` for scalars and references but not collections, or `"off"`.
        """
        return self._parts.cohorts.scope(what)

    def fresh(self) -> contextlib.AbstractContextManager[None]:
        """Within a `with` block and its thread or task, read nothing that was loaded before the block began.

        Every read asks the server for what was not asked for since: attributes and collections of any entity, also
        of one that was loaded before; `get`; references. Nothing is taken from caches, neither the session's memory
        nor those below it. What the block has loaded it does not load again. Loading goes by cohort, as it always
        does, so that a loop over a thousand entities takes a few calls.

        Entities are one object for all threads, so what the block loads is from then on the value that other threads
        see on theirs; nothing else becomes of these: no value vanishes from them, and reading them outside of the
        block asks nobody. Local values, created and deleted entities, plain attributes and mixed-in classes stay as
        they are. Where the thread loads nothing by itself (`auto_populating(False)`), what was not loaded since is
        `NOT_SET` in the block; `auto_populating("warn")` logs each of its loads. An attribute of an entity that the
        server does not have any more is `NOT_SET` too, and `get` gives None for it.

        A thread that the block starts is outside of it; an asyncio task that it starts is within. Blocks may be
        nested: what an inner one loads is fresh for the outer one. After the first block in a session, reading a
        loaded value costs nearly twice as much as before, in this session and wherever it is read.
        """
        self._check_open()
        return self._parts.fresh.open()

    def operation_recording(self, record_operations: bool) -> contextlib.AbstractContextManager[None]:
        """Whether changes are recorded, within a `with` block and its thread."""
        return self._parts.changes.recording.scope(record_operations)
