"""Suites of wrong schema caches: run by `test_planted.py`, collected by nobody else."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ftrack_backends.schema_caches._json_file import JsonFileSchemaCache
from ftrack_core.interfaces import IClearableSchemaCache, ISingleFlightSchemaCache
from ftrack_core.testing.suites import SchemaCacheContract
from ftrack_core.values import MISSING


class OfAnyHash(JsonFileSchemaCache):
    """Gives what there is, whatever its hash."""

    def save(self, server: str, schema_hash: str, schemas: Any) -> None:
        """Under one hash, if there is one."""
        super().save(server, schema_hash and "any", schemas)

    def load(self, server: str, schema_hash: str) -> Any:
        """As above."""
        return super().load(server, schema_hash and "any")


class Trims(JsonFileSchemaCache):
    """Leaves out what is empty."""

    def load(self, server: str, schema_hash: str) -> Any:
        """Schemas without their empty parts."""
        found = super().load(server, schema_hash)
        if found is MISSING:
            return found
        return [{name: value for name, value in each.items() if value} for each in found]


class OfAnyServer(JsonFileSchemaCache):
    """One file for all servers."""

    def save(self, server: str, schema_hash: str, schemas: Any) -> None:
        """For all."""
        super().save("all", schema_hash, schemas)

    def load(self, server: str, schema_hash: str) -> Any:
        """Of anybody."""
        return super().load("all", schema_hash)


class InHalves(JsonFileSchemaCache):
    """Writes one half after the other."""

    def save(self, server: str, schema_hash: str, schemas: Any) -> None:
        """Twice."""
        super().save(server, schema_hash, schemas[: len(schemas) // 2])
        time.sleep(0.02)
        super().save(server, schema_hash, schemas)


class RaisesForDamage(JsonFileSchemaCache):
    """Lets errors of its files out."""

    def load(self, server: str, schema_hash: str) -> Any:
        """Schemas."""
        if schema_hash and self._path(server).exists():
            json.loads(self._path(server).read_text())
        return super().load(server, schema_hash)


class SilentAboutDamage(JsonFileSchemaCache):
    """Tells nobody."""

    def load(self, server: str, schema_hash: str) -> Any:
        """Schemas."""
        try:
            json.loads(self._path(server).read_text())
        except (OSError, ValueError):
            return MISSING
        return super().load(server, schema_hash)


class KeepsDamage(JsonFileSchemaCache):
    """Writes no file that is there."""

    def save(self, server: str, schema_hash: str, schemas: Any) -> None:
        """Where there is none, or a sound one."""
        if not self._path(server).exists() or self._path(server).read_bytes().startswith(b"{"):
            super().save(server, schema_hash, schemas)


class RaisesForRefusal(JsonFileSchemaCache):
    """Lets errors of its folder out."""

    def save(self, server: str, schema_hash: str, schemas: Any) -> None:
        """Where there is a folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        super().save(server, schema_hash, schemas)


class SilentAboutRefusal(JsonFileSchemaCache):
    """Tells nobody."""

    def save(self, server: str, schema_hash: str, schemas: Any) -> None:
        """Where there can be a folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return
        super().save(server, schema_hash, schemas)


class WithoutHash(JsonFileSchemaCache):
    """Takes no hash for a hash."""

    def save(self, server: str, schema_hash: str, schemas: Any) -> None:
        """Always."""
        super().save(server, schema_hash or "none", schemas)

    def load(self, server: str, schema_hash: str) -> Any:
        """Always."""
        return super().load(server, schema_hash or "none")


class EachFetches(JsonFileSchemaCache):
    """Lets everybody ask the server who finds nothing."""

    def load_or_fetch(self, server: str, schema_hash: str, fetch: Any) -> Any:
        """What is kept, or what is fetched, whoever fetches too."""
        found = self.load(server, schema_hash)
        if found is MISSING:
            found = fetch()
            self.save(server, schema_hash, found)
        return found


class LeavesItsClaim(JsonFileSchemaCache):
    """Keeps the next one waiting when its question fails."""

    def load_or_fetch(self, server: str, schema_hash: str, fetch: Any) -> Any:
        """The schemas, or a claim that nobody gives back."""
        try:
            return super().load_or_fetch(server, schema_hash, fetch)
        except BaseException:
            self._path(server).with_suffix(".claim").touch()
            raise


class NeedsAPlace(JsonFileSchemaCache):
    """Fetches only where it can keep."""

    def load_or_fetch(self, server: str, schema_hash: str, fetch: Any) -> Any:
        """The schemas, where there can be a folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return super().load_or_fetch(server, schema_hash, fetch)


class ClearsAll(JsonFileSchemaCache):
    """Forgets more than it was told."""

    def clear(self, server: str | None) -> int:
        """Everything."""
        return min(super().clear(None), 1) if server else super().clear(None)


class ClearsNothing(JsonFileSchemaCache):
    """Says that it forgot."""

    def clear(self, server: str | None) -> int:
        """How many there are."""
        return int(self._path(server).exists()) if server else len(self._files())


class Suite(SchemaCacheContract):
    """Suite of all of them."""

    capabilities = frozenset({IClearableSchemaCache, ISingleFlightSchemaCache})
    kind: Any = JsonFileSchemaCache

    def make(self, folder: Path) -> Any:
        """The schema cache."""
        return self.kind(folder=folder, wait_seconds=self.patience_seconds + 1.0)


class TestRight(Suite):
    """Nothing is wrong with it."""


for _name, _kind in list(globals().items()):
    if isinstance(_kind, type) and issubclass(_kind, JsonFileSchemaCache) and _kind is not JsonFileSchemaCache:
        globals()[f"Test{_name}"] = type(f"Test{_name}", (Suite,), {"kind": _kind, "patience_seconds": 0.5})
