"""Schema caches: a server's schemas, kept between processes.

How to read it: `_json_file` and `_sqlite` keep them, `_claims` has one of many processes ask the server.
"""

from __future__ import annotations

from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core.interfaces import (
    IBackendContext,
    IClearableSchemaCache,
    IDiagnosed,
    ISchemaCache,
    ISingleFlightSchemaCache,
)
from ftrack_core.values import ByValue

__all__ = ["JsonFileOptions", "SqliteSchemaOptions", "json_file", "sqlite"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class JsonFileOptions(ByValue):
    """Options of the `json_file` schema cache."""

    folder: str | None = attrs.field(
        default=None,
        metadata={
            "help": "Folder of the files; without one, `ftrack/schemas` in the user's cache folder.",
            "environment": "FTRACK_API_SCHEMA_CACHE_PATH",
        },
    )
    max_bytes: int = attrs.field(
        default=64 * 1024 * 1024,
        validator=attrs.validators.ge(1),
        metadata={"help": "Larger files are neither read nor written."},
    )
    wait_seconds: float = attrs.field(
        default=10.0,
        validator=attrs.validators.ge(0),
        metadata={"help": "How long to wait for another process that asks the server, before asking too."},
    )


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SqliteSchemaOptions(ByValue):
    """Options of the `sqlite` schema cache."""

    folder: str | None = attrs.field(
        default=None,
        metadata={
            "help": "Folder of the file `schemas.sqlite`; without one, `ftrack/schemas` in the user's cache folder. "
            "On a network file system JSON files are kept in it instead.",
            "environment": "FTRACK_API_SCHEMA_CACHE_PATH",
        },
    )
    max_bytes: int = attrs.field(
        default=64 * 1024 * 1024,
        validator=attrs.validators.ge(1),
        metadata={"help": "Larger replies are neither read nor written."},
    )
    wait_seconds: float = attrs.field(
        default=10.0,
        validator=attrs.validators.ge(0),
        metadata={"help": "How long to wait for another process that asks the server, before asking too."},
    )


def _make_json_file(options: JsonFileOptions | SqliteSchemaOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.schema_caches._json_file import JsonFileSchemaCache, user_folder

    return JsonFileSchemaCache(
        folder=options.folder or user_folder(), max_bytes=options.max_bytes, wait_seconds=options.wait_seconds
    )


def _make_sqlite(options: SqliteSchemaOptions, context: IBackendContext) -> Any:
    from ftrack_backends.schema_caches._json_file import user_folder
    from ftrack_backends.sqlite_files import network_file_system

    folder = options.folder or user_folder()
    if network_file_system(folder):
        return _make_json_file(options, context)
    from ftrack_backends.schema_caches._sqlite import SqliteSchemaCache

    return SqliteSchemaCache(
        folder=folder, clock=context.clock, max_bytes=options.max_bytes, wait_seconds=options.wait_seconds
    )


json_file = BackendFactory(
    group="ftrack.schema_cache",
    name="json_file",
    summary="One JSON file a server, in a folder that many processes may share.",
    options=JsonFileOptions,
    provides=(ISchemaCache, IClearableSchemaCache, ISingleFlightSchemaCache, IDiagnosed),
    make=_make_json_file,
)
sqlite = BackendFactory(
    group="ftrack.schema_cache",
    name="sqlite",
    summary="All servers in one SQLite file, compressed; JSON files on a network file system.",
    options=SqliteSchemaOptions,
    provides=(ISchemaCache, IClearableSchemaCache, ISingleFlightSchemaCache, IDiagnosed),
    make=_make_sqlite,
)
