"""The shipped schema caches keep their contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftrack_backends.schema_caches import JsonFileOptions, json_file
from ftrack_core.interfaces import IClearableSchemaCache
from ftrack_core.testing import FakeBackendContext
from ftrack_core.testing.suites import SchemaCacheContract


class TestJsonFileSchemaCache(SchemaCacheContract):
    """The `json_file` schema cache."""

    capabilities = frozenset({IClearableSchemaCache})

    def make(self, folder: Path) -> Any:
        """A cache of a folder."""
        return json_file.create(JsonFileOptions(folder=str(folder)), FakeBackendContext())
