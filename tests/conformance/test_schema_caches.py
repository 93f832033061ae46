"""The shipped schema caches keep their contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftrack_backends.schema_caches import JsonFileOptions, SqliteSchemaOptions, json_file, sqlite
from ftrack_core.interfaces import IClearableSchemaCache, ISingleFlightSchemaCache
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import SchemaCacheContract


class TestJsonFileSchemaCache(SchemaCacheContract):
    """The `json_file` schema cache."""

    capabilities = frozenset({IClearableSchemaCache, ISingleFlightSchemaCache, "processes"})

    def make(self, folder: Path) -> Any:
        """A cache of a folder."""
        return json_file.create(JsonFileOptions(folder=str(folder)), FakeBackendContext())

    def expression(self, folder: Path) -> str:
        """The same in another process."""
        module = "__import__('importlib').import_module('ftrack_backends.schema_caches._json_file')"
        return f"{module}.JsonFileSchemaCache(folder={str(folder)!r})"


class TestSqliteSchemaCache(SchemaCacheContract):
    """The `sqlite` schema cache."""

    capabilities = frozenset({IClearableSchemaCache, ISingleFlightSchemaCache})

    def make(self, folder: Path) -> Any:
        """A cache of a folder."""
        return sqlite.create(SqliteSchemaOptions(folder=str(folder)), FakeBackendContext())
