"""Snapshots: a whole database kept aside, to be put back later."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import attrs

from ftrack_core.errors import InvalidStateError

if TYPE_CHECKING:
    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.store._store import Store

__all__ = ["Snapshot"]

_PUT_ID_BACK = "INSERT OR REPLACE INTO _workspace VALUES ('workspace_id', ?)"


@attrs.define(eq=False)
class Snapshot:
    """All that a database held at one moment. It lives in memory, until `close` or until nobody has it any longer.

    Thread safety: every method may be called by many threads.
    """

    _copy: sqlite3.Connection = attrs.field(repr=False)
    _model: Model = attrs.field(repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)
    _closed: bool = attrs.field(default=False, init=False, repr=False)

    @classmethod
    def of(cls, store: Store) -> Snapshot:
        """Take one: of a moment between two transactions."""
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        try:
            with store.alone() as connection:
                connection.backup(copy)
        except BaseException:
            copy.close()
            raise
        return cls(copy, store.model)

    def put_back(self, store: Store) -> None:
        """Make a database what it was when the snapshot was taken; only its id stays its own.

        Raises:
            InvalidStateError: The snapshot is closed, or of a store that was laid out after another model.
        """
        with self._lock:
            if self._closed:
                raise InvalidStateError("the snapshot is closed; take one anew")
            if self._model is not store.model:
                raise InvalidStateError("the snapshot is of a workspace with other entity types; it fits only there")
            with store.alone() as connection:
                self._copy.execute(_PUT_ID_BACK, (store.workspace_id,))
                self._copy.commit()
                self._copy.backup(connection)

    @property
    def closed(self) -> bool:
        """Whether it can no longer be put back."""
        return self._closed

    def close(self) -> None:
        """Give the memory back; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._copy.close()

    def __del__(self) -> None:
        self._copy.close()
