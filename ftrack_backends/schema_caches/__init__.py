"""Schema caches: a server's schemas, kept between processes."""

from __future__ import annotations

from typing import Any

import attrs

from ftrack_backends._factories import BackendFactory
from ftrack_core.interfaces import IBackendContext, IClearableSchemaCache, IDiagnosed, ISchemaCache

__all__ = ["JsonFileOptions", "json_file"]


@attrs.frozen(kw_only=True)
class JsonFileOptions:
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


def _make_json_file(options: JsonFileOptions, _context: IBackendContext) -> Any:
    from ftrack_backends.schema_caches._json_file import JsonFileSchemaCache, user_folder

    return JsonFileSchemaCache(folder=options.folder or user_folder(), max_bytes=options.max_bytes)


json_file = BackendFactory(
    group="ftrack.schema_cache",
    name="json_file",
    summary="One JSON file a server, in a folder that many processes may share.",
    options=JsonFileOptions,
    provides=(ISchemaCache, IClearableSchemaCache, IDiagnosed),
    make=_make_json_file,
)
