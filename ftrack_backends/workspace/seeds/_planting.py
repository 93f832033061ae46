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
from ftrack_backends.workspace.seeds._aside import SeedAccounts, accounts_of, custom_values, roles_of
from ftrack_backends.workspace.seeds._names import Names
from ftrack_backends.workspace.seeds._own_types import Extension
from ftrack_backends.workspace.seeds._seed import Seed, SeedRow, base
from ftrack_backends.workspace.store import Store, quoted
from ftrack_backends.workspace.writing import Batch
from ftrack_core.errors import ConfigurationError
from ftrack_core.interfaces import IClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ftrack_backends.workspace.model import Model
    from ftrack_backends.workspace.store import Connection

__all__ = ["plant_more", "planted_file", "planted_store", "seed_accounts", "stored_extension"]

_GARDENER = Caller(id="", username="seed")
_KEPT = 4
"""How many images a process keeps; each takes a few megabytes."""
_KEEP_EXTENSION = "INSERT OR REPLACE INTO _workspace VALUES ('extension', ?)"
_EXTENSION = "SELECT value FROM _workspace WHERE name = 'extension'"


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

    Args:
        model: The data model, with what the seed adds to it.
        seed: The seed.

    Raises:
        ConfigurationError: The seed says something that cannot be; all faults of the first faulty kind are told.
    """
    store = Store.open(None, model)
    try:
        with _IMAGES.lent(model, seed) as image, store.reading() as target:
            image.connection.backup(target)
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
    with _IMAGES.lent(model, seed) as image:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with contextlib.closing(sqlite3.connect(path)) as target:
            image.connection.backup(target)
            target.execute("DELETE FROM _workspace WHERE name = 'workspace_id'")
            target.commit()


def seed_accounts(model: Model, seed: Seed) -> SeedAccounts:
    """Give what a seed says of keys and of roles that only let read."""
    with _IMAGES.lent(model, seed) as image:
        return image.accounts


def stored_extension(path: Path) -> Extension:
    """Give what the seeds of a database file added to the model; nothing for a file that is no workspace."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            found = connection.execute(_EXTENSION).fetchone()
    except sqlite3.Error:  # whoever opens it next says what is wrong with it
        return Extension()
    return Extension(str(found[0]) if found else "")


def plant_more(
    connection: Connection, store: Store, model: Model, seed: Seed, extension: Extension
) -> tuple[SeedAccounts, tuple[str, ...]]:
    """Write the rows of a seed to a workspace that has rows. Called within a transaction.

    Args:
        connection: Of the transaction.
        store: The store, laid out after the model.
        model: The data model, with what the seed adds to it.
        seed: The seed; its names may be those of rows that are there.
        extension: What all seeds of the workspace add to the model, this one included.

    Returns:
        What it says of keys and roles, and the ids of its users.

    Raises:
        ConfigurationError: The seed says something that cannot be; the transaction is to be undone.
    """

    def present(table: str, column: str, text: str) -> Sequence[str]:
        statement = f"SELECT id FROM {quoted(table)} WHERE {quoted(column)} = ?"  # noqa: S608 - names of the model
        return [str(row[0]) for row in connection.execute(statement, (text,))]

    names = Names(model, seed.rows, present)
    batch = Batch(connection, model, Reader(store, model), _Standing(seed.moment), _GARDENER)
    _plant(batch, names, seed, Reader(store, model))
    connection.execute(_KEEP_EXTENSION, (extension.text,))
    users = tuple(str(names.complete(row)["id"]) for row in seed.rows if row.type_name == "User")
    return accounts_of(seed, names), users


@attrs.frozen(eq=False)
class _Image:
    """A planted database, with what its seed says of accounts."""

    store: Store
    connection: sqlite3.Connection
    accounts: SeedAccounts


@attrs.define(eq=False)
class _Images:
    """Planted databases to copy from; those that were used last. One is lent to one thread at a time."""

    _kept: OrderedDict[tuple[Model, str], tuple[Store, SeedAccounts]] = attrs.field(factory=OrderedDict, init=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False)

    @contextlib.contextmanager
    def lent(self, model: Model, seed: Seed) -> Iterator[_Image]:
        """Lend an image."""
        key = (model, seed.digest)
        with self._lock:
            if key not in self._kept:
                self._keep(key, _planted(model, seed))
            self._kept.move_to_end(key)
            store, accounts = self._kept[key]
            with store.reading() as connection:
                yield _Image(store, connection, accounts)

    def close(self) -> None:
        """Forget all images."""
        with self._lock:
            while self._kept:
                self._kept.popitem()[1][0].close()

    def _keep(self, key: tuple[Model, str], planted: tuple[Store, SeedAccounts]) -> None:
        if not self._kept:
            atexit.register(self.close)
        self._kept[key] = planted
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)[1][0].close()


_IMAGES = _Images()


def _planted(model: Model, seed: Seed) -> tuple[Store, SeedAccounts]:
    store = Store.open(None, model)
    try:
        with store.writing() as connection:
            first, reader = base(), Reader(store, model)
            names = Names(model, [*first.rows, *seed.rows])
            for one in (first, seed):
                batch = Batch(connection, model, reader, _Standing(one.moment), _GARDENER)
                _plant(batch, names, one, reader)
            connection.execute(_KEEP_EXTENSION, (seed.extension.text,))
            return store, accounts_of(seed, names)
    except BaseException:
        store.close()
        raise


def _plant(batch: Batch, names: Names, seed: Seed, reader: Reader) -> None:
    faults = _faults(_create(batch, names, row) for row in seed.rows)
    faults += _faults(_create(batch, names, row) for row in roles_of(seed))
    if not faults:
        try:
            batch.settle()
            faults += _faults(custom_values(batch, names, row, reader) for row in seed.rows)
            batch.finish()
        except Fault as fault:
            faults.append(f"{seed.name}: {fault.content}")
    if faults:
        raise ConfigurationError("\n".join(("the seed cannot be planted:", *faults)), faults=faults)


def _create(batch: Batch, names: Names, row: SeedRow) -> Iterator[str]:
    try:
        batch.create({"entity_type": row.type_name, "entity_data": names.complete(row)})
    except Fault as fault:
        yield row.fault(fault.content)


def _faults(results: Iterable[Iterable[str]]) -> list[str]:
    return [fault for result in results for fault in result]
