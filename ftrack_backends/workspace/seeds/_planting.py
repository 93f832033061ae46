"""Planting: a seed becomes the rows of a database, once a process; after that it is copied.

Rows are written by the code that writes clients' batches, so a seed follows the same rules and gets the same defaults.
The database that results is kept in memory, and every further workspace of that seed is a copy of it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sqlite3
import threading
from collections import OrderedDict
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from zope.interface import implementer

from ftrack_backends.workspace._accounts import Caller
from ftrack_backends.workspace._faults import Fault
from ftrack_backends.workspace.reading import Reader
from ftrack_backends.workspace.seeds._names import Names
from ftrack_backends.workspace.seeds._seed import Seed, SeedRow, base
from ftrack_backends.workspace.store import Store
from ftrack_backends.workspace.writing import Batch
from ftrack_core.errors import ConfigurationError
from ftrack_core.interfaces import IClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ftrack_backends.workspace.model import Model

__all__ = ["planted_file", "planted_store", "seed_users"]

_GARDENER = Caller(id="", username="seed")
_KEPT = 4
"""How many images a process keeps; each takes a few megabytes."""


@implementer(IClock)
@attrs.frozen
class _Standing:
    """A clock that stands at a seed's moment."""

    moment: str

    def now(self) -> float:
        return datetime.fromisoformat(self.moment).replace(tzinfo=timezone.utc).timestamp()

    def monotonic(self) -> float:
        return 0.0


def planted_store(model: Model, seed: Seed) -> Store:
    """Give a new database in memory with the rows of the base and of a seed.

    Raises:
        ConfigurationError: The seed says something that cannot be; all faults of the first faulty kind are told.
    """
    store = Store.open(None, model)
    try:
        with _IMAGES.lent(model, seed) as source, store.reading() as target:
            source.backup(target)
    except BaseException:
        store.close()
        raise
    with store.writing() as connection:
        connection.execute("UPDATE _workspace SET value = ? WHERE name = 'workspace_id'", (store.workspace_id,))
    return store


def planted_file(path: Path, model: Model, seed: Seed) -> None:
    """Make a new database file with the rows of the base and of a seed, which only its owner may read.

    Raises:
        ConfigurationError: As `planted_store` raises it; no file is left behind.
        OSError: The file cannot be made, or is there already.
    """
    with _IMAGES.lent(model, seed) as source:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with contextlib.closing(sqlite3.connect(path)) as target:
            source.backup(target)
            target.execute("DELETE FROM _workspace WHERE name = 'workspace_id'")
            target.commit()


def seed_users(seed: Seed, model: Model) -> Mapping[str, str]:
    """Give the API keys that a seed says, by the id of their user."""
    names = Names(model, seed.rows)
    users = (row for row in seed.rows if row.type_name == "User" and row.values.get("api_key"))
    return {str(names.complete(row)["id"]): str(row.values["api_key"]) for row in users}


@attrs.define(eq=False)
class _Images:
    """Planted databases to copy from; those that were used last. One is lent to one thread at a time."""

    _stores: OrderedDict[tuple[Model, str], Store] = attrs.field(factory=OrderedDict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    @contextlib.contextmanager
    def lent(self, model: Model, seed: Seed) -> Iterator[sqlite3.Connection]:
        """Lend a connection to an image."""
        key = (model, seed.digest)
        with self._lock:
            if key not in self._stores:
                self._keep(key, _planted(model, seed))
            self._stores.move_to_end(key)
            with self._stores[key].reading() as connection:
                yield connection

    def close(self) -> None:
        """Forget all images."""
        with self._lock:
            while self._stores:
                self._stores.popitem()[1].close()

    def _keep(self, key: tuple[Model, str], store: Store) -> None:
        if not self._stores:
            atexit.register(self.close)
        self._stores[key] = store
        if len(self._stores) > _KEPT:
            self._stores.popitem(last=False)[1].close()


_IMAGES = _Images()


def _planted(model: Model, seed: Seed) -> Store:
    store = Store.open(None, model)
    try:
        with store.writing() as connection:
            first = base()
            names = Names(model, [*first.rows, *seed.rows])
            for one in (first, seed):
                batch = Batch(connection, model, Reader(store, model), _Standing(one.moment), _GARDENER)
                _plant(batch, names, one)
    except BaseException:
        store.close()
        raise
    return store


def _plant(batch: Batch, names: Names, seed: Seed) -> None:
    faults = [fault for row in seed.rows for fault in _row_faults(batch, names, row)]
    if not faults:
        try:
            batch.finish()
        except Fault as fault:
            faults.append(f"{seed.name}: {fault.content}")
    if faults:
        raise ConfigurationError("\n".join(("the seed cannot be planted:", *faults)), faults=faults)


def _row_faults(batch: Batch, names: Names, row: SeedRow) -> list[str]:
    try:
        batch.create({"entity_type": row.type_name, "entity_data": names.complete(row)})
    except Fault as fault:
        return [f"{row.place}: {fault.content}"]
    return []
