"""Suites of wrong schema caches: run by `test_planted.py`, collected by nobody else."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ftrack_backends.schema_caches._json_file import JsonFileSchemaCache
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


class Suite(SchemaCacheContract):
    """Suite of all of them."""

    kind: Any = JsonFileSchemaCache

    def make(self, folder: Path) -> Any:
        """The schema cache."""
        return self.kind(folder=folder)


class TestRight(Suite):
    """Nothing is wrong with it."""


for _name, _kind in list(globals().items()):
    if isinstance(_kind, type) and issubclass(_kind, JsonFileSchemaCache) and _kind is not JsonFileSchemaCache:
        globals()[f"Test{_name}"] = type(f"Test{_name}", (Suite,), {"kind": _kind})
