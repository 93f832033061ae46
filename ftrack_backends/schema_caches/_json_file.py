"""One JSON file a server."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from zope.interface import implementer

from ftrack_core.config import home_folder, user_cache_folder
from ftrack_core.errors import CacheError, ConfigurationError
from ftrack_core.interfaces import IClearableSchemaCache, IDiagnosed, ISingleFlightSchemaCache
from ftrack_core.values import MISSING, Missing

if TYPE_CHECKING:
    from ftrack_core.values import Finding

__all__ = ["JsonFileSchemaCache", "load_or_fetch", "user_folder", "without_credentials"]

Schemas: TypeAlias = "Sequence[Mapping[str, Any]]"
_LOG = logging.getLogger(__name__)
_FORMAT = 1
_ABANDONED_SECONDS = 3600.0
# RecursionError is what JSON nested without end raises; TypeError and ValueError are JSON's, and OSError the disk's.
_FAULTS = (OSError, ValueError, TypeError, RecursionError)


def user_folder() -> Path:
    """Where schemas are kept when nobody says where: in the user's cache folder.

    Raises:
        ConfigurationError: The user has no home folder; somebody must say where.
    """
    home = home_folder(os.environ)
    if home is None:
        message = "the json_file schema cache was given no folder, and this user has no home folder; set its folder"
        raise ConfigurationError(message)
    return user_cache_folder(sys.platform, os.environ, home) / "schemas"


def _as_path(folder: str | os.PathLike[str]) -> Path:
    return Path(folder)


@implementer(IClearableSchemaCache, ISingleFlightSchemaCache, IDiagnosed)
@attrs.frozen(eq=False, kw_only=True)
class JsonFileSchemaCache:
    """Keeps each server's schemas in a file of its own, named by a digest of the server's URL.

    A file is written beside its place, brought to the disk and then moved there in one step, so that readers in any
    process see the old reply or the new one. Of two who write at once the last one wins. Files are readable by their
    user only. What is wrong with a file or the folder is one warning in the log, and then as if nothing were there.

    Thread safety: nothing in it changes; all calls, and any number of processes on one folder. On a network file
    system it is as atomic as the system's own rename.

    Attributes:
        folder: Folder of the files; made when something is first saved.
        max_bytes: Larger files are neither read nor written.
        wait_seconds: How long to wait for another process that asks the server, before asking too.
    """

    folder: Path = attrs.field(converter=_as_path)
    max_bytes: int = 64 * 1024 * 1024
    wait_seconds: float = 10.0
    _told: set[str] = attrs.field(factory=set, init=False, repr=False)

    def load(self, server: str, schema_hash: str) -> Sequence[Mapping[str, Any]] | Missing:
        """The schemas of a server, or `MISSING`."""
        if not schema_hash:
            return MISSING
        path = self._path(server)
        try:
            content = _parse(self._read(path))
        except FileNotFoundError:
            return MISSING
        except _FAULTS as error:
            self._tell("the schema cache file %s cannot be read and is ignored: %s", path, error)
            return MISSING
        if content["server"] != without_credentials(server) or content["schema_hash"] != schema_hash:
            return MISSING
        schemas: Sequence[Mapping[str, Any]] = content["schemas"]
        return schemas

    def save(self, server: str, schema_hash: str, schemas: Sequence[Mapping[str, Any]]) -> None:
        """Keep the schemas of a server, in place of those it had before."""
        if not schema_hash:
            return
        path = self._path(server)
        content = {
            "format": _FORMAT,
            "server": without_credentials(server),
            "schema_hash": schema_hash,
            "schemas": list(schemas),
        }
        try:
            self._write(path, json.dumps(content, separators=(",", ":")).encode())
        except _FAULTS as error:
            self._tell("the schema cache file %s cannot be written; nothing is kept: %s", path, error)

    def load_or_fetch(self, server: str, schema_hash: str, fetch: Callable[[], Schemas]) -> Schemas:
        """The schemas of a server: those kept, or those fetched now, by this process or another, and kept."""
        claim = self._path(server).with_suffix(".claim")
        return load_or_fetch(self, server, schema_hash, fetch, claim)

    def clear(self, server: str | None) -> int:
        """Remove the file of a server, or of all of them; gives how many there were."""
        removed = 0
        for path in self._files() if server is None else [self._path(server)]:
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                message = f"the schema cache file {path} cannot be removed: {error.strerror or error}"
                raise CacheError(message) from error
            removed += 1
        return removed

    def diagnose(self, timeout_seconds: float) -> Iterable[Finding]:  # noqa: ARG002 - files have no time-out
        """How the folder is."""
        from ftrack_backends._folders import folder_finding

        yield folder_finding(self.folder, self._files(), time.time())

    def close(self) -> None:
        """Nothing is held open."""

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("schemas-*.json")) if self.folder.is_dir() else []

    def _tell(self, text: str, path: Path, error: Exception) -> None:
        if text not in self._told:
            self._told.add(text)
            _LOG.warning(text, path, error)

    def _path(self, server: str) -> Path:
        return self.folder / f"schemas-{hashlib.sha256(server.encode()).hexdigest()[:32]}.json"

    def _read(self, path: Path) -> bytes:
        with path.open("rb") as file:
            data = file.read(self.max_bytes + 1)
        self._refuse_large(data)
        return data

    def _write(self, path: Path, data: bytes) -> None:
        self._refuse_large(data)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()
        descriptor, temporary = tempfile.mkstemp(dir=self.folder, prefix="schemas-", suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:  # mkstemp makes it readable by its user only
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise

    def _refuse_large(self, data: bytes) -> None:
        if len(data) > self.max_bytes:
            message = f"it is larger than {self.max_bytes} bytes"
            raise ValueError(message)

    def _sweep(self) -> None:
        """Remove what writers that were killed left behind."""
        for abandoned in self.folder.glob("schemas-*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - abandoned.stat().st_mtime > _ABANDONED_SECONDS:
                    abandoned.unlink()


def without_credentials(server: str) -> str:
    """The server's URL as it may stand in a file: no `user:password@`; the file's name tells such servers apart."""
    return re.sub(r"//[^/@]*@", "//", server)


def load_or_fetch(cache: Any, server: str, schema_hash: str, fetch: Callable[[], Schemas], claim: Path) -> Schemas:
    """What a schema cache keeps, or what is fetched now, by this process or another, and kept.

    Args:
        cache: The schema cache; its `wait_seconds` is how long another process is waited for.
        server: What tells servers apart.
        schema_hash: The hash that the server tells; without one nothing is looked up and nothing kept.
        fetch: Asks the server.
        claim: The file that says who asks.
    """
    if not schema_hash:
        return fetch()
    known: Schemas | Missing = cache.load(server, schema_hash)
    if known is not MISSING:
        return known
    from ftrack_backends.schema_caches._claims import fetch_once  # a warm start has no use for it

    return fetch_once(
        lambda: cache.load(server, schema_hash),
        fetch,
        lambda schemas: cache.save(server, schema_hash, schemas),
        claim,
        cache.wait_seconds,
    )


def _parse(data: bytes) -> Mapping[str, Any]:
    content = json.loads(data)
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        message = f"it is not a schema cache file of format {_FORMAT}"
        raise ValueError(message)
    schemas = content.get("schemas")
    if not isinstance(schemas, list) or not all(isinstance(schema, dict) for schema in schemas):
        message = "its schemas are not a list of objects"
        raise ValueError(message)
    return {name: content.get(name) for name in ("server", "schema_hash", "schemas")}
